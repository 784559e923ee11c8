"""``simon compare``: groups of training runs beside each other, by what their checkpoints can do without assistance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, field
from pathlib import Path
from typing import Any

import numpy as np

from simonsays.agents.measure.checkpoints import checked_curve, evaluate_checkpoints, share
from simonsays.assets import InputError, did_you_mean
from simonsays.assets.notes import dataclass
from simonsays.assets.reading import read_json
from simonsays.experiments.studies.evidence import (
    REPS,
    improvement,
    interquartile_band,
    interquartile_mean,
    profile,
)

METRICS = ("survival", "success", "return", "length")
_GRID = 30  # places along a learning curve
Curve = dict[str, Any]


@dataclass(frozen=True)
class Group:
    """Runs of one kind: their curves by the run's name, and the runs that have none."""

    label: str
    curves: dict[str, Curve] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    runs: tuple[Path, ...] = ()
    """that are still to be measured"""


@dataclass(frozen=True)
class Evaluation:
    """How checkpoints that have not been measured yet are: episodes, first seed, processes, progress."""

    episodes: int = 30
    seed: int = 0
    jobs: int = 2
    progress: Callable[[int, int, str], None] | None = None


def load_groups(texts: Sequence[str], evaluation: Evaluation) -> list[Group]:
    """The groups of ``FOLDER`` or ``LABEL=FOLDER``; checkpoints that are not measured yet are measured now.

    A folder is a run, one of seed_N runs, or one of results, JSON files with ``variant`` and ``curve``.

    Raises:
        InputError: no such folder, nothing to compare in it, or two groups have one label: before any is measured.
    """
    found = [each for text in texts for each in _find(text)]
    labels = [each.label for each in found]
    for label in labels:
        if labels.count(label) > 1:
            raise InputError(f"two groups are called {label!r}: name them, as LABEL=FOLDER")
    measured = [each.curves | {run.name: _curve(run, evaluation) for run in each.runs} for each in found]
    return [Group(each.label, curves, each.missing) for each, curves in zip(found, measured, strict=True)]


def _find(text: str) -> list[Group]:
    """Groups before their runs are measured."""
    label, equals, path = text.partition("=")
    if equals and not label:
        raise InputError(f"{text!r}: no label; write LABEL=FOLDER, or FOLDER")
    folder = Path(path if equals else text)
    if not folder.is_dir():
        raise InputError(f"no such folder: {folder}")
    label = label if equals else folder.resolve().name
    if (folder / "run.json").is_file():
        from simonsays.agents.runs.run_dir import newest_checkpoint

        newest_checkpoint(folder)
        return [Group(label, runs=(folder.resolve(),))]
    runs = sorted(
        (run for run in folder.glob("seed_*") if (run / "run.json").is_file()),
        key=lambda run: (len(run.name), run.name),
    )
    if runs:
        trained = [run for run in runs if any((run / "checkpoints").glob("step_*"))]
        if not trained:
            raise InputError(f"{folder}: none of its runs has a checkpoint")
        return [Group(label, runs=tuple(trained), missing=tuple(run.name for run in runs if run not in trained))]
    found = read_results(folder)
    if not found:
        raise InputError(f"{folder}: no run (run.json), no runs in seed_*, and no results with curves in it")
    curves: dict[str, dict[str, Curve]] = {}
    for result in found:
        curves.setdefault(result["variant"], {})[f"seed_{result['seed']}"] = result["curve"]
    return [Group(f"{label}: {name}" if equals else name, curves=each) for name, each in curves.items()]


def _curve(run: Path, evaluation: Evaluation) -> Curve:
    tell = evaluation.progress
    return evaluate_checkpoints(
        run,
        episodes=evaluation.episodes,
        seed=evaluation.seed,
        jobs=evaluation.jobs,
        progress=None if tell is None else lambda done, total: tell(done, total, f"evaluating {run}"),
    )


def read_results(folder: Path) -> list[dict[str, Any]]:
    """Results of finished runs in a folder's JSON files, or those in its folder ``runs``.

    Raises:
        InputError: a file cannot be read, or two are of the same run.
    """
    found: list[dict[str, Any]] = []
    files: dict[tuple[str, str], Path] = {}
    for file in sorted([*folder.glob("*.json"), *folder.glob("runs/*.json")]):
        data = read_json(file)
        if isinstance(data, dict) and {"variant", "seed", "curve"} <= data.keys():
            try:
                data["curve"] = checked_curve(data["curve"])
            except ValueError as error:
                raise InputError(f"{file}: curve: {error}") from error
            if not data["curve"]["points"]:
                raise InputError(f"{file}: curve: it has no points")
            before = files.setdefault((str(data["variant"]), str(data["seed"])), file)
            if before != file:
                raise InputError(f"{file}: {data['variant']}, seed {data['seed']} is in {before.name} already")
            found.append({**data, "variant": str(data["variant"])})
    return found


def check_metric(metric: str | None) -> None:
    """Refuse what is no metric.

    Raises:
        InputError: an unknown one.
    """
    if metric is not None and metric not in METRICS:
        raise InputError(f"metric {metric!r}{did_you_mean(metric, METRICS)}")


def compare(groups: Sequence[Group], metric: str | None = None, *, seed: int = 0, reps: int = REPS) -> dict[str, Any]:
    """Figures of groups and of every pair, as plain data.

    ``metric``: "survival", "success", "return" or "length"; by default what the env is judged by. A run's score is the
    mean over the episodes of its last checkpoint.

    Raises:
        InputError: an unknown metric, or the curves are not of the same env, seeds and number of episodes, or those of
            a group not of one engine.
    """
    curves = [curve for group in groups for curve in group.curves.values()]
    about = {key: curves[0][key] for key in ("env", "metric", "episodes", "seed")}
    for group in groups:
        for name, curve in group.curves.items():
            for key, value in about.items():
                if curve[key] != value:
                    raise InputError(f"{group.label}, {name}: {key} is {curve[key]!r}, that of others {value!r}")
    metric = metric or str(about["metric"])
    check_metric(metric)
    scores = {group.label: [share(curve["points"][-1], metric) for curve in group.curves.values()] for group in groups}
    every = [score for found in scores.values() for score in found]
    low, high = (0.0, 1.0) if metric in ("survival", "success") else (min(every), max(every))
    return {
        **about,
        "metric": metric,
        "groups": {
            group.label: {
                **_figures(group, scores[group.label], seed, reps),
                "curves": {by: _band(group, metric, by, seed, reps // 4) for by in ("steps", "wall_clock")},
                "profile": profile(scores[group.label], np.linspace(low, high, 41), seed, reps // 4),
            }
            for group in groups
        },
        "improvement": [
            {"a": a, "b": b, **asdict(improvement(scores[a], scores[b], seed, reps))}
            for i, a in enumerate(scores)
            for b in list(scores)[i + 1 :]
        ],
    }


def _figures(group: Group, scores: Sequence[float], seed: int, reps: int) -> dict[str, Any]:
    last = [curve["points"][-1] for curve in group.curves.values()]
    engines = sorted({str(curve.get("engine", "bullet")) for curve in group.curves.values()})
    if len(engines) > 1:
        raise InputError(f"{group.label}: its runs are of several engines, {', '.join(engines)}: compare them apart")
    return {
        "engine": engines[0],
        "runs": dict(zip(group.curves, scores, strict=True)),
        "missing": list(group.missing),
        "steps": [point["steps"] for point in last],
        "wall_clock": [point["wall_clock"] for point in last],
        "iqm": asdict(interquartile_mean(scores, seed, reps)),
        "median": float(np.median(scores)),
        "mean": float(np.mean(scores)),
    }


def _band(group: Group, metric: str, by: str, seed: int, reps: int) -> dict[str, list[float]]:
    """The learning curve of a group: each run linear between its checkpoints, from where all of them have one to where
    the first of them ends; empty if that is nowhere."""
    runs = [
        ([point[by] for point in curve["points"]], [share(point, metric) for point in curve["points"]])
        for curve in group.curves.values()
    ]
    first, last = max(x[0] for x, _ in runs), min(x[-1] for x, _ in runs)
    if first > last:
        return {"at": [], "value": [], "low": [], "high": []}
    places = np.linspace(first, last, _GRID)
    values = np.array([np.interp(places, x, y) for x, y in runs])
    return {"at": places.tolist(), **interquartile_band(values, seed, reps)}


def rows(results: dict[str, Any]) -> Iterable[tuple[str, ...]]:
    """For each group: label (and its engine, if it is not Bullet), runs, steps, minutes, interquartile mean with its
    interval, median."""
    for label, found in results["groups"].items():
        yield (
            label if found["engine"] == "bullet" else f"{label} ({found['engine']})",
            str(len(found["runs"])),
            _span([steps / 1e6 for steps in found["steps"]], " M"),
            _span([seconds / 60 for seconds in found["wall_clock"]], " min"),
            number(results["metric"], found["iqm"]),
            number(results["metric"], {"value": found["median"]}),
        )


def _span(values: Sequence[float], unit: str) -> str:
    low, high = f"{min(values):.3g}", f"{max(values):.3g}"
    return f"{low}{unit}" if low == high else f"{low} to {high}{unit}"


def number(metric: str, figure: dict[str, Any]) -> str:
    """A figure with its interval where it has one: in percent, or with three digits."""
    shares = metric in ("survival", "success", "probability")
    known = [figure[key] for key in ("value", "low", "high") if key in figure]
    value, *ends = (f"{100 * each:.1f}" if shares else f"{each:.3g}" for each in known)
    unit = "%" if shares else ""
    return f"{value}{unit} [{ends[0]}, {ends[1]}]" if ends else f"{value}{unit}"


HEADER = ("group", "runs", "env steps", "wall-clock", "interquartile mean [95%]", "median")


def markdown(results: dict[str, Any], picture: str | None = None) -> str:
    """A report for people to read."""
    lines = [
        "# Training runs compared",
        "",
        f"{results['metric'].capitalize()} in `{results['env']}` without assistance: {results['episodes']} episodes of",
        f"each run's last checkpoint on seeds from {results['seed']} on. Intervals: 95%, stratified bootstrap over the",
        "runs (rliable).",
        "",
        *_table(HEADER, rows(results)),
        "",
    ]
    few = [label for label, found in results["groups"].items() if len(found["runs"]) < 3]
    if few:
        lines += [f"Fewer than three runs tell little about their spread: {', '.join(few)}.", ""]
    for label, found in results["groups"].items():
        if not found["curves"]["steps"]["at"]:
            lines += [
                f"No learning curve of {label}: there are no env steps at which all of its runs had a checkpoint.",
                "",
            ]
        if found["missing"]:
            lines += [f"Left out of {label}, as they have no checkpoint: {', '.join(found['missing'])}.", ""]
    if results["improvement"]:
        pairs = [(p["a"], p["b"], number("probability", p)) for p in results["improvement"]]
        lines += ["Probability that a run of A scores higher than one of B, ties counted half:", ""]
        lines += [*_table(("A", "B", "probability [95%]"), pairs), ""]
    if picture:
        lines += [f"![Learning curves]({picture})", ""]
    lines += ["Each run's score:", ""]
    for label, found in results["groups"].items():
        told = ", ".join(f"{name} {number(results['metric'], {'value': s})}" for name, s in found["runs"].items())
        lines += [f"- {label}: {told}"]
    return "\n".join(lines) + "\n"


def _table(header: Sequence[str], body: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(header)} |", "|" + "---|" * len(header), *(f"| {' | '.join(row)} |" for row in body)]
