"""The worker process of agents/vec/vec.py: it steps a few worlds. Imports neither torch nor stable-baselines3."""

from __future__ import annotations

import multiprocessing as mp
import signal
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from simonsays.assets import InputError
from simonsays.assets.plugins import blamed, load_plugins
from simonsays.assets.signals import ending_signals

STEP = b""
"""the message that asks for a step, and the answer of a step in which no episode ended"""

_FLAT = (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)


def make_env(env_id: str, kwargs: Mapping[str, Any]) -> Any:
    """One env of a Gymnasium id, a plug-in's too, with the wrappers that its registration asks for."""
    load_plugins()
    return gymnasium.make(env_id, disable_env_checker=True, **kwargs)


def _parts(space: spaces.Space[Any], what: str) -> dict[str, spaces.Space[Any]]:
    """A dict's spaces by name; any other space is one part, named ""."""
    parts = dict(space.spaces) if isinstance(space, spaces.Dict) else {"": space}
    for name, part in parts.items():
        if not isinstance(part, _FLAT):
            raise InputError(f"{what} space{f' {name!r}' if name else ''}: {type(part).__name__} is not supported")
    return parts


class Shared:
    """Arrays of all envs in shared memory: observations by part, actions, rewards, dones.

    Raises:
        InputError: a space that does not fit into arrays, such as a Tuple or a nested Dict.
    """

    def __init__(self, count: int, observation: spaces.Space[Any], action: spaces.Space[Any]) -> None:
        if isinstance(action, spaces.Dict):
            raise InputError("action space: Dict is not supported")
        self._count = count
        parts = _parts(observation, "observation")
        self._fields = {
            "rewards": self._field((), np.float64),
            "dones": self._field((), np.bool_),
            "actions": self._field(*_form(_parts(action, "action")[""])),
            **{f"observations.{name}": self._field(*_form(part)) for name, part in parts.items()},
        }

    def _field(self, shape: Sequence[int], dtype: Any) -> tuple[Any, tuple[int, ...], np.dtype[Any]]:
        size = self._count * int(np.prod(shape, dtype=int)) * np.dtype(dtype).itemsize
        return mp.get_context("spawn").RawArray("b", max(size, 1)), (self._count, *shape), np.dtype(dtype)

    def array(self, name: str) -> Any:
        """The NumPy view (count, ...) of a field."""
        raw, shape, dtype = self._fields[name]
        return np.frombuffer(raw, dtype=dtype, count=int(np.prod(shape, dtype=int))).reshape(shape)

    def observations(self) -> dict[str, Any]:
        """The views of all parts of the observation, by name."""
        prefix = "observations."
        return {name.removeprefix(prefix): self.array(name) for name in self._fields if name.startswith(prefix)}


def _form(space: Any) -> tuple[tuple[int, ...], Any]:
    return tuple(space.shape), space.dtype


class Episode:
    """Sums over one env's running episode."""

    def __init__(self) -> None:
        self._reward, self._length = 0.0, 0
        self._terms: dict[str, float] = {}

    def add(self, reward: float, terms: Mapping[str, float]) -> None:
        """Count one step."""
        self._reward += reward
        self._length += 1
        for name, value in terms.items():
            self._terms[name] = self._terms.get(name, 0.0) + value

    def info(self) -> dict[str, Any]:
        """As stable-baselines3's Monitor has it; ``terms``: the sum of each reward term."""
        return {"r": self._reward, "l": self._length, "t": 0.0, "terms": self._terms}


class Worlds:
    """The envs of one worker, whose arrays are the rows from ``first`` on."""

    def __init__(self, env_id: str, kwargs: Mapping[str, Any], first: int, count: int, shared: Shared) -> None:
        own = slice(first, first + count)
        self._env_id, self._kwargs, self._count = env_id, kwargs, count
        self._observations = {name: array[own] for name, array in shared.observations().items()}
        self._actions, self._rewards, self._dones = (shared.array(n)[own] for n in ("actions", "rewards", "dones"))
        self._envs: list[Any] = []
        self.build({})

    def build(self, settings: Mapping[str, Any]) -> None:
        """Make all envs anew, so that nothing of the old ones is left, and configure them."""
        self.close()
        self._envs = [make_env(self._env_id, self._kwargs) for _ in range(self._count)]
        self._episodes = [Episode() for _ in self._envs]
        if settings:
            self.call("reconfigure", (), settings, range(self._count))

    def reset(self, orders: Sequence[tuple[int | None, dict[str, Any]]]) -> list[dict[str, Any]]:
        """Reset all envs, each with a seed and options; the infos."""
        infos = []
        for i, (env, (seed, options)) in enumerate(zip(self._envs, orders, strict=True)):
            observation, info = env.reset(seed=seed, options=options or None)
            self._write(i, observation)
            self._episodes[i] = Episode()
            infos.append(info)
        return infos

    def _write(self, i: int, observation: Any) -> None:
        for name, rows in self._observations.items():
            rows[i] = observation[name] if name else observation

    def step(self) -> list[tuple[int, dict[str, Any]]]:
        """One step of all envs; an env whose episode ended is reset at once. The infos of those, by place."""
        ended = []
        for i, env in enumerate(self._envs):
            observation, reward, terminated, truncated, info = env.step(self._actions[i])
            self._episodes[i].add(float(reward), info.get("reward_terms", {}))
            self._rewards[i], self._dones[i] = reward, terminated or truncated
            if terminated or truncated:
                last = {"terminal_observation": observation, "TimeLimit.truncated": truncated and not terminated}
                ended.append((i, {**info, **last, "episode": self._episodes[i].info()}))
                self._episodes[i] = Episode()
                observation = env.reset()[0]
            self._write(i, observation)
        return ended

    def call(self, name: str, args: Sequence[Any], options: Mapping[str, Any], places: Sequence[int]) -> list[Any]:
        """What a method of some envs returns."""
        return [self._envs[i].get_wrapper_attr(name)(*args, **options) for i in places]

    def get(self, name: str, places: Sequence[int]) -> list[Any]:
        """An attribute of some envs."""
        return [self._envs[i].get_wrapper_attr(name) for i in places]

    def close(self) -> None:
        """Close all envs."""
        for env in self._envs:
            env.close()
        self._envs = []


def serve(pipe: Connection, env_id: str, kwargs: dict[str, Any], first: int, count: int, shared: Shared) -> None:
    """Answer the parent's orders until it says "close" or is gone: the end of its pipe tells so, even after kill -9.

    A step is asked for with an empty message and has an empty answer unless an episode ended; everything else is a
    pickled tuple, between processes of one program.
    """
    for number in ending_signals():  # they reach the whole group: the parent decides when to stop
        signal.signal(number, signal.SIG_IGN)
    try:
        worlds = Worlds(env_id, kwargs, first, count, shared)
        pipe.send((None, None))
        while True:
            message = pipe.recv_bytes()
            if message == STEP:
                ended = worlds.step()
                if ended:
                    pipe.send((None, ended))
                else:
                    pipe.send_bytes(STEP)
                continue
            order, arguments = ForkingPickler.loads(message)
            if order == "close":
                break
            pipe.send((None, getattr(worlds, order)(*arguments)))
        worlds.close()
    except (EOFError, OSError) as error:  # an env's own OSError is reported below; this is the pipe's
        parent = mp.parent_process()
        if parent is not None and parent.is_alive():
            _report(pipe, error)
    except BaseException as error:
        _report(pipe, error)


def _report(pipe: Connection, error: BaseException) -> None:
    told = blamed(error)
    failure = RuntimeError(f"a worker failed:\n{traceback.format_exc()}") if told is None else InputError(told)
    with suppress(OSError):
        pipe.send((failure, None))
