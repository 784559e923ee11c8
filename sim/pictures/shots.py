"""The director's plan: from which instant to which one shot goes, and what it is about."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from simonsays.assets.notes import dataclass
from simonsays.sim.pictures.subjects import moving
from simonsays.sim.recording import Recording
from simonsays.sim.specs import scene_from_dict
from simonsays.sim.storyline import Storyline

HALF = ("front", "close-up")
"""cameras of what the upper body does"""
SHORTEST, _LONGEST = 1.5, 11.0
"""s, of a shot"""
_ROLLS = 4.0  # s that a cut waits at most for a thing to lie still


@dataclass(frozen=True)
class Shot:
    """What one camera shows without a cut."""

    start: int
    end: int
    """instants, the last one not included"""
    things: tuple[int, ...] = ()
    """places of the props that must be seen"""
    verb: str = ""
    camera: str = "follow"
    """the kind that suits the step"""

    @property
    def half(self) -> bool:
        """It shows what the upper body does."""
        return self.camera in HALF and not self.things


def shots(recording: Recording) -> list[Shot]:
    """The plan of the shots, which fill the recording: one a step, several of a long one, steps that are short or alike
    together. A cut waits until what was kicked or pushed lies still."""
    story, made, used = Storyline.of(recording), list[Shot](), dict[str, int]()
    last = float(recording.time[-1])
    for place in sorted(_begun(story), key=lambda each: story.steps[each].started or 0.0):
        step, things = story.steps[place], story.about[place]
        began, ended = step.started or 0.0, last if step.ended is None else step.ended
        at = _cut(recording, began, ended, made[-1].things) if made else float(recording.time[0])
        turn = used[step.verb] = used.get(step.verb, -1) + 1
        new = Shot(_instant(recording, at), len(recording), things, step.verb, step.cameras[turn % len(step.cameras)])
        if made and _one(recording, made[-1], new, last - at):
            made[-1] = _joined(made[-1], new)
            used[step.verb] -= made[-1].verb == new.verb
        else:
            made = [*made[:-1], *([_until(made[-1], new.start)] if made else []), new]
    return [part for shot in made or [Shot(0, len(recording))] for part in _parts(recording, shot)]


def _begun(story: Storyline) -> list[int]:
    return [place for place, step in enumerate(story.steps) if step.started is not None]


def _instant(recording: Recording, time: float) -> int:
    return min(int(np.searchsorted(recording.time, time - 1e-6)), len(recording) - 1)


def _cut(recording: Recording, began: float, ended: float, things: Sequence[int]) -> float:
    """s, when the shot of a step begins: once ``things`` of the one before lie still, at the latest halfway through."""
    latest = min(began + _ROLLS, (began + ended) / 2)
    span = slice(_instant(recording, began), _instant(recording, latest) + 1)
    free = [prop.name for prop in scene_from_dict(recording.meta.get("scene", {})).props if not prop.path]
    for place in (each for each in things if recording.prop_names[each] in free):
        still = np.flatnonzero(~moving(recording, place)[span])
        began = max(began, float(recording.time[span][still[0]]) if len(still) else latest)
    return began


def _one(recording: Recording, before: Shot, new: Shot, left: float) -> bool:
    """Whether a step belongs to the shot before it: one of them is too short, or both show the same."""
    short = min(left, float(recording.time[new.start] - recording.time[before.start])) < SHORTEST
    return short or (new.verb == before.verb and new.things == before.things)


def _joined(one: Shot, other: Shot) -> Shot:
    things = tuple(dict.fromkeys([*one.things, *other.things]))
    camera = one.camera if one.half == other.half or not one.half else other.camera
    return Shot(one.start, other.end, things, other.verb, camera)


def _until(shot: Shot, end: int) -> Shot:
    return Shot(shot.start, end, shot.things, shot.verb, shot.camera)


def _parts(recording: Recording, shot: Shot) -> list[Shot]:
    seconds = float(recording.time[shot.end - 1] - recording.time[shot.start])
    count = max(1, math.ceil(seconds / _LONGEST))
    ends = np.linspace(shot.start, shot.end, count + 1).round().astype(int).tolist()
    return [Shot(a, b, shot.things, shot.verb, shot.camera) for a, b in pairwise(ends) if b > a]
