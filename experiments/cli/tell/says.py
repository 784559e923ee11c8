"""``simon says``: the main job."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simonsays.experiments.cli._common import OneRobot, OwnPolicy, PhysicsEngine
from simonsays.experiments.cli._films import (
    Audio,
    Camera,
    Closing,
    Facts,
    Fps,
    Logo,
    Look,
    Size,
    Story,
    Subtitle,
    Title,
)

if TYPE_CHECKING:
    from simonsays.envs.language import Analysis, Instruction
    from simonsays.experiments.film import FilmSettings

Out = Annotated[
    Path | None,
    typer.Option(
        help="Film (.mp4, .gif), contact sheet (.png), page (.html) or recording (.npz).", show_default="demo.mp4"
    ),
]
Text = Annotated[
    str | None,
    typer.Argument(help="What the robot shall do, in a sentence; without it, sentences are read one a line."),
]
Perform = Annotated[
    str | None, typer.Option(help="A performance instead of a sentence: a shipped one's name, or a TOML file.")
]
Recover = Annotated[bool, typer.Option("--recover", help="Where it falls it gets up, and begins the step anew.")]


def run(
    ctx: typer.Context,
    text: Text = None,
    scene: Annotated[str, typer.Option(help="A shipped scene's name, or a TOML file.")] = "playground",
    seed: Annotated[int, typer.Option(help="Of everything random.", min=0)] = 0,
    out: Out = None,
    record: Annotated[Path | None, typer.Option(help="Also write the recording to this .npz.")] = None,
    size: Size = "640x360",
    fps: Fps = 25,
    camera: Camera = "director",
    look: Look = "light",
    story: Story = False,
    title: Title = "",
    subtitle: Subtitle = "",
    logo: Logo = None,
    closing: Closing = "",
    facts: Facts = False,
    audio: Audio = None,
    no_video: Annotated[bool, typer.Option("--no-video", help="Write no film.")] = False,
    translator: Annotated[str | None, typer.Option(help="Let a language model read it: deepseek, openai, ...")] = None,
    perform: Perform = None,
    robot: OneRobot = None,
    policy: OwnPolicy = None,
    engine: PhysicsEngine = "bullet",
    recover: Recover = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Do what a sentence says: print the plan and each step's verdict, write the film.

    Without a sentence it is a conversation: one a line, each done before the next one, all of it in one film.
    Exit code 0 only if every step succeeded, 1 if the robot failed, 2 for bad input (nothing is written then).
    """
    from simonsays.experiments.cli._common import console, print_json
    from simonsays.experiments.cli._films import write_films
    from simonsays.experiments.cli._performing import performed, scene_of, script_of, script_settings

    script = script_of(perform, {"a sentence": text, "--translator": translator})
    settings, scene = script_settings(ctx, script, locals()), scene_of(ctx, script, scene)
    films, recordings = _files(out, record, no_video)
    _check(films, recordings, settings)
    screen = console(json_output)
    how: dict[str, Any] = {"scene": scene, "seed": seed, "robot": robot, "policy": policy, "engine": engine}
    how |= {"recover": True} if recover else {}
    if text is None and script is None:
        recording, code = _talk(screen, translator, **how)
        more: dict[str, Any] = {}
    else:
        said = performed(script) if script is not None else _settled(text or "", translator, scene, robot, policy)
        result = _do(screen, *said, **how)
        recording, code = result.recording, 0 if result.success else 1
        more = {"time_limit_s": sum(step.time_limit for step in result.plan.steps)}
    films, recordings = ([], []) if recording is None else (films, recordings)
    for file in recordings:
        recording.save(file)
    write_films([recording], films, settings, screen)
    if written := [str(file) for file in (*recordings, *films)]:
        screen.print(f"wrote {', '.join(written)}", style="dim")
    if json_output:
        print_json({**getattr(recording, "meta", {}), "files": written, **more})
    raise typer.Exit(code)


def _settled(
    text: str, translator: str | None, scene: str, robot: str | None, policy: str | None
) -> tuple[str, Instruction | Analysis]:
    """What a sentence means; on a terminal, what it leaves open is asked."""
    from simonsays.envs.language.context import Question
    from simonsays.envs.language.dialogue import hear
    from simonsays.envs.language.errors import Refusal
    from simonsays.envs.plan.talk import context_of
    from simonsays.envs.policy.choice import chosen
    from simonsays.experiments.cli._common import language_errors, read_instruction, show_reading
    from simonsays.experiments.say import understand
    from simonsays.sim.specs import load_scene

    if translator is not None:
        return text, read_instruction(text, translator=translator)[0]
    world, body = load_scene(scene), chosen(robot, policy)[0]
    said, question = text, None
    while True:
        whole, read = said, None
        try:
            read = hear(said, context_of(None, world, question))
            whole = read.text
            show_reading(read)
            understand(read, world, body.name)
            return (text if question is None else f"{text}; {said}"), read
        except Refusal as error:
            answer = _asked(error) if error.asks else None
            if answer is None:
                with language_errors(whole):
                    raise
            whole = getattr(error, "text", whole)
            question = Question.of(error, whole, None if read is None else read.instruction)
            said = answer


def _asked(error: Exception) -> str | None:
    """What a person at a terminal answers to a refusal; None where there is nobody, or nothing is answered."""
    import sys

    if sys.stdin is None or not sys.stdin.isatty():
        return None
    typer.echo(str(error), err=True)
    return _line()


def _line() -> str | None:
    """The next line that is not empty of standard input, with a prompt for people; None at its end."""
    import sys

    while sys.stdin is not None:
        if sys.stdin.isatty():
            typer.echo("> ", err=True, nl=False)
        line = sys.stdin.readline()
        if not line:
            break
        if line.strip():
            return line.strip()
    return None


def _talk(screen: Any, translator: str | None, **how: Any) -> tuple[Any, int]:
    """Do one sentence after the other; the recording of all, and the exit code."""
    from simonsays.assets import InputError
    from simonsays.experiments.cli._common import pointer
    from simonsays.experiments.conversation import Session
    from simonsays.experiments.live.jobs import Refusal

    if translator is not None:
        raise InputError("--translator: a conversation is read by the grammar; give the sentence on the command line")
    failed = refused = asked = False
    with Session(how.pop("scene"), **how) as session:
        while (text := _line()) is not None:
            reply = session.say(text)
            if isinstance(reply, Refusal):
                start, end = reply.span or (0, 0)
                typer.echo(f"{reply.message}{pointer(reply.text or text, start, end - start)}", err=True)
                refused, asked = refused or not session.asks, session.asks
                continue
            asked, failed = False, failed or reply.status != "success"
            for word, other in reply.corrections:
                typer.echo(f"note: read {word!r} as {other!r}", err=True)
            for note in (one for one in reply.notes if " → " not in one):
                typer.echo(f"note: passed over {note!r}", err=True)
            _verdicts(screen, reply.verdicts, reply.captions)
        return session.recording(), 2 if refused or asked else int(failed)


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
    _verdicts(screen, result.verdicts, [verdict.text for verdict in result.verdicts])
    if any(verdict.reason == "fell" for verdict in result.verdicts) and not how.get("recover"):
        screen.print("  with --recover it gets up and begins the step anew, if the robot can", style="dim")
    return result


def _verdicts(screen: Any, verdicts: Sequence[Any], texts: Sequence[str]) -> None:
    """Print how each step ended."""
    for verdict, text in zip(verdicts, texts, strict=True):
        mark, style = {"success": ("✓", "green"), "failure": ("✗", "red")}.get(verdict.status, ("–", "dim"))
        taken = f"{verdict.ended - (verdict.started or 0):.1f} s" if verdict.ended is not None else "not begun"
        reason = f": {verdict.reason}" if verdict.reason else ""
        fell = f", after {verdict.falls} {'fall' if verdict.falls == 1 else 'falls'}" if verdict.falls else ""
        rose = ", got up first" if verdict.rose else ""
        screen.print(f"  {mark} {text}  {taken}{rose}{fell}{reason}", style=style)


def _check(films: Sequence[Path], recordings: Sequence[Path], settings: FilmSettings) -> None:
    """Refuse what cannot be written, before anything is simulated."""
    from simonsays.assets.files import check_writable
    from simonsays.experiments.film import check_film

    for file in films:
        check_film(file, settings)
    for file in recordings:
        check_writable(file, (".npz",))


def _files(out: Path | None, record: Path | None, no_video: bool) -> tuple[list[Path], list[Path]]:
    """Which films and which recordings are to be written."""
    from simonsays.assets import InputError

    recordings = [record] if record else []
    if out is not None and out.suffix.lower() == ".npz":
        return [], list(dict.fromkeys([*recordings, out]))
    if out is not None and no_video:
        raise InputError(f"--out {out} asks for a film and --no-video for none: leave one of them out")
    return [] if no_video else [out or Path("demo.mp4")], recordings
