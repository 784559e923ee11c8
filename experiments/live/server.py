"""The web server of a live session: a page, a socket, and the loop that keeps the robot in real time."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from urllib.parse import quote

from aiohttp import WSMsgType, web

from simonsays.assets import InputError, path
from simonsays.experiments.live.access import Access, Rate, is_loopback, new_token, own_address
from simonsays.experiments.live.control import Control
from simonsays.experiments.live.protocol import MAX_MESSAGE, as_text, pose_message, read_request
from simonsays.experiments.live.session import LiveSession

_BETWEEN = 0.03  # s from one page's greeting to the next: it is long, and many at once must not hold the robot still
_PATIENCE = 15.0  # s for a connection that asks for nothing, or never ends asking
_MOST_WAITING = 600  # messages, twice what a page may ask for at once: one that is so far behind is cut off
_FAREWELL = 1.0  # s for the pages, all together, to hear that the server ends


class Client:
    """Sends in an order that a slow page can bear: answers all, of states and poses only the newest."""

    def __init__(self, socket: web.WebSocketResponse, cut: Callable[[], None]) -> None:
        self._socket, self._cut = socket, cut
        self._answers: deque[str] = deque()
        self._state: str | None = None
        self._pose: bytes | None = None
        self._wake = asyncio.Event()

    def answer(self, text: str) -> None:
        """Send this, whatever comes after it; a page that is too far behind is cut off."""
        if len(self._answers) == _MOST_WAITING:
            self._cut()  # what it has is not asked for: the sending may wait for it for ever
            return
        self._answers.append(text)
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
        """Send what comes until the page is gone."""
        socket = self._socket
        while True:
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


_WINDOW = 2.0  # s of wall time, over which the factor is measured
_LATE = 0.25  # s: later than that, the steps that were missed are given up


class Pace:
    """Says how long to wait; times are s of a monotonic clock and s of the session."""

    def __init__(self, dt: float) -> None:
        self._dt, self._due = dt, 0.0
        self._seen: deque[tuple[float, float]] = deque()

    def restart(self, now: float) -> None:
        """Begin anew, after a pause or a reset."""
        self._due = now
        self._seen.clear()

    def wait(self, now: float, session_time: float, speed: float) -> float:
        """s to wait, after a step, until the next one; ``speed`` 1 is real time."""
        self._seen.append((now, session_time))
        while now - self._seen[0][0] > _WINDOW:
            self._seen.popleft()
        self._due += self._dt / speed
        if now - self._due > _LATE:
            self._due = now
        return max(0.0, self._due - now)

    @property
    def factor(self) -> float:
        """Session time over wall time of the last two seconds; 0 before there is any."""
        if len(self._seen) < 2:
            return 0.0
        (first, began), (last, ended) = self._seen[0], self._seen[-1]
        return (ended - began) / max(last - first, 1e-9)


_POSE_EVERY, _STATE_EVERY, _IDLE = 1 / 30, 0.25, 0.05  # s of wall time
_MESSAGES, _BURST = 80.0, 300.0  # a second of one page, who drags with a mouse and steers sends 40; and at once
_KINDS = {".js": "text/javascript", ".css": "text/css"}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data: blob:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def _shipped(folder: str, name: str, kinds: Collection[str]) -> Path:
    """The asset with this very name: looked up, as a name from elsewhere may be one that no file can have."""
    for file in path(folder).iterdir():
        if file.name == name and file.suffix in kinds:
            return file
    raise web.HTTPNotFound(headers=_HEADERS)


class LiveServer:
    """Serves a session until it is cancelled.

    Args:
        host, port: where to listen; port 0 takes a free one.
        folder: where recordings are written.
        token: what pages must show; made at random where the host is not this machine alone and none is given.

    Attributes:
        url: the address to open, with the token; known once it serves.
        shared: the same for other machines; empty where they cannot reach it.
    """

    def __init__(
        self,
        session: LiveSession,
        *,
        host: str = "127.0.0.1",
        port: int = 8765,
        folder: Path = Path(),
        token: str | None = None,
        look: str = "light",
    ) -> None:
        self.session, self._host, self._port = session, host, port
        self.token = token or (None if is_loopback(host) else new_token())
        self._access = Access(host, self.token)
        self._clients: set[Client] = set()
        self._sockets: set[web.WebSocketResponse] = set()
        self.control = Control(session, folder, look, self._tell_all)
        self.pace = Pace(session.env.dt)
        self.url = self.shared = ""
        self._next_greeting = 0.0

    async def run(self, ready: Callable[[str], None] = lambda url: None) -> None:
        """Serve and simulate until cancelled; ``ready(url)`` is called when pages can come.

        Raises:
            InputError: the address cannot be listened on.
        """
        runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=_FAREWELL, keepalive_timeout=_PATIENCE)
        await runner.setup()
        try:
            await self._listen(runner)
            for told in self.control.recover():
                sys.stderr.write(f"{told}\n")
            ready(self.url)
            await self._simulate()
        finally:
            try:
                await self.control.close()
            except InputError as error:
                sys.stderr.write(f"error: the recording is lost: {error}\n")
            said = [asyncio.create_task(each.close(code=1001, message=b"the server ends")) for each in self._sockets]
            if said:
                await asyncio.wait(said, timeout=_FAREWELL)
            await runner.cleanup()

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[self._guard])
        app.router.add_get("/", self._page)
        app.router.add_get("/socket", self._socket)
        app.router.add_get("/web/{name}", self._file)
        app.router.add_get("/web/fonts/{name}", self._font)
        app.router.add_get("/recordings/{name}", self._recording)
        return app

    async def _listen(self, runner: web.AppRunner) -> None:
        site = web.TCPSite(runner, self._host, self._port)
        try:
            await site.start()
        except OSError as error:
            message = f"cannot listen on {self._host}, port {self._port}: {error.strerror or error}"
            raise InputError(f"{message}; give another --port (0: any that is free) or --host") from error
        port = runner.addresses[0][1]
        name = "127.0.0.1" if self._host in ("", "0.0.0.0") else "[::1]" if self._host == "::" else self._host
        name = f"[{name}]" if ":" in name and not name.startswith("[") else name
        rest = f":{port}/" + (f"?token={quote(self.token)}" if self.token else "")
        self.url = f"http://{name}{rest}"
        if not is_loopback(self._host):
            everywhere = self._host in ("", "0.0.0.0", "::")
            self.shared = f"http://{own_address()}{rest}" if everywhere and own_address() else self.url

    async def _simulate(self) -> None:
        clock = asyncio.get_running_loop().time
        self.pace.restart(clock())
        next_pose = next_state = 0.0
        while True:
            if self.control.paused:
                wait = _IDLE
                self.pace.restart(clock() + wait)
            else:
                self.session.step()
                wait = self.pace.wait(clock(), self.session.time, self.control.speed)
            now = clock()
            if now >= next_pose:
                next_pose = now + _POSE_EVERY
                self._send_pose()
            if now >= next_state:
                next_state = now + _STATE_EVERY
                self._send_state()
                await self._look_after()
            await asyncio.sleep(wait)

    async def _look_after(self) -> None:
        """Keep recordings bounded, and what would be lost if the program was killed."""
        if why := self.control.keep():
            self._tell_all(as_text("error", message=f"this session would be lost with its program: {why}"))
        try:
            await self.control.bound()
        except InputError as error:
            self._tell_all(as_text("error", message=f"the recording is lost: {error}"))

    def _send_pose(self) -> None:
        if self._clients:
            data = pose_message(self.session, self.pace.factor)
            for client in self._clients:
                client.pose(data)

    def _send_state(self) -> None:
        if self._clients:
            text = self.control.state(self.pace.factor)
            for client in self._clients:
                client.state(text)

    def _tell_all(self, text: str) -> None:
        for client in self._clients:
            client.answer(text)

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        shown, everybody = request.query.get("token", ""), request.path.startswith("/web/")
        refusal = self._access.refusal(request.headers, shown, open_to_all=everybody)
        if refusal is not None:
            return web.Response(status=403, text=refusal + "\n", headers=_HEADERS)
        try:
            return await handler(request)
        except ConnectionError:  # whoever asked is gone, and takes no answer
            return web.Response(status=400, headers=_HEADERS)

    async def _page(self, request: web.Request) -> web.Response:
        text = path("web", "live.html").read_text(encoding="utf-8")
        return web.Response(text=text, content_type="text/html", headers=_HEADERS)

    async def _file(self, request: web.Request) -> web.Response:
        file = _shipped("web", request.match_info["name"], _KINDS)
        return web.Response(text=file.read_text(encoding="utf-8"), content_type=_KINDS[file.suffix], headers=_HEADERS)

    async def _font(self, request: web.Request) -> web.FileResponse:
        file = _shipped("fonts", request.match_info["name"], (".otf",))
        return web.FileResponse(
            file, headers={**_HEADERS, "Content-Type": "font/otf", "Cache-Control": "max-age=86400"}
        )

    async def _recording(self, request: web.Request) -> web.FileResponse:
        file = self.control.recording_file(request.match_info["name"])
        if file is None or not file.is_file():
            raise web.HTTPNotFound(headers=_HEADERS)
        return web.FileResponse(
            file, headers={**_HEADERS, "Content-Disposition": f'attachment; filename="{file.name}"'}
        )

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=20.0, max_msg_size=MAX_MESSAGE)
        await socket.prepare(request)
        assert request.transport is not None
        client, now = Client(socket, request.transport.abort), asyncio.get_running_loop().time()
        self._next_greeting = max(now, self._next_greeting + _BETWEEN)
        await asyncio.sleep(self._next_greeting - now)
        client.answer(self.control.greeting(self.shared))
        client.state(self.control.state(self.pace.factor))
        self._clients.add(client)
        self._sockets.add(socket)
        sending, rate = asyncio.create_task(client.pump()), Rate(_MESSAGES, _BURST)
        try:
            async for message in socket:
                if not rate.allows(asyncio.get_running_loop().time()):
                    client.answer(as_text("error", message="too many requests at once: this one is not done"))
                    continue
                await self._hear(client, message.data if message.type == WSMsgType.TEXT else "")
        finally:
            self._clients.discard(client)
            self._sockets.discard(socket)
            sending.cancel()
        return socket

    async def _hear(self, client: Client, text: str) -> None:
        """Do what a page asks for; whatever it sends, the session goes on."""
        try:
            request = read_request(text)
            answer = await self.control.do(request)
        except InputError as error:
            client.answer(as_text("error", message=str(error)))
            return
        if request["do"] in ("reset", "scene", "pause", "speed"):
            self.pace.restart(asyncio.get_running_loop().time())
        if answer is not None:
            client.answer(answer)
        self._send_state()
