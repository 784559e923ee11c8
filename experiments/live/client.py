"""One open page: what waits to be sent to it."""

from __future__ import annotations

import asyncio
from collections import deque

from aiohttp import web

_MOST_WAITING = 200  # messages: a page that is so far behind is cut off


class Client:
    """Sends in an order that a slow page can bear: answers all, of states and poses only the newest."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket
        self._answers: deque[str] = deque()
        self._state: str | None = None
        self._pose: bytes | None = None
        self._wake = asyncio.Event()
        self.behind = False
        """it takes nothing any more"""

    def answer(self, text: str) -> None:
        """Send this, whatever comes after it."""
        self._answers.append(text)
        self.behind = len(self._answers) > _MOST_WAITING
        self._wake.set()

    def state(self, text: str) -> None:
        """Send this, unless a newer state comes before it is its turn."""
        self._state = text
        self._wake.set()

    def pose(self, data: bytes) -> None:
        """Send this, unless a newer pose comes before it is its turn."""
        self._pose = data
        self._wake.set()

    async def pump(self) -> None:
        """Send what comes until the page is gone or is too far behind."""
        socket = self._socket
        while not self.behind:
            await self._wake.wait()
            self._wake.clear()
            try:
                while self._answers:
                    await socket.send_str(self._answers.popleft())
                state, self._state = self._state, None
                if state is not None:
                    await socket.send_str(state)
                pose, self._pose = self._pose, None
                if pose is not None:
                    await socket.send_bytes(pose)
            except (ConnectionError, RuntimeError):
                return
        await socket.close()
