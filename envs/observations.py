"""Observation blocks: each a named, scaled, bounded slice of the observation vector and its mirror image.

To add one, write a function and mark it with ``@block``; the task lists the blocks it uses, in order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simonsays.assets import InputError, did_you_mean
from simonsays.envs.context import JointLayout, StepContext
from simonsays.sim.state import Array

_SIGNS: dict[str, tuple[float, ...]] = {
    "vector": (1.0, -1.0, 1.0),
    "rotation": (-1.0, 1.0, -1.0),
    "command": (1.0, -1.0, -1.0),
    "phase": (-1.0, -1.0),
}


@dataclass(frozen=True)
class ObservationBlock:
    """A block: ``function(ctx)`` gives ``width`` numbers (0: one a leg joint), cut to plus or minus ``bound``.

    ``mirror`` says what left-right mirroring does: "vector", "rotation" (axial vector), "command",
    "phase" (half a period) or "legs".
    """

    name: str
    function: Callable[[StepContext], Array]
    width: int
    bound: float
    mirror: str

    def size(self, layout: JointLayout) -> int:
        """Width for one robot."""
        return self.width or len(layout.legs)

    def mirrored(self, layout: JointLayout) -> tuple[list[int], list[float]]:
        """Places and signs, within the block, of its mirror image."""
        if self.mirror == "legs":
            return layout.mirror.tolist(), layout.mirror_sign.tolist()
        return list(range(self.width)), list(_SIGNS[self.mirror])


BLOCKS: dict[str, ObservationBlock] = {}


def block(width: int, bound: float, mirror: str) -> Callable[[Callable[[StepContext], Array]], ObservationBlock]:
    """Register a function as the block of its name."""

    def register(function: Callable[[StepContext], Array]) -> ObservationBlock:
        made = ObservationBlock(function.__name__, function, width, bound, mirror)
        BLOCKS[made.name] = made
        return made

    return register


@block(3, 20.0, "vector")
def base_linear_velocity(ctx: StepContext) -> Array:
    """(3,) base frame, m/s, times 2."""
    return ctx.state.local_linear_velocity * 2.0


@block(3, 20.0, "rotation")
def base_angular_velocity(ctx: StepContext) -> Array:
    """(3,) base frame, rad/s, times 0.25."""
    return ctx.state.local_angular_velocity * 0.25


@block(3, 1.0, "vector")
def gravity(ctx: StepContext) -> Array:
    """(3,) direction of gravity in the base frame."""
    return ctx.state.gravity


_COMMAND_SCALE = np.array([2.0, 2.0, 1.0])


@block(3, 10.0, "command")
def command(ctx: StepContext) -> Array:
    """(3,) forward and sideways m/s, times 2, and yaw rate, rad/s."""
    return ctx.command * _COMMAND_SCALE


@block(2, 1.0, "phase")
def gait_phase(ctx: StepContext) -> Array:
    """(2,) sine and cosine of the gait's phase; zeros while it stands."""
    if not ctx.stepping:
        return np.zeros(2)
    angle = 2 * math.pi * ctx.phase
    return np.array([math.sin(angle), math.cos(angle)])


@block(0, 7.0, "legs")
def leg_positions(ctx: StepContext) -> Array:
    """(L,) rad, the legs' joints relative to the standing pose."""
    return ctx.state.joint_positions[ctx.layout.legs] - ctx.standing[ctx.layout.legs]


@block(0, 10.0, "legs")
def leg_velocities(ctx: StepContext) -> Array:
    """(L,) rad/s, times 0.05."""
    return ctx.state.joint_velocities[ctx.layout.legs] * 0.05


@block(0, 3.0, "legs")
def last_action(ctx: StepContext) -> Array:
    """(L,) the action of the step that led here."""
    return ctx.action


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
        self._low = -self.bound
        places: list[int] = []
        signs: list[float] = []
        for part in self.blocks:
            place, sign = part.mirrored(layout)
            start = len(places)
            places += [start + i for i in place]
            signs += sign
        self.mirror, self.mirror_sign = places, signs

    def observe(self, ctx: StepContext) -> NDArray[np.float32]:
        """(N,) float32, inside plus or minus ``bound``."""
        raw = np.concatenate([part.function(ctx) for part in self.blocks], dtype=np.float32)
        np.minimum(raw, self.bound, out=raw)
        np.maximum(raw, self._low, out=raw)
        return raw
