"""A motion is one file, ours or an outsider's: tests/envs/sway.py runs, trains, is measured and said."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium
import pytest

from simonsays.agents.measure.evaluate import card, evaluate
from simonsays.agents.measure.protocols import PROTOCOLS_OF, motion_of, protocols_of
from simonsays.assets import InputError, plugins
from simonsays.assets.plugins import VARIABLE, load_plugins
from simonsays.envs import ENV_IDS
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.motions.base import MOTIONS, Reference, motion_bundles
from simonsays.envs.policy.policy import acting, load_policy
from simonsays.envs.rewards import REWARDS
from simonsays.sim.robots import get_robot
from simonsays.testing import check_motion

ENV_ID = "simonsays.envs:G1-Sway-v0"
SWAY = Path(__file__).with_name("sway.py")


@pytest.fixture(scope="module", autouse=True)
def sway() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plugins, "_LOADED", plugins._Loaded())  # or other tests' Ray workers would lack it
        patch.setenv(VARIABLE, str(SWAY))
        load_plugins()
        yield
    ids: tuple[tuple[Any, str], ...] = ((ENV_IDS, "G1-Sway-v0"), (PROTOCOLS_OF, "sway"))
    for registry, name in (*ids, (MOTIONS, "sway"), (REWARDS, "swayed")):
        registry.unregister(name)
    gymnasium.registry.pop("G1-Sway-v0")


def test_the_motions_of_the_house_are_found_by_being_there() -> None:
    assert {"gait", "crouch", "jump", "sway"} <= set(MOTIONS)
    assert MOTIONS.origin("jump") == "simonsays" and MOTIONS.origin("sway") == "sway.py"
    assert set(motion_bundles(get_robot("g1"))) >= {"gait", "crouch", "jump", "sway"}
    assert motion_bundles(get_robot("g1"))["sway"] == "g1-locomotion"


@pytest.mark.parametrize("name", [*MOTIONS, "sway"])
def test_a_motion_says_what_the_env_asks(name: str) -> None:
    check_motion(name)


def test_it_runs_once_in_its_own_env_and_brings_its_settings() -> None:
    env = HumanoidEnv(motion="sway", standing=0.5)
    assert (env.config.episode_seconds, env.config.standing) == (3.0, 0.5)
    assert set(env.config.reward_weights) == {"alive", "swayed", "tilt", "fall"}
    env.reset(seed=0, options={"command": (0.0, 0.0, 0.0)})
    act, observation = acting(load_policy("g1-locomotion")), env.set_command((0.0, 0.0, 0.0))
    times, rewards = [], []
    for _ in range(env.steps_per_episode):
        observation, _, fell, _, info = env.step(act(observation))
        times.append(env.legs.reference.time)
        rewards.append(info["reward_terms"]["swayed"])
    began = [i for i, time in enumerate(times) if time is not None]
    assert not fell and env.motion == "sway"
    assert began == list(range(began[0], began[-1] + 1)) and len(began) == pytest.approx(2.0 / env.dt, abs=1)
    assert 0.1 <= began[0] * env.dt <= 0.52
    assert [i for i, value in enumerate(rewards) if value] == began
    env.close()


def test_it_is_asked_for_by_its_name_and_the_gait_comes_back() -> None:
    env = HumanoidEnv(episode_seconds=10.0)
    env.reset(seed=0, options={"command": (0.0, 0.0, 0.0)})
    env.set_command((0.0, 0.0, 0.0), motion="sway")
    motions = [env.motion]
    act, observation = acting(load_policy("g1-locomotion")), env.set_command((0.0, 0.0, 0.0))
    for i in range(120):
        if i == 50:
            observation = env.set_command((0.0, 0.0, 0.0), motion="jump")  # not while it sways
        observation = env.step(act(observation))[0]
        motions.append(env.motion)
    assert motions[:100] == ["sway"] * 100 and motions[-1] == "gait"
    with pytest.raises(InputError, match="sway"):
        env.set_command((0.0, 0.0, 0.0), motion="swat")
    with pytest.raises(InputError, match="sway"):
        HumanoidEnv(motion="swat")
    env.close()


def test_targets_of_other_joints_are_refused_when_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MOTIONS["sway"], "targets", lambda *_: [0.0] * 12)
    env = HumanoidEnv(motion="sway")
    env.reset(seed=0)
    with pytest.raises(InputError, match="motion 'sway': its reference has 12 targets; robot 'g1' has 23 joints"):
        for _ in range(50):
            env.step(env.action_space.sample() * 0)
    env.set_command((0.0, 0.0, 0.0))
    monkeypatch.setattr(MOTIONS["sway"], "start", lambda *_: Reference([], 0.0, False, 0.7))
    with pytest.raises(InputError, match=r"motion 'sway'.* 0 targets"):
        env.reset(seed=0)
    env.close()


def test_it_is_measured_by_the_protocols_that_it_registers() -> None:
    motion = motion_of(ENV_ID)
    assert motion is not None and motion.name == "sway" and list(protocols_of(ENV_ID)) == ["sway"]
    results = evaluate("g1-locomotion", ENV_ID, episodes=2, jobs=1)
    assert results["swayed"]["value"] == 1.0
    text = card(load_policy("g1-locomotion"), results)
    assert "Sways its trunk" in text and "simon robustness" not in text


def test_it_is_trained(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from tiny_runs import tiny

    from simonsays.agents.training.train import train

    stage = {"name": "only", "steps": 500, "learning_rate": 1e-3}
    ppo = {"n_steps": 125, "batch_size": 50, "n_epochs": 1}
    bundle = train(tiny(env_id=ENV_ID, ppo=ppo, stages=[stage], checkpoint_steps=500), tmp_path / "run")
    policy = load_policy(bundle)
    assert policy.description["motion"] == "sway" and policy.description["training"]["env_steps"] >= 500
    results = evaluate(str(bundle), episodes=1, jobs=1)
    assert results["env"] == ENV_ID and results["protocols"] == ["sway"]


def test_it_is_said() -> None:
    program = """
import numpy as np
from simonsays.experiments.say import run_instruction
result = run_instruction("sway", scene="empty")
recording = result.recording
waist = recording.joint_positions[:, recording.joint_names.tolist().index("waist_yaw_joint")]
assert result.success and "sway" in recording.motion.tolist() and np.ptp(waist) > 0.8
from simonsays.testing import check_skill
check_skill("sway")
"""
    plugins = f"{SWAY},{SWAY.with_name('sway_skill.py')}"
    subprocess.run([sys.executable, "-c", program], env={**os.environ, VARIABLE: plugins}, check=True)
