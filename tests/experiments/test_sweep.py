"""A search for hyperparameters: real trials of a few steps."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from tiny_runs import tiny

from simonsays.agents.recipes.recipe import load_recipe
from simonsays.assets import InputError

pytest.importorskip("torch")
optuna = pytest.importorskip("optuna")

from simonsays.agents.runs.run_dir import checkpoints  # noqa: E402
from simonsays.experiments.search.study import sweep  # noqa: E402
from simonsays.experiments.search.trial import Plan, Trial, objective, run_trial, trial_run  # noqa: E402

optuna.logging.set_verbosity(optuna.logging.WARNING)
RANGES: dict[str, Any] = {
    "ppo.n_epochs": {"low": 1, "high": 3},
    "stages.only.learning_rate": {"low": 1e-5, "high": 1e-3, "log": True},
    "network.activation": {"choices": ["elu", "tanh"]},
}


@pytest.fixture(scope="module")
def recipe() -> Any:
    return tiny(search=RANGES)


def plan(trials: int, **changes: Any) -> Plan:
    return Plan(trials, episodes=1, **changes)


def study(folder: Path) -> Any:
    return optuna.load_study(study_name="tiny", storage=f"sqlite:///{folder / 'study.db'}")


def test_a_tie_is_broken_by_the_return_and_by_nothing_more() -> None:
    def of(up: int, reward: float) -> float:
        return objective({"survival": [True] * up + [False] * (4 - up), "return": [reward] * 4}, "survival")

    assert of(2, -5.0) < of(2, 0.0) < of(2, 10.0) < of(2, 11.0) < of(3, -1e9)
    assert of(2, 1e9) < 0.75


def test_a_trial_reports_every_checkpoint_and_can_be_ended(recipe: Any, tmp_path: Path) -> None:
    told: list[tuple[int, float]] = []

    def report(steps: int, value: float) -> bool:
        told.append((steps, value))
        return steps < 64

    longer = recipe.model_copy(update={"stages": (recipe.stages[0].model_copy(update={"steps": 500}),)})
    values = {"ppo.n_epochs": 2, "network.activation": "tanh"}
    value = trial_run(longer, values, tmp_path / "run", report, episodes=1)
    assert [steps for steps, _ in told] == [32, 64] and value == told[-1][1]
    assert len(checkpoints(tmp_path / "run")) == 2
    said = json.loads((tmp_path / "run" / "run.json").read_text())
    assert said["recipe"]["ppo"]["n_epochs"] == 2 and said["recipe"]["network"]["activation"] == "tanh"


def test_a_sweep_ends_with_a_recipe_and_goes_on_when_called_again(recipe: Any, tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    first = sweep(recipe, tmp_path, plan(2), progress=lambda *now: told.append(now))
    assert [trial["state"] for trial in first["trials"]] == ["complete", "complete"]
    assert told[0][:2] == (0, 2) and told[-1][:2] == (2, 2)
    best = max(first["trials"], key=lambda trial: trial["value"])
    assert first["best"] == {"number": best["number"], "value": best["value"], "values": best["values"]}
    chosen = load_recipe(tmp_path / "best.toml")
    assert chosen.name == "tiny-best" and not chosen.search
    assert chosen.hyperparameters.n_epochs == best["values"]["ppo.n_epochs"]
    assert chosen.stages[0].learning_rate == pytest.approx(best["values"]["stages.only.learning_rate"])
    assert (tmp_path / "history.png").read_bytes().startswith(b"\x89PNG")
    again = sweep(recipe, tmp_path, plan(3))
    assert again["trials"][:2] == first["trials"] and len(again["trials"]) == 3
    values = [json.dumps(trial["values"]) for trial in again["trials"]]
    assert len(set(values)) == 3  # a sampler that began anew would have drawn the first again
    assert json.loads((tmp_path / "results.json").read_text()) == again
    with pytest.raises(InputError, match="another recipe"):
        sweep(recipe.model_copy(update={"seed": 5}), tmp_path, plan(3))


def test_a_trial_that_was_cut_off_goes_on_where_it_was(recipe: Any, tmp_path: Path) -> None:
    def lights_out(trial: Trial, ask: Any) -> float:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("simonsays.experiments.search.study.run_trial", lights_out)
        sweep(recipe, tmp_path, plan(1))
    left = study(tmp_path).trials[0]
    assert left.state.name == "RUNNING"
    results = sweep(recipe, tmp_path, plan(1))
    assert [trial["state"] for trial in results["trials"]] == ["fail", "complete"]
    assert results["trials"][1]["values"] == left.params and results["trials"][1]["run"] == "trial_0000"


def test_a_trial_whose_sweep_is_gone_is_not_taken_for_a_poor_one(recipe: Any, tmp_path: Path) -> None:
    """Its questions are answered no more until it is interrupted itself."""
    values = {"ppo.n_epochs": 2}
    trial = Trial(0, recipe.model_dump(mode="json"), values, str(tmp_path / "run"), episodes=1, seed=0)
    run_trial(trial, lambda message: None)
    assert json.loads((tmp_path / "run" / "run.json").read_text())["sessions"][-1]["status"] == "finished"
    assert len(checkpoints(tmp_path / "run")) == 2


def test_trials_that_are_measured_otherwise_are_refused(recipe: Any, tmp_path: Path) -> None:
    sweep(recipe, tmp_path, plan(1))
    for key in ("episodes", "seed"):
        with pytest.raises(InputError, match=f"--{key}"):
            sweep(recipe, tmp_path, dataclasses.replace(plan(2), **{key: 8}))


def test_poor_trials_are_cut_short(recipe: Any, tmp_path: Path) -> None:
    import math

    longer = recipe.model_copy(update={"stages": (recipe.stages[0].model_copy(update={"steps": 96}),)})
    sweep(longer, tmp_path, plan(1))
    here = study(tmp_path)
    distributions = here.trials[0].distributions
    for _ in range(5):  # the pruner waits for five
        here.add_trial(
            optuna.trial.create_trial(
                params=here.trials[0].params,
                distributions=distributions,
                value=10.0,
                intermediate_values={1: 10.0, 2: 10.0, 3: 10.0},
            )
        )
    results = sweep(longer, tmp_path, plan(7))
    last = results["trials"][-1]
    assert last["state"] == "pruned" and math.isfinite(last["value"])
    assert [folder.name for folder in checkpoints(tmp_path / last["run"])] == ["step_000000032"]


def test_failing_trials_are_told_and_stop_a_hopeless_sweep(tmp_path: Path) -> None:
    broken = tiny(search={"stages.0.learning_rate": {"low": 1e30, "high": 1e31}})
    with pytest.raises(InputError, match="none of 3 trials ended well; the first failed with: "):
        sweep(broken, tmp_path, plan(9))
    failed = json.loads((tmp_path / "results.json").read_text())["trials"]
    assert all(trial["state"] == "fail" and trial["error"] for trial in failed)
    with pytest.raises(InputError, match="none of 1 trials ended well"):
        sweep(broken, tmp_path / "one", plan(1))


def test_what_cannot_be_searched_is_refused(recipe: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\[search\]"):
        sweep(tiny(), tmp_path / "a", plan(1))
    with pytest.raises(InputError, match="Pendulum-v1 has none"):
        sweep(tiny(env_id="Pendulum-v1", search=recipe.search), tmp_path / "a", plan(1))
    with pytest.raises(InputError, match="--storage 'foo'"):
        sweep(recipe, tmp_path / "a", plan(1), storage="foo")
    with pytest.raises(InputError, match="did you mean 'tpe'"):
        plan(1, sampler="tpee")
    with pytest.raises(InputError, match="pruner"):
        plan(1, pruner="mean")
    with FileLock(tmp_path / ".lock"), pytest.raises(InputError, match="another simon sweep"):
        sweep(recipe, tmp_path, plan(1))


@pytest.mark.slow
def test_trials_run_side_by_side(recipe: Any, tmp_path: Path) -> None:
    results = sweep(recipe, tmp_path, plan(3, jobs=2))
    assert [trial["state"] for trial in results["trials"]] == ["complete"] * 3
