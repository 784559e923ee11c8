"""The table and the picture of ``simon time-to-walk``, from the results of its runs alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from simonsays.agents.measure.checkpoints import share
from simonsays.agents.measure.estimates import percent
from simonsays.assets import InputError
from simonsays.assets.files import write_atomically, write_json
from simonsays.experiments.benchmark.report import table
from simonsays.experiments.studies.compare import Group, compare, read_results
from simonsays.experiments.studies.compare_plots import COLOURS, band, picture
from simonsays.experiments.studies.evidence import REPS, improvement, interquartile_mean
from simonsays.experiments.studies.time_to_walk import SURVIVAL, VARIANTS

TITLES = {
    "full": "the recipe",
    "no-assistance": "without assistance",
    "no-mirror": "without mirror symmetry",
    "no-reference-gait": "without reference gait",
}
Result = Mapping[str, Any]
_BUSY = 0.25  # cores of other work, from which on wall-clock is not to be believed
_APART = ("-", (0, (5, 2)), (2, (1, 2)), (0, (3, 1, 1, 1)))  # so that lines at the same height are all seen


def figures(results: Sequence[Result], seed: int = 0, reps: int = REPS) -> dict[str, Any]:
    """For each variant: runs, how many walk, and steps and seconds until then; a run that does not, counts its end.

    A figure has ``median`` and ``iqm``; ``censored`` tells that runs which never walked are in its middle half, so that
    it is a lower bound. ``sooner``: the probability that a run of the full recipe walks in fewer env steps.
    """
    by_variant = {name: [r for r in results if r["variant"] == name] for name in VARIANTS}
    needed = {
        name: {key: [(r["walks"] or r["trained"])[key] for r in runs] for key in ("steps", "wall_clock")}
        for name, runs in by_variant.items()
        if runs
    }
    found: dict[str, Any] = {}
    for name, columns in needed.items():
        runs = by_variant[name]
        never = sum(run["walks"] is None for run in runs)
        found[name] = {
            "runs": len(runs),
            "walk": len(runs) - never,
            "censored": never > math.floor(0.25 * len(runs)),
            "median_censored": never > (len(runs) - 1) // 2,
            "survival": [share(run["curve"]["points"][-1], "survival") for run in runs],
            **{
                key: {"median": float(np.median(values)), "iqm": asdict(interquartile_mean(values, seed, reps))}
                for key, values in columns.items()
            },
        }
        if name != "full" and "full" in needed:
            later = [-steps for steps in columns["steps"]], [-steps for steps in needed["full"]["steps"]]
            found[name]["sooner"] = asdict(improvement(later[1], later[0], seed, reps))
    return found


def report(out: Path, plots: bool = True, reps: int = REPS) -> dict[str, Any]:
    """Write README.md, figures.json and, with ``plots``, time-to-walk.png from OUT/runs into OUT; returns the figures.

    Raises:
        InputError: there are no results, or they were not measured alike.
    """
    results = read_results(out) if out.is_dir() else []
    if not results:
        raise InputError(f"{out}: no results in it (runs/*.json); simon time-to-walk makes them")
    for result in results:
        for key in ("budget", "every", "episodes", "walks", "trained", "machine"):
            if key not in result:
                raise InputError(f"{out}: {result['variant']}, seed {result['seed']}: no field {key!r} in its result")
    for key in ("budget", "every", "episodes"):
        kinds = {result[key] for result in results}
        if len(kinds) > 1:
            raise InputError(f"{out}: runs with different {key}: {sorted(kinds)}")
    found = figures(results, reps=reps)
    if plots:
        write_atomically(out / "time-to-walk.png", plot(results, reps))
    write_atomically(out / "README.md", markdown(results, found, plots))
    write_json(out / "figures.json", found)
    return found


def rows(found: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """For each variant: title, how many walk, steps and minutes (median, IQM), survival at the end, sooner."""
    lines: list[tuple[str, ...]] = []
    for name, figure in found.items():
        survival = [100 * value for value in figure["survival"]]
        lines.append(
            (
                TITLES[name],
                f"{figure['walk']} of {figure['runs']}",
                *_needed(figure, "steps", 1e-6, " M"),
                *_needed(figure, "wall_clock", 1 / 60, " min"),
                f"{np.median(survival):.0f}% ({min(survival):.0f} to {max(survival):.0f})",
                percent(figure["sooner"]) if "sooner" in figure else "",
            )
        )
    return lines


HEADER = (
    "variant",
    "walk within the budget",
    "env steps, median",
    "env steps, IQM [95%]",
    "training, median",
    "training, IQM [95%]",
    "survival at the end, median (range)",
    "P(the recipe is sooner) [95%]",
)


def _needed(figure: Mapping[str, Any], key: str, scale: float, unit: str) -> tuple[str, str]:
    iqm = figure[key]["iqm"]
    middle, low, high = (f"{scale * iqm[end]:.3g}" for end in ("value", "low", "high"))
    median = f"{'> ' if figure['median_censored'] else ''}{scale * figure[key]['median']:.3g}{unit}"
    return median, f"{'≥ ' if figure['censored'] else ''}{middle}{unit} [{low}, {high}]"


def markdown(results: Sequence[Result], found: Mapping[str, Any], plots: bool) -> str:
    """A report for people to read."""
    first = results[0]
    machines = sorted({f"{r['machine']['cpu']}, {r['machine']['cores']} cores" for r in results})
    shown = "![Survival without assistance as the robot learns](time-to-walk.png)\n\n" if plots else ""
    runs = "\n".join(_run_row(result) for result in results)
    return f"""# Time to walk

How soon it walks without help: the recipe `{first["recipe"]["name"]}`, and each of its aids switched off in turn.
A run walks from the first checkpoint on (one every {first["every"]:,} env steps) at which at least
{100 * SURVIVAL:g}% of {first["episodes"]} unassisted episodes of 20 s stay up, and at the next checkpoint again. The
budget is {first["budget"]:,} env steps. A run that does not walk counts as where it ended: "≥" marks an interquartile
mean (IQM) that such runs are in, ">" a median that is one. Intervals: 95%, stratified bootstrap over the runs
(rliable).

{table(HEADER, rows(found))}

{shown}Redraw all of this from `runs/`: `simon time-to-walk --report`. What the variants are: docs/evidence.md.

## Runs

Machine: {"; ".join(machines)}. "Other load": cores that anything but the training kept busy meanwhile; a wall-clock
is to be believed where it is near 0.

| variant | seed | walks at | training until then | trained | env steps/s | other load, cores |
|---|---|---|---|---|---|---|
{runs}
"""


def _run_row(result: Result) -> str:
    walks, trained = result["walks"], result["trained"]
    at = f"{walks['steps'] / 1e6:.2f} M" if walks else "never"
    minutes = f"{walks['wall_clock'] / 60:.1f} min" if walks else ""
    end = f"{trained['steps'] / 1e6:.2f} M in {trained['wall_clock'] / 60:.1f} min"
    load = _other_load(result)
    other = "not known" if math.isnan(load) else f"{load:.2f}"
    rate = f"{trained['steps'] / max(trained['wall_clock'], 1e-9):,.0f}"
    return f"| {TITLES[result['variant']]} | {result['seed']} | {at} | {minutes} | {end} | {rate} | {other} |"


def _other_load(result: Result) -> float:
    """Cores that anything else kept busy while a run trained; nan where that is not known."""
    known = [session for session in result["machine"]["sessions"] if session["other_cores"] is not None]
    seconds = sum(session["seconds"] for session in known)
    return sum(session["other_cores"] * session["seconds"] for session in known) / seconds if seconds else math.nan


def plot(results: Sequence[Result], reps: int = REPS) -> bytes:
    """A PNG: survival by env steps and by wall-clock, and the share of runs that walk."""
    groups = [
        Group(TITLES[name], {f"seed_{r['seed']}": r["curve"] for r in results if r["variant"] == name})
        for name in VARIANTS
        if any(r["variant"] == name for r in results)
    ]
    compared = compare(groups, "survival", reps=reps)["groups"]
    return picture((14.0, 4.6), 3, lambda figure, axes: _paint(figure, axes, compared, results))


def _paint(figure: Any, axes: Sequence[Any], compared: Mapping[str, Any], results: Sequence[Result]) -> None:
    colours = dict(zip(TITLES.values(), COLOURS, strict=False))
    for i, (label, found) in enumerate(compared.items()):
        look = {"color": colours[label]}
        band(axes[0], found["curves"]["steps"], 1e-6, True, look, label)
        band(axes[1], found["curves"]["wall_clock"], 1 / 60, True, look)
        runs = [r for r in results if TITLES[r["variant"]] == label]
        end = max(r["trained"]["steps"] for r in runs)
        places = sorted(r["walks"]["steps"] for r in runs if r["walks"])
        x, y = [0, *places, end], [float(n) for n in [*range(len(places) + 1), len(places)]]
        y = [100 * n / len(runs) for n in y]
        axes[2].plot([1e-6 * at for at in x], y, linewidth=2.4, drawstyle="steps-post", linestyle=_APART[i], **look)
    alone = all(_other_load(result) < _BUSY for result in results)
    time = "By time" if alone else "By time (some runs beside other work)"
    for axis, title, x_label, y_label in zip(
        axes,
        ("By experience", time, "Runs that walk"),
        ("million env steps", "minutes of training", "million env steps"),
        ("20 s survived without assistance, %", "20 s survived without assistance, %", "runs, %"),
        strict=True,
    ):
        axis.set_title(title, loc="left", fontsize=10, fontweight="bold")
        axis.set(xlabel=x_label, ylabel=y_label, ylim=(-3, 103))
        axis.set_xlim(left=0)
    for axis in axes[:2]:
        axis.axhline(100 * SURVIVAL, color="#8a8f98", linewidth=0.9, linestyle=":")
    figure.legend(loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    figure.suptitle("Time to walk: interquartile mean over runs, 95% stratified bootstrap intervals", fontsize=11)
