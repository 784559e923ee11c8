"""Low-level policies that know nothing: what a benchmark must not reward."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simonsays.assets import InputError
from simonsays.envs.policy.policy import Policy

BASELINES = ("zero", "random")


class Baseline(Policy):
    """``zero``: no residual on the reference gait; ``random``: every action drawn evenly from the whole range."""

    def __init__(self, name: str, seed: int) -> None:
        if name not in BASELINES:
            raise InputError(f"no baseline {name!r}; there are: {', '.join(BASELINES)}")
        self.name = name
        self._rng = np.random.default_rng(seed)
        self._low = self._high = np.zeros(0)

    def check(self, env: Any) -> None:
        """Take any env: its action space is all that is asked."""
        space = env.unwrapped.action_space
        self._low, self._high = (space.low, space.high) if self.name == "random" else (0 * space.low, 0 * space.high)

    def predict(
        self,
        observation: NDArray[Any] | Mapping[str, NDArray[Any]],
        state: Any = None,
        episode_start: Any = None,
        deterministic: bool = False,
    ) -> tuple[NDArray[np.float32], None]:
        """The action (L,), whatever the observation."""
        return self._rng.uniform(self._low, self._high).astype(np.float32), None


def make_policy(name: str | Path, seed: int) -> Policy | str | Path:
    """A baseline by its name, which then does every motion; any other name is that of a bundle for the gait."""
    return Baseline(str(name), seed) if str(name) in BASELINES else name
