"""The parts: what is run on both sides, and how their results are compared."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from compare import Outcome
from corpus import cases, recorded_cases, scan_commands
from numpy.typing import NDArray
from recipes import Training, trainings
from trees import Side, probe, run_sides


class Settings(NamedTuple):
    """How much is to be run."""

    seeds: int = 2
    quick: bool = False
    in_turn: bool = False


def parses(old: Side, new: Side, work: Path, settings: Settings) -> Outcome:
    """Every text's Instruction or error, what it is rendered as, and its plan or why there is none."""
    outcome, every = Outcome("parses"), 8 if settings.quick else 1
    texts, scan = cases(old.root, settings.quick), scan_commands(2000)
    inputs = {"cases": texts[::every], "scan": scan[::every]}
    _write(work / "inputs.json", inputs)
    if outcome.failed(probe(old, new, "parses", work, settings.in_turn)):
        return outcome
    before, after = (_read(work / side.name / "found.json") for side in (old, new))
    outcome.cases = len(before)
    outcome.notes.append(_kinds([entry for found in before.values() for entry in (found, found.get("plan", {}))]))
    for case, found in before.items():
        outcome.data(case, found, after.get(case, {}))
    return outcome


def recordings(old: Side, new: Side, work: Path, settings: Settings) -> Outcome:
    """What the robot did, bit by bit, and what was said of it."""
    outcome = Outcome("recordings")
    runs = [{**case, "seed": seed} for case in recorded_cases(settings.quick) for seed in range(settings.seeds)]
    _write(work / "inputs.json", {"runs": runs})
    if outcome.failed(probe(old, new, "recordings", work, settings.in_turn)):
        return outcome
    before, after = (_read(work / side.name / "found.json") for side in (old, new))
    outcome.cases = len(runs)
    done = sum(1 for entry in before.values() if entry.get("success"))
    outcome.notes += [f"of {len(runs)} runs of the old tree {done} succeeded", _kinds(list(before.values()))]
    for i, run in enumerate(runs):
        case = f"{run['text']} [{run['scene']}, seed {run['seed']}]"
        outcome.data(case, before[str(i)], after[str(i)])
        files = [work / side.name / f"{i}.npz" for side in (old, new)]
        if all(file.is_file() for file in files):
            (was, told), (now, tells) = (_recording(file) for file in files)
            outcome.arrays(case, was, now)
            outcome.data(case, told, tells, "meta", grows=True)
        elif files[0].is_file():
            outcome.add(case, "recording", "written", "none")
    return outcome


def onnx(old: Side, new: Side, work: Path, settings: Settings) -> Outcome:
    """Every shipped policy's actions on random observations, in NumPy and as an exported model."""
    outcome, inputs = Outcome("onnx"), {}
    for file in sorted((old.root / "assets" / "policies").glob("*/policy.json")):
        inputs[file.parent.name] = {block["block"]: block["width"] for block in _read(file)["observation"]}
    _write(work / "inputs.json", inputs)
    if outcome.failed(probe(old, new, "onnx", work, settings.in_turn)):
        return outcome
    outcome.cases = len(inputs)
    for name in inputs:
        was, now = (_arrays(work / side.name / f"{name}.npz") for side in (old, new))
        outcome.arrays(name, was, now, tolerance=1e-6)
        outcome.data(name, *(_read(work / side.name / f"{name}.json") for side in (old, new)))
    return outcome


_TIMES = re.compile(r"^time/(fps|time_elapsed)$|seconds|wall_clock")
"""columns of progress.csv that are never the same twice"""


def training(old: Side, new: Side, work: Path, settings: Settings) -> Outcome:
    """Every recipe for some 2,000 env steps: the policy's weights and what was logged."""
    outcome = Outcome("training")
    for each in trainings(old.root, settings.quick):
        outcome.cases += 1
        _train(old, new, each, work / each.name, settings.in_turn, outcome)
    return outcome


def _train(old: Side, new: Side, each: Training, work: Path, in_turn: bool, outcome: Outcome) -> None:
    command = ["-m", "simonsays.experiments.cli", "train", each.name, "--run-dir", "run", *each.options]
    if outcome.failed(run_sides(old, new, {side.name: command for side in (old, new)}, work, in_turn)):
        return
    runs = [work / side.name / "run" for side in (old, new)]
    was, now = (_tensors(run / "bundle" / "policy.safetensors") for run in runs)
    outcome.arrays(each.name, was, now)
    before, after = (_table(run / "logs" / "progress.csv") for run in runs)
    for column in before:
        if not _TIMES.search(column):
            outcome.data(each.name, before[column], after.get(column, []), f"progress.{column}")
    for column in after:
        if column not in before:
            outcome.add_new(f"progress.{column}")


def _kinds(found: list[dict[str, Any]]) -> str:
    """What errors the old tree had: a kind that is not the project's would be the probe's fault."""
    counts = Counter(entry["error"]["kind"] for entry in found if "error" in entry)
    return "the old tree's errors: " + (", ".join(f"{kind} {count:,}" for kind, count in counts.items()) or "none")


def _write(file: Path, data: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")


def _read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def _arrays(file: Path) -> dict[str, NDArray[Any]]:
    with np.load(file, allow_pickle=False) as data:
        return {name: data[name] for name in data.files}


def _recording(file: Path) -> tuple[dict[str, NDArray[Any]], Any]:
    """Arrays and meta of a recording."""
    arrays = _arrays(file)
    return arrays, json.loads(str(arrays.pop("meta")))


def _tensors(file: Path) -> dict[str, NDArray[Any]]:
    from safetensors.numpy import load_file

    return load_file(file)


def _table(file: Path) -> dict[str, list[str]]:
    """Columns of a CSV file."""
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {column: [row[column] for row in rows] for column in (rows[0] if rows else {})}


PARTS: dict[str, Callable[[Side, Side, Path, Settings], Outcome]] = {
    "parses": parses,
    "recordings": recordings,
    "onnx": onnx,
    "training": training,
}
