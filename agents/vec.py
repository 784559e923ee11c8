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
        own = slice(first, first + count)
        observations, actions, rewards, dones = (array[own] for array in buffers.arrays())
        episodes = [_Episode() for _ in envs]
        pipe.send(None)
        while True:
            order, argument = pipe.recv()
            reply: Any = None
            if order == "step":
                reply = _step(envs, episodes, observations, actions, rewards, dones)
            elif order == "reset":
                for i, env in enumerate(envs):
                    seed = argument[i]
                    observations[i] = env.reset(seed=None if seed == _NO_SEED else seed)[0]
                    episodes[i] = _Episode()
            elif order == "call":
                name, args, options = argument
                reply = [getattr(env, name)(*args, **options) for env in envs]
            elif order == "get":
                reply = [getattr(env, argument) for env in envs]
            else:
                break
            pipe.send((None, reply))
    except (EOFError, KeyboardInterrupt, BrokenPipeError):
        pass
    except BaseException:
        pipe.send((traceback.format_exc(), None))


def _step(
    envs: Sequence[Any],
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
        observations[i] = observation
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
        assert isinstance(observation_space, spaces.Box) and isinstance(action_space, spaces.Box)
        self._per_worker = envs_per_worker
        total = workers * envs_per_worker
        buffers = _Buffers(total, observation_space.shape[0], action_space.shape[0])
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

    def _ask(self, order: str, arguments: Sequence[Any]) -> list[Any]:
        for pipe, argument in zip(self._pipes, arguments, strict=True):
            pipe.send((order, argument))
        return self._replies()

    def _replies(self) -> list[Any]:
        replies = []
        for pipe, process in zip(self._pipes, self._processes, strict=True):
            try:
                failure, reply = pipe.recv()
            except EOFError:
                failure, reply = f"worker process ended with exit code {process.exitcode}", None
            if failure is not None:
                self.close()
                raise RuntimeError(f"a worker failed:\n{failure}")
            replies.append(reply)
        return replies

    def reset(self) -> VecEnvObs:
        """Reset all envs, with the seeds of :meth:`seed` where they were given."""
        seeds = [_NO_SEED if seed is None else seed for seed in self._seeds]
        size = self._per_worker
        self._ask("reset", [seeds[i : i + size] for i in range(0, len(seeds), size)])
        self._reset_seeds()
        return self._observations.copy()

    def step_async(self, actions: np.ndarray) -> None:
        """Send the actions (n, L)."""
        self._actions[:] = actions
        for pipe in self._pipes:
            pipe.send(("step", None))

    def step_wait(self) -> VecEnvStepReturn:
        """Wait for the observations, rewards, dones and infos of all envs."""
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for worker, ended in enumerate(self._replies()):
            for i, info in ended:
                infos[worker * self._per_worker + i] = info
        return self._observations.copy(), self._rewards.copy(), self._dones.copy(), infos

    def env_method(self, method_name: str, *args: Any, indices: VecEnvIndices = None, **kwargs: Any) -> list[Any]:
        """Call a method of every env; the results of those in ``indices``."""
        replies = self._ask("call", [(method_name, args, kwargs)] * len(self._pipes))
        return self._chosen([result for reply in replies for result in reply], indices)

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """An attribute of every env in ``indices``."""
        if attr_name == "render_mode":
            return [None] * len(list(self._get_indices(indices)))
        replies = self._ask("get", [attr_name] * len(self._pipes))
        return self._chosen([result for reply in replies for result in reply], indices)

    def _chosen(self, values: list[Any], indices: VecEnvIndices) -> list[Any]:
        return [values[i] for i in self._get_indices(indices)]

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
