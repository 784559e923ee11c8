"""A page of the live robot, without a browser: it says, pushes, records, changes scenes, and comes anew."""

from __future__ import annotations

import asyncio
import itertools
import json
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np

from simonsays.experiments.live.hands import PUSHES
from simonsays.experiments.live.protocol import SPEEDS
from simonsays.experiments.live.server import LiveServer
from simonsays.experiments.soak.shift import Shift, check

_PATIENCE = 120.0  # s for an answer, after which it does not come
_NOT_MEASURED = 6  # numbers at a pose's end: goal and what is left to go, NaN where there is none


async def visits(server: LiveServer, shift: Shift, folder: Path) -> None:
    """Visit after visit, each with a recording, until the shift is over."""
    while not server.url:
        await asyncio.sleep(0.05)
    numbers, texts = itertools.count(1), (example.text for example in shift.examples())
    async with aiohttp.ClientSession() as http:
        while shift.goes_on():
            async with http.ws_connect(server.url + "socket", max_msg_size=0) as socket:
                page = Page(socket, shift)
                hello = await page.heard("hello")
                await page.tell("speed", value=shift.rng.choice(SPEEDS))
                await page.tell("record", on=True)
                await page.state(lambda now: now["recording"] is not None)
                for _ in range(shift.rng.randrange(1, 4)):
                    await page.say(next(texts), next(numbers), shift.rng.random() < 0.3)
                    await page.watch(shift.rng.uniform(0.5, 6.0))
                    if shift.rng.random() < 0.4:
                        await page.tell("push", direction=shift.rng.choice([*PUSHES, "anywhere"]))
                        shift.diary.done["pushes"] += 1
                await page.end(hello["scenes"], folder)


class Page:
    """One visit."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, shift: Shift) -> None:
        self._socket, self._shift, self._recorded = socket, shift, 0.0

    async def tell(self, action: str, **what: Any) -> None:
        """Ask for something."""
        await self._socket.send_str(json.dumps({"do": action, **what}))

    async def say(self, text: str, number: int, now: bool) -> None:
        """Say a sentence; it is taken or refused."""
        await self.tell("say", text=text, now=now, id=number)
        answer = await self.heard("answer", id=number)
        self._shift.diary.done["accepted" if answer["accepted"] else "refused"] += 1

    async def end(self, scenes: list[str], folder: Path) -> None:
        """End the recording in one of the ways in which recordings end, and read it."""
        rng, done = self._shift.rng, self._shift.diary.done
        how = rng.choice(("record", "record", "scene", "reset"))
        what: dict[str, dict[str, Any]] = {"record": {"on": False}, "scene": {"name": rng.choice(scenes)}, "reset": {}}
        await self.tell(how, **what[how])
        note = await self.heard("note")
        done[f"recordings ended by {how}"] += 1
        if not (folder / note["file"]).is_file():
            self._shift.diary.faults.append(f"lost: {note['message']}")
            return
        check(self._shift, folder / note["file"], seconds=self._recorded)
        if (await self.state(lambda now: True))["fallen"]:
            await self.tell("reset")
            done["falls"] += 1

    async def watch(self, seconds: float) -> None:
        """Look on for some time."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while loop.time() < end:
            await self.state(lambda now: True)
            self._shift.goes_on()

    async def state(self, wanted: Any) -> dict[str, Any]:
        """The next state that is as wanted."""
        while not wanted(now := await self.heard("state")):
            pass
        return now

    async def heard(self, kind: str, **wanted: Any) -> dict[str, Any]:
        """The next message of a kind with these values; poses and errors on the way are looked at."""
        faults = self._shift.diary.faults
        while True:
            message = await asyncio.wait_for(self._socket.receive(), _PATIENCE)
            if message.type == aiohttp.WSMsgType.BINARY:
                pose = np.frombuffer(message.data, "<f4")[:-_NOT_MEASURED]
                if not np.isfinite(pose).all():
                    faults.append("a pose is not finite")
                continue
            if message.type != aiohttp.WSMsgType.TEXT:
                raise RuntimeError(f"the page was cut off while it waited for {kind}: {message}")
            data: dict[str, Any] = json.loads(message.data)
            if data["kind"] == "error":
                faults.append(f"error: {data['message']}")
            self._recorded = max(self._recorded, data.get("recording") or 0.0)
            if data["kind"] == kind and all(data[name] == value for name, value in wanted.items()):
                return data
