"""Recordings that are written as they grow."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_recording import recording

from simonsays.assets import InputError
from simonsays.sim.parts import Parts, joined, left
from simonsays.sim.recorder import Act, RecordingWriter
from simonsays.sim.recording import Recording
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import load_scene
from simonsays.sim.world import World


def stood(cuts: Sequence[int]) -> list[Recording]:
    """A robot that is dropped, and hears of acts until it lies; its recording in parts."""
    with World(load_scene("playground")) as world:
        robot = world.spawn(get_robot("g1"))
        writer, parts, targets = RecordingWriter(world, robot), [], robot.default_positions.tolist()
        for i in range(40):
            writer.append(robot.reading(i * 0.02), 0)
            robot.track(targets, 4)
            if i < 30:
                seen = np.full(3 if i < 12 else 5, i, np.float32)
                writer.act(Act("gait" if i < 12 else "crouch", seen, seen[:2], targets))
            if i in cuts:
                parts.append(writer.drain({"instruction": "stand"}))
        return [*parts, writer.finish({"instruction": "stand", "notes": ["whole"]})]


def touching(recording: Recording) -> list[dict[tuple[str, str], list[float]]]:
    return [{(a, b): f.tolist() for a, b, f in recording.contacts(i)} for i in range(len(recording))]


def test_parts_joined_are_the_whole() -> None:
    [whole], parts = stood(()), stood((9, 29, 39))
    assert [len(part) for part in parts] == [10, 20, 10, 0] and parts[2].motion is None
    made = joined(parts, parts[-1].meta)
    for field in fields(Recording):
        if field.name not in ("contact_pairs", "contact_forces"):  # whose order is that of their coming
            np.testing.assert_equal(getattr(made, field.name), getattr(whole, field.name), field.name)
    assert touching(made) == touching(whole) and any(touching(whole))


KILLED = """
import sys, time
from pathlib import Path
from simonsays.sim.parts import Parts
from simonsays.sim.recording import Recording
parts = Parts(Path(sys.argv[1]))
for name in sys.argv[2:]:
    parts.add(Recording.load(name))
print("written", flush=True)
time.sleep(600)
"""


def halves(whole: Recording) -> list[Recording]:
    middle, n = len(whole) // 2, len(whole)
    cut = {f.name: getattr(whole, f.name) for f in fields(whole)}
    long = {name: array for name, array in cut.items() if isinstance(array, np.ndarray) and len(array) == n}
    return [replace(whole, **{name: array[part] for name, array in long.items()})
            for part in (slice(0, middle), slice(middle, n))]  # fmt: skip


def test_what_a_killed_program_left_is_found_once_it_is_dead(tmp_path: Path) -> None:
    whole = recording(1.0)
    files = [str(half.save(tmp_path / f"{i}.npz")) for i, half in enumerate(halves(whole))]
    command = [sys.executable, "-c", KILLED, str(tmp_path), *files]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "written\n"
        assert list(left(tmp_path)) == []  # it lives
        process.send_signal(signal.SIGKILL)
        process.wait()
        [parts] = left(tmp_path)
        assert list(left(tmp_path)) == []  # we have it
    np.testing.assert_equal(parts.joined().joint_positions, whole.joint_positions)
    parts.remove()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["0.npz", "1.npz"]


def test_what_cannot_be_written_stays_and_what_is_gone_is_told(tmp_path: Path) -> None:
    folder, (first, second) = tmp_path / "out", halves(recording(1.0))
    nowhere: Any = Parts(folder)
    nowhere.add(first)  # no such folder
    assert len(nowhere.joined(second)) == 50
    folder.mkdir()
    parts = Parts(folder)
    parts.add(first)
    [file] = folder.glob("*/0*.npz")
    file.unlink()
    made = parts.joined(second)
    assert len(made) == 25 and "lost" in made.meta["notes"][-1]
    with pytest.raises(InputError, match="nothing of the recording"):
        parts.joined()
    parts.remove()
    assert not list(folder.iterdir())
