"""Policy bundles: writes what simonsays.envs.load_policy reads, and starts a training from one."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from simonsays.assets import InputError
from simonsays.envs.controllers import FORMAT, bundle_folder, describe_env

Frozen = dict[str, Any]
"""``mean`` and ``scale`` (N,) and ``clip``: the network takes clip((observation - mean) * scale, -clip, clip)"""

Network = tuple[dict[str, torch.nn.Linear], dict[str, np.ndarray], dict[str, Any]]
"""layers by name, other weights, and the table ``network`` of policy.json"""


def _linear_layers(*modules: torch.nn.Module) -> list[torch.nn.Linear]:
    return [layer for module in modules for layer in module.modules() if isinstance(layer, torch.nn.Linear)]


def _numbered(name: str, *modules: torch.nn.Module) -> dict[str, torch.nn.Linear]:
    return {f"{name}.{i}": layer for i, layer in enumerate(_linear_layers(*modules))}


def _described(policy: Any, hidden: list[int]) -> dict[str, Any]:
    described = {"hidden": hidden, "activation": policy.activation_fn.__name__.lower()}
    features = policy.features_extractor_kwargs.get("features")
    return described if features is None else {**described, "features": features}


def ppo_network(policy: Any) -> Network:
    """What a bundle holds of an actor-critic policy, mirror-symmetric or not."""
    actor = _numbered("actor", policy.mlp_extractor.policy_net, policy.action_net)
    critic = _numbered("critic", policy.mlp_extractor.value_net, policy.value_net)
    log_std, described = policy.log_std.detach(), _described(policy, list(policy.net_arch["pi"]))
    if hasattr(policy, "mirror_action"):
        log_std = 0.5 * (log_std + log_std[policy.mirror_action])
        described["mirror"] = policy.mirror
    return {**actor, **critic}, {"log_std": log_std.numpy().copy()}, described


def sac_network(policy: Any) -> Network:
    """What a bundle holds of SAC's policy: the actor, whose output is squashed by tanh."""
    actor = _numbered("actor", policy.actor.latent_pi, policy.actor.mu)
    layers = {**actor, "log_std": policy.actor.log_std}
    return layers, {}, {**_described(policy, list(policy.net_arch)), "squash": True}


def write_bundle(
    folder: Path,
    network: Network,
    env: Any,
    training: dict[str, Any],
    card: str,
    env_id: str | None = None,
    normaliser: Frozen | None = None,
) -> None:
    """Write a bundle, whole or not at all.

    Args:
        network: what ``ppo_network`` and the like tell of the torch policy; env: one of the kind it was trained in.
        training: recipe, seed, steps, wall-clock seconds, versions: goes into policy.json as it is.
        card: text of CARD.md; env_id: the env's Gymnasium id, for ``simon evaluate``.
        normaliser: of the observations; without one they are taken as they are: the blocks carry fixed scales.
    """
    layers, others, described = network
    weights = dict(others)
    for name, layer in layers.items():
        weights[f"{name}.weight"] = layer.weight.detach().numpy().copy()
        weights[f"{name}.bias"] = layer.bias.detach().numpy().copy()
    width = layers["actor.0"].in_features
    if normaliser is None:
        normaliser = {"mean": np.zeros(width, np.float32), "scale": np.ones(width, np.float32)}
    weights["observation_mean"], weights["observation_scale"] = normaliser["mean"], normaliser["scale"]
    if "clip" in normaliser:
        described = {**described, "observation_clip": normaliser["clip"]}
    ranges = getattr(env.unwrapped, "command_ranges", None)
    motion = getattr(getattr(env.unwrapped, "config", None), "motion", None)
    description = {
        "format": FORMAT,
        **({"env_id": env_id} if env_id else {}),
        **describe_env(env),
        **({"motion": motion} if motion else {}),
        **({"command": ranges()} if ranges else {}),
        "network": described,
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
