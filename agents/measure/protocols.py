"""The protocols of ``simon evaluate``: their episodes, and the figures that come of many of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import numpy as np

from simonsays.agents.measure import episodes
from simonsays.agents.measure.episodes import (
    CLEAR,
    FAST,
    HEIGHT_NEAR,
    MOVING,
    STRAIGHT,
    STRAIGHT_DRIFT,
    STRAIGHT_SPEED,
)
from simonsays.agents.measure.estimates import Estimate, mean, proportion, rate
from simonsays.agents.measure.gait_metrics import FLAWS
from simonsays.agents.measure.lying import GET_UP
from simonsays.agents.measure.protocol import Figure, Outcome, Protocol
from simonsays.agents.measure.success import success_episode
from simonsays.assets.registry import Registry
from simonsays.envs import env_class, env_spec
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.motions.base import DEFAULT, MOTIONS, Motion

__all__ = [
    "PROTOCOLS_OF",
    "TASK_PROTOCOLS",
    "Figure",
    "Protocol",
    "motion_of",
    "protocols_of",
    "register_protocols",
    "share_of",
    "usual",
]
_BURDEN: Mapping[str, Any] = {"payload": (-3.0, 3.0), "sensor_noise": 1.0, "latency": 0.5}


def _share(values: Iterable[bool]) -> Estimate | None:
    listed = list(values)
    return proportion(sum(listed), len(listed)) if listed else None


def _up(outcomes: list[Outcome]) -> Estimate | None:
    return _share(not outcome["fell"] for outcome in outcomes)


def share_of(key: str) -> Callable[[list[Outcome]], Estimate | None]:
    return lambda outcomes: _share(outcome[key] for outcome in outcomes)


def _is_each(key: str) -> Callable[[list[Outcome]], Estimate | None]:
    return lambda outcomes: _share(value for outcome in outcomes for value in outcome[key])


def _mean(key: str) -> Callable[[list[Outcome]], Estimate | None]:
    """Mean over episodes, of numbers or of the means of lists; None and empty lists are left out."""
    return lambda outcomes: mean(float(np.mean(o[key])) for o in outcomes if o[key] not in (None, []))


def _worst(key: str) -> Callable[[list[Outcome]], Estimate | None]:
    def of(outcomes: list[Outcome]) -> Estimate | None:
        values = [outcome[key] for outcome in outcomes if outcome[key] is not None]
        return Estimate(max(values), max(values), max(values), len(values)) if values else None

    return of


def _pushed(place: int) -> Callable[[list[Outcome]], Estimate | None]:
    return lambda outcomes: _share(not outcome["fell"][place] for outcome in outcomes)


def _lowest(outcomes: list[Outcome]) -> Estimate | None:
    held = [outcome["height"] for outcome in outcomes if outcome["held"]]
    return Estimate(min(held), min(held), min(held), len(held)) if held else None


def _falls_per_minute(outcomes: list[Outcome]) -> Estimate | None:
    minutes = sum(outcome["seconds"] for outcome in outcomes) / 60
    return rate(sum(outcome["fell"] for outcome in outcomes), minutes, len(outcomes)) if minutes else None


def _total(key: str, factor: float = 1.0) -> Callable[[list[Outcome]], Estimate | None]:
    def of(outcomes: list[Outcome]) -> Estimate | None:
        total = factor * float(sum(outcome[key] for outcome in outcomes))
        return Estimate(total, total, total, len(outcomes))

    return of


def _gait_mean(key: str) -> Callable[[list[Outcome]], Estimate | None]:
    return lambda outcomes: mean(o["gait"][key] for o in outcomes if "gait" in o and o["gait"][key] is not None)


def _flaw(name: str) -> Callable[[list[Outcome]], Estimate | None]:
    return lambda outcomes: _share(name in outcome["gait"]["flaws"] for outcome in outcomes if "gait" in outcome)


GAIT_FIGURES = (
    ("duty_factor", "duty factor", ""),
    ("cadence", "cadence", "steps/s"),
    ("step_length", "step length", "m"),
    ("bearing_knee", "knee of the leg that bears, from straight", "rad"),
    ("flight_share", "time with no foot down", "%"),
    ("duration_symmetry", "symmetry of step durations", ""),
    ("length_symmetry", "symmetry of step lengths", ""),
    ("swing_lift", "lift of a swinging foot", "m"),
    ("foot_slip", "foot slip", "m/m"),
    ("cost_of_transport", "mechanical cost of transport", ""),
)


def _gait_figures(protocol: str, speed: float) -> tuple[Figure, ...]:
    at = f"at {speed:g} m/s"
    measured = [
        Figure(f"{protocol}_{name}", f"{label}, {at}", unit, _gait_mean(name)) for name, label, unit in GAIT_FIGURES
    ]
    found = [Figure(f"{protocol}_{name.replace(' ', '_')}", f"seen {name}, {at}", "%", _flaw(name)) for name in FLAWS]
    return (*measured, *found)


PROTOCOLS_OF: Registry[Mapping[str, Protocol]] = Registry("protocols of a motion")
"""by motion, by name"""


def register_protocols(motion: str, *protocols: Protocol) -> None:
    """Have a motion measured by protocols of its own; without any, its policies are measured by their success."""
    PROTOCOLS_OF.register(motion, {protocol.name: protocol for protocol in protocols})


_TRACKING = Protocol(
    "tracking",
    "20 s, a new command every 5 s",
    episodes.tracking_episode,
    (
        Figure("survival", "stays up for 20 s", "%", _up),
        Figure("velocity_error", "velocity error, mean over each command", "m/s", _mean("plane")),
        Figure("yaw_rate_error", "yaw-rate error, mean over each command", "rad/s", _mean("yaw")),
        Figure(
            "instant_velocity_error",
            "velocity error at each instant, the gait's sway included",
            "m/s",
            _mean("instant"),
        ),
        Figure("goes", f"goes when told to (faster than {MOVING:g} m/s)", "%", _is_each("goes")),
    ),
)
_PUSH = Protocol(
    "push",
    "a blow from a random direction after 3 s of random commands",
    episodes.push_episode,
    tuple(
        Figure(f"push_survival_{speed}", f"stands 5 s after a push of {speed} m/s", "%", _pushed(i))
        for i, speed in enumerate(episodes.PUSH_SPEEDS)
    ),
)

register_protocols(
    "gait",
    _TRACKING,
    Protocol(
        "standing",
        "told to stand for 10 s",
        episodes.standing_episode,
        (
            Figure("standing_survival", "stands for 10 s", "%", _up),
            Figure("standing_drift", "drift when standing for 10 s", "m", _mean("drift")),
            Figure("standing_drift_worst", "largest drift", "m", _worst("drift")),
        ),
        share=0.25,
    ),
    _PUSH,
    Protocol(
        "speed",
        f"{FAST:g} m/s forward for 10 s",
        episodes.speed_episode,
        (
            Figure("speed_survival", f"stays up at {FAST:g} m/s", "%", _up),
            Figure("speed", f"mean speed, told {FAST:g} m/s", "m/s", _mean("speed"), "forward"),
            *_gait_figures("speed", FAST),
        ),
        share=0.25,
    ),
    Protocol(
        "straight",
        f"{STRAIGHT:g} m straight ahead at {STRAIGHT_SPEED:g} m/s, heading held",
        episodes.straight_episode,
        (
            Figure("straight_survival", f"walks {STRAIGHT:g} m without a fall", "%", _up),
            Figure(
                "straight_within",
                f"arrives less than {STRAIGHT_DRIFT:g} m off the line",
                "%",
                share_of("straight"),
            ),
            Figure("straight_drift", f"off the line after {STRAIGHT:g} m", "m", _mean("drift")),
            Figure("straight_drift_worst", "farthest off the line", "m", _worst("drift")),
            *_gait_figures("straight", STRAIGHT_SPEED),
        ),
        share=0.2,
        settings={"episode_seconds": 2 * STRAIGHT / STRAIGHT_SPEED},
    ),
    Protocol(
        "arms",
        "random commands, waist and arms moving to random targets",
        episodes.arms_episode,
        (
            Figure("arms_minutes", "minutes with random arm motion", "min", _total("seconds", 1 / 60)),
            Figure("arms_falls", "falls in them", "", _total("fell")),
            Figure("arms_falls_per_minute", "falls a minute", "/min", _falls_per_minute),
        ),
        share=0.2,
        settings={"arm_motion": 1.0, "episode_seconds": episodes.COMMAND_SECONDS + episodes.ARM_SECONDS},
    ),
    GET_UP,
)
register_protocols(
    "run",
    _TRACKING,
    _PUSH,
    *(
        Protocol(
            f"run_{speed:g}",
            f"{speed:g} m/s forward for {episodes.RUN_SECONDS:g} s from a stand, and back to one",
            partial(episodes.run_episode, speed=speed),
            (
                Figure(f"run_{speed:g}_survival", f"stays up at {speed:g} m/s", "%", _up),
                Figure(f"run_{speed:g}_speed", f"mean speed, told {speed:g} m/s", "m/s", _mean("speed"), "forward"),
                Figure(f"run_{speed:g}_flight", f"time with no foot down, at {speed:g} m/s", "%", _mean("flight")),
                Figure(f"run_{speed:g}_stops", f"stands again after {speed:g} m/s", "%", share_of("stopped")),
            ),
            share=0.5,
        )
        for speed in episodes.RUN_SPEEDS
    ),
)
register_protocols(
    "crouch",
    Protocol(
        "height",
        f"told a height of the base: there within {episodes.HEIGHT_SECONDS:g} s, then within "
        f"{100 * HEIGHT_NEAR:g} cm for {100 * episodes.HEIGHT_SHARE:g}% of the time",
        episodes.height_episode,
        (
            Figure("height_survival", "stays up at a height", "%", _up),
            Figure("height_held", f"holds the height within {100 * HEIGHT_NEAR:g} cm", "%", share_of("held")),
            Figure("height_error", "height error", "m", _mean("off")),
            Figure("height_seconds", "time until the height is reached", "s", _mean("seconds")),
            Figure("height_lowest", "lowest height held", "m", _lowest, "lowest_height"),
        ),
    ),
    *(
        Protocol(
            name,
            f"20 s, a new height every 1.5 to 4 s, {what}",
            episodes.crouch_episode,
            (Figure(f"{name}_survival", f"stays up for 20 s, {what}", "%", _up),),
            share=0.5,
            settings=settings,
        )
        for name, what, settings in (
            ("payload", "with -3 to 3 kg, sensor noise and late targets", _BURDEN),
            ("arms", "waist and arms moving to random targets", {"arm_motion": 1.0}),
        )
    ),
)
register_protocols(
    "jump",
    Protocol(
        "jump",
        "one jump on the spot",
        episodes.jump_episode,
        (
            Figure(
                "jumped",
                f"both soles {100 * CLEAR:g} cm off the ground at once, and stands after",
                "%",
                share_of("landed"),
            ),
            Figure("jump_clearance", "how high both soles are at once", "m", _mean("clear"), "jump_clearance"),
            Figure("jump_drift", "from where it stood before", "m", _mean("moved")),
        ),
    ),
)

TASK_PROTOCOLS: dict[str, Protocol] = {
    "success": Protocol(
        "success",
        "whole episodes of the policy's env; one counts as a success if the task is done in its last step",
        success_episode,
        (
            Figure("success", "succeeds", "%", share_of("success")),
            Figure("upright", "stays up", "%", _up),
            Figure("seconds", "time to success, where it succeeds", "s", _mean("seconds")),
        ),
    )
}
"""Of a policy for a task, by name."""


def motion_of(env_id: str) -> type[Motion] | None:
    """The motion that an env is for; None of an env that is no HumanoidEnv.

    Raises:
        InputError: no such env.
    """
    if env_class(env_id) is not HumanoidEnv:
        return None
    return MOTIONS[env_spec(env_id).kwargs.get("motion", DEFAULT)]


def protocols_of(env_id: str) -> Mapping[str, Protocol]:
    """The protocols that measure a policy for an env.

    Raises:
        InputError: no such env.
    """
    motion = motion_of(env_id)
    return TASK_PROTOCOLS if motion is None else PROTOCOLS_OF.get(motion.measured_as or motion.name, TASK_PROTOCOLS)


def usual(env_id: str) -> list[str]:
    """Names of the protocols of :func:`protocols_of` that run where none is named."""
    return [name for name, protocol in protocols_of(env_id).items() if protocol.by_default]
