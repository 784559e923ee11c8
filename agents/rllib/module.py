"""The networks of stable-baselines3's PPO as a module of RLlib (new API stack): weights go in and out as they are."""

from __future__ import annotations

from typing import Any

import torch
from ray.rllib.core.columns import Columns
from ray.rllib.core.rl_module.apis.value_function_api import ValueFunctionAPI
from ray.rllib.core.rl_module.torch import TorchRLModule
from stable_baselines3.common.policies import ActorCriticPolicy


class ActorCriticModule(TorchRLModule, ValueFunctionAPI):
    """An actor-critic policy of this package, mirror-symmetric or not, that RLlib trains.

    ``model_config``: "policy", a class of policies, and "arguments", what it is made with beside the spaces.
    """

    policy: ActorCriticPolicy

    def setup(self) -> None:
        """Make the networks; RLlib calls it."""
        given: Any = self.model_config
        self.policy = given["policy"](self.observation_space, self.action_space, lambda _: 0.0, **given["arguments"])

    def _forward(self, batch: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        normal: Any = self.policy.get_distribution(batch[Columns.OBS]).distribution
        return {Columns.ACTION_DIST_INPUTS: torch.cat([normal.mean, normal.stddev.log()], dim=-1)}

    def compute_values(self, batch: dict[str, Any], embeddings: Any = None) -> torch.Tensor:
        """Values (n,) of a batch's observations."""
        return self.policy.predict_values(batch[Columns.OBS]).squeeze(-1)
