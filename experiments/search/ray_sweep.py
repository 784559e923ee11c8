"""``simon sweep --by ray``: Ray Tune searches a recipe's ``[search]`` ranges over a cluster.

Optuna's TPE proposes values, ASHA (Li et al., MLSys 2020) ends poor trials early. A trial whose node is lost goes on
elsewhere, from the newest checkpoint in its run folder. SWEEP/ holds trial_.../ (run folders), tune/ (Tune's own
files), results.json and best.toml, as with Optuna alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from simonsays.agents.measure.checkpoints import metric_of
from simonsays.agents.recipes.recipe import Range, Recipe, recipe_from_dict
from simonsays.assets import InputError, needs_extra
from simonsays.assets.files import write_atomically, write_json
from simonsays.experiments.jobs.cluster import RETRIES, joined, need_ray
from simonsays.experiments.jobs.engines import Engine
from simonsays.experiments.search.trial import Plan, check_searchable, ended_well, trial_run, write_best

Progress = Callable[[int, int, str], None]
_SCORE, _STEPS = "objective", "steps"


def search_space(ranges: Mapping[str, Range]) -> dict[str, Any]:
    """A recipe's ranges as what Ray Tune draws from; both ends of whole numbers are possible."""
    from ray import tune

    def domain(drawn: Range) -> Any:
        if drawn.choices is not None:
            return tune.choice(list(drawn.choices))
        low, high = drawn.low, drawn.high
        assert low is not None and high is not None
        if isinstance(low, int) and isinstance(high, int):
            if drawn.step is not None:  # never with log
                return tune.choice([*range(low, high + 1, int(drawn.step))])
            return tune.lograndint(low, high + 1) if drawn.log else tune.randint(low, high + 1)
        if drawn.log:
            return tune.loguniform(low, high)
        return tune.uniform(low, high) if drawn.step is None else tune.quniform(low, high, drawn.step)

    return {key: domain(drawn) for key, drawn in ranges.items()}


def sweep_trial(config: dict[str, Any], recipe: dict[str, Any], folder: str, episodes: int, seed: int) -> None:
    """One trial, in Tune's hands: it hears of every checkpoint, and ends this process's trial where that is poor."""
    from ray import tune

    run = Path(folder) / f"trial_{tune.get_context().get_trial_id()}"

    def report(steps: int, value: float) -> bool:
        tune.report({_STEPS: steps, _SCORE: value})
        return True

    trial_run(recipe_from_dict(recipe, folder), config, run, report, episodes=episodes, seed=seed)


def ray_sweep(
    recipe: Recipe, folder: Path, plan: Plan, engine: Engine, progress: Progress = lambda done, total, text: None
) -> dict[str, Any]:
    """Search until there are ``plan.trials`` trials; returns results.json's data. A sweep that was cut off goes on.

    Raises:
        InputError: nothing to search, ray or optuna is missing, the folder is of another sweep, or all trials failed.
    """
    check_searchable(recipe)
    need_ray()
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    _check_folder(folder, recipe, plan)
    with joined(engine.address, engine.jobs * recipe.workers, folder) as ray:
        cpus = min(recipe.workers, int(max(node["Resources"].get("CPU", 0) for node in ray.nodes() if node["Alive"])))
        tuner = _tuner(recipe, folder, plan, cpus, progress)
        grid = tuner.fit()
        if _counter_of(tuner).ended < plan.trials:  # Tune has kept a Ctrl-C to itself
            raise KeyboardInterrupt
        results = summary(recipe, [_trial(i, result, recipe.total_steps) for i, result in enumerate(grid)])
    write_json(folder / "results.json", results)
    write_best(folder, recipe, ended_well(folder, results)["best"]["values"])
    return results


def _check_folder(folder: Path, recipe: Recipe, plan: Plan) -> None:
    measured = {"episodes": plan.episodes, "seed": plan.seed}
    about = {"by": "ray", "measured": measured, **recipe.model_dump(mode="json")}
    file, said = folder / "sweep.json", json.dumps(about, indent=1) + "\n"
    if not file.exists():
        write_atomically(file, said)
    elif file.read_text(encoding="utf-8") != said:
        what = "another recipe, ranges, --episodes, --seed, --engine or --by"
        raise InputError(f"{folder} holds a sweep with {what}; choose another folder")


def _tuner(recipe: Recipe, folder: Path, plan: Plan, cpus: int, progress: Progress) -> Any:
    os.environ.setdefault("TUNE_DISABLE_AUTO_CALLBACK_LOGGERS", "1")
    os.environ.setdefault("RAY_AIR_NEW_OUTPUT", "0")
    from ray import tune

    trainable = tune.with_resources(
        tune.with_parameters(
            sweep_trial,
            recipe=recipe.model_dump(mode="json"),
            folder=str(folder),
            episodes=plan.episodes,
            seed=plan.seed,
        ),
        {"cpu": cpus},
    )
    if tune.Tuner.can_restore(str(folder / "tune")):
        restored: Any = tune.Tuner.restore(str(folder / "tune"), trainable, resume_unfinished=True)
        _counter_of(restored).told = progress
        return restored
    return tune.Tuner(
        trainable,
        param_space=search_space(recipe.search),
        tune_config=tune.TuneConfig(
            metric=_SCORE,
            mode="max",
            num_samples=plan.trials,
            search_alg=_searcher(plan),
            scheduler=_scheduler(recipe, plan),
        ),
        run_config=tune.RunConfig(
            name="tune",
            storage_path=str(folder),
            verbose=0,
            failure_config=tune.FailureConfig(max_failures=RETRIES),
            callbacks=[_counter(plan.trials, progress)],
        ),
    )


def _counter_of(tuner: Any) -> Any:
    """The one callback of a tuner, which has no other way to it once it is restored."""
    return tuner._local_tuner._run_config.callbacks[0]


def _searcher(plan: Plan) -> Any:
    if plan.sampler == "random":
        from ray.tune.search.basic_variant import BasicVariantGenerator

        return BasicVariantGenerator(random_state=plan.seed)
    if plan.sampler != "tpe":
        raise InputError(f"--sampler {plan.sampler!r}: --by ray has tpe and random")
    with needs_extra("sweep", "a sweep"):
        import optuna
    from ray.tune.search.optuna import OptunaSearch

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return OptunaSearch(sampler=optuna.samplers.TPESampler(seed=plan.seed))


def _scheduler(recipe: Recipe, plan: Plan) -> Any:
    from ray.tune.schedulers import ASHAScheduler, FIFOScheduler

    if plan.pruner == "none":
        first_come: Any = FIFOScheduler
        return first_come()
    steps = recipe.checkpoint_steps
    return ASHAScheduler(time_attr=_STEPS, grace_period=steps, max_t=max(recipe.total_steps, steps) + steps)


def _counter(total: int, progress: Progress) -> Any:
    from ray.tune import Callback

    class Counter(Callback):
        """Counts trials that have ended, remembers the best. Tune pickles it: without the progress display then."""

        def __init__(self, told: Progress) -> None:
            self.told, self.ended, self.best = told, 0, float("-inf")

        def __getstate__(self) -> dict[str, Any]:
            return {**self.__dict__, "told": None}

        def get_state(self) -> dict[str, Any]:
            return {"ended": self.ended, "best": self.best}

        def set_state(self, state: dict[str, Any]) -> None:
            self.ended, self.best = state["ended"], state["best"]

        def on_trial_result(self, iteration: int, trials: Any, trial: Any, result: Any, **info: Any) -> None:
            self.best = max(self.best, result.get(_SCORE, float("-inf")))

        def on_trial_complete(self, iteration: int, trials: Any, trial: Any, **info: Any) -> None:
            self.ended += 1
            if self.told is not None:
                self.told(self.ended, total, f"sweeping, best {self.best:.3f}")

        on_trial_error = on_trial_complete

    return Counter(progress)


def _trial(number: int, result: Any, total_steps: int) -> dict[str, Any]:
    """A trial of Tune's as plain data."""
    metrics = result.metrics or {}
    error = {} if result.error is None else {"error": str(result.error).strip().splitlines()[-1]}
    return {
        "number": number,
        "state": "fail" if error else "complete" if metrics[_STEPS] >= total_steps else "pruned",
        "value": metrics.get(_SCORE),
        "values": result.config,
        "run": f"trial_{metrics.get('trial_id') or Path(result.path).name}",
        **error,
    }


def summary(recipe: Recipe, trials: list[dict[str, Any]]) -> dict[str, Any]:
    """The data of results.json: like that of ``simon sweep`` without Ray, the importances left out."""
    ended = [trial for trial in trials if trial["state"] == "complete"]
    best = max(ended, key=lambda trial: trial["value"], default=None)
    return {
        "recipe": recipe.name,
        "metric": metric_of(recipe.env_id),
        "best": best and {key: best[key] for key in ("number", "value", "values")},
        "trials": trials,
    }
