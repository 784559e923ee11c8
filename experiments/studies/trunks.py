"""``simon experiment trunks``: plain layers, a residual network and mHC on the same task, three seeds each.

The task is the recipe ``trunks``: the walk under assistance that fades as the robot gets better at it. All trunks have
nearly as many parameters. Each run leaves its figures in a file of its own, so that an interrupted experiment goes on.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from simonsays.assets.files import write_atomically, write_json
from simonsays.assets.reading import read_table
from simonsays.experiments.charts import new_figure, png

TRUNKS: dict[str, dict[str, Any]] = {
    "mlp": {"trunk": "mlp", "hidden": (196, 196)},
    "residual": {"trunk": "residual", "hidden": (64, *(96,) * 4)},
    "mhc": {"trunk": "mhc", "hidden": (64, *(48,) * 4)},
}
"""Settings of the network, equal in parameters to 2%: a hyper-connection has as many as half a block."""
SEEDS = (1, 2, 3)
_RATE = 50  # control steps a second
_LAST = 3  # updates whose episodes are called the last


def run_trunks(folder: Path, steps: int | None = None, progress: Callable[[str], None] = lambda text: None) -> Path:
    """Train what has not been trained yet; write ``results.json`` into ``folder``, after each run anew.

    Args:
        folder: runs go into ``folder/runs``.
        steps: env steps of each run, the recipe's by default.
        progress: told a line before each run.
    """
    from simonsays.agents.measure.policy_cost import cost

    done: list[dict[str, Any]] = []
    costs = {name: cost(_recipe(name, 0, None)) for name in TRUNKS}
    for seed in SEEDS:  # seed by seed: a part of the experiment already compares all trunks
        for name in TRUNKS:
            file = folder / "runs" / f"{name}-{seed}.json"
            if not file.is_file():
                progress(f"{name}, seed {seed}")
                write_json(file, _run(name, seed, steps, folder / "runs" / f"{name}-{seed}"))
            done.append(read_table(file))
            write_json(folder / "results.json", {"runs": done, "cost": costs})
    return folder / "results.json"


def _recipe(name: str, seed: int, steps: int | None) -> Any:
    from simonsays.agents.recipes.recipe import load_recipe

    recipe = load_recipe("trunks")
    stage = recipe.stages[0].model_copy(update={"steps": steps or recipe.stages[0].steps})
    network = recipe.network.model_copy(update=TRUNKS[name])
    return recipe.model_copy(update={"seed": seed, "network": network, "stages": (stage,)})


def _run(name: str, seed: int, steps: int | None, run: Path) -> dict[str, Any]:
    from simonsays.agents.training.options import TrainOptions
    from simonsays.agents.training.train import train

    shutil.rmtree(run, ignore_errors=True)  # what was interrupted begins anew
    curve: list[dict[str, float]] = []

    def report(now: dict[str, Any]) -> None:
        names = ("steps", "seconds", "assistance", "episode_length", "episode_reward")
        curve.append({key: round(float(now[key]), 4) for key in names})

    train(_recipe(name, seed, steps), run, TrainOptions(report=report))
    return {"trunk": name, "seed": seed, "curve": curve}


def figures(results: dict[str, Any]) -> dict[str, dict[str, list[float]]]:
    """By trunk: for each figure of the table its values, one a seed."""
    found: dict[str, dict[str, list[float]]] = {}
    for run in results["runs"]:
        rows, own = run["curve"], found.setdefault(run["trunk"], {})
        seconds = [row["episode_length"] / _RATE for row in rows]
        for label, value in (
            ("last episodes, s", float(np.mean(seconds[-_LAST:]))),
            ("all episodes, s", float(np.mean(seconds))),
            ("reward of the last", float(np.mean([row["episode_reward"] for row in rows[-_LAST:]]))),
            ("assistance left", rows[-1]["assistance"]),
        ):
            own.setdefault(label, []).append(value)
    return found


def markdown(results: dict[str, Any]) -> str:
    """The table: means over the seeds with the smallest and largest."""
    table, cost_of = figures(results), results["cost"]
    labels = list(next(iter(table.values())))
    steps = max(row["steps"] for run in results["runs"] for row in run["curve"])
    lines = [
        "# Trunks: plain layers, residual, mHC",
        "",
        f"`simon experiment trunks`: {steps:,.0f} env steps of the recipe `trunks`: mean over the seeds (least "
        "to most). Episodes last 20 s at most, and end when the robot falls; it is helped, and by less and less once "
        "they are long. The last ones are those of the last three updates. A gradient step is one on 768 observations, "
        "on one thread.",
        "",
        "| trunk | seeds | parameters | gradient step, ms | action in NumPy, us | " + " | ".join(labels) + " |",
        "|---" * (5 + len(labels)) + "|",
    ]
    for name, values in table.items():
        cells = " | ".join(f"{np.mean(each):.2f} ({min(each):.2f} to {max(each):.2f})" for each in values.values())
        own = cost_of[name]
        costs = f"{own['parameters']:,} | {own['gradient_step_ms']:.0f} | {own['action_us']:.0f}"
        lines.append(f"| {name} | {len(values[labels[0]])} | {costs} | {cells} |")
    return "\n".join(lines) + "\n"


def plot(results: dict[str, Any]) -> bytes:
    """A PNG: length and reward of episodes against env steps, a line a seed."""
    figure = new_figure((9, 3.4), 110)
    axes = figure.subplots(1, 2)
    for run in results["runs"]:
        colour = f"C{list(TRUNKS).index(run['trunk'])}"
        label = run["trunk"] if run["seed"] == SEEDS[0] else None
        x = [row["steps"] / 1000 for row in run["curve"]]
        for axis, key, scale in ((axes[0], "episode_length", 1 / _RATE), (axes[1], "episode_reward", 1.0)):
            axis.plot(x, [row[key] * scale for row in run["curve"]], colour, label=label, alpha=0.8)
    for axis, title in zip(axes, ("mean episode, s", "mean reward of an episode"), strict=True):
        axis.set(xlabel="thousand env steps", title=title)
    axes[0].legend()
    return png(figure)


def redraw(folder: Path, plots: bool = True) -> None:
    """Write ``trunks.md`` and ``trunks.png`` from ``results.json``."""
    results = read_table(folder / "results.json")
    write_atomically(folder / "trunks.md", markdown(results))
    if plots:
        write_atomically(folder / "trunks.png", plot(results))
