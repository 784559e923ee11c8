"""Where a clip's feet are down, and where a robot's feet and base go for it: feet that are down are flat and stay."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simonsays.assets.notes import documented
from simonsays.sim.clips.figure import Figure, nearest_rotations
from simonsays.sim.clips.marks import Marks
from simonsays.sim.state import Array

_SOLE = (0.18, -0.07)  # of the leg's length: how far ahead of the ankle a sole reaches, and behind it
# Of the leg's length: how high a foot may be above the ground there that is at rest, how fast (a second) one that is on
# it, and between; how much higher the ground there may be than anywhere, as clips float.
_LOW, _SLOW, _FLOATS = 0.12, 1.8, 0.12
_AROUND = 0.3  # s, before and after an instant, whose lowest sole is the ground there
_SHORT, _EASE = 0.08, 0.10  # s: what is down, or up, for less is not; in which a foot comes to be flat
_STRETCHED = 0.985  # of the leg's length: straighter, a knee goes fast for a little
_GROUND = 5  # percentile, of the height of the lower sole: the ground


@documented
class Footing(NamedTuple):
    """What a robot's feet and base do at T instants, world: z is up, the ground at 0."""

    down: NDArray[np.bool_]
    """(T, 2) left, right"""
    ankles: Array
    """(T, 2, 3) m"""
    feet: Array
    """(T, 2, 3, 3) their frames"""
    hips: Array
    """(T, 3) m, the middle between both hips"""


def footing(figure: Figure, marks: Marks, hz: float) -> Footing:
    """For a figure at even instants, whose loop, if it is one, begins anew after the last one."""
    told = _tiled(figure) if figure.loops else figure
    heights, ankles = _soles(told), told.at("ankle")
    ground = float(np.percentile(heights.min(axis=1), _GROUND))
    speed = np.linalg.norm(np.gradient(ankles, 1.0 / hz, axis=0), axis=-1)
    here = np.minimum(_lowest_around(heights.min(axis=1), round(_AROUND * hz)), ground + _FLOATS * told.leg)
    low = (heights - here[:, None]) / (_LOW * told.leg) + speed / (_SLOW * told.leg) < 1.0
    down = np.stack([_lasting(low[:, side], round(_SHORT * hz)) for side in (0, 1)], axis=1)
    if down.any():
        ground = float(np.median(ankles[..., 2][down]))
    placed, hips = _placed(told, marks, ground)
    flat = np.clip(np.stack([_eased(down[:, side], round(_EASE * hz)) for side in (0, 1)], axis=1), 0.0, 1.0)
    feet = told.feet + flat[..., None, None] * (_level(told.feet) - told.feet)
    for side in (0, 1):
        placed[:, side] += _anchored(placed[:, side], down[:, side], marks.spec.gait.sole_height)
    placed[..., 2] = np.maximum(placed[..., 2], marks.spec.gait.sole_height)
    hips[:, 2] -= _too_far(placed, hips, told, marks, round(_EASE * hz))
    count = len(figure.time)
    middle = slice(count, 2 * count) if figure.loops else slice(0, count)
    return Footing(down[middle], placed[middle], nearest_rotations(feet)[middle], hips[middle])


def _tiled(figure: Figure) -> Figure:
    """A loop three times, each where the one before goes on; the given one is in the middle."""
    turn, step = advance(figure)
    points = [(figure.points - step) @ turn, figure.points, figure.points @ turn.T + step]
    pelvis, chest, feet = (
        np.concatenate([turn.T @ each, each, turn @ each]) for each in (figure.pelvis, figure.chest, figure.feet)
    )
    return Figure(figure.source, np.tile(figure.time, 3), np.concatenate(points), pelvis, chest, feet)


def advance(figure: Figure) -> tuple[Array, Array]:
    """(3, 3) and (3,): how a round of a loop turns about the vertical and goes on, of even instants: as far as the
    last one is from the one before the first."""
    gone = figure.hips[-1] - figure.hips[0] + (figure.hips[1] - figure.hips[0])
    ahead = [figure.pelvis[at, :2, 0] for at in (0, 1, -1)]
    yaw = [math.atan2(y, x) for x, y in ahead]
    around = yaw[2] - yaw[0] + math.remainder(yaw[1] - yaw[0], 2 * math.pi)
    c, s = math.cos(around), math.sin(around)
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    first = figure.hips[0] * [1.0, 1.0, 0.0]
    return turn, first + gone * [1.0, 1.0, 0.0] - turn @ first


def _soles(figure: Figure) -> Array:
    """(T, 2) height of the lower end of each sole's line through the ankle."""
    reach = figure.leg * np.array(_SOLE)
    ends = figure.at("ankle")[..., 2:] + reach * figure.feet[:, :, 2, :1]
    return np.asarray(ends.min(axis=-1))


def _lowest_around(values: Array, width: int) -> Array:
    """(T,) the least of the values around each."""
    around = np.pad(values, width, mode="edge")
    return np.asarray(np.lib.stride_tricks.sliding_window_view(around, 2 * width + 1).min(axis=1))


def _lasting(down: NDArray[np.bool_], least: int) -> NDArray[np.bool_]:
    """Without states that last for less than so many instants; those at the ends stay."""
    found = down.copy()
    for state in (False, True):
        edges = np.flatnonzero(np.diff(found)) + 1
        for begin, end in pairwise(edges):
            if found[begin] == state and end - begin < least:
                found[begin:end] = not state
    return found


def _eased(down: NDArray[np.bool_], ease: int) -> Array:
    """1 where a foot is down, and less the longer it is until then, or since."""
    at = np.arange(len(down))
    where = np.flatnonzero(down)
    if not len(where):
        return np.zeros(len(down))
    after = where[np.minimum(np.searchsorted(where, at), len(where) - 1)]
    before = where[np.maximum(np.searchsorted(where, at, side="right") - 1, 0)]
    away = np.minimum(np.abs(after - at), np.abs(at - before))
    share = np.clip(1.0 - away / (ease + 1), 0.0, 1.0)
    return np.asarray(share * share * (3.0 - 2.0 * share))


def _level(feet: Array) -> Array:
    """(T, 2, 3, 3) the same, turned about the vertical alone."""
    yaw = np.arctan2(feet[..., 1, 0], feet[..., 0, 0])
    found = np.zeros_like(feet)
    found[..., 0, 0] = found[..., 1, 1] = np.cos(yaw)
    found[..., 1, 0], found[..., 0, 1], found[..., 2, 2] = np.sin(yaw), -np.sin(yaw), 1.0
    return found


def _placed(figure: Figure, marks: Marks, ground: float) -> tuple[Array, Array]:
    """(T, 2, 3) m, ankles, and (T, 3) m, hips, of a robot whose legs are as long; its own hips apart."""
    scale, sole = marks.leg / figure.leg, marks.spec.gait.sole_height
    up = np.array([0.0, 0.0, scale * ground - sole])
    clip = np.mean(np.linalg.norm(figure.points[:, 0, 0] - figure.points[:, 1, 0], axis=-1))
    left = figure.pelvis[:, :, 1] * [1.0, 1.0, 0.0]
    left /= np.maximum(np.linalg.norm(left, axis=1, keepdims=True), 1e-9)
    out = 0.5 * (_apart(marks) - scale * clip) * left
    return scale * figure.at("ankle") - up + np.stack([out, -out], axis=1), scale * figure.hips - up


def _too_far(ankles: Array, hips: Array, figure: Figure, marks: Marks, ease: int) -> Array:
    """(T,) m, by which hips (T, 3) have to come down so that legs need not stretch beyond ``_STRETCHED``."""
    left = 0.5 * _apart(marks) * figure.pelvis[:, :, 1]
    down = np.zeros(len(hips))
    for side, sign in ((0, 1.0), (1, -1.0)):
        way = hips + sign * left - ankles[:, side]
        high = np.sqrt(np.maximum((_STRETCHED * marks.leg) ** 2 - np.square(way[:, :2]).sum(axis=1), 0.0))
        down = np.maximum(down, way[:, 2] - high)
    around = -_lowest_around(-down, ease)
    mean = np.lib.stride_tricks.sliding_window_view(np.pad(around, ease, mode="edge"), 2 * ease + 1).mean(axis=1)
    return np.asarray(mean)


def _apart(marks: Marks) -> float:
    """m, between the hips."""
    standing = marks.positions(marks.tree.poses(marks.tree.standing[None]))[0]
    return float(np.linalg.norm(standing[0, 0] - standing[1, 0]))


def _anchored(places: Array, down: NDArray[np.bool_], sole: float) -> Array:
    """(T, 3) m, by which a foot's places move so that it stays wherever it is down, and comes and goes smoothly."""
    moved, known = np.zeros_like(places), np.zeros(len(places), dtype=bool)
    edges = [0, *(np.flatnonzero(np.diff(down)) + 1).tolist(), len(down)]
    for begin, end in pairwise(edges):
        if down[begin]:
            anchor = np.array([*places[begin:end, :2].mean(axis=0), sole])
            moved[begin:end], known[begin:end] = anchor - places[begin:end], True
    if not known.any():
        return moved
    at = np.arange(len(places))
    return np.stack([np.interp(at, at[known], moved[known, axis]) for axis in range(3)], axis=1)
