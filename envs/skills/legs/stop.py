"""stop: come to rest and do nothing for a while."""

from __future__ import annotations

from dataclasses import dataclass

from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.behavior import Settled, SkillContext, SkillOutput
from simonsays.envs.moves.skill import GroundedStep, GroundingError, Skill, register_skill
from simonsays.envs.skills.legs.crouch import Heights, height_over_soles

_DEFAULT = 1.0  # s
_LONGEST = 300.0
_PATIENCE, _STEPPING = 2.0, 1.0  # s without coming to rest, after which it steps on the spot for so long
_ON_THE_SPOT = (0.06, 0.0, 0.0)  # m/s: less would be told to stand


@dataclass(frozen=True)
class Upright:
    """How to stand up: how high, and how fast (m/s)."""

    heights: Heights
    rate: float


class Rest:
    """Command zero for a time, and then until the robot has come to rest.

    With ``upright`` it also rises, and must be up at the end.
    """

    def __init__(self, duration: float, upright: Upright | None = None) -> None:
        self._duration, self._upright = duration, upright
        self._started: float | None = None
        self._height = self._restless = 0.0
        self._settled = Settled(limit=float("inf"))

    def update(self, ctx: SkillContext) -> SkillOutput:
        height = None if self._upright is None else height_over_soles(ctx, self._upright.heights.sole)
        if self._started is None:
            self._started = ctx.time
            self._height = height or 0.0
        wanted = self._rise(ctx.dt)
        rested = self._settled.update(ctx)
        at = None if self._upright is None else self._upright.heights
        up = at is None or (height is not None and height >= at.up and wanted == at.standing)
        if rested and up and ctx.time - self._started >= self._duration:
            return SkillOutput(height=wanted, status="success")
        self._restless = 0.0 if rested else self._restless + ctx.dt
        if self._upright is None and self._restless % (_PATIENCE + _STEPPING) > _PATIENCE:
            return SkillOutput(_ON_THE_SPOT, height=wanted)  # a foot stands badly: it is put down anew
        return SkillOutput(height=wanted)

    def _rise(self, dt: float) -> float | None:
        """m, the height of the base that is wanted now."""
        if self._upright is None:
            return None
        self._height = min(self._upright.heights.standing, self._height + self._upright.rate * dt)
        return self._height


def ground_rest(step: Step, text: str, upright: Upright | None = None) -> GroundedStep:
    """A step that is to rest for the step's duration, upright at the end if that is wanted."""
    duration = step.duration_s or _DEFAULT
    if duration > _LONGEST:
        raise GroundingError(f"{step.verb!r}: {duration:g} s is too long; at most {_LONGEST:g} s", "impossible_amount")
    if step.duration_s:
        text += f" for {duration:g} s"
    success = f"at rest after {duration:g} s" + (f", the base above {upright.heights.up:g} m" if upright else "")
    return GroundedStep(step.verb, text, duration + 10.0, lambda: Rest(duration, upright), success)


SKILL = register_skill(
    Skill("stop", "stop", lambda step, _: ground_rest(step, "stop"), takes=("duration",), stays=True, at_rest=True)
)
