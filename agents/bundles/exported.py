"""What a bundle holds of a torch policy: its tensors by the names that envs/policy reads."""

from __future__ import annotations

from typing import Any

import torch
from gymnasium import spaces
from sb3_contrib.common.torch_layers import BatchRenorm

from simonsays.agents.policies.networks import TrunkModule
from simonsays.assets.notes import dataclass
from simonsays.envs.policy.trunk import TRUNKS


@dataclass(frozen=True)
class Network:
    """What a bundle holds of a torch policy."""

    tensors: dict[str, torch.Tensor]
    """by the names that envs/policy reads; the policy's own, where they need not be computed"""
    described: dict[str, Any]
    """the table ``network`` of policy.json"""
    width: int
    """numbers that it takes"""


Tensors = dict[str, torch.Tensor]


def linear_layers(*modules: torch.nn.Module) -> list[torch.nn.Linear]:
    """All linear layers in modules, in order."""
    return [layer for module in modules for layer in module.modules() if isinstance(layer, torch.nn.Linear)]


def named_layer(name: str, layer: torch.nn.Linear) -> Tensors:
    """``NAME.weight`` and ``NAME.bias`` of a layer."""
    bias = torch.zeros(layer.out_features) if layer.bias is None else layer.bias
    return {f"{name}.weight": layer.weight, f"{name}.bias": bias}


def numbered(name: str, *modules: torch.nn.Module) -> Tensors:
    """The linear layers in modules as ``NAME.0``, ``NAME.1`` and so on."""
    layers = enumerate(linear_layers(*modules))
    return {key: tensor for i, layer in layers for key, tensor in named_layer(f"{name}.{i}", layer).items()}


def _network(part: str, trunk: torch.nn.Module | None, head: torch.nn.Module) -> Tensors:
    """A trunk's parameters by its own names and the layer after it; of plain modules the layers by number."""
    if not isinstance(trunk, TrunkModule):
        return numbered(part, *([trunk] if trunk is not None else []), head)
    tensors: Tensors = {}
    for name, made in trunk.parts.items():
        place = trunk.trunk.stored(part, name)
        tensors |= named_layer(place, made) if isinstance(made, torch.nn.Linear) else {place: made}
    return {**tensors, **named_layer(trunk.trunk.head(part), linear_layers(head)[0])}


def _described(policy: Any, trunk: dict[str, Any] | None, hidden: Any, features: str) -> dict[str, Any]:
    described: dict[str, Any] = {"hidden": list(hidden), "activation": policy.activation_fn.__name__.lower()}
    if trunk is not None and trunk["trunk"] != "mlp":
        described |= {"trunk": trunk["trunk"], **{name: trunk[name] for name in TRUNKS[trunk["trunk"]].options}}
    if (mirror := getattr(policy, "mirror", None)) is not None:
        names = ("observation", "observation_sign", "action", "action_sign")
        described["mirror"] = {name: mirror[name] for name in names}
    return {**described, "features": features} if isinstance(policy.observation_space, spaces.Dict) else described


def actor_critic_network(policy: Any) -> Network:
    """Of an actor-critic policy, mirror-symmetric, recurrent or neither."""
    extractor = policy.mlp_extractor
    tensors = _network("actor", extractor.policy_net, policy.action_net)
    tensors |= _network("critic", extractor.value_net, policy.value_net)
    features = policy.features_extractor_kwargs.get("features", "flat")
    described = _described(policy, policy.network, policy.network["hidden"], features)
    log_std = getattr(policy, "symmetric_log_std", policy.log_std)
    if hasattr(policy, "lstm_actor"):
        tensors |= {f"lstm.{name}": tensor for name, tensor in policy.lstm_actor.named_parameters()}
        described["lstm"] = {"layers": policy.lstm_actor.num_layers}
    return Network({**tensors, "log_std": log_std}, described, policy.features_extractor.inputs)


def _off_policy(policy: Any, actor: Tensors, others: Tensors) -> Network:
    features = policy.features_extractor_kwargs.get("features", "flat")
    described = _described(policy, policy.actor_trunk, policy.actor.net_arch, features)
    return Network({**actor, **others}, {**described, "squash": True}, policy.actor.features_extractor.inputs)


def squashed_network(policy: Any) -> Network:
    """Of SAC and its kin: the actor, whose output is squashed by tanh, and its deviation."""
    actor = policy.actor
    layers = _network("actor", actor.features_extractor.trunk or actor.latent_pi, actor.mu)
    return _off_policy(policy, layers, named_layer("log_std", actor.log_std))


def deterministic_network(policy: Any) -> Network:
    """Of TD3 and DDPG: the actor, whose output is squashed by tanh."""
    return _off_policy(policy, _network("actor", policy.actor.features_extractor.trunk, policy.actor.mu), {})


def normalised_network(policy: Any) -> Network:
    """Of CrossQ: as SAC's, with the batch normalisation folded into the layers behind it."""
    actor = policy.actor
    if actor.features_extractor.trunk is not None:
        return squashed_network(policy)
    layers: Tensors = {}
    scale, shift = torch.tensor(1.0), torch.tensor(0.0)
    for module in [*actor.latent_pi, actor.mu]:
        if isinstance(module, BatchRenorm):
            norm: Any = module  # outside of training a factor and a summand
            scale = norm.scale / (norm.ra_var + norm.eps).sqrt()
            shift = norm.bias - scale * norm.ra_mean
        elif isinstance(module, torch.nn.Linear):
            layers |= _folded(f"actor.{len(layers) // 2}", module, scale, shift)
    return _off_policy(policy, layers, _folded("log_std", actor.log_std, scale, shift))


def _folded(name: str, layer: torch.nn.Linear, scale: torch.Tensor, shift: torch.Tensor) -> Tensors:
    """The layer of (scale x + shift) as a layer of x."""
    return {
        f"{name}.weight": layer.weight * scale,
        f"{name}.bias": layer.bias + layer.weight @ shift.expand(layer.in_features),
    }


def random_search_network(policy: Any) -> Network:
    """Of a random search: the actor, whose output is squashed by tanh."""
    tensors = _network("actor", policy.features_extractor.trunk, policy.action_net)
    described = _described(policy, policy.actor_trunk, policy.net_arch, policy.features)
    return Network(tensors, {**described, "squash": True}, policy.features_extractor.inputs)
