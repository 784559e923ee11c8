"""Policy bundles: writes what simonsays.envs.load_policy reads, and starts a training from one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save_file

from simonsays.agents.bundles.columns import columns, widened
from simonsays.agents.bundles.exported import Network, actor_critic_network
from simonsays.assets import InputError
from simonsays.assets.files import fresh_folder, write_atomically, write_json
from simonsays.envs.policy.description import FORMAT, describe_env, differences
from simonsays.envs.policy.policy import bundle_folder, read_weights
from simonsays.envs.trainable import capabilities

Frozen = dict[str, Any]
"""``observation_mean`` and ``observation_scale`` (N,), and perhaps ``clip``: the network takes
clip((observation - mean) * scale, -clip, clip). Where a critic is given more, ``privileged_mean`` and
``privileged_scale``, for trainings that start from the bundle."""


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
        network: what agents/bundles/exported.py tells of the torch policy; env: one of the kind it was trained in.
        training: recipe, seed, steps, wall-clock seconds, versions: goes into policy.json as it is.
        card: text of CARD.md; env_id: the env's Gymnasium id, for ``simon evaluate``.
        normaliser: of the observations; without one they are taken as they are: the blocks carry fixed scales.
    """
    weights = {name: np.ascontiguousarray(tensor.detach().numpy()).copy() for name, tensor in network.tensors.items()}
    described, width = network.described, network.width
    if normaliser is None:
        normaliser = {"observation_mean": np.zeros(width, np.float32), "observation_scale": np.ones(width, np.float32)}
    weights |= {name: value for name, value in normaliser.items() if name != "clip"}
    if "clip" in normaliser:
        described = {**described, "observation_clip": normaliser["clip"]}
    offered = capabilities(env)
    description = {
        "format": FORMAT,
        **({"env_id": env_id} if env_id else {}),
        **describe_env(env),
        **({"motion": offered.trained_motion} if offered.trained_motion else {}),
        **({"command": offered.command_ranges()} if offered.command_ranges else {}),
        "network": described,
        "training": training,
    }
    with fresh_folder(folder) as scratch:
        save_file(weights, scratch / "policy.safetensors")
        write_json(scratch / "policy.json", description)
        write_atomically(scratch / "CARD.md", card)


BUNDLE_FILES = ("policy.json", "policy.safetensors", "CARD.md")
BUNDLE_MORE = ("TRANSFER.md", "transfer.json", "transfer.png")
"""what ``simon transfer --into-bundle`` puts beside them; they travel with the bundle"""


def check_replaceable(folder: Path) -> None:
    """Refuse to put a bundle where other things are.

    Raises:
        InputError: there is a file, or a folder that holds more than a bundle.
    """
    if folder.name in ("", ".."):
        raise InputError(f"{folder}: name the folder that the policy shall be, such as ./walk")
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError(f"{folder}: it is a file; name a folder")
    others = sorted(each.name for each in folder.iterdir() if each.name not in (*BUNDLE_FILES, *BUNDLE_MORE))
    if others:
        told = ", ".join(others[:3]) + (" ..." if len(others) > 3 else "")
        raise InputError(f"{folder}: it holds other things ({told}); name a new folder, such as {folder / 'policy'}")


def load_into(name_or_path: str | Path, policy: Any, env: Any) -> None:
    """Copy a bundle's actor, critic and deviations into an actor-critic policy, as what a training starts from.

    The env may have observation blocks that the bundle has not, and a robot with the same legs and more joints: their
    weights start at zero. What only the bundle's critic was shown is left out where the env shows none of it.
    Deviations smaller than the policy's own are raised to those, so that it explores again.

    Raises:
        InputError: no such bundle, or one with other actions, an unknown observation block, or another network.
    """
    from simonsays.envs.policy.policy import load_policy

    folder = bundle_folder(name_or_path)
    said, here = load_policy(folder).description, describe_env(env)
    fields = ("action", "control_rate_hz", "history")
    ours, theirs = ({name: each.get(name) for name in fields} for each in (said, here))
    for field, a, b in differences(ours, theirs):
        raise InputError(f"{folder}: {field}: the bundle has {a!r}, the environment {b!r}")
    if "lstm" in said["network"]:
        raise InputError(f"{folder}: a recurrent policy is not started from")
    places = columns(str(folder), said, here, getattr(env.unwrapped, "spec_robot", None))
    width = here.get("history", 1) * sum(block["width"] for block in here["observation"])
    weights = read_weights(folder)
    nets = {"actor": policy.mlp_extractor.policy_net, "critic": policy.mlp_extractor.value_net}
    first = {f"{name}.weight" for part, net in nets.items() for name in net.trunk.first(part)}
    network = actor_critic_network(policy)
    with torch.no_grad():
        for name, tensor in network.tensors.items():
            value = weights.get(name)
            if value is not None and name in first:
                value = widened(value, places, width, f"{folder}: {name}")
                if tensor.shape[1] == width:  # of a critic that is shown no more than the actor
                    value = value[:, :width]
            if value is None or value.shape != tuple(tensor.shape):
                found = differences(said["network"], network.described, "network")
                told = [f"{field}: the bundle has {a!r}, the recipe {b!r}" for field, a, b in found] or [name]
                raise InputError(f"{folder}: {'; '.join(told)}: a training starts from the same network")
            if name != "log_std":
                tensor.copy_(torch.from_numpy(value))
        policy.log_std.copy_(torch.maximum(policy.log_std, torch.from_numpy(weights["log_std"])))
