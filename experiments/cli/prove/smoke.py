"""``simon smoke``: a quick check for other people's CI."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def run(
    junit: Annotated[Path | None, typer.Option(help="Also write a JUnit XML file.")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Step every environment with the shipped policy and with random actions; exit code 1 if a check fails."""
    from simonsays.assets.files import check_writable, write_atomically
    from simonsays.experiments.cli._common import console, print_json
    from simonsays.experiments.smoke import junit_xml, run_smoke

    if junit is not None:
        check_writable(junit, (".xml",))
    cases = run_smoke()
    if junit is not None:
        write_atomically(junit, junit_xml(cases))
    if json_output:
        print_json([case.__dict__ for case in cases])
    else:
        screen = console()
        for case in cases:
            mark, style = ("✗", "red") if case.failure else ("✓", "green")
            screen.print(f" {mark}", style=style, end="")
            screen.print(f" {case.env}  {case.name}  {case.seconds:.1f} s  {case.failure or case.note}")
    raise typer.Exit(1 if any(case.failure for case in cases) else 0)
