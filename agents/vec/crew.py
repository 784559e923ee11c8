"""A few worker processes (agents/vec/worker.py): started, asked, started again when they were killed, ended."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing as mp
import os
from collections.abc import Iterator, Mapping
from multiprocessing.reduction import ForkingPickler
from multiprocessing.util import Finalize
from typing import Any

import numpy as np

from simonsays.agents.vec.worker import STEP, Shared, serve
from simonsays.assets import InputError
from simonsays.assets.guard import unguarded
from simonsays.assets.signals import held_back

_MEMORY = "perhaps for want of memory: try fewer workers"
_RESTARTS = 3  # of each worker
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_log = logging.getLogger(__name__)


class Revived(Exception):
    """A worker was dead; it is started again, at the start of new episodes."""


@contextlib.contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Variables of the environment while the block runs, also for processes that are started in it."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
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


def _message(order: str, *arguments: Any) -> bytes:
    return bytes(ForkingPickler.dumps((order, arguments)))


class Crew:
    """Worker processes, each with envs of its own.

    Args:
        count: processes; size: envs in each; shared: their arrays.

    Attributes:
        settings: what the envs are configured with, also those of a worker that is started again.
        lost: a worker was killed, since this was last set to False.

    Raises:
        InputError, RuntimeError: a worker could not start.
    """

    def __init__(self, env_id: str, kwargs: dict[str, Any], count: int, size: int, shared: Shared) -> None:
        self._env_id, self._kwargs, self.size, self._shared = env_id, kwargs, size, shared
        self.settings: dict[str, Any] = {}
        self.lost = False
        self._restarts = [0] * count
        self._pipes: list[Any] = []
        self.processes: list[Any] = []
        for worker in range(count):
            pipe, process = self._started(worker)
            self._pipes.append(pipe)
            self.processes.append(process)
        self._end = Finalize(self, _shut, (self._pipes, self.processes), exitpriority=10)
        try:
            for worker in range(count):
                self._receive(worker)
        except EOFError as error:
            self.close()
            raise InputError(f"a process with environments ended as it began, {unguarded() or _MEMORY}") from error

    def __len__(self) -> int:
        return len(self._pipes)

    @property
    def restarts(self) -> int:
        """How many workers were started again."""
        return sum(self._restarts)

    def close(self) -> None:
        """End the processes; a second call does nothing. Also happens when Python ends or forgets the crew."""
        self._end()

    def ask(self, orders: dict[int, tuple[Any, ...]]) -> list[Any]:
        """Give some workers an order each, with its arguments; their replies. One that died is asked again.

        Raises:
            InputError, RuntimeError: an error in an env (worker.py tells which), or a worker died too often.
        """
        for worker, order in orders.items():
            self._send(worker, _message(*order))
        replies = []
        for worker, order in orders.items():
            try:
                replies.append(self._receive(worker))
            except EOFError:
                self._revive(worker)
                self._send(worker, _message(*order))
                replies.append(self._receive(worker))
        return replies

    def ask_for_step(self) -> None:
        """Let all workers begin a step."""
        for worker in range(len(self)):
            self._send(worker, STEP)

    def step_of(self, worker: int) -> Any:
        """A worker's infos of episodes that ended with its step, by place.

        Raises:
            Revived: it was killed, and no step was made.
            InputError, RuntimeError: an error in an env, or the worker died too often.
        """
        try:
            return self._receive(worker)
        except EOFError as error:
            self._revive(worker)
            raise Revived from error

    def _started(self, worker: int) -> tuple[Any, Any]:
        context = mp.get_context("spawn")
        ours, theirs = context.Pipe()
        arguments = (theirs, self._env_id, self._kwargs, worker * self.size, self.size, self._shared)
        process = context.Process(target=serve, args=arguments, daemon=True)
        with held_back(), environment(dict.fromkeys(_THREADS, "1")):  # thread each: as many processes as cores
            process.start()
        theirs.close()
        return ours, process

    def _send(self, worker: int, message: bytes) -> None:
        with contextlib.suppress(OSError):  # a dead worker is noticed where its answer is awaited
            self._pipes[worker].send_bytes(message)

    def _receive(self, worker: int) -> Any:
        """A worker's answer.

        Raises:
            InputError, RuntimeError: an error in an env.
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
            raise failure
        return reply

    def _revive(self, worker: int) -> None:
        """Start a dead worker again, its envs configured as they were, at the start of new episodes.

        Raises:
            RuntimeError: it died too often.
        """
        self.processes[worker].join()
        code = self.processes[worker].exitcode
        if self._restarts[worker] == _RESTARTS:
            self.close()
            raise RuntimeError(f"worker {worker} ended with exit code {code}, and {_RESTARTS} times before")
        self._restarts[worker] += 1
        self.lost = True
        _log.warning("worker %d ended with exit code %s and is started again; its episodes are truncated", worker, code)
        self._pipes[worker].close()
        self._pipes[worker], self.processes[worker] = self._started(worker)
        seeds = np.random.SeedSequence([worker, self._restarts[worker]]).generate_state(self.size).tolist()
        try:
            self._receive(worker)
            for message in (_message("build", self.settings), _message("reset", [(seed, {}) for seed in seeds])):
                self._send(worker, message)
                self._receive(worker)
        except EOFError:
            self._revive(worker)
