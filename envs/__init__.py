"""The learning problem: Gymnasium envs, skills, language and plans. Importing it registers the env ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import gymnasium

if TYPE_CHECKING:
    from simonsays.envs.controllers import Policy, load_policy
    from simonsays.envs.env import HumanoidEnv

__all__ = ["ENV_IDS", "HumanoidEnv", "Policy", "load_policy"]


class EnvEntry(NamedTuple):
    """What an env id stands for. A class has ``make_config(where, settings)``, which checks a recipe's settings."""

    entry_point: str
    arguments: dict[str, Any]


ENV_IDS: dict[str, EnvEntry] = {
    "G1-Locomotion-v0": EnvEntry("simonsays.envs.env:HumanoidEnv", {"robot": "g1"}),
    "G1-Instruction-v0": EnvEntry("simonsays.envs.instruction_env:InstructionEnv", {"robot": "g1"}),
}
"""Env ids; as ``simonsays.envs:<id>`` Gymnasium imports this module by itself."""

for _id, _entry in ENV_IDS.items():
    if _id not in gymnasium.registry:
        gymnasium.register(_id, entry_point=_entry.entry_point, kwargs=_entry.arguments)


def __getattr__(name: str) -> Any:
    if name == "HumanoidEnv":
        from simonsays.envs.env import HumanoidEnv

        return HumanoidEnv
    if name in ("load_policy", "Policy"):
        from simonsays.envs import controllers

        return getattr(controllers, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
