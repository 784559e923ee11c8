"""What the commands that write films share: their options, as settings, and the writing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from simonsays.experiments.film import FilmSettings

Size = Annotated[str, typer.Option(help="Pixels, or wide, vertical, square; of a contact sheet: of each picture.")]
Fps = Annotated[int, typer.Option(help="Frames a second of the film.")]
Camera = Annotated[
    str, typer.Option(help="follow, orbit, front, side, top, first-person, static, close-up, director; or two: A,B.")
]
Layout = Annotated[str, typer.Option(help="Of two cameras: inset, split or auto.")]
Look = Annotated[str, typer.Option(help="light, dark, studio, lab, stage or field; of a page: light or dark.")]
Renderer = Annotated[str, typer.Option("--renderer", help="auto (tiny), tiny or egl.")]
Story = Annotated[bool, typer.Option("--story", help="Title card, closing card and a border of the outcome.")]
Title = Annotated[str, typer.Option(help="Of the film, on a card, in place of the sentence.")]
Subtitle = Annotated[str, typer.Option(help="Below the title.")]
Logo = Annotated[Path | None, typer.Option(help="On the cards: a .png, .jpg or .webp.")]
Closing = Annotated[str, typer.Option(help="On the last card, in place of the verdict.")]
Facts = Annotated[bool, typer.Option("--facts", help="Robot, policy, seed, times and reasons on the cards.")]
Audio = Annotated[Path | None, typer.Option(help="Music or a voice for the .mp4: .wav, .mp3, .m4a, .ogg, .flac, ...")]


def settings_of(options: Mapping[str, Any], **more: Any) -> FilmSettings:
    """The settings of a film among the options of a command, as they were typed.

    Raises:
        InputError: one is impossible; the message names it.
    """
    from simonsays.experiments.film import FilmSettings, film_settings

    known = {field.name for field in fields(FilmSettings)}
    given = {name: value for name, value in options.items() if name in known}
    return film_settings({**given, "cameras": options["camera"], **more})


def write_films(
    recordings: Sequence[Any], files: Sequence[Path], settings: FilmSettings, screen: Any, **options: Any
) -> list[dict[str, Any]]:
    """Render into each file under a progress bar and say by which renderer; returns what there is to print as JSON."""
    from simonsays.experiments.cli._common import progress_bar
    from simonsays.experiments.film import render

    made = []
    for file in files:
        with progress_bar("filming") as update:
            one = render(recordings, file, settings, progress=update, **options)
        if one.renderer:
            screen.print(f"renderer {one.renderer}: {one.reason}", style="dim")
        if one.sound:
            screen.print(f"note: {one.sound}")
        made.append(one.to_json())
    return made
