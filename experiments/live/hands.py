"""What hands do to the robot and to what stands around: they push it, put a thing elsewhere, and steer it."""

from __future__ import annotations

import math

import numpy as np

from simonsays.assets import InputError, did_you_mean
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.language import Instruction
from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.behavior import SkillContext, SkillOutput
from simonsays.envs.moves.pace import fastest
from simonsays.envs.moves.skill import GroundedStep
from simonsays.envs.moves.steering import Command
from simonsays.envs.plan.plan import Plan
from simonsays.envs.skills.legs.walk import SKILL as WALK
from simonsays.sim.rotations import quaternion_from_rpy, yaw_from_quaternion
from simonsays.sim.specs import RobotSpec

PUSHES = {"forward": (1.0, 0.0), "backward": (-1.0, 0.0), "left": (0.0, 1.0), "right": (0.0, -1.0)}
PUSH_SPEED = 0.4  # m/s that a push changes the robot's velocity by
REACH = 30.0
"""m from the world's origin, farther than which nothing is put and nobody stands"""
_TURN = 0.8  # rad/s, at most, when it is steered
_SILENT = 0.5  # s without a word from who steers, after which the robot stands: a page may have gone
_BODY = 0.4  # m around the robot's base, where nothing is put


def push(env: HumanoidEnv, direction: str | None, speed: float, rng: np.random.Generator) -> None:
    """Change the robot's velocity by ``speed`` m/s: forward, backward, left or right as it sees it; None: anywhere.

    Raises:
        InputError: no such direction.
    """
    if direction is not None and direction not in PUSHES:
        raise InputError(f"push {direction!r}{did_you_mean(direction, PUSHES)}")
    angle = float(rng.uniform(-math.pi, math.pi)) if direction is None else 0.0
    ahead, left = (math.cos(angle), math.sin(angle)) if direction is None else PUSHES[direction]
    c, s = math.cos(env.reading.yaw), math.sin(env.reading.yaw)
    env.robot.push_velocity(speed * (c * ahead - s * left), speed * (s * ahead + c * left))


def put(env: HumanoidEnv, name: str, x: float, y: float) -> None:
    """Stand a thing, at rest, at (x, y) m, world: beside the robot where that stands there, nowhere inside another.

    Raises:
        InputError: no such thing, or it cannot be moved.
    """
    world = env.world
    if name not in world.props:
        raise InputError(f"field 'thing': {name[:40]!r}{did_you_mean(name[:40], world.props)}")
    prop = world.props[name]
    if not prop.spec.weight:
        raise InputError(f"the {name} {'goes its own way' if prop.spec.path else 'stands fast'}: it cannot be moved")
    (at_x, at_y), away = env.reading.base_position[:2], prop.spec.radius + _BODY
    distance = math.hypot(x - at_x, y - at_y)
    if distance < away:
        share = away / max(distance, 1e-6)
        x, y = at_x + share * (x - at_x), at_y + share * (y - at_y)
    positions, orientations = world.prop_poses()
    others = (other for other in world.props.values() if other is not prop)
    if any(math.dist(positions[each.place][:2], (x, y)) < each.spec.radius + prop.spec.radius for each in others):
        return
    height = world.ground_height(x) + world.scene.ground.roughness + prop.spec.extents[2] / 2
    turned = quaternion_from_rpy(0.0, 0.0, yaw_from_quaternion(orientations[prop.place])).tolist()
    world.engine.place_prop(prop.place, [x, y, height], turned)


class Steering:
    """A behavior that goes as it is told to, by :meth:`steer`, until nobody has said anything for half a second."""

    def __init__(self, robot: RobotSpec) -> None:
        self._fastest = fastest(robot)
        self._command: Command = (0.0, 0.0, 0.0)
        self._told: float | None = None
        self._fresh = True

    def steer(self, forward: float, left: float, turn: float) -> None:
        """Shares, -1 to 1, of how fast the robot can go that way and turn left."""
        ahead = self._fastest["forward" if forward > 0 else "backward"]
        self._command = (forward * ahead, left * self._fastest["left"], turn * _TURN)
        self._fresh = True

    def update(self, ctx: SkillContext) -> SkillOutput:
        """One control step."""
        if self._fresh or self._told is None:
            self._told, self._fresh = ctx.time, False
        if ctx.time - self._told > _SILENT:
            return SkillOutput(status="success")
        return SkillOutput(self._command)

    def plan(self) -> Plan:
        """A plan that does no more than this."""
        step = GroundedStep(WALK.verb, "steered by hand", math.inf, lambda: self, legs=True)
        return Plan(Instruction((Step(WALK.verb),)), (step,))
