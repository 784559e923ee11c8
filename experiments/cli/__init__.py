"""The command ``simon``: every module of this package is one command. Heavy imports wait until one runs."""

from __future__ import annotations

import importlib
import pkgutil
import signal
import sys

import typer

app = typer.Typer(
    name="simon",
    help="You say it, a simulated humanoid does it: instructions, training, measuring and films.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _register() -> None:
    for module in sorted(pkgutil.walk_packages(__path__, f"{__name__}."), key=lambda m: m.name.rpartition(".")[2]):
        name = module.name.rpartition(".")[2]
        if not (module.ispkg or name.startswith("_")):
            command = importlib.import_module(module.name)
            app.command(name.removesuffix("_command").replace("_", "-"))(command.run)


def main() -> None:
    """Run the command line. Exit codes: 0 success, 1 the robot failed, 2 bad input, 130 interrupted, 143 ended."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that half-written files are cleared away
    _register()
    from simonsays.assets import InputError

    try:
        app(standalone_mode=True)
    except InputError as error:
        _complain(str(error))
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(130)


def _complain(message: str) -> None:
    from rich.console import Console
    from rich.markup import escape

    Console(stderr=True, soft_wrap=True, highlight=False).print(f"[bold red]error:[/] {escape(message)}")
    sys.exit(2)
