"""Trainings as Ray tasks: one whose node is lost goes on elsewhere, from the newest checkpoint in its folder."""

from __future__ import annotations

import csv
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from simonsays.experiments.jobs.cluster import joined, run_tasks
from simonsays.experiments.jobs.engines import Engine, absolute
from simonsays.experiments.jobs.processes import Ask, Failure
from simonsays.experiments.jobs.seeds import Job

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
            now = last_figures(Path(job.run))
            if now is not None:
                answer(job, now)

    with (
        joined(engine.address, engine.jobs * engine.cpus, engine.folder) as ray,
        closing(run_tasks(ray, partial(_guarded, function), placed, engine.cpus, look)) as ended,
    ):
        for place, result in ended:
            yield jobs[place], result


def _guarded(function: Callable[[Job, Ask], Any], job: Job) -> Any:
    """One training that fails does not end the others."""
    try:
        return function(job, lambda message: None)
    except Exception as error:
        return Failure.of(error)


def last_figures(run: Path) -> dict[str, Any] | None:
    """Steps, reward and so on as the last line of a run's log says; None before there is one."""
    try:
        with (run / "logs" / "progress.csv").open(newline="") as stream:
            rows = list(csv.DictReader(stream))
        found: dict[str, Any] = {name: float(rows[-1].get(column) or 0.0) for name, column in _COLUMNS.items()}
        return {**found, "steps": int(found["steps"]), "stage": int(found["stage"])}
    except (OSError, IndexError, ValueError):
        return None
