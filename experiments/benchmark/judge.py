"""The independent judge: whether a recording shows what an Instruction says, by small geometric tests of its own.

It sees the recording alone (base, joints, props, times of the steps), never a skill's class or verdict. There is one
test a verb: ours in the modules judge_*.py beside this one, found by being there; another package gives those of its
own verbs to :func:`register_test`. Each looks at every slot that the verb takes, but for the speed of what is neither
walked nor run.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simonsays.assets.notes import dataclass
from simonsays.assets.registry import Registry
from simonsays.envs.language.instruction import Instruction, Step
from simonsays.envs.language.vocabulary import verbs
from simonsays.experiments.benchmark.aims import Aim
from simonsays.experiments.benchmark.track import Track

_LOWEST, _STEEPEST = 0.38, 0.65  # m, the base's height, and the cosine of its tilt: beyond it has fallen
_STANDS = 0.9  # of its height at the start


class Segment(NamedTuple):
    """When a step was done, s."""

    start: float
    end: float


@dataclass(frozen=True)
class Finding:
    """What a test found: ``fault`` is empty where the step was done, else what is wrong in a few words."""

    fault: str = ""
    overshot: bool = False
    """more was done than was told"""
    judged: bool = True
    """False: there is no test for the verb, so that nothing is said of it"""

    @property
    def ok(self) -> bool:
        """The step was done, or nothing can be said of it."""
        return not self.fault


OK = Finding()
MISSING, NOT_JUDGED = Finding("not begun"), Finding(judged=False)
Test = Callable[[Track, Step, Aim], Finding]

_TESTS: Registry[Test] = Registry("judge's test of a verb")


def register_test(verb: str, test: Test) -> Test:
    """Have a verb judged: ``test(part, step, aim)`` holds the part of a recording in which a step was done against it.

    Raises:
        InputError: another module has given a test for the verb.
    """
    return _TESTS.register(verb, test)


@cache
def _register_ours() -> None:
    for module in pkgutil.iter_modules([str(Path(__file__).parent)], f"{__package__}."):
        if module.name.rpartition(".")[2].startswith("judge_"):
            for verb, test in importlib.import_module(module.name).TESTS.items():
                register_test(verb, test)


def verb_tests() -> Mapping[str, Test]:
    """The test of each verb that can be judged."""
    _register_ours()
    return _TESTS


@dataclass(frozen=True)
class Judgement:
    """What the judge says of a whole recording."""

    steps: tuple[Finding, ...]
    fell: bool
    extra: int = 0
    """parts of the recording for which there is no step"""

    @property
    def success(self) -> bool:
        """Every step that can be judged was done, nothing more was, and the robot did not fall, not even to get up."""
        return not self.fell and not self.extra and all(step.ok for step in self.steps)


def judge(track: Track, instruction: Instruction, aims: Sequence[Aim], segments: Sequence[Segment | None]) -> Judgement:
    """Hold a recording against an Instruction: the i-th step against the i-th segment; None where it was not begun."""
    padded = [*segments, *[None] * (len(instruction.steps) - len(segments))]
    findings = tuple(
        judge_step(track, step, aim, segment)
        for step, aim, segment in zip(instruction.steps, aims, padded, strict=False)
    )
    down = (track.height < _LOWEST) | (track.upright < _STEEPEST)
    fell = bool((down & ~_told_to_lie(track, instruction, padded)).any())
    return Judgement(findings, fell, max(0, len(segments) - len(instruction.steps)))


def _told_to_lie(track: Track, instruction: Instruction, segments: Sequence[Segment | None]) -> NDArray[np.bool_]:
    """(T,) whether it may be on the ground: from a step that means that on, until it stands after it."""
    told = np.zeros(len(track.time), dtype=bool)
    stands = track.height > _STANDS * track.standing
    for step, segment in zip(instruction.steps, segments, strict=False):
        if segment is not None and "lies" in verbs()[step.verb].traits:
            up = stands & (track.time > segment.end)
            told |= (track.time >= segment.start) & (track.time <= (track.time[up][0] if up.any() else np.inf))
    return told


def judge_step(track: Track, step: Step, aim: Aim, segment: Segment | None) -> Finding:
    """Hold a part of a recording against one step."""
    if segment is None:
        return MISSING
    test = verb_tests().get(step.verb)
    return NOT_JUDGED if test is None else test(track.part(*segment), step, aim)


def amount(measured: float, wanted: float, tolerance: float, unit: str) -> Finding:
    """Whether a measured amount is what was told."""
    if abs(measured - wanted) <= tolerance:
        return OK
    return Finding(f"{measured:.2f} {unit}, not {wanted:.2f}", measured > wanted)


def counted(measured: int, wanted: int | None, what: str) -> Finding:
    """Whether something was done as often as told; once or more where nothing is said."""
    if measured == wanted or (wanted is None and measured > 0):
        return OK
    return Finding(f"{measured} {what}, not {wanted or 1}", measured > (wanted or 1))


def first_fault(*findings: Finding) -> Finding:
    """The first finding that is a fault, if one is."""
    return next((finding for finding in findings if not finding.ok), OK)


def require(condition: bool, fault: str) -> Finding:
    """A fault unless the condition holds."""
    return OK if condition else Finding(fault)
