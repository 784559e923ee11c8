"""One episode: a sentence in a scene, done, judged twice, and held against texts that mean something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simonsays.assets import InputError
from simonsays.assets.notes import dataclass
from simonsays.envs.language import Instruction, ParseError, parse
from simonsays.envs.plan.plan import Plan, StepVerdict, ground
from simonsays.envs.policy.policy import Policy
from simonsays.envs.skills import GroundingError
from simonsays.experiments.benchmark.judge import Judgement, Segment, judge, verb_tests
from simonsays.experiments.benchmark.labels import Evidence, failure_label
from simonsays.experiments.benchmark.mismatch import BLANK, Mismatch, at_rest, contradicted, swapped
from simonsays.experiments.benchmark.scenes import NoScene, Staged, stage
from simonsays.experiments.benchmark.suite import Case, Episode
from simonsays.experiments.benchmark.track import Track, track
from simonsays.experiments.say import SayResult, run_instruction
from simonsays.sim.engines import DEFAULT
from simonsays.sim.robots import get_robot

BASELINES = ("zero", "random")


class Baseline(Policy):
    """``zero``: no residual on the reference gait; ``random``: every action drawn evenly from the whole range."""

    def __init__(self, name: str, seed: int) -> None:
        if name not in BASELINES:
            raise InputError(f"no baseline {name!r}; there are: {', '.join(BASELINES)}")
        self.name, self.description = name, {}
        self._rng = np.random.default_rng(seed)
        self._low = self._high = np.zeros(0)

    def check(self, env: Any, **seen: Any) -> None:
        """Take any env: its action space is all that is asked."""
        space = env.unwrapped.action_space
        self._low, self._high = (space.low, space.high) if self.name == "random" else (0 * space.low, 0 * space.high)

    def predict(
        self,
        observation: NDArray[Any] | Mapping[str, NDArray[Any]],
        state: Any = None,
        episode_start: Any = None,
        deterministic: bool = False,
    ) -> tuple[NDArray[np.float32], None]:
        """The action (L,), whatever the observation."""
        return self._rng.uniform(self._low, self._high).astype(np.float32), None


def make_policy(name: str | Path, seed: int) -> Policy | str | Path:
    """A baseline by its name, which then does every motion; any other name is that of a bundle for the gait."""
    return Baseline(str(name), seed) if str(name) in BASELINES else name


Record = dict[str, Any]


@dataclass(frozen=True)
class Settings:
    """How episodes are run."""

    robot: str
    policy: str
    recordings: Path
    """folder of the recordings that are kept"""
    keep: bool = False
    """keep recordings of successes too"""
    engine: str = DEFAULT
    """of the physics"""


@dataclass(frozen=True)
class Run:
    """What came of one instruction: the recording as the judge sees it, and the runner's verdicts."""

    result: SayResult
    track: Track
    segments: tuple[Segment | None, ...]


def run_episode(episode: Episode, settings: Settings, others: Sequence[Case]) -> Record:
    """Run an episode; equal arguments give equal records. ``others``: the candidates for a swapped text."""
    case = episode.case
    record = _description(episode)
    if case.refusal:
        return {**record, "status": "refusal", **_refusal(case, settings.robot)}
    try:
        staged = stage(case.example, episode.seed, settings.robot)
    except NoScene as reason:
        return {**record, "status": "excluded", "reason": str(reason)}
    record |= {"status": "run", "own_scene": staged.own, "at_rest": at_rest(case.example.instruction)}
    matching = _matching(episode, staged, settings)
    record |= {"matching": matching, "oracle": _oracle(episode, staged, settings, matching)}
    # Mismatched texts are of no use with a policy that knows nothing.
    if settings.policy not in BASELINES and not record["at_rest"] and not record["not_judged"]:
        record["mismatched"] = _mismatched(episode, staged, settings, others)
    return record


def _description(episode: Episode) -> Record:
    example = episode.case.example
    return {
        "name": episode.name,
        "suite": episode.case.suite,
        "place": episode.case.place,
        "seed": episode.seed,
        "text": example.text,
        "language": example.language,
        "scene": example.scene_name,
        "verbs": [step.verb for step in example.instruction.steps],
        "not_judged": sorted({step.verb for step in example.instruction.steps} - set(verb_tests())),
        "instruction": example.instruction.to_json(),
    }


def _refusal(case: Case, robot: str) -> Record:
    """Whether a sentence that cannot be done is refused for the reason that it should be refused for."""
    try:
        ground(parse(case.example.text), case.example.scene, get_robot(robot))
    except (ParseError, GroundingError) as error:
        return {"wanted": case.refusal, "got": error.code, "reason": str(error), "correct": error.code == case.refusal}
    return {"wanted": case.refusal, "got": "", "reason": "it would be done", "correct": False}


def simulate(text: str, instruction: Instruction, staged: Staged, seed: int, settings: Settings) -> Run:
    """Do an Instruction in a scene."""
    how: dict[str, Any] = {"policy": make_policy(settings.policy, seed), "robot": settings.robot}
    how["engine"] = settings.engine
    result = run_instruction(text, instruction=instruction, scene=staged.scene, seed=seed, **how)
    return Run(result, track(result.recording), segments(result.plan, result.verdicts, result.recording.time[-1]))


def segments(plan: Plan, verdicts: Sequence[StepVerdict], end: float) -> tuple[Segment | None, ...]:
    """When each step of the plan's Instruction was done; None where it was not begun."""
    found: list[Segment | None] = [None] * len(plan.instruction.steps)
    for i, verdict in zip((step.source for step in plan.steps), verdicts, strict=True):
        if verdict.started is not None:
            before = found[i]
            start = verdict.started if before is None else before.start
            found[i] = Segment(start, float(end) if verdict.ended is None else verdict.ended)
    return tuple(found)


def _matching(episode: Episode, staged: Staged, settings: Settings) -> Record:
    """The sentence as the robot reads it."""
    example = episode.case.example
    try:
        heard = parse(example.text)
        ground(heard, staged.scene, get_robot(settings.robot))
    except (ParseError, GroundingError) as error:
        steps = [{"verb": step.verb, "begun": False} for step in example.instruction.steps]
        failed = {"runner": False, "judge": False, "success": False, "label": "refused"}
        return {**failed, "reason": str(error), "steps": steps, "heard": None, "recording": None}
    return _judged(episode, heard, staged, settings, episode.name)


def _oracle(episode: Episode, staged: Staged, settings: Settings, matching: Record) -> Record:
    """What is meant, done by the same skills; an equal Instruction gives an equal run, which is not run twice."""
    meant = episode.case.example.instruction
    if matching["heard"] == meant.to_json():
        return {"success": matching["success"], "steps": matching["steps"], "same": True}
    judged = _judged(episode, meant, staged, settings, f"{episode.name}-oracle")
    return {"success": judged["success"], "steps": judged["steps"], "same": False}


def _judged(episode: Episode, done: Instruction, staged: Staged, settings: Settings, name: str) -> Record:
    """Do an Instruction and hold the run against the one that is meant: by the runner's tests, and by the judge."""
    example = episode.case.example
    run = simulate(example.text, done, staged, episode.seed, settings)
    judgement = judge(run.track, example.instruction, staged.aims, run.segments)
    succeeded = run.result.success and judgement.success
    meant, verdicts = example.instruction, run.result.verdicts
    evidence = Evidence(run.track, meant, done, staged.aims, run.segments, judgement, verdicts)
    return {
        "runner": run.result.success,
        "judge": judgement.success,
        "success": succeeded,
        "label": "" if succeeded else failure_label(evidence),
        "reason": "" if succeeded else _reason(run, judgement),
        "steps": _steps(example.instruction, run, judgement),
        "heard": done.to_json(),
        "recording": _save(run, settings, name) if settings.keep or not succeeded else None,
    }


def _reason(run: Run, judgement: Judgement) -> str:
    """The first things that the runner and the judge have found."""
    said = [f"runner: {verdict.text}: {verdict.reason}" for verdict in run.result.verdicts if verdict.reason]
    found = [f"judge: step {i}: {step.fault}" for i, step in enumerate(judgement.steps, start=1) if not step.ok]
    return "; ".join((*said[:1], *found[:1])) or ("judge: fell" if judgement.fell else "judge: did more than was told")


def _steps(meant: Instruction, run: Run, judgement: Judgement) -> list[Record]:
    """Verdicts by step of what is meant; the runner's where it did as many steps."""
    verdicts: dict[int, list[StepVerdict]] = {}
    for i, verdict in zip((step.source for step in run.result.plan.steps), run.result.verdicts, strict=True):
        verdicts.setdefault(i, []).append(verdict)
    rows = []
    for i, (step, found) in enumerate(zip(meant.steps, judgement.steps, strict=True)):
        runner = i in verdicts and all(verdict.status == "success" for verdict in verdicts[i])
        begun = i < len(run.segments) and run.segments[i] is not None
        row = {
            "verb": step.verb,
            "begun": begun,
            "runner": runner,
            "judge": found.ok if found.judged else None,
            "fault": found.fault,
        }
        rows.append({**row, "success": runner and found.ok})
    return rows


def _save(run: Run, settings: Settings, name: str) -> str:
    file = settings.recordings / f"{name}.npz"
    run.result.recording.save(file)
    return f"{settings.recordings.name}/{file.name}"


def _mismatched(episode: Episode, staged: Staged, settings: Settings, others: Sequence[Case]) -> Record:
    """The same scene with other texts, held against what the scene was made for by the judge alone."""
    example = episode.case.example
    texts = {
        "swapped": swapped(episode.case, others, staged.scene, settings.robot),
        "contradicted": contradicted(example.instruction, staged.aims, staged.scene, settings.robot, example.language),
        "blank": Mismatch("", BLANK),
    }
    found: Record = {}
    for kind, mismatch in texts.items():
        if mismatch is None:
            continue
        run = simulate(mismatch.text, mismatch.instruction, staged, episode.seed, settings)
        parts = run.segments
        if kind == "blank":  # nothing was told: every step may look for itself in the whole of it
            parts = (Segment(0.0, float(run.track.time[-1])),) * len(example.instruction.steps)
        success = judge(run.track, example.instruction, staged.aims, parts).success
        recording = _save(run, settings, f"{episode.name}-{kind}") if success or settings.keep else None
        found[kind] = {"text": mismatch.text, "success": success, "recording": recording}
    return found
