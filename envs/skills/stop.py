"""stop: come to rest and do nothing for a while."""

from __future__ import annotations

from simonsays.envs.language.instruction import Step
from simonsays.envs.language.vocabulary import verb_words
from simonsays.envs.skills.base import (
    GroundedStep,
    GroundingError,
    Settled,
    Skill,
    SkillContext,
    SkillOutput,
    Surroundings,
    register_skill,
)

_DEFAULT = 1.0  # s
_LONGEST = 300.0


class Rest:
    """Command zero for a time, and then until the robot has come to rest."""

    def __init__(self, duration: float) -> None:
        self._duration = duration
        self._started: float | None = None
        self._settled = Settled(limit=float("inf"))

    def update(self, ctx: SkillContext) -> SkillOutput:
        if self._started is None:
            self._started = ctx.time
        rested = self._settled.update(ctx)
        if rested and ctx.time - self._started >= self._duration:
            return SkillOutput(status="success")
        return SkillOutput()


def ground_rest(verb: str, step: Step) -> GroundedStep:
    """A step that is to rest for the step's duration."""
    duration = step.duration_s or _DEFAULT
    if duration > _LONGEST:
        raise GroundingError(f"{verb!r}: {duration:g} s is too long; at most {_LONGEST:g} s", "impossible_amount")
    text = "stop" if verb == "stop" else "stand still"
    if step.duration_s:
        text += f" for {duration:g} s"
    return GroundedStep(verb, text, duration + 10.0, lambda: Rest(duration), f"at rest after {duration:g} s")


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    return ground_rest("stop", step)


SKILL = register_skill(
    Skill(
        verb_words(
            "stop",
            "",
            "stop|stop (moving|walking|running|turning|waving|jumping|dead|there|right there|where you are)|"
            "halt|wait|pause|freeze|(does not|doesn't|did not) move|hold|hold (on|position|it|there)|"
            "(hold|keep|stay|remain) (perfectly |completely |)(still|stationary|motionless|put|where you are|idle)|"
            "stay|come to a (stop|halt|standstill)|come to rest|do nothing|rest|relax|chill|chill out|idle|linger|"
            "brake|(take|have) (a|a little|a short) (break|rest|breather|pause)|hang on|stand by|sit tight|cease|"
            "be still|wait (there|here|around)|stop for a (rest|break|breather)|"
            "stop (and|to) (rest|wait|take a (rest|break|breather))",
            "停|停下|停下来|停止|等|等待|暂停|停一下|等一下|站住|歇着|歇|休息|别动|不动|原地不动|待着|"
            "保持不动|原地不动站|等一等|停住|等等",
            with_object="go_to",
        ),
        "stop",
        _ground,
        takes=("duration",),
        stays=True,
    )
)
