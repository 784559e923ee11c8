"""``simon experiment trunks``: plain layers, a residual network and mHC on the same task, three seeds each.

The task is the recipe ``trunks``: the walk under assistance that fades as the robot gets better at it. All trunks have
nearly as many parameters. Each run leaves its figures in a file of its own, so that an interrupted experiment goes on.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from simonsays.agents.run_dir import write_json

TRUNKS: dict[str, dict[str, Any]] = {
    "mlp": {"trunk": "mlp", "hidden": (204, 204)},
    "residual": {"trunk": "residual", "hidden": (64, *(96,) * 4)},
    "mhc": {"trunk": "mhc", "hidden": (64, *(48,) * 4)},
}
"""Settings of the network, equal in parameters to 2%: a hyper-connection has as many as half a block."""
SEEDS = (1, 2, 3)
_TESTS = 20  # unassisted episodes after the training
_BATCH = 768  # of an update that is timed


def run_trunks(folder: Path, steps: int | None = None, progress: Callable[[str], None] = lambda text: None) -> Path:
    """Train what has not been trained yet; write ``results.json`` into ``folder``.

    Args:
        folder: runs go into ``folder/runs``.
        steps: env steps of each run, the recipe's by default.
        progress: told a line before each run.
    """
    done = []
    for seed in SEEDS:  # seed by seed: a part of the experiment already compares all trunks
        for name in TRUNKS:
            file = folder / "runs" / f"{name}-{seed}.json"
            if not file.is_file():
                progress(f"{name}, seed {seed}")
                write_json(file, _run(name, seed, steps, folder / "runs" / f"{name}-{seed}"))
            done.append(json.loads(file.read_text(encoding="utf-8")))
    write_json(folder / "results.json", {"runs": done, "cost": {name: cost(name) for name in TRUNKS}})
    return folder / "results.json"


def _recipe(name: str, seed: int, steps: int | None) -> Any:
    from simonsays.agents.recipe import load_recipe

    recipe = load_recipe("trunks")
    stage = recipe.stages[0].model_copy(update={"steps": steps or recipe.stages[0].steps})
    network = recipe.network.model_copy(update=TRUNKS[name])
    return recipe.model_copy(update={"seed": seed, "network": network, "stages": (stage,)})


def _run(name: str, seed: int, steps: int | None, run: Path) -> dict[str, Any]:
    from simonsays.agents.train import train

    shutil.rmtree(run, ignore_errors=True)  # what was interrupted begins anew
    curve: list[dict[str, float]] = []

    def report(now: dict[str, Any]) -> None:
        names = ("steps", "seconds", "assistance", "episode_length", "episode_reward")
        curve.append({key: round(float(now[key]), 4) for key in names})

    bundle = train(_recipe(name, seed, steps), run, report=report)
    return {"trunk": name, "seed": seed, "curve": curve, "unassisted_s": unassisted(bundle)}


def unassisted(bundle: Path) -> list[float]:
    """s until the robot falls without any help, 20 at most, on fixed seeds."""
    from simonsays.agents.rollout import prepare
    from simonsays.envs.controllers import acting

    env, policy = prepare(str(bundle), {})
    seconds = []
    for seed in range(_TESTS):
        observation, _ = env.reset(seed=seed)
        act, steps, over = acting(policy), 0, False
        while not over:
            observation, _, terminated, truncated, _ = env.step(act(observation))
            steps, over = steps + 1, terminated or truncated
        seconds.append(round(steps * env.dt, 2))
    env.close()
    return seconds


def cost(name: str, repeats: int = 15) -> dict[str, float]:
    """Parameters of actor and critic, and the least ms of one gradient step on 768 observations, on one thread."""
    import torch
    from simonsays.agents.algorithms import ALGORITHMS
    from simonsays.agents.train import make_env

    recipe = _recipe(name, 0, None)
    probe = make_env(recipe)
    made, arguments = ALGORITHMS["ppo"].policy(recipe, probe)
    policy: Any = made(probe.observation_space, probe.action_space, lambda _: 1e-4, **arguments)  # type: ignore[arg-type]
    observations = torch.randn(_BATCH, *(probe.observation_space.shape or ()))
    actions = torch.randn(_BATCH, *probe.action_space.shape)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        values, log_prob, _ = policy.evaluate_actions(observations, actions)
        policy.optimizer.zero_grad()
        (values.square().mean() - log_prob.mean()).backward()
        policy.optimizer.step()
        times.append(time.perf_counter() - started)
    torch.set_num_threads(threads)
    probe.close()
    return {"parameters": sum(p.numel() for p in policy.parameters()), "gradient_step_ms": round(1e3 * min(times), 2)}


def figures(results: dict[str, Any]) -> dict[str, dict[str, list[float]]]:
    """By trunk: for each figure of the table its values, one a seed."""
    found: dict[str, dict[str, list[float]]] = {}
    for run in results["runs"]:
        last, own = run["curve"][-5:], found.setdefault(run["trunk"], {})
        for label, value in (
            ("assistance left", last[-1]["assistance"]),
            ("episode, s", float(np.mean([row["episode_length"] for row in last])) / 50),
            ("reward of an episode", float(np.mean([row["episode_reward"] for row in last]))),
            ("unassisted, s to a fall", float(np.mean(run["unassisted_s"]))),
        ):
            own.setdefault(label, []).append(value)
    return found


def _cell(values: Sequence[float]) -> str:
    return f"{np.mean(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def markdown(results: dict[str, Any]) -> str:
    """The table: means over the seeds with the smallest and largest."""
    table, cost_of = figures(results), results["cost"]
    labels = list(next(iter(table.values())))
    seeds = len(next(iter(table.values()))[labels[0]])
    steps = max(row["steps"] for run in results["runs"] for row in run["curve"])
    lines = [
        "# Trunks: plain layers, residual, mHC",
        "",
        f"`simon experiment trunks`: {steps:,.0f} env steps of the recipe `trunks`, {seeds} seeds each: mean (least to "
        "most). Assistance begins at 1 and fades while episodes are long; episodes and rewards are means of the last "
        "five updates, under what assistance is left. `unassisted` is measured after the training.",
        "",
        "| trunk | parameters | gradient step, ms | " + " | ".join(labels) + " |",
        "|---" * (3 + len(labels)) + "|",
    ]
    for name, values in table.items():
        cells = " | ".join(_cell(values[label]) for label in labels)
        own = cost_of[name]
        lines.append(f"| {name} | {own['parameters']:,} | {own['gradient_step_ms']:.1f} | {cells} |")
    return "\n".join(lines) + "\n"


def plot(results: dict[str, Any], file: Path) -> None:
    """Assistance left and episode length against env steps, a line a seed."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    for run in results["runs"]:
        colour = f"C{list(TRUNKS).index(run['trunk'])}"
        label = run["trunk"] if run["seed"] == SEEDS[0] else None
        x = [row["steps"] / 1000 for row in run["curve"]]
        for axis, key, scale in ((axes[0], "assistance", 1.0), (axes[1], "episode_length", 1 / 50)):
            axis.plot(x, [row[key] * scale for row in run["curve"]], colour, label=label, alpha=0.8)
    for axis, title in zip(axes, ("assistance left", "mean episode, s"), strict=True):
        axis.set(xlabel="thousand env steps", title=title)
    axes[0].legend()
    figure.savefig(file, dpi=110)
    pyplot.close(figure)


def redraw(folder: Path, plots: bool = True) -> None:
    """Write ``trunks.md`` and ``trunks.png`` from ``results.json``."""
    from simonsays.sim.recording import write_atomically

    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    write_atomically(folder / "trunks.md", markdown(results).encode())
    if plots:
        plot(results, folder / "trunks.png")
