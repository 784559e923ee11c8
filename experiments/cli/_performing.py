"""Performances on the command line: the script, how it is filmed and where it is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from simonsays.envs.language import Instruction
    from simonsays.experiments.film import FilmSettings


def script_of(perform: str | None, others: Mapping[str, Any]) -> Any:
    """The performance that is asked for, if one is; ``others``: what does not go with it, by what it is called.

    Raises:
        InputError: there is none of that name, its file has a mistake, or something else is asked for, too.
    """
    from simonsays.assets import InputError
    from simonsays.envs.moves.performances import load_performance

    if perform is None:
        return None
    for what, other in others.items():
        if other:
            raise InputError(f"--perform {perform} and {what}: leave one of them out")
    return load_performance(perform)


def script_settings(ctx: typer.Context, script: Any, options: Mapping[str, Any], **more: Any) -> FilmSettings:
    """How it is filmed: as the command line says, then as the performance does, then as usual."""
    from simonsays.experiments.cli._films import settings_of

    with _naming(script):
        own = {} if script is None else {name: value for name, value in script.film.items() if not _told(ctx, name)}
        beside = Path(script.source).parent if own else Path()
        files = {name: beside / own[name] for name in ("logo", "audio") if name in own}
        return settings_of({**options, **own, **files}, **more)


@contextmanager
def _naming(script: Any) -> Iterator[None]:
    """Errors of how it is filmed name the performance, where that says something of it."""
    from simonsays.assets import InputError

    try:
        yield
    except InputError as error:
        if script is None or not script.film:
            raise
        raise InputError(f"{script.source} [film] or the command line: {error}") from error


def _told(ctx: typer.Context, name: str) -> bool:
    """Whether an option is on the command line: what is said there counts for more than what a file says."""
    source = ctx.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def scene_of(ctx: typer.Context, script: Any, scene: str) -> str:
    """The scene: as the command line says, then as the performance does, then as usual."""
    if script is None or script.scene is None or _told(ctx, "scene"):
        return scene
    beside = Path(script.source).parent / str(script.scene)
    return str(beside) if beside.suffix == ".toml" else str(script.scene)


def performed(script: Any) -> tuple[str, Instruction]:
    """What is done, in words and as an Instruction; what of it is passed over is said."""
    from simonsays.envs.language import Instruction
    from simonsays.envs.language.instruction import Step

    notes = tuple(note for part in script.parts() for note in part.instruction.notes)
    for note in dict.fromkeys(notes):
        word, mended, other = note.partition(" → ")
        typer.echo(f"note: read {word!r} as {other!r}" if mended else f"note: passed over {note!r}", err=True)
    return script.title, Instruction((Step("perform", name=script.source),), notes=notes)


def run_script(script: Any, screen: Any, **how: Any) -> tuple[Any, int]:
    """Do a performance: its recording, and the exit code; what failed is printed."""
    from simonsays.experiments.cli._common import language_errors, progress_bar
    from simonsays.experiments.say import run_instruction

    text, instruction = performed(script)
    steps = max(1, sum(len(part.instruction.steps) for part in script.parts()))
    with language_errors(text), progress_bar("simulating") as update:
        result = run_instruction(
            text,
            instruction=instruction,
            **how,
            watch=lambda time, runner: update(min(runner.step_index, steps) * 100, steps * 100),
        )
    for verdict in result.verdicts:
        if verdict.status == "failure":
            screen.print(f"  ✗ {verdict.text}: {verdict.reason}", style="red")
    return result.recording, 0 if result.success else 1
