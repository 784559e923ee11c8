"""StepContext: what every reward, observation and termination sees of a control step."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from simonsays.assets import InputError, did_you_mean
from simonsays.assets.notes import dataclass
from simonsays.sim.kinematics import Tree, mirror
from simonsays.sim.specs import RobotSpec
from simonsays.sim.state import Array, Reading, Vector


@dataclass(frozen=True)
class JointLayout:
    """Places of named joints in the (J,) arrays of one robot, resolved once."""

    place: Mapping[str, int]
    """of each joint in the (J,) arrays, by its name"""
    legs: list[int]
    """(L,) joints that the policy moves"""
    leg_count: int
    """L"""
    hips: list[int]
    """hip roll and hip yaw of both legs"""
    upper: list[int]
    """(U,) all joints that are not legs"""
    mirror: NDArray[np.intp]
    """(L,) place, among the legs, of the same joint of the other leg"""
    mirror_sign: Array
    """(L,) -1 where the angle changes sign under left-right mirroring (roll and yaw axes)"""
    upper_mirror: NDArray[np.intp]
    """(U,) place, among the joints that are not legs, of the same joint on the other side"""
    upper_mirror_sign: Array
    """(U,) as mirror_sign"""

    @classmethod
    def of(cls, spec: RobotSpec, tree: Tree) -> JointLayout:
        """Resolve the layout.

        Raises:
            InputError: a joint has no mirror image.
        """
        joint_names, image = tree.joints, mirror(tree)
        place = {name: i for i, name in enumerate(joint_names)}
        legs = [place[name] for name in spec.leg_joints]
        upper = [i for i, name in enumerate(joint_names) if name not in spec.leg_joints]
        hips = [place[name] for name in (*spec.gait.hip_roll, *spec.gait.hip_yaw)]
        return cls(
            place=place,
            legs=legs,
            leg_count=len(legs),
            hips=hips,
            upper=upper,
            mirror=np.array([legs.index(image.place[leg]) for leg in legs], dtype=np.intp),
            mirror_sign=image.sign[legs],
            upper_mirror=np.array([upper.index(image.place[joint]) for joint in upper], dtype=np.intp),
            upper_mirror_sign=image.sign[upper],
        )

    def by_place(self, field: str, values: Mapping[str, float], allowed: Sequence[int]) -> dict[int, float]:
        """Values of some joints by their places instead of their names.

        Raises:
            InputError: a joint that is unknown or not ``allowed``; the message begins with ``field``.
        """
        found = {}
        for name, value in values.items():
            place = self.place.get(name)
            if place is None or place not in allowed:
                names = [name for name, place in self.place.items() if place in allowed]
                raise InputError(f"{field}: {name!r} cannot be set{did_you_mean(name, names)}")
            found[place] = float(value)
        return found


@dataclass(slots=True, eq=False)  # not frozen: that costs 2 us a control step; nothing writes to it
class StepContext:
    """One control step. Terms are pure functions of it, and it never changes after it was made."""

    spec: RobotSpec
    layout: JointLayout
    state: Reading
    previous_state: Reading
    action: Sequence[float]
    """(L,) the policy's action of this step"""
    previous_action: Sequence[float]
    """(L,) of the step before"""
    earlier_action: Sequence[float]
    """(L,) of two steps before"""
    command: Vector
    """(3,) forward m/s, sideways m/s (left positive), yaw rate rad/s, in the heading frame"""
    height: float
    """m, of the base above the ground, that is wanted now"""
    lean: float
    """rad, forward pitch of the base that goes with that height"""
    gradient: float
    """rise (m) of the ground for each metre along +x of the world"""
    filtered_velocity: Vector
    """(3,) as command: the velocity that was measured, through a first-order low-pass"""
    standing: Sequence[float]
    """(J,) rad, the standing pose"""
    reference: Sequence[float]
    """(J,) rad, joint targets of the reference gait"""
    phase: float
    """of the gait, 0 to 1; the left leg swings in the first half"""
    stepping: bool
    """the gait runs; False while it stands"""
    motion: str
    """what the legs do (envs/motions)"""
    motion_time: float | None
    """s since that began; None where it is not a matter of time, or waits to begin"""
    torque_squared: float
    """N^2 m^2, sum over the legs' joints, mean over the physics steps"""
    dt: float
    """s, one control step"""
    drift: tuple[float, float] = (0.0, 0.0)
    """m/s, forward and sideways, of the base over the foot that is down, lately, as the gait's clock has it"""
    swing: tuple[float, float] = (-1.0, -1.0)
    """left and right foot: 1 in the middle of its swing, negative while it should be down"""
    friction: float = 1.0
    """of the ground"""
    payload: float = 0.0
    """kg, added to the torso"""
    push: tuple[float, float] = (0.0, 0.0)
    """(2,) m/s, forward and sideways: what a push changed the base's velocity by in this step"""

    @property
    def step(self) -> int:
        """Control steps since the episode's start."""
        return round(self.state.time / self.dt)

    @property
    def velocity(self) -> Vector:
        """(3,) forward and sideways m/s, yaw rate rad/s, now, in the heading frame."""
        return self.state.heading_velocity

    @property
    def height_error(self) -> float:
        """m, how much the base is too high above the ground."""
        x, _, z = self.state.base_position
        return z - self.gradient * x - self.height

    @property
    def plane_error(self) -> float:
        """m^2/s^2, squared error of the velocity now against the command."""
        vx, vy, _ = self.state.heading_velocity
        cx, cy, _ = self.command
        return (vx - cx) ** 2 + (vy - cy) ** 2

    def speed(self, turning: float) -> float:
        """m/s in the plane, plus ``turning`` (m) times the yaw rate."""
        x, y, yaw = self.state.heading_velocity
        return math.hypot(x, y) + turning * abs(yaw)
