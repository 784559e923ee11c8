"""What ``simon train --seeds`` shows."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import typer


def run_seeds(recipe: Any, run: Path, count: int, init: str | None, engine: Any, json_output: bool) -> None:
    """Train a recipe on ``count`` seeds from its own on, by an Engine; exit code 1 where one failed."""
    from simonsays.experiments.cli._common import interruptible, print_json, progress_bar
    from simonsays.experiments.jobs.processes import run_all
    from simonsays.experiments.jobs.seeds import Job, finished, seed_runs, train_seeds
    from simonsays.experiments.jobs.training import run_all as over_ray

    seeds = range(recipe.seed, recipe.seed + count)
    jobs = seed_runs(recipe, run, seeds, init)
    done = {job.run: recipe.total_steps if finished(Path(job.run)) else 0 for job in jobs}
    typer.echo(f"run folders: {run}/seed_{seeds[0]} to seed_{seeds[-1]}", err=True)

    with interruptible("the same command goes on"), progress_bar("training") as update:

        def report(job: Job, now: dict[str, Any]) -> None:
            if "retraced" in now:
                return
            done[job.run] = now["steps"]
            label = f"{Path(job.run).name}  reward {now['episode_reward']:.0f}  success {now['success']:.0%}"
            update(sum(done.values()), recipe.total_steps * count, label)

        def ended(job: Job, outcome: dict[str, Any]) -> None:
            done[job.run] = recipe.total_steps
            told = outcome.get("error") or f"{outcome['steps']:,} steps in {outcome['wall_clock'] / 60:.1f} minutes"
            typer.echo(f"{Path(job.run).name}: {outcome['status']}: {told}", err=True)

        over = partial(over_ray, engine) if engine.name == "ray" else run_all
        outcomes = train_seeds(jobs, at_once=engine.jobs, report=report, ended=ended, over=over)
    if json_output:
        print_json({"run": str(run), "seeds": outcomes})
    else:
        typer.echo(str(run / "seeds.json"))
    if any(outcome["status"] == "failed" for outcome in outcomes):
        raise typer.Exit(1)
