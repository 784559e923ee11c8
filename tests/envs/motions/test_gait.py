"""The reference gait: its clock, its pattern, and what a robot that is held upright makes of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simonsays.envs.env import HumanoidEnv
from simonsays.envs.motions.pattern import FLOATS, GaitClock, leg, over_feet, pace, strides, swing, ticked
from simonsays.sim.kinematics import Tree
from simonsays.sim.robots import ROBOTS, get_robot

DT = 0.02
G1 = get_robot("g1")
STILL = (0.0, 0.0, 0.0)


def run(
    clock: GaitClock,
    command: tuple[float, float, float],
    seconds: float,
    moves: tuple[float, float] = (0.0, 0.0),
    tilt: tuple[float, float] = (0.0, 0.0),
) -> GaitClock:
    now = pace(FLOATS, G1.gait, *command[:2])
    for _ in range(round(seconds / DT)):
        clock = ticked(FLOATS, G1.gait, clock, DT, now, command, moves, tilt)
    return clock


def test_a_standing_clock_waits_until_it_is_told_or_the_robot_moves_or_tips() -> None:
    assert not run(GaitClock(0.0, False), STILL, 2.0).stepping
    assert run(GaitClock(0.0, False), (0.02, 0.0, 0.0), DT).stepping, "no dead zone"
    assert run(GaitClock(0.0, False), STILL, DT, moves=(0.0, 0.3)).stepping
    assert run(GaitClock(0.0, False), STILL, DT, tilt=(0.2, 0.0)).stepping


@pytest.mark.parametrize(("sideways", "side"), [(0.2, 0), (-0.2, 1)])
def test_sideways_it_begins_with_the_foot_on_that_side(sideways: float, side: int) -> None:
    clock = run(GaitClock(0.5 if side == 0 else 0.0, False), (0.0, sideways, 0.0), 0.3)
    duty = pace(FLOATS, G1.gait, 0.0, sideways).duty
    assert swing(clock.phase, side, duty) > 0 > swing(clock.phase, 1 - side, duty)


@pytest.mark.parametrize(("pushed", "side"), [(0.5, 0), (-0.5, 1)])
def test_pushed_while_it_stands_it_steps_out_at_once_on_that_side(pushed: float, side: int) -> None:
    clock = run(GaitClock(0.5 if side == 0 else 0.0, False), STILL, 2 * DT, moves=(0.1, pushed))
    duty = pace(FLOATS, G1.gait, 0.0, 0.0).duty
    assert swing(clock.phase, side, duty) > 0 > swing(clock.phase, 1 - side, duty)


@pytest.mark.parametrize(("phase", "towards"), [(0.25, -1.0), (0.75, 1.0)], ids=["left", "right"])
def test_pushed_over_the_foot_that_is_down_it_has_the_other_one_down_soon(phase: float, towards: float) -> None:
    def goes(aside: float, speed: float = 0.3) -> float:
        clock = GaitClock(phase, True, ahead=speed)
        now = pace(FLOATS, G1.gait, speed, 0.0)
        command = (speed, 0.0, 0.0)
        after = ticked(FLOATS, G1.gait, clock, DT, now, command, (speed, aside), (0.0, 0.0))
        return (after.phase - phase) * now.period / DT

    assert goes(0.0) == goes(0.25) == goes(-0.25) == pytest.approx(1.0)
    assert goes(0.4 * towards) == pytest.approx(4.0), "legs cannot cross"
    assert goes(-0.4 * towards) == pytest.approx(1.5), "the foot that is up steps out"
    assert goes(0.4 * towards, speed=1.3) == pytest.approx(1.0), "a quick walk is not thrown out of its stride"


def test_told_to_stand_it_goes_on_until_it_is_slow() -> None:
    walking = run(GaitClock(0.0, False), (0.9, 0.0, 0.0), 3.0, moves=(0.9, 0.0))
    assert walking.stepping and walking.forward == pytest.approx(0.9, abs=0.01)
    assert run(walking, STILL, 0.3).stepping and not run(walking, STILL, 2.5).stepping
    assert run(walking, STILL, 5.0, moves=(0.0, 0.2)).stepping, "a robot that still moves does not stop"
    assert run(walking, STILL, 2.5).phase in (0.0, 0.5)


def test_the_foot_that_is_down_tells_how_fast_the_base_moves() -> None:
    feet, duty = ((1.0, 0.1), (3.0, 0.3)), 0.5
    assert over_feet(FLOATS, GaitClock(0.0, False), feet, duty) == (1.0, 0.1), "the slower one"
    assert over_feet(FLOATS, GaitClock(0.25, True), feet, duty) == (3.0, 0.3), "the left foot swings"
    assert over_feet(FLOATS, GaitClock(0.75, True), feet, duty) == (1.0, 0.1)


@given(st.floats(-0.4, 1.2), st.floats(0.05, 0.95))
def test_a_foot_on_the_ground_moves_back_as_fast_as_the_robot_is_to_go(speed: float, share: float) -> None:
    now = pace(FLOATS, G1.gait, speed, 0.0)
    phase = (0.25 + 0.5 * (1 - now.duty) + share * now.duty) % 1.0  # the left foot is down there
    one, other = (leg(FLOATS, p % 1.0, 0, now.duty, 0.5).reach for p in (phase, phase + 1e-6))
    travel = 0.5 * now.duty * now.period * speed  # m, half the way of a foot on the ground
    assert (other - one) * travel / (1e-6 * now.period) == pytest.approx(-speed, abs=1e-3)


@given(st.floats(0, 1, exclude_max=True), st.floats(-0.4, 2.0), st.floats(-0.3, 0.3), st.floats(-0.8, 0.8))
def test_the_right_leg_is_the_mirror_image_half_a_period_later(p: float, x: float, y: float, yaw: float) -> None:
    now = pace(FLOATS, G1.gait, x, y)
    left, _ = strides(FLOATS, G1.gait, GaitClock(p, True), (x, y, yaw), now)
    _, right = strides(FLOATS, G1.gait, GaitClock((p + 0.5) % 1.0, True), (x, -y, -yaw), now)
    signs = (1, 1, 1, -1, -1, -1, 1)  # hip, knee, ankle pitch; hip roll, hip yaw, ankle roll; arm
    np.testing.assert_allclose(right, np.multiply(signs, left), atol=1e-9)


@given(st.floats(0, 1, exclude_max=True), st.floats(-0.4, 1.2))
def test_the_pattern_has_no_jumps(p: float, x: float) -> None:
    now = pace(FLOATS, G1.gait, x, 0.0)
    one, other = (strides(FLOATS, G1.gait, GaitClock(q % 1.0, True), (x, 0.0, 0.0), now) for q in (p, p + 1e-5))
    np.testing.assert_allclose(one, other, atol=2e-3)


@pytest.mark.parametrize("name", ROBOTS)
def test_robots_stand_flat_on_their_soles_with_their_weight_over_their_ankles(name: str) -> None:
    spec = ROBOTS[name]
    tree = Tree(spec)
    poses = tree.poses(tree.standing[None])
    centres = poses.position[0] + np.einsum("lab,lb->la", poses.rotation[0], tree.centre)
    centre = tree.mass @ centres / tree.mass.sum()
    for foot in spec.feet:
        place = tree.place[foot]
        np.testing.assert_allclose(poses.rotation[0, place][:, 2], [0, 0, 1], atol=1e-3)
        assert spec.base_height + poses.position[0, place, 2] == pytest.approx(spec.gait.sole_height, abs=1e-3)
        # Ankles as soft as these give way under a weight that is two centimetres ahead of them.
        assert abs(centre[0] - poses.position[0, place, 0]) < 0.01


@pytest.mark.parametrize("speed", [-0.3, 0.3])
def test_a_robot_that_is_held_upright_walks_on_the_reference_alone(speed: float) -> None:
    env = HumanoidEnv("g1", assistance=1.0, friction=(1.0, 1.0), joint_noise=0.0, episode_seconds=10.0)
    env.reset(seed=0, options={"command": (speed, 0.0, 0.0)})
    speeds = []
    for _ in range(200):
        terminated = env.step(np.zeros(env.action_space.shape))[2]
        assert not terminated
        speeds.append(env.reading.heading_velocity[0])
    env.close()
    assert np.mean(speeds[100:]) == pytest.approx(speed, rel=0.4)
