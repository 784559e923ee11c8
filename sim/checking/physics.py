"""How each engine that is installed has a robot: its mass, whether its PD is stable, which of its links overlap."""

from __future__ import annotations

from typing import Any

import numpy as np

from simonsays.assets import InputError
from simonsays.sim.checking.model import named, total_mass
from simonsays.sim.checking.part import Part
from simonsays.sim.engine_choice import installed
from simonsays.sim.engines.checks import LARGEST_EIGENVALUE, largest_eigenvalue, left_out
from simonsays.sim.kinematics import Tree
from simonsays.sim.specs import PD_RATE_HZ, RobotSpec
from simonsays.sim.specs.findings import fault, warning
from simonsays.sim.world import World

_EXACT = 1e-3  # kg, of the engine's mass
_RUNAWAY, _SAG = 2.0, 0.3  # rad/s, and rad: a robot that is held at its base for a second is still, in its pose
_HANG = 1.0  # s


def in_engines(spec: RobotSpec, tree: Tree) -> Part:
    """Load it into every engine that works here."""
    part, told = Part(), {name: dict[str, Any]() for name in installed()}
    for name, figures in told.items():
        try:
            figures |= _in_engine(spec, tree, name, part)
        except InputError as error:
            part.findings.append(fault(f"engine {name}", str(error)).of(spec.urdf).finding)
    part.measured["engines"] = told
    return part


def _in_engine(spec: RobotSpec, tree: Tree, name: str, part: Part) -> dict[str, Any]:
    most, joint = largest_eigenvalue(spec, name, 1 / PD_RATE_HZ)
    overlaps = [list(pair) for pair in left_out(spec, name)]
    if overlaps:
        what = f"{len(overlaps)} pairs of links overlap and never touch: {named(' and '.join(p) for p in overlaps)}"
        part.findings.append(warning(spec.urdf, f"standing pose in {name}", what, "move them apart, if they are to"))
    with World(engine=name) as world:
        robot = world.spawn(spec)
        mass, file_mass = robot.mass, total_mass(tree.urdf)
        if abs(mass - file_mass) > _EXACT:
            what = f"{mass:.3f} kg there, {file_mass:.3f} kg in the file"
            part.findings.append(fault(f"engine {name}, mass", what).of(spec.urdf).finding)
        robot.reset([0, 0, 2.0 * spec.base_height + 1.0], [0, 0, 0, 1], robot.default_positions.tolist())
        for _ in range(round(_HANG * PD_RATE_HZ)):
            robot.set_base_velocity([0, 0, 0], [0, 0, 0])
            robot.track(robot.default_positions.tolist(), 1)
        fast = np.abs(robot.joint_velocities)
        off = np.abs(np.array(robot.joint_positions) - robot.default_positions)
    for values, bound, what, mend in (
        (fast, _RUNAWAY, "moves at {:.1f} rad/s a second after it was let hang: it shakes", "lower its kd"),
        (off, _SAG, "hangs {:.2f} rad off its standing angle", "raise its kp, or its effort"),
    ):
        worst = int(np.argmax(values))
        if not values[worst] <= bound:
            where = f"joint {tree.joints[worst]!r} in {name}"
            part.findings.append(warning(spec.urdf, where, what.format(values[worst]), mend))
    eigenvalue = {"largest": round(most, 4), "bound": LARGEST_EIGENVALUE, "joint": joint}
    return {"mass_kg": mass, "eigenvalue": eigenvalue, "left_out": overlaps}
