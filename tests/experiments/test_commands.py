"""Every command's help says what its author wrote."""

from __future__ import annotations

import pytest
import typer
from rich.text import Text

from simonsays.experiments import cli


@pytest.fixture(scope="module")
def commands() -> dict[str, typer.core.TyperCommand]:
    return dict(cli.simon().commands)


def test_help_is_not_taken_for_markup(commands: dict[str, typer.core.TyperCommand]) -> None:
    """rich leaves out what it takes for a style: "[demo.mp4]"."""
    for name, command in commands.items():
        texts = [command.help, *(getattr(parameter, "help", None) for parameter in command.params)]
        for text in filter(None, texts):
            assert Text.from_markup(text).plain == text, f"simon {name}"


def test_every_option_and_command_is_explained(commands: dict[str, typer.core.TyperCommand]) -> None:
    assert len(commands) > 20
    for name, command in commands.items():
        assert command.help, f"simon {name}"
        for parameter in command.params:
            if parameter.name != "help":
                assert getattr(parameter, "help", None), f"simon {name} {parameter.name}"
