"""The learning problem: Gymnasium envs, skills, language and plans. Importing it registers the env ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import gymnasium

from simonsays.envs.motions.crouch import CROUCH
from simonsays.envs.motions.jump_task import JUMP

if TYPE_CHECKING:
    from simonsays.envs.env import HumanoidEnv
    from simonsays.envs.policy.policy import Policy, load_policy

__all__ = ["ENV_IDS", "HumanoidEnv", "Policy", "env_class", "load_policy"]


class EnvEntry(NamedTuple):
    """What an env id stands for. A class has ``make_config(where, settings)``, which checks a recipe's settings."""

    entry_point: str
    arguments: dict[str, Any]


ENV_IDS: dict[str, EnvEntry] = {
    "G1-Locomotion-v0": EnvEntry("simonsays.envs.env:HumanoidEnv", {"robot": "g1"}),
    "G1-Crouch-v0": EnvEntry("simonsays.envs.env:HumanoidEnv", {"robot": "g1", **CROUCH}),
    "G1-Jump-v0": EnvEntry("simonsays.envs.env:HumanoidEnv", {"robot": "g1", **JUMP}),
    "G1-GoTo-v0": EnvEntry("simonsays.envs.goals.goto:GoToEnv", {"robot": "g1"}),
    "G1-Push-v0": EnvEntry("simonsays.envs.goals.push:PushEnv", {"robot": "g1"}),
    "G1-Instruction-v0": EnvEntry("simonsays.envs.instruction.env:InstructionEnv", {"robot": "g1"}),
}
"""Env ids; as ``simonsays.envs:<id>`` Gymnasium imports this module by itself."""

for _id, _entry in ENV_IDS.items():
    if _id not in gymnasium.registry:
        gymnasium.register(_id, entry_point=_entry.entry_point, kwargs=_entry.arguments)


def env_class(env_id: str) -> Any:
    """The class behind a Gymnasium id, such as ``simonsays.envs:G1-Locomotion-v0`` or another package's.

    Raises:
        InputError: no such id, or its module cannot be imported.
    """
    import importlib

    from gymnasium.envs.registration import load_env_creator

    from simonsays.assets import InputError, did_you_mean

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
        raise InputError(f"no environment {env_id!r}{near if 'did you mean' in near else did_you_mean(env_id, ours)}")
    return load_env_creator(known.entry_point) if isinstance(known.entry_point, str) else known.entry_point


def __getattr__(name: str) -> Any:
    if name == "HumanoidEnv":
        from simonsays.envs.env import HumanoidEnv

        return HumanoidEnv
    if name in ("load_policy", "Policy"):
        from simonsays.envs.policy import policy as controllers

        return getattr(controllers, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
