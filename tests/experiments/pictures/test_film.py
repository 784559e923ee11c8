"""Recordings and films."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import numpy as np
import pytest

from simonsays.assets import InputError
from simonsays.experiments.film import (
    FilmSettings,
    Moment,
    default_jobs,
    frame_indices,
    frames,
    prepare,
    render,
    render_frame,
)
from simonsays.experiments.film.layout import panes
from simonsays.experiments.film.theme import theme
from simonsays.sim.pictures.cameras import CAMERAS, camera_path
from simonsays.sim.pictures.renderers import choose_renderer
from simonsays.sim.recorder import RecordingWriter
from simonsays.sim.recording import Recording
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import PropSpec, SceneSpec, load_scene
from simonsays.sim.storyline import Storyline
from simonsays.sim.web.replay import replay_data
from simonsays.sim.world import World
from simonsays.testing import recordings as synthetic


def tiny(size: tuple[int, int] = (640, 360), fps: int = 25, **more: Any) -> FilmSettings:
    """For TinyRenderer, where nothing else is said: choosing one times both, and a stage of EGL takes half a second."""
    return FilmSettings(size, fps, **{"renderer": "tiny", **more})


def film_of(
    recording: Recording, out: Path, *, size: tuple[int, int] = (640, 360), fps: int = 25, **options: Any
) -> Path:
    return render([recording], out, tiny(size, fps), **options).file


@pytest.fixture(scope="module")
def recording() -> Recording:
    """0.4 s of a robot that sinks to the ground."""
    scene = load_scene("playground")
    with World(scene) as world:
        robot = world.spawn(get_robot("g1"))
        writer = RecordingWriter(world, robot)
        for i in range(21):
            writer.append(robot.reading(i * 0.02), 0)
            robot.track(robot.default_positions, 4)
    step = {"text": "stand still", "status": "success", "reason": "", "started": 0.0, "ended": 0.3}
    return writer.finish({"instruction": "stand still", "steps": [step], "seed": 0})


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
    file = film_of(
        recording, tmp_path / "a.mp4", size=(160, 96), fps=25, jobs=1, progress=lambda d, t: seen.append((d, t))
    )
    pictures = iio.imread(file)
    assert pictures.shape == (11, 96, 160, 3) == (len(frame_indices(recording, 25)), 96, 160, 3)
    assert pictures.std() > 10 and seen[-1] == (11, 11)
    assert os.listdir(tmp_path) == ["a.mp4"]
    said = iio.immeta(file)
    assert said["codec"] == "h264" and said["pix_fmt"].startswith("yuv420p") and said["fps"] == 25


def test_gif(recording: Recording, tmp_path: Path) -> None:
    film = iio.imread(film_of(recording, tmp_path / "a.gif", size=(96, 64), fps=5, jobs=1))
    assert film.shape == (3, 64, 96, 3) and os.listdir(tmp_path) == ["a.gif"]
    drawn = np.array(list(frames(recording, tiny((96, 64), 5), jobs=1)), dtype=float)
    assert np.abs(film - drawn).mean() < 12  # 256 colours


@pytest.mark.parametrize("renderer", ["tiny", pytest.param("egl", marks=pytest.mark.slow)])
def test_frames_are_equal_from_one_and_two_processes(recording: Recording, renderer: str) -> None:
    settings = tiny((160, 96), 5, cameras=("follow", "side"), story=True, renderer=renderer)
    if renderer == "egl":
        try:
            choose_renderer("egl")
        except InputError as error:
            pytest.skip(str(error))
    one = list(frames(recording, settings, jobs=1))
    two = list(frames(recording, settings, jobs=2))
    np.testing.assert_array_equal(one, two)
    assert len({picture.tobytes() for picture in one}) > 5  # cards, fades and the run all differ


def test_the_robot_is_in_the_picture(recording: Recording) -> None:
    with_robot = render_frame(recording, 0, settings=tiny((160, 120))).astype(int)
    away = replace(recording, base_position=recording.base_position - [0, 0, 50])
    assert (np.abs(with_robot - render_frame(away, 0, settings=tiny((160, 120)))) > 30).any(axis=2).mean() > 0.02


@pytest.mark.parametrize(
    ("out", "size", "fps", "word"),
    [("a.avi", (96, 64), 25, "mp4"), ("a.mp4", (97, 64), 25, "even"), ("a.mp4", (96, 64), 0, "fps"),
     ("x/a.mp4", (96, 64), 25, "folder")],
)  # fmt: skip
def test_a_film_that_cannot_be_made_is_refused(
    recording: Recording, tmp_path: Path, out: str, size: tuple[int, int], fps: int, word: str
) -> None:
    with pytest.raises(InputError, match=word):
        film_of(recording, tmp_path / out, size=size, fps=fps)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("settings", "word"),
    [({"speed": 0.0}, "speed"), ({"cameras": ("folow",)}, "'follow'"), ({"cameras": ("top",) * 3}, "one or two"),
     ({"look": "drak"}, "'dark'"), ({"renderer": "gpu"}, "tiny"), ({"layout": "stack"}, "split"),
     ({"start": -1.0}, "start"), ({"start": 2.0, "end": 1.0}, "before end"), ({"end": float("nan")}, "end")],
)  # fmt: skip
def test_a_setting_that_is_impossible_is_refused(settings: dict[str, object], word: str) -> None:
    with pytest.raises(InputError, match=word):
        FilmSettings(**settings)  # type: ignore[arg-type]


def test_nothing_to_film_is_refused(recording: Recording, tmp_path: Path) -> None:
    empty = replace(recording, **{name: getattr(recording, name)[:0] for name in ("time", "step_index")})
    for recordings, settings, word in (
        ([empty], tiny(), "empty"),
        ([recording], tiny(start=3.0), "ends at 0.40 s"),
        ([], tiny(), "0 recordings"),
        ([recording], tiny(labels=("a", "b")), "2 labels"),
    ):
        with pytest.raises(InputError, match=word):
            render(recordings, tmp_path / "a.mp4", settings)
    assert os.listdir(tmp_path) == []


# Time


def test_a_part_of_the_recording(recording: Recording) -> None:
    _, moments = prepare([recording], tiny(fps=25, start=0.1, end=0.3))
    times = [recording.time[moment.indices[0]] for moment in moments]
    np.testing.assert_allclose(times, [0.1, 0.14, 0.18, 0.22, 0.26, 0.30], atol=0.021)


def test_slow_motion_moves_between_the_instants(recording: Recording) -> None:
    (slow,), moments = prepare([recording], tiny(fps=25, speed=0.25))
    times = slow.time[[moment.indices[0] for moment in moments]]
    np.testing.assert_allclose(times, np.arange(41) * 0.01, atol=1e-9)
    heights = slow.base_position[[moment.indices[0] for moment in moments], 2]
    np.testing.assert_allclose(heights[::2], recording.base_position[:, 2], atol=1e-9)
    np.testing.assert_allclose(heights[1::2], (heights[:-1:2] + heights[2::2]) / 2, atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(slow.prop_orientations, axis=-1), 1.0)
    assert slow.step_index.dtype == recording.step_index.dtype


def test_fast_motion_shows_fewer_frames(recording: Recording) -> None:
    assert len(prepare([recording], tiny(fps=25, speed=2.0))[1]) == 6


def test_the_shorter_of_two_recordings_waits_at_its_end(recording: Recording) -> None:
    short = replace(recording, **{
        name: getattr(recording, name)[:6] for name in vars(recording)
        if name not in ("meta", "joint_names", "prop_names") and getattr(recording, name) is not None
    })  # fmt: skip
    _, moments = prepare([recording, short], tiny(fps=25))
    assert moments[-1].indices == (20, 4) and moments[1].indices == (2, 2)


def test_cards_cover_both_ends_of_a_story(recording: Recording) -> None:
    _, moments = prepare([recording], tiny(fps=10, story=True))
    titles, closings = [m.title for m in moments], [m.closing for m in moments]
    assert titles[0] == closings[-1] == 1.0 and titles[-1] == closings[0] == 0.0
    assert sorted(titles, reverse=True) == titles and sorted(closings) == closings
    bare = [m.indices[0] for m in moments if not (m.title or m.closing)]
    assert bare == frame_indices(recording, 10)


# Pictures


def test_captions_can_be_left_out(recording: Recording) -> None:
    settings = tiny((160, 96), cameras=("follow",))
    bare = render_frame(recording, 0, settings=replace(settings, captions=False)).astype(int)
    said = render_frame(recording, 0, settings=settings).astype(int)
    changed = (bare != said).any(axis=(1, 2))
    assert changed[:30].any() and changed[-20:].any() and not changed[40:60].any()


@pytest.mark.parametrize("status", ["success", "failure"])
def test_the_border_has_the_colour_of_the_outcome(recording: Recording, status: str) -> None:
    steps = [{**recording.meta["steps"][0], "status": status, "reason": "" if status == "success" else "fell"}]
    judged = replace(recording, meta={**recording.meta, "steps": steps})
    settings = tiny((320, 180), story=True)
    plain = replace(settings, story=False)
    before, ended = (render_frame(judged, index, settings=settings)[90, 0].astype(float) for index in (0, 20))
    bare = render_frame(judged, 20, settings=plain)[90, 0].astype(float)
    np.testing.assert_array_equal(before, render_frame(judged, 0, settings=plain)[90, 0])
    # 0.1 s after the end a quarter of the border has appeared.
    np.testing.assert_allclose(ended, bare + 0.25 * (np.array(theme("light").of(status)) - bare), atol=3)


def test_two_recordings_stand_side_by_side(recording: Recording, tmp_path: Path) -> None:
    settings = tiny((320, 160), 5, labels=("before", "after"), captions=False)
    made = render([recording, recording], tmp_path / "a.mp4", settings, jobs=1)
    film = iio.imread(made.file)
    assert film.shape[1:] == (160, 320, 3) and made.frames == len(film) == 3
    left, right = film[-1][:, :159].astype(int), film[-1][:, 161:].astype(int)
    assert np.abs(left - right).mean() < 3  # the same run


def test_two_cameras_share_a_picture(recording: Recording) -> None:
    one = render_frame(recording, 0, settings=tiny((320, 180), cameras=("follow",), captions=False)).astype(int)
    settings = tiny((320, 180), cameras=("follow", "top"), captions=False)
    inset = render_frame(recording, 0, settings=settings).astype(int)
    split = render_frame(recording, 0, settings=replace(settings, layout="split")).astype(int)
    changed = (one != inset).any(axis=2)
    assert changed[20:60, 230:310].mean() > 0.5 and not changed[:, :200].any() and not changed[100:].any()
    assert (one != split).any(axis=2)[:, 10:150].mean() > 0.2


@pytest.mark.parametrize("count", range(1, 10))
@pytest.mark.parametrize("size", [(320, 180), (1920, 1080), (360, 640)])
def test_panes_fill_the_picture_and_do_not_overlap(count: int, size: tuple[int, int]) -> None:
    seen = np.zeros((size[1], size[0]), dtype=int)
    for pane in panes(size, count, ("follow", "top"), "split"):
        for view in pane.views:
            rect = view.rect
            assert rect.width > 20 and rect.height > 20
            seen[rect.y : rect.y + rect.height, rect.x : rect.x + rect.width] += 1
            assert rect.x >= 0 and rect.y >= 0 and rect.x + rect.width <= size[0] and rect.y + rect.height <= size[1]
    assert seen.max() == 1 and seen.mean() > (0.75 if count in (5, 7) else 0.85)


def test_a_contact_sheet_shows_pictures_of_the_whole_run(recording: Recording, tmp_path: Path) -> None:
    made = render([recording], tmp_path / "a.png", tiny((160, 96)), jobs=1)
    sheet = iio.imread(made.file)
    assert made.frames == 9 and sheet.shape == (3 * 96 + 8, 3 * 160 + 8, 3)
    first, last = sheet[20:76, :160].astype(int), sheet[220:276, 328:].astype(int)
    assert np.abs(first - last).max() > 30
    single = render([recording], tmp_path / "b.png", tiny((160, 96)), jobs=1, sheet=1)
    assert iio.imread(single.file).shape == (96, 160, 3)


def test_any_frame_is_drawn_equal_whatever_was_drawn_before(recording: Recording) -> None:
    from simonsays.experiments.film import FrameDrawer

    settings = tiny((160, 96), story=True, look="dark")
    drawer = FrameDrawer([recording], settings)
    moments = [Moment((20,)), Moment((0,), title=1.0), Moment((10,)), Moment((20,), closing=0.8)]
    forward = [drawer.draw(moment) for moment in moments]
    backward = [drawer.draw(moment) for moment in reversed(moments)][::-1]
    drawer.close()
    np.testing.assert_array_equal(forward, backward)


# Cameras and renderers


@pytest.fixture(scope="module")
def turn() -> Recording:
    """2 s of walking in an arc."""
    return synthetic.record(
        2.0, lambda t: (0.5 * t, 0.2 * t * t, synthetic.STANDING, 0.4 * t), scene=load_scene("playground")
    )


@pytest.mark.parametrize("name", CAMERAS)
def test_cameras_are_smooth_keep_the_robot_framed_and_stay_above_the_ground(turn: Recording, name: str) -> None:
    path = camera_path(name, turn)
    eyes = np.array([camera.eye() for camera in path])
    assert len(path) == len(turn) and (eyes[:, 2] > 0.2).all()
    assert np.linalg.norm(np.diff(eyes, axis=0), axis=1).max() < 0.08  # m an instant of 0.02 s: no jerks
    if name == "first-person":
        assert np.linalg.norm(eyes[:, :2] - turn.base_position[:, :2], axis=1).max() < 0.3
        return
    for camera, place in zip(path, turn.base_position, strict=True):
        aside = np.linalg.norm(np.array(camera.target) - place)
        assert aside < np.tan(np.radians(camera.fov_deg / 2)) * camera.distance  # within the picture


@pytest.mark.parametrize("name", ["follow", "side", "orbit", "front", "static", "director"])
def test_no_prop_hides_the_robot(turn: Recording, name: str) -> None:
    place = turn.base_position[0]
    open_path = camera_path(name, turn)
    eye = open_path[0].eye()
    x, y = (place + 0.55 * (eye - place))[:2].tolist()
    box = PropSpec("box", "red", (x, y), size=(0.5, 0.5, 0.9))
    scene = SceneSpec(props=(box,))
    centre = np.array(scene.props[0].centre)
    hidden = replace(
        turn,
        prop_names=np.array([scene.props[0].name]),
        prop_positions=centre + np.zeros((len(turn), 1, 3)),
        prop_orientations=np.tile([0.0, 0.0, 0.0, 1.0], (len(turn), 1, 1)),
        meta={**turn.meta, "scene": scene.to_dict()},
    )
    path = camera_path(name, hidden)
    if name != "director":  # it looks from elsewhere
        assert path[0].pitch_deg < open_path[0].pitch_deg - 3 and path[0].yaw_deg == open_path[0].yaw_deg
    knees, seen_from = place - [0, 0, 0.4], path[0].eye()
    for share in np.linspace(0, 1, 101):
        point = knees + share * (seen_from - knees)
        assert not (np.abs(point[:2] - centre[:2]).max() <= 0.25 and point[2] < 0.9)
    pitches = np.array([camera.pitch_deg for camera in path])
    if name != "director":  # it cuts
        assert np.abs(np.diff(pitches)).max() < 3


@pytest.mark.parametrize("name", CAMERAS)
def test_every_camera_sees_something(turn: Recording, name: str) -> None:
    settings = tiny((96, 64), cameras=(name,), captions=False)
    first, last = (render_frame(turn, index, settings=settings).astype(int) for index in (0, 100))
    assert first.std() > 5 and np.abs(first - last).max() > 20


def test_looks_differ_and_the_trail_and_the_ring_are_seen(turn: Recording) -> None:
    step = {"text": "go", "status": "success", "started": 0.0, "ended": 2.0, "goal": [0.4, 0.1, 0.3]}
    gone = replace(turn, meta={**turn.meta, "steps": [step]})
    settings = tiny((160, 96), cameras=("top",), captions=False)
    light = render_frame(gone, 100, settings=settings).astype(int)
    dark = render_frame(gone, 100, settings=replace(settings, look="dark")).astype(int)
    assert light.mean() > dark.mean() + 60
    without_ring = render_frame(turn, 100, settings=settings).astype(int)
    orange = (light - without_ring)[..., 2] < -40
    assert 20 < orange.sum() < 2000
    start = render_frame(turn, 0, settings=replace(settings, cameras=("static",))).astype(int)
    end = render_frame(turn, 100, settings=replace(settings, cameras=("static",))).astype(int)
    blue = end[..., 2] - end[..., 0] > 60
    assert blue.sum() > (start[..., 2] - start[..., 0] > 60).sum() + 20


def test_what_was_passed_over_is_seen(recording: Recording) -> None:
    noted = replace(recording, meta={**recording.meta, "notes": ["please", "和气地"]})
    assert Storyline.of(noted).passed_over == "passed over: “please”, “和气地”"
    follow = tiny((320, 180), cameras=("follow",))
    for settings in (follow, replace(follow, story=True)):
        plain, told = (next(iter(frames(each, settings, jobs=1))).astype(int) for each in (recording, noted))
        rows = np.flatnonzero(np.abs(plain - told).max(axis=(1, 2)) > 40)
        assert len(rows) and (settings.story or rows.max() < 60)  # on the title card, or below the title
    assert replay_data(noted)["facts"][-1] == Storyline.of(noted).passed_over
    assert Storyline.of(replace(recording, meta={**recording.meta, "notes": 3})).passed_over == ""
    mended = Storyline.of(replace(recording, meta={**recording.meta, "notes": ["wlak → walk"]}))
    assert mended.passed_over == "passed over or read otherwise: “wlak → walk”"


def test_large_films_and_many_recordings_get_fewer_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(16)), raising=False)
    assert [default_jobs((640, 360)), default_jobs((3840, 2160))] == [4, 2]
    assert [default_jobs((640, 360), "egl"), default_jobs((640, 360), "egl", recordings=4)] == [2, 1]


def test_egl_draws_the_same_picture_or_says_what_is_missing(recording: Recording) -> None:
    settings = tiny((320, 180), captions=False, renderer="egl")
    try:
        chosen = choose_renderer("egl")
    except InputError as error:
        assert "install" in str(error) or "eglRenderer" in str(error)
        return
    assert chosen.name == "egl"
    egl = render_frame(recording, 0, settings=settings).astype(int)
    plain = render_frame(recording, 0, settings=replace(settings, renderer="tiny")).astype(int)
    assert (np.abs(egl - plain).max(axis=2) > 40).mean() < 0.02


def test_another_robots_joints_are_refused(recording: Recording, tmp_path: Path) -> None:
    renamed = replace(recording, joint_names=recording.joint_names[::-1])
    with pytest.raises(InputError, match="joints"):
        render([renamed], tmp_path / "a.mp4", tiny((96, 64)), jobs=1)
    assert os.listdir(tmp_path) == []
