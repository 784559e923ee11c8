"""A stand-in for a robot with its policies: skills and plans can be tried on it in milliseconds, without physics.

It is a point with a heading that follows velocity commands with a lag and some noise, as a robot with a locomotion
policy does; its motions begin and end as their classes say; arms go where they are told; it shoves what it walks into,
and what is before a leg that is swung harder flies off.
"""

from __future__ import annotations

import math
import weakref
from dataclasses import replace
from functools import cache, cached_property
from typing import Any

import numpy as np

from simonsays.envs.env import HumanoidEnv
from simonsays.envs.language import parse
from simonsays.envs.motions.base import DEFAULT
from simonsays.envs.motions.legs import Legs
from simonsays.envs.moves.arms import arm, measured_angles
from simonsays.envs.moves.behavior import SkillContext, SkillOutput
from simonsays.envs.moves.gestures.roles import Role, joint_of
from simonsays.envs.moves.paths import footprint
from simonsays.envs.moves.steering import to_heading
from simonsays.envs.plan.plan import PlanRunner, ground
from simonsays.sim.robots import get_robot
from simonsays.sim.rotations import quaternion_from_rpy, rotation_rows, wrap_angle
from simonsays.sim.specs import BodySpec, JointSpec, RobotSpec, SceneSpec
from simonsays.sim.state import Reading

DT = 0.02  # s, a control step
_STEP = 0.36  # s, of one foot
_LAG, _ARM_LAG = 0.1, 0.06  # s
_LIFT, _LIFT_A_BEND = 0.12, 0.2  # m, of a foot in its swing, and more a rad that its knee is bent on top
_LYING = 0.1  # m, of the base of one that goes down on its back, tilting by 1 rad/s
_STRIDES = 0.12  # m/s, from which on a foot that is lifted is put forward
_LENT: dict[Role, JointSpec] = {
    "neck_pitch": JointSpec("neck that is lent", 30.0, 1.0, 0.0),
    "waist_pitch": JointSpec("waist that is lent", 30.0, 1.0, 0.0),
}


@cache
def supple(name: str = "g1") -> RobotSpec:
    """A robot with a neck and a waist that pitches, which it may not have: so that every skill can be tried."""
    robot = get_robot(name)
    lent: dict[Role, JointSpec] = {role: joint for role, joint in _LENT.items() if joint_of(robot, role) is None}
    body = replace(robot.body, **{role: joint.name for role, joint in lent.items()})
    return replace(robot, joints=(*robot.joints, *lent.values()), body=body)


class StandIn:
    """A point robot: speeds up as the gait does, a lag of 0.1 s, 5% noise; arms and waist follow with a lag of 0.06 s.

    Args:
        robot: whose arms and joints it has; :func:`supple` by default.
        frozen: nothing of it moves. astray: rad, left of its heading, that what it kicks flies.
    """

    def __init__(
        self,
        scene: SceneSpec,
        *,
        robot: RobotSpec | None = None,
        seed: int = 0,
        frozen: bool = False,
        astray: float = 0.0,
    ) -> None:
        self.scene, self.frozen, self.astray = scene, frozen, astray
        self.robot = robot or supple()
        self.props = {prop.name: np.array(prop.centre) for prop in scene.props}
        self.rng = np.random.default_rng(seed)
        self.place = np.array(scene.robot_position, dtype=float)
        self.yaw = math.radians(scene.robot_yaw_deg)
        self.velocity, self.follows, self.time = np.zeros(3), np.zeros(3), 0.0
        self.motion = DEFAULT
        self.joints = {joint.name: joint.default for joint in self.robot.joints}
        self.rest = dict(self.joints)
        self.height, self.tilt = self.robot.standing_height, 0.0
        self.swing = self.bent = 0.0
        self.swung = False
        self.feet, self.strides = [self.place.copy(), self.place.copy()], list[Any]((None, None))

    @cached_property
    def _legs(self) -> Legs:
        """Those of a robot that stands, without the joints that it was lent: they know what motions do."""
        own = tuple(joint for joint in self.robot.joints if joint not in _LENT.values())
        env = HumanoidEnv(replace(self.robot, joints=own, body=BodySpec()))
        weakref.finalize(self, env.close)
        env.reset(seed=0)
        return env.legs

    def _gait(self) -> tuple[float, bool, tuple[bool, bool]]:
        """Phase, whether it steps, and which feet are down."""
        phase, moving = (self.swing / (2 * _STEP)) % 1.0, self.swing > 0.0
        return phase, moving, (phase > 0.4 or not moving, phase < 0.5 or phase > 0.9 or not moving)

    def context(self) -> SkillContext:
        """What a skill sees of it now."""
        quaternion: Any = quaternion_from_rpy(0, -self.tilt, self.yaw)
        velocity: Any = tuple(self.velocity.tolist())
        rotation = np.array(rotation_rows(quaternion))
        phase, moving, contacts = self._gait()
        sole = self.robot.gait.sole_height + (0.0 if self.motion == DEFAULT else 0.06)
        up = _LIFT + _LIFT_A_BEND * max(self.bent, 0.0)
        feet: Any = tuple(
            (*foot.tolist(), sole + (0.0 if down else up)) for foot, down in zip(self.feet, contacts, strict=True)
        )
        still, turning = (0.0, 0.0, 0.0), (0.0, 0.0, velocity[2])
        state = Reading(
            time=self.time,
            base_position=(*self.place.tolist(), self.height),
            base_orientation=quaternion,
            base_linear_velocity=tuple((rotation @ [velocity[0], velocity[1], 0.0]).tolist()),
            base_angular_velocity=turning,
            joint_positions=list(self.joints.values()),
            joint_velocities=[0.0] * len(self.joints),
            joint_torques=[0.0] * len(self.joints),
            foot_contacts=contacts,
            foot_positions=feet,
            foot_velocities=(still,) * 2,
            leg_odometry=((velocity[0], velocity[1], 0.0),) * 2,
            rotation=rotation_rows(quaternion),
            local_linear_velocity=velocity,
            local_angular_velocity=turning,
            heading_velocity=velocity,
            gravity=(-math.sin(self.tilt), 0.0, -math.cos(self.tilt)),
        )
        hands, shoulders = np.zeros((2, 3)), np.zeros((2, 3))
        for i, side in enumerate(("left", "right")):
            limb = arm(self.robot, side)
            places = limb.places(measured_angles(limb, self.joints)) @ rotation.T + state.base_position
            shoulders[i], hands[i] = places[limb.own], places[-1]
        for prop in self.scene.props:
            if prop.path:
                self.props[prop.name] = np.array([*prop.place_at(self.time), prop.centre[2]])
        where = {name: i for i, name in enumerate(self.joints)}
        follows: Any = tuple(self.follows.tolist())
        return SkillContext(
            self.time, state, hands, shoulders, self.props, DT, self.motion, where, phase, moving, follows=follows
        )

    def apply(self, output: SkillOutput) -> None:
        """One control step (0.02 s) of what a skill wants."""
        self.time += DT
        if self.frozen:
            return
        if (output.motion, self.motion) != (DEFAULT, DEFAULT):
            self._legs.tell(output.command, None, output.motion)
            self._legs.advance()
            self.motion = self._legs.motion.name
        for name, target in {**self.rest, **output.joint_targets}.items():
            self.joints[name] += DT / _ARM_LAG * (target - self.joints[name])
        wanted = np.array(output.command)
        lies = self.motion != DEFAULT and self._legs.motion.low and not self._legs.motion.busy
        low = self.robot.standing_height if output.height is None else output.height
        self.height += max(-0.4 * DT, min(0.4 * DT, (_LYING if lies else low) - self.height))
        self.tilt += max(-DT, min(DT, (math.pi / 2 if lies else 0.0) - self.tilt))
        walks = np.abs(wanted).sum() > 0.05 or math.hypot(*self.velocity[:2]) > 0.15
        self.swing = self.swing + DT if walks or (self.swing and not self.swing % _STEP < DT) else 0.0
        noise = 0.05 * self.rng.normal(size=3) * (np.abs(wanted) > 0)
        most = DT * np.array(self.robot.gait.acceleration)
        self.follows += np.clip(wanted - self.follows, -most, most)
        self.velocity += DT / _LAG * (self.follows + noise - self.velocity)
        self.yaw = wrap_angle(self.yaw + DT * self.velocity[2])
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        forward, left, _ = self.velocity
        self.place += DT * np.array([c * forward - s * left, s * forward + c * left])
        self._move_feet()
        knees = [angle for name, angle in output.leg_offsets.items() if name in self.robot.gait.knee]
        self.bent = max(knees, default=0.0)
        self._move_things(bool(output.leg_offsets) and not knees)

    def _move_feet(self) -> None:
        """A foot that was lifted fast enough comes down ahead of the base, another beside its mate."""
        _, moving, contacts = self._gait()
        for side, down in enumerate(contacts):
            if not moving:
                self.feet[side], self.strides[side] = self.place.copy(), None
            elif down:
                self.strides[side] = None
            else:
                if self.strides[side] is None:
                    way = np.array(to_heading((self.velocity[0], self.velocity[1]), -self.yaw))
                    self.strides[side] = _STEP / 2 * way
                far = float(np.hypot(*self.strides[side])) > _STEP / 2 * _STRIDES
                self.feet[side] = self.place + self.strides[side] if far else self.feet[1 - side].copy()

    def _move_things(self, swung: bool) -> None:
        """Kicked: a ball 1.5 m, what slides 0.1 m a swing, ``astray`` rad to the left of the heading; walked into: out
        of the way."""
        begun, self.swung = swung and not self.swung, swung
        balls = {prop.name for prop in self.scene.props if prop.shape == "ball"}
        for name, thing in self.props.items():
            away = thing[:2] - self.place
            distance = float(np.hypot(*away))
            if (swung if name in balls else begun) and distance < 0.55:
                yaw = self.yaw + self.astray
                self.props[name] = thing + (1.5 if name in balls else 0.1) * np.array(
                    [math.cos(yaw), math.sin(yaw), 0.0]
                )
            elif distance < 0.25:
                self.props[name] = thing + np.append(away * (0.25 / distance - 1.0), 0.0)


def do(text: str, scene: SceneSpec, **options: Any) -> tuple[PlanRunner, StandIn, float]:
    """Run a sentence on a :class:`StandIn`; also the smallest distance (m) of the base to any prop's surface."""
    stand_in = StandIn(scene, **options)
    runner = PlanRunner(ground(parse(text), scene, stand_in.robot))
    nearest = math.inf
    while not runner.done and stand_in.time < 600:
        stand_in.apply(runner.update(stand_in.context()))
        x, y = stand_in.place.tolist()
        gaps = [footprint(prop, prop.place_at(stand_in.time)).distance((x, y)) for prop in scene.props]
        nearest = min([nearest, *gaps])
    return runner, stand_in, nearest
