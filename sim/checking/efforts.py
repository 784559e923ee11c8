"""Whether a robot's legs are strong enough to carry it: the torques that weight asks for in the standing pose."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simonsays.assets import InputError
from simonsays.sim.checking.standing import centre_of_mass, soles
from simonsays.sim.engines.quantities import GRAVITY
from simonsays.sim.kinematics import Tree
from simonsays.sim.specs import RobotSpec
from simonsays.sim.specs.findings import Finding, warning
from simonsays.sim.state import Array

_UP = np.array([0.0, 0.0, 1.0])
_SHOWN = 4


def too_weak(spec: RobotSpec, tree: Tree) -> Iterator[Finding]:
    """Joints of legs whose effort does not hold the standing pose, or that on one leg, as in every step."""
    try:
        ground = soles(tree, spec.feet, tree.standing)
    except InputError:
        return  # feet that touch nothing are told of elsewhere
    middle = [np.append((points.min(axis=0) + points.max(axis=0))[:2] / 2, 0.0) for points in ground.points]
    centre = centre_of_mass(tree, tree.poses(tree.standing[None]))[0]
    ankles = (*spec.gait.ankle_pitch, *(spec.gait.ankle_roll or ()))
    for how, share, points in (
        ("to stand", 0.5, middle),
        ("to stand on one leg, as in every step", 1.0, [np.append(centre[:2], 0.0)] * 2),
    ):
        asked: dict[str, float] = {}
        for foot, point in zip(spec.feet, points, strict=True):
            asked |= leg_torques(tree, foot, share, point)
        if share == 1.0:  # it leans until the centre of mass is over the foot: ankles then have nothing to hold
            asked = {name: torque for name, torque in asked.items() if name not in ankles}
        has = dict(zip(tree.joints, tree.effort.tolist(), strict=True))
        weak = {name: torque for name, torque in asked.items() if torque > has[name]}
        if weak:
            told = [f"{name} {torque:.3g} of {has[name]:.3g}" for name, torque in weak.items()]
            more = f" and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
            what = f"efforts are too small {how}: {', '.join(told[:_SHOWN])}{more} N m"
            yield warning(spec.urdf, "standing pose", what, "no policy can make up for it: check <limit effort>")
            return


def leg_torques(tree: Tree, foot: str, share: float, point: Array) -> dict[str, float]:
    """N m by joint of a leg, at rest in the standing pose.

    ``share``: of the weight, that the ground bears this foot with; ``point``: (3,) m, base frame, on the line that the
    force is on.
    """
    poses = tree.poses(tree.standing[None])
    at, axes = poses.position[0], tree.axes(poses)[0]
    centres = at + np.einsum("lab,lb->la", poses.rotation[0], tree.centre)
    force, found = share * float(tree.mass.sum()) * GRAVITY * _UP, {}
    for joint in tree.trunk(foot):
        hinge, below = at[tree.joint_links[joint]], tree.hanging([joint])
        torque = np.cross(point - hinge, force)
        torque = torque - np.einsum("l,la->a", tree.mass[below] * GRAVITY, np.cross(centres[below] - hinge, _UP))
        found[tree.joints[joint]] = abs(float(axes[joint] @ torque))
    return found
