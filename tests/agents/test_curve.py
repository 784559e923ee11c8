"""Checkpoints of a run, measured in NumPy."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tiny_runs import tiny

from simonsays.agents.measure.checkpoints import bundle_of, evaluate_checkpoints, measure, metric_of, read_curve, share
from simonsays.assets import InputError, path
from simonsays.envs.policy.policy import load_policy

pytest.importorskip("torch")

from simonsays.agents.training.export import export_run
from simonsays.agents.training.train import train


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("curve") / "run"
    train(tiny(env={"episode_seconds": 0.5}), folder)
    return folder


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained, tmp_path / "run"))


def test_every_checkpoint_is_measured_once(run: Path) -> None:
    told: list[tuple[int, int]] = []
    first = evaluate_checkpoints(run, episodes=2, jobs=1, progress=lambda done, total: told.append((done, total)))
    assert [point["steps"] for point in first["points"]] == [32, 64] and told == [(1, 2), (2, 2)]
    assert first["metric"] == "survival" and all(len(point["length"]) == 2 for point in first["points"])
    assert all(length > 25 for point in first["points"] for length in point["length"])  # not the training's episodes
    assert first["points"][0]["wall_clock"] < first["points"][1]["wall_clock"]
    assert read_curve(run) == first
    (run / "checkpoints" / "step_000000064").rename(run / "checkpoints" / "step_000000064.off")
    told.clear()
    assert evaluate_checkpoints(run, episodes=2, jobs=1, progress=lambda *at: told.append(at)) == first
    assert not told


def test_a_new_checkpoint_alone_is_measured_and_other_seeds_begin_anew(run: Path) -> None:
    off = run / "step_000000064"
    (run / "checkpoints" / off.name).rename(off)
    evaluate_checkpoints(run, episodes=2, jobs=1)
    curve = json.loads((run / "curve.json").read_text())
    curve["points"][0]["return"] = [1.0, 2.0]
    (run / "curve.json").write_text(json.dumps(curve))
    off.rename(run / "checkpoints" / off.name)
    grown = evaluate_checkpoints(run, episodes=2, jobs=1)
    assert [point["steps"] for point in grown["points"]] == [32, 64]
    assert share(grown["points"][0], "return") == 1.5  # as it was
    other = evaluate_checkpoints(run, episodes=1, seed=7, jobs=1)
    assert other["seed"] == 7 and share(other["points"][0], "return") != 1.5


def test_the_curve_is_what_the_bundle_of_the_checkpoint_does(run: Path) -> None:
    curve = evaluate_checkpoints(run, episodes=2, seed=5, jobs=1)
    found = measure(export_run(run), "simonsays.envs:G1-Locomotion-v0", [5, 6], jobs=2)
    assert found == {key: curve["points"][-1][key] for key in found}


def test_damage_is_told(run: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="run"):
        evaluate_checkpoints(tmp_path / "nothing")
    (run / "curve.json").write_text('{"points": [{}]}')
    with pytest.raises(InputError, match=r"curve\.json"):
        evaluate_checkpoints(run, episodes=1, jobs=1)
    (run / "curve.json").unlink()
    file = run / "checkpoints" / "step_000000032" / "weights.safetensors"
    file.write_bytes(file.read_bytes()[:50])
    with pytest.raises(InputError, match="step_000000032"):
        evaluate_checkpoints(run, episodes=1, jobs=1)


def test_a_run_folder_stands_for_its_newest_checkpoint(run: Path) -> None:
    assert bundle_of("g1-locomotion") == "g1-locomotion"
    before = (run / "bundle" / "policy.json").stat().st_mtime_ns
    assert bundle_of(str(run)) == str(run / "bundle")
    assert (run / "bundle" / "policy.json").stat().st_mtime_ns == before
    shutil.rmtree(run / "checkpoints" / "step_000000064")
    assert load_policy(bundle_of(str(run))).description["training"]["env_steps"] == 32


def test_settings_that_a_policy_depends_on_are_those_of_its_measuring(tmp_path: Path) -> None:
    env = {"history": 2, "blocks": ["gravity", "command", "leg_positions"], "episode_seconds": 0.5}
    train(tiny(env=env, stages=[{"name": "a", "steps": 32, "learning_rate": 1e-3}]), tmp_path / "run")
    found = evaluate_checkpoints(tmp_path / "run", episodes=1, jobs=1)
    assert found["points"][0]["length"][0] > 25
    said = load_policy(tmp_path / "run" / "bundle").description["settings"]
    assert said == {"blocks": ["gravity", "command", "leg_positions"]}


@pytest.mark.parametrize(
    ("name", "metric", "key"),
    [("g1-goto", "success", "success"), ("g1-jump", "survival", "survival"), ("g1-crouch", "survival", "survival")],
)
def test_any_env_can_be_measured(name: str, metric: str, key: str) -> None:
    policy = load_policy(name)
    assert metric_of(policy.env_id) == metric
    found: dict[str, Any] = measure(path("policies", name), policy.env_id, [0], jobs=1)
    assert found[key] == [True] and found["survival"] == [True] and found["length"][0] > 10
