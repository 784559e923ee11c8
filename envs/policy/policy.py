"""Policies that were trained, run in NumPy: a bundle (design: policy.json and policy.safetensors) needs no torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simonsays.assets import InputError, did_you_mean, is_file
from simonsays.assets.defaults import DEFAULT_ROBOT
from simonsays.assets.reading import read_bytes
from simonsays.assets.registry import POLICIES, Registry, Thing, UnknownName
from simonsays.envs.observations import BLOCKS
from simonsays.envs.policy.description import describe_env, differences, read_description
from simonsays.envs.policy.features import FEATURES, own_parts
from simonsays.envs.policy.networks import NUMPY, Lstm
from simonsays.envs.policy.trunk import TRUNKS, actor, shaped

_MOST = 1 << 28  # bytes of weights
_LOG_STD_RANGE = (-20.0, 2.0)  # stable-baselines3's, of actors whose deviation depends on the state


class Policy:
    """A policy bundle: observation (N,) or (n, N) to action (L,) or (n, L), with SB3's own signature.

    An observation may be a dict of such arrays, where the policy was trained on one.

    A policy with a memory (``recurrent``) gives a state beside the action, to be passed with the next observation:
    that of an LSTM, or the last observations of one that was trained on a history of them and is given one at a time.

    Attributes:
        name: the bundle folder's name.
        description: what policy.json says.
        history: observations that it was trained to see at a time, the newest last.
    """

    def __init__(self, name: str, description: dict[str, Any], weights: dict[str, NDArray[Any]]) -> None:
        self.name, self.description = name, description
        network = description["network"]
        self.history: int = description.get("history", 1)
        self._features = FEATURES[network.get("features", "flat")]
        self._lstm = Lstm(weights, network["lstm"]["layers"]) if "lstm" in network else None
        self._mean = shaped(weights, "observation_mean", None)
        self._scale = shaped(weights, "observation_scale", len(self._mean))
        if self._lstm:
            shaped(weights, "lstm.weight_ih_l0", None, len(self._mean))
        inputs = self._lstm.size if self._lstm else len(self._mean)
        self._trunk, self._head, outputs = actor(network, weights, inputs, NUMPY)
        if outputs != (joints := len(description["action"].get("joints", ())) or outputs):
            raise InputError(f"action.joints: there are {joints}, and the network has {outputs} outputs")
        self._clip = network.get("observation_clip", np.inf)
        mirror = network.get("mirror")
        self._mirror: tuple[NDArray[Any], ...] | None = None
        if mirror is not None:
            self._mirror = tuple(
                np.array(mirror[key], dtype=np.float32 if key.endswith("sign") else np.intp)
                for key in ("observation", "observation_sign", "action", "action_sign")
            )
            self._check_mirror(len(self._mean), outputs)
        self._squash: bool = network.get("squash", False)
        self._log_std: Any = shaped(weights, "log_std", outputs) if "log_std" in weights else None
        if "log_std.weight" in weights:  # it depends on the state
            deviation = shaped(weights, "log_std.bias", outputs)
            self._log_std = NUMPY.layer(shaped(weights, "log_std.weight", outputs, None), deviation)
        self._limit = np.float32(description["action"]["limit"])
        self._rng = np.random.default_rng(0)

    def _check_mirror(self, *widths: int) -> None:
        """Raises InputError: the mirror image is not of these numbers of observations and actions."""
        parts = self._mirror or ()
        for name, width, place, sign in zip(("observation", "action"), widths, parts[::2], parts[1::2], strict=True):
            if sorted(place) != list(range(width)) or sign.shape != (width,) or not (np.abs(sign) == 1).all():
                raise InputError(f"network.mirror: {name}: needs each place from 0 to {width - 1} once, with 1 or -1")

    @property
    def recurrent(self) -> bool:
        """Whether it has a memory: its state must go on from observation to observation (:func:`acting`)."""
        return self._lstm is not None or self.history > 1

    @property
    def settings(self) -> dict[str, Any]:
        """Those of an env that it fits.

        Raises:
            InputError: it has an observation block that is not registered here.
        """
        found: dict[str, Any] = self.description.get("settings", {})
        for name in found.get("blocks", ()):
            _registered(f"policy {self.name!r}: settings.blocks", BLOCKS, name)
        return dict(found)

    @property
    def abilities(self) -> dict[str, float]:
        """What ``simon evaluate`` has measured that it can do (docs/contracts.md); empty before it has."""
        return dict(self.description.get("abilities", {}))

    @property
    def env_id(self) -> str:
        """The Gymnasium id of the env that it was trained in."""
        task = "Jump" if self.description.get("motion") == "jump" else "Locomotion"  # of bundles that do not say
        return str(self.description.get("env_id", f"simonsays.envs:{DEFAULT_ROBOT.upper()}-{task}-v0"))

    def _forward(self, x: NDArray[Any], head: Callable[[Any], Any], signed: bool = True) -> Any:
        """What a layer after the trunk gives, the mean of a state's and of its mirror image's, mirrored back."""
        if self._mirror is None:
            return head(self._trunk(x))
        place, sign, action_place, action_sign = self._mirror
        plain, mirrored = np.split(head(self._trunk(np.concatenate([x, x[:, place] * sign]))), 2)
        back = mirrored[:, action_place]
        return np.float32(0.5) * (plain + (back * action_sign if signed else back))

    def _std(self, x: NDArray[Any]) -> Any:
        if self._log_std is None:
            return np.float32(0.0)
        if not callable(self._log_std):
            return np.exp(self._log_std)
        return np.exp(self._forward(x, lambda seen: np.clip(self._log_std(seen), *_LOG_STD_RANGE), signed=False))

    def _inputs(self, observation: Any, frames: Any) -> tuple[NDArray[np.float32], tuple[int, ...], Any]:
        """What the network takes (n, N), the shape in front of it, and the frames (n, history, N) seen so far."""
        if isinstance(observation, Mapping):
            parts = {name: np.asarray(value, dtype=np.float32) for name, value in own_parts(observation).items()}
            values = self._features(parts, np.concatenate)
        else:
            values = np.asarray(observation, dtype=np.float32)
        width, shape = len(self._mean), values.shape[:-1]
        rows = np.atleast_2d(values)
        if self.history > 1 and rows.shape[-1] * self.history == width:
            first = np.repeat(rows[:, None], self.history, axis=1)
            frames = first if frames is None else np.concatenate([frames[:, 1:], rows[:, None]], axis=1)
            rows = frames.reshape(len(rows), -1)
        if rows.shape[-1] != width:
            raise ValueError(f"observation: shape {values.shape}, the policy takes width {width}")
        x = (rows - self._mean) * self._scale
        return (x if self._clip == np.inf else np.clip(x, -self._clip, self._clip)), shape, frames

    def predict(
        self,
        observation: NDArray[Any] | Mapping[str, NDArray[Any]],
        state: Any = None,
        episode_start: Any = None,
        deterministic: bool = False,
    ) -> tuple[NDArray[np.float32], Any]:
        """The action for an observation; deterministic: the mean, otherwise drawn around it.

        Args:
            state: of a recurrent policy, what the last call gave; None where the episode begins.
            episode_start: (n,) bool, episodes that begin again now, whatever the state says; LSTM only.

        Returns:
            The action, and the next state of a recurrent policy, else None.

        Raises:
            ValueError: the observation's width is not the policy's.
        """
        x, shape, frames = self._inputs(observation, None if self._lstm else state)
        if self._lstm is not None:
            before = self._lstm.start(len(x)) if state is None else state
            if episode_start is not None:
                kept = 1 - np.asarray(episode_start, dtype=np.float32).reshape(1, -1, 1)
                before = (before[0] * kept, before[1] * kept)
            x, state = self._lstm(x, before)
        mean = self._forward(x, self._head)
        if not deterministic:
            mean = mean + self._std(x) * self._rng.standard_normal(mean.shape, dtype=np.float32)
        if self._squash:
            mean = self._limit * np.tanh(mean)
        actions = np.clip(mean, -self._limit, self._limit).astype(np.float32)
        return actions.reshape(*shape, -1), state if self._lstm is not None else frames

    def seed(self, seed: int) -> None:
        """Begin the draws of :meth:`predict` anew."""
        self._rng = np.random.default_rng(seed)

    def check(self, env: Any, **seen: Any) -> None:
        """Refuse an env that the policy was not trained for; ``seen`` is for its ``describe``.

        Raises:
            InputError: robot, robot hash, observation blocks, action size or scale, control rate or the settings that
                a policy depends on differ; the message lists the fields.
        """
        said = {"settings": {}, **self.description}
        here = {"settings": {}, **describe_env(env, **seen)}
        if here.get("history", 1) == 1 and self._lstm is None:
            here.pop("history", None)  # it keeps the last observations itself
        elif self.history > 1:
            here.setdefault("history", 1)
        said = {field: said.get(field) for field in here}
        found = [f"{field}: policy {ours!r}, environment {theirs!r}" for field, ours, theirs in differences(said, here)]
        if found:
            raise InputError(f"policy {self.name!r} does not fit the environment:\n  " + "\n  ".join(found))


def _registered(where: str, registry: Registry[Thing], name: str) -> Thing:
    try:
        return registry[name]
    except UnknownName as error:
        raise InputError(f"{where}: {error}") from error


def acting(policy: Any, deterministic: bool = True) -> Callable[[Any], Any]:
    """A function from observations of one episode, one after the other, to its actions.

    It carries what a recurrent policy remembers: take a new one for each episode.
    """
    if not getattr(policy, "recurrent", False):
        return lambda observation: policy.predict(observation, deterministic=deterministic)[0]
    state: Any = None

    def act(observation: Any) -> Any:
        nonlocal state
        action, state = policy.predict(observation, state, deterministic=deterministic)
        return action

    return act


def bundle_folder(name_or_path: str | Path) -> Path:
    """The folder of a bundle, by name or by path.

    Raises:
        InputError: there is none.
    """
    folder = Path(name_or_path)
    named = POLICIES.files()
    if str(name_or_path) in named:
        folder = named[str(name_or_path)].parent
    if not is_file(folder / "policy.json"):
        inside = sorted([*folder.glob("*/policy.json"), *folder.glob("*/bundle/policy.json")])
        hint = f"; it has {inside[0].parent}" if inside else did_you_mean(str(name_or_path), named)
        raise InputError(f"no policy {str(name_or_path)!r}: neither the name of one nor a bundle's folder{hint}")
    return folder


def load_policy(name_or_path: str | Path) -> Policy:
    """A policy bundle, by the name of a shipped one or by the path of its folder.

    Raises:
        InputError: no such bundle, or a file of it is missing, damaged or of another format.
    """
    folder = bundle_folder(name_or_path)
    description = read_description(folder)
    _registered(f"{folder / 'policy.json'}: network.trunk", TRUNKS, description["network"].get("trunk", "mlp"))
    weights = read_weights(folder)
    try:
        return Policy(folder.name, description, weights)
    except UnknownName:
        raise
    except KeyError as error:
        raise InputError(f"{folder}: {error} is missing in the policy's network or weights") from error
    except InputError as error:
        raise InputError(f"{folder}: {error}") from error


def read_weights(folder: Path) -> dict[str, NDArray[Any]]:
    """The weights of a bundle, by name.

    Raises:
        InputError: policy.safetensors is missing, damaged, or has a number that is none; the message names it.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    file = folder / "policy.safetensors"
    data = read_bytes(file, _MOST)
    try:
        weights = load(data)
    except (SafetensorError, ValueError, KeyError) as error:  # KeyError: a type that NumPy has not
        raise InputError(f"{file}: cannot be read: {error}") from error
    for name, values in weights.items():
        if values.dtype not in (np.float32, np.float64) or not np.isfinite(values).all():
            raise InputError(f"{file}: {name!r} ({values.dtype}): finite floating-point numbers are needed")
    return {name: values.copy() for name, values in weights.items()}
