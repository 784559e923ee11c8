"""The learning problem: Gymnasium envs, skills, language and plans. Importing it registers the env ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium
from simonsays.envs.tasks.crouch import CROUCH
from simonsays.envs.tasks.jump import JUMP

if TYPE_CHECKING:
    from simonsays.envs.controllers import Policy, load_policy
    from simonsays.envs.env import HumanoidEnv

__all__ = ["ENV_IDS", "HumanoidEnv", "Policy", "load_policy"]

ENV_IDS: dict[str, dict[str, Any]] = {
    "G1-Locomotion-v0": {"robot": "g1"},
    "G1-Crouch-v0": {"robot": "g1", **CROUCH},
    "G1-Jump-v0": {"robot": "g1", **JUMP},
}
"""Env id to the arguments that make it; as ``simonsays.envs:<id>`` Gymnasium imports this module by itself."""

for _id, _arguments in ENV_IDS.items():
    if _id not in gymnasium.registry:
        gymnasium.register(_id, entry_point="simonsays.envs.env:HumanoidEnv", kwargs=_arguments)


def __getattr__(name: str) -> Any:
    if name == "HumanoidEnv":
        from simonsays.envs.env import HumanoidEnv

        return HumanoidEnv
    if name in ("load_policy", "Policy"):
        from simonsays.envs import controllers

        return getattr(controllers, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
