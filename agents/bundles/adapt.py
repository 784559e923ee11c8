"""A bundle for another robot whose legs are the same, such as a G1 with more joints in its waist and wrists."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from simonsays.agents.bundles.columns import columns, widened
from simonsays.assets import InputError
from simonsays.assets.files import fresh_folder, write_atomically, write_json
from simonsays.envs.policy.description import describe_env, differences
from simonsays.envs.policy.policy import bundle_folder, load_policy, read_weights
from simonsays.envs.policy.trunk import trunk_of
from simonsays.envs.trainable import capabilities
from simonsays.sim.robots import ROBOTS

_FIXED = ("action", "control_rate_hz")


def adapt(name_or_path: str | Path, robot: str, folder: Path) -> Path:
    """Write a bundle that acts on ``robot`` as another does on its own: what it sees goes by the joints' names.

    Joints that only ``robot`` has are not seen. Nothing is learned: measure what comes out, or train on from it.

    Raises:
        InputError: no such bundle or robot, legs of other joints, or a policy with a memory.
    """
    source = bundle_folder(name_or_path)
    policy = load_policy(source)
    said = policy.description
    env: Any = gymnasium.make(policy.env_id, disable_env_checker=True, robot=robot, **policy.settings).unwrapped
    with closing(env):
        here, mirror = {**describe_env(env), "history": policy.history}, capabilities(env).mirror
    for field in _FIXED:
        for name, ours, theirs in differences(said[field], here[field], field):
            told = f"{source}: {name}: the bundle has {ours!r}, robot {robot!r} {theirs!r}"
            raise InputError(f"{told}: only the same legs take a policy over; simon train --robot {robot} learns anew")
    if "lstm" in said["network"]:
        raise InputError(f"{source}: a recurrent policy cannot be adapted")
    places = columns(str(source), said, here, env.spec_robot)
    weights = _moved(source, said["network"], places, policy.history * sum(b["width"] for b in here["observation"]))
    network = dict(said["network"])
    if "mirror" in network:
        if mirror is None:
            raise InputError(f"{source}: network.mirror: robot {robot!r} is no mirror image of itself")
        network["mirror"] = {name: mirror[name] for name in network["mirror"]}
    training = {**said.get("training", {}), "adapted_from": {"policy": policy.name, "robot": said["robot"]}}
    own = {name: value for name, value in said.items() if name not in ("abilities", *here)}
    env_id = {"env_id": policy.env_id.replace(f":{said['robot'].upper()}-", f":{robot.upper()}-")}
    described = {**own, **here, **(env_id if robot in ROBOTS else {}), "network": network, "training": training}
    if policy.history == 1:
        del described["history"]
    with fresh_folder(folder) as scratch:
        save_file(weights, scratch / "policy.safetensors")
        write_json(scratch / "policy.json", described)
        write_atomically(scratch / "CARD.md", _CARD.format(name=folder.name, source=policy.name, robot=robot))
    return folder


_CARD = """# {name}

`{source}`, adapted to {robot} by `simon robot adapt`: the same network, which sees joints by their names, and none that
only {robot} has. It has not been trained on {robot}.

Not measured yet: `simon evaluate` does, and writes it here.
"""


def _moved(source: Path, network: dict[str, Any], places: list[int], width: int) -> dict[str, NDArray[np.float32]]:
    """The bundle's weights for an observation ``width`` numbers wide; what was not seen counts as nothing."""
    weights, trunk = read_weights(source), trunk_of(network, len(places))
    for layer in (name for part in ("actor", "critic") for name in trunk.first(part)):
        if (name := f"{layer}.weight") in weights:
            weights[name] = widened(weights[name], places, width, f"{source}: {name}")
    for name, empty in (("observation_mean", np.zeros), ("observation_scale", np.ones)):
        wide = empty(width, np.float32)
        wide[places] = weights[name]
        weights[name] = wide
    return weights
