"""Running: when it begins and ends, and that it is one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simonsays.envs.env import HumanoidEnv
from simonsays.envs.motions.base import motion_bundles
from simonsays.envs.moves.amounts import Distance, Travelled
from simonsays.envs.policy.policy import acting, load_policy
from simonsays.sim.robots import get_robot

G1 = get_robot("g1")


def test_it_runs_with_both_feet_in_the_air_and_walks_again() -> None:
    env = HumanoidEnv("g1", engine="mujoco", episode_seconds=60.0)
    acts = {name: acting(load_policy(str(bundle))) for name, bundle in motion_bundles(G1).items()}
    env.reset(seed=3, options={"command": (0.0, 0.0, 0.0)})
    did, speeds, flies = [], [], []
    for told, seconds in ((1.7, 8.0), (0.6, 4.0), (0.0, 3.0)):
        seen = env.set_command((told, 0.0, 0.0))
        for _ in range(round(seconds / env.dt)):
            seen, _, fell, _, _ = env.step(acts[env.motion](seen))
            assert not fell
            did.append(env.motion)
            speeds.append(env.reading.heading_velocity[0])
            flies.append(not any(env.reading.foot_contacts))
    assert set(did[:400]) == {"run"} and set(did[-250:]) == {"gait"}
    assert np.mean(speeds[250:400]) == pytest.approx(1.7, abs=0.2)
    assert np.mean(flies[250:400]) > 0.05 and not any(flies[-100:])
    assert abs(np.mean(speeds[-50:])) < 0.1
    env.close()


def test_a_quick_walk_is_none() -> None:
    env = HumanoidEnv("g1", engine="mujoco")
    env.reset(seed=0, options={"command": (0.0, 0.0, 0.0)})
    for told, motion in ((G1.gait.walks_below, "gait"), (G1.gait.walks_below + 0.01, "run")):
        env.set_command((told, 0.0, 0.0))
        env.step(np.zeros(12))
        assert env.motion == motion
    env.close()


def test_the_walker_serves_where_nothing_has_learned_to_run() -> None:
    walks = replace(G1, policies=(("gait", "g1-locomotion"),))
    assert motion_bundles(walks)["run"] == "g1-locomotion" and motion_bundles(G1)["run"] == "g1-run"


@pytest.mark.parametrize("pace", [0.6, 1.2, 1.7, 2.0])
def test_it_slows_down_in_time_for_its_way(pace: float) -> None:
    way, dt, slowing = Travelled(along=0.0), 0.02, G1.gait.acceleration[0]
    amount, speed = Distance(8.0), 0.0
    while way.along < 8.0 and (told := amount.speed(way, pace)):
        speed += max(-slowing * dt, min(slowing * dt, told - speed))  # as the gait follows it
        way.along, way.going = way.along + speed * dt, speed
    coasts = speed * speed / (2.0 * slowing)  # told to stand, it slows down by itself
    assert abs(way.along + coasts - 8.0) < 0.1
