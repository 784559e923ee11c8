"""Films of what was recorded, drawn by a process of their own while the robot goes on."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from simonsays.assets import InputError, did_you_mean
from simonsays.assets.notes import dataclass

KINDS: dict[str, tuple[str, ...]] = {
    "mp4": ("--size", "854x480"),
    "gif": ("--size", "480x270", "--fps", "12"),
    "html": (),
}
"""what a recording can be made into, by the ending of the file, and the options of ``simon render`` for it"""
_MOST_WAITING = 8
_NICE = 10  # so that the robot keeps real time


@dataclass
class Order:
    """One film that was asked for."""

    recording: Path
    kind: str
    status: str = "waits"
    """waits, drawn, done or failed"""

    @property
    def file(self) -> Path:
        """Where it is written: beside the recording."""
        return self.recording.with_suffix(f".{self.kind}")


class Films:
    """Draws what is ordered, one after the other, with ``simon render``.

    Args:
        told: of each that is over, with the reason why it was not made, or nothing.
    """

    def __init__(self, told: Callable[[Order, str], None]) -> None:
        self._told = told
        self.orders: list[Order] = []
        self._work: asyncio.Task[None] | None = None

    def order(self, recording: Path, kind: str) -> None:
        """Draw it when its turn comes.

        Raises:
            InputError: no such kind, it is ordered already, or too many wait.
        """
        if kind not in KINDS:
            raise InputError(f"'film', field 'as': {kind[:20]!r}{did_you_mean(kind[:20], KINDS)}")
        open_ones = [order for order in self.orders if order.status in ("waits", "drawn")]
        if any(order.recording == recording and order.kind == kind for order in open_ones):
            raise InputError(f"{recording.stem}.{kind} is being drawn already")
        if len(open_ones) >= _MOST_WAITING:
            raise InputError(f"{_MOST_WAITING} films wait already; let some of them be drawn first")
        self.orders = [*self.orders[-20:], Order(recording, kind)]
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._draw_all())

    def to_json(self) -> list[dict[str, Any]]:
        """file, status of those that are not made yet or could not be."""
        return [{"file": order.file.name, "status": order.status} for order in self.orders if order.status != "done"]

    async def close(self) -> None:
        """End what is being drawn; nothing of it stays."""
        if self._work is not None:
            self._work.cancel()
            with suppress(asyncio.CancelledError):
                await self._work

    async def _draw_all(self) -> None:
        while (order := next((order for order in self.orders if order.status == "waits"), None)) is not None:
            order.status = "drawn"
            why = await self._draw(order)
            order.status = "failed" if why else "done"
            self._told(order, why)

    async def _draw(self, order: Order) -> str:
        """Why it could not be drawn, or nothing."""
        command = [sys.executable, "-m", "simonsays.experiments.cli", "render", str(order.recording)]
        command += ["--out", str(order.file), "--jobs", "1", *KINDS[order.kind]]
        pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        try:
            process = await asyncio.create_subprocess_exec(*command, stdin=nothing, stdout=nothing, stderr=pipe)
        except OSError as error:
            return f"the process that draws cannot be started: {error.strerror or error}"
        try:
            if hasattr(os, "setpriority"):
                with suppress(OSError):  # it may be over
                    os.setpriority(os.PRIO_PROCESS, process.pid, _NICE)
            _, complaints = await process.communicate()
        except asyncio.CancelledError:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
            raise
        said = complaints.decode("utf-8", "replace").strip().splitlines()
        if process.returncode:
            return said[-1][:300] if said else f"the process that draws ended with status {process.returncode}"
        return "" if order.file.is_file() else "the process that draws wrote nothing"
