"""A recipe on several seeds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tiny_runs import tiny

from simonsays.assets import InputError

pytest.importorskip("torch")

from simonsays.agents.runs.run_dir import newest_checkpoint
from simonsays.experiments.jobs.seeds import finished, run_job, seed_runs, train_seeds


def test_seeds_train_resume_and_are_skipped(tmp_path: Path) -> None:
    recipe = tiny()
    jobs = seed_runs(recipe, tmp_path, [3, 4])
    assert [Path(job.run).name for job in jobs] == ["seed_3", "seed_4"] and jobs[1].recipe["seed"] == 4

    def cut_off(now: dict[str, Any]) -> None:
        if now["steps"] > 32:
            raise RuntimeError("the lights went out")

    with pytest.raises(RuntimeError):
        run_job(jobs[0], cut_off)
    assert finished(tmp_path / "seed_3") is None
    before = newest_checkpoint(tmp_path / "seed_3").name
    outcomes = train_seeds(jobs)
    assert [outcome["status"] for outcome in outcomes] == ["finished", "finished"], outcomes
    sessions = json.loads((tmp_path / "seed_3" / "run.json").read_text())["sessions"]
    assert [session["from_steps"] for session in sessions] == [0, int(before.removeprefix("step_"))]
    assert all((Path(outcome["bundle"]) / "policy.json").exists() for outcome in outcomes)
    told: list[Any] = []
    assert train_seeds(jobs, report=lambda job, now: told.append(now)) == outcomes and not told
    summary = json.loads((tmp_path / "seeds.json").read_text())
    assert list(summary) == ["seed_3", "seed_4"] and summary["seed_4"]["steps"] == 64
    with pytest.raises(InputError, match=r"ppo\.n_epochs"):
        seed_runs(tiny(ppo={**recipe.hyperparameters.model_dump(), "n_epochs": 2}), tmp_path, [3])


def test_a_seed_that_fails_is_told_of_and_the_others_go_on(tmp_path: Path) -> None:
    jobs = seed_runs(tiny(), tmp_path, [0, 1])
    (tmp_path / "seed_0").mkdir()
    (tmp_path / "seed_0" / "run.json").write_text("{")
    with pytest.raises(InputError, match="seed_0"):
        seed_runs(tiny(), tmp_path, [0, 1])
    (tmp_path / "seed_0" / "run.json").write_text(json.dumps({"recipe": {**jobs[0].recipe, "seed": 9}}))
    bad, good = train_seeds(jobs, at_once=2)
    assert bad["status"] == "failed" and "seed" in bad["error"] and good["status"] == "finished"
    summary = json.loads((tmp_path / "seeds.json").read_text())
    assert [summary[name]["status"] for name in ("seed_0", "seed_1")] == ["failed", "finished"]


def test_seeds_of_an_env_without_bundles_go_on(tmp_path: Path) -> None:
    recipe = tiny(env_id="Pendulum-v1")
    first = train_seeds(seed_runs(recipe, tmp_path, [0]))
    again = train_seeds(seed_runs(recipe, tmp_path, [0, 1]))
    assert [each["status"] for each in again] == ["finished"] * 2 and again[0]["bundle"] == first[0]["bundle"]


def test_the_same_seed_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="once"):
        seed_runs(tiny(), tmp_path, [1, 1])
