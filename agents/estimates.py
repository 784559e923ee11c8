"""Measured figures with their 95% intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

_Z = 1.959964


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95% interval."""

    value: float
    low: float
    high: float
    count: int

    def text(self, unit: str = "", percent: bool = False) -> str:
        """Like ``97.5% [94.3, 98.9]``."""
        if percent:
            return f"{100 * self.value:.1f}% [{100 * self.low:.1f}, {100 * self.high:.1f}]"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]{' ' + unit if unit else ''}"


def proportion(successes: int, count: int) -> Estimate:
    """Share with its Wilson score interval (E. B. Wilson, JASA 22, 1927)."""
    share, z2 = successes / count, _Z**2
    centre = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = _Z * math.sqrt(share * (1 - share) / count + z2 / (4 * count**2)) / (1 + z2 / count)
    return Estimate(share, max(0.0, centre - half), min(1.0, centre + half), count)


def mean(values: Iterable[float], seed: int = 0) -> Estimate:
    """Mean with its bootstrap percentile interval (2,000 resamples, seeded)."""
    data = np.array(list(values))
    rng = np.random.default_rng(seed)
    means = data[rng.integers(len(data), size=(2000, len(data)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975]).tolist()
    return Estimate(float(data.mean()), low, high, len(data))
