"""Measuring a policy: estimates, protocols on the real robot, the card."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simonsays.agents.measure.episodes import COMMAND_SECONDS, height_episode, straight_episode, tracking_episode
from simonsays.agents.measure.estimates import Estimate, mean, median, proportion, rate
from simonsays.agents.measure.evaluate import card, evaluate, summarize, table
from simonsays.agents.measure.protocols import PROTOCOLS_OF
from simonsays.agents.measure.rollout import prepare, push
from simonsays.assets import InputError, path
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.policy.policy import load_policy
from simonsays.sim.engines.base import Dynamics

PROTOCOLS = PROTOCOLS_OF["gait"]
WALKS, CROUCHES, JUMPS = (f"simonsays.envs:G1-{task}-v0" for task in ("Locomotion", "Crouch", "Jump"))


class Kicks:
    """A policy that throws its legs about and falls."""

    def predict(self, observation: Any, deterministic: bool = False) -> tuple[Any, None]:
        return np.full(12, 3.0, np.float32), None


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    return evaluate("g1-locomotion", episodes=1, seed=3, jobs=2)


def test_intervals_of_known_cases() -> None:
    assert proportion(0, 10).low == 0.0 and proportion(10, 10).high == pytest.approx(1.0)
    assert (proportion(81, 263).low, proportion(81, 263).high) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    none = rate(0, 10.0, 10)
    assert none.value == none.low == 0.0 and none.high == pytest.approx(3.8415 / 10, rel=1e-3)
    some = rate(4, 2.0, 3)
    assert some.low < some.value == 2.0 < some.high
    assert mean([]) is None
    found = mean([1.0, 2.0, 3.0])
    assert found is not None and found.low < found.value == 2.0 < found.high
    assert mean([1.0, 2.0, 3.0]) == found
    assert Estimate(0.5, 0.4, 0.6, 9).text("%") == "50.0% [40.0, 60.0]"
    assert Estimate(0.5, 0.4, 0.6, 9).text("m") == "0.500 [0.400, 0.600] m"
    assert Estimate(3.0, 3.0, 3.0, 9).text() == "3"


def test_the_median_has_an_interval_that_narrows_with_what_is_known() -> None:
    few, many = (median(np.random.default_rng(3).normal(2.0, 1.0, count).tolist()) for count in (20, 2000))
    assert few.low < few.value < few.high and many.low <= 2.05 and many.high >= 1.95
    assert many.high - many.low < 0.2 < few.high - few.low
    assert median([7.0]) == Estimate(7.0, 7.0, 7.0, 1)


def test_every_protocol_gives_its_figures(results: dict[str, Any]) -> None:
    ran = [protocol for protocol in PROTOCOLS.values() if protocol.by_default]
    assert results["protocols"] == [protocol.name for protocol in ran]
    assert {protocol.name for protocol in PROTOCOLS.values() if not protocol.by_default} == {"get_up"}
    names = [figure.name for protocol in ran for figure in protocol.figures]
    assert len(set(names)) == len(names)
    for protocol in ran:
        for figure in protocol.figures:
            found = results[figure.name]
            if found is not None:
                assert found["low"] <= found["value"] <= found["high"], figure.name
                assert found["high"] <= 1.0 or figure.unit != "%"
    assert len(table(results)) == len(names)


def test_the_shipped_policy_walks_like_a_walker(results: dict[str, Any]) -> None:
    assert results["survival"]["value"] == results["straight_within"]["value"] == 1.0
    assert 0.5 < results["straight_duty_factor"]["value"] < 0.8
    assert 2.0 < results["straight_cadence"]["value"] < 4.0
    assert 0.1 < results["straight_cost_of_transport"]["value"] < 2.0
    assert results["straight_hopping"]["value"] == results["straight_standing_still"]["value"] == 0.0


def test_equal_seeds_give_equal_figures_over_any_number_of_jobs() -> None:
    runs = [
        evaluate("g1-locomotion", episodes=8, seed=1, jobs=jobs, protocols=["standing", "speed"]) for jobs in (1, 2)
    ]
    assert runs[0] == runs[1]
    assert runs[0]["protocols"] == ["standing", "speed"] and "survival" not in runs[0]


def test_a_policy_that_falls_is_told_so() -> None:
    env = HumanoidEnv()
    episodes = {
        "tracking": tracking_episode(env, Kicks(), 0),  # type: ignore[arg-type]
        "straight": straight_episode(env, Kicks(), 0),  # type: ignore[arg-type]
    }
    fallen = {"height": [height_episode(env, Kicks(), 0)]}  # type: ignore[arg-type]
    env.close()
    found = summarize({name: [outcome] for name, outcome in episodes.items()}, WALKS)
    found |= summarize(fallen, CROUCHES)
    for name in ("survival", "height_survival", "height_held", "straight_survival", "straight_within"):
        estimate = found[name]
        assert estimate is not None and estimate["value"] == 0.0
    assert found["velocity_error"] is found["straight_drift"] is found["straight_cadence"] is None
    rows = table({"env": WALKS, "protocols": list(episodes), **found})
    assert ("off the line after 20 m", "none got that far", 0) in rows


def test_figures_of_hand_made_outcomes() -> None:
    found = summarize(
        {
            "push": [{"fell": [False, True]}, {"fell": [False, False]}],
            "arms": [{"fell": False, "seconds": 60.0}] * 9 + [{"fell": True, "seconds": 30.0}],
        },
        WALKS,
    )
    heights = [
        {"fell": False, "height": 0.55, "held": True, "off": 0.01, "seconds": 0.5},
        {"fell": True, "height": 0.5, "held": False, "off": None, "seconds": None},
    ]
    jumps = [
        {"fell": False, "clear": 0.1, "landed": True, "moved": 0.04},
        {"fell": True, "clear": 0.2, "landed": False, "moved": None},
    ]
    found |= summarize({"height": heights}, CROUCHES) | summarize({"jump": jumps}, JUMPS)
    values = {name: estimate["value"] for name, estimate in found.items() if estimate is not None}
    assert (values["push_survival_0.4"], values["push_survival_0.6"]) == (1.0, 0.5)
    assert values["arms_minutes"] == 9.5 and values["arms_falls"] == 1
    assert values["arms_falls_per_minute"] == pytest.approx(1 / 9.5)
    assert (values["height_held"], values["height_error"], values["height_seconds"]) == (0.5, 0.01, 0.5)
    assert (values["jumped"], values["jump_clearance"], values["jump_drift"]) == (0.5, pytest.approx(0.15), 0.04)


@pytest.mark.parametrize(("name", "figure"), [("g1-crouch", "height_survival"), ("g1-jump", "jumped")])
def test_crouching_and_jumping_have_protocols_of_their_own(name: str, figure: str) -> None:
    results = evaluate(name, episodes=2, jobs=1)
    assert results[figure]["value"] == 1.0 and "survival" not in results
    text = card(load_policy(name), results)
    assert f"simon evaluate {name}" in text and "simon robustness" not in text


def test_arm_motion_is_counted_from_where_the_arms_move() -> None:
    protocol = PROTOCOLS["arms"]
    settings = {**protocol.settings, "episode_seconds": COMMAND_SECONDS + 1.0}
    env, policy = prepare("g1-locomotion", settings)
    outcome = protocol.episode(env, policy, 0)
    assert outcome == {"fell": False, "seconds": pytest.approx(1.0)}
    assert env.stage.memory["arms"].goal is not None
    env.close()


def test_a_push_changes_the_velocity_by_as_much_as_it_says() -> None:
    env = HumanoidEnv()
    env.reset(seed=0, options={"command": [0, 0, 0]})
    before = np.array(env.robot.physics.base().linear)
    push(env, 0.5, np.pi / 2)
    np.testing.assert_allclose(np.array(env.robot.physics.base().linear) - before, [0.0, 0.5, 0.0], atol=1e-9)
    assert env.robot.mass == pytest.approx(32, abs=3)
    env.robot.dynamics = Dynamics(added_mass={env.spec_robot.torso: 2.0})
    heavier = env.robot.mass
    env.robot.dynamics = Dynamics()
    assert heavier - env.robot.mass == pytest.approx(2.0)
    env.close()


def test_straight_drift_is_measured_across_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simonsays.agents.measure.episodes.STRAIGHT", 2.0)
    env, policy = prepare("g1-locomotion", dict(PROTOCOLS["straight"].settings))
    outcome = straight_episode(env, policy, 1)
    assert env.state.base_position[0] >= 2.0 and outcome["drift"] == abs(env.state.base_position[1])
    env.close()


def test_the_card_says_what_the_bundle_and_the_run_say(results: dict[str, Any], tmp_path: Path) -> None:
    shutil.copytree(path("policies", "g1-locomotion"), tmp_path / "mine")
    policy = load_policy(tmp_path / "mine")
    policy.description["command"]["forward"] = [-0.11, 0.77]
    policy.description["training"]["settings"] = {"latency": 0.25}
    text = card(policy, results)
    assert "# mine" in text and "forward -0.11 to 0.77 m/s" in text and "`latency = 0.25`" in text
    assert "simon evaluate mine --episodes 1 --seed 3`" in text and "stays up for 20 s" in text
    del policy.description["training"]["settings"]
    assert "not recorded" in card(policy, {**results, "protocols": ["arms"]})
    assert "--protocols arms" in card(policy, {**results, "protocols": ["arms"]})


def test_unknown_protocols_and_policies_are_refused() -> None:
    with pytest.raises(InputError, match="tracking"):
        evaluate("g1-locomotion", protocols=["trackin"])
    with pytest.raises(InputError, match="nobody"):
        evaluate("nobody")
