"""Policies on top of stable-baselines3's: trunks, exact mirror symmetry, and what the critic alone may see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from gymnasium import spaces
from sb3_contrib.ars.policies import ARSPolicy
from sb3_contrib.common.recurrent.policies import RecurrentActorCriticPolicy
from simonsays.agents.networks import make_trunk, trunk_width
from simonsays.envs.features import FEATURES, PRIVILEGED, own_parts
from stable_baselines3.common.distributions import Distribution
from stable_baselines3.common.policies import ActorCriticPolicy
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from torch import nn

Mirror = Mapping[str, list[float]]
Batch = torch.Tensor | dict[str, torch.Tensor]


class Features(BaseFeaturesExtractor):
    """What a network takes, (n, N), of a batch of observations; it has no weights unless it has a trunk.

    Args:
        features: name of the function of envs/features.py, for dict observations.
        privileged: what only the critic may see comes with it, at the end.
        trunk: arguments of :func:`make_trunk` beside ``inputs``; None: no layers.
    """

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        features: str = "flat",
        privileged: bool = False,
        trunk: dict[str, Any] | None = None,
    ) -> None:
        self._function, self._privileged = FEATURES[features], privileged
        sample: Any
        if isinstance(observation_space, spaces.Dict):
            sample = {name: torch.zeros(1, *part.shape) for name, part in observation_space.items() if part.shape}
        else:
            sample = torch.zeros(1, spaces.utils.flatdim(observation_space))
        width = self._values(sample).shape[-1]
        super().__init__(observation_space, trunk_width(trunk["trunk"], width, trunk["hidden"]) if trunk else width)
        self.trunk = make_trunk(inputs=width, **trunk) if trunk else None

    def _values(self, observations: Any) -> torch.Tensor:
        if not isinstance(observations, Mapping):
            flat: torch.Tensor = observations.flatten(1)
            return flat
        values: torch.Tensor = self._function(own_parts(observations), torch.cat)
        return torch.cat([values, observations[PRIVILEGED]], -1) if self._privileged else values

    def forward(self, observations: Any) -> torch.Tensor:
        """(n, N) of a batch of observations, (n, width) of the trunk where there is one."""
        values = self._values(observations)
        result: torch.Tensor = values if self.trunk is None else self.trunk(values)
        return result


class Trunks(nn.Module):
    """Trunk of the actor and of the critic, named as stable-baselines3 names its own."""

    def __init__(self, actor: int, critic: int, network: dict[str, Any]) -> None:
        super().__init__()
        self.policy_net, self.value_net = make_trunk(inputs=actor, **network), make_trunk(inputs=critic, **network)
        self.latent_dim_pi = trunk_width(network["trunk"], actor, network["hidden"])
        self.latent_dim_vf = trunk_width(network["trunk"], critic, network["hidden"])

    def forward_actor(self, x: torch.Tensor) -> torch.Tensor:
        """The actor's trunk of (n, N)."""
        result: torch.Tensor = self.policy_net(x)
        return result

    def forward_critic(self, x: torch.Tensor) -> torch.Tensor:
        """The critic's trunk of (n, N)."""
        result: torch.Tensor = self.value_net(x)
        return result

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Both."""
        return self.forward_actor(x), self.forward_critic(x)


class ActorCritic(ActorCriticPolicy):
    """Actor-critic of any trunk, mirror-symmetric where ``mirror`` is given, with a critic that may see more.

    Symmetric: mean(s) = (f(s) + M f(M s)) / 2 and value(s) = (g(s) + g(M s)) / 2, with M the mirroring of observations
    and actions: what is learned of one side holds for the other, and a gait cannot limp.

    An observation may be a dict with a part "privileged", which the critic alone is given.

    Args:
        network: arguments of :func:`make_trunk` beside ``inputs``.
        mirror: lists "observation", "observation_sign", "action", "action_sign": places and signs; "privileged" and
            "privileged_sign" where there are such observations.
    """

    mirror_actor: torch.Tensor
    mirror_actor_sign: torch.Tensor
    mirror_critic: torch.Tensor
    mirror_critic_sign: torch.Tensor
    mirror_action: torch.Tensor
    mirror_action_sign: torch.Tensor

    def __init__(self, *args: Any, network: dict[str, Any], mirror: Mirror | None = None, **kwargs: Any) -> None:
        self.network, self._mirror = network, mirror
        super().__init__(*args, **{**kwargs, "net_arch": list(network["hidden"])})

    @property
    def mirror(self) -> Mirror | None:
        """The lists that it was made with."""
        return self._mirror

    @property
    def trunk(self) -> nn.Module:
        """The actor's trunk."""
        actor: nn.Module = self.mlp_extractor.policy_net
        return actor

    def _build_mlp_extractor(self) -> None:
        more = isinstance(self.observation_space, spaces.Dict) and PRIVILEGED in self.observation_space.spaces
        options = {**self.features_extractor_kwargs, "privileged": more}
        self.critic_features = Features(self.observation_space, **options)
        trunks: Any = Trunks(self.features_dim, self.critic_features.features_dim, self.network)
        self.mlp_extractor = trunks.to(self.device)
        for name, values in _mirror_lists(self._mirror).items():
            dtype = torch.float32 if name.endswith("sign") else torch.long
            self.register_buffer(f"mirror_{name}", torch.tensor(values, dtype=dtype), persistent=False)

    def _get_constructor_parameters(self) -> dict[str, Any]:
        parameters = super()._get_constructor_parameters()
        del parameters["net_arch"]
        return {**parameters, "network": self.network, "mirror": self._mirror}

    def _seen(self, obs: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """What the actor sees (n, N) and what the critic sees."""
        given: Any = obs
        actor = super(ActorCriticPolicy, self).extract_features(given, self.features_extractor)
        if self.critic_features.features_dim == self.features_dim:
            return actor, actor
        return actor, super(ActorCriticPolicy, self).extract_features(given, self.critic_features)

    def _policy(self, x: torch.Tensor) -> Distribution:
        if self._mirror is None:
            return self._get_action_dist_from_latent(self.mlp_extractor.forward_actor(x))
        both = torch.cat([x, x[:, self.mirror_actor] * self.mirror_actor_sign])
        plain, mirrored = self.action_net(self.mlp_extractor.forward_actor(both)).chunk(2)
        mean = 0.5 * (plain + mirrored[:, self.mirror_action] * self.mirror_action_sign)
        log_std = 0.5 * (self.log_std + self.log_std[self.mirror_action])
        return self.action_dist.proba_distribution(mean, log_std)

    def _value(self, x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor
        if self._mirror is None:
            result = self.value_net(self.mlp_extractor.forward_critic(x))
            return result
        both = torch.cat([x, x[:, self.mirror_critic] * self.mirror_critic_sign])
        plain, mirrored = self.value_net(self.mlp_extractor.forward_critic(both)).chunk(2)
        result = 0.5 * (plain + mirrored)
        return result

    def forward(self, obs: Any, deterministic: bool = False) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Actions, values and log-probabilities of a batch of observations."""
        actor, critic = self._seen(obs)
        distribution = self._policy(actor)
        actions = distribution.get_actions(deterministic=deterministic)
        return actions, self._value(critic), distribution.log_prob(actions)

    def evaluate_actions(
        self, obs: Any, actions: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
        """Values, log-probabilities and entropies of given actions."""
        actor, critic = self._seen(obs)
        distribution = self._policy(actor)
        return self._value(critic), distribution.log_prob(actions), distribution.entropy()

    def predict_values(self, obs: Any) -> torch.Tensor:
        """Values (n, 1)."""
        return self._value(self._seen(obs)[1])

    def get_distribution(self, obs: Any) -> Distribution:
        """The distribution of actions."""
        given: Any = obs
        return self._policy(super(ActorCriticPolicy, self).extract_features(given, self.features_extractor))


def _mirror_lists(mirror: Mirror | None) -> dict[str, list[float]]:
    if mirror is None:
        return {}
    observation, sign = mirror["observation"], mirror["observation_sign"]
    width = len(observation)
    return {
        "actor": observation,
        "actor_sign": sign,
        "critic": [*observation, *(width + place for place in mirror.get("privileged", ()))],
        "critic_sign": [*sign, *mirror.get("privileged_sign", ())],
        "action": mirror["action"],
        "action_sign": mirror["action_sign"],
    }


class RecurrentActorCritic(RecurrentActorCriticPolicy):
    """sb3-contrib's actor-critic with an LSTM each, and any trunk behind them."""

    def __init__(self, *args: Any, network: dict[str, Any], **kwargs: Any) -> None:
        self.network = network
        super().__init__(*args, **{**kwargs, "net_arch": list(network["hidden"])})

    @property
    def trunk(self) -> nn.Module:
        """The actor's trunk."""
        actor: nn.Module = self.mlp_extractor.policy_net
        return actor

    def _build_mlp_extractor(self) -> None:
        trunks: Any = Trunks(self.lstm_output_dim, self.lstm_output_dim, self.network)
        self.mlp_extractor = trunks.to(self.device)

    def _get_constructor_parameters(self) -> dict[str, Any]:
        parameters = super()._get_constructor_parameters()
        del parameters["net_arch"]
        return {**parameters, "network": self.network}


class OwnActor:
    """Mixed into an off-policy policy: its actor is given what it may see, and may have a trunk; critics are plain.

    ``actor_trunk``: arguments of :func:`make_trunk` beside ``inputs``; None: the actor is a plain network.
    """

    features_extractor_kwargs: dict[str, Any]
    observation_space: spaces.Space[Any]

    def __init__(self, *args: Any, actor_trunk: dict[str, Any] | None = None, **kwargs: Any) -> None:
        self.actor_trunk = actor_trunk
        super().__init__(*args, **kwargs)

    def make_actor(self, features_extractor: Any = None) -> Any:
        """The actor, with features of its own."""
        options = {**self.features_extractor_kwargs, "privileged": False, "trunk": self.actor_trunk}
        made: Any = super()
        return made.make_actor(Features(self.observation_space, **options))

    def _get_constructor_parameters(self) -> dict[str, Any]:
        made: Any = super()
        return {**made._get_constructor_parameters(), "actor_trunk": self.actor_trunk}


def with_own_actor(policy: type[Any]) -> type[Any]:
    """An off-policy policy class of stable-baselines3 with :class:`OwnActor`."""
    return type(f"Own{policy.__name__}", (OwnActor, policy), {})


class SearchPolicy(ARSPolicy):
    """The policy of a random search: an actor alone, of any trunk, whose output is squashed by tanh.

    It takes a schedule of the learning rate as the others do, and does not use it.
    """

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any],
        lr_schedule: Any = None,
        *,
        features: str = "flat",
        actor_trunk: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.features, self.actor_trunk = features, actor_trunk
        super().__init__(observation_space, action_space, **kwargs)

    def make_features_extractor(self) -> Features:
        """Its features, with the trunk."""
        return Features(self.observation_space, self.features, trunk=self.actor_trunk)

    def _get_constructor_parameters(self) -> dict[str, Any]:
        parameters: dict[str, Any] = super()._get_constructor_parameters()
        return {**parameters, "features": self.features, "actor_trunk": self.actor_trunk}
