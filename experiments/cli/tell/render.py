"""``simon render``: recordings into films, contact sheets and pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simonsays.experiments.cli._common import PhysicsEngine
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

Recordings = Annotated[list[Path] | None, typer.Argument(help="Recordings (.npz); several stand side by side.")]
Label = Annotated[list[str] | None, typer.Option(help="Of a recording, in order.", show_default="its file's name")]
Perform = Annotated[
    str | None,
    typer.Option(help="In place of recordings: do a performance, a shipped one's name or a TOML file, and film it."),
]


def run(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(help="Film (.mp4, .gif), contact sheet (.png) or page (.html).")],
    recordings: Recordings = None,
    perform: Perform = None,
    scene: Annotated[str, typer.Option(help="Of --perform: a shipped scene's name, or a TOML file.")] = "playground",
    engine: PhysicsEngine = "bullet",
    camera: Camera = "director",
    layout: Layout = "auto",
    label: Label = None,
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
    """Turn recordings, or a performance, into a film, a contact sheet, or a page that plays them in three dimensions.

    Exit code 1 if the robot failed in the performance; the film shows it.
    """
    from simonsays.assets import InputError
    from simonsays.experiments.cli._common import console, print_json
    from simonsays.experiments.cli._films import write_films
    from simonsays.experiments.cli._performing import run_script, scene_of, script_of, script_settings
    from simonsays.experiments.film import check_film
    from simonsays.sim.recording import Recording

    script, files = script_of(perform, {"a recording": recordings}), recordings or []
    if script is None and not files:
        raise InputError("nothing to render: name a recording (.npz), or --perform a performance")
    names = [file.stem for file in files] if len(files) > 1 and not montage else []
    settings = script_settings(ctx, script, locals(), labels=label or names)
    check_film(out, settings)
    screen = console(json_output)
    if script is None:
        loaded, code = [Recording.load_all(file) for file in files], 0
    else:
        recording, code = run_script(script, screen, scene=scene_of(ctx, script, scene), engine=engine)
        loaded = [recording]
    (made,) = write_films(loaded, [out], settings, screen, jobs=jobs, sheet=pictures)
    frames = f", {made['frames']} frames" if made["frames"] else ""
    screen.print(f"wrote {out} ({made['seconds']:.1f} s{frames})")
    if json_output:
        print_json(made)
    raise typer.Exit(code)
