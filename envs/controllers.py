"""Policies that were trained, run in NumPy: a bundle (design: policy.json and policy.safetensors) needs no torch."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from simonsays.assets import InputError, did_you_mean, path

FORMAT = 1

_REQUIRED = ("format", "robot", "robot_hash", "observation", "action", "network", "control_rate_hz")


def _elu(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


_ACTIVATIONS: dict[str, Callable[[Any], Any]] = {"elu": _elu, "tanh": np.tanh, "relu": lambda x: np.maximum(x, 0)}


class Policy:
    """A policy bundle: observation (N,) or (n, N) to action (L,) or (n, L), with SB3's own signature.

    Attributes:
        name: the bundle folder's name.
        description: what policy.json says.
    """

    def __init__(self, name: str, description: dict[str, Any], weights: dict[str, NDArray[Any]]) -> None:
        self.name, self.description = name, description
        network = description["network"]
        self._activation = _ACTIVATIONS[network["activation"]]
        count = len(network["hidden"]) + 1
        self._layers = [(weights[f"actor.{i}.weight"].T.copy(), weights[f"actor.{i}.bias"]) for i in range(count)]
        self._mean, self._scale = weights["observation_mean"], weights["observation_scale"]
        mirror = network.get("mirror")
        self._mirror: tuple[NDArray[Any], ...] | None = None
        if mirror is not None:
            self._mirror = tuple(
                np.array(mirror[key], dtype=np.float32 if key.endswith("sign") else np.intp)
                for key in ("observation", "observation_sign", "action", "action_sign")
            )
        self._std = np.exp(weights["log_std"])
        self._limit = np.float32(description["action"]["limit"])
        self._rng = np.random.default_rng(0)

    def _forward(self, x: NDArray[Any]) -> Any:
        for weight, bias in self._layers[:-1]:
            x = self._activation(x @ weight + bias)
        weight, bias = self._layers[-1]
        return x @ weight + bias

    def predict(
        self,
        observation: NDArray[Any],
        state: Any = None,
        episode_start: Any = None,
        deterministic: bool = False,
    ) -> tuple[NDArray[np.float32], None]:
        """The action for an observation; deterministic: the mean, otherwise drawn around it.

        Raises:
            ValueError: the observation's width is not the policy's.
        """
        observation = np.asarray(observation, dtype=np.float32)
        width = len(self._mean)
        if observation.shape[-1] != width:
            raise ValueError(f"observation: shape {observation.shape}, the policy takes width {width}")
        rows = np.atleast_2d(observation)
        x = (rows - self._mean) * self._scale
        if self._mirror is None:
            mean = self._forward(x)
        else:
            place, sign, action_place, action_sign = self._mirror
            plain, mirrored = np.split(self._forward(np.concatenate([x, x[:, place] * sign])), 2)
            mean = np.float32(0.5) * (plain + mirrored[:, action_place] * action_sign)
        if not deterministic:
            mean = mean + self._std * self._rng.standard_normal(mean.shape, dtype=np.float32)
        actions = np.clip(mean, -self._limit, self._limit).astype(np.float32)
        return actions.reshape(*observation.shape[:-1], -1), None

    def check(self, env: Any) -> None:
        """Refuse an env that the policy was not trained for.

        Raises:
            InputError: robot, robot hash, observation blocks, action size or scale, or control rate differ;
                the message lists the fields.
        """
        said = self.description
        here = describe_env(env)
        differences = [
            f"{field}: policy {said.get(field)!r}, environment {value!r}"
            for field, value in here.items()
            if said.get(field) != value
        ]
        if differences:
            raise InputError(f"policy {self.name!r} does not fit the environment:\n  " + "\n  ".join(differences))


def describe_env(env: Any) -> dict[str, Any]:
    """The fields of policy.json that an env fixes."""
    env = env.unwrapped
    return {
        "robot": env.spec_robot.name,
        "robot_hash": env.spec_robot.hash(),
        "observation": [{"block": name, "width": n} for name, n in env.observation_layout.widths.items()],
        "action": {
            "joints": list(env.spec_robot.leg_joints),
            "scale": env.config.action_scale,
            "limit": env.config.action_limit,
        },
        "control_rate_hz": round(1 / env.dt),
    }


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
