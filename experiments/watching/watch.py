"""``simon watch``: films of a run's newest checkpoint while it trains, which cost the training next to nothing."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from simonsays.agents.runs.run_dir import checkpoints, newest_checkpoint, read_state
from simonsays.agents.runs.sessions import read_record, read_run
from simonsays.agents.training.export import export_run
from simonsays.assets import InputError, needs_extra
from simonsays.assets.notes import dataclass
from simonsays.experiments.film import FilmSettings, render
from simonsays.experiments.jobs.pacing import Pacer
from simonsays.experiments.watching.watch_episode import record_episode
from simonsays.sim.recording import Recording

Say = Callable[[str], None]
_POLL = 2.0  # s between two looks at a run
_SMALL = (320, 180)  # pixels, and frames a second, in TensorBoard
_SMALL_FPS = 10


@dataclass(frozen=True)
class Film:
    """What was filmed."""

    file: Path
    steps: int
    """env steps of training that the policy had"""
    verdict: str
    seconds: float
    """of film"""
    took: float
    """s, from the checkpoint to the film"""

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {**asdict(self), "file": str(self.file)}


@dataclass(frozen=True)
class WatchSettings:
    """How a run is watched.

    Raises:
        InputError: an impossible value.
    """

    size: tuple[int, int] = (480, 270)
    fps: int = 15
    every: float = 600.0
    """s from the beginning of a film to that of the next, at least"""
    seconds: float = 20.0
    """of film, at most"""
    patience: float = 3600.0
    """s without anything new in a run that still says that it trains: then it was killed"""
    tensorboard: bool = False

    def __post_init__(self) -> None:
        FilmSettings(self.size, self.fps, cameras=("follow",))
        for name, least in (("every", 0.0), ("seconds", 0.1), ("patience", 0.0)):
            if not getattr(self, name) >= least:
                raise InputError(f"{name} {getattr(self, name):g}: must be {least:g} s or more")


def film_checkpoint(
    run: Path, checkpoint: Path, settings: WatchSettings | None = None, pacer: Pacer | None = None
) -> Film:
    """Film one checkpoint of a run into ``RUN/films``, named as it is.

    Raises:
        InputError: it is no run, the checkpoint is gone or damaged, or its env has no bundles.
    """
    began, settings, pacer = time.monotonic(), settings or WatchSettings(), pacer or Pacer(share=1.0)
    recipe, steps = read_run(run), int(read_state(checkpoint)["steps"])
    with tempfile.TemporaryDirectory(prefix="simonsays-") as scratch:
        bundle = export_run(run, checkpoint, Path(scratch) / checkpoint.name)
        pacer.rest()
        title = f"{recipe.name}, after {steps:,} steps"
        recording = record_episode(bundle, recipe.env_id, title, settings.seconds, recipe.engine)
        pacer.rest()
    folder = run / "films"
    folder.mkdir(exist_ok=True)
    file = folder / f"{checkpoint.name}.mp4"
    _render(recording, file, settings.size, settings.fps, pacer)
    if settings.tensorboard:
        _summarise(run, recording, steps, pacer)
    length, verdict = float(recording.time[-1] - recording.time[0]), str(recording.meta["verdict"])
    return Film(file, steps, verdict, round(length, 2), round(time.monotonic() - began, 2))


def _render(recording: Recording, file: Path, size: tuple[int, int], fps: int, pacer: Pacer) -> None:
    # One process: more would be faster, and in the way of the training.
    render(
        [recording],
        file,
        FilmSettings(size, fps, cameras=("follow",), renderer="tiny"),
        jobs=1,
        progress=lambda *_: pacer.rest(),
    )


def _summarise(run: Path, recording: Recording, steps: int, pacer: Pacer) -> None:
    """Add the film to TensorBoard, as an animated picture in a log of its own: a second file of events in the
    training's log would hide what the training writes later."""
    from PIL import Image

    with needs_extra("train", "a video summary"):
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

    with tempfile.TemporaryDirectory(prefix="simonsays-") as scratch:
        file = Path(scratch) / "film.gif"
        _render(recording, file, _SMALL, _SMALL_FPS, pacer)
        with Image.open(file) as picture:
            width, height = picture.size
        image = Summary.Image(width=width, height=height, colorspace=3, encoded_image_string=file.read_bytes())
    writer = EventFileWriter(str(run / "logs" / "films"))
    value = Summary.Value(tag="newest_checkpoint", image=image)
    writer.add_event(Event(wall_time=time.time(), step=steps, summary=Summary(value=[value])))
    writer.close()


class Watcher:
    """Watches a run.

    Args:
        say: told what goes on, in a line each time that it changes.

    Raises:
        InputError: it is no run folder.
    """

    def __init__(
        self, run: Path, settings: WatchSettings | None = None, say: Say | None = None, pacer: Pacer | None = None
    ) -> None:
        read_run(run)
        self.run, self.settings, self.films = run, settings or WatchSettings(), list[Film]()
        self._say, self._pacer, self._said = say or (lambda line: None), pacer or Pacer(), ""

    def once(self) -> Film:
        """Film the newest checkpoint now.

        Raises:
            InputError: the run has none, or its env has no bundles.
        """
        return self._film(newest_checkpoint(self.run))

    def follow(self) -> list[Film]:
        """Film the newest checkpoint from time to time until the run has ended, its last one in any case."""
        due = -float("inf")
        while True:
            ended = self.ended()
            newest = self._newest()
            if newest is None and not ended and not checkpoints(self.run):
                self._tell("no checkpoint yet: waiting for the first one")
            if newest is not None and (ended or time.monotonic() >= due):
                due = time.monotonic() + self.settings.every
                self._film_if_there(newest)
            elif ended:
                self._tell(f"the run has ended: {ended}")
                return self.films
            else:
                time.sleep(_POLL)

    def ended(self) -> str:
        """How the run ended, in a word or two; empty while it trains."""
        sessions = read_record(self.run).get("sessions") or [{}]
        status = str(sessions[-1].get("status", "finished"))
        if status != "running":
            return status
        signs = [self.run / "run.json", self.run / "logs" / "progress.csv", *checkpoints(self.run)[-1:]]
        newest = max((sign.stat().st_mtime for sign in signs if sign.exists()), default=0.0)
        return f"nothing new for {time.time() - newest:.0f} s" if time.time() - newest > self.settings.patience else ""

    def _newest(self) -> Path | None:
        """The newest checkpoint that has no film."""
        folders = checkpoints(self.run)
        filmed = not folders or (self.run / "films" / f"{folders[-1].name}.mp4").exists()
        return None if filmed else folders[-1]

    def _film_if_there(self, checkpoint: Path) -> None:
        try:
            self._film(checkpoint)
        except InputError:
            if checkpoint.exists():  # else the training has put newer ones in its place
                raise

    def _film(self, checkpoint: Path) -> Film:
        self._tell(f"filming {checkpoint.name}")
        film = film_checkpoint(self.run, checkpoint, self.settings, self._pacer)
        self.films.append(film)
        self._tell(f"{film.file}: {film.seconds:.1f} s, {film.verdict}, after {film.steps:,} steps")
        return film

    def _tell(self, line: str) -> None:
        if line != self._said:
            self._said = line
            self._say(line)
