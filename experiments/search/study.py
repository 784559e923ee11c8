"""``simon sweep``: search a recipe's hyperparameters with Optuna, each trial a training that may be cut short.

SWEEP/ holds study.db (Optuna's storage), sweep.json (what is searched), trial_0000/ ... (run folders), and, after
every trial, results.json and best.toml, the recipe with the best values.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simonsays.agents.measure.checkpoints import metric_of
from simonsays.agents.recipes.recipe import Range, Recipe, recipe_from_dict
from simonsays.assets import InputError, first_line
from simonsays.assets.files import write_json
from simonsays.assets.reading import read_table
from simonsays.experiments.jobs.processes import Failure, run_all
from simonsays.experiments.search.report import draw_plots, importances, trials_of
from simonsays.experiments.search.trial import Plan, Trial, check_searchable, ended_well, run_trial, write_best

_ENDED = ("COMPLETE", "PRUNED")  # well, as Optuna calls it
_FAILURES = 3  # trials that fail before one has ended well: the sweep itself is wrong


def sweep(
    recipe: Recipe,
    folder: Path,
    plan: Plan,
    *,
    storage: str | None = None,
    progress: Callable[[int, int, str], None] = lambda done, total, text: None,
) -> dict[str, Any]:
    """Search a recipe's ``[search]`` ranges until the study has ``plan.trials`` trials; returns results.json's data.

    Called again on the same folder it goes on; trials that were cut off go on from their checkpoints.

    Raises:
        InputError: nothing to search, optuna is missing, the folder is of another sweep or in use, or no trial
            ended well: the first few that fail end it.
    """
    check_searchable(recipe)
    if importlib.util.find_spec("optuna") is None:
        raise InputError("a sweep needs optuna: pip install 'simonsays[sweep]'")
    from simonsays.agents.runs.run_dir import only_one

    with only_one(folder, "simon sweep"):
        _check_folder(folder, recipe)
        study = _open_study(recipe, folder, plan, storage)
        Search(recipe, folder, plan, study).run(progress)
        return ended_well(folder, write_results(recipe, folder, study))


def _open_study(recipe: Recipe, folder: Path, plan: Plan, storage: str | None) -> Any:
    import optuna

    pruners: dict[str, Callable[[], Any]] = {
        "median": optuna.pruners.MedianPruner,
        "halving": optuna.pruners.SuccessiveHalvingPruner,
        "none": optuna.pruners.NopPruner,
    }
    with _storage_errors(storage):
        study = optuna.create_study(
            storage=storage or f"sqlite:///{folder.resolve() / 'study.db'}",
            study_name=recipe.name,
            direction="maximize",
            load_if_exists=True,
            pruner=pruners[plan.pruner](),
        )
    for key in ("episodes", "seed"):
        wanted, before = getattr(plan, key), study.user_attrs.get(key)
        if before is None:
            study.set_user_attr(key, wanted)
        elif before != wanted:
            raise InputError(f"{folder}: --{key}: its trials have {before}, now {wanted}; they would not compare")
    seed = plan.seed + len(study.get_trials(deepcopy=False))  # one that goes on must not draw the same again
    samplers: dict[str, Callable[[], Any]] = {
        "tpe": lambda: optuna.samplers.TPESampler(seed=seed),
        "random": lambda: optuna.samplers.RandomSampler(seed=seed),
        "qmc": lambda: optuna.samplers.QMCSampler(seed=plan.seed, scramble=True),
    }
    study.sampler = samplers[plan.sampler]()
    return study


@contextmanager
def _storage_errors(storage: str | None) -> Iterator[None]:
    """What a storage of the user's own says, in our words; its libraries have many exceptions."""
    try:
        yield
    except Exception as error:
        if storage is None:
            raise
        raise InputError(f"--storage {storage!r}: cannot be opened: {first_line(error)}") from error


def _check_folder(folder: Path, recipe: Recipe) -> None:
    file = folder / "sweep.json"
    if not file.exists():
        write_json(file, recipe.model_dump(mode="json"))
        return
    if recipe_from_dict(read_table(file), str(file)) != recipe:
        raise InputError(f"{folder} holds a sweep of another recipe or other ranges; choose another folder")


def suggest(trial: Any, key: str, drawn: Range) -> Any:
    """Draw a key's value for an Optuna trial."""
    if drawn.choices is not None:
        return trial.suggest_categorical(key, list(drawn.choices))
    if isinstance(drawn.low, int) and isinstance(drawn.high, int):
        step = 1 if drawn.step is None else int(drawn.step)
        return trial.suggest_int(key, drawn.low, drawn.high, step=step, log=drawn.log)
    return trial.suggest_float(key, drawn.low, drawn.high, step=drawn.step, log=drawn.log)


class Search:
    """The trials of one study in one folder."""

    def __init__(self, recipe: Recipe, folder: Path, plan: Plan, study: Any) -> None:
        self._recipe, self._folder, self._plan, self._study = recipe, folder, plan, study
        self._asked: dict[int, Any] = {}
        self._pruned: set[int] = set()
        self._reported: set[tuple[int, int]] = set()

    def run(self, progress: Callable[[int, int, str], None]) -> None:
        """Run trials until there are as many as planned."""
        self._take_up()
        # One that was cut off has not ended.
        trials, failures = self._study.get_trials(deepcopy=False), 0
        done = sum(trial.state.name in _ENDED or "error" in trial.user_attrs for trial in trials)
        progress(done, self._plan.trials, self._told())
        for task, result in run_all(run_trial, self._tasks(done), self._plan.jobs, self._answer):
            self._tell(task, result)
            done += 1
            progress(done, self._plan.trials, self._told())
            if isinstance(result, Failure):
                failures += 1
                if failures >= _FAILURES and not trials_of(self._study, *_ENDED):
                    return
            write_results(self._recipe, self._folder, self._study, plots=False)

    def _take_up(self) -> None:
        """Trials that were running when a sweep was cut off: they fail, and are queued again with their folder."""
        from optuna.trial import TrialState

        here = str(self._folder.resolve())
        for trial in self._study.get_trials(states=(TrialState.RUNNING,)):
            if trial.user_attrs.get("folder", here) == here:
                self._study.tell(trial.number, state=TrialState.FAIL)
                if trial.params:
                    run = trial.user_attrs.get("run", _run_name(trial.number))
                    self._study.enqueue_trial(trial.params, user_attrs={"run": run})

    def _tasks(self, done: int) -> Iterator[Trial]:
        for _ in range(done, self._plan.trials):
            trial = self._study.ask()
            trial.set_user_attr("folder", str(self._folder.resolve()))
            run = trial.user_attrs.get("run") or _run_name(trial.number)
            trial.set_user_attr("run", run)
            values = {key: suggest(trial, key, drawn) for key, drawn in self._recipe.search.items()}
            self._asked[trial.number] = trial
            plan, recipe = self._plan, self._recipe.model_dump(mode="json")
            yield Trial(trial.number, recipe, values, str(self._folder / run), plan.episodes, plan.seed)

    def _answer(self, task: Trial, message: tuple[int, float]) -> bool:
        steps, value = message
        trial = self._asked[task.number]
        place = round(steps / self._recipe.checkpoint_steps)  # one that all trials share
        if (task.number, place) not in self._reported:
            self._reported.add((task.number, place))
            trial.report(value, place)
        if trial.should_prune():
            self._pruned.add(task.number)
        return task.number not in self._pruned

    def _tell(self, task: Trial, result: float | Failure) -> None:
        from optuna.trial import TrialState

        trial = self._asked.pop(task.number)
        if isinstance(result, Failure):
            trial.set_user_attr("error", result.error)
            self._study.tell(trial, state=TrialState.FAIL)
        elif task.number in self._pruned:
            self._study.tell(trial, state=TrialState.PRUNED)
        else:
            self._study.tell(trial, result)

    def _told(self) -> str:
        best = best_trial(self._study)
        return "sweeping" if best is None else f"sweeping, best {best.value:.3f}"


def _run_name(number: int) -> str:
    return f"trial_{number:04d}"


def best_trial(study: Any) -> Any:
    """The best completed trial; None while there is none."""
    return max(trials_of(study, "COMPLETE"), key=lambda trial: trial.value, default=None)


def write_results(recipe: Recipe, folder: Path, study: Any, plots: bool = True) -> dict[str, Any]:
    """Write results.json, best.toml and, with ``plots``, the pictures; returns the data of results.json."""
    best = best_trial(study)
    results = {
        "recipe": recipe.name,
        "metric": metric_of(recipe.env_id),
        "best": None if best is None else {"number": best.number, "value": best.value, "values": best.params},
        "importances": importances(study),
        "trials": [
            {
                "number": trial.number,
                "state": trial.state.name.lower(),
                "value": trial.value,
                "values": trial.params,
                "run": trial.user_attrs.get("run"),
                **({"error": trial.user_attrs["error"]} if "error" in trial.user_attrs else {}),
            }
            for trial in study.get_trials(deepcopy=False)
        ],
    }
    write_json(folder / "results.json", results)
    if best is not None:
        write_best(folder, recipe, best.params)
    if plots:
        draw_plots(study, folder)
    return results
