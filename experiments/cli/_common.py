"""What the commands share: consoles, progress bars, JSON, sizes."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from simonsays.assets import InputError


def console(json_output: bool = False) -> Any:
    """A rich console on standard output; on standard error where that is kept for JSON."""
    from rich.console import Console

    return Console(stderr=json_output, highlight=False, soft_wrap=True)


@contextmanager
def progress_bar(label: str, show: bool = True) -> Iterator[Callable[[int, int], None]]:
    """A bar with the time left on standard error; silent where that is no terminal. Yields update(done, total)."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    screen = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen, disable=not (show and screen.is_terminal), transient=True) as bar:
        task = bar.add_task(label, total=None)

        def update(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield update


def print_json(data: Any) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=1) + "\n")


def parse_size(text: str) -> tuple[int, int]:
    """``640x360`` to (640, 360).

    Raises:
        InputError: another form.
    """
    match = re.fullmatch(r"(\d+)[x×](\d+)", text.strip())
    if match is None:
        raise InputError(f"--size {text!r}: write it as WIDTHxHEIGHT, like 640x360")
    return int(match[1]), int(match[2])


@contextmanager
def language_errors() -> Iterator[None]:
    """Turn a ParseError into an InputError that points at the word."""
    from simonsays.envs.language import ParseError

    try:
        yield
    except ParseError as error:
        pointer = ""
        if error.word and "\n" not in error.text and len(error.text) <= 100:
            pointer = f"\n  {error.text}\n  {' ' * error.position}{'^' * len(error.word)}"
        raise InputError(f"{error}{pointer}") from error
