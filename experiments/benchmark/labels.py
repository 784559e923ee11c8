"""Why an episode failed: one label each, the first that fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from simonsays.envs.language.instruction import Instruction
from simonsays.envs.plan.plan import StepVerdict
from simonsays.experiments.benchmark.aims import Aim
from simonsays.experiments.benchmark.judge import Judgement, Segment, judge_step
from simonsays.experiments.benchmark.track import Track

LABELS = ("refused", "misread", "fell", "wrong object", "out of order", "timed out", "overshot", "other")


@dataclass(frozen=True)
class Evidence:
    """What a label is found from."""

    track: Track
    instruction: Instruction
    heard: Instruction
    aims: Sequence[Aim]
    segments: Sequence[Segment | None]
    judgement: Judgement
    verdicts: Sequence[StepVerdict]


def failure_label(found: Evidence) -> str:
    """One of ``LABELS``, for an episode that failed and was not refused."""
    if found.heard != found.instruction:
        return "misread"
    if found.judgement.fell or any(verdict.reason.startswith("fell") for verdict in found.verdicts):
        return "fell"
    if _wrong_object(found):
        return "wrong object"
    if _out_of_order(found):
        return "out of order"
    if any(verdict.reason.startswith("timed out") for verdict in found.verdicts):
        return "timed out"
    return "overshot" if any(step.overshot for step in found.judgement.steps) else "other"


def _wrong_object(found: Evidence) -> bool:
    """A step that failed would have been right for another prop."""
    for i, step in enumerate(found.judgement.steps):
        if step.ok or found.aims[i].prop is None or i >= len(found.segments):
            continue
        others = [name for name in found.track.props if name not in (found.aims[i].prop, found.aims[i].prop2)]
        told, segment = found.instruction.steps[i], found.segments[i]
        if any(judge_step(found.track, told, replace(found.aims[i], prop=name), segment).ok for name in others):
            return True
    return False


def _out_of_order(found: Evidence) -> bool:
    """Every step was done, but not each in its place."""
    count = len(found.instruction.steps)
    if count < 2 or len(found.segments) != count or all(step.ok for step in found.judgement.steps):
        return False
    fits = [
        [judge_step(found.track, step, aim, segment).ok for segment in found.segments]
        for step, aim in zip(found.instruction.steps, found.aims, strict=True)
    ]
    return _assignable(fits)


def _assignable(fits: Sequence[Sequence[bool]]) -> bool:
    """Whether each row can have a column of its own (augmenting paths)."""
    owner: dict[int, int] = {}

    def place(row: int, seen: set[int]) -> bool:
        for column, fit in enumerate(fits[row]):
            if fit and column not in seen:
                seen.add(column)
                if column not in owner or place(owner[column], seen):
                    owner[column] = row
                    return True
        return False

    return all(place(row, set()) for row in range(len(fits)))
