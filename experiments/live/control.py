"""What a page asks for, done: the session's controls behind the socket, and all that a page is told of them."""

from __future__ import annotations

import asyncio
import math
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from simonsays.assets import InputError, did_you_mean
from simonsays.assets.reading import read_toml
from simonsays.assets.registry import PERFORMANCES, SCENES
from simonsays.envs.language import ParseError
from simonsays.envs.language.dialogue import hear
from simonsays.envs.language.render import render_object
from simonsays.envs.plan.grounding import described
from simonsays.experiments.live.films import Films, Order
from simonsays.experiments.live.hands import put
from simonsays.experiments.live.jobs import Job, Refusal
from simonsays.experiments.live.memory import Memory
from simonsays.experiments.live.offers import offers
from simonsays.experiments.live.protocol import as_text
from simonsays.experiments.live.session import LiveSession
from simonsays.sim.parts import Parts, left
from simonsays.sim.recording import Recording
from simonsays.sim.specs import SceneSpec, load_scene, scene_from_dict
from simonsays.sim.web.model import scene_model

LONGEST_RECORDING = 600.0
"""s, after which a recording is written and the next one begins"""
PART = 5.0
"""s of a recording that may be lost where the program is killed"""
_COME, _GO = "come here", "go to {}"
"""what a click on a place, and on a thing, says"""


class Control:
    """Pause, speed, scenes and recordings of a session, and what was said of them.

    Args:
        folder: where recordings are written. say: told of every change that all pages must hear of at once.
    """

    def __init__(self, session: LiveSession, folder: Path, look: str, say: Callable[[str], None]) -> None:
        self.session, self.look, self._say = session, look, say
        self._folder, self._parts = folder, Parts(folder)
        self._writing = ThreadPoolExecutor(1)  # in order: each recording finds its own free name
        self.paused, self.speed = False, 1.0
        self.films = Films(self._drawn)
        self.recordings: list[str] = []
        self._files: dict[str, Path] = {}
        self._offered: tuple[SceneSpec, str] | None = None
        self._scenes: dict[str, SceneSpec | str] = {name: name for name in SCENES.files()}
        self._scenes.setdefault(session.scene.name, session.scene)
        self._memory = Memory(folder)

    def greeting(self, address: str) -> str:
        """All that a page needs to begin, most of it made once a scene: many pages at once must not hold the robot.

        ``address``: of this server, for other machines; empty where they cannot reach it.
        """
        told = self._scene_message()
        more = {"scenes": list(self._scenes), "trail": [list(point) for point in self.session.trail]}
        return as_text("hello", address=address, **more)[:-1] + "," + told.partition(",")[2]

    def _scene_message(self) -> str:
        scene, robot = self.session.scene, self.session.env.spec_robot
        if self._offered is None or self._offered[0] is not scene:
            told = as_text("scene", model=scene_model(robot, scene, self.look), **offers(scene, robot))
            self._offered = scene, told
        return self._offered[1]

    def state(self, factor: float) -> str:
        """How everything stands now."""
        session = self.session
        return as_text(
            "state",
            paused=self.paused,
            speed=self.speed,
            factor=round(factor, 3),
            scene=session.scene.name,
            fallen=session.fallen,
            can_rise=session.can_rise,
            looping=session.looping,
            viewer=None if session.viewer is None else list(session.viewer),
            camera="" if session.current is None else session.current.camera,
            films=self.films.to_json(),
            recording=round(session.recorder.seconds, 1) if session.recorder else None,
            recordings=self.recordings[-5:],
            jobs=[job.to_json() for job in session.jobs],
            caption=self._caption(),
        )

    def _caption(self) -> str:
        forward, left, angle = self.session.to_go
        distance = math.hypot(forward, left)
        if distance >= 0.05:
            return f"{distance:.1f} m to go"
        return f"{abs(math.degrees(angle)):.0f}° to go" if abs(angle) >= math.radians(3.0) else ""

    async def do(self, request: dict[str, Any]) -> str | None:
        """Carry out a request that was checked; the answer for the page that asked.

        Raises:
            InputError: it cannot be done.
        """
        action, session = request["do"], self.session
        if "id" in request:
            return await self._answer(request)
        if action == "stop":
            session.stop()
        elif action == "remove":
            session.remove(request["job"])
        elif action == "pause":
            self.paused = request["on"]
        elif action == "speed":
            self.speed = float(request["value"])
        elif action == "loop":
            session.looping = request["on"]
        elif action == "push":
            session.push(None if request["direction"] == "anywhere" else request["direction"])
        elif action == "drive":
            session.steer(request["forward"], request["left"], request["turn"])
        elif action == "put":
            put(session.env, request["thing"], request["x"], request["y"])
        elif action == "viewer":
            session.viewer = float(request["x"]), float(request["y"])
        elif action == "record":
            await self.record(request["on"])
        elif action == "film":
            self._order(request["file"], request["as"])
        else:
            await self._begin_anew(request.get("name") if action == "scene" else None)
        return None

    async def _answer(self, request: dict[str, Any]) -> str:
        """Take an instruction, however it is given."""
        began, session = time.perf_counter(), self.session
        text, now = str(request.get("text", "")).strip(), request.get("now", False)
        if request["do"] == "again":
            outcome = session.say_again(request["job"])
        elif request["do"] == "rise":
            outcome = session.rise()
        elif request["do"] == "perform":
            outcome = session.perform(request["name"], _title(request["name"]))
        elif request["do"] == "come":
            session.viewer, text, now = (float(request["x"]), float(request["y"])), _COME, True
            outcome = await self._hear(text, now)
        elif request["do"] == "visit":
            text, now = _GO.format(self._called(request["thing"])), True
            outcome = await self._hear(text, now)
        else:
            outcome = await self._hear(text, now)
        said = {"job": outcome.to_json()} if isinstance(outcome, Job) else {"refusal": outcome.to_json()}
        shown = text if len(text) <= 300 else text[:300] + "…"
        taken = round(1000 * (time.perf_counter() - began), 1)
        return as_text("answer", id=request["id"], text=shown, accepted=isinstance(outcome, Job), ms=taken, **said)

    async def _hear(self, text: str, now: bool) -> Job | Refusal:
        """Read a text beside the simulation, so that this goes on meanwhile."""
        try:
            analysis = await asyncio.get_running_loop().run_in_executor(None, hear, text, self.session.context)
            return self.session.accept(text, analysis, now=now)
        except ParseError as error:
            return self.session.refuse(error)

    def _called(self, name: str) -> str:
        """A thing in words by which no other is meant now.

        Raises:
            InputError: no such thing.
        """
        scene = self.session.scene_now()
        named = {prop.name: prop for prop in scene.props}
        if name not in named:
            raise InputError(f"field 'thing': {name[:40]!r}{did_you_mean(name[:40], named)}")
        return render_object(described(named[name], scene))

    def _order(self, name: str, kind: str) -> None:
        if name not in self._files:
            raise InputError(f"'film', field 'file': {name[:40]!r}{did_you_mean(name[:40], self._files)}")
        self.films.order(self._files[name], kind)

    def _drawn(self, order: Order, why: str) -> None:
        if why:
            self._say(as_text("error", message=f"{order.file.name} could not be made: {why}"))
            return
        self._files[order.file.name] = order.file
        self.recordings.append(order.file.name)
        self._say(as_text("note", message=f"wrote {order.file.name}", file=order.file.name))

    async def _begin_anew(self, name: str | None) -> None:
        scene = None
        if name is not None:
            if name not in self._scenes:
                raise InputError(f"no scene {name[:40]!r}; there are: {', '.join(self._scenes)}")
            given = self._scenes[name]
            scene = load_scene(given) if isinstance(given, str) else given
        self.session.reset(scene)
        self._say(self._scene_message())
        await self._save()

    async def record(self, on: bool) -> None:
        """Begin or end a recording; at its end it is written."""
        if on:
            if self.session.recorder is None:
                self.session.start_recording()
            return
        self.session.stop_recording()
        await self._save()

    async def bound(self) -> None:
        """Write a recording that has grown long, and begin the next: memory is bounded, and so is what can be lost."""
        recorder = self.session.recorder
        if recorder is None:
            return
        if recorder.seconds >= LONGEST_RECORDING:
            await self.record(False)
            await self.record(True)
        elif recorder.seconds - recorder.drained >= PART:
            self._writing.submit(self._parts.add, self.session.take_part())

    async def _save(self) -> None:
        recording = self.session.take_recording()
        if recording is None:
            return
        parts, self._parts = self._parts, Parts(self._folder)
        writing = asyncio.get_running_loop().run_in_executor(self._writing, self._keep, parts, recording)
        try:
            file, why = await asyncio.shield(writing)
        except asyncio.CancelledError:
            await writing  # whoever ends, what is being written is written
            raise
        self.recordings.append(file.name)
        self._files[file.name] = file
        self._say(as_text("note", message=f"wrote {file}: {why}" if why else f"wrote {file.name}", file=file.name))

    def recover(self) -> Iterator[str]:
        """Write the recordings of which programs that were killed left parts in the folder, and tell of each."""
        for parts in left(self._folder):
            try:
                file, _ = self._keep(parts, None)
            except InputError as error:
                yield f"error: a recording that was cut off cannot be recovered: {error}"
            else:
                self._files[file.name] = file
                self.recordings.append(file.name)
                yield f"recovered {file}: a recording that was cut off when its program was killed"
        try:
            kept = self._memory.left()
            if kept is not None:
                self._take_up(kept)
                yield "took up the session of a program that was killed; what waits begins when you press Go on"
        except InputError as error:
            yield f"error: the session of a program that was killed cannot be taken up: {error}"

    def _take_up(self, kept: dict[str, Any]) -> None:
        """Stand in the scene of a program that was killed, with what waited there and what was recorded."""
        data = {"scene": {}, "name": "", "jobs": [], "recordings": [], **kept}
        scene = scene_from_dict(data["scene"], name=str(data["name"]), where="the scene of the session")
        self.session.reset(scene)
        self._scenes.setdefault(scene.name, scene)
        self.session.take_up(data["jobs"])
        for file in map(Path, map(str, data["recordings"])):
            if file.is_file():
                self._files[file.name] = file
                self.recordings.append(file.name)
        self.paused = any(job.status == "queued" for job in self.session.jobs)

    def keep(self) -> str:
        """Keep what a killed program would lose; why it cannot be kept, once."""
        session = self.session
        if session.jobs or self.recordings:
            data = {
                "name": session.scene.name,
                "scene": session.scene.to_dict(),
                "jobs": [job.kept() for job in session.jobs],
                "recordings": [str(file) for file in self._files.values()],
            }
            self._writing.submit(self._memory.keep, data)
        why = "" if self._memory.told else self._memory.why
        self._memory.told = self._memory.told or bool(why)
        return why

    async def close(self) -> None:
        """Write what is being recorded, end what is being drawn, and leave nothing else behind.

        Raises:
            InputError: the recording cannot be written.
        """
        try:
            await self.films.close()
            await self.record(False)
        finally:
            await asyncio.get_running_loop().run_in_executor(self._writing, self._memory.forget)

    def _keep(self, parts: Parts, rest: Recording | None) -> tuple[Path, str]:
        """Write a recording where recordings go, or else where the system has room: it cannot be made again.

        Returns the file, and why it is not where it should be.

        Raises:
            InputError: neither can be written to.
        """
        recording, why = parts.joined(rest), ""
        try:
            file = self._write(recording, self._folder)
        except InputError as error:
            file, why = self._write(recording, Path(tempfile.mkdtemp(prefix="simonsays-live-"))), str(error)
        parts.remove()
        return file, why

    def _write(self, recording: Recording, folder: Path) -> Path:
        number = 1
        while (file := folder / f"live-{number:03d}.npz").exists() or file.name in self._files:
            number += 1
        return recording.save(file)

    def recording_file(self, name: str) -> Path | None:
        """The file of a recording that was written in this session, None for any other name."""
        return self._files.get(name)


def _title(name: str) -> str:
    """What a performance is called.

    Raises:
        InputError: no such performance.
    """
    files = PERFORMANCES.files()  # by name alone: a page must not have any file of this machine read
    if name not in files:
        raise InputError(f"'perform', field 'name': {name[:40]!r}{did_you_mean(name[:40], files)}")
    return str(read_toml(files[name]).get("title", name))
