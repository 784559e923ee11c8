"""Observer: what an env shows a policy of a control step: its blocks, the last few of them, and what critics see."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.random import Generator
from numpy.typing import NDArray

from simonsays.assets import InputError
from simonsays.envs.base import described_blocks
from simonsays.envs.config import DEFAULT_BLOCKS
from simonsays.envs.context import JointLayout, StepContext
from simonsays.envs.observations import BLOCKS
from simonsays.envs.policy.features import PRIVILEGED
from simonsays.sim.state import Array

Observation = Any
"""(N,) float32; a dict of such arrays where there are privileged blocks"""


class ObservationLayout:
    """The blocks of one task on one robot, by name: builds observations and knows their bounds and mirror image."""

    def __init__(self, names: Sequence[str], layout: JointLayout) -> None:
        self._blocks = [BLOCKS[name] for name in names]
        sizes = [part.size(layout) for part in self._blocks]
        self.widths: dict[str, int] = dict(zip(names, sizes, strict=True))
        self.bound = np.repeat(np.array([part.bound for part in self._blocks], dtype=np.float32), sizes)
        self._functions = [part.function for part in self._blocks]
        sized = list(zip(self._blocks, sizes, strict=True))
        self._scale = np.concatenate([np.broadcast_to(part.scale, size) for part, size in sized]).astype(np.float64)
        self._most = self.bound.astype(np.float64)
        noises = [np.broadcast_to(np.multiply(part.scale, part.noise), size) for part, size in sized]
        self._noise = np.concatenate(noises).astype(np.float32)
        self.mirror: list[int] = []
        self.mirror_sign: list[float] = []
        for part in self._blocks:
            place, sign = part.mirrored(layout)
            self.mirror += [len(self.mirror_sign) + i for i in place]
            self.mirror_sign += sign

    def check(self, ctx: StepContext) -> None:
        """Refuse a block that does not give what it says: InputError names it."""
        for part in self._blocks:
            part.check(ctx)

    def observe(self, ctx: StepContext, noise: float = 0.0, rng: Generator | None = None) -> NDArray[np.float32]:
        """(N,) float32, inside plus or minus ``bound``; ``noise``: factor on the sensor noise, drawn from ``rng``."""
        observation = self._scaled(ctx).astype(np.float32)
        if noise and rng is not None:
            observation += np.float32(noise) * self._noise * rng.standard_normal(len(observation), dtype=np.float32)
            np.clip(observation, -self.bound, self.bound, out=observation)
        return observation

    def _scaled(self, ctx: StepContext) -> Array:
        raw: list[float] = []
        try:
            for function in self._functions:
                raw.extend(function(ctx))
            scaled = np.array(raw)
            scaled *= self._scale
            np.minimum(scaled, self._most, out=scaled)  # NaN stays NaN
            np.maximum(scaled, -self._most, out=scaled)
            if math.isfinite(np.add.reduce(scaled)):
                return scaled
            raise InputError(f"observation at control step {ctx.step}: not finite: {scaled.tolist()}")
        except Exception:
            self.check(ctx)  # says which
            raise


class Observer:
    """Builds observations from blocks, with a history, and with privileged blocks that have neither it nor noise."""

    def __init__(self, blocks: Sequence[str], history: int, privileged: Sequence[str], layout: JointLayout) -> None:
        self.layout, self.history = ObservationLayout(blocks, layout), history
        self.privileged = ObservationLayout(privileged, layout) if privileged else None
        self._frames: deque[NDArray[np.float32]] = deque(maxlen=history)
        bound = np.tile(self.layout.bound, history)
        self.space: Any = spaces.Box(-bound, bound, dtype=np.float32)
        if self.privileged is not None:
            more = spaces.Box(-self.privileged.bound, self.privileged.bound, dtype=np.float32)
            self.space = spaces.Dict({"observation": self.space, PRIVILEGED: more})

    def check(self, ctx: StepContext) -> None:
        """Refuse a block that does not give what it says: InputError names it."""
        for layout in filter(None, (self.layout, self.privileged)):
            layout.check(ctx)

    def mirror(self) -> dict[str, list[float]]:
        """Places and signs of the mirror image of observations; of privileged ones where there are any."""
        one, more = self.layout, self.privileged
        width = len(one.mirror)
        return {
            "observation": [place + width * frame for frame in range(self.history) for place in one.mirror],
            "observation_sign": one.mirror_sign * self.history,
            **({"privileged": list(more.mirror), "privileged_sign": more.mirror_sign} if more else {}),
        }

    def described(self, reference: str) -> dict[str, Any]:
        """The fields of policy.json that say what is observed, where actions are added to a reference."""
        widths = self.layout.widths
        settings: dict[str, Any] = {} if tuple(widths) == DEFAULT_BLOCKS else {"blocks": list(widths)}
        settings |= {} if reference == "gait" else {"reference": reference}
        history = {"history": self.history} if self.history > 1 else {}
        return {"observation": described_blocks(widths), **history, **({"settings": settings} if settings else {})}

    def forget(self) -> None:
        """Begin a history anew."""
        self._frames.clear()

    def observe(self, ctx: StepContext, noise: float, rng: Generator, new: bool) -> Observation:
        """The observation; ``new``: of a control step that has passed, not the last one seen again."""
        frame = self.layout.observe(ctx, noise, rng)
        if self.history > 1:
            if not new and self._frames:
                self._frames.pop()
            self._frames.extend([frame] * (1 if self._frames else self.history))
            frame = np.concatenate(self._frames)
        return frame if self.privileged is None else {"observation": frame, PRIVILEGED: self.privileged.observe(ctx)}


class Observers:
    """What policies see: the env's own observation, and instead of it blocks of its own that one was trained on."""

    def __init__(self, own: Observer) -> None:
        self.own, self._shown = own, dict[str, Observer]()

    def show(self, motions: Sequence[str], blocks: Sequence[str] | None, ctx: StepContext) -> None:
        """Show blocks (None: those of a task) while the legs do some motions; InputError: one is not registered."""
        shown = tuple(blocks or DEFAULT_BLOCKS)
        if shown != tuple(self.own.layout.widths):
            observer = Observer(shown, 1, (), ctx.layout)
            observer.check(ctx)
            self._shown |= dict.fromkeys(motions, observer)

    def of(self, motion: str | None) -> Observer:
        """What the policy of a motion sees; None: the env's own."""
        return self._shown.get(motion or "", self.own)

    def forget(self) -> None:
        """Begin all histories anew."""
        for observer in (self.own, *self._shown.values()):
            observer.forget()
