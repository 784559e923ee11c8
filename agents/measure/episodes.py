"""One episode of each protocol of ``simon evaluate``: an env, a policy and a seed in, what happened out.

Nothing is assisted; the ground is flat. A command's error is that of its mean velocity, from 0.72 s after it was
given to its end, in the heading frame.
"""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from simonsays.agents.measure.gait_metrics import STILL_SHARE, flaws
from simonsays.agents.measure.protocol import Outcome
from simonsays.agents.measure.rollout import Trace, push, push_direction, run, walk_on
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.policy.policy import Policy

SETTLE = 0.72  # s, in which a command comes to be followed, as figures have had it from the first
COMMAND_SECONDS = 5.0
PUSH_SPEEDS = (0.4, 0.6)  # m/s
PUSH_AT, PUSH_FOR = 3.0, 5.0  # s of walking before a push, and that it must stand after it
HEIGHT_NEAR, HEIGHT_SECONDS, HEIGHT_SHARE = 0.03, 1.5, 0.95  # m, s to get there, share of instants that are near
HEIGHT_STAY = 0.5  # s that it must be near for, to have reached a height and not passed it
HEIGHT_AT = 1.0  # s of standing before
CLEAR = 0.03  # m, of both soles in a jump
FAST, FAST_FROM = 1.2, 3.0  # m/s; s, from where on the mean speed counts
RUN_SPEEDS, RUN_SECONDS, RUN_FROM, RUN_STOP = (1.6, 2.0), 12.0, 6.0, 4.0  # m/s; s, of which from so many on; s
STOPPED = 0.1  # m/s, of a robot that has come to rest
STRAIGHT, STRAIGHT_SPEED, STRAIGHT_DRIFT = 20.0, 0.6, 1.0  # m, m/s, m
ARM_SECONDS = 60.0  # of arm motion, which begins with the second command
GAIT_FROM = 2.0  # s, from where on a gait is judged
MOVING = 0.3  # m/s, a command that is faster is one to go


def _steps(seconds: float, env: HumanoidEnv) -> int:
    return round(seconds / env.dt)


def tracking_episode(env: HumanoidEnv, policy: Policy, seed: int) -> Outcome:
    """20 s, a new command every 5 s: whether it fell, the errors of each whole command, and whether it went."""
    observation, _ = env.reset(seed=seed)
    trace = run(env, policy, observation, env.steps_per_episode)
    plane, yaw, instant, goes = [], [], [], []
    length, settle = _steps(COMMAND_SECONDS, env), _steps(SETTLE, env)
    for start in range(0, len(trace) - length + 1, length):
        part = slice(start + settle, start + length)
        error = trace.velocity[part] - trace.command[part]
        average = error.mean(axis=0)
        plane.append(float(np.hypot(average[0], average[1])))
        yaw.append(float(abs(average[2])))
        instant.append(float(np.hypot(error[:, 0], error[:, 1]).mean()))
        wanted = trace.command[start, :2]
        speed = float(np.hypot(*wanted))
        if speed > MOVING:
            goes.append(float(trace.velocity[part, :2].mean(axis=0) @ wanted) > STILL_SHARE * speed**2)
    return {"fell": trace.fell, "plane": plane, "yaw": yaw, "instant": instant, "goes": goes}


def standing_episode(env: HumanoidEnv, policy: Policy, seed: int) -> Outcome:
    """Command zero for 10 s; drift is the distance between the base's first and last place."""
    observation, _ = env.reset(seed=seed, options={"command": [0.0, 0.0, 0.0]})
    start = env.state.base_position[:2]
    trace = run(env, policy, observation, _steps(10.0, env))
    return {"fell": trace.fell, "drift": float(np.hypot(*(trace.base[-1, :2] - start)))}


def push_episode(env: HumanoidEnv, policy: Policy, seed: int) -> Outcome:
    """For each speed: random commands, after 3 s one blow in a random direction; survived if it stands 5 s later."""
    direction, fell = push_direction(seed), []
    at = _steps(PUSH_AT, env)
    for speed in PUSH_SPEEDS:

        def before(step: int, speed: float = speed) -> None:
            if step == at:
                push(env, speed, direction)

        observation, _ = env.reset(seed=seed)
        fell.append(run(env, policy, observation, at + _steps(PUSH_FOR, env), before).fell)
    return {"fell": fell}


def height_episode(env: HumanoidEnv, policy: Policy, seed: int) -> Outcome:
    """Stands for 1 s, then is told a height of the base, for 7 s."""
    height = float(np.random.default_rng(seed).uniform(*env.config.height))
    at = _steps(HEIGHT_AT, env)
    observation, _ = env.reset(seed=seed, options={"command": [0.0, 0.0, 0.0]})
    trace = run(
        env,
        policy,
        observation,
        at + _steps(7.0, env),
        lambda step: env.set_command((0.0, 0.0, 0.0), height=height) if step == at else None,
    )
    off = np.abs(trace.base[at:, 2] - height)
    settled, stay = off[_steps(HEIGHT_SECONDS, env) :], _steps(HEIGHT_STAY, env)
    near = np.convolve(off <= HEIGHT_NEAR, np.ones(stay), "valid") == stay if len(off) >= stay else np.zeros(0)
    reached = np.flatnonzero(near)
    held = not trace.fell and float((settled <= HEIGHT_NEAR).mean()) >= HEIGHT_SHARE
    return {
        "fell": trace.fell,
        "height": height,
        "held": held,
        "off": None if trace.fell else float(settled.mean()),
        "seconds": float(reached[0]) * env.dt if len(reached) else None,
    }


def crouch_episode(env: HumanoidEnv, policy: Policy, seed: int) -> Outcome:
    """20 s on both feet, a new height every 1.5 to 4 s, with what the settings add: payload, noise, arms."""
    observation, _ = env.reset(seed=seed)
    return {"fell": run(env, policy, observation, env.steps_per_episode).fell}


def jump_episode(env: HumanoidEnv, policy: Policy, seed: int) -> Outcome:
    """One jump on the spot: how high both soles were at once, and whether it still stands when 3 s are over."""
    observation, _ = env.reset(seed=seed, options={"command": [0.0, 0.0, 0.0]})
    trace = run(env, policy, observation, env.steps_per_episode)
    clear = float((trace.feet[:, :, 2].min(axis=1) - env.spec_robot.gait.sole_height).max())
    moved = float(np.hypot(*(trace.base[-1, :2] - trace.base[0, :2])))
    landed = not trace.fell and clear >= CLEAR
    return {"fell": trace.fell, "clear": clear, "landed": landed, "moved": None if trace.fell else moved}


def _gait(trace: Trace, commanded: float) -> Outcome:
    gait = trace.gait(round(GAIT_FROM / trace.dt))
    return {} if gait is None else {"gait": {**asdict(gait), "flaws": flaws(gait, commanded)}}


def speed_episode(env: HumanoidEnv, policy: Policy, seed: int) -> Outcome:
    """1.2 m/s forward for 10 s, from standing, along a held heading: the mean speed from 3 s on."""
    observation, _ = env.reset(seed=seed, options={"command": [0.0, 0.0, 0.0]})
    trace = run(env, policy, observation, _steps(10.0, env), lambda step: walk_on(env, FAST))
    speed = None if trace.fell else float(trace.velocity[_steps(FAST_FROM, env) :, 0].mean())
    return {"fell": trace.fell, "speed": speed, **_gait(trace, FAST)}


def run_episode(env: HumanoidEnv, policy: Policy, seed: int, speed: float) -> Outcome:
    """A speed forward for 12 s, from standing, along a held heading, then 4 s of standing.

    From 6 s on the mean speed and the share of time with no foot down count; it stopped if it is slow in the last
    second.
    """
    observation, _ = env.reset(seed=seed, options={"command": [0.0, 0.0, 0.0]})
    end, stop = _steps(RUN_SECONDS, env), _steps(RUN_STOP, env)
    trace = run(env, policy, observation, end + stop, lambda step: walk_on(env, speed if step < end else 0.0))
    ran, last = slice(_steps(RUN_FROM, env), end), trace.velocity[-_steps(1.0, env) :, :2]
    whole = len(trace) >= end
    return {
        "fell": trace.fell,
        "speed": float(trace.velocity[ran, 0].mean()) if whole else None,
        "flight": float((~trace.contacts[ran].any(axis=1)).mean()) if whole else None,
        "stopped": not trace.fell and float(np.hypot(*last.mean(axis=0))) < STOPPED,
    }


def straight_episode(env: HumanoidEnv, policy: Policy, seed: int) -> Outcome:
    """20 m straight ahead at 0.6 m/s, the heading held by a yaw rate: how far it is off the line at the end."""
    observation, _ = env.reset(seed=seed, options={"command": [0.0, 0.0, 0.0]})
    origin = env.reading.base_position

    def there() -> bool:
        return env.reading.base_position[0] - origin[0] >= STRAIGHT

    trace = run(env, policy, observation, env.steps_per_episode, lambda step: walk_on(env, STRAIGHT_SPEED), there)
    arrived = there()
    drift = abs(float(trace.base[-1, 1]) - origin[1])
    return {
        "fell": trace.fell,
        "straight": arrived and drift < STRAIGHT_DRIFT,
        "drift": drift if arrived else None,
        **_gait(trace, STRAIGHT_SPEED),
    }


def arms_episode(env: HumanoidEnv, policy: Policy, seed: int) -> Outcome:
    """Random commands every 5 s, from the second on with waist and arms moving to random targets: for a minute.

    A fall under the first command, before any arm moved, counts as well.
    """
    observation, _ = env.reset(seed=seed)
    trace = run(env, policy, observation, env.steps_per_episode)
    return {"fell": trace.fell, "seconds": max(0.0, len(trace) * env.dt - COMMAND_SECONDS)}
