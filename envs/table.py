"""The table of what an env draws, shows, rewards and ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from simonsays.assets.registry import Registry
from simonsays.envs.config import LocomotionConfig
from simonsays.envs.event_settings import WithEvents
from simonsays.envs.events import Cue, when
from simonsays.envs.motions.base import DEFAULT, MOTIONS, TimedMotion
from simonsays.envs.observations import BLOCKS
from simonsays.envs.rewards import REWARDS
from simonsays.envs.terminations import TERMINATIONS
from simonsays.envs.terms import first_line, parameters
from simonsays.envs.trainable import Term


def event_rows(config: WithEvents, motion: str = DEFAULT) -> list[Term]:
    """The events that happen in an env for a motion."""
    waits = issubclass(MOTIONS[motion], TimedMotion)
    return [
        Term("event", name, when(type(event)), event.model_dump(), first_line(type(event)))
        for name, event in config.events.items()
        if event.active and (waits or not isinstance(event, Cue))
    ]


def observation_rows(widths: Mapping[str, int], kind: str = "observation") -> list[Term]:
    """Parts of observations with their widths."""
    about = {name: first_line(BLOCKS[name].function) for name in widths if name in BLOCKS}
    return [Term(kind, name, str(width), {}, about.get(name, "")) for name, width in widths.items()]


def reward_rows(weights: Mapping[str, float], scale: float) -> list[Term]:
    """Rewards by their weights."""
    return [Term("reward", name, f"{scale * weight:g}", {}, "") for name, weight in weights.items() if weight]


def locomotion_rows(config: LocomotionConfig) -> list[Term]:
    """Commands, events, rewards and terminations of a HumanoidEnv."""

    def known(row: Term, registry: Registry[Callable[..., Any]], changes: Mapping[str, Any]) -> Term:
        term = registry[row.name]
        return row._replace(parameters=parameters(term)(**changes).model_dump(), about=first_line(term))

    drawn = ("standing", "turning", "forward", "sideways", "yaw_rate", "command_seconds", "crouching", "height")
    command = {name: getattr(config, name) for name in (drawn if config.crouching else drawn[:-2])}
    rewards = reward_rows(config.reward_weights, config.reward_scale)
    ends = [(Term("termination", name, "", {}, ""), changes) for name, changes in config.terminations.items()]
    return [
        Term("command", "velocity", "", command, "forward and sideways m/s, yaw rate rad/s, and the base's height m"),
        *event_rows(config, config.motion),
        *(known(row, REWARDS, config.reward_params.get(row.name, {})) for row in rewards),
        *(known(row, TERMINATIONS, changes) for row, changes in ends),
    ]
