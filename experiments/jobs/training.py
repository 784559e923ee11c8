"""One training, by any engine: stable-baselines3 here or as a Ray task, or RLlib; and several, as Ray tasks."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from simonsays.agents.recipes.recipe import Recipe
from simonsays.agents.training.options import TrainOptions
from simonsays.assets import InputError, did_you_mean
from simonsays.experiments.jobs.cluster import joined, run_tasks
from simonsays.experiments.jobs.engines import Engine, absolute
from simonsays.experiments.jobs.processes import Ask, Failure, guarded
from simonsays.experiments.jobs.seeds import Job, check_job, run_job

ENGINES = ("local", "ray", "rllib")


def check_engine(name: str, seeds: bool, address: str | None) -> None:
    """Refuse what does not go together.

    Raises:
        InputError: no such engine, an address without Ray, several seeds with RLlib, or Ray is not installed.
    """
    if name not in ENGINES:
        raise InputError(f"--by {name!r}: use {', '.join(ENGINES)}{did_you_mean(name, ENGINES)}")
    if name == "rllib" and seeds:
        raise InputError("--by rllib trains one seed; --seeds goes with --by ray")
    Engine("ray" if name == "rllib" else name, address=address)


def engine_of(run: Path) -> str:
    """The engine that a run is resumed with: of its newest checkpoint."""
    from simonsays.agents.runs.run_dir import checkpoints, read_state

    found = checkpoints(run)
    return str(read_state(found[-1]).get("engine", "local")) if found else "local"


def train_by(engine: str, recipe: Recipe, run: Path, options: TrainOptions, address: str | None = None) -> Path:
    """Train a recipe by an engine in the folder ``run``.

    Raises:
        InputError: as agents.training.train.train, and for what the engine cannot do.
    """
    if engine == "local":
        from simonsays.agents.training.train import train

        return train(recipe, run, options)
    if options.checkpoint is not None:
        raise InputError(f"--checkpoint: --by {engine} goes on from the newest one")
    if options.log:
        raise InputError(f"--log: --by {engine} writes CSV and TensorBoard alone")
    if engine == "rllib":
        from simonsays.agents.runs.run_dir import only_one

        with only_one(run, "training"), joined(address, recipe.workers):
            from simonsays.agents.rllib import train as rllib

            return rllib.train(recipe, run, options)
    return _as_task(recipe, run, options, address)


def _as_task(recipe: Recipe, run: Path, options: TrainOptions, address: str | None) -> Path:
    if not options.resume and (run / "run.json").exists():
        raise InputError(f"{run} holds a run already; resume it, or choose another folder")
    if options.threads is not None:
        raise InputError("--threads: not with --by ray")
    job = Job(recipe.model_dump(mode="json"), str(run), None if options.init is None else str(options.init))
    check_job(job)
    engine = Engine("ray", 1, address, run, recipe.workers)
    started = time.monotonic()

    def tell(_: Job, now: dict[str, Any]) -> None:
        if options.report is not None:
            seconds = time.monotonic() - started
            stage = recipe.stages[now["stage"]].name
            options.report({**now, "total": recipe.total_steps, "seconds": seconds, "stage": stage})

    ((_, result),) = run_all(engine, run_job, [job], 1, tell)
    if isinstance(result, Failure):
        raise InputError(f"{run}: {result.error}\n{result.trace}".strip())
    return Path(result["bundle"])


_COLUMNS = {
    "steps": "time/total_timesteps",
    "episode_reward": "rollout/ep_rew_mean",
    "success": "rollout/success_rate",
    "episode_length": "rollout/ep_len_mean",
    "assistance": "curriculum/assistance",
    "stage": "curriculum/stage",
}


def run_all(
    engine: Engine,
    function: Callable[[Job, Ask], Any],
    jobs: Sequence[Job],
    at_once: int,
    answer: Callable[[Job, dict[str, Any]], Any],
) -> Generator[tuple[Job, Any]]:
    """processes.run_all over Ray: yields (job, its result or a Failure), as they end; ``at_once`` is the engine's own.

    ``answer`` hears every few seconds what the logs in the run folders say; the jobs themselves ask in vain.
    """
    if not jobs:
        return
    placed = [replace(job, run=str(Path(job.run).resolve()), init=job.init and absolute(job.init)) for job in jobs]

    def look() -> None:
        for job in jobs:
            if (now := last_figures(Path(job.run))) is not None:
                answer(job, now)

    with (
        joined(engine.address, engine.jobs * engine.cpus, engine.folder) as ray,
        closing(run_tasks(ray, partial(guarded, function), placed, engine.cpus, look)) as ended,
    ):
        for place, result in ended:
            yield jobs[place], result


def last_figures(run: Path) -> dict[str, Any] | None:
    """Steps, reward and so on as the last line of a run's log says; None before there is one."""
    try:
        with (run / "logs" / "progress.csv").open(newline="") as stream:
            rows = list(csv.DictReader(stream))
        found: dict[str, Any] = {name: float(rows[-1].get(column) or 0.0) for name, column in _COLUMNS.items()}
        return {**found, "steps": int(found["steps"]), "stage": int(found["stage"])}
    except (OSError, IndexError, ValueError):
        return None
