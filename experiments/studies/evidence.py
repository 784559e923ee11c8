"""Figures over several training runs by rliable (Agarwal et al., NeurIPS 2021): bootstrapped 95% intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simonsays.agents.measure.estimates import Estimate
from simonsays.assets import InputError, needs_extra

REPS = 2000
"""resamples of an interval"""
Floats = NDArray[np.float64]


def rliable() -> tuple[Any, Any]:
    """rliable's modules ``library`` and ``metrics``.

    Raises:
        InputError: it, or something it needs, is missing or does not fit together.
    """
    try:
        with needs_extra("evidence", "comparing runs"):
            from rliable import library, metrics
    except TypeError as error:  # arch 7, which rliable 1.2 pins, fails so with pandas 3
        raise InputError(
            f"rliable cannot be imported ({error}); it needs pandas before 3: pip install 'pandas<3'"
        ) from (error)
    return library, metrics


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """rliable draws from NumPy's global generator: seed it, and leave it as it was."""
    before = np.random.get_state()
    np.random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(before)


def _estimates(scores: Any, function: Callable[..., Any], reps: int, seed: int) -> tuple[Any, Any]:
    library, _ = rliable()
    with _seeded(seed):
        points, intervals = library.get_interval_estimates({"": scores}, function, reps=reps)
    return points[""], intervals[""]


def interquartile_mean(scores: Sequence[float], seed: int = 0, reps: int = REPS) -> Estimate:
    """The mean of the middle half of the runs' scores (n,)."""
    _, metrics = rliable()
    column = np.array(scores, dtype=np.float64)[:, None]
    value, ends = _estimates(column, lambda s: np.array([metrics.aggregate_iqm(s)]), reps, seed)
    return Estimate(float(value[0]), float(ends[0, 0]), float(ends[1, 0]), len(scores))


def interquartile_band(scores: Floats, seed: int = 0, reps: int = REPS // 4) -> dict[str, list[float]]:
    """As :func:`interquartile_mean` for each column of (n runs, T): ``value``, ``low``, ``high``, lists of T."""
    _, metrics = rliable()
    value, ends = _estimates(
        scores[:, None, :],
        lambda s: np.array([metrics.aggregate_iqm(s[..., i]) for i in range(s.shape[-1])]),
        reps,
        seed,
    )
    return {"value": value.tolist(), "low": ends[0].tolist(), "high": ends[1].tolist()}


def improvement(a: Sequence[float], b: Sequence[float], seed: int = 0, reps: int = REPS) -> Estimate:
    """The probability that a run of ``a`` scores higher than one of ``b``, ties counted half."""
    _, metrics = rliable()
    columns = [np.array(scores, dtype=np.float64)[:, None] for scores in (a, b)]
    value, ends = _estimates(columns, metrics.probability_of_improvement, reps, seed)
    low, high = np.ravel(ends).tolist()
    return Estimate(float(value), low, high, len(a) + len(b))


def profile(scores: Sequence[float], levels: Floats, seed: int = 0, reps: int = REPS // 4) -> dict[str, list[float]]:
    """The share of runs that score more than each level: ``level``, ``value``, ``low``, ``high``."""
    library, _ = rliable()
    with _seeded(seed):
        column = np.array(scores, dtype=np.float64)[:, None]
        values, ends = library.create_performance_profile({"": column}, levels, reps=reps)
    low, high = ends[""].tolist()
    return {"level": levels.tolist(), "value": values[""].tolist(), "low": low, "high": high}
