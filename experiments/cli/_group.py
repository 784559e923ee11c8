"""All commands in one group, and how a command ends. Heavy imports wait until one runs."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import typer

from simonsays.assets import InputError
from simonsays.assets.plugins import blamed, load_plugins, use_plugin
from simonsays.assets.registry import Registry
from simonsays.assets.signals import Ending
from simonsays.experiments.cli._streams import lost_output, plain_notes, steady_streams

PANELS = {"tell": "Tell", "learn": "Learn", "prove": "Prove", "share": "Share", "cli": "Look around"}
"""the folders of commands, and their titles in the help"""
Run = Callable[..., None]


COMMANDS = Registry[Run]("command")
"""those of plug-ins"""


def register_command(run: Run, name: str | None = None) -> Run:
    """Make a plug-in's function a command: its annotations are the options, its docstring is the help.

    Raises:
        InputError: there is a command of its name.
    """
    name = name or run.__name__.replace("_", "-")
    if name in {_name(module) for _, module in _modules()}:
        raise InputError(f"command {name!r}: simon has one of that name; choose another")
    return COMMANDS.register(name, run)


def _use(named: list[str] | None) -> None:
    for name in named or ():
        use_plugin(name)
        load_plugins()


Plugins = Annotated[
    list[str] | None,
    typer.Option(
        "--plugin",
        metavar="MODULE|FILE.py",
        help="Know what this registers, too; may be given again.",
        callback=_use,
        is_eager=True,
    ),
]


class _Simon(typer.core.TyperGroup):
    """The commands of this package, then those of plug-ins, which are loaded where there is no other of a name."""

    def list_commands(self, ctx: Any) -> list[str]:
        for name in COMMANDS:
            self.get_command(ctx, name)
        return super().list_commands(ctx)

    def get_command(self, ctx: Any, name: str) -> Any:
        if name not in self.commands and name in COMMANDS:
            self.commands[name] = _made(name, COMMANDS[name], COMMANDS.origin(name))
        return super().get_command(ctx, name)


def _made(name: str, run: Run, panel: str) -> Any:
    """The command of a function, with ``--plugin``."""
    app = typer.Typer(add_completion=False)
    app.command(name, rich_help_panel=panel)(run)
    made: Any = typer.main.get_command(app)
    made.params.append(_plugin_option())
    return made


def _plugin_option() -> Any:
    """The option as typer makes it; no value of it reaches the command."""

    def nothing(plugin: Plugins = None) -> None: ...

    app = typer.Typer(add_completion=False)
    app.command()(nothing)
    option = typer.main.get_command(app).params[0]
    option.expose_value = False
    return option


def _modules() -> Iterator[tuple[str, str]]:
    """Folder and module of each command."""
    found = [
        module.name
        for module in pkgutil.walk_packages([os.path.dirname(__file__)], f"{__package__}.")
        if not module.ispkg
    ]
    for name in found:
        if not name.rpartition(".")[2].startswith("_"):
            yield name.split(".")[-2], name


def _name(module: str) -> str:
    return module.rpartition(".")[2].removesuffix("_command").replace("_", "-")


def simon() -> Any:
    """The command line, as typer makes it."""
    app = typer.Typer(
        name="simon", cls=_Simon, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
    )
    app.callback()(_simon)
    group: Any = typer.main.get_command(app)
    for folder, module in sorted(_modules(), key=lambda each: (list(PANELS).index(each[0]), each[1])):
        name = _name(module)
        group.commands[name] = _made(name, importlib.import_module(module).run, PANELS[folder])
    return group


def _simon(plugin: Plugins = None) -> None:
    """You say it, a simulated humanoid does it: instructions, training, measuring and films."""


BUG = 70
"""exit code of an error that is ours, beside which its traceback is printed; 1 means that the robot failed"""


def command_line(ending: Ending) -> int:
    """Run the command that was typed; its exit code."""
    steady_streams()
    with plain_notes():
        code = _run(ending)
    if (told := lost_output()) is not None:
        code = code or _complain(told)
    return code


def _run(ending: Ending) -> int:
    try:
        simon()(standalone_mode=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0 if end.code is None else _complain(str(end.code))
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return 130
    except Exception as error:
        if ending.number is not None:  # which C code and libraries turn into errors of their own
            return 128 + ending.number
        if (told := blamed(error)) is not None:
            return _complain(told)
        if isinstance(error, OSError) and error.strerror:  # of the machine: a disk, a folder, too many open files
            return _complain(f"{error.filename}: {error.strerror}" if error.filename else error.strerror)
        traceback.print_exc()
        return BUG
    return 0


def _complain(message: str) -> int:
    from rich.console import Console
    from rich.markup import escape

    Console(stderr=True, soft_wrap=True, highlight=False).print(f"[bold red]error:[/] {escape(message)}")
    return 2
