"""A live server in a thread of the tests, on a free port of this machine."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from simonsays.experiments.live.server import LiveServer
from simonsays.experiments.live.session import LiveSession


@contextlib.contextmanager
def serving(folder: Path, **arguments: object) -> Iterator[LiveServer]:
    """A server that simulates and answers; ended, and its session closed, at the end of the block."""
    session = LiveSession("playground")
    session.warm_up()
    server = LiveServer(session, port=0, folder=folder, **arguments)  # type: ignore[arg-type]
    loop, ready = asyncio.new_event_loop(), threading.Event()
    task = loop.create_task(server.run(lambda url: ready.set()))

    def run() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        assert ready.wait(30.0), "the server did not begin"
        yield server
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(30.0)
        session.close()
        assert not thread.is_alive(), "the server did not end"
        loop.close()
