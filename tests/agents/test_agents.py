"""Training: the mirror policy, worker processes, checkpoints, resuming, bundles, recipes."""

from __future__ import annotations

import json
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_runs import ENV_ID, tiny

from simonsays.agents.recipes.recipe import load_recipe
from simonsays.assets import InputError, path
from simonsays.assets.registry import POLICIES, RECIPES
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.policy.policy import load_policy
from simonsays.testing import check_policy

torch = pytest.importorskip("torch")

from simonsays.agents.runs.run_dir import newest_checkpoint  # noqa: E402
from simonsays.agents.training import train as training  # noqa: E402
from simonsays.agents.training.algorithms import make_policy  # noqa: E402
from simonsays.agents.training.callbacks import next_assistance, next_learning_rate  # noqa: E402
from simonsays.agents.training.cloning import clone  # noqa: E402
from simonsays.agents.training.options import TrainOptions  # noqa: E402
from simonsays.agents.training.snapshot import restore_model  # noqa: E402
from simonsays.agents.vec.vec import WorkerVecEnv  # noqa: E402


def weights(run: Path) -> dict[str, Any]:
    from safetensors.numpy import load_file

    return load_file(newest_checkpoint(run) / "weights.safetensors")


def test_shipped_recipes_load() -> None:
    names = list(RECIPES.files())
    assert "locomotion" in names
    for name in names:
        assert load_recipe(name).total_steps > 0


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"pp": {}}, "ppo"),
        ({"ppo": {"n_step": 1}}, "n_steps"),
        ({"env": {"push_sped": 1}}, "push_speed"),
        ({"stages": []}, "stages"),
        ({"stages": [{"name": "a", "steps": 0, "learning_rate": 1}]}, "steps"),
    ],
)
def test_a_wrong_recipe_names_the_key(change: dict[str, Any], word: str) -> None:
    with pytest.raises(InputError, match=word):
        tiny(**change)


def test_missing_and_malformed_recipes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="locomotion"):
        load_recipe("locomotoin")
    file = tmp_path / "a.toml"
    file.write_text("[x")
    with pytest.raises(InputError, match=r"a\.toml"):
        load_recipe(file)


def test_policy_is_mirror_symmetric_and_the_bundle_agrees_with_torch(finished_run: Path) -> None:
    policy = load_policy(finished_run / "bundle")
    env = HumanoidEnv()
    policy.check(env)
    rng = np.random.default_rng(0)
    observations = rng.normal(size=(20, 78)).astype(np.float32)
    actions = policy.predict(observations, deterministic=True)[0]
    m = env.mirror
    mirrored = observations[:, np.array(m["observation"], int)] * np.array(m["observation_sign"], np.float32)
    expected = actions[:, np.array(m["action"], int)] * np.array(m["action_sign"])
    np.testing.assert_allclose(policy.predict(mirrored, deterministic=True)[0], expected, atol=1e-5)
    np.testing.assert_allclose(policy.predict(observations[0], deterministic=True)[0], actions[0], atol=1e-6)
    vec = WorkerVecEnv(ENV_ID, {}, 1, 1)
    model = training.make_model(tiny(), vec, env, training.TrainingState(learning_rate=1e-3))
    vec.close()
    folder = newest_checkpoint(finished_run)
    restore_model(model, training.load_checkpoint(folder)[1], folder)
    np.testing.assert_allclose(model.predict(observations, deterministic=True)[0], actions, atol=1e-5)
    sampled = policy.predict(observations)[0]
    assert not np.allclose(sampled, actions)


def test_resume_continues_where_it_stopped(tmp_path: Path) -> None:
    """A run that was cut off has, after resuming, the same progress; its weights moved on from the checkpoint."""
    run = tmp_path / "run"
    seen: list[dict[str, Any]] = []

    def stop_early(now: dict[str, Any]) -> None:
        seen.append(now)
        if now["steps"] == 96:
            os.kill(os.getpid(), signal.SIGINT)

    assisted = [{"name": "a", "steps": 128, "learning_rate": 1e-3, "assisted": True}]
    recipe = tiny(stages=assisted, fade_length=0.001, env={"episode_seconds": 0.2})
    with pytest.raises(KeyboardInterrupt):
        training.train(recipe, run, TrainOptions(report=stop_early))
    state = json.loads((newest_checkpoint(run) / "state.json").read_text())
    assert state["steps"] == 96 and state["iterations"] == 3 and state["assistance"] < 1.0
    before = weights(run)
    shutil.copytree(run, tmp_path / "copy")
    ended = []
    for folder in (run, tmp_path / "copy"):
        later: list[dict[str, Any]] = []
        training.train(training.read_run(folder), folder, TrainOptions(resume=True, report=later.append))
        assert [now["steps"] for now in later] == [128]
        assert later[0]["assistance"] <= state["assistance"] and later[0]["seconds"] > state["wall_clock"]
        ended.append(weights(folder))
    for name, tensor in ended[0].items():
        np.testing.assert_array_equal(tensor, ended[1][name], err_msg=name)
    assert any(not np.array_equal(before[name], ended[0][name]) for name in before if name.startswith("policy."))
    steps = [name for name in before if name.endswith(".step")]
    assert steps and all(ended[0][name] > before[name] for name in steps)


def test_a_run_logs_every_reward_term_and_refuses_to_be_overwritten(tmp_path: Path) -> None:
    recipe = tiny(env={"episode_seconds": 0.1})
    training.train(recipe, tmp_path / "run")
    header = (tmp_path / "run" / "logs" / "progress.csv").read_text().splitlines()[0]
    for name in HumanoidEnv().config.reward_weights:
        assert f"reward/{name}" in header
    assert list((tmp_path / "run" / "logs").glob("events.out.tfevents*"))
    said = load_policy(tmp_path / "run" / "bundle").description["training"]
    assert said["settings"] == {"episode_seconds": 0.1}
    with pytest.raises(InputError, match="resume"):
        training.train(recipe, tmp_path / "run")


def test_training_starts_from_a_bundle(finished_run: Path, tmp_path: Path) -> None:
    first = finished_run / "bundle"
    slow = tiny(stages=[{"name": "a", "steps": 32, "learning_rate": 1e-12}])
    second = training.train(slow, tmp_path / "b", TrainOptions(init=first))
    x = np.ones((1, 78), np.float32)
    a, b = (load_policy(bundle).predict(x, deterministic=True)[0] for bundle in (first, second))
    np.testing.assert_allclose(a, b, atol=1e-6)
    with pytest.raises(InputError, match=r"network\.hidden\.0: the bundle has .*, the recipe "):
        training.train(tiny(network={"hidden": [4]}), tmp_path / "c", TrainOptions(init=first))


@pytest.mark.parametrize("damage", ["truncate", "remove"])
def test_a_damaged_checkpoint_is_refused(run: Path, damage: str) -> None:
    file = newest_checkpoint(run) / "weights.safetensors"
    if damage == "truncate":
        file.write_bytes(file.read_bytes()[:100])
    else:
        file.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        training.train(tiny(), run, TrainOptions(resume=True))


def test_worker_env_agrees_with_one_env_and_reports_failures() -> None:
    vec = WorkerVecEnv(ENV_ID, {}, 2, 2)
    try:
        vec.seed(5)
        observations = vec.reset()
        env = HumanoidEnv()
        expected, _ = env.reset(seed=7)
        np.testing.assert_array_equal(observations[2], expected)
        rng = np.random.default_rng(0)
        ended: list[dict[str, Any]] = []
        for _ in range(120):
            actions = rng.normal(0, 1, (4, 12)).astype(np.float32)
            observations, rewards, dones, infos = vec.step(actions)
            if not ended:
                expected, reward, terminated, *_ = env.step(actions[2])
                if terminated:
                    assert dones[2]
                    np.testing.assert_array_equal(infos[2]["terminal_observation"], expected)
                    assert not infos[2]["TimeLimit.truncated"]
                    assert set(infos[2]["episode"]["terms"]) == set(env.config.reward_weights)
                    ended.append(infos[2])
                else:
                    np.testing.assert_array_equal(observations[2], expected)
                    assert rewards[2] == pytest.approx(reward, rel=1e-5)
        assert ended
        with pytest.raises(InputError, match="push_speed"):
            vec.env_method("reconfigure", push_sped=1)
    finally:
        vec.close()
    assert all(not process.is_alive() for process in vec.processes)


def test_curriculum_rules() -> None:
    value, cuts = 1.0, 0
    while value > 0:
        value, cuts = next_assistance(value), cuts + 1
        assert 0 <= value < 1
    assert 20 < cuts < 60
    recipe = tiny()
    assert next_learning_rate(recipe, 1e-3, 0.05) < 1e-3 < next_learning_rate(recipe, 1e-3, 0.001)
    assert next_learning_rate(recipe, 1e-3, 0.01) == 1e-3 == next_learning_rate(recipe, 1e-3, 0.0)
    assert next_learning_rate(recipe, 1.5e-3, 0.001) == 1.5e-3


def test_shipped_policies_fit_their_env_and_carry_a_card() -> None:
    assert "g1-locomotion" in POLICIES.files()
    for name in POLICIES.files():
        check_policy(name)
        card = (path("policies", name) / "CARD.md").read_text()
        assert "simon evaluate" in card and "Not measured" not in card


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda d: d.update(robot_hash="0"), "robot_hash"),
        (lambda d: d["observation"].pop(), "observation"),
        (lambda d: d["action"].update(scale=1.0), "action"),
        (lambda d: d.update(format=99), "format"),
        (lambda d: d.pop("network"), "network"),
    ],
)
def test_a_policy_that_does_not_fit_is_refused_by_field(tmp_path: Path, change: Any, word: str) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(path("policies", "g1-locomotion"), folder)
    description = json.loads((folder / "policy.json").read_text())
    change(description)
    (folder / "policy.json").write_text(json.dumps(description))
    with pytest.raises(InputError, match=word):
        load_policy(folder).check(HumanoidEnv())


def test_cloning_brings_the_policy_near_to_what_is_imagined(tmp_path: Path) -> None:
    recipe = load_recipe("instruction")
    assert recipe.cloning is not None
    probe = training.make_env(recipe)
    made, arguments = make_policy(recipe, probe)
    policy: Any = made(probe.observation_space, probe.action_space, lambda _: 0.0, **arguments)
    settings = recipe.cloning.model_copy(update={"moments": 1500, "epochs": 6})
    cloned = clone(policy, probe, settings, seed=0)
    states, labels = probe.imagine(np.random.default_rng(1), 300)
    actions = policy.predict(states, deterministic=True)[0]
    assert (
        cloned.mean_squared_error < 0.1
        and cloned.held_out < 0.1
        and np.mean((actions - labels) ** 2) < 0.5 * np.mean(labels**2)
    )
    with pytest.raises(InputError, match="clone"):
        clone(policy, object(), settings, seed=0)
