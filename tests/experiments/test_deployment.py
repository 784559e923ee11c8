"""The deployment contract: a walking policy as a graph that takes a robot's signals, and a script that runs it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simonsays.assets import InputError, path
from simonsays.envs import load_policy
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.policy.policy import acting

onnxruntime = pytest.importorskip("onnxruntime")
POLICY = "g1-locomotion"
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "deploy_onnx.py"
COMMANDS = [(0.0, 0.0, 0.0), (0.6, 0.1, 0.4), (0.0, -0.2, 0.0), (-0.3, 0.0, 0.0), (0.0, 0.0, 0.0)]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from simonsays.experiments.exchange.onnx_export import export_onnx

    return export_onnx(POLICY, tmp_path_factory.mktemp("onnx") / "walk.onnx")


@pytest.fixture
def env() -> Iterator[HumanoidEnv]:
    made = HumanoidEnv("g1", episode_seconds=100.0)
    yield made
    made.close()


def signals(env: HumanoidEnv) -> dict[str, Any]:
    state = env.state
    found = {
        "gravity": state.gravity,
        "angular_velocity": state.local_angular_velocity,
        "joint_positions": state.joint_positions,
        "joint_velocities": state.joint_velocities,
        "command": env.command,
    }
    return {name: np.asarray(value, np.float32)[None] for name, value in found.items()}


def test_the_graph_gives_the_env_s_own_joint_targets(file: Path, env: HumanoidEnv) -> None:
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    about = json.loads(session.get_modelmeta().custom_metadata_map["deployment"])
    memory = {name: np.array([first], np.float32) for name, first in about["memory"].items()}
    policy = load_policy(POLICY)
    env.show("gait", policy)
    env.reset(seed=1, options={"command": COMMANDS[0]})
    memory["phase"][0, 0] = env.legs.reference.phase  # an episode begins with either foot
    act, stepped, apart = acting(policy), 0, []
    for command in COMMANDS:
        observation = env.set_command(command)
        for _ in range(60):
            outputs = session.run(None, signals(env) | memory)
            found = dict(zip([each.name for each in session.get_outputs()], outputs, strict=True))
            memory = {name: found[f"next_{name}"] for name in memory}
            observation, *_ = env.step(act(observation))
            apart.append(np.abs(found["joint_targets"][0] - env.last_targets).max())
            stepped += env.legs.reference.running
    assert 120 < stepped < 300
    assert np.quantile(apart, 0.98) < 1e-4, "float32 may take a swing's end a step apart"


def test_its_metadata_tell_what_a_stranger_needs(file: Path) -> None:
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    about = json.loads(session.get_modelmeta().custom_metadata_map["deployment"])
    joints = len(about["joint_names"])
    for key in ("standing_pose", "kp", "kd", "effort", "armature", "lower", "upper"):
        assert len(about[key]) == joints
    assert about["control_hz"] == 50 and about["pd_hz"] == 200
    assert {each.name for each in session.get_inputs()} == {*about["inputs"], *about["memory"]}


def test_a_policy_that_sees_what_no_robot_measures_is_refused(tmp_path: Path) -> None:
    from simonsays.experiments.exchange.onnx_export import build_model

    folder = shutil.copytree(path("policies", POLICY), tmp_path / "seeing")
    with pytest.raises(InputError, match="a policy of the gait"):
        build_model("g1-goto", signals=True)
    told = (folder / "policy.json").read_text().replace('"drift_error"', '"velocity_error"')
    (folder / "policy.json").write_text(told)
    with pytest.raises(InputError, match="'velocity_error' is nothing"):
        build_model(folder, signals=True)


def test_the_example_walks_in_mujoco_with_nothing_of_ours(file: Path) -> None:
    pytest.importorskip("mujoco")
    assert "import simonsays" not in (source := EXAMPLE.read_text()) and "from simonsays" not in source
    model = path("robots", "g1", "g1.urdf")
    command = [sys.executable, "-I", EXAMPLE, file, model, "--command", "0.5", "0", "0", "--seconds", "6"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    numbers = [float(word) for word in re.findall(r"-?\d+\.\d+", done.stdout)]
    assert numbers[1] > 2.0 and abs(numbers[2]) < 1.0, done.stdout
