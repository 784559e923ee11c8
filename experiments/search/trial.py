"""One trial of a search for hyperparameters: a training with other values, judged at each of its checkpoints.

:func:`trial_run` knows nothing of Optuna, so that any engine can run it; sweep_study.py is ``simon sweep``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simonsays.agents.measure.checkpoints import Point, evaluate_checkpoints, metric_of, share
from simonsays.agents.recipes.recipe import Recipe, recipe_from_dict, with_values
from simonsays.assets import InputError, did_you_mean
from simonsays.assets.files import write_atomically
from simonsays.envs import env_class
from simonsays.envs.trainable import capabilities
from simonsays.experiments.jobs.processes import Ask
from simonsays.experiments.jobs.seeds import Job, run_job

SAMPLERS, PRUNERS = ("tpe", "random", "qmc"), ("median", "halving", "none")
Report = Callable[[int, float], bool]
"""given env steps and the objective so far; False ends the trial"""


@dataclass(frozen=True)
class Plan:
    """How a sweep searches: trials in all, trials side by side, episodes at each checkpoint from ``seed`` on."""

    trials: int = 20
    jobs: int = 1
    sampler: str = "tpe"
    pruner: str = "median"
    episodes: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        for field, value, known in (("sampler", self.sampler, SAMPLERS), ("pruner", self.pruner, PRUNERS)):
            if value not in known:
                raise InputError(f"{field} {value!r}{did_you_mean(value, known)}")


def objective(point: Point, metric: str) -> float:
    """What a sweep raises: the share of episodes that survive or succeed, ties broken by the return.

    The return adds less than half an episode's worth.
    """
    mean = share(point, "return")
    return share(point, metric) + 0.49 / len(point[metric]) * mean / (1.0 + abs(mean))


def ended_well(folder: Path, results: dict[str, Any]) -> dict[str, Any]:
    """The results of a sweep; InputError, with the first trial's error, where no trial ended well."""
    if results["best"] is None:
        first = next((f"; the first failed with: {one['error']}" for one in results["trials"] if "error" in one), "")
        raise InputError(f"{folder}: none of {len(results['trials'])} trials ended well{first}")
    return results


def trial_run(
    recipe: Recipe, values: Mapping[str, Any], run_dir: Path, report: Report, *, episodes: int = 20, seed: int = 0
) -> float:
    """Train a recipe with other values in a run folder and return the objective of its last checkpoint.

    ``report`` hears of every checkpoint. A folder with a part of this trial's training is gone on with.

    Raises:
        InputError: a value is impossible, or the folder holds a run of another recipe.
    """
    told: set[int] = set()
    metric = metric_of(recipe.env_id)

    def measured(checkpoint: Path | None = None) -> bool:
        """Evaluate what is new, and tell of it."""
        curve = evaluate_checkpoints(run_dir, episodes=episodes, seed=seed, jobs=1)
        goes_on = True
        for point in curve["points"]:
            if point["steps"] not in told:
                told.add(point["steps"])
                goes_on = report(point["steps"], objective(point, metric)) and goes_on
        return goes_on

    if any((run_dir / "checkpoints").glob("step_*")):
        measured()
    run_job(Job(with_values(recipe, values).model_dump(mode="json"), str(run_dir)), on_checkpoint=measured)
    measured()
    return objective(evaluate_checkpoints(run_dir, episodes=episodes, seed=seed, jobs=1)["points"][-1], metric)


@dataclass(frozen=True)
class Trial:
    """One trial as plain data."""

    number: int
    recipe: dict[str, Any]
    values: dict[str, Any]
    run: str
    episodes: int
    seed: int


def check_searchable(recipe: Recipe) -> None:
    """Refuse what cannot be searched.

    Raises:
        InputError: no ranges, or an env whose policies are not evaluated.
    """
    if not recipe.search:
        raise InputError(f"recipe {recipe.name!r} has no table [search]; docs/sweeps.md shows one")
    if capabilities(env_class(recipe.env_id)).describe is None:
        raise InputError(
            f"recipe {recipe.name!r}: env_id: a sweep measures policies from bundles, and {recipe.env_id} has "
            "none: it does not describe itself (describe)"
        )


def write_best(folder: Path, recipe: Recipe, values: Mapping[str, Any]) -> None:
    """Write best.toml, the recipe with the best values."""
    best = with_values(recipe, values).model_copy(update={"name": f"{recipe.name}-best"})
    write_atomically(folder / "best.toml", best.toml())


def run_trial(trial: Trial, ask: Ask) -> float:
    """Do a trial; ``ask((steps, value))`` says whether to go on."""
    return trial_run(
        recipe_from_dict(trial.recipe, trial.run),
        trial.values,
        Path(trial.run),
        lambda steps, value: ask((steps, value)) is not False,  # None: nobody answers any more, an interrupt comes
        episodes=trial.episodes,
        seed=trial.seed,
    )
