"""A policy bundle as an ONNX model: what Policy.predict(deterministic=True) computes, without torch and without ours.

Inputs are ``observation`` (batch, N) or, of a goal policy, the parts of its dict observation by name; the output is
``action`` (batch, L). A recurrent policy also takes ``state`` (batch, S), zeros where an episode begins, and gives
``next_state``: hidden and cell values, layer by layer. The model's metadata_props tell the rest: joints, action scale,
control rate, observation blocks. What a robot's computer runs is another graph: experiments/exchange/deployment.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simonsays.assets import InputError, needs_extra
from simonsays.assets.files import check_writable, write_atomically
from simonsays.envs.policy.features import FEATURES
from simonsays.envs.policy.networks import lstm_layers, lstm_step
from simonsays.envs.policy.policy import bundle_folder, load_policy, read_weights
from simonsays.envs.policy.trunk import Weights, actor
from simonsays.experiments.exchange.deployment import deployable, deployed
from simonsays.experiments.exchange.onnx_graph import Graph, Symbol, onnx_arrays

_KNOWN = {"hidden", "activation", "features", "lstm", "mirror", "observation_clip", "squash", "streams", "trunk"}


def export_onnx(policy: str | Path, out: Path, signals: bool | None = None) -> Path:
    """Write a bundle as ``out``, an ``.onnx``, whole or not at all.

    ``signals``: from a robot's raw signals to joint targets, reference motion and all, for another simulator or a robot
    (experiments/exchange/deployment.py); False: from observation to action; None: signals where it can be.

    Raises:
        InputError: no such bundle, a network that cannot be exported, a bad file name, or onnx is missing.
    """
    check_writable(out, (".onnx",))
    signals = deployable(load_policy(policy)) if signals is None else signals
    write_atomically(out, build_model(policy, signals).SerializeToString())
    return out


def build_model(policy: str | Path, signals: bool = False) -> Any:
    """The ``onnx.ModelProto`` of a bundle; ``signals``: from a robot's signals to joint targets.

    Raises:
        InputError: no such bundle, a network that cannot be exported, or onnx is missing.
    """
    with needs_extra("data", "the export to ONNX"):
        import onnx  # noqa: F401
    loaded, folder = load_policy(policy), bundle_folder(policy)
    description, weights = loaded.description, read_weights(folder)
    network = description["network"]
    for key in network:
        if key not in _KNOWN:
            raise InputError(f"{folder}: network.{key}: the export to ONNX does not know it")
    graph = Graph()
    if signals:
        outputs, about = deployed(graph, loaded, lambda x: acted(graph, description, weights, x)["action"][0])
        return graph.model(outputs, {**_metadata(description), "deployment": json.dumps(about)})
    features = _inputs(graph, description, len(weights["observation_mean"]))
    return graph.model(acted(graph, description, weights, features), _metadata(description))


def acted(
    graph: Graph, description: dict[str, Any], weights: Weights, features: Symbol
) -> dict[str, tuple[Symbol, int]]:
    """The action of a policy that is given features, and of one with a memory its next state, each with its width."""
    network = description["network"]
    x = (features - weights["observation_mean"]) * weights["observation_scale"]
    if "observation_clip" in network:
        x = x.clip(-network["observation_clip"], network["observation_clip"])
    outputs: dict[str, tuple[Symbol, int]] = {}
    inputs = len(weights["observation_mean"])
    if "lstm" in network:
        inputs = weights["lstm.weight_hh_l0"].shape[1]
        x, outputs["next_state"] = _recurrent(graph, weights, inputs, network["lstm"]["layers"], x)
    made = actor(network, weights, inputs, onnx_arrays(graph))
    mean = _mirrored(network.get("mirror"), lambda seen: made.head(made.trunk(seen)), x)
    limit = float(np.float32(description["action"]["limit"]))
    if network.get("squash", False):
        mean = mean.apply("Tanh") * limit
    return {"action": (mean.clip(-limit, limit), made.outputs), **outputs}


def _inputs(graph: Graph, description: dict[str, Any], width: int) -> Symbol:
    """The features of the graph's inputs: by name where the observation is a dict of parts."""
    widths = {block["block"]: block["width"] for block in description["observation"]}
    if "desired_goal" not in widths:
        return graph.input("observation", width)
    parts = {name: graph.input(name, each) for name, each in widths.items()}
    features: Symbol = FEATURES[description["network"].get("features", "flat")](parts, graph.concatenate)
    return features


def _recurrent(graph: Graph, weights: Weights, size: int, layers: int, x: Symbol) -> tuple[Symbol, tuple[Symbol, int]]:
    """One step of an LSTM: its output, and the next state with its width."""
    width, xp = 2 * layers * size, onnx_arrays(graph)
    state, after = graph.input("state", width), []
    for i, own in enumerate(lstm_layers(weights, layers, xp)):
        hidden, cell = (state[..., k * size : (k + 1) * size] for k in (2 * i, 2 * i + 1))
        x, cell = lstm_step(xp, own, size, x, hidden, cell)
        after += [x, cell]
    return x, (graph.concatenate(after, -1), width)


def _mirrored(mirror: dict[str, Any] | None, network: Callable[[Symbol], Symbol], x: Symbol) -> Symbol:
    """The mean of a state's action and of its mirror image's, mirrored back."""
    plain = network(x)
    if mirror is None:
        return plain
    other = network(x.take(mirror["observation"]) * _signs(mirror["observation_sign"]))
    mean: Symbol = (plain + other.take(mirror["action"]) * _signs(mirror["action_sign"])) * 0.5
    return mean


def _signs(values: Sequence[float]) -> NDArray[np.float32]:
    return np.array(values, dtype=np.float32)


def _metadata(description: dict[str, Any]) -> dict[str, str]:
    fields = "robot robot_hash observation action control_rate_hz command env_id motion history encoding_version"
    said = {field: description[field] for field in fields.split() if field in description}
    return {
        "simonsays.format": str(description["format"]),
        "joint_names": json.dumps(description["action"].get("joints", [])),
        "action_scale": json.dumps(description["action"].get("scale")),
        **{field: value if isinstance(value, str) else json.dumps(value) for field, value in said.items()},
    }
