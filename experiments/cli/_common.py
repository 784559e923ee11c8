"""What the commands share: consoles, progress bars, JSON, and options of running over a cluster."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from simonsays.assets import InputError, did_you_mean
from simonsays.assets.defaults import DEFAULT_ROBOT


def console(json_output: bool = False) -> Any:
    """A rich console on standard output; on standard error where that is kept for JSON.

    What is printed is taken as it stands, brackets included; ``markup=True`` is for texts of our own alone.
    """
    from rich.console import Console

    return Console(stderr=json_output, highlight=False, soft_wrap=True, markup=False)


@contextmanager
def progress_bar(
    label: str, show: bool = True, transient: bool = True, after: float = 0.0
) -> Iterator[Callable[..., None]]:
    """A bar with the time left on standard error; silent where that is no terminal. Yields update(done, total).

    A third argument of ``update`` replaces the label. ``transient``: nothing is left of it at the end. ``after``: s,
    before which it is not shown.
    """
    from time import monotonic

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    screen = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=screen, disable=not (show and screen.is_terminal), transient=transient)
    task, began = bar.add_task(label, total=None), monotonic()

    def update(done: int, total: int, text: str | None = None) -> None:
        bar.update(task, completed=done, total=total, description=text or label)
        if not bar.live.is_started and monotonic() - began >= after:
            bar.start()

    try:
        if not after:
            bar.start()
        yield update
    finally:
        if bar.live.is_started:
            bar.stop()


def make_folder(option: str, folder: Path) -> None:
    """Make the folder of results before there are any.

    Raises:
        InputError: there is a file, or it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{option} {folder}: cannot be made: {error.strerror}") from error


@contextmanager
def interruptible(how: str) -> Iterator[None]:
    """Where Ctrl-C comes, say on standard error how to go on, and end with exit code 130."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(f"interrupted; {how}", err=True)
        raise typer.Exit(130) from None


def print_table(header: Iterable[str], rows: Iterable[Iterable[str]], title: str | None = None) -> None:
    """A table on standard output."""
    from rich.table import Table

    shown = Table(*header, title=title)
    for row in rows:
        shown.add_row(*row)
    console().print(shown)


def print_json(data: Any) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=1) + "\n")


def answer(json_output: bool, data: Any, text: str) -> None:
    """What came of a command: one JSON document, or a line for people."""
    if json_output:
        print_json(data)
    else:
        console().print(text)


def comma_list(option: str, text: str, known: Iterable[str]) -> list[str]:
    """The names of ``a,b`` without doubles, in the order of ``known``; all of ``known`` for an empty text.

    Raises:
        InputError: an unknown name; the message names the option.
    """
    names, found = list(known), {name.strip() for name in text.split(",") if name.strip()}
    for name in sorted(found.difference(names)):
        raise InputError(f"{option}: unknown name {name!r}{did_you_mean(name, names)}")
    return [name for name in names if name in found] or names


@contextmanager
def language_errors(text: str = "") -> Iterator[None]:
    """Turn a ParseError into an InputError that points at the words, and let a GroundingError point at them too."""
    from simonsays.envs.language import ParseError
    from simonsays.envs.skills import GroundingError

    try:
        yield
    except ParseError as error:
        raise InputError(f"{error}{pointer(error.text, error.position, len(error.word))}") from error
    except GroundingError as error:
        start, end = error.span or (0, 0)
        raise InputError(f"{error}{pointer(text, start, end - start)}") from error


def pointer(text: str, position: int, length: int) -> str:
    """The text with a line under it that points at some characters; empty where that would not be read."""
    if not length or not text or "\n" in text or len(text) > 100:
        return ""
    return f"\n  {text}\n  {' ' * _width(text[:position])}{'^' * _width(text[position : position + length])}"


def _width(text: str) -> int:
    """Columns of a terminal: Chinese characters take two."""
    from rich.cells import cell_len

    return cell_len(text)


def read_instruction(
    text: str, language: Any = None, translator: str | None = None, names: tuple[str, ...] = ()
) -> tuple[Any, Any]:
    """The Instruction of a sentence and its Analysis (None where a language model read it).

    ``names``: of the robots that it is said to.

    Raises:
        InputError: it was not understood, or the translator failed.
    """
    from simonsays.envs.language.addressed import read_told
    from simonsays.envs.language.context import Context

    if translator is not None:
        from simonsays.envs.language.translate import TranslatorError, translate

        try:
            return translate(text, translator), None
        except TranslatorError as error:
            raise InputError(f"--translator {translator}: {error}") from error
    with language_errors():
        analysis = read_told(text, language, Context(names=names))
    return analysis.instruction, analysis


def show_corrections(analysis: Any) -> None:
    """Say on standard error which words were read as others."""
    for correction in analysis.corrections if analysis is not None else ():
        console(True).print(f"note: read {correction.word!r} as {correction.read_as!r}")


def show_reading(analysis: Any) -> None:
    """Say on standard error which words were read as others, and which were passed over."""
    show_corrections(analysis)
    for note, _ in analysis.fillers:
        console(True).print(f"note: passed over {note!r}")


def _engine(name: str | None) -> str | None:
    """The name of a physics engine that works here; Bullet always does.

    Raises:
        InputError: no such engine, or its package is missing.
    """
    if name not in (None, "bullet"):
        if name in ("local", "ray", "rllib"):
            raise InputError(f"--engine {name}: that is where jobs run, not what simulates: write --by {name}")
        from simonsays.sim.engine_choice import need_engine

        need_engine(name)
    return name


_ENGINE = typer.Option(
    "--engine", metavar="NAME", help="What simulates: bullet, mujoco (simon engines).", callback=_engine
)
PhysicsEngine = Annotated[str, _ENGINE]
OtherEngine = Annotated[str | None, _ENGINE]
"""where not given: the recipe's"""


def _robot(name_or_file: str | None) -> str | None:
    """The name of a robot; a file's is known from then on.

    Raises:
        InputError: no such robot or file.
    """
    if name_or_file is None:
        return None
    from simonsays.sim.robots import get_robot

    return get_robot(name_or_file).name


def _robot_or_file(name_or_file: str | None) -> str | None:
    """As :func:`_robot`, but a file stays one, in full: a run that is resumed has to find it again."""
    name = _robot(name_or_file)
    return str(Path(name_or_file).resolve()) if name_or_file is not None and name != name_or_file else name


def _body(default: str, callback: Callable[[str | None], str | None]) -> Any:
    """The option ``--robot``; ``default``: whose robot it is where it is not given."""
    told = "Whose body it is: a name, or a file: .py, .urdf or .xml (MJCF)."
    return typer.Option("--robot", metavar="NAME|FILE", help=told, show_default=default, callback=callback)


OneRobot = Annotated[str | None, _body("the policy's", _robot)]
RecipesRobot = Annotated[str | None, _body("the recipe's", _robot_or_file)]
AnyRobot = Annotated[str, _body(DEFAULT_ROBOT, _robot)]
OwnPolicy = Annotated[
    str | None,
    typer.Option("--policy", help="A shipped policy's name, or a bundle's folder.", show_default="the robot's own"),
]
MeasuredPolicy = Annotated[
    str | None,
    typer.Argument(help="A shipped policy's name, a bundle's or run's folder.", show_default="the robot's own"),
]


Changes = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a key of the recipe: ppo.n_steps=64.")
]
By = Annotated[str, typer.Option("--by", help="local processes, or ray: tasks over a cluster.")]
RayAddress = Annotated[
    str | None, typer.Option(help="HOST:PORT of a Ray cluster, or auto; by default Ray is started here.")
]


def measured_policy(robot: str | None, policy: str | None) -> str:
    """The policy that is to be measured: the one that is named, else the robot's own, else the default robot's.

    Raises:
        InputError: no such robot or policy, a robot without one, or a policy for another robot.
    """
    from simonsays.agents.measure.checkpoints import bundle_of
    from simonsays.envs.policy.choice import chosen

    spec, named = chosen(robot, None if policy is None else bundle_of(policy))
    if robot is not None and policy is not None:
        from simonsays.envs.policy.policy import load_policy

        said = load_policy(str(named)).description.get("robot")
        if said != spec.name:
            raise InputError(f"--robot {robot}: the policy {policy} is for the robot {said!r}")
    return str(named)


def walking_id(robot: str | None = None) -> str:
    """The env id of walking, of a robot or of the default one."""
    from simonsays.envs import task_id

    return f"simonsays.envs:{task_id('Locomotion', robot or DEFAULT_ROBOT)}"
