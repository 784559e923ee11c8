"""Long tasks, some at a time, each in a process of its own, which may report and be answered while it runs."""

from __future__ import annotations

import multiprocessing as mp
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

from simonsays.assets.guard import unguarded
from simonsays.assets.plugins import blamed
from simonsays.assets.processes import when_parent_ends
from simonsays.assets.signals import Ending, held_back, let_through

Task = TypeVar("Task")
Result = TypeVar("Result")
Ask = Callable[[Any], Any]
"""given to a task's function: sends a message to the parent and returns its answer; None once the parent is gone"""


@dataclass(frozen=True)
class Failure:
    """A task that raised, or whose process died: what to tell people, and the traceback."""

    error: str
    trace: str = ""

    @staticmethod
    def of(error: BaseException) -> Failure:
        """The failure that an exception is; of bad input, or a plug-in's error, the message is all that people need."""
        told = blamed(error)
        return Failure(f"{type(error).__name__}: {error}", traceback.format_exc()) if told is None else Failure(told)


@dataclass(frozen=True, eq=False)
class _Running(Generic[Task]):
    task: Task
    process: Any
    pipe: Connection


def run_all(
    function: Callable[[Task, Ask], Result],
    tasks: Iterable[Task],
    jobs: int = 1,
    answer: Callable[[Task, Any], Any] = lambda task, message: None,
) -> Iterator[tuple[Task, Result | Failure]]:
    """Pairs of task and result, or what went wrong, as they end; a failed task does not stop the others.

    ``function`` is called with a task and with ``ask``: ``ask(message)`` returns what ``answer(task, message)`` gives
    here. ``tasks`` is read lazily: the next one when there is room for it. With one job all runs in this process.
    When this generator is closed or interrupted, the running tasks are interrupted (KeyboardInterrupt) and waited for.
    """
    if jobs == 1:
        for task in tasks:
            yield task, guarded(function, task, partial(answer, task))
        return
    waiting, running = iter(tasks), dict[Any, _Running[Task]]()
    try:
        while True:
            while len(running) < jobs and (new := next(waiting, None)) is not None:
                started = _start(function, new)
                running[started.pipe] = started
            if not running:
                return
            for pipe in wait(list(running)):
                one = running[pipe]
                if (ended := _hear(one, answer)) is not None:
                    del running[pipe]
                    one.process.join()
                    yield one.task, ended[0]
    finally:
        for one in running.values():
            if one.process.pid is not None and one.process.is_alive():
                os.kill(one.process.pid, signal.SIGINT)
        for one in running.values():
            one.pipe.close()
            one.process.join()


def guarded(function: Callable[[Task, Ask], Result], task: Task, ask: Ask = lambda message: None) -> Result | Failure:
    """The result of a task in this process, or what went wrong."""
    try:
        return function(task, ask)
    except Exception as error:
        return Failure.of(error)


def _start(function: Callable[..., Any], task: Task) -> _Running[Task]:
    context = mp.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_child, args=(function, task, theirs))
    with held_back():
        process.start()
    theirs.close()
    return _Running(task, process, ours)


def _hear(one: _Running[Task], answer: Callable[[Task, Any], Any]) -> tuple[Any] | None:
    """Take one message of a task and answer it; its result in a tuple once it has ended."""
    try:
        kind, message = one.pipe.recv()
        if kind == "ask":
            one.pipe.send(answer(one.task, message))
            return None
        return (message,)
    except (EOFError, OSError):
        one.process.join()
        why = unguarded()
        return (Failure(f"its process ended with exit code {one.process.exitcode}{why and f', {why}'}"),)


def _child(function: Callable[..., Any], task: Any, pipe: Connection) -> None:
    os.setpgid(0, 0)  # Ctrl-C reaches the parent alone, which passes it on once
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also under nohup, which has it ignored
    when_parent_ends(lambda: os.kill(os.getpid(), signal.SIGINT))

    def ask(message: Any) -> Any:
        try:
            pipe.send(("ask", message))
            return pipe.recv()
        except (EOFError, OSError):
            return None  # the parent is gone or ends; a signal has come, or comes

    def do(ending: Ending) -> int:
        let_through()
        result = guarded(function, task, ask)
        with suppress(OSError):  # the parent is gone
            pipe.send(("result", result))
        return 0

    code = Ending().of(do)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's end, too
    sys.exit(code)
