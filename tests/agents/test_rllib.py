"""RLlib: the bundle is exactly the policy that it trained, a run keeps the run folder's contract, a walker walks on."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simonsays.assets import InputError
from simonsays.envs.policy.policy import load_policy

ray = pytest.importorskip("ray")
torch = pytest.importorskip("torch")

from ray.rllib.core.columns import Columns  # noqa: E402
from tiny_runs import tiny  # noqa: E402

from simonsays.agents.bundles.bundle import load_into  # noqa: E402
from simonsays.agents.rllib import train as rllib  # noqa: E402
from simonsays.agents.rllib.module import ActorCriticModule  # noqa: E402
from simonsays.agents.runs.run_dir import TrainingState, checkpoints, read_state  # noqa: E402
from simonsays.agents.training.algorithms import make_policy  # noqa: E402
from simonsays.agents.training.export import export, export_run, make_env  # noqa: E402
from simonsays.agents.training.options import TrainOptions  # noqa: E402
from simonsays.agents.training.train import train  # noqa: E402
from simonsays.experiments.cli import main  # noqa: E402
from simonsays.experiments.jobs.cluster import joined  # noqa: E402
from simonsays.experiments.jobs.training import engine_of  # noqa: E402
from simonsays.experiments.say import run_instruction  # noqa: E402


@pytest.fixture(scope="module")
def local_ray() -> Iterator[None]:
    with joined(None, 1):
        yield


def module_of(recipe: Any, env: Any) -> Any:
    policy, arguments = make_policy(recipe, env)
    return ActorCriticModule(
        observation_space=env.observation_space,
        action_space=env.action_space,
        model_config={"policy": policy, "arguments": arguments},
    )


@pytest.mark.parametrize("mirror", [None, False])
def test_the_bundle_is_the_module(tmp_path: Path, mirror: bool | None) -> None:
    recipe = tiny(network={"hidden": [16, 8], "mirror": mirror})
    env = make_env(recipe)
    module = module_of(recipe, env)
    with torch.no_grad():
        module.policy.action_net.weight.normal_(0, 0.3)  # it starts near zero
    folder = export(recipe, tmp_path / "bundle", module.policy, env, TrainingState(steps=1), title="PPO (RLlib)")
    observations = np.random.default_rng(0).normal(size=(50, 78)).astype(np.float32)
    batch = {Columns.OBS: torch.from_numpy(observations)}
    mean, log_std = module.forward_inference(batch)[Columns.ACTION_DIST_INPUTS].chunk(2, dim=-1)
    assert mean.abs().max() > 0.3
    limit = float(env.action_space.high[0])
    policy = load_policy(folder)
    actions = policy.predict(observations, deterministic=True)[0]
    np.testing.assert_allclose(actions, mean.numpy().clip(-limit, limit), atol=1e-5)
    np.testing.assert_allclose(np.exp(log_std[0].numpy()), policy._std(observations), atol=1e-6)
    assert module.compute_values(batch).shape == (50,)
    assert policy.description["training"]["algorithm"] == "PPO (RLlib)"


def test_a_start_from_a_bundle_is_exact(tmp_path: Path) -> None:
    recipe = tiny(network={})
    env = make_env(recipe)
    module = module_of(recipe, env)
    load_into("g1-locomotion", module.policy, env)
    observations = np.random.default_rng(1).normal(size=(20, 78)).astype(np.float32)
    mean = module.forward_inference({Columns.OBS: torch.from_numpy(observations)})[Columns.ACTION_DIST_INPUTS][:, :12]
    limit = float(env.action_space.high[0])
    shipped = load_policy("g1-locomotion").predict(observations, deterministic=True)[0]
    np.testing.assert_allclose(mean.numpy().clip(-limit, limit), shipped, atol=1e-5)


def test_a_walker_that_rllib_trains_on_walks(local_ray: None, tmp_path: Path) -> None:
    stages = [{"name": "only", "steps": 128, "learning_rate": 5e-5}]
    recipe = tiny(network={"log_std": -1.5}, ppo={"n_steps": 32, "batch_size": 64, "n_epochs": 2}, stages=stages)
    bundle = rllib.train(recipe, tmp_path / "run", TrainOptions(init="g1-locomotion"))
    x = np.random.default_rng(2).normal(size=(20, 78)).astype(np.float32)
    before, after = (load_policy(each).predict(x, deterministic=True)[0] for each in ("g1-locomotion", bundle))
    assert 1e-5 < np.abs(before - after).max() < 0.5
    assert run_instruction("walk forward one metre", policy=bundle).success


@pytest.mark.slow
def test_a_run_goes_through_its_stages_and_is_resumed(local_ray: None, tmp_path: Path) -> None:
    stages = [
        {"name": "helped", "steps": 96, "learning_rate": 1e-3, "assisted": True},
        {"name": "alone", "steps": 96, "learning_rate": 5e-4, "env": {"push_speed": 0.1}},
    ]
    recipe = tiny(stages=stages, fade_length=0.001, env={"episode_seconds": 0.2})
    run, told = tmp_path / "run", []

    def ends_early(checkpoint: Path) -> bool:
        return len(checkpoints(run)) < 2

    rllib.train(recipe, run, TrainOptions(on_checkpoint=ends_early))
    first = read_state(checkpoints(run)[-1])
    assert first["stage"] == 0 and 0 < first["assistance"] < 1 and engine_of(run) == "rllib"
    weights = load_policy(export_run(run, folder=tmp_path / "bundle"))
    rllib.train(recipe, run, TrainOptions(resume=True, report=told.append))
    last = read_state(checkpoints(run)[-1])
    assert last["stage"] == 1 and last["assistance"] == 0 and last["steps"] >= 190
    assert told[0]["stage"] == "helped" and told[-1]["stage"] == "alone"
    assert told[-1]["assistance"] == 0 and told[0]["steps"] > first["steps"]
    rows = list(csv.DictReader((run / "logs" / "progress.csv").open()))
    assert rows[-1]["reward/alive"] and float(rows[-1]["rollout/ep_len_mean"]) > 1
    sessions = json.loads((run / "run.json").read_text())["sessions"]
    assert [session["status"] for session in sessions] == ["stopped", "finished"]
    x = np.ones((1, 78), np.float32)
    assert not np.allclose(weights.predict(x, deterministic=True)[0], load_policy(run / "bundle").predict(x)[0])
    with pytest.raises(InputError, match="RLlib"):
        train(recipe, run, TrainOptions(resume=True))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"algorithm": "sac", "ppo": {}}, "ppo"),
        ({"normalize": {}}, "normalize"),
        ({"workers": 9}, "1 CPUs"),
        ({"ppo": {"n_steps": 16, "batch_size": 4096}}, "ppo.batch_size: 4096 is more than"),
    ],
)
def test_what_rllib_cannot_do_is_refused(local_ray: None, tmp_path: Path, change: Any, word: str) -> None:
    with pytest.raises(InputError, match=word):
        rllib.train(tiny(**change), tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "command",
    [
        "train locomotion --by ray --run-dir {}",
        "train locomotion --by rllib --run-dir {}",
        "train locomotion --by ray --seeds 2 --run-dir {}",
        "benchmark --by ray --out {}",
        "evaluate --by ray",
        "robustness --by ray",
    ],
)
def test_without_ray_it_says_what_to_install(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setattr(sys, "argv", ["simon", *command.format(tmp_path / "out").split()])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2 and "pip install 'simonsays[ray]'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_options_that_do_not_go_together_are_refused(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    for words, told in (
        ("train --by rlib", "rllib"),
        ("train --by rllib --seeds 2", "--seeds"),
        ("train --ray-address auto", "--by ray"),
        ("benchmark --by rya", "ray"),
    ):
        monkeypatch.setattr(sys, "argv", ["simon", *words.split()])
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == 2 and told in capsys.readouterr().err
