"""Steps of a plan in the words of the language in which they were said: for films and pages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from simonsays.envs.language import Instruction, render
from simonsays.envs.language.render import OURS
from simonsays.envs.moves.skill import GroundedStep, skills
from simonsays.envs.plan.plan import Plan, StepVerdict


def captions(plan: Plan, language: str) -> tuple[str, ...]:
    """What each step of a plan is, in a language."""
    return tuple(step.text if language == OURS else _caption(step, language) for step in plan.steps)


def captioned(plan: Plan, verdicts: list[StepVerdict], language: str) -> list[dict[str, Any]]:
    """The verdicts of a plan's steps as a recording's ``meta["steps"]`` has them, with the ``verb``; where the language
    is not the skills' own, with a ``caption``."""
    listed = [{"verb": step.verb, **verdict.to_json()} for step, verdict in zip(plan.steps, verdicts, strict=True)]
    if language == OURS:
        return listed
    return [{**said, "caption": each} for said, each in zip(listed, captions(plan, language), strict=True)]


def _caption(step: GroundedStep, language: str) -> str:
    said = step.meant or step.said
    if said is None:
        return step.text
    repeated = "count" not in skills()[said.verb].slots
    alone = replace(said, parallel_with_prev=False, count=None if repeated else said.count)
    return render(Instruction((alone,)), language)
