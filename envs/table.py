"""The table of what an env draws, shows, rewards and ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simonsays.assets.registry import Registry
from simonsays.envs.config import LocomotionConfig
from simonsays.envs.event_settings import WithEvents
from simonsays.envs.events import when
from simonsays.envs.observations import BLOCKS
from simonsays.envs.rewards import REWARDS
from simonsays.envs.terminations import TERMINATIONS
from simonsays.envs.terms import first_line, parameters
from simonsays.envs.trainable import Terms


def event_terms(config: WithEvents) -> Terms:
    """The events that happen."""
    active = {name: event for name, event in config.events.items() if event.active}
    told = {name: (type(event), event.model_dump()) for name, event in active.items()}
    return {"event": {name: {"when": when(k), **given, "about": first_line(k)} for name, (k, given) in told.items()}}


def block_terms(kind: str, widths: Mapping[str, int]) -> Terms:
    """Parts of observations with their widths."""
    about = {name: first_line(BLOCKS[name].function) if name in BLOCKS else "" for name in widths}
    return {kind: {name: {"width": width, "about": about[name]} for name, width in widths.items()}} if widths else {}


def locomotion_terms(config: LocomotionConfig) -> Terms:
    """Commands, events, rewards and terminations of a HumanoidEnv."""

    def term(registry: Registry[Any], name: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        function = registry[name]
        return {**parameters(function)(**changes).model_dump(), "about": first_line(function)}

    drawn = ("standing", "turning", "forward", "sideways", "yaw_rate", "command_seconds", "crouching", "height")
    weights = {name: config.reward_scale * weight for name, weight in config.reward_weights.items() if weight}
    params = config.reward_params
    return {
        "command": {"velocity": {name: getattr(config, name) for name in drawn}},
        **event_terms(config),
        "reward": {name: {"weight": w, **term(REWARDS, name, params.get(name, {}))} for name, w in weights.items()},
        "termination": {name: term(TERMINATIONS, name, changes) for name, changes in config.terminations.items()},
    }
