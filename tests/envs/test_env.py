"""The environment: Gymnasium's and SB3's checks, determinism, observations, settings."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import Any

import gymnasium
import numpy as np
import pytest

from simonsays.assets import InputError
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.policy.features import flat
from simonsays.envs.terminations import fallen
from simonsays.testing import check_env
from simonsays.testing.envs import one_each

IDS = [f"simonsays.envs:{name}" for name in one_each()]


def numbers(observation: Any) -> np.ndarray:
    """All numbers of an observation, dict or not."""
    return flat(observation, np.concatenate) if isinstance(observation, dict) else observation


def trajectory_hash(env: Any, seed: int, seconds: float = 3.0) -> str:
    """Digest of all observations, rewards and base positions under random actions."""
    digest = hashlib.sha256()
    observation, _ = env.reset(seed=seed)
    rng = np.random.default_rng(seed)
    for _ in range(round(seconds / env.unwrapped.dt)):
        digest.update(numbers(observation).tobytes())
        action = rng.normal(0, 0.4, env.action_space.shape)
        observation, reward, terminated, truncated, _ = env.step(action)
        digest.update(np.float64(reward).tobytes() + env.unwrapped.state.base_position.tobytes())
        if terminated or truncated:
            observation, _ = env.reset()
    return digest.hexdigest()


@pytest.fixture(params=IDS)
def env_id(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_env_keeps_its_contract(env_id: str) -> None:
    env = gymnasium.make(env_id)
    check_env(env_id, steps=round(20 / env.unwrapped.dt))
    env.close()


def test_same_seed_same_trajectory_where_more_is_drawn(env_id: str) -> None:
    settings: dict[str, Any] = {"push_speed": 0.5, "payload": (-1, 2)}
    env = gymnasium.make(env_id, **settings)
    first = trajectory_hash(env, 3)
    assert trajectory_hash(env, 4) != first
    other = gymnasium.make(env_id)
    trajectory_hash(other, 9)
    assert trajectory_hash(env, 3) == first
    assert trajectory_hash(gymnasium.make(env_id, **settings), 3) == first
    env.close()
    env.close()


def trajectory_hashes() -> dict[str, str]:
    return {env_id: trajectory_hash(gymnasium.make(env_id), 3) for env_id in IDS}


def test_same_seed_same_trajectory_in_a_fresh_process() -> None:
    program = "import sys; sys.path.insert(0, sys.argv[1]); import test_env; print(test_env.trajectory_hashes())"
    command = [sys.executable, "-c", program, __file__.rsplit("/", 1)[0]]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed.strip().splitlines()[-1] == str(trajectory_hashes())


def test_mirror_is_an_involution_and_names_match() -> None:
    env = HumanoidEnv()
    for name in ("observation", "action"):
        place, sign = np.array(env.mirror[name], int), np.array(env.mirror[f"{name}_sign"])
        np.testing.assert_array_equal(place[place], np.arange(len(place)))
        np.testing.assert_array_equal(sign * sign[place], 1)
    legs = env.spec_robot.leg_joints
    for i, j in enumerate(env.layout.mirror):
        assert legs[j] == legs[i].replace("left", "x").replace("right", "left").replace("x", "right")
        assert env.layout.mirror_sign[i] == (1.0 if "pitch" in legs[i] or "knee" in legs[i] else -1.0)


def test_mirrored_world_gives_mirrored_observation() -> None:
    """Left and right swapped in the physics is left and right swapped in the observation."""
    env = HumanoidEnv(joint_noise=0.0, friction=None)
    seen = []
    for sign in (1.0, -1.0):
        env.reset(seed=1, options={"command": [0, 0, 0]})
        env.set_command([0.3, 0.2 * sign, 0.4 * sign])
        env.legs.reference = env.legs.reference._replace(phase=0.1 if sign > 0 else 0.6, running=True)
        action = np.linspace(-0.3, 0.3, 12)
        if sign < 0:
            action = action[env.layout.mirror] * env.layout.mirror_sign
        for _ in range(3):
            observation, *_ = env.step(action)
        seen.append(observation)
    mirror = env.mirror
    mirrored = seen[1][np.array(mirror["observation"], int)] * np.array(mirror["observation_sign"])
    np.testing.assert_allclose(seen[0], mirrored, atol=0.08)  # the contact solver itself is not symmetric


def test_falling_terminates_and_time_truncates() -> None:
    env = HumanoidEnv(episode_seconds=0.4)
    env.reset(seed=0, options={"command": [0, 0, 0]})
    flags = [env.step(np.zeros(12))[2:4] for _ in range(20)]
    assert flags[-1] == (False, True) and not any(a or b for a, b in flags[:-1])
    env = HumanoidEnv()
    env.reset(seed=0)
    for _ in range(200):
        _, _, terminated, truncated, info = env.step(np.full(12, 3.0))
        if terminated:
            break
    assert terminated and not truncated and not info["is_success"]
    assert fallen(env.state, env.spec_robot)


def test_a_fixed_command_is_kept_and_a_drawn_one_changes() -> None:
    env = HumanoidEnv(command_seconds=(0.1, 0.1), standing=0.0)
    _, info = env.reset(seed=0, options={"command": [0.1, 0.2, 0.3]})
    for _ in range(10):
        info = env.step(np.zeros(12))[4]
        np.testing.assert_array_equal(info["command"], [0.1, 0.2, 0.3])
    env.reset(seed=0)
    drawn = {tuple(env.step(np.zeros(12))[4]["command"]) for _ in range(10)}
    assert len(drawn) >= 2


def test_set_command_moves_only_free_joints() -> None:
    env = HumanoidEnv()
    env.reset(seed=0, options={"command": (0.0, 0.0, 0.0)})
    env.set_command([0.2, 0, 0], {"right_elbow_joint": 1.5})
    widths = env.observation_layout.widths
    start = sum(width for name, width in list(widths.items())[: list(widths).index("command")])
    for _ in range(20):  # a command is followed at 0.6 m/s^2
        observation, *_ = env.step(np.zeros(12))
    np.testing.assert_allclose(observation[start : start + 3], [0.4, 0, 0], rtol=1e-6)
    place = env.robot.joint_names.index("right_elbow_joint")
    assert abs(env.state.joint_positions[place] - 1.5) < 0.3
    with pytest.raises(InputError, match="left_knee_joint"):
        env.set_command([0, 0, 0], {"left_knee_joint": 0.0})


def test_joint_targets_move_no_faster_than_arms_and_trunk_may() -> None:
    env = HumanoidEnv(episode_seconds=2.0)
    env.reset(seed=0, options={"command": (0.0, 0.0, 0.0)})
    wanted = {"waist_yaw_joint": 2.0, "left_shoulder_pitch_joint": -2.5}
    env.set_command((0.0, 0.0, 0.0), wanted)
    places, moved = [env.joint_places[name] for name in wanted], []
    for _ in range(80):
        env.step(np.zeros(12))
        moved.append([env.last_targets[place] for place in places])
    speeds = np.abs(np.diff(moved, axis=0)).max(0) / env.dt
    assert np.allclose(speeds, [1.5, 6.0])
    assert np.allclose(moved[-1], list(wanted.values()))
    env.close()


def test_a_crouching_robot_is_shown_no_command_to_walk() -> None:
    env = HumanoidEnv()
    env.reset(seed=0, options={"command": (0.0, 0.0, 0.0), "height": 0.55})
    assert env.command == (0.0, 0.0, 0.0)
    env.set_command((0.5, 0.0, 0.0))
    assert env.command == (0.0, 0.0, 0.0)
    env.close()


def test_a_crouching_robot_leans_against_arms_that_are_stretched_out() -> None:
    def ankle(pitch: float) -> float:
        env = HumanoidEnv()
        env.reset(seed=0, options={"command": (0.0, 0.0, 0.0), "height": 0.6})
        env.set_command((0.0, 0.0, 0.0), {f"{side}_shoulder_pitch_joint": pitch for side in ("left", "right")}, 0.6)
        for _ in range(20):
            env.step(np.zeros(12))
        angle = float(env.last_targets[env.joint_places["left_ankle_pitch_joint"]])
        env.close()
        return angle

    assert ankle(1.0) + 0.05 < ankle(0.0) < ankle(-1.4) - 0.05


def test_switches_change_what_happens() -> None:
    def friction(env: HumanoidEnv) -> float:
        from simonsays.sim.engines.native import pybullet

        return float(pybullet.getDynamicsInfo(env.world.engine.ground, -1, physicsClientId=env.world.client)[1])

    env = HumanoidEnv(friction=(0.5, 1.25))
    drawn = set()
    for seed in range(5):
        env.reset(seed=seed)
        drawn.add(friction(env))
    assert len(drawn) == 5 and all(0.5 <= value <= 1.25 for value in drawn)
    env.reset(seed=0, options={"scene": {"ground": {"friction": 0.7}}})
    assert friction(env) == pytest.approx(0.7)
    assert trajectory_hash(HumanoidEnv(push_speed=1.0, push_seconds=0.1), 1) != trajectory_hash(HumanoidEnv(), 1)


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: HumanoidEnv(push_sped=1), "push_speed"),
        (lambda: HumanoidEnv(standing=2.0), "standing"),
        (lambda: HumanoidEnv("g2"), "g1"),
        (lambda: HumanoidEnv(reward_weights={"aliv": 1}), "alive"),
        (lambda: HumanoidEnv(render_mode="ansi"), "render_mode"),
        (lambda: HumanoidEnv().reset(options={"comand": [0, 0, 0]}), "command"),
        (lambda: HumanoidEnv().reset(options={"command": [0, 0]}), "command"),
        (lambda: HumanoidEnv().reset(options={"scene": "nowhere"}), "nowhere"),
    ],
)
def test_bad_settings_are_named(make: Any, word: str) -> None:
    with pytest.raises(InputError, match=word):
        make()


@pytest.mark.parametrize("action", [np.zeros(3), np.full(12, np.nan)])
def test_a_bad_action_is_refused(action: np.ndarray) -> None:
    env = HumanoidEnv()
    env.reset(seed=0)
    with pytest.raises(ValueError, match="action"):
        env.step(action)


@pytest.mark.parametrize("late", [1, 2, 4])
def test_latency_delays_the_targets_by_its_steps(late: int) -> None:
    rng = np.random.default_rng(0)
    actions = rng.normal(0, 0.3, (12, 12))
    seen = []
    for settings in ({}, {"latency": 1.0, "latency_steps": (late, late)}):
        env = HumanoidEnv(joint_noise=0.0, friction=None, **settings)
        env.reset(seed=0, options={"command": [0, 0, 0]})
        env.legs.reference = env.legs.reference._replace(phase=0.0, running=False)
        targets = [np.array(env.legs.reference.targets)]
        for action in actions:
            env.step(action)
            targets.append(np.array(env.last_targets))
        seen.append(targets)
        env.close()
    prompt, delayed = seen
    for step in range(1, late + 1):
        np.testing.assert_array_equal(delayed[step], prompt[0])  # the pose at reset is held meanwhile
    legs = slice(0, 12)
    np.testing.assert_allclose(delayed[late + 1][legs], prompt[1][legs])


def test_latency_is_drawn_from_its_range_for_its_share_of_episodes() -> None:
    env = HumanoidEnv(latency=0.5, latency_steps=(1, 3))
    found = []
    for seed in range(40):
        env.reset(seed=seed)
        found.append(len(env.stage.pending))
    assert set(found) == {0, 1, 2, 3} and 10 <= found.count(0) <= 30
    env.close()
    for wrong in ((3, 1), (0, 2)):
        with pytest.raises(InputError, match="latency_steps"):
            HumanoidEnv(latency_steps=wrong)
