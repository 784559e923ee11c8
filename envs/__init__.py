"""The learning problem: Gymnasium envs, skills, language and plans. Importing it registers the env ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import gymnasium

from simonsays.assets.registry import PLUGIN, Registry

if TYPE_CHECKING:
    from simonsays.envs.env import HumanoidEnv
    from simonsays.envs.policy.policy import Policy, load_policy

__all__ = ["ENV_IDS", "HumanoidEnv", "Policy", "env_class", "load_policy", "register_env"]


class EnvEntry(NamedTuple):
    """What an env id stands for. A class has ``make_config(where, settings)``, which checks a recipe's settings."""

    entry_point: str
    arguments: dict[str, Any]


ENV_IDS: Registry[EnvEntry] = Registry("environment")
"""Env ids; as ``simonsays.envs:<id>`` Gymnasium imports this module by itself."""


def register_env(name: str, entry_point: str = "simonsays.envs.env:HumanoidEnv", **arguments: Any) -> None:
    """Make an env known by an id such as ``G1-Sway-v0``: a class, and what is handed to it, such as ``motion``."""
    entry = ENV_IDS.register(name, EnvEntry(entry_point, {"robot": "g1", **arguments}))
    gymnasium.registry.pop(name, None)
    gymnasium.register(name, entry_point=entry.entry_point, kwargs=entry.arguments)


register_env("G1-Locomotion-v0")
register_env("G1-Crouch-v0", motion="crouch")
register_env("G1-Jump-v0", motion="jump")
register_env("G1Upright-Locomotion-v0", robot="g1-upright")
register_env("G1Upright-Crouch-v0", robot="g1-upright", motion="crouch")
register_env("G1-GoTo-v0", "simonsays.envs.goals.goto:GoToEnv")
register_env("G1-Push-v0", "simonsays.envs.goals.push:PushEnv")
register_env("G1-Instruction-v0", "simonsays.envs.instruction.env:InstructionEnv")


def env_spec(env_id: str) -> Any:
    """What Gymnasium knows of an id, such as ``simonsays.envs:G1-Locomotion-v0`` or another package's.

    Raises:
        InputError: no such id, or its module cannot be imported.
    """
    import importlib

    from simonsays.assets import InputError, did_you_mean
    from simonsays.assets.plugins import load_plugins

    load_plugins()
    module, _, name = env_id.rpartition(":")
    try:
        if module:
            importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise InputError(f"env id {env_id!r}: {error}") from error
    known = gymnasium.registry.get(name)
    if known is None:
        ours = [f"simonsays.envs:{each}" for each in ENV_IDS]
        near = did_you_mean(env_id, gymnasium.registry)
        near = near if "did you mean" in near else did_you_mean(env_id, ours)
        raise InputError(f"no environment {env_id!r}{near}{PLUGIN}")
    return known


def env_class(env_id: str) -> Any:
    """The class behind a Gymnasium id.

    Raises:
        InputError: as env_spec.
    """
    from gymnasium.envs.registration import load_env_creator

    made = env_spec(env_id).entry_point
    return load_env_creator(made) if isinstance(made, str) else made


def __getattr__(name: str) -> Any:
    if name == "HumanoidEnv":
        from simonsays.envs.env import HumanoidEnv

        return HumanoidEnv
    if name in ("load_policy", "Policy"):
        from simonsays.envs.policy import policy as controllers

        return getattr(controllers, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
