"""One recipe on several seeds: ``simon train RECIPE --seeds 5``.

RUN/seed_3 is a run folder like any other; RUN/seeds.json sums up.
A job is plain data, so that any engine can run it: :func:`seed_runs` makes them, :func:`run_job` does one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from simonsays.agents.recipes.recipe import Recipe, recipe_from_dict
from simonsays.assets import InputError
from simonsays.assets.files import write_json
from simonsays.assets.reading import read_table
from simonsays.experiments.jobs.processes import Failure, run_all


@dataclass(frozen=True)
class Job:
    """One training: its recipe as plain data, its run folder, and the bundle that it starts from."""

    recipe: dict[str, Any]
    run: str
    init: str | None = None


def seed_runs(recipe: Recipe, run: Path, seeds: Sequence[int], init: str | Path | None = None) -> list[Job]:
    """The jobs of a recipe on some seeds, in the folders RUN/seed_N.

    Raises:
        InputError: a seed stands there twice, or a folder holds a run of another recipe.
    """
    if len(set(seeds)) < len(seeds):
        raise InputError(f"seeds {list(seeds)}: each at most once")
    start = None if init is None else str(init)
    jobs = [
        Job(recipe.model_copy(update={"seed": seed}).model_dump(mode="json"), str(run / f"seed_{seed}"), start)
        for seed in seeds
    ]
    for job in jobs:
        check_job(job)
    return jobs


def check_job(job: Job) -> Recipe:
    """Refuse a job whose folder holds a run of another recipe; returns the job's recipe.

    Raises:
        InputError: it does; the message names what differs.
    """
    from simonsays.agents.runs.sessions import read_run, refuse_other_recipe

    run, recipe = Path(job.run), recipe_from_dict(job.recipe, job.run)
    if (run / "run.json").exists():
        refuse_other_recipe(run, read_run(run), recipe)
    return recipe


def finished(run: Path, recipe: Recipe | None = None) -> dict[str, Any] | None:
    """Steps, wall-clock seconds, and whether ``on_checkpoint`` stopped it, of a run whose training is over; else None.

    With ``recipe``: one whose last stage is now longer or shorter is not over.

    Raises:
        InputError: the run's record cannot be read.
    """
    from simonsays.agents.runs.sessions import read_record, read_run

    sessions = read_record(run).get("sessions", [])
    last = sessions[-1] if sessions else {}
    if last.get("status") not in ("finished", "stopped"):
        return None
    if recipe is not None and read_run(run).stages[-1].steps != recipe.stages[-1].steps:
        return None
    return {"steps": last["to_steps"], "wall_clock": last["seconds"], "stopped": last["status"] == "stopped"}


def run_job(
    job: Job,
    report: Callable[[dict[str, Any]], Any] | None = None,
    on_checkpoint: Callable[[Path], bool] | None = None,
    *,
    go_on: bool = False,
) -> dict[str, Any]:
    """Train one job to its end, from its newest checkpoint where there is one; a finished one is left as it is.

    Returns the run folder, steps, wall-clock seconds, bundle, and whether it was ``stopped`` by ``on_checkpoint``.
    ``report`` and ``on_checkpoint`` are those of ``agents.train.train``. ``go_on``: with one that was stopped, too.

    Raises:
        InputError: the folder holds a run of another recipe, or a checkpoint cannot be read.
    """
    from simonsays.agents.runs.run_dir import checkpoints
    from simonsays.agents.training.export import export_run
    from simonsays.agents.training.options import TrainOptions
    from simonsays.agents.training.train import train
    from simonsays.envs import env_class
    from simonsays.envs.trainable import capabilities

    run, recipe = Path(job.run), check_job(job)
    resume = (run / "run.json").exists()
    done = finished(run, recipe)
    bundle = run / "bundle"
    if done is None or (go_on and done["stopped"]):
        init = None if resume else job.init
        bundle = train(recipe, run, TrainOptions(init=init, resume=resume, report=report, on_checkpoint=on_checkpoint))
        done = finished(run, recipe)
    elif not bundle.exists() and checkpoints(run):  # it was cut off just before, or its env has no bundles
        bundle = export_run(run) if capabilities(env_class(recipe.env_id)).describe else checkpoints(run)[-1]
    return {"run": job.run, **(done or {}), "bundle": str(bundle)}


def train_seeds(
    jobs: Sequence[Job],
    *,
    at_once: int = 1,
    report: Callable[[Job, dict[str, Any]], None] = lambda job, now: None,
    ended: Callable[[Job, dict[str, Any]], None] = lambda job, outcome: None,
    over: Callable[..., Iterator[tuple[Job, Any]]] = run_all,
) -> list[dict[str, Any]]:
    """Train jobs, ``at_once`` of them side by side; one that fails is told of, and the others go on.

    Returns an outcome for each in their order: ``run``, ``status`` ("finished" or "failed"), and steps, wall-clock and
    bundle, or ``error``. ``report`` gets every progress report of a training, ``ended`` each outcome as it comes.
    ``over``: another processes.run_all, such as training.run_all over Ray.
    """
    outcomes: dict[str, dict[str, Any]] = {}
    done = [job for job in jobs if finished(Path(job.run), recipe_from_dict(job.recipe, job.run))]
    left = [job for job in jobs if job not in done]
    try:
        for job, result in chain(((job, run_job(job)) for job in done), over(run_job, left, at_once, report)):
            if isinstance(result, Failure):
                outcome = {"run": job.run, "status": "failed", "error": result.error, "trace": result.trace}
            else:
                outcome = {"status": "finished", **result}
            outcomes[job.run] = outcome
            ended(job, outcome)
            write_summary(Path(job.run).parent, list(outcomes.values()))
    except KeyboardInterrupt:
        begun = [job.run for job in jobs if job.run not in outcomes and (Path(job.run) / "run.json").exists()]
        if begun:
            write_summary(Path(begun[0]).parent, [{"run": run, "status": "interrupted"} for run in begun])
        raise
    return [outcomes[job.run] for job in jobs]


def write_summary(folder: Path, outcomes: Sequence[dict[str, Any]]) -> None:
    """Write FOLDER/seeds.json: what became of each seed; those of earlier calls stay in it."""
    file = folder / "seeds.json"
    try:
        known = read_table(file)
    except InputError:
        known = {}
    for outcome in outcomes:
        known[Path(outcome["run"]).name] = {key: outcome[key] for key in outcome if key not in ("run", "bundle")}
    write_json(file, dict(sorted(known.items(), key=lambda each: (len(each[0]), each[0]))))
