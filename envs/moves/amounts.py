"""How far to go: metres, seconds or steps, and when that is done."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

from simonsays.assets.notes import dataclass
from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.skill import GroundingError
from simonsays.envs.moves.steering import coasting

TOLERANCE = 0.15  # m, of a distance
STEP = 0.05  # m, that a foot goes in a step, and forward or backward comes down ahead of the other by
_NEAR, _BACK = 0.05, 0.25  # m, where it stops anyhow; m/s, with which it comes back to a mark that it has passed
_FARTHEST, _LONGEST, _MOST = 50.0, 120.0, 200
_SLOW_DOWN = 1.0  # m/s^2
_ENDS = ((0.45, 0.2), (0.16, 0.12))  # m/s, ahead and sideways: of a last step, and more of each that is still to come
_ONLY = 0.2  # m/s, of a step that is the only one
_BACKWARD = 1  # steps, more or less, backward: it feels its way


@dataclass
class Travelled:
    """How far it has come."""

    time: float = 0.0
    """s"""
    along: float = 0.0
    """m"""
    going: float = 0.0
    """m/s along the way, as the legs follow their command"""
    across: float = 0.0
    """m, to the left of the way"""
    steps: int = 0
    """touchdowns of feet that went along the way"""


class Amount(ABC):
    """How far to go."""

    again = False
    """it goes on where it has come to rest in the wrong place"""
    short = False
    """it leaves no time to speed up, nor to come back to the line slowly"""

    @abstractmethod
    def speed(self, way: Travelled, pace: float) -> float:
        """m/s along the way that is right now at a pace (m/s); zero: come to rest."""

    def missed(self, way: Travelled) -> str:
        """What is wrong with where it came to rest, or nothing."""
        return ""

    @abstractmethod
    def nominal(self, pace: float) -> float:
        """s, about."""

    @abstractmethod
    def text(self, direction: str) -> str:
        """How it is judged."""


@dataclass(frozen=True)
class Distance(Amount):
    """A way of so many metres."""

    metres: float
    again = True

    def speed(self, way: Travelled, pace: float) -> float:
        left = self.metres - way.along
        stops = max(_NEAR, coasting(way.going)) if way.going > 0.0 else _NEAR
        return 0.0 if abs(left) < stops else math.copysign(pace if left > 0.0 else min(pace, _BACK), left)

    def missed(self, way: Travelled) -> str:
        off = abs(self.metres - way.along)
        return "" if off <= TOLERANCE else f"came {way.along:.2f} m far, not {self.metres:g} m"

    def nominal(self, pace: float) -> float:
        return self.metres / pace

    def text(self, direction: str) -> str:
        return f"at rest within {TOLERANCE:g} m of {self.metres:g} m {direction}"


@dataclass(frozen=True)
class Duration(Amount):
    """So many seconds, slowing down included."""

    seconds: float

    def speed(self, way: Travelled, pace: float) -> float:
        left = self.seconds - way.time
        return 0.0 if left <= 0 else min(pace, max(0.2, _SLOW_DOWN * left))

    def nominal(self, pace: float) -> float:
        return self.seconds

    def text(self, direction: str) -> str:
        return f"at rest after {self.seconds:g} s, and moved {direction}"


@dataclass(frozen=True)
class Steps(Amount):
    """So many steps: times that a foot is put ahead of the other, or sideways the foot of that side is put out.

    The last ones are slower, so that one more foot put beside the other is enough to come to rest.
    """

    number: int
    direction: str = "forward"
    short = True

    def speed(self, way: Travelled, pace: float) -> float:
        left = self.number - way.steps
        last, drop = _ENDS[self.direction in ("left", "right")]
        last = _ONLY if self.number == 1 else last
        return min(pace, last + drop * (left - 1)) if left > 0 else 0.0

    def missed(self, way: Travelled) -> str:
        off = abs(way.steps - self.number)
        right = way.steps and off <= (_BACKWARD if self.direction == "backward" else 0)
        return "" if right else f"made {way.steps} steps, not {self.number}"

    def nominal(self, pace: float) -> float:
        return 0.6 * (self.number + 1)

    def text(self, direction: str) -> str:
        about = ", one more or less" if direction == "backward" else ""
        return f"at rest after {self.number} steps {direction}{about}, each by {STEP:g} m or more"


def checked_amounts(step: Step) -> list[Amount]:
    """What a step says of how far: nothing, or one amount.

    Raises:
        GroundingError: several amounts, or one that is too much.
    """
    verb = step.verb.replace("_", " ")
    said: list[Amount] = []
    for value, most, unit, kind in (
        (step.distance_m, _FARTHEST, "m", Distance),
        (step.duration_s, _LONGEST, "s", Duration),
        (step.steps, _MOST, "steps", Steps),
    ):
        if value is not None and value > most:
            raise GroundingError(
                f"{verb!r}: {value:g} {unit} is too much; at most {most:g} {unit}", "impossible_amount"
            )
        if value is not None:
            said.append(kind(value))  # type: ignore[arg-type]
    if len(said) > 1:
        message = f"{verb!r}: say a distance, a number of steps or a time, not several of them"
        raise GroundingError(message, "contradiction")
    return said
