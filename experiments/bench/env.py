"""``simon bench env``: the env's overhead over the physics, side by side in one process on one trajectory."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from simonsays.sim.engines.native import pybullet

BLOCK = 50  # control steps a measurement


def bench_env(
    rounds: int = 60, progress: Callable[[int, int], None] | None = None, robot: str | None = None
) -> dict[str, Any]:
    """Alternate blocks of env steps and of bare loops and compare each pair.

    Both robots walk: the bare loop replays the joint targets of the env's own steps on a robot that starts at the
    same place, so that the physics has the same contacts to solve. It makes the fewest PyBullet calls that torque
    PD needs: getJointStates, setJointMotorControlArray and stepSimulation a physics step.
    """
    from simonsays.envs.env import HumanoidEnv
    from simonsays.envs.policy.choice import chosen
    from simonsays.envs.policy.policy import load_policy

    spec, named = chosen(robot)
    source, env, bare = HumanoidEnv(spec), HumanoidEnv(spec), HumanoidEnv(spec)
    policy = load_policy(str(named))
    pairs = []
    options = {"command": [0.4, 0.0, 0.2]}
    for i in range(rounds):
        observation, _ = source.reset(seed=i, options=options)
        actions, targets = [], []
        for _ in range(BLOCK):  # the trajectory, not measured
            action = policy.predict(observation, deterministic=True)[0]
            observation = source.step(action)[0]
            actions.append(action)
            targets.append(np.array(source.last_targets))
        for measured_env in (env, bare):  # both fresh: a world that was rebuilt more often is not slower by that
            measured_env.reset(seed=i, options=options)
        order = ((_time_env, (env, actions)), (_time_bare, (bare, targets)))
        measured = {f.__name__: f(*a) for f, a in (order if i % 2 else order[::-1])}  # type: ignore[operator]
        pairs.append((measured["_time_env"], measured["_time_bare"]))
        if progress is not None:
            progress(i + 1, rounds)
    for world in (source, env, bare):
        world.close()
    ratios = [a / b for a, b in pairs]
    return {
        "env_us": float(np.median([a for a, _ in pairs])) * 1e6,
        "bare_us": float(np.median([b for _, b in pairs])) * 1e6,
        "ratio": float(np.median(ratios)),
        "ratio_quartiles": np.quantile(ratios, [0.25, 0.75]).tolist(),
        "pairs": rounds,
    }


def _time_env(env: Any, actions: list[Any]) -> float:
    started = time.perf_counter()
    for action in actions:
        env.step(action)
    return (time.perf_counter() - started) / len(actions)


def _time_bare(env: Any, targets: list[Any]) -> float:
    client, body, joints = env.world.client, env.robot.body, env.robot.physics.joint_ids
    kp = np.array([joint.kp for joint in env.spec_robot.joints])
    kd = np.array([joint.kd for joint in env.spec_robot.joints])
    high, low, torque = env.robot.effort, -env.robot.effort, pybullet.TORQUE_CONTROL
    started = time.perf_counter()
    for target in targets:
        for _ in range(4):
            columns = tuple(zip(*pybullet.getJointStates(body, joints, physicsClientId=client), strict=True))
            forces = kp * (target - np.array(columns[0])) - kd * np.array(columns[1])
            np.minimum(forces, high, out=forces)
            np.maximum(forces, low, out=forces)
            pybullet.setJointMotorControlArray(body, joints, torque, forces=forces.tolist(), physicsClientId=client)
            pybullet.stepSimulation(physicsClientId=client)
    return (time.perf_counter() - started) / len(targets)
