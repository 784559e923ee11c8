"""The replay's data: numbers, meshes, link tree; and what its page may never hold."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_recording import G1, recording

from simonsays.assets import InputError, path
from simonsays.sim.meshes import read_mesh
from simonsays.sim.rotations import matrix_from_quaternion
from simonsays.sim.specs import SceneSpec
from simonsays.sim.web.meshes import packed_mesh
from simonsays.sim.web.model import scene_model
from simonsays.sim.web.replay import MODULES, quantised, replay_data, replay_html
from simonsays.sim.world import World


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
    vertices, normals, triangles = read_mesh(file)
    mesh = packed_mesh(file, np.ones(3), len(triangles))
    numbers = np.frombuffer(base64.b64decode(mesh["positions"]), "<i2").reshape(-1, 3)
    np.testing.assert_allclose(np.array(mesh["centre"]) + mesh["unit"] * numbers, vertices, atol=1e-5)
    assert np.frombuffer(base64.b64decode(mesh["indices"]), "<u2").size == triangles.size
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1.0, atol=1e-6)


def test_odd_meshes_are_read_or_refused(tmp_path: Path) -> None:
    square = tmp_path / "square.obj"
    square.write_text("v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nf 1 2 3 -1\n")
    vertices, normals, triangles = read_mesh(square)
    assert len(triangles) == 2 and len(vertices) == 4
    np.testing.assert_allclose(normals, np.tile([0, 0, 1], (4, 1)))
    for text in ("v 0 0 0\nf 1 2 3\n", "v a b c\n", "v 0 0 0\n"):
        square.write_text(text)
        with pytest.raises(InputError, match=r"square\.obj"):
            read_mesh(square)


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


def test_a_title_that_is_no_unicode_text_can_be_written() -> None:
    assert replay_html(recording(1.0, title="go \ud800")).encode()


def test_plain_shapes_and_fixed_joints_are_read_too(tmp_path: Path) -> None:
    text = G1.urdf.read_text(encoding="utf-8").replace("meshes/", f"{G1.urdf.parent.as_posix()}/meshes/")
    rod = 'radius="0.1" length="1"'
    for shape in ('<box size="1 2 3" />', '<sphere radius="0.2" />', f"<cylinder {rod} />", f"<capsule {rod} />"):
        text = re.sub(r'<mesh filename="[^"]*(?:ankle|pelvis)[^"]*" />', shape, text, count=1)
    (tmp_path / "g1.urdf").write_text(text, encoding="utf-8")
    model = scene_model(replace(G1, urdf=tmp_path / "g1.urdf"), SceneSpec())["robot"]
    plain = [v for link in model["links"] for v in link["visuals"] if "shape" in v]
    assert sorted((v["shape"], *v["size"]) for v in plain) == [
        ("ball", 0.4, 0.4, 0.4),
        ("box", 1.0, 2.0, 3.0),
        ("capsule", 0.2, 0.2, 1.2),
        ("pillar", 0.2, 0.2, 1.0),
    ]
    head = next(link for link in model["links"] if link["name"] == G1.head)
    assert head["kind"] == "fixed" and head["joint"] == -1


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
