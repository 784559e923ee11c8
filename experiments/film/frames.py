"""The frames of a film, in order, drawn in this process or in several."""

from __future__ import annotations

import ctypes
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.reduction import ForkingPickler
from typing import TYPE_CHECKING, Any

import numpy as np

from simonsays.assets import InputError
from simonsays.assets.guard import unguarded
from simonsays.assets.processes import Pool
from simonsays.experiments.film.drawing import FrameDrawer
from simonsays.experiments.film.settings import FilmSettings
from simonsays.experiments.film.timeline import Moment, prepare
from simonsays.sim.pictures.renderers import choose_renderer
from simonsays.sim.recording import Recording

if TYPE_CHECKING:
    from simonsays.sim.pictures.camera import Picture

_MOST_JOBS, _LEAST_JOBS = 4, 2
_MEMORY = 1200.0  # MB, for all processes, unless more of them are asked for
# MB that a process takes, more for every million pixels of a frame, and for each recording, more with EGL.
_PROCESS, _MEGAPIXEL = 90.0, 130.0
_RECORDING = {"tiny": 40.0, "egl": 300.0}
_CHUNK = 3  # frames a task
_AHEAD = 2  # tasks a process that may wait: frames that nobody takes yet fill the memory
# Fields of a recording that no picture shows.
_UNSEEN = ("policy_observations", "policy_actions", "joint_targets", "contact_pairs", "contact_forces")

_worker: tuple[FrameDrawer, np.ndarray, Any]  # of a worker process, made by its initializer


def default_jobs(size: tuple[int, int], renderer: str = "tiny", recordings: int = 1) -> int:
    """Processes for a film of a size: one a core that this process may use, up to four, within a limit of memory."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    each = _PROCESS + _MEGAPIXEL * size[0] * size[1] / 1e6 + recordings * _RECORDING[renderer]
    room = int(_MEMORY / each)
    least = _LEAST_JOBS if recordings == 1 else 1
    return max(1, min(cores, max(least, min(_MOST_JOBS, room))))


def _start_worker(recordings: Any, settings: FilmSettings, memory: Any, stopped: Any) -> None:
    global _worker
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # EGL says good-bye there, amid what the parent prints
    os.environ.setdefault("LP_NUM_THREADS", "1")  # Mesa's, or each process would take every core
    _worker = FrameDrawer(ForkingPickler.loads(bytes(recordings)), settings), _slots(memory, settings), stopped


def _slots(memory: Any, settings: FilmSettings) -> np.ndarray:
    """(slots, frames a task, height, width, 3) uint8."""
    width, height = settings.size
    return np.frombuffer(memory, np.uint8).reshape(-1, _CHUNK, height, width, 3)


def _draw_chunk(moments: list[Moment], slot: int) -> None:
    drawer, slots, stopped = _worker
    for place, moment in enumerate(moments):
        if not stopped.value:
            slots[slot, place] = drawer.draw(moment)


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
    if settings.renderer == "auto":  # chosen once, or the processes might differ
        settings = replace(settings, renderer=choose_renderer("auto").name)
    chunks = [list(moments[i : i + _CHUNK]) for i in range(0, len(moments), _CHUNK)]
    jobs = min(jobs or default_jobs(settings.size, settings.renderer, len(recordings)), len(chunks))
    if jobs == 1:
        with closing(FrameDrawer(recordings, settings)) as drawer:
            for moment in moments:
                yield drawer.draw(moment)
        return
    yield from _in_processes(recordings, chunks, settings, jobs)


def _lean(recording: Recording) -> Recording:
    others = tuple(map(_lean, recording.others))
    return replace(recording, others=others, **dict.fromkeys(_UNSEEN))  # type: ignore[arg-type]


def _in_processes(
    recordings: Sequence[Recording], chunks: list[list[Moment]], settings: FilmSettings, jobs: int
) -> Iterator[Picture]:
    context = get_context("spawn")
    # No lock in it, which a worker that is killed might hold for ever.
    stopped = context.RawValue(ctypes.c_bool, False)
    # Pictures pass through shared memory: of one in a pipe, the pool would wait for ever for the half that a worker
    # had not written when it was killed.
    most = jobs * _AHEAD
    memory = context.RawArray(ctypes.c_uint8, most * _CHUNK * settings.size[0] * settings.size[1] * 3)
    slots = _slots(memory, settings)
    lean = [_lean(recording) for recording in recordings]
    # What a worker is started with must fit into a pipe: whoever writes more waits for ever for one that dies first.
    data = bytes(ForkingPickler.dumps(lean))
    shared = context.RawArray(ctypes.c_uint8, len(data))
    ctypes.memmove(shared, data, len(data))
    # An executor, not a Pool: a worker that is killed raises here, where a Pool would wait for ever.
    pool = Pool(jobs, _start_worker, (shared, settings, memory, stopped))
    waiting: deque[Future[None]] = deque()

    def taken(place: int) -> Iterator[Picture]:
        waiting.popleft().result()
        yield from slots[place % most, : len(chunks[place])].copy()

    try:
        for place, chunk in enumerate(chunks):
            if place >= most:
                yield from taken(place - most)
            waiting.append(pool.submit(_draw_chunk, chunk, place % most))
        for place in range(max(0, len(chunks) - most), len(chunks)):
            yield from taken(place)
    except BrokenProcessPool as error:
        why = unguarded() or "perhaps for want of memory: try fewer jobs"
        raise InputError(f"a process that drew frames has ended early, {why}") from error
    finally:
        stopped.value = True
        pool.shutdown(cancel_futures=True)
