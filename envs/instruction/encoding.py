"""The encoding of an instruction's current step: numbers of fixed width and meaning that a policy sees.

Version 1, in this order; every number is in -1 to 1 and 0 where nothing was said.

===========  =====  ==========================================================================================
part         width  numbers
===========  =====  ==========================================================================================
verb            26  one for each of ENCODED_VERBS
direction        5  forward, backward, left, right, around
side             3  left, right, both
amounts         12  angle, distance, steps, duration, count, speed: each (said, log-scaled value)
target           7  the object or place: (there is one, forward, left, distance, sine and cosine of its bearing,
                    radius); lengths log-scaled
target2          3  the second object: (there is one, forward, left)
progress         6  of the step so far: distance forward and left of where it began along its first heading, angle
                    turned, touchdowns of the feet, time, share of the time limit; log-scaled but the last
to_go            9  what is left to go, in the robot's heading frame (see instruction/odometry.py):
                    forward, left and angle log-scaled, then the same linear (2 m, 2 rad), then near (0.25 m, rad)
left             1  number of steps after this one, log-scaled
beside          31  what the arms are to do meanwhile: verb, side, (said, count)
===========  =====  ==========================================================================================

A position is in the robot's heading frame: forward and left, m. The version fixes ENCODED_VERBS, the directions and
sides, and GESTURES, the verbs that an action chooses: whatever changes one of them makes a new version.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from simonsays.assets.notes import dataclass
from simonsays.envs.language.instruction import DIRECTIONS, SIDES, Step
from simonsays.envs.moves.skill import GroundingError
from simonsays.envs.moves.steering import clip

ENCODING_VERSION = 1

ENCODED_VERBS: tuple[str, ...] = tuple(
    "walk run turn jump look stop crouch stand sit wave raise_arm lower_arm reach point kick push pickup put_next"  # noqa: SIM905
    " open go_to follow step nod bow punch squat".split()
)
"""Verbs that have a number, in its order, whatever else the language and the skills learn."""
GESTURES = ("wave", "raise_arm", "lower_arm", "point", "reach", "punch", "push", "look", "nod", "bow")
"""Verbs that a policy's logits choose, in their order: a part of the version, whatever skills are registered.

One that no skill of the arms alone does moves nothing."""

# Unit and largest value of each amount that can be said, for the logarithm: degrees, m, 1, s, 1, m/s.
_AMOUNTS = {
    "angle_deg": (10.0, 1080.0),
    "distance_m": (0.1, 50.0),
    "steps": (1.0, 200.0),
    "duration_s": (1.0, 300.0),
    "count": (1.0, 50.0),
    "speed": (0.1, 3.0),
}
_SPEEDS = {"slow": 0.3, "normal": 0.5, "fast": 0.8}  # m/s that stand for a word
_LENGTH, _ANGLE, _COUNT, _TIME = (0.1, 50.0), (0.1, 20.0), (1.0, 200.0), (1.0, 300.0)
_LINEAR, _NEAR = 0.5, 4.0  # 1/m and 1/rad


class Target(NamedTuple):
    """A thing or a place, seen from the robot."""

    forward: float
    left: float
    radius: float


@dataclass(frozen=True)
class StepView:
    """What is known of the current step at one moment."""

    step: Step
    beside: Step | None = None
    """what the arms are to do at the same time"""
    steps_left: int = 0
    """how many come after it"""
    target: Target | None = None
    target2: Target | None = None
    walked: tuple[float, float] = (0.0, 0.0)
    """m, forward and left of where the step began, along its first heading"""
    turned: float = 0.0
    """rad since the step began, more than a full turn too"""
    touchdowns: int = 0
    time: float = 0.0
    """s since the step began"""
    time_limit: float = 1.0
    """s"""
    to_go: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """forward m, left m, angle rad, in the robot's heading frame"""


def log_scale(value: float, scale: tuple[float, float]) -> float:
    """Sign times log(1 + |value| / unit), 1 at the largest value; ``scale``: unit and largest value."""
    unit, most = scale
    size = math.log1p(min(abs(value), most) / unit) / math.log1p(most / unit)
    return math.copysign(size, value)


def _one_hot(value: str | None, names: Sequence[str]) -> list[float]:
    return [float(name == value) for name in names]


def check_encoded(verb: str) -> str:
    """The verb, if it has a number.

    Raises:
        GroundingError: it has none: a policy that sees this encoding cannot be told it.
    """
    if verb not in ENCODED_VERBS:
        told = f"which has {len(ENCODED_VERBS)} verbs for good: a policy cannot be told it"
        message = f"{verb!r} has no place in encoding {ENCODING_VERSION} of instructions, {told}"
        raise GroundingError(message, suggestions=ENCODED_VERBS)
    return verb


def _amount(step: Step, name: str) -> tuple[float, float]:
    value = getattr(step, name)
    if value is None:
        return 0.0, 0.0
    return 1.0, log_scale(_SPEEDS.get(value, value) if name == "speed" else value, _AMOUNTS[name])


def _target(view: StepView) -> list[float]:
    if view.target is None:
        return [0.0] * 7
    forward, left, radius = view.target
    distance, bearing = math.hypot(forward, left), math.atan2(left, forward)
    lengths = [log_scale(length, _LENGTH) for length in (forward, left, distance)]
    return [1.0, *lengths, math.sin(bearing), math.cos(bearing), clip(radius, 1.0)]


def _target2(view: StepView) -> list[float]:
    if view.target2 is None:
        return [0.0] * 3
    return [1.0, *(log_scale(length, _LENGTH) for length in view.target2[:2])]


def _progress(view: StepView) -> list[float]:
    values = (*view.walked, view.turned, view.touchdowns, view.time)
    scaled = map(log_scale, values, (_LENGTH, _LENGTH, _ANGLE, _COUNT, _TIME))
    return [*scaled, clip(view.time / view.time_limit, 1.0)]


def _to_go(view: StepView) -> list[float]:
    scaled = map(log_scale, view.to_go, (_LENGTH, _LENGTH, _ANGLE))
    return [*scaled, *(clip(unit * value, 1.0) for unit in (_LINEAR, _NEAR) for value in view.to_go)]


def _beside(view: StepView) -> list[float]:
    if view.beside is None:
        return [0.0] * (len(ENCODED_VERBS) + len(SIDES) + 2)
    step = view.beside
    return [*_one_hot(check_encoded(step.verb), ENCODED_VERBS), *_one_hot(step.side, SIDES), *_amount(step, "count")]


class Part(NamedTuple):
    """Some numbers of the encoding; ``places`` and ``signs`` make their left-right mirror image."""

    name: str
    numbers: Callable[[StepView], list[float]]
    places: tuple[int, ...]
    signs: tuple[float, ...]


def _part(name: str, numbers: Callable[[StepView], list[float]], signs: Sequence[float]) -> Part:
    return Part(name, numbers, tuple(range(len(signs))), tuple(signs))


def _swapped(name: str, numbers: Callable[[StepView], list[float]], names: Sequence[str]) -> Part:
    """A part of flags, of which those of left and right change places."""
    left, right = names.index("left"), names.index("right")
    places = [{left: right, right: left}.get(i, i) for i in range(len(names))]
    return Part(name, numbers, tuple(places), (1.0,) * len(names))


PARTS: tuple[Part, ...] = (
    _part("verb", lambda view: _one_hot(check_encoded(view.step.verb), ENCODED_VERBS), (1.0,) * len(ENCODED_VERBS)),
    _swapped("direction", lambda view: _one_hot(view.step.direction, DIRECTIONS), DIRECTIONS),
    _swapped("side", lambda view: _one_hot(view.step.side, SIDES), SIDES),
    _part("amounts", lambda view: [n for name in _AMOUNTS for n in _amount(view.step, name)], (1.0,) * 12),
    _part("target", _target, (1.0, 1.0, -1.0, 1.0, -1.0, 1.0, 1.0)),
    _part("target2", _target2, (1.0, 1.0, -1.0)),
    _part("progress", _progress, (1.0, -1.0, -1.0, 1.0, 1.0, 1.0)),
    _part("to_go", _to_go, (1.0, -1.0, -1.0) * 3),
    _part("left", lambda view: [log_scale(view.steps_left, _COUNT)], (1.0,)),
    _swapped("beside", _beside, (*ENCODED_VERBS, *SIDES, "said", "count")),
)
WIDTH = sum(len(part.signs) for part in PARTS)


def encode(view: StepView | None) -> list[float]:
    """(WIDTH,) numbers in -1 to 1, as the module's table tells; zeros once every step is done (None).

    Raises:
        GroundingError: a verb has no number.
    """
    return [0.0] * WIDTH if view is None else [number for part in PARTS for number in part.numbers(view)]
