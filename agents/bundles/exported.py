"""What a bundle holds of a torch policy: its tensors by the names that envs/policy/networks.py reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from gymnasium import spaces
from sb3_contrib.common.torch_layers import BatchRenorm


@dataclass(frozen=True)
class Network:
    """What a bundle holds of a torch policy."""

    tensors: dict[str, torch.Tensor]
    """by the names that envs/policy/networks.py reads; the policy's own, where they need not be computed"""
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


def _network(name: str, trunk: torch.nn.Module | None, head: torch.nn.Module) -> Tensors:
    """Plain layers by number, or a residual trunk's parameters by name and the layer after it."""
    if trunk is None or isinstance(trunk, torch.nn.Sequential):
        return numbered(name, *([trunk] if trunk is not None else []), head)
    named = {f"{name}.trunk.{key}": tensor for key, tensor in trunk.named_parameters()}
    return {**named, **named_layer(f"{name}.head", linear_layers(head)[0])}


def _width(tensors: Tensors) -> int:
    firsts = ("lstm.weight_ih_l0", "actor.trunk.input.weight", "actor.0.weight")
    return int(next(tensors[name] for name in firsts if name in tensors).shape[1])


def _described(policy: Any, trunk: dict[str, Any] | None, hidden: Any, features: str) -> dict[str, Any]:
    described: dict[str, Any] = {"hidden": list(hidden), "activation": policy.activation_fn.__name__.lower()}
    if trunk is not None and trunk["trunk"] != "mlp":
        described |= {"hidden": list(trunk["hidden"]), "trunk": trunk["trunk"]}
        if trunk["trunk"] != "residual":
            described["streams"] = trunk["streams"]
    mirror = getattr(policy, "mirror", None)
    if mirror is not None:
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
    return Network({**tensors, "log_std": log_std}, described, _width(tensors))


def _off_policy(policy: Any, actor: Tensors, others: Tensors) -> Network:
    features = policy.features_extractor_kwargs.get("features", "flat")
    described = _described(policy, policy.actor_trunk, policy.actor.net_arch, features)
    return Network({**actor, **others}, {**described, "squash": True}, _width(actor))


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
            scale, shift = _affine(module)
        elif isinstance(module, torch.nn.Linear):
            layers |= _folded(f"actor.{len(layers) // 2}", module, scale, shift)
    return _off_policy(policy, layers, _folded("log_std", actor.log_std, scale, shift))


def _affine(norm: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Factor and summand of a batch normalisation outside of training."""
    scale = norm.scale / (norm.ra_var + norm.eps).sqrt()
    return scale, norm.bias - scale * norm.ra_mean


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
    return Network(tensors, {**described, "squash": True}, _width(tensors))
