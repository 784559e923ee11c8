"""``simon watch``: films of a training while it goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def run(
    run: Annotated[Path, typer.Argument(help="A run's folder, of simon train.")],
    once: Annotated[bool, typer.Option("--once", help="Film the newest checkpoint now, and end.")] = False,
    every: Annotated[float, typer.Option(help="Minutes from a film to the next, at least.", min=0)] = 10.0,
    seconds: Annotated[float, typer.Option(help="Of film, at most.", min=0.1)] = 20.0,
    size: Annotated[str, typer.Option(help="Of the films, in pixels.")] = "480x270",
    fps: Annotated[int, typer.Option(help="Frames a second.")] = 15,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Also show them in TensorBoard, as the log RUN/logs/films.")
    ] = False,
    patience: Annotated[
        float, typer.Option(help="Minutes without anything new after which the run counts as killed.", min=0)
    ] = 60.0,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document at the end.")] = False,
) -> None:
    """Film the newest checkpoint of a run from time to time, into RUN/films, until the run has ended.

    Runs at the lowest priority in one thread, and takes at most 4% of the processors while the training wants them;
    --once does not wait.
    """
    import os

    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from simonsays.assets import needs_extra
    from simonsays.experiments.cli._common import console, print_json
    from simonsays.experiments.film.settings import size_of
    from simonsays.experiments.jobs.pacing import Pacer, lower_priority

    with needs_extra("train", "reading a training's checkpoints"):
        import simonsays.agents.training.export  # noqa: F401
    from simonsays.experiments.watching.watch import Watcher, WatchSettings

    settings = WatchSettings(size_of(size), fps, every * 60, seconds, patience * 60, tensorboard)
    screen = console(json_output)
    pacer = Pacer(share=1.0) if once else Pacer()
    watcher = Watcher(run, settings, lambda line: screen.print(line), pacer)
    if not once:
        lower_priority()
    films = [watcher.once()] if once else watcher.follow()
    if json_output:
        print_json({"run": str(run), "films": [film.to_json() for film in films]})
