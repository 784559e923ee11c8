"""The frames of a film, in order, drawn in this process or in several."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from simonsays.experiments.film.drawing import FrameDrawer
from simonsays.experiments.film.settings import FilmSettings
from simonsays.experiments.film.timeline import Moment, prepare
from simonsays.sim.recording import Recording

if TYPE_CHECKING:
    from simonsays.sim.camera import Picture

MOST_JOBS = 4
"""processes that are started unless more are asked for: each takes some 200 MB"""
_CHUNK = 6  # frames a task
_AHEAD = 2  # tasks a process that may wait: frames that nobody takes yet fill the memory

_drawer: FrameDrawer | None = None  # one a worker process, made by its initializer
_stopped: Any = None


def default_jobs() -> int:
    """Processes for a film: one a core that this process may use, up to MOST_JOBS."""
    return max(
        1, min(MOST_JOBS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    )


def _start_worker(recordings: Sequence[Recording], settings: FilmSettings, stopped: Any, parent: int) -> None:
    global _drawer, _stopped
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its workers
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    _stopped, _drawer = stopped, FrameDrawer(recordings, settings)


def _end_with(parent: int) -> None:
    """End this process when its parent has died without ending it."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)


def _draw_chunk(moments: list[Moment]) -> list[Picture]:
    assert _drawer is not None
    return [_drawer.draw(moment) for moment in moments if not _stopped.is_set()]


def frames(recordings: Recording | Sequence[Recording], settings: FilmSettings, jobs: int = 0) -> Iterator[Picture]:
    """(height, width, 3) uint8, one a frame; equal whatever the number of processes (0: as default_jobs says).

    Raises:
        InputError: an empty recording, a start after its end, or a renderer that does not work.
    """
    several = [recordings] if isinstance(recordings, Recording) else list(recordings)
    fitted, moments = prepare(several, settings)
    yield from draw_moments(fitted, moments, settings, jobs)


def draw_moments(
    recordings: Sequence[Recording], moments: Sequence[Moment], settings: FilmSettings, jobs: int = 0
) -> Iterator[Picture]:
    """The same of recordings that have been prepared."""
    chunks = [list(moments[i : i + _CHUNK]) for i in range(0, len(moments), _CHUNK)]
    jobs = min(jobs or default_jobs(), len(chunks))
    if jobs == 1:
        drawer = FrameDrawer(recordings, settings)
        try:
            for moment in moments:
                yield drawer.draw(moment)
        finally:
            drawer.close()
        return
    yield from _in_processes(recordings, chunks, settings, jobs)


def _in_processes(
    recordings: Sequence[Recording], chunks: list[list[Moment]], settings: FilmSettings, jobs: int
) -> Iterator[Picture]:
    context = get_context("spawn")
    stopped = context.Event()
    lean = [_lean(recording) for recording in recordings]
    # An executor, not a Pool: a worker that is killed raises here, where a Pool would wait for ever.
    pool = ProcessPoolExecutor(jobs, context, _start_worker, (lean, settings, stopped, os.getpid()))
    waiting: deque[Future[list[Picture]]] = deque()
    try:
        for chunk in chunks:
            waiting.append(pool.submit(_draw_chunk, chunk))
            if len(waiting) >= jobs * _AHEAD:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    finally:
        stopped.set()
        pool.shutdown(cancel_futures=True)


def _lean(recording: Recording) -> Recording:
    """Without what no picture shows."""
    return replace(recording, policy_observations=None, policy_actions=None, joint_targets=None)
