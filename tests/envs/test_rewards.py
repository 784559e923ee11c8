"""Every reward term on hand-made steps: value, sign and bound."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simonsays.envs.config import DEFAULT_WEIGHTS
from simonsays.envs.context import StepContext
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.rewards import REWARDS


@pytest.fixture(scope="module")
def standing() -> StepContext:
    env = HumanoidEnv(joint_noise=0.0)
    env.reset(seed=0, options={"command": [0, 0, 0]})
    return env._context


def changed(ctx: StepContext, state: dict[str, Any] | None = None, **fields: Any) -> StepContext:
    return replace(ctx, state=replace(ctx.state, **(state or {})), **fields)


@pytest.mark.parametrize("name", sorted(REWARDS))
def test_every_term_is_a_finite_float_and_costs_are_positive(name: str, standing: StepContext) -> None:
    value = REWARDS[name](standing)
    assert isinstance(value, float) and np.isfinite(value) and value >= 0


def jumping(time: float | None) -> dict[str, Any]:
    """A jump that runs since ``time`` s, or waits."""
    return {"motion": "jump", "motion_time": time}


ONES, ACTION = np.ones(3), np.ones(12)
CASES: list[tuple[str, dict[str, Any], dict[str, Any], float]] = [
    ("track_velocity", {"heading_velocity": np.array([0.5, 0.0, 0.0])}, {"command": np.array([0.5, 0, 0])}, 1.0),
    ("track_velocity", {"heading_velocity": np.zeros(3)}, {"command": np.array([0.12**0.5, 0, 0])}, np.exp(-1)),
    ("track_yaw_rate", {"heading_velocity": np.zeros(3)}, {"command": np.array([0, 0, 0.5])}, np.exp(-1)),
    ("track_mean_velocity", {}, {"filtered_velocity": np.array([0.0, 0.2, 0.0])}, np.exp(-1)),
    ("track_mean_yaw_rate", {}, {"filtered_velocity": np.array([0.0, 0.0, 0.08**0.5])}, np.exp(-1)),
    ("mean_velocity_error", {}, {"filtered_velocity": (0.3, 0.4, 9.0), "command": (0.0, 0.0, 0.0)}, 0.5),
    ("mean_yaw_rate_error", {}, {"filtered_velocity": (9.0, 9.0, -0.3), "command": (0.0, 0.0, 0.1)}, 0.4),
    ("alive", {}, {}, 1.0),
    ("contact_schedule", {"foot_contacts": np.array([True, True])}, {"stepping": False}, 1.0),
    ("contact_schedule", {"foot_contacts": np.array([False, True])}, {"stepping": True, "swing": (1.0, -1.0)}, 1.0),
    ("contact_schedule", {"foot_contacts": np.array([True, False])}, {"stepping": True, "swing": (1.0, -1.0)}, 0.0),
    ("foot_height", {"foot_positions": np.array([[0, 0, 0.115], ONES])}, {"stepping": True, "swing": (1.0, -1.0)}, 0),
    ("foot_height", {"foot_positions": np.full((2, 3), 0.035)}, {"stepping": True, "swing": (1.0, -1.0)}, 0.0064),
    ("foot_slip", {"foot_velocities": np.ones((2, 3)), "foot_contacts": np.array([True, False])}, {}, 2.0),
    ("tilt", {"gravity": np.array([-0.6, 0.0, -0.8])}, {}, 0.36),
    ("base_height", {"base_position": np.array([0, 0, 0.8882])}, {}, 0.01),
    ("vertical_velocity", {"base_linear_velocity": np.array([9, 9, 0.5])}, {}, 0.25),
    ("tilt_rate", {"local_angular_velocity": np.array([1.0, 2.0, 9.0])}, {}, 5.0),
    ("action_rate", {}, {"action": np.ones(12), "previous_action": np.zeros(12)}, 12.0),
    ("action_jerk", {}, {"action": np.full(12, 2.0), "previous_action": ACTION, "earlier_action": 0 * ACTION}, 0.0),
    ("action_jerk", {}, {"action": 0 * ACTION, "previous_action": ACTION, "earlier_action": 0 * ACTION}, 48.0),
    ("torque", {}, {"torque_squared": 7.0}, 7.0),
    ("joint_acceleration", {"joint_velocities": np.full(23, 0.02)}, {}, 23.0),
    ("standing_speed", {"heading_velocity": np.array([0.3, 0.4, 1.0])}, {"stepping": False}, 0.8),
    ("standing_speed", {"heading_velocity": np.array([0.3, 0.4, 1.0])}, {"stepping": True}, 0.0),
    ("track_height", {"base_position": np.array([0, 0, 0.7882 - 0.003**0.5])}, {}, np.exp(-1)),
    ("jump_clearance", {"foot_positions": np.full((2, 3), 0.085)}, jumping(0.6), 0.05),
    ("jump_clearance", {"foot_positions": np.array([[0, 0, 0.2], [0, 0, 0.035]])}, jumping(0.6), 0.0),
    ("jump_clearance", {"foot_positions": np.full((2, 3), 0.085)}, jumping(0.2), 0.0),
    ("jump_travel", {"heading_velocity": np.array([0.2, 0.0, 0.0])}, jumping(0.6), np.exp(-4 / 15)),
    ("jump_travel", {}, jumping(None), 0.0),
    ("landed_speed", {"heading_velocity": np.array([0.3, 0.4, 1.0])}, jumping(1.2), 0.8),
    ("landed_speed", {"heading_velocity": np.array([0.3, 0.4, 1.0])}, jumping(0.6), 0.0),
    ("landed_contact", {"foot_contacts": np.array([True, True])}, jumping(1.2), 1.0),
    ("landed_contact", {"foot_contacts": np.array([True, True])}, jumping(0.6), 0.0),
    ("spin", {"heading_velocity": np.array([0.0, 0.0, 2.0])}, {}, 4.0),
    ("tilt", {"gravity": np.array([0.5, 0.0, -0.75**0.5])}, {"lean": np.pi / 6}, 0.0),
    ("base_height", {"base_position": np.array([2.0, 0, 0.9882])}, {"gradient": 0.1}, 0.0),
    ("fall", {"base_position": np.array([0, 0, 0.3])}, {}, 1.0),
    ("fall", {}, {}, 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("name", "state", "fields", "value"), CASES)
def test_values(name: str, state: dict[str, Any], fields: dict[str, Any], value: float, standing: StepContext) -> None:
    assert REWARDS[name](changed(standing, state, **fields)) == pytest.approx(value, abs=1e-9)


def test_posture_is_measured_from_the_reference(standing: StepContext) -> None:
    shifted = changed(standing, {"joint_positions": [angle + 0.1 for angle in standing.reference]})
    assert REWARDS["leg_posture"](shifted) == pytest.approx(12 * 0.01)
    assert REWARDS["hip_posture"](shifted) == pytest.approx(4 * 0.01)
    assert REWARDS["bearing_knees"](shifted) == pytest.approx(2 * 0.01)
    assert REWARDS["bearing_knees"](replace(shifted, swing=(1.0, -1.0))) == pytest.approx(0.01)


def test_default_weights_name_registered_terms_and_every_term_is_tested() -> None:
    assert set(DEFAULT_WEIGHTS) <= set(REWARDS)
    ours = {name for name in REWARDS if REWARDS.origin(name) == "simonsays"}
    assert {case[0] for case in CASES} | {"leg_posture", "hip_posture", "bearing_knees"} == ours
