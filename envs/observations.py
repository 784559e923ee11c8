"""Observation blocks: each a named, scaled, bounded slice of the observation vector and its mirror image.

To add one, write a function and mark it with ``@block``; the task lists the blocks it uses, in order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simonsays.assets import InputError, did_you_mean
from simonsays.assets.registry import Registry
from simonsays.envs.context import JointLayout, StepContext
from simonsays.envs.terms import called, named

_SIGNS: dict[str, tuple[float, ...]] = {
    "vector": (1.0, -1.0, 1.0),
    "rotation": (-1.0, 1.0, -1.0),
    "command": (1.0, -1.0, -1.0),
    "phase": (-1.0, -1.0),
    "plane": (1.0, -1.0),
}
JOINTS = ("legs", "upper")  # as many numbers as the robot has of them
_KINDS = (*_SIGNS, "scalar", "feet", *JOINTS)
Mirror = str | tuple[Sequence[int], Sequence[float]]
BlockFunction = Callable[[StepContext], Sequence[float] | NDArray[Any]]


@dataclass(frozen=True)
class ObservationBlock:
    """A block: ``function(ctx)`` gives ``width`` numbers (0: one a joint), a sequence or a flat array.

    They are multiplied by ``scale`` (one number, or one for each) and then cut to plus or minus ``bound``.

    ``mirror`` says what left-right mirroring does: "vector", "rotation" (axial vector), "command", "phase" (half a
    period), "plane" (along and across), "scalar" (nothing, of any width), "feet" (left and right swapped), "legs" (a
    number for each of their joints), "upper" (for each other joint), or the place and the sign of each number:
    ``([1, 0, 2], [1.0, 1.0, -1.0])``.

    ``noise`` is the standard deviation, in the function's own unit, of the sensor noise that a task may switch on.

    Raises:
        InputError: a width, scale, bound or mirror that cannot be; the message names the block.
    """

    name: str
    function: BlockFunction
    width: int
    scale: float | tuple[float, ...]
    bound: float
    mirror: Mirror
    noise: float = 0.0

    def __post_init__(self) -> None:
        where = f"observation block {self.name!r}"
        if isinstance(self.mirror, str) and self.mirror not in _KINDS:
            raise InputError(f"{where}: mirror: no kind {self.mirror!r}{did_you_mean(self.mirror, _KINDS)}")
        if self.width < 0 or (self.mirror in JOINTS) != (self.width == 0):
            raise InputError(
                f"{where}: width {self.width}: of a block with mirror 'legs' or 'upper' 0, of others 1 or more"
            )
        if not isinstance(self.scale, int | float) and len(self.scale) != self.width:
            raise InputError(f"{where}: scale: {len(self.scale)} numbers for a width of {self.width}")
        if not self.bound > 0:
            raise InputError(f"{where}: bound {self.bound!r}: must be above 0")
        places, signs = self.mirrored(None) if self.width else ([], [])
        if not len(places) == len(signs) == self.width:
            raise InputError(f"{where}: mirror {self.mirror!r} is of {len(signs)} numbers, the block of {self.width}")
        twice = [places[place] for place in places] if sorted(places) == list(range(self.width)) else None
        if twice != list(range(self.width)) or any(signs[i] * signs[places[i]] != 1 for i in range(self.width)):
            raise InputError(f"{where}: mirror {self.mirror!r}: mirrored twice it must be as before; signs are 1 or -1")

    def size(self, layout: JointLayout) -> int:
        """Width for one robot."""
        return self.width or len(layout.legs if self.mirror == "legs" else layout.upper)

    def mirrored(self, layout: JointLayout | None) -> tuple[list[int], list[float]]:
        """Places and signs, within the block, of its mirror image; ``layout``: of the robot, for joints."""
        if self.mirror in JOINTS:
            assert layout is not None
            if self.mirror == "legs":
                return layout.mirror.tolist(), layout.mirror_sign.tolist()
            return layout.upper_mirror.tolist(), layout.upper_mirror_sign.tolist()
        if not isinstance(self.mirror, str):
            return [int(place) for place in self.mirror[0]], [float(sign) for sign in self.mirror[1]]
        if self.mirror == "feet":
            return [1, 0], [1.0, 1.0]
        return list(range(self.width)), list(_SIGNS.get(self.mirror, (1.0,) * self.width))

    def check(self, ctx: StepContext) -> None:
        """Refuse what the function gives of a control step, if it is not what the block says.

        Raises:
            InputError: it raises, or it is not a flat sequence of as many finite numbers.
        """
        where, width = named("observation block", self.name, ctx.step), self.size(ctx.layout)
        given = called(where, self.function, ctx)
        try:
            numbers = np.asarray(given, dtype=np.float64)
        except (TypeError, ValueError):
            numbers = np.full(0, np.nan)
        if numbers.shape != (width,):
            told = f"an array of shape {numbers.shape}" if numbers.size else repr(given)
            raise InputError(f"{where}: gives {told}, not {width} numbers")
        if not np.isfinite(numbers).all():
            raise InputError(f"{where}: gives {given!r}: not all are finite")


BLOCKS: Registry[ObservationBlock] = Registry("observation block")


def block(
    width: int, scale: float | tuple[float, ...], bound: float, mirror: Mirror, noise: float = 0.0
) -> Callable[[BlockFunction], ObservationBlock]:
    """Register a function as the block of its name.

    Raises:
        InputError: what ObservationBlock refuses, or another module has a block of the name.
    """

    def register(function: BlockFunction) -> ObservationBlock:
        made = ObservationBlock(function.__name__, function, width, scale, bound, mirror, noise)
        return BLOCKS.register(made.name, made)

    return register


@block(3, 2.0, 20.0, "vector", noise=0.05)
def base_linear_velocity(ctx: StepContext) -> Sequence[float]:
    """(3,) base frame, m/s."""
    return ctx.state.local_linear_velocity


@block(6, 2.0, 20.0, ([3, 4, 5, 0, 1, 2], [1.0, -1.0, 1.0] * 2), noise=0.1)
def leg_odometry(ctx: StepContext) -> Sequence[float]:
    """(6,) base frame, m/s: the base's velocity over the left and the right foot, from joints and gyroscope alone."""
    left, right = ctx.state.leg_odometry
    return (*left, *right)


@block(2, 2.0, 10.0, "plane", noise=0.02)
def drift_error(ctx: StepContext) -> Sequence[float]:
    """(2,) forward and sideways m/s: velocity over the foot that is down, lately, less the command."""
    x, y = ctx.drift
    return (x - ctx.command[0], y - ctx.command[1])


@block(3, 0.25, 20.0, "rotation", noise=0.1)
def base_angular_velocity(ctx: StepContext) -> Sequence[float]:
    """(3,) base frame, rad/s."""
    return ctx.state.local_angular_velocity


@block(3, 1.0, 1.0, "vector", noise=0.02)
def gravity(ctx: StepContext) -> Sequence[float]:
    """(3,) direction of gravity in the base frame."""
    return ctx.state.gravity


@block(3, (2.0, 2.0, 1.0), 10.0, "command")
def command(ctx: StepContext) -> Sequence[float]:
    """(3,) forward and sideways m/s, yaw rate rad/s."""
    return ctx.command


@block(1, 5.0, 5.0, "scalar")
def height_command(ctx: StepContext) -> Sequence[float]:
    """(1,) m, the wanted height of the base relative to standing."""
    return (ctx.height - ctx.spec.standing_height,)


@block(2, 1.0, 1.0, "phase")
def gait_phase(ctx: StepContext) -> Sequence[float]:
    """(2,) sine and cosine of the gait's phase; zeros while it stands."""
    if not ctx.stepping:
        return (0.0, 0.0)
    angle = 2 * math.pi * ctx.phase
    return (math.sin(angle), math.cos(angle))


def _bent(ctx: StepContext, joints: Sequence[int]) -> list[float]:
    """rad, of joints by their places, relative to the standing pose."""
    positions, standing = ctx.state.joint_positions, ctx.standing
    return [positions[i] - standing[i] for i in joints]


def _speeds(ctx: StepContext, joints: Sequence[int]) -> list[float]:
    """rad/s, of joints by their places."""
    velocities = ctx.state.joint_velocities
    return [velocities[i] for i in joints]


@block(0, 1.0, 7.0, "legs", noise=0.01)
def leg_positions(ctx: StepContext) -> Sequence[float]:
    """(L,) rad, the legs' joints relative to the standing pose."""
    return _bent(ctx, ctx.layout.legs)


@block(0, 0.05, 10.0, "legs", noise=0.75)
def leg_velocities(ctx: StepContext) -> Sequence[float]:
    """(L,) rad/s."""
    return _speeds(ctx, ctx.layout.legs)


@block(0, 1.0, 7.0, "upper", noise=0.01)
def upper_positions(ctx: StepContext) -> Sequence[float]:
    """(U,) rad, waist and arms relative to the standing pose: where their weight is."""
    return _bent(ctx, ctx.layout.upper)


@block(0, 0.05, 10.0, "upper", noise=0.75)
def upper_velocities(ctx: StepContext) -> Sequence[float]:
    """(U,) rad/s, of waist and arms: what they throw the body about with."""
    return _speeds(ctx, ctx.layout.upper)


@block(0, 1.0, 3.0, "legs")
def last_action(ctx: StepContext) -> Sequence[float]:
    """(L,) the action of the step that led here."""
    return ctx.action


# What no robot can measure, for a critic that helps to train an actor which does not see it.


@block(1, 1.0, 5.0, "scalar")
def ground_friction(ctx: StepContext) -> Sequence[float]:
    """(1,) coefficient of friction of the ground."""
    return (ctx.friction,)


@block(1, 0.2, 5.0, "scalar")
def payload(ctx: StepContext) -> Sequence[float]:
    """(1,) kg, added to the torso."""
    return (ctx.payload,)


@block(2, 1.0, 5.0, "plane")
def push(ctx: StepContext) -> Sequence[float]:
    """(2,) m/s, forward and sideways: by how much a push changed the base's velocity in this step."""
    return ctx.push


@block(2, 1.0, 1.0, "feet")
def foot_contacts(ctx: StepContext) -> Sequence[float]:
    """(2,) left, right: 1 where the foot presses on something."""
    left, right = ctx.state.foot_contacts
    return (float(left), float(right))


@block(2, 5.0, 5.0, "feet")
def foot_heights(ctx: StepContext) -> Sequence[float]:
    """(2,) m, left, right: of the sole above the ground."""
    sole, gradient = ctx.spec.gait.sole_height, ctx.gradient
    left, right = ctx.state.foot_positions
    return (left[2] - gradient * left[0] - sole, right[2] - gradient * right[0] - sole)


@block(3, (2.0, 2.0, 1.0), 10.0, "command")
def velocity_error(ctx: StepContext) -> Sequence[float]:
    """(3,) forward and sideways m/s, yaw rate rad/s: the filtered velocity, which rewards look at, less the command."""
    return [now - wanted for now, wanted in zip(ctx.filtered_velocity, ctx.command, strict=True)]
