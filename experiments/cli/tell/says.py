"""``simon says``: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from simonsays.experiments.cli._common import Camera, Fps, Look, OneRobot, OwnPolicy, PhysicsEngine, Size, Story

Out = Annotated[
    Path | None,
    typer.Option(
        help="Film (.mp4, .gif), contact sheet (.png), page (.html) or recording (.npz).", show_default="demo.mp4"
    ),
]


def run(
    text: Annotated[str, typer.Argument(help="What the robot shall do, in a sentence.")],
    scene: Annotated[str, typer.Option(help="A shipped scene's name, or a TOML file.")] = "playground",
    seed: Annotated[int, typer.Option(help="Of everything random.", min=0)] = 0,
    out: Out = None,
    record: Annotated[Path | None, typer.Option(help="Also write the recording to this .npz.")] = None,
    size: Size = "640x360",
    fps: Fps = 25,
    camera: Camera = "follow",
    look: Look = "light",
    story: Story = False,
    no_video: Annotated[bool, typer.Option("--no-video", help="Write no film.")] = False,
    translator: Annotated[str | None, typer.Option(help="Let a language model read it: deepseek, openai, ...")] = None,
    robot: OneRobot = None,
    policy: OwnPolicy = None,
    engine: PhysicsEngine = "bullet",
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Do what a sentence says: print the plan and each step's verdict, write the film.

    Exit code 0 only if every step succeeded, 1 if the robot failed, 2 for bad input (nothing is written then).
    """
    from simonsays.assets.files import check_writable
    from simonsays.experiments.cli._common import (
        camera_names,
        console,
        parse_size,
        print_json,
        read_instruction,
        show_corrections,
        write_films,
    )
    from simonsays.experiments.film import FilmSettings, check_film

    settings = FilmSettings(parse_size(size), fps, cameras=camera_names(camera), look=look, story=story)
    films, recordings = _files(out, record, no_video)
    for file in films:
        check_film(file)
    for file in recordings:
        check_writable(file, (".npz",))
    instruction, analysis = read_instruction(text, translator=translator)
    show_corrections(analysis)
    screen = console(json_output)
    for note, _ in () if analysis is None else analysis.fillers:
        console(True).print(f"note: passed over {note!r}")
    result = _do(screen, text, instruction, scene=scene, seed=seed, robot=robot, policy=policy, engine=engine)
    for file in recordings:
        result.recording.save(file)
    write_films([result.recording], films, settings, screen)
    written = [str(file) for file in (*recordings, *films)]
    if written:
        screen.print(f"wrote {', '.join(written)}", style="dim")
    if json_output:
        limit = sum(step.time_limit for step in result.plan.steps)
        print_json({**result.recording.meta, "files": written, "time_limit_s": limit})
    raise typer.Exit(0 if result.success else 1)


def _do(screen: Any, text: str, instruction: Any, **how: Any) -> Any:
    """Simulate, and print the plan before and the verdicts after it."""
    from simonsays.experiments.cli._common import language_errors, progress_bar
    from simonsays.experiments.say import run_instruction

    steps = 0

    def begin(plan: Any) -> None:
        nonlocal steps
        steps = len(plan.steps)
        for i, step in enumerate(plan.steps, start=1):
            screen.print(f"  {i}. {step.text}", style="bold")

    with language_errors(text), progress_bar("simulating") as update:
        result = run_instruction(
            text,
            instruction=instruction,
            **how,
            begin=begin,
            watch=lambda time, runner: update(runner.step_index * 100, steps * 100),
        )
    for verdict in result.verdicts:
        mark, style = {"success": ("✓", "green"), "failure": ("✗", "red")}.get(verdict.status, ("–", "dim"))
        taken = f"{verdict.ended - (verdict.started or 0):.1f} s" if verdict.ended is not None else "not begun"
        reason = f": {verdict.reason}" if verdict.reason else ""
        screen.print(f"  {mark} {verdict.text}  {taken}{reason}", style=style)
    return result


def _files(out: Path | None, record: Path | None, no_video: bool) -> tuple[list[Path], list[Path]]:
    """Which films and which recordings are to be written."""
    from simonsays.assets import InputError

    recordings = [record] if record else []
    if out is not None and out.suffix.lower() == ".npz":
        return [], list(dict.fromkeys([*recordings, out]))
    if out is not None and no_video:
        raise InputError(f"--out {out} asks for a film and --no-video for none: leave one of them out")
    return [] if no_video else [out or Path("demo.mp4")], recordings
