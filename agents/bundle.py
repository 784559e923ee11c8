"""Policy bundles: writes what simonsays.envs.load_policy reads, and starts a training from one."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from safetensors.numpy import load_file, save_file
from simonsays.assets import InputError
from simonsays.envs.controllers import FORMAT, bundle_folder, describe_env


@dataclass(frozen=True)
class Network:
    """What a bundle holds of a torch policy."""

    tensors: dict[str, torch.Tensor]
    """by the names that envs/networks.py reads; the policy's own, where they need not be computed"""
    described: dict[str, Any]
    """the table ``network`` of policy.json"""
    width: int
    """numbers that it takes"""


Tensors = dict[str, torch.Tensor]


def _linear_layers(*modules: torch.nn.Module) -> list[torch.nn.Linear]:
    return [layer for module in modules for layer in module.modules() if isinstance(layer, torch.nn.Linear)]


def _layer(name: str, layer: torch.nn.Linear) -> Tensors:
    bias = torch.zeros(layer.out_features) if layer.bias is None else layer.bias
    return {f"{name}.weight": layer.weight, f"{name}.bias": bias}


def _numbered(name: str, *modules: torch.nn.Module) -> Tensors:
    layers = enumerate(_linear_layers(*modules))
    return {key: tensor for i, layer in layers for key, tensor in _layer(f"{name}.{i}", layer).items()}


def _network(name: str, trunk: torch.nn.Module | None, head: torch.nn.Module) -> Tensors:
    """Plain layers by number, or a residual trunk's parameters by name and the layer after it."""
    if trunk is None or isinstance(trunk, torch.nn.Sequential):
        return _numbered(name, *([trunk] if trunk is not None else []), head)
    named = {f"{name}.trunk.{key}": tensor for key, tensor in trunk.named_parameters()}
    return {**named, **_layer(f"{name}.head", _linear_layers(head)[0])}


def _width(tensors: Tensors) -> int:
    firsts = ("lstm.weight_ih_l0", "actor.trunk.input.weight", "actor.0.weight")
    return int(next(tensors[name] for name in firsts if name in tensors).shape[1])


def _described(policy: Any, trunk: dict[str, Any] | None, hidden: Any, features: str) -> dict[str, Any]:
    described: dict[str, Any] = {"hidden": list(hidden), "activation": policy.activation_fn.__name__.lower()}
    if trunk is not None and trunk["trunk"] != "mlp":
        described |= {"hidden": list(trunk["hidden"]), "trunk": trunk["trunk"]}
        if trunk["trunk"] != "residual":
            described["streams"] = trunk["streams"]
    return {**described, "features": features} if isinstance(policy.observation_space, spaces.Dict) else described


def actor_critic_network(policy: Any) -> Network:
    """Of an actor-critic policy, mirror-symmetric, recurrent or neither."""
    extractor = policy.mlp_extractor
    tensors = _network("actor", extractor.policy_net, policy.action_net)
    tensors |= _network("critic", extractor.value_net, policy.value_net)
    features = policy.features_extractor_kwargs.get("features", "flat")
    described = _described(policy, policy.network, policy.network["hidden"], features)
    log_std = policy.log_std
    if getattr(policy, "mirror", None) is not None:
        log_std = 0.5 * (log_std + log_std[policy.mirror_action])
        names = ("observation", "observation_sign", "action", "action_sign")
        described["mirror"] = {name: policy.mirror[name] for name in names}
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
    return _off_policy(policy, layers, _layer("log_std", actor.log_std))


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
    modules = list(actor.latent_pi)
    for module in (module for module in modules if not hasattr(module, "ra_mean")):
        if not isinstance(module, torch.nn.Linear):
            continue
        before = modules[modules.index(module) - 1]
        scale, shift = _affine(before)
        layers |= _folded(f"actor.{len(layers) // 2}", module, scale, shift)
    scale, shift = _affine(modules[-1]) if modules else (scale, shift)
    layers |= _folded(f"actor.{len(layers) // 2}", actor.mu, scale, shift)
    return _off_policy(policy, layers, _folded("log_std", actor.log_std, scale, shift))


def _affine(norm: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Factor and summand of a batch normalisation outside of training."""
    scale = norm.scale / (norm.ra_var + norm.eps).sqrt()
    return scale, norm.bias - scale * norm.ra_mean


def _folded(name: str, layer: torch.nn.Linear, scale: torch.Tensor, shift: torch.Tensor) -> Tensors:
    """The layer of (scale x + shift) as a layer of x."""
    return {f"{name}.weight": layer.weight * scale, f"{name}.bias": layer.bias + layer.weight @ shift.expand(layer.in_features)}


def random_search_network(policy: Any) -> Network:
    """Of a random search: the actor, whose output is squashed by tanh."""
    tensors = _network("actor", policy.features_extractor.trunk, policy.action_net)
    described = _described(policy, policy.actor_trunk, policy.net_arch, policy.features)
    return Network(tensors, {**described, "squash": True}, _width(tensors))


def write_bundle(
    folder: Path, network: Network, env: Any, training: dict[str, Any], card: str, env_id: str | None = None
) -> None:
    """Write a bundle, whole or not at all.

    Args:
        network: what ``actor_critic_network`` and the like tell of the torch policy; env: one of the kind it was trained in.
        training: recipe, seed, steps, wall-clock seconds, versions: goes into policy.json as it is.
        card: text of CARD.md; env_id: the env's Gymnasium id, for ``simon evaluate``.
    """
    weights = {name: np.ascontiguousarray(tensor.detach().numpy()).copy() for name, tensor in network.tensors.items()}
    # The blocks carry fixed scales, so the normaliser is the identity.
    weights["observation_mean"] = np.zeros(network.width, np.float32)
    weights["observation_scale"] = np.ones(network.width, np.float32)
    ranges = getattr(env.unwrapped, "command_ranges", None)
    motion = getattr(getattr(env.unwrapped, "config", None), "motion", None)
    description = {
        "format": FORMAT,
        **({"env_id": env_id} if env_id else {}),
        **describe_env(env),
        **({"motion": motion} if motion else {}),
        **({"command": ranges()} if ranges else {}),
        "network": network.described,
        "training": training,
    }
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        save_file(weights, scratch / "policy.safetensors")
        (scratch / "policy.json").write_text(json.dumps(description, indent=1) + "\n", encoding="utf-8")
        (scratch / "CARD.md").write_text(card, encoding="utf-8")
        scratch.chmod(0o755)
        replace_folder(scratch, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def replace_folder(source: Path, target: Path) -> None:
    """Move ``source`` to ``target``; what was there is gone only once the new one stands."""
    old = target.with_name(f".{target.name}-old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        os.replace(target, old)
    os.replace(source, target)
    shutil.rmtree(old, ignore_errors=True)


def load_into(name_or_path: str | Path, policy: Any, env: Any) -> None:
    """Copy a bundle's actor, critic and deviations into a torch policy, as what a training starts from.

    The env may have observation blocks that the bundle has not: their weights start at zero. Deviations smaller
    than the policy's own are raised to those, so that it explores again.

    Raises:
        InputError: no such bundle, or one with other actions, an unknown observation block, or another network.
    """
    from simonsays.envs.controllers import load_policy

    folder = bundle_folder(name_or_path)
    said, here = load_policy(folder).description, describe_env(env)
    for field in ("robot", "action", "control_rate_hz"):
        if said[field] != here[field]:
            raise InputError(f"{folder}: {field}: the bundle has {said[field]!r}, the environment {here[field]!r}")
    columns = _columns(folder, said["observation"], here["observation"])
    width = sum(block["width"] for block in here["observation"])
    weights = load_file(folder / "policy.safetensors")
    for name in ("actor.0.weight", "critic.0.weight"):
        if name in weights:
            if weights[name].shape[1] != len(columns):
                raise InputError(f"{folder}: {name} does not fit the recipe's network: it takes features")
            wide = np.zeros((len(weights[name]), width), dtype=np.float32)
            wide[:, columns] = weights[name]
            weights[name] = wide
    with torch.no_grad():
        for name, layer in ppo_network(policy)[0].items():
            for part, tensor in (("weight", layer.weight), ("bias", layer.bias)):
                value = weights.get(f"{name}.{part}")
                if value is None or value.shape != tuple(tensor.shape):
                    raise InputError(f"{folder}: {name}.{part} does not fit the recipe's network")
                tensor.copy_(torch.from_numpy(value))
        policy.log_std.copy_(torch.maximum(policy.log_std, torch.from_numpy(weights["log_std"])))


def _columns(folder: Path, said: list[dict[str, Any]], here: list[dict[str, Any]]) -> list[int]:
    """Where each number of the bundle's observation stands in the env's."""
    start, places = 0, {}
    for block in here:
        places[block["block"], block["width"]] = start
        start += block["width"]
    columns: list[int] = []
    for block in said:
        first = places.get((block["block"], block["width"]))
        if first is None:
            raise InputError(f"{folder}: observation block {block['block']!r} is not in the environment")
        columns += range(first, first + block["width"])
    return columns
