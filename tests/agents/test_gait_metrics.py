"""Gait figures and detectors on synthetic walks, whose figures are known beforehand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simonsays.agents.measure import gait_metrics as gm

DT = 0.02


def walk(
    *,
    strides: int = 8,
    right_offset: float = 0.5,
    duty: float = 0.6,
    period: float = 0.8,
    speed: float = 0.5,
    right_ahead: float = 0.0,
    lift: float = 0.08,
    slip: float = 0.0,
) -> dict[str, Any]:
    """A walk along +x: each foot is down for ``duty`` of the period, the right one ``right_offset`` of it later.

    ``right_ahead``: m, how much farther ahead than half a stride the right foot lands; ``slip``: m/s, of feet down.
    """
    steps = round(strides * period / DT)
    time = np.arange(steps) * DT
    base = np.stack([speed * time, np.zeros(steps), np.full(steps, 0.77)], axis=1)
    contacts, feet = np.zeros((steps, 2), bool), np.zeros((steps, 2, 3))
    for foot, (offset, ahead) in enumerate(((0.0, 0.0), (right_offset, right_ahead))):
        cycle = time / period - offset + 1e-9
        part, number = cycle % 1.0, np.floor(cycle)
        down = part < duty
        landed = (number + offset) * period * speed + ahead
        swing = np.clip((part - duty) / (1 - duty), 0, 1)
        feet[:, foot, 0] = landed + np.where(down, slip * part * period, swing * speed * period)
        feet[:, foot, 1] = 0.1 - 0.2 * foot
        feet[:, foot, 2] = 0.035 + np.where(down, 0.0, lift * np.sin(np.pi * swing))
        contacts[:, foot] = down
    knees = np.where(contacts, np.where(contacts[:, ::-1], 0.5, 0.2), 1.0)  # bent more where both feet or none are down
    torques = np.full((steps, 2), 10.0)
    velocities = np.tile([2.0, -2.0], (steps, 1))
    of_joints = {"knees": knees, "torques": torques, "velocities": velocities}
    return {"contacts": contacts, "feet": feet, "base": base, **of_joints}


def gait(data: dict[str, Any], **changes: Any) -> gm.Gait:
    return gm.measure(**{**data, **changes}, mass=32.0, dt=DT)


def test_figures_of_a_known_walk() -> None:
    found = gait(walk())
    assert found.duty_factor == pytest.approx(0.6, abs=0.01)
    assert found.cadence == pytest.approx(2 / 0.8, rel=0.08)
    assert found.step_length == pytest.approx(0.5 * 0.8 / 2, abs=0.015)
    assert found.bearing_knee == 0.2
    assert found.flight_share == 0.0 and found.together_share == 0.0
    assert found.duration_symmetry == pytest.approx(1.0, abs=0.02)
    assert found.length_symmetry == pytest.approx(1.0, abs=0.05)
    assert found.swing_lift == pytest.approx(0.08, abs=0.005)
    assert found.foot_slip == pytest.approx(0.0, abs=1e-6)
    assert found.speed == pytest.approx(0.5, rel=0.02)
    # 40 W on 32 kg at 0.5 m/s
    assert found.cost_of_transport == pytest.approx(40 / (32 * 9.81 * 0.5), rel=0.02)
    assert gm.flaws(found, 0.5) == ()


def test_slip_is_metres_slid_for_each_metre_walked() -> None:
    # both feet slide at 0.05 m/s for 0.6 of the time, the base goes at 0.5 m/s
    assert gait(walk(slip=0.05)).foot_slip == pytest.approx(2 * 0.6 * 0.05 / 0.5, rel=0.15)


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        ({"right_offset": 0.0}, "hopping"),  # both land together
        ({"duty": 0.35}, "hopping"),  # in the air between the steps
        ({"right_offset": 0.3}, "limping"),  # a short and a long step in time
        ({"right_ahead": 0.12}, "limping"),  # a short and a long step in length
        ({"lift": 0.005}, "shuffling"),
        ({"speed": 0.05}, "standing still"),
    ],
)
def test_each_flaw_is_seen(change: dict[str, Any], flaw: str) -> None:
    assert flaw in gm.flaws(gait(walk(**change)), 0.5)


def test_no_flaw_is_seen_near_a_good_walk() -> None:
    for change in ({"duty": 0.53}, {"duty": 0.75}, {"right_offset": 0.47}, {"lift": 0.03}, {"right_ahead": 0.01}):
        assert gm.flaws(gait(walk(**change)), 0.5) == (), change


def test_a_foot_that_never_lifts_is_a_limp() -> None:
    data = walk()
    contacts, feet = data["contacts"].copy(), data["feet"].copy()
    contacts[:, 1], feet[:, 1, 2] = True, 0.035
    assert "limping" in gm.flaws(gait(data, contacts=contacts, feet=feet), 0.5)


def test_a_robot_that_does_not_step_has_no_steps() -> None:
    data = walk(speed=0.0)
    still = gait(data, contacts=np.ones_like(data["contacts"]))
    assert still.duty_factor == 1.0 and still.cadence == 0.0
    assert still.duration_symmetry is still.length_symmetry is still.swing_lift is still.together_share is None
    assert still.cost_of_transport is None and still.foot_slip is None
    assert gm.flaws(still, 0.5) == ("standing still",)
    assert gm.flaws(gait(walk(), contacts=np.ones_like(data["contacts"])), 0.5) == ("shuffling",)  # slides along


def test_blips_are_not_steps() -> None:
    data = walk()
    clean, dirty = data["contacts"], data["contacts"].copy()
    for row in (10, 60, 61 + 40, 200):
        dirty[row] = ~dirty[row]
    np.testing.assert_array_equal(gm.without_blips(clean, DT), clean)
    assert sum(map(len, gm.touchdowns(dirty))) > sum(map(len, gm.touchdowns(clean)))
    cleaned = gm.without_blips(dirty, DT)
    assert [len(rows) for rows in gm.touchdowns(cleaned)] == [len(rows) for rows in gm.touchdowns(clean)]


@given(st.lists(st.floats(0.01, 2), min_size=1), st.lists(st.floats(0.01, 2), min_size=1), st.floats(0.1, 10))
def test_symmetry_is_a_share_that_knows_no_side_and_no_unit(a: list[float], b: list[float], factor: float) -> None:
    value = gm.symmetry(a, b)
    assert value is not None and 0.0 <= value <= 1.0
    assert gm.symmetry(b, a) == pytest.approx(value)
    assert gm.symmetry([factor * x for x in a], [factor * x for x in b]) == pytest.approx(value, abs=1e-9)
    assert gm.symmetry(a, a) == pytest.approx(1.0)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=80))
def test_any_contacts_give_figures_in_range(rows: list[tuple[bool, bool]]) -> None:
    contacts = np.array(rows)
    assert 0 <= gm.duty_factor(contacts) <= 1 and 0 <= gm.flight_share(contacts) <= 1
    together = gm.together_share(contacts, DT)
    assert together is None or 0 <= together <= 1
    assert all(d > 0 for side in gm.step_durations(contacts, DT) for d in side) or any(
        a == b for a in gm.touchdowns(contacts)[0] for b in gm.touchdowns(contacts)[1]
    )
