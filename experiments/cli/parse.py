"""``simon parse``: what a sentence means."""

from __future__ import annotations

from typing import Annotated

import typer


def run(
    text: Annotated[str, typer.Argument(help="A sentence.")],
    json_output: Annotated[bool, typer.Option("--json", help="Print the Instruction JSON.")] = False,
) -> None:
    """Show how a sentence is understood, without a scene or a robot."""
    from simonsays.envs.language import parse, render
    from simonsays.envs.skills import skills
    from simonsays.experiments.cli._common import console, language_errors, print_json

    known = skills()
    with language_errors():
        instruction = parse(text)
    if json_output:
        print_json(instruction.to_json())
        return
    screen = console()
    screen.print(render(instruction), style="bold")
    for i, step in enumerate(instruction.steps, start=1):
        slots = {name: value for name, value in step.to_json().items() if name != "verb"}
        note = "" if step.verb in known else "  [yellow](no skill does this yet)[/]"
        screen.print(f"  {i}. {step.verb}  {slots or ''}{note}")
