"""``simon doctor``: whether this machine has what is needed."""

from __future__ import annotations

from typing import Annotated

import typer


def run(
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Check Python, packages, renderers, threads and the video writer; exit code 1 if something needed is missing."""
    from simonsays.experiments.cli._common import console, print_json
    from simonsays.experiments.doctor import examine

    checks = examine()
    if json_output:
        print_json([check.__dict__ for check in checks])
    else:
        screen = console()
        for check in checks:
            mark, style = ("✓", "green") if check.ok else ("✗", "red") if check.needed else ("–", "yellow")
            screen.print(f" {mark}", style=style, end="")
            screen.print(f" {check.name}: {check.text}")
    raise typer.Exit(1 if any(check.needed and not check.ok for check in checks) else 0)
