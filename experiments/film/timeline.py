"""Which instants of which recordings a film shows, frame by frame, and how far its cards cover them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from simonsays.assets import InputError
from simonsays.assets.notes import dataclass
from simonsays.experiments.film.settings import FilmSettings
from simonsays.sim.recording import Recording
from simonsays.sim.state import Array

TITLE_SECONDS, CLOSING_SECONDS, FADE_SECONDS, DIP_SECONDS = 2.2, 3.6, 0.7, 0.3
"""s of film: the title card and the closing card with their fades, a fade, and the half of one between clips"""
MOST_FRAMES = 200_000
"""of a film, two hours of it"""
_SAME = 1e-6  # s
_STEADY = ("time", "others", "joint_names", "prop_names", "contact_pairs", "meta")
_TURNS = ("base_orientation", "prop_orientations")
_ACTS = ("motion", "to_go", "policy_observations", "policy_actions", "joint_targets")
_STEPPED = ("foot_contacts", "step_index", *_ACTS, "torque_limit_share", "velocity_reversals", "contact_forces")


@dataclass(frozen=True)
class Moment:
    """One frame."""

    indices: tuple[int, ...]
    """the instant of each recording"""
    title: float = 0.0
    """0 to 1, how much of the title card is seen"""
    closing: float = 0.0
    """0 to 1, how much of the closing card is seen"""
    clip: int | None = None
    """the one recording that is seen, in a montage; None: all"""
    dip: float = 0.0
    """0 to 1, how far the picture has gone into the colour of cards, between two clips"""


def frame_indices(recording: Recording, fps: int) -> list[int]:
    """Which instants are shown at normal speed: one every 1/fps s from the first to the last."""
    return [int(i) for i in _places(recording.time, _times(recording.time, FilmSettings(fps=fps)))]


def prepare(recordings: Sequence[Recording], settings: FilmSettings) -> tuple[list[Recording], list[Moment]]:
    """The recordings with an instant for each frame, and the frames. Of several the short ones wait at their end.

    Raises:
        InputError: an empty recording, or a start after its end.
    """
    fitted, places = [], []
    for recording in recordings:
        if len(recording) == 0:
            raise InputError("the recording is empty: there is nothing to film")
        times = _times(recording.time, settings)
        indices = _places(recording.time, times)
        if np.abs(recording.time[indices] - times).max() > _SAME:
            recording, indices = _resampled(recording, settings, times)
        fitted.append(recording)
        places.append([int(i) for i in indices])
    moments = _montage(places, settings.fps) if settings.montage else _together(places)
    if len(moments) > MOST_FRAMES:
        raise InputError(f"{len(moments)} frames: a film has at most {MOST_FRAMES}")
    return fitted, _with_cards(moments, settings.fps) if settings.cards else moments


def _together(places: list[list[int]]) -> list[Moment]:
    return [Moment(tuple(each[min(i, len(each) - 1)] for each in places)) for i in range(max(map(len, places)))]


def _montage(places: list[list[int]], fps: int) -> list[Moment]:
    """One after the other, with a dip between two; of what is not seen, the first instant."""
    moments, dip = [], max(1, round(DIP_SECONDS * fps))
    for clip, own in enumerate(places):
        for i, index in enumerate(own):
            begun, left = i if clip else dip, len(own) - 1 - i if clip < len(places) - 1 else dip
            indices = tuple(index if place == clip else each[0] for place, each in enumerate(places))
            moments.append(Moment(indices, clip=clip, dip=max(0.0, 1 - min(begun, left) / dip)))
    return moments


def _times(clock: Array, settings: FilmSettings) -> Array:
    """(N,) s, of the frames."""
    first, last = float(clock[0]), float(clock[-1])
    start = first if settings.start is None else max(first, settings.start)
    if start > last:
        raise InputError(f"start {start:g} s: the recording ends at {last:.2f} s")
    end = last if settings.end is None else min(last, settings.end)
    step = settings.speed / settings.fps
    count = math.floor((max(end, start) - start) / step + 1e-6) + 1
    if (last - first) / step > MOST_FRAMES:
        raise InputError(f"{last - first:g} s are more than {MOST_FRAMES} frames at this speed: raise it, or lower fps")
    return np.asarray(start + np.arange(count, dtype=np.float64) * step)


def _places(clock: Array, times: Array) -> NDArray[np.int64]:
    return np.asarray(np.searchsorted(clock, times - _SAME).clip(0, len(clock) - 1))


def _resampled(recording: Recording, settings: FilmSettings, times: Array) -> tuple[Recording, NDArray[np.int64]]:
    """The whole recording at the frames' own times, so that slow motion is smooth, and the places of ``times``."""
    step, clock = settings.speed / settings.fps, recording.time
    before = np.arange(math.floor((times[0] - clock[0]) / step + 1e-6), 0, -1)
    after = np.arange(1, math.floor((clock[-1] - times[-1]) / step + 1e-6) + 1)
    whole = np.concatenate([times[0] - before * step, times, times[-1] + after * step]).clip(clock[0], clock[-1])
    return resample(recording, whole), np.arange(len(before), len(before) + len(times), dtype=np.int64)


def resample(recording: Recording, times: Array) -> Recording:
    """The recording at other times (N,) s within it: what moves is interpolated, what jumps is the last known."""
    clock = recording.time
    right = np.searchsorted(clock, times, side="right").clip(1, max(1, len(clock) - 1))
    left = right - 1
    right = right.clip(0, len(clock) - 1)
    share = (times - clock[left]) / np.maximum(clock[right] - clock[left], 1e-9)
    last = np.where(share >= 1 - _SAME, right, left)
    made = {}
    for field in fields(recording):
        value = getattr(recording, field.name)
        if field.name in _STEADY or value is None:
            continue
        if field.name in _STEPPED:
            made[field.name] = value[last]
        else:
            weight = share.reshape(-1, *[1] * (value.ndim - 1))
            blend = _towards(value[left], value[right]) if field.name in _TURNS else value[right]
            made[field.name] = value[left] + weight * (blend - value[left])
    for name in _TURNS:
        made[name] = made[name] / np.linalg.norm(made[name], axis=-1, keepdims=True)
    others = tuple(resample(other, times) for other in recording.others)
    return replace(recording, time=times, others=others, **made)


def _towards(one: Array, other: Array) -> Array:
    """The quaternions ``other``, with the sign that is nearer to ``one``."""
    return np.asarray(np.where((one * other).sum(axis=-1, keepdims=True) < 0, -other, other))


def _with_cards(moments: list[Moment], fps: int) -> list[Moment]:
    """Cards at both ends. Fades are film of their own: the run itself is seen whole."""
    title, closing, fade = (max(1, round(s * fps)) for s in (TITLE_SECONDS, CLOSING_SECONDS, FADE_SECONDS))
    first, last = moments[0], moments[-1]
    opening = [replace(first, title=min(1.0, (title - i) / fade)) for i in range(title)]
    ending = [replace(last, closing=min(1.0, (i + 1) / fade)) for i in range(closing)]
    return [*opening, *moments, *ending]
