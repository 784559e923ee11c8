"""``simon render``: recordings into films, contact sheets and pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def run(
    recordings: Annotated[list[Path], typer.Argument(help="Recordings (.npz); several are shown side by side.")],
    out: Annotated[Path, typer.Option(help="Film (.mp4, .gif), contact sheet (.png) or page (.html).")],
    camera: Annotated[
        str,
        typer.Option(help="follow, orbit, front, side, top, first-person, static, close-up, director; or two: A,B."),
    ] = "follow",
    layout: Annotated[str, typer.Option(help="Of two cameras: inset, split or auto.")] = "auto",
    label: Annotated[list[str] | None, typer.Option(help="Of a recording, in order. [its file's name]")] = None,
    size: Annotated[str, typer.Option(help="In pixels; of a contact sheet: of each picture.")] = "640x360",
    fps: Annotated[int, typer.Option(help="Frames a second.")] = 25,
    speed: Annotated[float, typer.Option(help="0.25 is slow motion, 2 is twice as fast.")] = 1.0,
    start: Annotated[float | None, typer.Option(help="s of the recording. [its beginning]")] = None,
    end: Annotated[float | None, typer.Option(help="s of the recording. [its end]")] = None,
    look: Annotated[str, typer.Option(help="light or dark.")] = "light",
    renderer: Annotated[str, typer.Option(help="auto, tiny or egl.")] = "auto",
    story: Annotated[bool, typer.Option("--story", help="Title card, closing card, border of the outcome.")] = False,
    captions: Annotated[bool, typer.Option("--captions/--no-captions", help="Instruction and steps.")] = True,
    pictures: Annotated[int, typer.Option(help="How many a contact sheet has.")] = 9,
    jobs: Annotated[int, typer.Option(help="Processes; 0: one a core, at most 4.", min=0)] = 0,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Turn recordings into a film, a contact sheet, or a page that plays them in three dimensions."""
    from simonsays.experiments.cli._common import console, parse_size, print_json, progress_bar
    from simonsays.experiments.film import FilmSettings, check_film, render
    from simonsays.sim.recording import Recording

    check_film(out)
    settings = FilmSettings(
        parse_size(size),
        fps,
        speed,
        start,
        end,
        tuple(name.strip() for name in camera.split(",")),
        layout,
        look,
        renderer,
        captions,
        story,
        tuple(label) if label else tuple(file.stem for file in recordings) if len(recordings) > 1 else (),
    )
    loaded = [Recording.load(file) for file in recordings]
    with progress_bar("filming") as update:
        made = render(loaded, out, settings, jobs=jobs, progress=update, sheet=pictures)
    screen = console(json_output)
    if made.renderer:
        screen.print(f"renderer {made.renderer}: {made.reason}", style="dim", markup=False)
    frames = f", {made.frames} frames" if made.frames else ""
    screen.print(f"wrote {made.file} ({made.seconds:.1f} s{frames})", markup=False)
    if json_output:
        print_json(made.to_json())
