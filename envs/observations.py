"""Observation blocks: each a named, scaled, bounded slice of the observation vector and its mirror image.

To add one, write a function and mark it with ``@block``; the task lists the blocks it uses, in order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from simonsays.assets import InputError, did_you_mean
from simonsays.envs.context import JointLayout, StepContext

_SIGNS: dict[str, tuple[float, ...]] = {
    "vector": (1.0, -1.0, 1.0),
    "rotation": (-1.0, 1.0, -1.0),
    "command": (1.0, -1.0, -1.0),
    "phase": (-1.0, -1.0),
    "plane": (1.0, -1.0),
    "scalar": (1.0,),
}


@dataclass(frozen=True)
class ObservationBlock:
    """A block: ``function(ctx)`` gives ``width`` numbers (0: one a leg joint).

    They are multiplied by ``scale`` (one number, or one for each) and then cut to plus or minus ``bound``.

    ``mirror`` says what left-right mirroring does: "vector", "rotation" (axial vector), "command",
    "phase" (half a period), "plane" (along and across), "scalar" (nothing), "feet" (left and right swapped) or "legs".

    ``noise`` is the standard deviation, in the function's own unit, of the sensor noise that a task may switch on.
    """

    name: str
    function: Callable[[StepContext], Sequence[float]]
    width: int
    scale: float | tuple[float, ...]
    bound: float
    mirror: str
    noise: float = 0.0

    def size(self, layout: JointLayout) -> int:
        """Width for one robot."""
        return self.width or layout.leg_count

    def mirrored(self, layout: JointLayout) -> tuple[list[int], list[float]]:
        """Places and signs, within the block, of its mirror image."""
        if self.mirror == "legs":
            return layout.mirror.tolist(), layout.mirror_sign.tolist()
        if self.mirror == "feet":
            return [1, 0], [1.0, 1.0]
        return list(range(self.width)), list(_SIGNS[self.mirror])


BLOCKS: dict[str, ObservationBlock] = {}


BlockFunction = Callable[[StepContext], Sequence[float]]


def block(
    width: int, scale: float | tuple[float, ...], bound: float, mirror: str, noise: float = 0.0
) -> Callable[[BlockFunction], ObservationBlock]:
    """Register a function as the block of its name."""

    def register(function: BlockFunction) -> ObservationBlock:
        made = ObservationBlock(function.__name__, function, width, scale, bound, mirror, noise)
        BLOCKS[made.name] = made
        return made

    return register


@block(3, 2.0, 20.0, "vector", noise=0.05)
def base_linear_velocity(ctx: StepContext) -> Sequence[float]:
    """(3,) base frame, m/s."""
    return ctx.state.local_linear_velocity


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


@block(0, 1.0, 7.0, "legs", noise=0.01)
def leg_positions(ctx: StepContext) -> Sequence[float]:
    """(L,) rad, the legs' joints relative to the standing pose."""
    positions, standing = ctx.state.joint_positions, ctx.standing
    return [positions[i] - standing[i] for i in ctx.layout.legs]


@block(0, 0.05, 10.0, "legs", noise=0.75)
def leg_velocities(ctx: StepContext) -> Sequence[float]:
    """(L,) rad/s."""
    velocities = ctx.state.joint_velocities
    return [velocities[i] for i in ctx.layout.legs]


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


def get_blocks(names: Sequence[str]) -> tuple[ObservationBlock, ...]:
    """Blocks by name, in the given order.

    Raises:
        InputError: no block of that name.
    """
    for name in names:
        if name not in BLOCKS:
            raise InputError(f"no observation block {name!r}{did_you_mean(name, BLOCKS)}")
    return tuple(BLOCKS[name] for name in names)


class ObservationLayout:
    """The blocks of one task on one robot: builds observations and knows their bounds and mirror image."""

    def __init__(self, blocks: Sequence[ObservationBlock], layout: JointLayout) -> None:
        self.blocks = tuple(blocks)
        sizes = [part.size(layout) for part in self.blocks]
        self.widths: dict[str, int] = {part.name: size for part, size in zip(self.blocks, sizes, strict=True)}
        self.bound: NDArray[np.float32] = np.repeat(
            np.array([part.bound for part in self.blocks], dtype=np.float32), sizes
        )
        self._bound: list[float] = self.bound.tolist()
        self._functions = [part.function for part in self.blocks]
        scales = [np.broadcast_to(part.scale, size) for part, size in zip(self.blocks, sizes, strict=True)]
        self._scale: list[float] = np.concatenate(scales).tolist()
        noises = [
            np.broadcast_to(np.multiply(part.scale, part.noise), size)
            for part, size in zip(self.blocks, sizes, strict=True)
        ]
        self._noise = np.concatenate(noises).astype(np.float32)
        places: list[int] = []
        signs: list[float] = []
        for part in self.blocks:
            place, sign = part.mirrored(layout)
            start = len(places)
            places += [start + i for i in place]
            signs += sign
        self.mirror, self.mirror_sign = places, signs

    def observe(self, ctx: StepContext, noise: float = 0.0, rng: Generator | None = None) -> NDArray[np.float32]:
        """(N,) float32, inside plus or minus ``bound``; ``noise``: factor on the sensor noise, drawn from ``rng``."""
        raw: list[float] = []
        for function in self._functions:
            raw += function(ctx)
        scaled = [
            bound if (x := value * scale) > bound else -bound if x < -bound else x  # NaN stays NaN
            for value, scale, bound in zip(raw, self._scale, self._bound, strict=True)
        ]
        observation = np.array(scaled, dtype=np.float32)
        if noise and rng is not None:
            observation += np.float32(noise) * self._noise * rng.standard_normal(len(observation), dtype=np.float32)
            np.clip(observation, -self.bound, self.bound, out=observation)
        return observation
