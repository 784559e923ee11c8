"""A policy that acts on a robot with the same legs and more joints."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from simonsays.agents.bundles.adapt import adapt
from simonsays.agents.measure.rollout import prepare
from simonsays.assets import InputError
from simonsays.envs.policy.policy import acting, load_policy


@pytest.fixture(scope="module")
def adapted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return adapt("g1-locomotion", "g1-29", tmp_path_factory.mktemp("adapted") / "walk")


def test_it_does_what_it_did_whatever_the_joints_do_that_it_has_not_seen(adapted: Path) -> None:
    before, after = load_policy("g1-locomotion"), load_policy(adapted)
    small, large = (sum(b["width"] for b in each.description["observation"]) for each in (before, after))
    assert (small, large) == (78, 90)
    rng = np.random.default_rng(1)
    wide = rng.normal(size=(20, large)).astype(np.float32)
    starts = {b["block"]: b["width"] for b in after.description["observation"]}
    first = sum(width for name, width in list(starts.items())[: list(starts).index("upper_positions")])
    more = [1, 2, 8, 9, 15, 16]  # waist roll and pitch, pitch and yaw of the wrists, among the 17 joints of its upper body
    hidden = [first + 17 * k + place for k in (0, 1) for place in more]
    narrow = np.delete(wide, hidden, axis=1)
    np.testing.assert_allclose(after.predict(wide, deterministic=True)[0], before.predict(narrow, deterministic=True)[0])
    wide[:, hidden] += 1.0
    np.testing.assert_allclose(after.predict(wide, deterministic=True)[0], before.predict(narrow, deterministic=True)[0])


def test_it_walks_the_robot_that_it_was_not_trained_on(adapted: Path) -> None:
    env, policy = prepare(str(adapted), {"engine": "mujoco"})
    seen, act = env.reset(seed=0, options={"command": (0.6, 0.0, 0.0)})[0], acting(policy)
    for _ in range(250):
        seen, _, fell, _, _ = env.step(act(seen))
        assert not fell
    assert env.reading.base_position[0] > 2.0
    env.close()


def test_it_says_where_it_comes_from_and_that_nothing_was_measured(adapted: Path) -> None:
    said = json.loads((adapted / "policy.json").read_text())
    assert said["robot"] == "g1-29" and said["env_id"] == "simonsays.envs:G1-29-Locomotion-v0"
    assert said["training"]["adapted_from"] == {"policy": "g1-locomotion", "robot": "g1"}
    assert "abilities" not in said and "Not measured yet" in (adapted / "CARD.md").read_text()


def test_other_legs_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"action\.joints: .*left_ankle_roll_joint.*'h1'.*--robot h1 learns anew"):
        adapt("g1-locomotion", "h1", tmp_path / "walk")
    assert not (tmp_path / "walk").exists()
