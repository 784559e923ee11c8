"""Getting up, measured: robots that lie on the ground, at random, as falls leave them."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from simonsays.agents.measure.estimates import Estimate, mean, proportion
from simonsays.agents.measure.protocol import Figure, Outcome, Protocol
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.policy.policy import Policy, acting
from simonsays.sim.rotations import multiply, quaternion_from_rpy

LIES = {"back": (0.0, -0.5), "front": (0.0, 0.5), "left": (-0.5, 0.0), "right": (0.5, 0.0)}
"""roll and pitch of the base, in half turns, of a robot that is dropped on to its back, its front or a side"""
_IN_TIME, _GIVEN, _STANDS = 10.0, 20.0, 1.0
"""s: until it is up, that it is given, and that it must stand at the end"""
_DROP, _SETTLES = 0.55, 1.2  # m, of the base above the ground; s
_TILT, _SPREAD, _CLEAR = 0.25, 0.5, 0.01  # rad; rad; m: a draw whose links are deeper in each other is drawn again
_HIGH, _UPRIGHT = 0.9, 0.95  # of standing height, and cosine of the tilt: it is up
_MOST = 1000


def lay_down(env: HumanoidEnv, side: str, rng: np.random.Generator) -> None:
    """Drop the robot of an env, after its reset, on to a side (of ``LIES``), and let it come to rest there.

    Each joint is within 0.5 rad of the standing pose, the heading is any, the base is tilted by some 15 degrees, and no
    link is in another by more than 1 cm. The joints hold their pose meanwhile.

    Raises:
        RuntimeError: no such pose was drawn.
    """
    robot, stage = env.robot, env.stage
    roll, pitch = (math.pi * turn for turn in LIES[side])
    for _ in range(_MOST):
        tilts = rng.normal(0.0, _TILT, 2)
        turned = quaternion_from_rpy(roll + tilts[0], pitch + tilts[1], 0.0)
        yaw = quaternion_from_rpy(0.0, 0.0, rng.uniform(-math.pi, math.pi))
        drawn = robot.default_positions + rng.uniform(-_SPREAD, _SPREAD, len(robot.joint_names))
        pose = np.clip(drawn, robot.lower, robot.upper).tolist()
        x, y, _ = stage.reading.base_position
        robot.reset([x, y, env.world.ground_height(x) + _DROP], multiply(yaw.tolist(), turned.tolist()), pose)
        if max(robot.physics.depths().values(), default=0.0) <= _CLEAR:
            break
    else:
        raise RuntimeError(f"no clear pose of {env.spec_robot.name!r} in {_MOST}")
    for _ in range(round(_SETTLES / env.dt)):
        robot.track(pose, stage.substeps)
    stage.measure()


def seconds_to_stand(env: HumanoidEnv, policy: Policy, side: str, seed: int) -> float | None:
    """s until a robot that was laid down stands, and does so for a second, by its policy again; None: not in 20 s."""
    env.reset(seed=seed, options={"command": [0.0, 0.0, 0.0]})
    lay_down(env, side, np.random.default_rng((seed, list(LIES).index(side))))
    act, stood, begun = acting(policy), 0.0, env.reading.time
    while env.reading.time < begun + _GIVEN:
        env.step(act(env.set_command([0.0, 0.0, 0.0], motion="get_up")))
        reading = env.reading
        high = reading.base_position[2] > _HIGH * env.spec_robot.standing_height
        up = env.motion != "get_up" and high and -reading.gravity[2] > _UPRIGHT
        stood = stood + env.dt if up else 0.0
        if stood >= _STANDS:
            return reading.time - begun - _STANDS
    return None


def _episode(env: HumanoidEnv, policy: Policy, seed: int) -> Outcome:
    """A robot that lies on its back, its front and either side in turn: s until it stands, by side."""
    return {side: seconds_to_stand(env, policy, side, seed) for side in LIES}


def _in_time(side: str, outcomes: list[Outcome]) -> Estimate | None:
    taken = [outcome[side] for outcome in outcomes]
    return proportion(sum(each is not None and each <= _IN_TIME for each in taken), len(taken)) if taken else None


def _seconds(side: str, outcomes: list[Outcome]) -> Estimate | None:
    return mean(outcome[side] for outcome in outcomes if outcome[side] is not None)


def _figures(side: str) -> tuple[Figure, Figure]:
    where = f"on its {side}" + (" side" if side in ("left", "right") else "")
    return (
        Figure(f"up_{side}", f"{where}: stands within {_IN_TIME:g} s", "%", partial(_in_time, side)),
        Figure(f"up_{side}_seconds", f"{where}: time until it stands", "s", partial(_seconds, side)),
    )


GET_UP = Protocol(
    "get_up",
    "laid down at random on its back, its front and either side in turn, and told to get up",
    _episode,
    tuple(figure for side in LIES for figure in _figures(side)),
    by_default=False,
    settings={"episode_seconds": 3600.0},
)
