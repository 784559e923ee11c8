"""How a base has to move so that its body could do what it does: the zero moment point is kept over the feet."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simonsays.sim.state import Array

_GRAVITY = 9.81  # m/s^2
_FOOT = 0.03  # m, around the line between the feet that are down, or around the one


def balancing(
    centre: Array,
    feet: Array,
    down: NDArray[np.bool_],
    hz: float,
    most: float,
    step: Array | None = None,
) -> Array:
    """(T, 2) m, by which a body is moved so that its zero moment point comes to lie over its feet.

    Of a mass at a height h, the zero moment point is z = c - h/g c''. The centre of mass that goes with one is its mean
    under exp(-|t| / sqrt(h/g)) (that equation's Green's function), so this is the mean of what z is off (Kajita et
    al., 2003, plan the same with a preview). While no foot is down nothing is wanted.

    Args:
        centre: (T, 3) m, centre of mass. feet: (T, 2, 3) m, middles of the soles. most: m, along each axis.
        step: (2,) m, how far a loop goes on in a round; None: it is none.
    """
    height = float(np.mean(centre[:, 2]))
    lag = math.sqrt(height / _GRAVITY)
    moving = _extended(centre[:, :2], step)
    count, smooth = len(centre), np.ones(5) / 5
    for axis in (0, 1):
        moving[:, axis] = np.convolve(np.pad(moving[:, axis], 2, mode="edge"), smooth, mode="valid")
    speed = np.gradient(np.gradient(moving, 1.0 / hz, axis=0), 1.0 / hz, axis=0)
    zero = (moving - lag * lag * speed)[count : 2 * count]
    stands = (down[:, 0] | down[:, 1])[:, None]
    off = np.where(stands, _supported(zero, feet[..., :2], down) - zero, 0.0)
    kernel = np.exp(-np.abs(np.arange(-count + 1, count)) / (hz * lag))
    kernel /= kernel.sum()
    repeated = _extended(off, None if step is None else np.zeros(2))
    moved = np.stack([np.convolve(repeated[:, axis], kernel, mode="same") for axis in (0, 1)], axis=1)
    return np.asarray(np.clip(moved[count : 2 * count], -most, most))


def _extended(values: Array, step: Array | None) -> Array:
    """(3 T, 2): a loop's rounds before and after, or what stays as it is at either end."""
    if step is None:
        return np.concatenate([np.repeat(values[:1], len(values), 0), values, np.repeat(values[-1:], len(values), 0)])
    return np.concatenate([values - step, values, values + step])


def _supported(points: Array, feet: Array, down: NDArray[np.bool_]) -> Array:
    """(T, 2) the nearest points over the feet that are down."""
    left, right = (np.where(down[:, side, None], feet[:, side], feet[:, 1 - side]) for side in (0, 1))
    along = right - left
    share = ((points - left) * along).sum(axis=1) / np.maximum(np.square(along).sum(axis=1), 1e-9)
    nearest = left + np.clip(share, 0.0, 1.0)[:, None] * along
    away = points - nearest
    far = np.linalg.norm(away, axis=1, keepdims=True)
    found: Array = nearest + away * np.minimum(1.0, _FOOT / np.maximum(far, 1e-9))
    return found
