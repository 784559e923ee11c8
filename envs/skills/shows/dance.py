"""dance: bars of moves to a beat, drawn by the seed; on the spot, and never out of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

import numpy as np

from simonsays.assets.notes import dataclass
from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.behavior import Settled, SkillContext, SkillOutput
from simonsays.envs.moves.gestures.dancing import BAR, DISCO, GROOVE, MOVES, ROBOT, ROOF, WINGS, Move
from simonsays.envs.moves.gestures.limbs import held_by, measured, missed
from simonsays.envs.moves.gestures.roles import ARM, joint_of
from simonsays.envs.moves.gestures.sequence import NEAR, Frame
from simonsays.envs.moves.poses import BOTH, Glide, rest
from simonsays.envs.moves.skill import (
    GroundedStep,
    GroundingError,
    Skill,
    Surroundings,
    held_seconds,
    register_skill,
    said_seconds,
)
from simonsays.envs.moves.steering import STILL, Command, clip, hold_heading, seen_from
from simonsays.envs.skills.gestures.posing import check_reach
from simonsays.envs.skills.legs.turn import turned_first
from simonsays.sim.specs import RobotSpec

_BEATS = {"slow": 0.85, "normal": 0.65, "fast": 0.55}  # s
_SECONDS = 12.0
_STRAYED = 0.6  # m, from where it began
_HIT = 0.8  # share of the poses that must be there on the beat
_LOOSE = 1.5  # times as far off as in a gesture that is held
_KEEP, _ASIDE, _SPIN = 0.06, 0.2, 0.6  # m/s, m/s and rad/s
_DOWN = 1.0  # s


@dataclass(frozen=True)
class Manner:
    """How it is danced: s a beat, the share of it in which a pose is taken, and which moves there are."""

    beat: float
    sharp: float = 0.85
    moves: tuple[Move, ...] = MOVES


MANNERS: Mapping[str, Manner] = MappingProxyType({
    "happy": Manner(0.55, moves=(GROOVE, ROOF, DISCO, WINGS)),
    "proud": Manner(0.75, moves=(DISCO, WINGS, ROOF)),
    "tired": Manner(1.0, 1.0, moves=(GROOVE, WINGS)),
    "robotic": Manner(0.75, 0.5, moves=(ROBOT, WINGS)),
})  # fmt: skip
"""by the style of an Instruction; of the others nothing can be told from a dance"""


class Dance:
    """Bars of moves until the time is over; it counts the poses in which the arms are measured on the beat."""

    def __init__(self, robot: RobotSpec, manner: Manner, bars: int) -> None:
        self._robot, self._manner, self._bars = robot, manner, bars
        self._waist = joint_of(robot, "waist_yaw")
        self._still: Settled | None = Settled()
        self._score: list[tuple[Move, int]] = []
        self._began = self._strayed = 0.0
        self._beat, self._poses, self._hits = -1, 0, 0
        self._ending: Glide | None = None

    def update(self, ctx: SkillContext) -> SkillOutput:
        if self._still is not None:
            if not self._still.update(ctx):
                return SkillOutput()
            self._still, self._began = None, ctx.time
            self._place, self._yaw = ctx.position, ctx.state.yaw
            self._score = compose(self._manner.moves, self._bars, ctx.seed)
        self._strayed = max(self._strayed, math.dist(ctx.position, self._place))
        beat = math.floor((ctx.time - self._began) / self._manner.beat + 1e-6)
        if beat >= len(self._score):
            return self._end(ctx)
        move, step = self._score[beat]
        if beat != self._beat and (self._beat < 0 or step % move.beats == 0 or self._score[self._beat][0] is not move):
            self._judge(ctx)
            self._frame = move.frame(step, self._manner.sharp * move.beats * self._manner.beat)
            self._glide = Glide(self._frame.seconds)
        self._beat = beat
        goal = self._goal(self._frame)
        if self._waist:
            goal |= self._waist.to(move.twist if move.first(step) else -move.twist)
        return SkillOutput(self._command(ctx, move, step), joint_targets=self._glide.update(ctx, goal))

    def _goal(self, frame: Frame) -> dict[str, float]:
        return {k: v for side in BOTH for k, v in held_by(self._robot, (side,), frame.of(side)).items()}

    def _judge(self, ctx: SkillContext) -> None:
        """Whether the pose that is over was there."""
        if self._beat < 0:
            return
        off = [missed(self._robot, side, self._frame.of(side), measured(ctx, self._robot, side)) for side in BOTH]
        self._poses += 1
        self._hits += max(off) <= _LOOSE * NEAR

    def _command(self, ctx: SkillContext, move: Move, step: int) -> Command:
        """Steps and turns around its place, which it goes back to meanwhile."""
        if move.legs == "rest":
            return STILL
        ahead, left = seen_from(ctx.position, ctx.state.yaw, self._place)
        forward = clip(0.8 * ahead, 0.15)
        forward = math.copysign(max(_KEEP, abs(forward)), forward)
        if move.legs == "spin":
            return forward, clip(0.8 * left, 0.1), _SPIN if step < BAR else -_SPIN
        home = hold_heading(ctx.state.yaw, self._yaw)
        aside = _ASIDE * (1.0 if move.first(step) else -1.0) if move.legs == "aside" else 0.0
        return forward, clip(0.8 * left, 0.1) + aside, home

    def _end(self, ctx: SkillContext) -> SkillOutput:
        """The arms come down, and it comes to rest."""
        if self._ending is None:
            self._judge(ctx)
            self._ending, self._resting = Glide(_DOWN), Settled()
        waist = self._waist.to(0.0) if self._waist else {}
        targets = self._ending.update(ctx, {**rest(self._robot, BOTH), **waist})
        if not self._resting.update(ctx) or not self._ending.done:
            return SkillOutput(joint_targets=targets)
        if self._strayed > _STRAYED:
            return SkillOutput(status="failure", reason=f"strayed {self._strayed:.2f} m from its place")
        if self._hits < _HIT * self._poses:
            return SkillOutput(status="failure", reason=f"{self._hits} of {self._poses} poses were there on the beat")
        return SkillOutput(status="success")


def compose(moves: tuple[Move, ...], bars: int, seed: int) -> list[tuple[Move, int]]:
    """The move of each beat, and which of its beats that is: moves by a seed, none twice in succession, whole ones."""
    rng, score, last = np.random.default_rng(abs(seed)), list[tuple[Move, int]](), None
    while len(score) < bars * BAR:
        left = bars - len(score) // BAR
        fitting = [move for move in moves if move is not last and move.bars <= left]
        last = fitting[int(rng.integers(len(fitting)))]
        score += [(last, beat) for beat in range(last.bars * BAR)]
    return score


def _manner(step: Step) -> Manner:
    if step.style is None:
        return Manner(said_seconds(step, _BEATS))
    if step.speed is not None:
        raise GroundingError("'dance': say in which manner or how fast, not both", "contradiction")
    if step.style not in MANNERS:
        message = f"'dance': of a dance that is {step.style} nothing else is to be seen; it can be {', '.join(MANNERS)}"
        raise GroundingError(message, "unsupported_skill", suggestions=tuple(MANNERS))
    return MANNERS[step.style]


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    manner, seconds = _manner(step), held_seconds(step, _SECONDS)
    sides = surroundings.arms(replace(step, side="both"))
    poses = (move.frame(beat, 0.0) for move in manner.moves for beat in (0, move.beats))
    check_reach(step, surroundings.robot, sides, poses)
    bars = max(1, round(seconds / (BAR * manner.beat)))
    make = partial(Dance, surroundings.robot, manner, bars)
    start, _, where = turned_first(step, surroundings, make)
    text = f"dance{f' {step.style}' if step.style else ''}{f' {step.speed}' if step.speed else ''}{where}"
    text += f" for {seconds:g} seconds" if step.duration_s else ""
    success = f"{_HIT:.0%} of the poses were there on the beat, and never more than {_STRAYED:g} m from its place"
    return GroundedStep("dance", text, 20.0 + 1.2 * seconds, start, success, arms=sides)


SKILL = register_skill(
    Skill(
        "dance",
        "dance",
        _ground,
        (ARM,),
        takes=("style", "speed", "duration"),
        cameras=("orbit", "follow"),
    )
)
