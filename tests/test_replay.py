"""The replay page: its numbers, its safety, and how it plays in a real browser."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import Watched, browser_page, until
from simonsays.assets import InputError, path
from simonsays.sim.recording import Recording
from simonsays.sim.robots import get_robot
from simonsays.sim.rotations import matrix_from_quaternion, quaternion_from_rpy
from simonsays.sim.spec import GroundSpec, PropSpec, SceneSpec, load_scene
from simonsays.sim.web.meshes import packed_mesh, read_obj
from simonsays.sim.web.model import scene_model
from simonsays.sim.web.replay import MODULES, quantised, replay_data, replay_html
from simonsays.sim.world import World

HOSTILE = "</script><script>window.hacked=1</script><img src=x onerror='window.hacked=2'> & “走”"
G1 = get_robot("g1")


def recording(seconds: float = 3.0, *, title: str = "walk and wave", scene: SceneSpec | None = None) -> Recording:
    """A made-up walk along x with a wave in it: 50 instants a second, two steps, the second of which fails."""
    scene = load_scene("playground") if scene is None else scene
    time = np.arange(int(seconds * 50)) / 50
    count, joints, props = len(time), len(G1.joints), len(scene.props)
    rng = np.random.default_rng(3)
    angles = np.array([joint.default for joint in G1.joints]) + np.zeros((count, 1))
    angles += 0.3 * np.sin(2 * np.pi * time[:, None] + rng.uniform(0, 6, joints))
    turned = np.array([quaternion_from_rpy(0, 0, 0.4 * t) for t in time])
    targets = angles + 0.05
    targets[-5:] = np.nan
    places = np.array([prop.centre for prop in scene.props]).reshape(props, 3)
    half = seconds / 2
    steps: list[dict[str, Any]] = [
        {"text": "walk", "status": "success", "reason": "", "started": 0.2, "ended": half, "goal": [1.0, 0.0, 0.3]},
        {"text": title, "status": "failure", "reason": "fell", "started": half, "ended": seconds - 0.5, "goal": None},
    ]
    return Recording(
        time=time,
        base_position=np.stack([0.5 * time, 0 * time, 0.78 + 0.01 * np.sin(9 * time)], axis=1),
        base_orientation=turned,
        base_linear_velocity=np.zeros((count, 3)),
        base_angular_velocity=np.zeros((count, 3)),
        joint_names=np.array([joint.name for joint in G1.joints][::-1]),
        joint_positions=angles[:, ::-1],
        joint_velocities=np.zeros((count, joints)),
        joint_torques=np.zeros((count, joints)),
        foot_contacts=np.zeros((count, 2), dtype=bool),
        prop_names=np.array([prop.name for prop in scene.props], dtype=np.str_),
        prop_positions=places + np.zeros((count, 1, 1)),
        prop_orientations=np.tile([0.0, 0.0, 0.0, 1.0], (count, props, 1)),
        step_index=(time >= half).astype(np.int64),
        meta={
            "robot": "g1",
            "policy": "g1-locomotion",
            "scene_name": scene.name,
            "scene": scene.to_dict(),
            "instruction": title,
            "seed": 7,
            "verdict": "failure",
            "steps": steps,
        },
        joint_targets=targets[:, ::-1],
        to_go=np.stack([2 - 0.5 * time, 0 * time, 0 * time], axis=1),
    )


def unpacked(columns: dict[str, Any], count: int) -> np.ndarray[Any, Any]:
    """What frames.js makes of quantised columns."""
    numbers = np.frombuffer(base64.b64decode(columns["data"]), "<i2").reshape(-1, count)
    out, used = np.zeros((count, len(columns["low"]))), 0
    for i, (low, unit) in enumerate(zip(columns["low"], columns["unit"], strict=True)):
        out[:, i] = low
        if unit:
            out[:, i] += (numbers[used].astype(float) + 32767) * unit
            out[numbers[used] == -32768, i] = np.nan
            used += 1
    return out


def test_poses_survive_quantising() -> None:
    rng = np.random.default_rng(0)
    columns = np.cumsum(rng.normal(size=(200, 4)), axis=0)
    columns[:, 1] = 0.7
    columns[50:60, 2] = np.nan
    back = unpacked(quantised(columns), 200)
    np.testing.assert_allclose(back, columns, atol=np.nanmax(np.ptp(columns[:, [0, 3]], axis=0)) / 65534)
    assert np.isnan(back[50:60, 2]).all() and np.isnan(back).sum() == 10
    assert np.isnan(unpacked(quantised(np.full((9, 2), np.nan)), 9)).all()


def test_joints_are_in_the_robots_order_whatever_the_recordings() -> None:
    made = recording()
    data = replay_data(made)
    names = made.joint_names.tolist()
    joints = unpacked(data["joints"], len(made))
    for i, joint in enumerate(data["model"]["robot"]["joints"]):
        np.testing.assert_allclose(joints[:, i], made.joint_positions[:, names.index(joint)], atol=1e-4)


def test_the_link_tree_puts_links_where_bullet_does() -> None:
    model = scene_model(G1, SceneSpec())["robot"]
    angles = 0.3 * np.sin(np.arange(len(G1.joints)))
    with World() as world:
        robot = world.spawn(G1)
        robot.reset([0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 1.0], angles.tolist())
        names = [*G1.feet, *G1.hands, G1.head]
        bullet = dict(zip(names, robot.link_positions(names), strict=True))
    places = link_places(model, angles)
    for name in names:
        np.testing.assert_allclose(places[name], bullet[name], atol=1e-4)


def link_places(model: dict[str, Any], angles: Any) -> dict[str, Any]:
    """World position of each link's frame as shapes.js computes it, the base at (0, 0, 1)."""
    frames: list[tuple[Any, Any]] = []
    for link in model["links"]:
        place, turn = np.array(link["origin"][:3]), matrix_from_quaternion(link["origin"][3:])
        if link["joint"] >= 0:
            half = angles[link["joint"]] / 2
            turn = turn @ matrix_from_quaternion([*(np.sin(half) * np.array(link["axis"])), np.cos(half)])
        above = (np.array([0.0, 0.0, 1.0]), np.eye(3)) if link["parent"] < 0 else frames[link["parent"]]
        frames.append((above[0] + above[1] @ place, above[1] @ turn))
    return {link["name"]: frame[0] for link, frame in zip(model["links"], frames, strict=True)}


def test_a_mesh_is_packed_to_a_tenth_of_a_millimetre() -> None:
    file = path("robots", "g1", "meshes", "head_link.shell.obj")
    vertices, normals, triangles = read_obj(file)
    mesh = packed_mesh(file, np.ones(3))
    numbers = np.frombuffer(base64.b64decode(mesh["positions"]), "<i2").reshape(-1, 3)
    np.testing.assert_allclose(np.array(mesh["centre"]) + mesh["unit"] * numbers, vertices, atol=1e-5)
    assert np.frombuffer(base64.b64decode(mesh["indices"]), "<u2").size == triangles.size
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1.0, atol=1e-6)


def test_odd_meshes_are_read_or_refused(tmp_path: Path) -> None:
    square = tmp_path / "square.obj"
    square.write_text("v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nf 1 2 3 -1\n")
    vertices, normals, triangles = read_obj(square)
    assert len(triangles) == 2 and len(vertices) == 4
    np.testing.assert_allclose(normals, np.tile([0, 0, 1], (4, 1)))
    for text in ("v 0 0 0\nf 1 2 3\n", "v a b c\n", "v 0 0 0\n"):
        square.write_text(text)
        with pytest.raises(InputError, match=r"square\.obj"):
            read_obj(square)


def test_bad_recordings_are_refused() -> None:
    made = recording()
    with pytest.raises(InputError, match="did you mean 'dark'"):
        replay_html(made, look="drak")
    with pytest.raises(InputError, match="g1"):
        replay_html(replace(made, meta={**made.meta, "robot": "g11"}))
    with pytest.raises(InputError, match="no 'scene'"):
        replay_html(replace(made, meta={"robot": "g1"}))
    with pytest.raises(InputError, match="no joint"):
        replay_html(replace(made, joint_names=np.array([f"x{i}" for i in range(len(G1.joints))])))


def test_thirty_seconds_are_small_and_the_page_asks_for_nothing() -> None:
    page = replay_html(recording(30.0))
    assert len(page.encode()) < 5_000_000
    without = page.replace("https://threejs.org", "")
    assert not re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", without)
    assert "default-src 'none'" in page and "'unsafe-" not in page


def test_every_module_stands_after_those_it_imports() -> None:
    for place, name in enumerate(MODULES):
        text = path("web", f"{name}.js").read_text(encoding="utf-8")
        for other in re.findall(r'from "\./(\w+)\.js"', text):
            assert other in MODULES[:place], f"{name}.js imports {other}.js"


def test_a_very_long_recording_is_thinned() -> None:
    made = recording(200.0)
    data = replay_data(made)
    times = np.frombuffer(base64.b64decode(data["time"]), "<f4")
    assert len(times) < 6002 and times[-1] == np.float32(made.time[-1])
    json.dumps(data, allow_nan=False)


@pytest.fixture(scope="module")
def playing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Watched, Path]]:
    """A replay with a hostile instruction, open in a browser without a network."""
    folder = tmp_path_factory.mktemp("replay")
    (folder / "replay.html").write_text(replay_html(recording(title=HOSTILE)), encoding="utf-8")
    with browser_page(offline=True) as watched:
        watched.page.goto((folder / "replay.html").as_uri())
        watched.until("document.replay && document.replay.time > 0.1")
        yield watched, folder


def test_it_plays_and_the_robot_moves(playing: tuple[Watched, Path]) -> None:
    watched, _ = playing
    where = "() => document.replay.view.robot.root.position.toArray()"
    knee = "() => document.replay.view.robot.links.find(l => l.name === 'left_knee_link').group.quaternion.toArray()"
    watched.page.evaluate("document.replay.seek(0); document.replay.play()")
    before, bent = watched.page.evaluate(where), watched.page.evaluate(knee)
    watched.until("document.replay.time > 0.7")
    after = watched.page.evaluate(where)
    assert after[0] - before[0] > 0.25
    assert bent != watched.page.evaluate(knee)
    assert watched.errors == []


def test_nothing_is_fetched_and_no_text_becomes_markup(playing: tuple[Watched, Path]) -> None:
    watched, folder = playing
    assert (folder / "replay.html").as_uri() in watched.requests
    assert all(address.startswith("file:///") and address.endswith(".html") for address in watched.requests)
    assert watched.page.evaluate("window.hacked === undefined")
    assert watched.page.locator("img").count() == 0
    assert watched.page.locator("#title").text_content() == HOSTILE
    assert watched.page.title() == HOSTILE


def test_the_plan_the_caption_and_the_goal_follow_the_time(playing: tuple[Watched, Path]) -> None:
    page = playing[0].page
    page.evaluate("document.replay.pause(); document.replay.seek(1.0)")
    assert page.locator("#steps li.now .words").text_content() == "walk"
    assert page.locator("#caption .rest").text_content() == "1.5 m to go"
    assert page.evaluate("document.replay.view.ground.ring.visible")
    assert page.locator("#steps .mark").all_text_contents() == ["●", "○"]
    page.evaluate("document.replay.seek(2.9)")
    assert page.locator("#steps .mark").all_text_contents() == ["✓", "✗"]
    assert page.locator("#steps .reason").nth(1).text_content() == "fell"
    assert page.locator("#caption").get_attribute("class") == "failure"
    assert not page.evaluate("document.replay.view.ground.ring.visible")
    assert page.locator("#track .part.failure").count() == 1


def test_keys_mouse_and_controls(playing: tuple[Watched, Path]) -> None:
    page = playing[0].page
    page.evaluate("document.replay.pause(); document.replay.seek(1.0)")
    for key, wanted in (("End", 2.98), ("Home", 0.0), ("ArrowRight", 1.0), (".", 1.02), (",", 1.0), ("ArrowLeft", 0.0)):
        page.keyboard.press(key)
        assert page.evaluate("document.replay.time") == pytest.approx(wanted, abs=1e-3), key
    page.keyboard.press("Space")
    assert page.evaluate("document.replay.playing")
    page.keyboard.press("Space")
    page.keyboard.press("[")
    assert page.locator("#speed").input_value() == "0.5"
    page.keyboard.press("5")
    assert page.evaluate("document.replay.view.mode") == "top"
    box = page.locator("#track").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.evaluate("document.replay.time") == pytest.approx(1.49, abs=0.02)
    page.mouse.move(300, 300)
    page.mouse.down()
    page.mouse.move(360, 320)
    page.mouse.up()
    assert page.evaluate("document.replay.view.mode") == "free"
    plots = page.locator(".plot").count()
    page.locator("details.choose summary").click()
    page.locator("#joints input:not(:checked)").first.check()
    assert page.locator(".plot").count() == plots + 1


@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_picture_shows_a_robot(playing: tuple[Watched, Path], look: str) -> None:
    watched, folder = playing
    watched.page.evaluate(f"document.replay.setLook('{look}'); document.replay.setCamera('front')")
    watched.page.evaluate("document.replay.pause(); document.replay.seek(1.0)")
    watched.until("document.replay.view.still || document.replay.view.quality <= 1")
    picture = watched.picture(folder / f"{look}.png").astype(int)
    view = picture[60:-60, 20:600]
    assert (picture[5, 5].sum() < 200) == (look == "dark")
    assert len(np.unique(view.reshape(-1, 3), axis=0)) > 200
    # The white shell of the robot in the middle, and the sky beside it.
    middle = view[100:350, 240:340]
    assert middle.std() > 20
    assert abs(view[20:60, 10:60].mean() - middle.mean()) > 5
    assert watched.errors == []


def test_in_a_frame_it_waits_to_be_started(playing: tuple[Watched, Path]) -> None:
    watched, folder = playing
    scene = SceneSpec(props=(PropSpec("ball", "red", (1.0, 0.5)),), ground=GroundSpec(slope_deg=6, roughness=0.05))
    (folder / "inner.html").write_text(replay_html(recording(1.0, scene=scene)), encoding="utf-8")
    (folder / "outer.html").write_text("<iframe src='inner.html' width='620' height='420'></iframe>")
    page = watched.page.context.new_page()
    page.goto((folder / "outer.html").as_uri())
    inner = page.frames[1]
    until(inner, "Boolean(document.replay)")
    assert inner.evaluate("document.replay.playing") is False
    assert inner.evaluate("document.replay.view.ground.heightAt(5, 0)") == pytest.approx(0.55, abs=0.05)
    inner.click("#start")
    until(inner, "document.replay.time > 0.2")
    page.screenshot(path=folder / "frame.png")
    page.close()
    assert watched.errors == []
