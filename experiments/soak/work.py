"""What a soak does: batch runs and a live robot, each in a process of its own."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

from simonsays.assets import InputError
from simonsays.experiments.jobs.processes import Ask
from simonsays.experiments.soak.shift import Diary, Shift, Task, check


def work(task: Task, ask: Ask) -> Diary:
    """Do a task until its time is over."""
    shift = Shift(task, ask)
    with tempfile.TemporaryDirectory(prefix="simon-soak-") as folder:
        _WORK[task.kind](shift, Path(folder))
    return shift.diary


def batch(shift: Shift, folder: Path) -> None:
    """One sentence after the other in scenes of their own; each recording is written, read back and compared."""
    from simonsays.experiments.benchmark.scenes import NoScene, stage
    from simonsays.experiments.say import run_instruction

    diary, task = shift.diary, shift.task
    for number, example in enumerate(shift.examples()):
        if not shift.goes_on():
            return
        try:
            scene = stage(example, task.seed + number).scene
            result = run_instruction(example.text, scene=scene, seed=task.seed + number, engine=task.engine)
        except (InputError, NoScene) as refusal:
            diary.done[f"refused: {type(refusal).__name__}"] += 1
            continue
        diary.done["done" if result.success else "failed"] += 1
        check(shift, result.recording.save(folder / "run.npz"), result.recording)


def live(shift: Shift, folder: Path) -> None:
    """A live robot with a page, in real time, until its server is told to end."""
    from simonsays.experiments.live.server import LiveServer
    from simonsays.experiments.live.session import LiveSession
    from simonsays.experiments.soak.page import visits

    session = LiveSession("playground", engine=shift.task.engine, seed=shift.task.seed)
    session.warm_up()
    server = LiveServer(session, port=0, folder=folder)

    async def serve() -> None:
        serving = asyncio.ensure_future(server.run())
        visiting = asyncio.ensure_future(visits(server, shift, folder))
        await asyncio.wait([serving, visiting], return_when=asyncio.FIRST_COMPLETED)
        if visiting.done():
            serving.cancel()
            await asyncio.wait([serving])
            visiting.result()
        else:
            visiting.cancel()
            serving.result()

    try:
        asyncio.run(serve())
    finally:
        session.close()
    for file in folder.iterdir():
        shift.diary.faults.append(f"left behind: {file.name}")


_WORK: dict[str, Callable[[Shift, Path], None]] = {"batch": batch, "live": live}
KINDS = tuple(_WORK)
