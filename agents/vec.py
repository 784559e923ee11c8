"""A vectorised env that steps several worlds in each of a few worker processes, through shared memory."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing as mp
import os
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.reduction import ForkingPickler
from multiprocessing.util import Finalize
from typing import Any, NamedTuple

import numpy as np
from gymnasium import spaces
from simonsays.agents.worker import STEP, Shared, make_env, serve
from stable_baselines3.common.vec_env.base_vec_env import VecEnv, VecEnvIndices, VecEnvObs, VecEnvStepReturn

Call = tuple[int, str, dict[str, Any]]
"""steps before it, "reset" or "reconfigure", and the latter's settings"""

_RESTARTS = 3  # of each worker
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_log = logging.getLogger(__name__)


class History(NamedTuple):
    """All that the envs were told since :meth:`WorkerVecEnv.record`: replayed, it brings them to the same state."""

    actions: list[np.ndarray]
    """of each step (n, ...)"""
    calls: list[Call]


@contextlib.contextmanager
def _single_threaded() -> Iterator[None]:
    """Processes that are started now use one thread each: there are as many of them as the cores allow."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _shut(pipes: list[Any], processes: list[Any]) -> None:
    """End worker processes, gently first."""
    for pipe in pipes:
        with contextlib.suppress(OSError):
            pipe.send(("close", ()))
    for pipe, process in zip(pipes, processes, strict=True):
        process.join(timeout=2)
        if process.is_alive():
            process.kill()
            process.join()
        pipe.close()


class WorkerVecEnv(VecEnv):
    """Several worlds a process, with resets in the same step as an episode's end.

    The info of a step is empty but where an episode ended: there it is the env's own, with ``episode`` (reward ``r``,
    length ``l`` and the sums ``terms`` of the reward terms), ``terminal_observation`` and ``TimeLimit.truncated``.

    An error in an env is raised here, with the worker's own traceback. A worker that was killed is started again, a
    few times: its episodes end as truncated, without ``episode`` in their info, and ``lost`` is set.

    Args:
        env_id: a Gymnasium id; kwargs go to ``gymnasium.make``.
        workers: processes; envs_per_worker: worlds in each.

    Raises:
        InputError: a space that does not fit into arrays.
        RuntimeError: a worker could not start.
    """

    def __init__(self, env_id: str, kwargs: dict[str, Any], workers: int, envs_per_worker: int) -> None:
        probe = make_env(env_id, kwargs)
        observation_space, action_space = probe.observation_space, probe.action_space
        probe.close()
        # It is closed, but still computes rewards of goals.
        self._judge: Any = probe.unwrapped if hasattr(probe.unwrapped, "compute_reward") else None
        total = workers * envs_per_worker
        self._env_id, self._kwargs, self._per_worker = env_id, kwargs, envs_per_worker
        self._shared = Shared(total, observation_space, action_space)
        self._dict = isinstance(observation_space, spaces.Dict)
        self._observations = self._shared.observations()
        self._actions, self._rewards, self._dones = (self._shared.array(n) for n in ("actions", "rewards", "dones"))
        self._settings: dict[str, Any] = {}
        self._history: History | None = None
        self._restarts = [0] * workers
        self.lost = False
        """a worker was killed since the last :meth:`record`: the history does not lead to the envs' state any more"""
        self._pipes: list[Any] = [None] * workers
        self._processes: list[Any] = [None] * workers
        for worker in range(workers):
            self._start(worker)
        self._end = Finalize(self, _shut, (self._pipes, self._processes), exitpriority=10)
        for worker in range(workers):
            self._receive(worker)
        super().__init__(total, observation_space, action_space)
        self._last = self._read()

    @property
    def restarts(self) -> int:
        """How many workers were started again."""
        return sum(self._restarts)

    def _start(self, worker: int) -> None:
        context = mp.get_context("spawn")
        ours, theirs = context.Pipe()
        first, count = worker * self._per_worker, self._per_worker
        arguments = (theirs, self._env_id, self._kwargs, first, count, self._shared)
        process = context.Process(target=serve, args=arguments, daemon=True)
        with _single_threaded():
            process.start()
        theirs.close()
        self._pipes[worker], self._processes[worker] = ours, process

    # Orders and answers.

    def _send(self, worker: int, message: bytes) -> None:
        with contextlib.suppress(OSError):  # a dead worker is noticed where its answer is awaited
            self._pipes[worker].send_bytes(message)

    def _receive(self, worker: int) -> Any:
        """A worker's answer.

        Raises:
            RuntimeError: an error in an env.
            EOFError: the worker is dead.
        """
        try:
            answer = self._pipes[worker].recv_bytes()
        except OSError as error:
            raise EOFError from error
        if answer == STEP:
            return ()
        failure, reply = ForkingPickler.loads(answer)
        if failure is not None:
            self.close()
            raise RuntimeError(f"a worker failed:\n{failure}")
        return reply

    def _ask(self, orders: dict[int, tuple[Any, ...]]) -> list[Any]:
        """Give some workers an order each; their replies. One that died meanwhile is started and asked again."""
        messages = {worker: bytes(ForkingPickler.dumps((o[0], o[1:]))) for worker, o in orders.items()}
        for worker, message in messages.items():
            self._send(worker, message)
        replies = []
        for worker, message in messages.items():
            try:
                replies.append(self._receive(worker))
            except EOFError:
                self._revive(worker)
                self._send(worker, message)
                replies.append(self._receive(worker))
        return replies

    def _revive(self, worker: int) -> None:
        """Start a dead worker again, its envs configured as they were, at the start of new episodes.

        Raises:
            RuntimeError: it died too often.
        """
        self._processes[worker].join()
        code = self._processes[worker].exitcode
        if self._restarts[worker] == _RESTARTS:
            self.close()
            raise RuntimeError(f"worker {worker} ended with exit code {code}, and {_RESTARTS} times before")
        self._restarts[worker] += 1
        self.lost = True
        _log.warning("worker %d ended with exit code %s and is started again; its episodes are truncated", worker, code)
        self._pipes[worker].close()
        self._start(worker)
        count = self._per_worker
        seeds = np.random.SeedSequence([worker, self._restarts[worker]]).generate_state(count).tolist()
        try:
            self._receive(worker)
            for order, arguments in (("build", (self._settings,)), ("reset", (seeds, [{}] * count))):
                self._send(worker, bytes(ForkingPickler.dumps((order, arguments))))
                self._receive(worker)
        except EOFError:
            self._revive(worker)

    # What stable-baselines3 asks for.

    def _read(self) -> VecEnvObs:
        """A copy of the observations."""
        found = {name: rows.copy() for name, rows in self._observations.items()}
        return found if self._dict else found[""]

    def reset(self) -> VecEnvObs:
        """Reset all envs, with the seeds of :meth:`seed` and the options of :meth:`set_options` where given."""
        size = self._per_worker
        parts = [slice(i * size, (i + 1) * size) for i in range(len(self._pipes))]
        replies = self._ask({i: ("reset", self._seeds[own], self._options[own]) for i, own in enumerate(parts)})
        self.reset_infos = [info for infos in replies for info in infos]
        if self._history is not None:
            self._history.calls.append((len(self._history.actions), "reset", {}))
        self._reset_seeds()
        self._reset_options()
        self._last = self._read()
        return self._last

    def step_async(self, actions: np.ndarray) -> None:
        """Send the actions (n, ...)."""
        self._actions[:] = actions
        if self._history is not None:
            self._history.actions.append(self._actions.copy())
        for worker in range(len(self._pipes)):
            self._send(worker, STEP)

    def step_wait(self) -> VecEnvStepReturn:
        """Wait for the observations, rewards, dones and infos of all envs."""
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for worker in range(len(self._pipes)):
            first = worker * self._per_worker
            try:
                ended = self._receive(worker)
            except EOFError:
                self._revive(worker)
                ended = self._cut_off(first)
            for i, info in ended:
                infos[first + i] = info
        self._last = self._read()
        return self._last, self._rewards.copy(), self._dones.copy(), infos

    def _cut_off(self, first: int) -> list[tuple[int, dict[str, Any]]]:
        """The episodes of a worker that died: they end with what was last observed of them."""
        own = slice(first, first + self._per_worker)
        self._rewards[own], self._dones[own] = 0.0, True
        rows = self._last if isinstance(self._last, dict) else {"": self._last}
        cut = []
        for i in range(self._per_worker):
            last = {name: np.asarray(array)[first + i] for name, array in rows.items()}
            info = {"terminal_observation": last if self._dict else last[""], "TimeLimit.truncated": True}
            cut.append((i, info))
        return cut

    def env_method(self, method_name: str, *args: Any, indices: VecEnvIndices = None, **kwargs: Any) -> list[Any]:
        """Call a method of the envs in ``indices``, all by default.

        Rewards of goals are computed here: hindsight asks for them with every batch, and a worker's answer would take
        longer than the batch.
        """
        if method_name == "compute_reward" and self._judge is not None:
            return [self._judge.compute_reward(*args, **kwargs)] * len(list(self._get_indices(indices)))
        if method_name == "reconfigure":
            if self._judge is not None:
                self._judge.reconfigure(*args, **kwargs)
            self._settings = {**self._settings, **kwargs}
            if self._history is not None:
                self._history.calls.append((len(self._history.actions), "reconfigure", kwargs))
        return self._each(("call", method_name, args, kwargs), indices)

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """An attribute of every env in ``indices``."""
        if attr_name == "render_mode":
            return [None] * len(list(self._get_indices(indices)))
        return self._each(("get", attr_name), indices)

    def _each(self, order: tuple[Any, ...], indices: VecEnvIndices) -> list[Any]:
        """Results of the envs in ``indices``; other envs are left alone."""
        size, wanted = self._per_worker, list(self._get_indices(indices))
        asked: dict[int, list[int]] = {}
        for i in wanted:
            asked.setdefault(i // size, []).append(i % size)
        replies = self._ask({worker: (*order, places) for worker, places in asked.items()})
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
        """Episodes are counted as by a Monitor; no other wrapper is told of."""
        return [wrapper_class.__name__ == "Monitor"] * len(list(self._get_indices(indices)))

    def close(self) -> None:
        """End the worker processes; a second call does nothing. Also happens when Python ends or forgets the env."""
        self._end()

    # Exact continuation.

    def rebuild(self, settings: dict[str, Any]) -> None:
        """Make all envs anew: nothing of the old physics is left, and equal seeds then give equal trajectories."""
        self._settings, self._history = dict(settings), None
        if self._judge is not None and settings:
            self._judge.reconfigure(**settings)
        self._ask(dict.fromkeys(range(len(self._pipes)), ("build", settings)))

    def record(self) -> None:
        """Begin a new history: from here on, all that the envs are told is kept."""
        self._history, self.lost = History([], []), False

    @property
    def history(self) -> History:
        """What was recorded so far."""
        assert self._history is not None, "call record first"
        return self._history

    def replay(self, actions: Sequence[np.ndarray], calls: Sequence[Call], report: Callable[[int], None]) -> VecEnvObs:
        """Tell the envs a history once more, while recording it; the last observations."""
        for done in range(len(actions) + 1):
            for _, name, settings in (call for call in calls if call[0] == done):
                if name == "reset":
                    self.reset()
                else:
                    self.env_method(name, **settings)
            if done < len(actions):
                self.step(actions[done])
                report(done + 1)
        return self._last
