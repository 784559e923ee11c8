"""``simon evaluate``: measure a policy without any assistance, on fixed seeds, with 95% intervals.

Runs in NumPy on the evaluation's own settings of the env; needs no torch. Protocols:

- tracking: episodes of 20 s, a new command every 5 s, random friction 0.5 to 1.25; the velocity error of a command
  is that of its mean velocity from 0.72 s (a gait cycle) after it was given to its end, in the heading frame.
- standing: command zero for 10 s; drift is the distance between the base's first and last place.
- push: walking commands; after 3 s the base's velocity changes at once by 0.4 m/s in a random direction; survived
  if it still stands 5 s later.
- success, for every other env: whole episodes, success in the last step (agents/success.py).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from typing import Any

import numpy as np
from simonsays.agents import success
from simonsays.agents.estimates import Estimate, mean, proportion
from simonsays.envs.controllers import Policy, load_policy

ENV_ID = "simonsays.envs:G1-Locomotion-v0"
SETTLE = 36  # control steps: one gait cycle
PUSH_SPEED = 0.4


def _run(env: Any, policy: Policy, steps: int, observation: Any, at: dict[int, Callable[[], None]]) -> tuple[Any, ...]:
    velocities, commands, fell = [], [], False
    for step in range(steps):
        if step in at:
            at[step]()
        action, _ = policy.predict(observation, deterministic=True)
        observation, _, terminated, truncated, info = env.step(action)
        velocities.append(env.unwrapped.state.heading_velocity)
        commands.append(info["command"])
        fell = bool(terminated)
        if terminated or truncated:
            break
    return np.array(velocities), np.array(commands), fell


def tracking_episode(env: Any, policy: Policy, seed: int) -> dict[str, Any]:
    """One episode of the tracking protocol: whether it fell, and the errors of each whole command."""
    observation, _ = env.reset(seed=seed)
    velocities, commands, fell = _run(env, policy, 1000, observation, {})
    plane, yaw, now = [], [], []
    for start in range(0, len(velocities) - 249, 250):
        part = velocities[start + SETTLE : start + 250] - commands[start + SETTLE : start + 250]
        average = part.mean(axis=0)
        plane.append(float(np.hypot(average[0], average[1])))
        yaw.append(float(abs(average[2])))
        now.append(float(np.hypot(part[:, 0], part[:, 1]).mean()))
    return {"fell": fell, "plane": plane, "yaw": yaw, "instant": now}


def standing_episode(env: Any, policy: Policy, seed: int) -> dict[str, Any]:
    """One episode of the standing protocol."""
    observation, _ = env.reset(seed=seed, options={"command": [0.0, 0.0, 0.0]})
    start = env.unwrapped.state.base_position[:2]
    _, _, fell = _run(env, policy, 500, observation, {})
    return {"fell": fell, "drift": float(np.hypot(*(env.unwrapped.state.base_position[:2] - start)))}


def push_episode(env: Any, policy: Policy, seed: int) -> dict[str, Any]:
    """One episode of the push protocol."""
    observation, _ = env.reset(seed=seed)
    direction = np.random.default_rng(seed).uniform(0, 2 * math.pi)

    def push() -> None:
        robot = env.unwrapped.robot
        (x, y, z), angular = robot.base_velocity()
        x, y = x + PUSH_SPEED * math.cos(direction), y + PUSH_SPEED * math.sin(direction)
        robot.set_base_velocity((x, y, z), angular)

    _, _, fell = _run(env, policy, 400, observation, {150: push})
    return {"fell": fell}


_PROTOCOLS = {
    "tracking": tracking_episode,
    "standing": standing_episode,
    "push": push_episode,
    "success": success.success_episode,
}


def _chunk(task: tuple[str, str, str, list[int]]) -> tuple[str, list[dict[str, Any]]]:
    import gymnasium

    policy_name, env_id, protocol, seeds = task
    policy = load_policy(policy_name)
    env = gymnasium.make(env_id, disable_env_checker=True, **policy.description.get("settings", {}))
    try:
        policy.check(env)
        return protocol, [_PROTOCOLS[protocol](env, policy, seed) for seed in seeds]
    finally:
        env.close()


def evaluate(
    policy: str,
    env_id: str | None = None,
    *,
    episodes: int = 200,
    seed: int = 0,
    jobs: int = 2,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Measure a policy: ``episodes`` of each protocol on seeds from ``seed`` on.

    ``env_id``: that of the policy's training by default. Returns figures by name, each an Estimate as a dict, with the
    number of episodes and the first seed.

    Raises:
        InputError: no such policy, or it does not fit the env.
    """
    env_id = env_id or load_policy(policy).env_id
    sizes = {"success": episodes}
    if env_id == ENV_ID:
        sizes = {"tracking": episodes, "standing": max(1, episodes // 4), "push": episodes}
    tasks = [
        (policy, env_id, protocol, list(range(first, min(first + 5, seed + count))))
        for protocol, count in sizes.items()
        for first in range(seed, seed + count, 5)
    ]
    found: dict[str, list[dict[str, Any]]] = {protocol: [] for protocol in sizes}
    total, done = sum(sizes.values()), 0
    with ProcessPoolExecutor(max(1, jobs), mp_context=get_context("spawn")) as pool:
        for protocol, results in pool.map(_chunk, tasks):
            found[protocol] += results
            done += len(results)
            if progress is not None:
                progress(done, total)
    if "success" in found:
        figures = {name: asdict(estimate) for name, estimate in success.summarize(found["success"]).items()}
        return {"env": env_id, "seed": seed, "episodes": episodes, **figures}
    return summarize(found, seed)


def summarize(found: dict[str, list[dict[str, Any]]], seed: int) -> dict[str, Any]:
    """Figures with intervals from the episodes of each protocol."""
    tracking, standing, push = found["tracking"], found["standing"], found["push"]

    def up(results: list[dict[str, Any]]) -> Estimate:
        return proportion(sum(not result["fell"] for result in results), len(results))

    def episode_means(key: str) -> Estimate:
        return mean(float(np.mean(result[key])) for result in tracking if result[key])

    worst = max(result["drift"] for result in standing)
    figures = {
        "survival": up(tracking),
        "velocity_error": episode_means("plane"),
        "yaw_rate_error": episode_means("yaw"),
        "instant_velocity_error": episode_means("instant"),
        "standing_survival": up(standing),
        "standing_drift": mean(result["drift"] for result in standing),
        "standing_drift_worst": Estimate(worst, worst, worst, len(standing)),
        "push_survival": up(push),
    }
    return {"seed": seed, "episodes": len(tracking), **{name: asdict(e) for name, e in figures.items()}}


LABELS = {
    "survival": ("stays up for 20 s", "%"),
    "velocity_error": ("velocity error, mean over each command", "m/s"),
    "yaw_rate_error": ("yaw-rate error, mean over each command", "rad/s"),
    "instant_velocity_error": ("velocity error at each instant, the gait's sway included", "m/s"),
    "standing_survival": ("stands for 10 s", "%"),
    "standing_drift": ("drift when standing for 10 s", "m"),
    "standing_drift_worst": ("largest drift", "m"),
    "push_survival": (f"survives a push of {PUSH_SPEED} m/s", "%"),
}


def table(results: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Rows of (what, figure with its 95% interval, episodes) for people to read."""
    rows = []
    labels = {**LABELS, **success.LABELS}
    for name in [name for name in labels if name in results]:
        label, unit = labels[name]
        estimate = Estimate(**results[name])
        text = estimate.text(percent=True) if unit == "%" else estimate.text(unit)
        rows.append((label, text, estimate.count))
    return rows


def card(policy: Policy, results: dict[str, Any]) -> str:
    """CARD.md of a policy with measured results."""
    training = policy.description["training"]
    rows = "\n".join(f"| {label} | {text} | {count} |" for label, text, count in table(results))
    command = f"simon evaluate {policy.name} --episodes {results['episodes']} --seed {results['seed']}"
    if "success" in results:
        return success.card(policy, results["env"], command, rows)
    return f"""# {policy.name}

Follows a velocity command (forward, sideways, yaw rate) with the {policy.description["robot"].upper()}: a residual on a
reference gait, joint targets at {policy.description["control_rate_hz"]} Hz, torque PD. Runs in NumPy.

## Measured, without any assistance

`{command}`; figures with 95% intervals
(Wilson for shares, bootstrap for means). Commands are uniform in forward [-0.3, 0.8] m/s, sideways ±0.25 m/s, yaw
±0.8 rad/s, 10% of them stand still, a new one every 5 s; friction 0.5 to 1.25.

| what | figure | episodes |
|---|---|---|
{rows}

A command's error is that of its mean velocity, from one gait cycle (0.72 s) after it was given, in the heading frame.

## Training

Recipe `{training["recipe"]}`, seed {training["seed"]}: {training["env_steps"]:,} env steps in
{training["wall_clock_s"] / 60:.0f} minutes on two CPU cores, {training["algorithm"]}.
Retrain: `simon train {training["recipe"]}`; then `simon evaluate RUN/bundle`.

## Limits

Flat ground; no sensor noise or latency in training; waist and arms follow the reference or the skill, not the policy.
"""
