"""Helping forces suit the robot that they help."""

from __future__ import annotations

import numpy as np
import pytest

from simonsays.envs.assistance import Assistance
from simonsays.envs.env import HumanoidEnv
from simonsays.sim.engines import ENGINES
from simonsays.sim.robots import ROBOTS


@pytest.mark.parametrize("engine", list(ENGINES))
@pytest.mark.parametrize("robot", list(ROBOTS))
def test_they_hold_every_robot_that_strides_by_the_reference_alone(robot: str, engine: str) -> None:
    env = HumanoidEnv(robot, engine=engine, assistance=1.0)
    env.reset(seed=0, options={"command": (0.3, 0.0, 0.0)})
    still, speeds = np.zeros(env.action_space.shape, np.float32), []
    for _ in range(200):
        assert not env.step(still)[2]
        assert env.reading.base_position[2] < 1.02 * env.spec_robot.standing_height
        speeds.append(env.reading.heading_velocity[0])
    assert 0.15 < np.mean(speeds[100:]) < 0.45
    env.close()


def test_they_grow_with_the_robot_and_stay_stable() -> None:
    small, large = (HumanoidEnv(name) for name in ("g1", "h1"))
    gains = [Assistance.of(env.spec_robot, env.robot.tree, 0.005) for env in (small, large)]
    assert all(more > less for less, more in zip(*gains, strict=True))
    assert gains[0] == pytest.approx((250, 25, 12, 8, 150), rel=0.01)  # what the walker of the G1 learned with
    slow = Assistance.of(small.spec_robot, small.robot.tree, 0.1)  # steps so long that the full gains would throw it
    assert slow.damping < 0.5 * gains[0].damping and slow.yaw < 0.1 * gains[0].yaw
    small.close()
    large.close()
