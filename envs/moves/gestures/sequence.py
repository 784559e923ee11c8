"""A gesture: poses of the arms one after another, each of them judged by where the arms are measured."""

from __future__ import annotations

from typing import Literal

from simonsays.assets.notes import dataclass
from simonsays.envs.moves.arms import arm
from simonsays.envs.moves.behavior import SkillContext, SkillOutput
from simonsays.envs.moves.gestures.limbs import Limb, held, measured, missed
from simonsays.envs.moves.poses import BOTH, Glide, Held, rest
from simonsays.sim.specs import RobotSpec

NEAR = 0.18
"""lengths of the arm that elbow and hand may be off their places"""
_LATE, _DOWN = 1.0, 1.0  # s: longer than planned; to come down


Arms = Literal["pair", "both", "one"]


@dataclass(frozen=True)
class Frame:
    """A pose of the arms that take part."""

    limbs: tuple[Limb, ...]
    """one: of each of them, the right one mirrored; two: of the left and of the right"""
    seconds: float
    """on the way to it"""
    hold: float = 0.0
    """s, that it is kept"""

    def of(self, side: str) -> Limb:
        """How the arm of a side is held."""
        return self.limbs[0 if len(self.limbs) == 1 else BOTH.index(side)]


@dataclass(frozen=True)
class Gesture:
    """A way into it, what is repeated, a way out of it; then the arms come down."""

    text: str
    """its caption: ``{arms}`` and ``{hands}`` are those that do it"""
    success: str
    """what must have been measured, in words"""
    into: tuple[Frame, ...] = ()
    beat: tuple[Frame, ...] = ()
    count: int = 1
    """of beats, where nothing is said"""
    out: tuple[Frame, ...] = ()
    arms: Arms = "both"
    """that do it, where no side is said: both, and no other number (pair); both; or one, that is free"""
    keeps: bool = False
    """the arms stay there, as of one that is told to be held, until something else wants them"""

    @property
    def period(self) -> float:
        """s, of one beat."""
        return sum(frame.seconds + frame.hold for frame in self.beat)


class Posing:
    """Brings arms from pose to pose, each kept as long as it is told, and down in the end, unless they stay."""

    def __init__(self, robot: RobotSpec, sides: tuple[str, ...], frames: list[Frame], *, stays: bool = False) -> None:
        self._robot, self._sides, self._frames, self._stays = robot, sides, frames, stays
        self._place = -1
        self._next()

    def _next(self) -> None:
        self._place += 1
        self._held, self._waited = Held(), 0.0
        last = self._place >= len(self._frames)
        self._glide = Glide(_DOWN if last else self._frames[self._place].seconds)
        self._nearest = dict.fromkeys(self._sides, float("inf"))

    def update(self, ctx: SkillContext) -> SkillOutput:
        if self._place >= len(self._frames):
            targets = self._glide.update(ctx, rest(self._robot, self._sides))
            return SkillOutput(status="success") if self._glide.done else SkillOutput(joint_targets=targets)
        frame = self._frames[self._place]
        goal = {name: angle for side in self._sides for name, angle in held(self._robot, side, frame.of(side)).items()}
        targets = self._glide.update(ctx, goal)
        off = [self._off(ctx, side, frame) for side in self._sides]
        there = self._glide.done and max(off) <= NEAR
        if self._held.update(there, ctx.dt) > frame.hold:
            if self._stays and self._place == len(self._frames) - 1:
                return SkillOutput(joint_targets=targets, status="success")
            self._next()
        self._waited += ctx.dt * (self._glide.done and not there)
        if self._waited > _LATE:
            return SkillOutput(joint_targets=targets, status="failure", reason=self._reason())
        return SkillOutput(joint_targets=targets)

    def _off(self, ctx: SkillContext, side: str, frame: Frame) -> float:
        off = missed(self._robot, side, frame.of(side), measured(ctx, self._robot, side))
        self._nearest[side] = min(self._nearest[side], off)
        return off

    def _reason(self) -> str:
        side = max(self._nearest, key=lambda each: self._nearest[each])
        far = self._nearest[side] * arm(self._robot, side).reach
        return f"the {side} arm came no nearer than {far:.2f} m to pose {self._place + 1} of {len(self._frames)}"
