"""One recipe on several seeds: ``simon train RECIPE --seeds 5``.

RUN/seed_3 is a run folder like any other, with ``finished.json`` once its training is over; RUN/seeds.json sums up.
A job is plain data, so that any engine can run it: :func:`seed_runs` makes them, :func:`run_job` does one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from simonsays.agents.recipe import Recipe, recipe_from_dict
from simonsays.assets import InputError
from simonsays.experiments.processes import Ask, Failure, run_all

FINISHED = "finished.json"


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


def check_job(job: Job) -> None:
    """Refuse a job whose folder holds a run of another recipe.

    Raises:
        InputError: it does; the message names what differs.
    """
    file = Path(job.run) / "run.json"
    if not file.exists():
        return
    try:
        there = recipe_from_dict(json.loads(file.read_text(encoding="utf-8"))["recipe"], job.run)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{file}: cannot be read: {error!r}") from error
    wanted = recipe_from_dict(job.recipe, job.run)
    differences = _differences(there.model_dump(mode="json"), wanted.model_dump(mode="json"))
    if differences:
        raise InputError(
            f"{job.run} holds a run of another recipe; choose another folder, or the recipe as it was:\n  "
            + "\n  ".join(differences)
        )


def _differences(there: Any, wanted: Any, place: str = "") -> list[str]:
    if isinstance(there, dict) and isinstance(wanted, dict):
        keys = dict.fromkeys([*there, *wanted])
        return [
            line for key in keys for line in _differences(there.get(key), wanted.get(key), f"{place}.{key}".strip("."))
        ]
    if isinstance(there, list) and isinstance(wanted, list) and len(there) == len(wanted):
        pairs = enumerate(zip(there, wanted, strict=True))
        return [line for i, (a, b) in pairs for line in _differences(a, b, f"{place}.{i}")]
    return [] if there == wanted else [f"{place}: {there!r} there, {wanted!r} wanted"]


def finished(run: Path) -> dict[str, Any] | None:
    """What ``finished.json`` of a run says: steps and wall-clock; None while its training is not over."""
    try:
        found: dict[str, Any] = json.loads((run / FINISHED).read_text(encoding="utf-8"))
        return found
    except (OSError, ValueError):
        return None


def run_job(
    job: Job,
    report: Callable[[dict[str, Any]], Any] | None = None,
    on_checkpoint: Callable[[Path], bool] | None = None,
) -> dict[str, Any]:
    """Train one job to its end, from its newest checkpoint where there is one; a finished one is left as it is.

    Returns the run folder, steps, wall-clock seconds, bundle, and whether it was ``stopped`` by ``on_checkpoint``, which
    is, like ``report``, as in ``agents.train.train``.

    Raises:
        InputError: the folder holds a run of another recipe, or a checkpoint cannot be read.
    """
    from simonsays.agents.run_dir import newest_checkpoint, write_json
    from simonsays.agents.train import train

    run = Path(job.run)
    check_job(job)
    if finished(run) is None:
        resume = any((run / "checkpoints").glob("step_*"))
        if not resume:
            (run / "run.json").unlink(missing_ok=True)  # it was cut off before its first checkpoint
        recipe = recipe_from_dict(job.recipe, job.run)
        init, stopped = None if resume else job.init, []

        def goes_on(checkpoint: Path) -> bool:
            if on_checkpoint is None or on_checkpoint(checkpoint):
                return True
            stopped.append(checkpoint)
            return False

        bundle = train(recipe, run, init=init, resume=resume, report=report, on_checkpoint=goes_on)
        state = json.loads((newest_checkpoint(run) / "state.json").read_text(encoding="utf-8"))
        about = {"steps": state["steps"], "wall_clock": round(state["wall_clock"], 2), "stopped": bool(stopped)}
        write_json(run / FINISHED, {**about, "bundle": bundle.name})
    done = finished(run) or {}
    return {"run": job.run, **done, "bundle": str(run / str(done.get("bundle")))}


def _run(job: Job, ask: Ask) -> dict[str, Any]:
    return run_job(job, ask)


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
    ``over``: another processes.run_all, such as cluster_runs.run_all over Ray.
    """
    outcomes: dict[str, dict[str, Any]] = {}
    done = [job for job in jobs if finished(Path(job.run))]
    left = [job for job in jobs if job not in done]
    for job, result in chain(((job, run_job(job)) for job in done), over(_run, left, at_once, report)):
        if isinstance(result, Failure):
            outcome = {"run": job.run, "status": "failed", "error": result.error, "trace": result.trace}
        else:
            outcome = {"status": "finished", **result}
        outcomes[job.run] = outcome
        ended(job, outcome)
        write_summary(Path(job.run).parent, list(outcomes.values()))
    return [outcomes[job.run] for job in jobs]


def write_summary(folder: Path, outcomes: Sequence[dict[str, Any]]) -> None:
    """Write FOLDER/seeds.json: what became of each seed; those of earlier calls stay in it."""
    from simonsays.agents.run_dir import write_json

    file = folder / "seeds.json"
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    for outcome in outcomes:
        known[Path(outcome["run"]).name] = {key: outcome[key] for key in outcome if key not in ("run", "bundle")}
    write_json(file, dict(sorted(known.items(), key=lambda each: (len(each[0]), each[0]))))
