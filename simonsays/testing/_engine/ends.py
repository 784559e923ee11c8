"""Of check_engine: what is refused: copies, use after the end, gains that shake; and links that weigh nothing."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from simonsays.assets import InputError
from simonsays.sim.engines.base import Dynamics
from simonsays.sim.robot import Robot
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import GaitSpec, JointSpec, RobotSpec
from simonsays.sim.world import World
from simonsays.testing._engine.body import UPRIGHT
from simonsays.testing._engine.worlds import PLAYGROUND
from simonsays.testing._holding import holds


def _refuses(kind: type[Exception], word: str, call: Callable[[], Any], message: str) -> None:
    try:
        call()
    except kind as error:
        holds(word in str(error), f"{message}: the message {str(error)!r} does not say {word!r}")
    except Exception as error:
        raise AssertionError(f"{message} raises {type(error).__name__}: {error}, not {kind.__name__}") from error
    else:
        raise AssertionError(f"{message} is taken; raise {kind.__name__}")


def _check_copies(engine: str) -> None:
    with World(engine=engine) as world:
        robot = world.spawn(get_robot("g1"))
        for what, thing in {"World": world, "Robot": robot, "Engine": world.engine, "Body": robot.physics}.items():
            for how in (copy.copy, copy.deepcopy):
                _refuses(TypeError, "copied", partial(how, thing), f"engine {engine!r}: {how.__name__} of a {what}")
            message = f"engine {engine!r}: pickling a {what}"
            _refuses(TypeError, "pickled", partial(thing.__reduce_ex__, 2), message)
        _refuses(
            RuntimeError, "reset", lambda: world.spawn(robot.spec), f"engine {engine!r}: a second robot in a world"
        )


def _uses(world: World | None, robot: Robot) -> dict[str, Callable[[], Any]]:
    """What can be asked of a robot, and of its world where that is meant, by name."""
    asked: dict[str, Callable[[], Any]] = {
        "Robot.reset": lambda: robot.reset([0, 0, 1], UPRIGHT, robot.default_positions.tolist()),
        "Robot.track": lambda: robot.track(robot.default_positions.tolist(), 1),
        "Robot.reading": robot.reading,
        "Robot.state": robot.state,
        "Robot.push": lambda: robot.push((1.0, 0.0, 0.0)),
        "Robot.push_velocity": lambda: robot.push_velocity(1.0, 0.0),
        "Robot.set_base_velocity": lambda: robot.set_base_velocity((0, 0, 0), (0, 0, 0)),
        "Robot.joint_positions": lambda: robot.joint_positions,
        "Robot.link_poses": lambda: robot.link_poses(robot.link_names),
        "Robot.link_centres": lambda: robot.link_centres(robot.link_names),
        "Robot.arm_lever": robot.arm_lever,
        "Robot.mass": lambda: robot.mass,
        "Robot.dynamics": lambda: robot.dynamics,
        "Robot.dynamics =": lambda: setattr(robot, "dynamics", Dynamics()),
        "Robot.rotor_errors": lambda: robot.rotor_errors,
        "Robot.after_step =": lambda: setattr(robot, "after_step", None),
        "Body.base": lambda: robot.physics.base(),
        "Body.depths": lambda: robot.physics.depths(),
    }
    if world is not None:
        asked |= {
            "World.step": world.step,
            "World.reset": world.reset,
            "World.spawn": lambda: world.spawn(robot.spec),
            "World.prop_poses": world.prop_poses,
            "World.prop_velocity": lambda: world.prop_velocity(0),
            "World.reset_props": world.reset_props,
            "World.set_friction": lambda: world.set_friction(1.0),
            "Engine.step": lambda: world.engine.step(),
            "Engine.contacts": lambda: [*world.engine.contacts()],
        }
    return asked


def _check_ends(engine: str) -> None:
    world = World(PLAYGROUND, engine=engine)
    old, before = world.spawn(get_robot("g1")), world.engine
    world.reset()
    robot = world.spawn(get_robot("g1"))
    for name, call in _uses(None, old).items():
        _refuses(RuntimeError, "spawn", call, f"engine {engine!r}: {name} of a world that was reset")
    message = f"engine {engine!r}: the robot of a world that was reset disturbs the next"
    holds(np.isfinite(robot.reading().base_position).all() and not robot.physics.forces, message)
    asked = _uses(world, robot)
    for _ in range(2):
        world.close()
        before.close()
    holds(before.closed, f"engine {engine!r}: not closed though it was")
    for name, call in asked.items():
        _refuses(RuntimeError, "closed", call, f"engine {engine!r}: {name} of a world that was closed")


_LINK = """<link name="{name}"><inertial><mass value="{mass}"/><inertia ixx="0.02" iyy="0.02" izz="0.02" ixy="0" ixz="0"
 iyz="0"/></inertial><collision><geometry><sphere radius="0.1"/></geometry></collision></link>"""
_JOINT = """<joint name="{child}" type="{kind}"><parent link="body"/><child link="{child}"/><origin xyz="{place}"/>
 <axis xyz="0 1 0"/><limit lower="-1" upper="1" effort="5" velocity="10"/></joint>"""


def tiny(folder: Path) -> RobotSpec:
    """A robot of 4 kg: a body and two feet, of which one moves, and a camera's frame that weighs nothing."""
    links = [_LINK.format(name=name, mass=mass) for name, mass in (("body", 2), ("left", 1), ("right", 1))]
    places = (("left", "revolute", "0 0.3 0"), ("right", "fixed", "0 -0.3 0"), ("camera", "fixed", "0.5 0 0"))
    joints = [_JOINT.format(child=child, kind=kind, place=place) for child, kind, place in places]
    file, both, feet = folder / "tiny.urdf", ("left", "left"), ("left", "right")
    words = ['<robot name="tiny">', *links, '<link name="camera"/>', *joints, "</robot>"]
    file.write_text("\n".join(words), encoding="utf-8")
    return RobotSpec(
        name="tiny",
        title="Tiny",
        urdf=file,
        joints=(JointSpec("left", kp=5.0, kd=0.1, armature=0.001, default=0.0),),
        base_height=0.5,
        base="body",
        feet=feet,
        hands=feet,
        shoulders=feet,
        head="camera",
        torso="body",
        leg_joints=("left",),
        gait=GaitSpec(
            hip_pitch=both,
            hip_roll=both,
            hip_yaw=both,
            knee=both,
            ankle_pitch=both,
            arm_swing=both,
            leg_length=0.3,
            hip_width=0.1,
            period=0.7,
            idle_period=0.7,
            lift=0.3,
            sole_height=0.035,
        ),
    )


def _check_weightless(engine: str) -> None:
    """Links without ``<inertial>`` weigh nothing."""
    with TemporaryDirectory() as folder, World(engine=engine) as world:
        robot = world.spawn(tiny(Path(folder)))
        mass = f"engine {engine!r}: a robot of 4 kg and a camera's frame weighs {robot.mass} kg"
        holds(abs(robot.mass - 4.0) < 1e-9, mass)
        robot.reset([0.0, 0.0, 3.0], UPRIGHT, [0.0])
        robot.push((0.0, 0.0, 0.0), (0.0, 0.0, 0.3))
        robot.track([0.0], 1)
        wanted, found = 0.3 * world.physics_dt / (3 * 0.02 + 2 * 0.3**2), robot.physics.base().angular[2]
        turned = f"engine {engine!r}: a link without <inertial> has inertia: {found:.4f}, not {wanted:.4f} rad/s"
        holds(abs(found / wanted - 1) < 0.02, turned)


def _check_shaking(engine: str) -> None:
    """Gains that shake are refused, and the message says which and what would do."""
    spec = get_robot("g1")
    joints = tuple(replace(j, kd=40.0) if j.name == "left_elbow_joint" else j for j in spec.joints)
    with World(engine=engine) as world:
        message = f"engine {engine!r}: an elbow with kd 40"
        _refuses(InputError, "left_elbow_joint", lambda: world.spawn(replace(spec, joints=joints)), message)


CHECKS = (_check_copies, _check_ends, _check_weightless, _check_shaking)
