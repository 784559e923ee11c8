"""Recordings and films."""

from __future__ import annotations

import os
from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest
from simonsays.assets import InputError
from simonsays.experiments.film import FilmSettings, frame_indices, frames, render_frame, render_video
from simonsays.sim.recording import Recording, RecordingWriter
from simonsays.sim.robots import get_robot
from simonsays.sim.spec import load_scene
from simonsays.sim.world import World


@pytest.fixture(scope="module")
def recording() -> Recording:
    """0.4 s of a robot that sinks to the ground."""
    scene = load_scene("playground")
    with World(scene) as world:
        robot = world.spawn(get_robot("g1"))
        writer = RecordingWriter(robot.joint_names, list(world.props))
        for i in range(21):
            writer.append(robot.state(i * 0.02), *world.prop_poses(), 0)
            robot.track(robot.default_positions, 4)
    step = {"text": "stand still", "status": "success", "reason": "", "started": 0.0, "ended": 0.3}
    return writer.finish(
        {"robot": "g1", "scene": scene.to_dict(), "instruction": "stand still", "steps": [step], "seed": 0}
    )


def test_recording_round_trip(recording: Recording, tmp_path: Path) -> None:
    file = recording.save(tmp_path / "run.npz")
    loaded = Recording.load(file)
    assert loaded.meta == recording.meta
    for name in ("time", "base_position", "joint_names", "prop_positions", "foot_contacts", "step_index"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(recording, name))
    assert loaded.base_position.shape == (21, 3) and loaded.prop_orientations.shape == (21, 4, 4)
    assert os.listdir(tmp_path) == ["run.npz"]
    with np.load(file, allow_pickle=False) as raw:
        assert set(raw.files) >= {"time", "joint_torques", "meta"}


@pytest.mark.parametrize("damage", ["truncate", "text", "drop"])
def test_a_damaged_recording_is_refused(recording: Recording, tmp_path: Path, damage: str) -> None:
    file = tmp_path / "run.npz"
    recording.save(file)
    data = file.read_bytes()
    if damage == "drop":
        with np.load(file) as raw:
            arrays = {name: raw[name] for name in raw.files if name != "joint_torques"}
        np.savez(file, **arrays)
    else:
        file.write_bytes(data[: len(data) // 2] if damage == "truncate" else b"hello")
    with pytest.raises(InputError, match=r"run\.npz"):
        Recording.load(file)


@pytest.mark.parametrize("name", ["run.txt", "nowhere/run.npz"])
def test_a_recording_that_cannot_be_written_is_refused(recording: Recording, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        recording.save(tmp_path / name)
    assert os.listdir(tmp_path) == []


def test_film_has_the_frames_that_were_asked_for(recording: Recording, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    file = render_video(
        recording, tmp_path / "a.mp4", size=(160, 96), fps=25, jobs=1, progress=lambda d, t: seen.append((d, t))
    )
    pictures = iio.imread(file)
    assert pictures.shape == (11, 96, 160, 3) == (len(frame_indices(recording, 25)), 96, 160, 3)
    assert pictures.std() > 10 and seen[-1] == (11, 11)
    assert os.listdir(tmp_path) == ["a.mp4"]


def test_gif(recording: Recording, tmp_path: Path) -> None:
    assert iio.imread(render_video(recording, tmp_path / "a.gif", size=(96, 64), fps=5, jobs=1)).shape[0] == 3


def test_frames_are_equal_from_one_and_two_processes(recording: Recording) -> None:
    one = list(frames(recording, FilmSettings((96, 64), 50), jobs=1))
    two = list(frames(recording, FilmSettings((96, 64), 50), jobs=2))
    np.testing.assert_array_equal(one, two)


def test_the_robot_is_in_the_picture(recording: Recording) -> None:
    from dataclasses import replace

    with_robot = render_frame(recording, 0, (160, 120)).astype(int)
    away = replace(recording, base_position=recording.base_position - [0, 0, 50])
    assert (np.abs(with_robot - render_frame(away, 0, (160, 120))) > 30).any(axis=2).mean() > 0.02


@pytest.mark.parametrize(
    ("out", "size", "fps", "word"),
    [("a.avi", (96, 64), 25, "mp4"), ("a.mp4", (97, 64), 25, "even"), ("a.mp4", (96, 64), 0, "fps"),
     ("x/a.mp4", (96, 64), 25, "folder")],
)  # fmt: skip
def test_a_film_that_cannot_be_made_is_refused(
    recording: Recording, tmp_path: Path, out: str, size: tuple[int, int], fps: int, word: str
) -> None:
    with pytest.raises(InputError, match=word):
        render_video(recording, tmp_path / out, size=size, fps=fps)
    assert os.listdir(tmp_path) == []
