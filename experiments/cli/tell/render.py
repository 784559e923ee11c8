"""``simon render``: recordings into films, contact sheets and pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simonsays.experiments.cli._films import (
    Audio,
    Camera,
    Closing,
    Facts,
    Fps,
    Layout,
    Logo,
    Look,
    Renderer,
    Size,
    Story,
    Subtitle,
    Title,
)


def run(
    recordings: Annotated[list[Path], typer.Argument(help="Recordings (.npz); several stand side by side.")],
    out: Annotated[Path, typer.Option(help="Film (.mp4, .gif), contact sheet (.png) or page (.html).")],
    camera: Camera = "director",
    layout: Layout = "auto",
    label: Annotated[
        list[str] | None, typer.Option(help="Of a recording, in order.", show_default="its file's name")
    ] = None,
    size: Size = "640x360",
    fps: Fps = 25,
    speed: Annotated[float, typer.Option(help="0.25 is slow motion, 2 is twice as fast.")] = 1.0,
    start: Annotated[float | None, typer.Option(help="s of the recording.", show_default="its beginning")] = None,
    end: Annotated[float | None, typer.Option(help="s of the recording.", show_default="its end")] = None,
    look: Look = "light",
    renderer: Renderer = "auto",
    story: Story = False,
    title: Title = "",
    subtitle: Subtitle = "",
    logo: Logo = None,
    closing: Closing = "",
    facts: Facts = False,
    audio: Audio = None,
    montage: Annotated[bool, typer.Option("--montage", help="Show recordings one after the other.")] = False,
    captions: Annotated[bool, typer.Option("--captions/--no-captions", help="Instruction and steps.")] = True,
    pictures: Annotated[int, typer.Option(help="How many a contact sheet has.")] = 9,
    jobs: Annotated[int, typer.Option(help="Processes; 0: one a core, at most 4.", min=0)] = 0,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Turn recordings into a film, a contact sheet, or a page that plays them in three dimensions."""
    from simonsays.experiments.cli._common import console, print_json
    from simonsays.experiments.cli._films import settings_of, write_films
    from simonsays.experiments.film import check_film
    from simonsays.sim.recording import Recording

    names = [file.stem for file in recordings] if len(recordings) > 1 and not montage else []
    settings = settings_of(locals(), labels=label or names)
    check_film(out, settings)
    loaded = [Recording.load_all(file) for file in recordings]
    screen = console(json_output)
    (made,) = write_films(loaded, [out], settings, screen, jobs=jobs, sheet=pictures)
    frames = f", {made['frames']} frames" if made["frames"] else ""
    screen.print(f"wrote {out} ({made['seconds']:.1f} s{frames})")
    if json_output:
        print_json(made)
