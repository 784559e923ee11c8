"""Goal-conditioned tasks: goals and rewards, hierarchy, hindsight training, bundles of squashed actors."""

from __future__ import annotations

import json
import math
import os
import signal
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

from simonsays.assets import InputError
from simonsays.envs.goals.config import GoalConfig, goal_distance, goal_reward, is_success
from simonsays.envs.goals.push import box_features
from simonsays.envs.hierarchy import HierarchyConfig, scale_command
from simonsays.envs.policy.features import relative_goal
from simonsays.envs.policy.policy import load_policy

GOTO, PUSH = "simonsays.envs:G1-GoTo-v0", "simonsays.envs:G1-Push-v0"


def make(env_id: str, **settings: Any) -> Any:
    return gymnasium.make(env_id, disable_env_checker=True, **settings).unwrapped


def test_rewards_and_success_on_hand_made_goals() -> None:
    achieved, desired = np.array([[0.0, 0.0], [1.0, 0.2], [3.0, 4.0]]), np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 0.0]])
    np.testing.assert_allclose(goal_distance(achieved, desired), [0.0, 0.2, 5.0])
    np.testing.assert_array_equal(goal_reward(achieved, desired, 0.25), [0.0, 0.0, -1.0])
    np.testing.assert_allclose(goal_reward(achieved, desired, 0.25, "dense"), [0.0, -0.2, -5.0])
    config = GoalConfig()
    assert is_success(achieved[1], desired[1], 0.1, config)
    assert not is_success(achieved[1], desired[1], 0.3, config)
    assert not is_success(achieved[2], desired[2], 0.0, config)


def test_a_command_is_scaled_on_each_side_and_zero_stands() -> None:
    config = HierarchyConfig(forward=(-0.3, 0.7), sideways=(-0.2, 0.2), yaw_rate=(-0.7, 0.6))
    np.testing.assert_allclose(scale_command(np.array([1.0, -1.0, 0.5]), config), [0.7, -0.2, 0.3])
    np.testing.assert_allclose(scale_command(np.array([-1.0, 0.5, -2.0]), config), [-0.3, 0.1, -0.7])
    np.testing.assert_array_equal(scale_command(np.zeros(3), config), [0.0, 0.0, 0.0])


def test_the_features_of_a_goal_do_not_depend_on_where_and_how_it_stands() -> None:
    """The same way as the robot sees it gives the same features, turned and moved in the world."""

    def seen(yaw: float, x: float, y: float) -> np.ndarray:
        ahead, left = 2.0, 1.0
        goal = (x + ahead * math.cos(yaw) - left * math.sin(yaw), y + ahead * math.sin(yaw) + left * math.cos(yaw))
        own = np.array([math.cos(yaw), math.sin(yaw), 0.3], np.float32)
        observation = {"achieved_goal": np.array([x, y]), "desired_goal": np.array(goal), "observation": own}
        return np.asarray(relative_goal(observation, np.concatenate))

    first, second = seen(0.0, 0.0, 0.0), seen(2.0, -3.0, 5.0)
    np.testing.assert_allclose(first[:2], [2.0, 1.0], atol=1e-6)
    assert first[2] == pytest.approx(math.sqrt(5))
    np.testing.assert_allclose(first[:5], second[:5], atol=1e-5)


def test_box_features_are_in_the_heading_frame() -> None:
    env = make(PUSH)
    env.reset(seed=0)
    reading = env.walker.reading
    x, y, _ = reading.base_position
    yaw = reading.yaw
    position = (x + math.cos(yaw), y + math.sin(yaw), 0.3)
    half = yaw / 2 + math.pi / 4  # turned by a quarter, which a box does not show
    velocity = (-math.sin(yaw), math.cos(yaw), 0.0)
    features = box_features(reading, position, (0.0, 0.0, math.sin(half), math.cos(half)), velocity)
    np.testing.assert_allclose(features, [1.0, 0.0, 1.0, 0.0, 0.0, 1.0], atol=1e-6)
    env.close()


@pytest.mark.parametrize("env_id", [GOTO, PUSH])
@pytest.mark.parametrize("reward_type", ["sparse", "dense"])
def test_compute_reward_is_vectorised_and_a_function_of_goals_alone(env_id: str, reward_type: str) -> None:
    env, other = make(env_id, reward_type=reward_type), make(env_id, reward_type=reward_type)
    rng = np.random.default_rng(0)
    achieved, desired = rng.uniform(-1, 1, (2, 50, 2)).astype(np.float32)
    desired[:10] = achieved[:10] + 0.1
    together = env.compute_reward(achieved, desired, np.array([{} for _ in range(50)]))
    assert together.shape == (50,) and len(set(together)) > 1
    one_by_one = [env.compute_reward(a, d, {"any": i}) for i, (a, d) in enumerate(zip(achieved, desired, strict=True))]
    np.testing.assert_array_equal(together, one_by_one)
    other.reset(seed=1)
    observation, reward, *_ = other.step(np.ones(3))
    np.testing.assert_array_equal(other.compute_reward(achieved, desired, [{}] * 50), together)
    assert reward == other.compute_reward(observation["achieved_goal"], observation["desired_goal"], {})
    env.close()
    other.close()


@pytest.mark.parametrize(("env_id", "near", "far"), [(GOTO, 0.5, 4.0), (PUSH, 0.3, 1.5)])
def test_goals_are_drawn_at_the_promised_distance(env_id: str, near: float, far: float) -> None:
    env = make(env_id, reset_mode="fast")
    goals = []
    for seed in range(20):
        observation, info = env.reset(seed=seed)
        assert not info["is_success"]
        distance = goal_distance(observation["achieved_goal"], observation["desired_goal"])
        assert near - 0.01 <= distance <= far + 0.01
        goals.append(tuple(observation["desired_goal"]))
    assert len(set(goals)) == 20
    env.close()


def test_reset_options_fix_goal_and_scene() -> None:
    env = make(PUSH)
    scene = {
        "robot": {"position": [2.0, 1.0], "yaw_deg": 90},
        "props": [
            {"shape": "box", "color": "green", "position": [5.0, 5.0], "mass": 0},
            {"shape": "box", "color": "blue", "position": [2.0, 2.5]},
        ],
    }
    observation, _ = env.reset(seed=0, options={"goal": [0.5, 2.0], "scene": scene})
    np.testing.assert_allclose(observation["desired_goal"], [0.5, 2.0])
    np.testing.assert_allclose(observation["achieved_goal"], [0.0, 1.5], atol=0.02)  # the movable box, from the start
    np.testing.assert_allclose(observation["observation"][:2], [0.0, 1.0], atol=0.1)
    np.testing.assert_allclose(observation["observation"][8:10], [1.5, 0.0], atol=0.2)
    with pytest.raises(InputError, match="no box"):
        env.reset(options={"scene": {"props": []}})
    env.close()


@pytest.mark.parametrize(
    ("action", "word"),
    [
        (lambda env: env.reset(options={"gaol": [1, 0]}), "goal"),
        (lambda env: env.reset(options={"goal": [1, 0, 0]}), "goal"),
        (lambda env: env.reset(options={"goal": "near"}), "goal"),
        (lambda env: env.reset(options={"goal": [1, math.nan]}), "goal"),
        (lambda env: env.reconfigure(control="joints"), "control"),
        (lambda env: env.reconfigure(tolerence=1), "tolerance"),
        (lambda env: make(GOTO, reward_type="spare"), "sparse"),
        (lambda env: make(GOTO, low_level="g1-locomotoin"), "g1-locomotion"),
    ],
)
def test_bad_values_are_named(action: Any, word: str) -> None:
    env = make(GOTO)
    with pytest.raises(InputError, match=word):
        action(env)
    env.close()


def test_walking_straight_to_a_goal_and_stopping_there_succeeds() -> None:
    """The command's meaning, the goal's frame and the success test agree: forward leads to a goal that is ahead."""
    env = make(GOTO)
    observation, _ = env.reset(seed=0, options={"goal": [1.5, 0.0]})
    seen = []
    for _ in range(env.steps_per_episode):
        ahead, left, length = relative_goal(observation, np.concatenate)[:3]
        action = np.clip([2 * ahead - 0.2, 2 * left, 2 * math.atan2(left, max(ahead, 0.3))], -1, 1)
        observation, reward, terminated, truncated, info = env.step(action if length > 0.1 else np.zeros(3))
        seen.append(info["is_success"])
    assert truncated and not terminated and info["is_success"] and reward == 0.0
    assert not any(seen[:10])
    env.close()


def pushed(env: Any, seed: int) -> bool:
    """Whether an episode of walking round the box, then through it to the goal, is a success."""
    observation, _ = env.reset(seed=seed)
    done = False
    while not done:
        ahead, left, length = relative_goal(observation, np.concatenate)[:3]
        box, bearing = observation["observation"][8:10], math.atan2(left, ahead)
        behind = box - 0.42 * np.array([ahead, left]) / max(length, 0.01)
        through = (abs(bearing) < 0.3 and abs(box[1]) < 0.15) or np.hypot(*behind) < 0.15
        ahead_of_it = [max(0.15, 0.5 * length), 3 * box[1], 2 * bearing]  # a fast walk would stumble over it
        action = ahead_of_it if through else [1.5 * behind[0], 3 * behind[1], 2 * bearing]
        observation, _, terminated, truncated, info = env.step(np.clip(action, -1, 1) if length > 0.12 else np.zeros(3))
        done = terminated or truncated
    return bool(info["is_success"]) and not terminated


def test_a_box_is_pushed_to_its_goal_by_walking_through_it() -> None:
    """The physics, the box as the robot sees it and the success test agree; so plain a law may lose the box once."""
    env = make(PUSH, reset_mode="fast")
    assert sum(pushed(env, seed) for seed in (2, 3, 5)) >= 2
    env.close()


@pytest.mark.parametrize("kind", ["zero", "random"])
def test_doing_nothing_or_anything_does_not_succeed(kind: str) -> None:
    env, rng = make(GOTO, reset_mode="fast", episode_seconds=6.0), np.random.default_rng(0)
    successes = 0
    for seed in range(3):
        env.reset(seed=seed)
        done = False
        while not done:
            *_, terminated, truncated, info = env.step(np.zeros(3) if kind == "zero" else rng.uniform(-1, 1, 3))
            done = terminated or truncated
        successes += info["is_success"]
    assert successes == 0
    env.close()


def test_joint_control_moves_the_legs_at_50_hz() -> None:
    env = make(GOTO, control="joints")
    observation, _ = env.reset(seed=0)
    assert env.dt == pytest.approx(0.02) and env.action_space.shape == (15,)
    assert env.observation_space.contains(observation) and observation["observation"].shape == (8 + 78,)
    env.step(np.zeros(15))
    action = np.zeros(15)
    action[3] = 1.0
    before = list(env.walker.last_targets)
    env.step(action)
    moved = np.subtract(env.walker.last_targets, before)
    place = env.walker.joint_places[env.walker.spec_robot.leg_joints[0]]
    assert moved[place] == pytest.approx(0.75, abs=0.05)
    env.close()


def test_a_fall_terminates_and_is_no_success() -> None:
    env = make(GOTO, control="joints")
    env.reset(seed=0, options={"goal": [0.0, 0.0]})
    for _ in range(200):
        *_, terminated, truncated, info = env.step(np.ones(15))
        if terminated:
            break
    assert terminated and not truncated and not info["is_success"]
    env.close()


# Training.

torch = pytest.importorskip("torch")

from simonsays.agents.measure.evaluate import card, evaluate, table  # noqa: E402
from simonsays.agents.recipes.recipe import recipe_from_dict  # noqa: E402
from simonsays.agents.runs.run_dir import load_weights, newest_checkpoint, read_tensors  # noqa: E402
from simonsays.agents.training import train as training  # noqa: E402
from simonsays.agents.training.algorithms import make_policy  # noqa: E402
from simonsays.agents.training.export import export_run  # noqa: E402
from simonsays.agents.training.options import TrainOptions  # noqa: E402


def tiny(**changes: Any) -> Any:
    data = {
        "name": "tiny",
        "env_id": GOTO,
        "algorithm": "sac",
        "workers": 1,
        "envs_per_worker": 2,
        "network": {"hidden": [8], "activation": "relu", "features": "relative_goal"},
        "sac": {"buffer_size": 500, "learning_starts": 20, "batch_size": 16, "gradient_steps": 1, "save_buffer": True},
        "her": {},
        "env": {"episode_seconds": 0.4, "hold_seconds": 0.04},
        "stages": [{"name": "only", "steps": 200, "learning_rate": 1e-3}],
        **changes,
    }
    return recipe_from_dict(data, "test")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"algorithm": "sca"}, "algorithm"),
        ({"sac": {"batchsize": 1}}, "batch_size"),
        ({"her": {"n_sampled_goals": 1}}, "n_sampled_goal"),
        ({"ppo": {"n_steps": 7}}, "ppo"),
        ({"env": {"tolerence": 1}}, "tolerance"),
        ({"env_id": "simonsays.envs:G1-Goto-v0"}, "G1-GoTo-v0"),
        ({"stages": [{"name": "a", "steps": 1, "learning_rate": 1, "assisted": True}]}, "assisted"),
        ({"algorithm": "ppo"}, "sac"),
        ({"algorithm": "ppo", "sac": {}, "her": {}}, "her"),
    ],
)
def test_a_wrong_recipe_names_the_key(change: dict[str, Any], word: str) -> None:
    with pytest.raises(InputError, match=word):
        tiny(**change)


def test_hindsight_training_resumes_with_its_buffer_and_its_bundle_agrees_with_torch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, recipe = tmp_path / "run", tiny()
    monkeypatch.setattr("simonsays.agents.training.callbacks.Progress.interval", 120)

    def stop_early(now: dict[str, Any]) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        training.train(recipe, run, TrainOptions(report=stop_early))
    saved, tensors = training.load_checkpoint(newest_checkpoint(run))
    assert saved.steps == 120 and int(read_tensors(newest_checkpoint(run), "replay")["replay.place"][0]) == 60
    names = {"variable.log_ent_coef", "optimizer.actor.optimizer.0.exp_avg", "optimizer.critic.optimizer.0.step"}
    assert names <= tensors.keys()
    bundle = training.train(training.read_run(run), run, TrainOptions(resume=True))
    state, tensors = training.load_checkpoint(newest_checkpoint(run))
    assert state.steps == 200 and state.updates > saved.updates
    policy, probe = load_policy(bundle), training.make_env(recipe)
    policy.check(probe)
    assert policy.env_id == GOTO
    rng = np.random.default_rng(0)
    observation = {name: rng.normal(size=(20, n)).astype(np.float32) for name, n in probe._widths.items()}
    actions, _ = policy.predict(observation, deterministic=True)
    made, arguments = make_policy(recipe, probe)
    actor = made(probe.observation_space, probe.action_space, lambda _: 0.0, **arguments)
    load_weights(actor, tensors, run)
    np.testing.assert_allclose(actor.predict(observation, deterministic=True)[0], actions, atol=1e-5)
    one = {name: values[0] for name, values in observation.items()}
    np.testing.assert_allclose(policy.predict(one, deterministic=True)[0], actions[0], atol=1e-6)
    drawn = policy.predict(observation)[0]
    assert not np.allclose(drawn, actions) and np.abs(drawn).max() <= 1
    first = (bundle / "policy.safetensors").read_bytes()
    assert (export_run(run) / "policy.safetensors").read_bytes() == first
    probe.close()

    results = evaluate(str(bundle), episodes=1, jobs=1)
    assert results["success"]["count"] == 1 and results["env"] == GOTO
    assert table(results)[0][0] == "succeeds" and GOTO in card(policy, results)


def test_hindsight_works_in_other_peoples_envs(tmp_path: Path) -> None:
    options = {"network": {"hidden": [8]}, "env": {}}
    made = training.train(tiny(env_id="point_env:Point-v0", **options), tmp_path / "run")
    assert made.name == "step_000000200"
    with pytest.raises(InputError, match="max_episode_steps"):
        training.train(tiny(env_id="point_env:EndlessPoint-v0", **options), tmp_path / "endless")


def test_hindsight_must_wait_for_a_whole_episode(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"learning_starts.*: 20$"):
        training.train(tiny(sac={"learning_starts": 19}), tmp_path / "run")


def test_a_bundle_for_another_low_level_policy_is_refused(tmp_path: Path) -> None:
    bundle = training.train(tiny(stages=[{"name": "a", "steps": 4, "learning_rate": 1e-3}]), tmp_path / "run")
    description = json.loads((bundle / "policy.json").read_text())
    description["settings"]["low_level"] = "another"
    (bundle / "policy.json").write_text(json.dumps(description))
    env = make(GOTO, hold_seconds=0.04)
    with pytest.raises(InputError, match="low_level"):
        load_policy(bundle).check(env)
    env.close()


def test_ppo_trains_a_plain_policy_where_no_mirror_is_wanted(tmp_path: Path) -> None:
    recipe = recipe_from_dict(
        {
            "name": "plain",
            "env_id": "simonsays.envs:G1-Locomotion-v0",
            "workers": 1,
            "envs_per_worker": 1,
            "network": {"hidden": [8], "activation": "tanh", "mirror": False},
            "ppo": {"n_steps": 16, "batch_size": 16, "n_epochs": 1},
            "stages": [{"name": "a", "steps": 16, "learning_rate": 1e-3}],
        },
        "test",
    )
    bundle = training.train(recipe, tmp_path / "run")
    policy, probe = load_policy(bundle), training.make_env(recipe)
    assert "mirror" not in policy.description["network"]
    made, arguments = make_policy(recipe, probe)
    torch_policy = made(probe.observation_space, probe.action_space, lambda _: 0.0, **arguments)
    load_weights(torch_policy, training.load_checkpoint(newest_checkpoint(tmp_path / "run"))[1], "run")
    observations = np.random.default_rng(0).normal(size=(20, 78)).astype(np.float32)
    expected = torch_policy.predict(observations, deterministic=True)[0]
    np.testing.assert_allclose(policy.predict(observations, deterministic=True)[0], expected, atol=1e-5)
    probe.close()


def test_sac_without_hindsight_trains_on_a_box_env(tmp_path: Path) -> None:
    recipe = tiny(env_id="simonsays.envs:G1-Locomotion-v0", her=None, env={}, network={"hidden": [8]})
    small = recipe.hyperparameters.model_copy(update={"buffer_size": 100})
    bundle = training.train(recipe.model_copy(update={"hyperparameters": small}), tmp_path / "run")
    policy, probe = load_policy(bundle), training.make_env(recipe)
    made, arguments = make_policy(recipe, probe)
    actor = made(probe.observation_space, probe.action_space, lambda _: 0.0, **arguments)
    load_weights(actor, training.load_checkpoint(newest_checkpoint(tmp_path / "run"))[1], "run")
    observations = np.random.default_rng(0).normal(size=(5, 78)).astype(np.float32)
    actions = policy.predict(observations, deterministic=True)[0]
    np.testing.assert_allclose(actor.predict(observations, deterministic=True)[0], actions, atol=1e-5)
    probe.close()
