"""The moves of a dance: poses of both arms by turns, a twist of the waist, and what the legs do, all to a beat."""

from __future__ import annotations

from typing import Literal

from simonsays.assets.notes import dataclass
from simonsays.envs.moves.gestures.limbs import Limb
from simonsays.envs.moves.gestures.sequence import Frame

Legs = Literal["rest", "tread", "aside", "spin"]
BAR = 4
"""beats, of a move; a turn takes one bar there and one back"""


@dataclass(frozen=True)
class Move:
    """A bar: the arms go from one pose to the other and back, each time for ``beats``."""

    one: tuple[Limb, Limb]
    other: tuple[Limb, Limb]
    """of the left and the right arm"""
    beats: int = 1
    twist: float = 0.0
    """rad, of the waist: left in the one pose, right in the other"""
    legs: Legs = "rest"

    @property
    def bars(self) -> int:
        """How many it takes."""
        return 2 if self.legs == "spin" else 1

    def frame(self, beat: int, seconds: float) -> Frame:
        """The pose from a beat of the move on, to be reached in so many s."""
        return Frame(self.one if self.first(beat) else self.other, seconds)

    def first(self, beat: int) -> bool:
        """Whether a beat of the move is one of its first pose."""
        return beat // self.beats % 2 == 0


_UP = Limb((0.0, 1.0, 0.65), fore=(0.0, 0.3, 1.0))
_HIGH = Limb((0.0, 1.0, 0.4), fore=(0.1, 0.6, 1.0))
_LOW = Limb((0.1, 1.0, -0.8), fore=(0.4, 0.6, -0.5))
_BENT = Limb((0.0, 1.0, -0.1), fore=(0.2, 0.1, 1.0))
_HANGING = Limb((0.1, 1.0, 0.0), fore=(0.3, 0.3, -1.0))
_AHEAD = Limb((0.5, 0.5, -1.0), fore=(1.0, 0.1, 0.5))
_BACK = Limb((-0.3, 0.5, -1.0), fore=(0.8, 0.2, -0.3))
_OUT = Limb((0.1, 1.0, -0.1), fore=(0.1, 1.0, 0.2))

GROOVE = Move((_AHEAD, _BACK), (_BACK, _AHEAD), twist=0.25, legs="tread")
DISCO = Move((_HIGH, _LOW), (_LOW, _HIGH), beats=2, twist=0.2)
ROBOT = Move((_BENT, _HANGING), (_HANGING, _BENT), beats=2)
ROOF = Move((_BENT, _BENT), (_UP, _UP), beats=2, legs="tread")
SIDES = Move((_LOW, _LOW), (_AHEAD, _AHEAD), beats=2, legs="aside")
WINGS = Move((_OUT, _OUT), (_LOW, _LOW), twist=0.15)
SPIN = Move((_OUT, _LOW), (_LOW, _OUT), beats=2, legs="spin")
MOVES = (GROOVE, DISCO, ROOF, SIDES, ROBOT, WINGS, SPIN)
