"""``simon bench watch``: what it costs a training to be watched, side by side in one training."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from simonsays.agents.measure.estimates import median
from simonsays.assets.signals import held_back, let_through

Progress = Callable[[int, int], None]
_WARM_UP = 2  # iterations that are not measured: imports, allocations


def bench_watch(name: str, rounds: int = 24, progress: Progress | None = None, block: int = 1) -> dict[str, Any]:
    """Train a recipe while a watcher, in a process of its own, films without a pause, and is stopped by turns.

    A block of ``block`` iterations with the watcher and one without make a pair, the order changing from pair to pair.
    A real watcher films once in ten minutes: this is the worst case.

    Returns:
        ``slowdown`` (0 to 1): the median over the pairs of 1 minus the ratio of env steps a second, with its 95%
        interval, the rates, and ``watcher_share`` of the machine's processors while it was let go.

    Raises:
        InputError: no such recipe, or its env has no bundles.
    """
    from simonsays.agents.recipes.recipe import load_recipe, with_steps
    from simonsays.agents.training.options import TrainOptions
    from simonsays.agents.training.train import train

    recipe = load_recipe(name)
    iteration = recipe.workers * recipe.envs_per_worker * recipe.hyperparameters.model_dump()["n_steps"]
    count = _WARM_UP + 1 + 2 * rounds * block
    with tempfile.TemporaryDirectory(prefix="simonsays-") as scratch:
        watched, run = Path(scratch) / "watched", Path(scratch) / "run"
        first = recipe.model_copy(update={"checkpoint_steps": 1})
        train(first, watched, TrainOptions(on_checkpoint=lambda folder: False))
        os.environ.setdefault("OMP_NUM_THREADS", "1")  # of the watcher; this process has chosen its threads
        process = get_context("spawn").Process(target=_film_for_ever, args=(watched,), daemon=True)
        with held_back():
            process.start()
        assert process.pid is not None
        turns = _Turns(process.pid, rounds, block, progress)
        try:
            while not list((watched / "films").glob("step_*")):  # the first film has not been made
                if not process.is_alive():
                    raise RuntimeError("the watcher ended before its first film")
                time.sleep(0.2)
            steps = count * iteration  # one checkpoint, at the end
            long = with_steps(recipe.model_copy(update={"checkpoint_steps": steps, "renew_steps": steps}), steps)
            train(long, run, TrainOptions(report=turns.report, on_checkpoint=lambda folder: False))
        finally:
            os.kill(process.pid, signal.SIGCONT)
            process.terminate()
            process.join()
    return {"recipe": recipe.name, "block_env_steps": block * iteration, **turns.result()}


def _film_for_ever(run: Path) -> None:
    from simonsays.agents.runs.run_dir import newest_checkpoint
    from simonsays.experiments.jobs.pacing import Pacer, lower_priority
    from simonsays.experiments.watching.watch import WatchSettings, film_checkpoint

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that a half-written film is cleared away
    let_through(signal.SIGTERM)
    newest = newest_checkpoint(run)
    film_checkpoint(run, newest, WatchSettings(size=(64, 64), fps=1, seconds=0.1))  # imports, which are not measured
    lower_priority()
    pacer = Pacer()
    while True:
        film_checkpoint(run, newest, WatchSettings(), pacer)


@dataclass
class _Turns:
    """Lets the watcher go and stops it, from one block of a training's iterations to the next, and keeps the rates."""

    pid: int
    rounds: int
    block: int
    progress: Progress | None
    rates: dict[bool, list[float]] = field(default_factory=lambda: {True: [], False: []})
    shares: list[float] = field(default_factory=list)
    seen: int = 0
    mark: tuple[float, float, int] = (0.0, 0.0, 0)

    def report(self, now: dict[str, Any]) -> None:
        """After every iteration of the training."""
        place, rest = divmod(self.seen - _WARM_UP, self.block)
        self.seen += 1
        if rest or place < 0 or place > 2 * self.rounds:
            return
        clock, used = time.perf_counter(), _processor_time(self.pid)
        if place:
            watched, (began, had, steps) = self._watched(place - 1), self.mark
            self.rates[watched].append((now["steps"] - steps) / (clock - began))
            if watched:
                self.shares.append((used - had) / (clock - began) / (os.cpu_count() or 1))
        os.kill(self.pid, signal.SIGCONT if self._watched(place) else signal.SIGSTOP)
        self.mark = clock, used, now["steps"]
        if self.progress is not None:
            self.progress(place, 2 * self.rounds)

    def _watched(self, place: int) -> bool:
        """On, off, off, on, on, off ...: a machine that slows down favours neither."""
        return (place + 1) // 2 % 2 == 0

    def result(self) -> dict[str, Any]:
        """The figures."""
        slower = median([1.0 - a / b for a, b in zip(self.rates[True], self.rates[False], strict=False)])
        return {
            "pairs": slower.count,
            "slowdown": slower.value,
            "slowdown_interval": [slower.low, slower.high],
            "steps_per_second": {
                "watched": float(np.median(self.rates[True])),
                "alone": float(np.median(self.rates[False])),
            },
            "watcher_share": float(np.mean(self.shares)),
        }


def _processor_time(pid: int) -> float:
    """s that a process and its ended children used."""
    said = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(float(said[place]) for place in (11, 12, 13, 14)) / os.sysconf("SC_CLK_TCK")
