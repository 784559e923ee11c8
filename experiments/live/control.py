"""What a page asks for, done: the session's controls behind the socket, and all that a page is told of them."""

from __future__ import annotations

import asyncio
import json
import math
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from simonsays.assets import InputError
from simonsays.assets.registry import SCENES
from simonsays.envs.language import ParseError, analyze
from simonsays.envs.language.dialogue import hear
from simonsays.envs.moves.skill import Skill
from simonsays.envs.plan.plan import ground
from simonsays.envs.skills import GroundingError, skills
from simonsays.experiments.live.jobs import Job, Refusal
from simonsays.experiments.live.protocol import as_text
from simonsays.experiments.live.session import LiveSession, in_every_language
from simonsays.sim.parts import Parts, left
from simonsays.sim.recording import Recording
from simonsays.sim.specs import SceneSpec, load_scene
from simonsays.sim.web.model import scene_model

LONGEST_RECORDING = 600.0
"""s, after which a recording is written and the next one begins"""
PART = 5.0
"""s of a recording that may be lost where the program is killed"""
EXAMPLES = ("walk to the red ball and wave", "turn around", "crouch for two seconds", "jump")


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
        self.recordings: list[str] = []
        self._files: dict[str, Path] = {}
        self._hello: tuple[SceneSpec, str] | None = None
        self._scenes: dict[str, SceneSpec | str] = {name: name for name in SCENES.files()}
        self._scenes.setdefault(session.scene.name, session.scene)

    def greeting(self) -> str:
        """All that a page needs to begin, most of it made once a scene: many pages at once must not hold the robot."""
        scene = self.session.scene
        if self._hello is None or self._hello[0] is not scene:
            able = [{"verb": verb, "example": skill.example} for verb, skill in skills().items() if self._can(skill)]
            told = as_text(
                "hello",
                model=scene_model(self.session.env.spec_robot, scene, self.look),
                scenes=list(self._scenes),
                examples=[*EXAMPLES, *in_every_language(EXAMPLES[0])[1:]],
                skills=able,
            )
            self._hello = scene, told
        trail = json.dumps([list(point) for point in self.session.trail])
        return f'{self._hello[1][:-1]},"trail":{trail}}}'

    def _can(self, skill: Skill) -> bool:
        """Whether the robot has what a skill needs; a thing of its example may be missing in this scene."""
        try:
            ground(analyze(skill.example).instruction, self.session.scene, self.session.env.spec_robot)
        except GroundingError as error:
            return error.code != "unsupported_skill"
        return True

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
        if action == "say":
            return await self._hear(request)
        if action == "stop":
            session.stop()
        elif action == "remove":
            session.remove(request["job"])
        elif action == "pause":
            self.paused = request["on"]
        elif action == "speed":
            self.speed = float(request["value"])
        elif action == "push":
            session.push(None if request["direction"] == "anywhere" else request["direction"])
        elif action == "record":
            await self.record(request["on"])
        else:
            await self._begin_anew(request.get("name") if action == "scene" else None)
        return None

    async def _hear(self, request: dict[str, Any]) -> str:
        """Read the text beside the simulation, so that this goes on meanwhile."""
        began, text = time.perf_counter(), request["text"].strip()
        try:
            analysis = await asyncio.get_running_loop().run_in_executor(None, hear, text, self.session.context)
            outcome: Job | Refusal = self.session.accept(text, analysis, now=request["now"])
        except ParseError as error:
            outcome = self.session.refuse(error)
        accepted = isinstance(outcome, Job)
        said = {"job": outcome.to_json()} if isinstance(outcome, Job) else {"refusal": outcome.to_json()}
        taken = 1000 * (time.perf_counter() - began)
        shown = text if len(text) <= 300 else text[:300] + "…"
        return as_text("answer", id=request["id"], text=shown, accepted=accepted, ms=round(taken, 1), **said)

    async def _begin_anew(self, name: str | None) -> None:
        scene = None
        if name is not None:
            if name not in self._scenes:
                raise InputError(f"no scene {name[:40]!r}; there are: {', '.join(self._scenes)}")
            given = self._scenes[name]
            scene = load_scene(given) if isinstance(given, str) else given
        self.session.reset(scene)
        model = scene_model(self.session.env.spec_robot, self.session.scene, self.look)
        self._say(as_text("scene", model=model))
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
                yield f"recovered {file}: a recording that was cut off when its program was killed"

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
