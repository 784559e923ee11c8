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


def _linear_layers(*modules: torch.nn.Module) -> list[torch.nn.Linear]:
    return [layer for module in modules for layer in module.modules() if isinstance(layer, torch.nn.Linear)]


def _named_layers(policy: Any) -> dict[str, torch.nn.Linear]:
    actor = _linear_layers(policy.mlp_extractor.policy_net, policy.action_net)
    critic = _linear_layers(policy.mlp_extractor.value_net, policy.value_net)
    return {
        **{f"actor.{i}": layer for i, layer in enumerate(actor)},
        **{f"critic.{i}": layer for i, layer in enumerate(critic)},
    }


def write_bundle(folder: Path, policy: Any, env: Any, training: dict[str, Any], card: str) -> None:
    """Write a bundle, whole or not at all.

    Args:
        policy: the torch policy; env: an env of the kind it was trained in.
        training: recipe, seed, steps, wall-clock seconds, versions: goes into policy.json as it is.
        card: text of CARD.md.
    """
    weights = {}
    for name, layer in _named_layers(policy).items():
        weights[f"{name}.weight"] = layer.weight.detach().numpy().copy()
        weights[f"{name}.bias"] = layer.bias.detach().numpy().copy()
    log_std = policy.log_std.detach()
    weights["log_std"] = (0.5 * (log_std + log_std[policy.mirror_action])).numpy().copy()
    width = env.unwrapped.observation_space.shape[0]
    # The blocks carry fixed scales, so the normaliser is the identity.
    weights["observation_mean"] = np.zeros(width, np.float32)
    weights["observation_scale"] = np.ones(width, np.float32)
    config = env.unwrapped.config
    description = {
        "format": FORMAT,
        **describe_env(env),
        "motion": config.motion,
        "command": {
            "forward": list(config.forward),
            "sideways": list(config.sideways),
            "yaw_rate": list(config.yaw_rate),
            "height": list(config.height),
        },
        "network": {
            "hidden": list(policy.net_arch["pi"]),
            "activation": "elu",
            "mirror": env.unwrapped.mirror,
        },
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
            wide = np.zeros((len(weights[name]), width), dtype=np.float32)
            wide[:, columns] = weights[name]
            weights[name] = wide
    with torch.no_grad():
        for name, layer in _named_layers(policy).items():
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
