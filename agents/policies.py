"""Networks: an actor-critic that is exactly symmetric under left-right mirroring; features of goals."""

from __future__ import annotations

from typing import Any

import torch
from gymnasium import spaces
from simonsays.envs.features import FEATURES
from stable_baselines3.common.distributions import Distribution
from stable_baselines3.common.policies import ActorCriticPolicy
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor


class GoalFeatures(BaseFeaturesExtractor):
    """The features of a dict observation that envs/features.py has under a name, in torch."""

    def __init__(self, observation_space: spaces.Dict, features: str) -> None:
        self._function = FEATURES[features]
        sample = {name: torch.zeros(1, *space.shape) for name, space in observation_space.items() if space.shape}
        super().__init__(observation_space, self._function(sample, torch.cat).shape[-1])

    def forward(self, observations: dict[str, torch.Tensor]) -> torch.Tensor:
        """(n, N) of a batch of dict observations."""
        result: torch.Tensor = self._function(observations, torch.cat)
        return result


class MirrorActorCriticPolicy(ActorCriticPolicy):
    """Actor-critic whose mean action and value are averaged over a state and its mirror image.

    mean(s) = (f(s) + M f(M s)) / 2 and value(s) = (g(s) + g(M s)) / 2, with M the mirroring of observations and
    actions: what is learned of one side holds for the other, and a gait cannot limp.

    Args:
        mirror: lists "observation", "observation_sign", "action", "action_sign": places and signs.
    """

    mirror_observation: torch.Tensor
    mirror_observation_sign: torch.Tensor
    mirror_action: torch.Tensor
    mirror_action_sign: torch.Tensor

    def __init__(self, *args: Any, mirror: dict[str, list[float]], **kwargs: Any) -> None:
        self._mirror_lists = mirror
        super().__init__(*args, **kwargs)

    @property
    def mirror(self) -> dict[str, list[float]]:
        """The lists that it was made with."""
        return self._mirror_lists

    def _build(self, lr_schedule: Any) -> None:
        super()._build(lr_schedule)
        for name, values in self._mirror_lists.items():
            dtype = torch.float32 if name.endswith("sign") else torch.long
            self.register_buffer(f"mirror_{name}", torch.tensor(values, dtype=dtype), persistent=False)

    def _get_constructor_parameters(self) -> dict[str, Any]:
        return {**super()._get_constructor_parameters(), "mirror": self._mirror_lists}

    def _both(self, observation: torch.Tensor) -> torch.Tensor:
        mirrored = observation[:, self.mirror_observation] * self.mirror_observation_sign
        return torch.cat([observation, mirrored])

    def _mean(self, both: torch.Tensor) -> torch.Tensor:
        plain, mirrored = self.action_net(self.mlp_extractor.forward_actor(both)).chunk(2)
        result: torch.Tensor = 0.5 * (plain + mirrored[:, self.mirror_action] * self.mirror_action_sign)
        return result

    def _value(self, both: torch.Tensor) -> torch.Tensor:
        plain, mirrored = self.value_net(self.mlp_extractor.forward_critic(both)).chunk(2)
        result: torch.Tensor = 0.5 * (plain + mirrored)
        return result

    def _distribution(self, mean: torch.Tensor) -> Distribution:
        log_std = 0.5 * (self.log_std + self.log_std[self.mirror_action])
        return self.action_dist.proba_distribution(mean, log_std)

    def forward(
        self, obs: torch.Tensor, deterministic: bool = False
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Actions, values and log-probabilities of a batch of observations (n, N)."""
        both = self._both(obs)
        distribution = self._distribution(self._mean(both))
        actions = distribution.get_actions(deterministic=deterministic)
        return actions, self._value(both), distribution.log_prob(actions)

    def evaluate_actions(  # type: ignore[override]
        self, obs: torch.Tensor, actions: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
        """Values, log-probabilities and entropies of given actions."""
        both = self._both(obs)
        distribution = self._distribution(self._mean(both))
        return self._value(both), distribution.log_prob(actions), distribution.entropy()

    def predict_values(self, obs: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
        """Values (n, 1)."""
        return self._value(self._both(obs))

    def get_distribution(self, obs: torch.Tensor) -> Distribution:  # type: ignore[override]
        """The distribution of actions."""
        return self._distribution(self._mean(self._both(obs)))
