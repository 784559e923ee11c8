"""A vectorised env that steps several worlds in each of a few worker processes, through shared memory."""

from __future__ import annotations

import contextlib
import multiprocessing as mp
import traceback
from collections.abc import Sequence
from ctypes import c_bool, c_float
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from gymnasium import spaces
from stable_baselines3.common.vec_env.base_vec_env import VecEnv, VecEnvIndices, VecEnvObs, VecEnvStepReturn

_NO_SEED = -1


class _Layout:
    """Where each part of an observation stands in a row of numbers; a Box is one part, named ""."""

    def __init__(self, space: spaces.Space[Any]) -> None:
        self._dict = isinstance(space, spaces.Dict)
        parts = dict(space.spaces) if isinstance(space, spaces.Dict) else {"": space}
        self._slices: dict[str, slice] = {}
        self.width = 0
        for name, part in parts.items():
            assert isinstance(part, spaces.Box) and len(part.shape) == 1, f"observation {name!r}: needs a flat Box"
            self._slices[name] = slice(self.width, self.width + part.shape[0])
            self.width += part.shape[0]

    def write(self, row: np.ndarray, observation: Any) -> None:
        """Put an observation into a row (width,)."""
        if not self._dict:
            row[:] = observation
            return
        for name, place in self._slices.items():
            row[place] = observation[name]

    def read(self, rows: np.ndarray) -> VecEnvObs:
        """A copy of rows (n, width) as what stable-baselines3 takes."""
        return {name: rows[:, place].copy() for name, place in self._slices.items()} if self._dict else rows.copy()


class _Buffers:
    """Shared arrays of all envs: observations, actions, rewards, dones."""

    def __init__(self, count: int, observation: int, action: int) -> None:
        ctx = mp.get_context("spawn")
        self._shape = (count, observation, action)
        self._raw = (
            ctx.RawArray(c_float, count * observation),
            ctx.RawArray(c_float, count * action),
            ctx.RawArray(c_float, count),
            ctx.RawArray(c_bool, count),
        )

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """NumPy views: (count, observation), (count, action), (count,), (count,)."""
        count, observation, action = self._shape
        observations, actions, rewards, dones = self._raw
        return (
            np.ctypeslib.as_array(observations).reshape(count, observation),
            np.ctypeslib.as_array(actions).reshape(count, action),
            np.ctypeslib.as_array(rewards),
            np.ctypeslib.as_array(dones).view(np.bool_),
        )


class _Episode:
    """Sums over one env's running episode."""

    def __init__(self) -> None:
        self.reward, self.length = 0.0, 0
        self.terms: dict[str, float] = {}

    def add(self, reward: float, terms: dict[str, float]) -> None:
        self.reward += reward
        self.length += 1
        for name, value in terms.items():
            self.terms[name] = self.terms.get(name, 0.0) + value

    def info(self) -> dict[str, Any]:
        return {"r": self.reward, "l": self.length, "t": 0.0, "terms": self.terms}


def _worker(pipe: Connection, env_id: str, kwargs: dict[str, Any], first: int, count: int, buffers: _Buffers) -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    import gymnasium

    try:
        envs = [gymnasium.make(env_id, disable_env_checker=True, **kwargs).unwrapped for _ in range(count)]
        own, layout = slice(first, first + count), _Layout(envs[0].observation_space)
        observations, actions, rewards, dones = (array[own] for array in buffers.arrays())
        episodes = [_Episode() for _ in envs]
        pipe.send(None)
        while True:
            order, argument = pipe.recv()
            reply: Any = None
            if order == "step":
                reply = _step(envs, layout, episodes, observations, actions, rewards, dones)
            elif order == "reset":
                for i, env in enumerate(envs):
                    seed = argument[i]
                    layout.write(observations[i], env.reset(seed=None if seed == _NO_SEED else seed)[0])
                    episodes[i] = _Episode()
            elif order == "call":
                (name, args, options), places = argument
                reply = [getattr(envs[i], name)(*args, **options) for i in places]
            elif order == "get":
                name, places = argument
                reply = [getattr(envs[i], name) for i in places]
            else:
                break
            pipe.send((None, reply))
    except (EOFError, KeyboardInterrupt, BrokenPipeError):
        pass
    except BaseException:
        pipe.send((traceback.format_exc(), None))


def _step(
    envs: Sequence[Any],
    layout: _Layout,
    episodes: list[_Episode],
    observations: np.ndarray,
    actions: np.ndarray,
    rewards: np.ndarray,
    dones: np.ndarray,
) -> list[tuple[int, dict[str, Any]]]:
    ended = []
    for i, env in enumerate(envs):
        observation, reward, terminated, truncated, info = env.step(actions[i])
        episodes[i].add(reward, info["reward_terms"])
        rewards[i], dones[i] = reward, terminated or truncated
        if dones[i]:
            ended.append(
                (
                    i,
                    {
                        "episode": episodes[i].info(),
                        "terminal_observation": observation,
                        "TimeLimit.truncated": truncated and not terminated,
                        "is_success": info["is_success"],
                    },
                )
            )
            episodes[i] = _Episode()
            observation = env.reset()[0]
        layout.write(observations[i], observation)
    return ended


class WorkerVecEnv(VecEnv):
    """Several worlds a process. A worker that fails raises here, with its own traceback.

    Args:
        env_id: a Gymnasium id; kwargs go to ``gymnasium.make``.
        workers: processes; envs_per_worker: worlds in each.
    """

    def __init__(self, env_id: str, kwargs: dict[str, Any], workers: int, envs_per_worker: int) -> None:
        import gymnasium

        probe = gymnasium.make(env_id, disable_env_checker=True, **kwargs)
        observation_space, action_space = probe.observation_space, probe.action_space
        probe.close()
        # It is closed, but still computes rewards of goals.
        self._judge: Any = probe.unwrapped if hasattr(probe.unwrapped, "compute_reward") else None
        assert isinstance(action_space, spaces.Box)
        self._layout = _Layout(observation_space)
        self._per_worker = envs_per_worker
        total = workers * envs_per_worker
        buffers = _Buffers(total, self._layout.width, action_space.shape[0])
        self._observations, self._actions, self._rewards, self._dones = buffers.arrays()
        context = mp.get_context("spawn")
        self._pipes, self._processes = [], []
        self._waiting = self._closed = False
        for i in range(workers):
            ours, theirs = context.Pipe()
            first = i * envs_per_worker
            process = context.Process(
                target=_worker, args=(theirs, env_id, kwargs, first, envs_per_worker, buffers), daemon=True
            )
            process.start()
            theirs.close()
            self._pipes.append(ours)
            self._processes.append(process)
        for pipe in self._pipes:
            failure = pipe.recv()
            if failure is not None:
                self.close()
                raise RuntimeError(f"a worker could not start:\n{failure[0]}")
        super().__init__(total, observation_space, action_space)

    def _ask(self, order: str, arguments: dict[int, Any]) -> list[Any]:
        """Ask some workers, by number; their replies in that order."""
        for worker, argument in arguments.items():
            self._pipes[worker].send((order, argument))
        return self._replies(list(arguments))

    def _replies(self, workers: Sequence[int]) -> list[Any]:
        replies = []
        for worker in workers:
            try:
                failure, reply = self._pipes[worker].recv()
            except EOFError:
                code = self._processes[worker].exitcode
                failure, reply = f"worker process ended with exit code {code}", None
            if failure is not None:
                self.close()
                raise RuntimeError(f"a worker failed:\n{failure}")
            replies.append(reply)
        return replies

    def reset(self) -> VecEnvObs:
        """Reset all envs, with the seeds of :meth:`seed` where they were given."""
        seeds = [_NO_SEED if seed is None else seed for seed in self._seeds]
        size = self._per_worker
        self._ask("reset", {i: seeds[i * size : (i + 1) * size] for i in range(len(self._pipes))})
        self._reset_seeds()
        return self._layout.read(self._observations)

    def step_async(self, actions: np.ndarray) -> None:
        """Send the actions (n, L)."""
        self._actions[:] = actions
        for pipe in self._pipes:
            pipe.send(("step", None))

    def step_wait(self) -> VecEnvStepReturn:
        """Wait for the observations, rewards, dones and infos of all envs."""
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for worker, ended in enumerate(self._replies(range(len(self._pipes)))):
            for i, info in ended:
                infos[worker * self._per_worker + i] = info
        return self._layout.read(self._observations), self._rewards.copy(), self._dones.copy(), infos

    def env_method(self, method_name: str, *args: Any, indices: VecEnvIndices = None, **kwargs: Any) -> list[Any]:
        """Call a method of the envs in ``indices``, all by default.

        Rewards of goals are computed here: hindsight asks for them with every batch, and a worker's answer would take
        longer than the batch.
        """
        if method_name == "compute_reward" and self._judge is not None:
            return [self._judge.compute_reward(*args, **kwargs)] * len(list(self._get_indices(indices)))
        if method_name == "reconfigure" and self._judge is not None:
            self._judge.reconfigure(*args, **kwargs)
        return self._each("call", (method_name, args, kwargs), indices)

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """An attribute of every env in ``indices``."""
        if attr_name == "render_mode":
            return [None] * len(list(self._get_indices(indices)))
        return self._each("get", attr_name, indices)

    def _each(self, order: str, argument: Any, indices: VecEnvIndices) -> list[Any]:
        """Results of the envs in ``indices``; other envs are left alone."""
        size, wanted = self._per_worker, list(self._get_indices(indices))
        asked: dict[int, list[int]] = {}
        for i in wanted:
            asked.setdefault(i // size, []).append(i % size)
        replies = self._ask(order, {worker: (argument, places) for worker, places in asked.items()})
        found = {
            worker * size + place: result
            for (worker, places), results in zip(asked.items(), replies, strict=True)
            for place, result in zip(places, results, strict=True)
        }
        return [found[i] for i in wanted]

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        """Not supported: envs are changed by their methods."""
        raise NotImplementedError("use env_method")

    def env_is_wrapped(self, wrapper_class: type, indices: VecEnvIndices = None) -> list[bool]:
        """No env is wrapped."""
        return [False] * len(list(self._get_indices(indices)))

    def close(self) -> None:
        """End the worker processes; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        for pipe in self._pipes:
            with contextlib.suppress(OSError):
                pipe.send(("close", None))
        for process in self._processes:
            process.join(timeout=2)
            if process.is_alive():
                process.kill()
                process.join()
