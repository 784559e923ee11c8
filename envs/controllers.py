"""Policies that were trained, run in NumPy: a bundle (design: policy.json and policy.safetensors) needs no torch."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from simonsays.assets import InputError, did_you_mean, path
from simonsays.envs.features import FEATURES

FORMAT = 1

_REQUIRED = ("format", "robot", "robot_hash", "observation", "action", "network", "control_rate_hz")


def _elu(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def _layer(weights: dict[str, NDArray[Any]], name: str) -> tuple[Any, NDArray[Any]]:
    return weights[f"{name}.weight"].T.copy(), weights[f"{name}.bias"]


_LOG_STD_RANGE = (-20.0, 2.0)  # stable-baselines3's, of actors whose deviation depends on the state

_ACTIVATIONS: dict[str, Callable[[Any], Any]] = {"elu": _elu, "tanh": np.tanh, "relu": lambda x: np.maximum(x, 0)}


class Policy:
    """A policy bundle: observation (N,) or (n, N) to action (L,) or (n, L), with SB3's own signature.

    An observation may be a dict of such arrays, where the policy was trained on one.

    Attributes:
        name: the bundle folder's name.
        description: what policy.json says.
    """

    def __init__(self, name: str, description: dict[str, Any], weights: dict[str, NDArray[Any]]) -> None:
        self.name, self.description = name, description
        network = description["network"]
        self._features = FEATURES[network.get("features", "flat")]
        self._activation = _ACTIVATIONS[network["activation"]]
        count = len(network["hidden"]) + 1
        self._layers = [_layer(weights, f"actor.{i}") for i in range(count)]
        self._mean, self._scale = weights["observation_mean"], weights["observation_scale"]
        self._clip = network.get("observation_clip", np.inf)
        mirror = network.get("mirror")
        self._mirror: tuple[NDArray[Any], ...] | None = None
        if mirror is not None:
            self._mirror = tuple(
                np.array(mirror[key], dtype=np.float32 if key.endswith("sign") else np.intp)
                for key in ("observation", "observation_sign", "action", "action_sign")
            )
        self._squash: bool = network.get("squash", False)
        self._deviation = _layer(weights, "log_std") if self._squash else (None, weights["log_std"])
        self._limit = np.float32(description["action"]["limit"])
        self._rng = np.random.default_rng(0)

    @property
    def env_id(self) -> str:
        """The Gymnasium id of the env that it was trained in."""
        task = "Jump" if self.description.get("motion") == "jump" else "Locomotion"  # of bundles that do not say
        return str(self.description.get("env_id", f"simonsays.envs:G1-{task}-v0"))

    def _hidden(self, x: NDArray[Any]) -> Any:
        for weight, bias in self._layers[:-1]:
            x = self._activation(x @ weight + bias)
        return x

    def _forward(self, x: NDArray[Any]) -> Any:
        weight, bias = self._layers[-1]
        return self._hidden(x) @ weight + bias

    def _std(self, x: NDArray[Any]) -> Any:
        weight, log_std = self._deviation
        if weight is not None:
            log_std = np.clip(self._hidden(x) @ weight + log_std, *_LOG_STD_RANGE)
        return np.exp(log_std)

    def _inputs(self, observation: Any) -> tuple[NDArray[np.float32], tuple[int, ...]]:
        """What the network takes (n, N), and the shape in front of it."""
        if isinstance(observation, Mapping):
            parts = {name: np.asarray(value, dtype=np.float32) for name, value in observation.items()}
            values = self._features(parts, np.concatenate)
        else:
            values = np.asarray(observation, dtype=np.float32)
        width = len(self._mean)
        if values.shape[-1] != width:
            raise ValueError(f"observation: shape {values.shape}, the policy takes width {width}")
        x = (np.atleast_2d(values) - self._mean) * self._scale
        return (x if self._clip == np.inf else np.clip(x, -self._clip, self._clip)), values.shape[:-1]

    def predict(
        self,
        observation: NDArray[Any] | Mapping[str, NDArray[Any]],
        state: Any = None,
        episode_start: Any = None,
        deterministic: bool = False,
    ) -> tuple[NDArray[np.float32], None]:
        """The action for an observation; deterministic: the mean, otherwise drawn around it.

        Raises:
            ValueError: the observation's width is not the policy's.
        """
        x, shape = self._inputs(observation)
        if self._mirror is None:
            mean = self._forward(x)
        else:
            place, sign, action_place, action_sign = self._mirror
            plain, mirrored = np.split(self._forward(np.concatenate([x, x[:, place] * sign])), 2)
            mean = np.float32(0.5) * (plain + mirrored[:, action_place] * action_sign)
        if not deterministic:
            mean = mean + self._std(x) * self._rng.standard_normal(mean.shape, dtype=np.float32)
        if self._squash:
            mean = self._limit * np.tanh(mean)
        actions = np.clip(mean, -self._limit, self._limit).astype(np.float32)
        return actions.reshape(*shape, -1), None

    def check(self, env: Any) -> None:
        """Refuse an env that the policy was not trained for.

        Raises:
            InputError: robot, robot hash, observation blocks, action size or scale, control rate or the settings that
                a policy depends on differ; the message lists the fields.
        """
        said = {"settings": {}, **self.description}
        here = {"settings": {}, **describe_env(env)}
        differences = [
            f"{field}: policy {said.get(field)!r}, environment {value!r}"
            for field, value in here.items()
            if said.get(field) != value
        ]
        if differences:
            raise InputError(f"policy {self.name!r} does not fit the environment:\n  " + "\n  ".join(differences))


def describe_env(env: Any) -> dict[str, Any]:
    """The fields of policy.json that an env fixes."""
    described: dict[str, Any] = env.unwrapped.describe()
    return described


def policy_names() -> list[str]:
    """Names of the policies that ship with simonsays."""
    return sorted(folder.parent.name for folder in path("policies").glob("*/policy.json"))


def bundle_folder(name_or_path: str | Path) -> Path:
    """The folder of a bundle, by name or by path.

    Raises:
        InputError: there is none.
    """
    folder = Path(name_or_path)
    if str(name_or_path) in policy_names():
        folder = path("policies", str(name_or_path))
    if not (folder / "policy.json").is_file():
        hint = did_you_mean(str(name_or_path), policy_names())
        raise InputError(f"no policy {str(name_or_path)!r}: neither a shipped policy nor a bundle's folder{hint}")
    return folder


def load_policy(name_or_path: str | Path) -> Policy:
    """A policy bundle, by the name of a shipped one or by the path of its folder.

    Raises:
        InputError: no such bundle, or a file of it is missing, damaged or of another format.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    folder = bundle_folder(name_or_path)
    try:
        description = json.loads((folder / "policy.json").read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{folder / 'policy.json'}: not valid JSON: {error}") from error
    if not isinstance(description, dict) or description.get("format") != FORMAT:
        raise InputError(f"{folder / 'policy.json'}: field format: this version of simonsays reads {FORMAT}")
    for field in _REQUIRED:
        if field not in description:
            raise InputError(f"{folder / 'policy.json'}: field {field!r} is missing")
    try:
        weights = load_file(folder / "policy.safetensors")
        return Policy(folder.name, description, weights)
    except (SafetensorError, OSError) as error:
        raise InputError(f"{folder / 'policy.safetensors'}: cannot be read: {error}") from error
    except KeyError as error:
        raise InputError(f"{folder}: {error} is missing in the policy's network or weights") from error
