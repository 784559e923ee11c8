"""The options of films that commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from simonsays.experiments.film import FilmSettings

Size = Annotated[str, typer.Option(help="Of the film, in pixels; of a contact sheet: of each picture.")]
Fps = Annotated[int, typer.Option(help="Frames a second of the film.")]
Camera = Annotated[
    str, typer.Option(help="follow, orbit, front, side, top, first-person, static, close-up, director; or two: A,B.")
]
Layout = Annotated[str, typer.Option(help="Of two cameras: inset, split or auto.")]
Look = Annotated[str, typer.Option(help="light or dark.")]
Engine = Annotated[str, typer.Option("--renderer", help="auto, tiny or egl.")]
Story = Annotated[bool, typer.Option("--story", help="Title card, closing card and a border of the outcome.")]


def camera_names(text: str) -> tuple[str, ...]:
    """``a,b`` to (a, b)."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def write_films(
    recordings: list[Any], files: list[Path], settings: FilmSettings, screen: Any, **options: Any
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
        made.append(one.to_json())
    return made
