"""Policies on top of stable-baselines3's: trunks, exact mirror symmetry, and what the critic alone may see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from gymnasium import spaces
from sb3_contrib.ars.policies import ARSPolicy
from sb3_contrib.common.recurrent.policies import RecurrentActorCriticPolicy
from stable_baselines3.common.distributions import Distribution
from stable_baselines3.common.policies import ActorCriticPolicy
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from torch import nn

from simonsays.agents.policies.networks import TrunkModule
from simonsays.agents.policies.symmetry import Symmetry, symmetric
from simonsays.agents.sb3_internals import OwnExtractor, actor_arguments, distribution
from simonsays.envs.policy.features import FEATURES, PRIVILEGED, own_parts
from simonsays.envs.trainable import Mirror

Batch = torch.Tensor | dict[str, torch.Tensor]


class Features(BaseFeaturesExtractor):
    """What a network takes, (n, N), of a batch of observations; it has no weights unless it has a trunk.

    Args:
        features: name of the function of envs/policy/features.py, for dict observations.
        privileged: what only the critic may see comes with it, at the end.
        trunk: arguments of :class:`TrunkModule` beside ``inputs``; None: no layers.
        mirror: what comes out is doubled, (2n, N): that of the mirror images follows.
    """

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        features: str = "flat",
        privileged: bool = False,
        trunk: dict[str, Any] | None = None,
        mirror: Mirror | None = None,
    ) -> None:
        self._function, self._privileged = FEATURES[features], privileged
        sample: Any
        if isinstance(observation_space, spaces.Dict):
            sample = {name: torch.zeros(1, *part.shape) for name, part in observation_space.items() if part.shape}
        else:
            sample = torch.zeros(1, spaces.utils.flatdim(observation_space))
        width = self._values(sample).shape[-1]
        made = TrunkModule(inputs=width, **trunk) if trunk else None
        super().__init__(observation_space, made.trunk.width if made else width)
        self.inputs, self.trunk = width, made
        self.symmetry = Symmetry(mirror) if mirror else None

    def _values(self, observations: Any) -> torch.Tensor:
        if not isinstance(observations, Mapping):
            flat: torch.Tensor = observations.flatten(1)
            return flat
        values: torch.Tensor = self._function(own_parts(observations), torch.cat)
        return torch.cat([values, observations[PRIVILEGED]], -1) if self._privileged else values

    def forward(self, observations: Any) -> torch.Tensor:
        """(n, N) of a batch of observations, (n, width) of the trunk where there is one."""
        values = self._values(observations)
        if self.symmetry is not None:
            values = self.symmetry.both(values)
        return values if self.trunk is None else self.trunk.forward(values)


class Trunks(nn.Module):
    """Trunk of the actor and of the critic, named as stable-baselines3 names its own."""

    def __init__(self, actor: int, critic: int, network: dict[str, Any]) -> None:
        super().__init__()
        self.policy_net, self.value_net = TrunkModule(inputs=actor, **network), TrunkModule(inputs=critic, **network)
        self.latent_dim_pi, self.latent_dim_vf = self.policy_net.trunk.width, self.value_net.trunk.width

    def forward_actor(self, x: torch.Tensor) -> torch.Tensor:
        """The actor's trunk of (n, N)."""
        return self.policy_net.forward(x)

    def forward_critic(self, x: torch.Tensor) -> torch.Tensor:
        """The critic's trunk of (n, N)."""
        return self.value_net.forward(x)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Both."""
        return self.forward_actor(x), self.forward_critic(x)


class ActorCritic(OwnExtractor, ActorCriticPolicy):
    """Actor-critic of any trunk, mirror-symmetric where ``mirror`` is given, with a critic that may see more.

    Symmetric: mean(s) = (f(s) + M f(M s)) / 2 and value(s) = (g(s) + g(M s)) / 2, with M the mirroring of observations
    and actions: what is learned of one side holds for the other, and a gait cannot limp.

    An observation may be a dict with a part "privileged", which the critic alone is given.

    Args:
        network: arguments of :class:`TrunkModule` beside ``inputs``.
        mirror: as agents/policies/symmetry.py has it.
    """

    def __init__(self, *args: Any, network: dict[str, Any], mirror: Mirror | None = None, **kwargs: Any) -> None:
        self.network, self.mirror = network, mirror
        super().__init__(*args, **{**kwargs, "net_arch": list(network["hidden"])})

    def make_extractor(self) -> Trunks:
        """The trunks, with what the critic sees and the symmetries of both."""
        more = _has_privileged(self.observation_space)
        options = {**self.features_extractor_kwargs, "privileged": more}
        self.critic_features = Features(self.observation_space, **options)
        if self.mirror is not None:
            self.actor_symmetry = Symmetry(self.mirror)
            self.critic_symmetry = Symmetry(self.mirror, ("observation", *([PRIVILEGED] if more else [])))
        return Trunks(self.features_dim, self.critic_features.features_dim, self.network)

    def _seen(self, obs: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """What the actor sees (n, N) and what the critic sees."""
        given: Any = obs
        actor = super(ActorCriticPolicy, self).extract_features(given, self.features_extractor)
        if self.critic_features.features_dim == self.features_dim:
            return actor, actor
        return actor, super(ActorCriticPolicy, self).extract_features(given, self.critic_features)

    def _policy(self, x: torch.Tensor) -> Distribution:
        if self.mirror is None:
            return distribution(self, self.mlp_extractor.forward_actor(x))
        mean = self.action_net(self.mlp_extractor.forward_actor(self.actor_symmetry.both(x)))
        return self.action_dist.proba_distribution(self.actor_symmetry.actions(mean), self.symmetric_log_std)

    @property
    def symmetric_log_std(self) -> torch.Tensor:
        """(A,) logarithm of the deviations, the same for a joint and that of the other side."""
        if self.mirror is None:
            return self.log_std
        return 0.5 * (self.log_std + self.log_std[self.actor_symmetry.action])

    def _value(self, x: torch.Tensor) -> torch.Tensor:
        seen = x if self.mirror is None else self.critic_symmetry.both(x)
        values: torch.Tensor = self.value_net(self.mlp_extractor.forward_critic(seen))
        return values if self.mirror is None else self.critic_symmetry.values(values)

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


class RecurrentActorCritic(OwnExtractor, RecurrentActorCriticPolicy):
    """sb3-contrib's actor-critic with an LSTM each, any trunk behind them, and a critic that may see more."""

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any],
        lr_schedule: Any,
        *,
        network: dict[str, Any],
        **kwargs: Any,
    ) -> None:
        self.network = network
        made = {**kwargs, "net_arch": list(network["hidden"])}
        super().__init__(observation_space, action_space, lr_schedule, **made)
        if _has_privileged(observation_space):
            self.share_features_extractor = False
            seen = Features(self.observation_space, **{**self.features_extractor_kwargs, "privileged": True})
            self.vf_features_extractor = seen
            self.lstm_critic = nn.LSTM(seen.features_dim, self.lstm_output_dim, num_layers=self.lstm_actor.num_layers)
            optimizer: Any = self.optimizer_class
            self.optimizer = optimizer(self.parameters(), lr=lr_schedule(1), **self.optimizer_kwargs)

    def make_extractor(self) -> Trunks:
        """The trunks behind the LSTMs."""
        return Trunks(self.lstm_output_dim, self.lstm_output_dim, self.network)


def _has_privileged(space: spaces.Space[Any]) -> bool:
    return isinstance(space, spaces.Dict) and PRIVILEGED in space.spaces


class OwnActor:
    """Mixed into an off-policy policy: its actor is given what it may see, and may have a trunk and be symmetric.

    Critics are plain. ``actor_trunk``: arguments of :class:`TrunkModule` beside ``inputs``; None: the actor is a plain
    network. ``mirror``: as agents/policies/symmetry.py has it.
    """

    features_extractor_kwargs: dict[str, Any]
    observation_space: spaces.Space[Any]

    def __init__(
        self, *args: Any, actor_trunk: dict[str, Any] | None = None, mirror: Mirror | None = None, **kwargs: Any
    ) -> None:
        self.actor_trunk, self.mirror = actor_trunk, mirror
        super().__init__(*args, **kwargs)

    def make_actor(self, features_extractor: Any = None) -> Any:
        """The actor, with features of its own."""
        given = {"privileged": False, "trunk": self.actor_trunk, "mirror": self.mirror}
        features = Features(self.observation_space, **{**self.features_extractor_kwargs, **given})
        made: Any = super()
        actor = made.make_actor(features)
        if self.mirror is None:
            return actor
        return symmetric(type(actor))(**actor_arguments(self, features)).to(actor.device)


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
