"""Figures with their 95% intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
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

    def text(self, unit: str = "") -> str:
        """Like ``97.5% [94.3, 98.9]`` with the unit ``%``, else like ``0.044 [0.042, 0.047] m/s``; exact ones alone."""
        if unit == "%":
            return f"{100 * self.value:.1f}% [{100 * self.low:.1f}, {100 * self.high:.1f}]"
        after = f" {unit}" if unit else ""
        if self.low == self.high:
            return f"{self.value:.3g}{after}"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]{after}"


def percent(share: Mapping[str, float]) -> str:
    """A share as plain data, like ``97% [94, 99]``."""
    return f"{100 * share['value']:.0f}% [{100 * share['low']:.0f}, {100 * share['high']:.0f}]"


def proportion(successes: int, count: int) -> Estimate:
    """Share with its Wilson score interval (E. B. Wilson, JASA 22, 1927)."""
    share, z2 = successes / count, _Z**2
    centre = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = _Z * math.sqrt(share * (1 - share) / count + z2 / (4 * count**2)) / (1 + z2 / count)
    return Estimate(share, max(0.0, centre - half), min(1.0, centre + half), count)


def rate(events: int, exposure: float, count: int) -> Estimate:
    """Events for each unit of exposure with the Poisson score interval (Brown, Cai and DasGupta, Stat. Sin. 13, 2003).

    ``count``: the episodes that the exposure comes from.
    """
    centre, half = events + _Z**2 / 2, _Z * math.sqrt(events + _Z**2 / 4)
    return Estimate(events / exposure, max(0.0, centre - half) / exposure, (centre + half) / exposure, count)


def mean(values: Iterable[float], seed: int = 0) -> Estimate | None:
    """Mean with its bootstrap percentile interval (2,000 resamples, seeded); None where there are no values."""
    data = np.array(list(values))
    if not len(data):
        return None
    drawn = np.random.default_rng(seed).integers(len(data), size=(2000, len(data)))
    low, high = np.quantile(data[drawn].mean(axis=1), [0.025, 0.975]).tolist()
    return Estimate(float(data.mean()), low, high, len(data))


def median(values: Sequence[float], seed: int = 0, resamples: int = 4000) -> Estimate:
    """The median of values (n,), at least one, with its bootstrapped interval."""
    found = np.asarray(values, dtype=np.float64)
    drawn = np.random.default_rng(seed).choice(found, (resamples, len(found)))
    low, high = np.quantile(np.median(drawn, axis=1), [0.025, 0.975])
    return Estimate(float(np.median(found)), float(low), float(high), len(found))
