"""The table of what an env draws, shows, rewards and ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


def weight_terms(scale: float, weights: Mapping[str, float], tell: Callable[[str], dict[str, Any]]) -> Terms:
    """Rewards with their weights as a recipe has them, and what all of those are multiplied by."""
    told = {name: {"weight": weight, **tell(name)} for name, weight in weights.items() if weight}
    return {"reward": told, "reward scale": {"reward_scale": {"factor": scale, "about": "times each weight"}}}


def locomotion_terms(config: LocomotionConfig) -> Terms:
    """Commands, events, rewards and terminations of a HumanoidEnv."""

    def term(registry: Registry[Any], name: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        function = registry[name]
        return {**parameters(function)(**changes).model_dump(), "about": first_line(function)}

    drawn = ("standing", "turning", "forward", "sideways", "yaw_rate", "command_seconds", "crouching", "height")
    params = config.reward_params
    return {
        "command": {"velocity": {name: getattr(config, name) for name in drawn}},
        **event_terms(config),
        **weight_terms(config.reward_scale, config.reward_weights, lambda n: term(REWARDS, n, params.get(n, {}))),
        "termination": {name: term(TERMINATIONS, name, changes) for name, changes in config.terminations.items()},
    }
