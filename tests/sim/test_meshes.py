"""Meshes of every kind are read alike, thinned within bounds, and touched as primitives that are as far off as said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simonsays.assets import InputError
from simonsays.sim.drafting.primitives import fitted, sole
from simonsays.sim.meshes import read_mesh
from simonsays.sim.meshes.mesh import Mesh, creased, obj_text, thinned
from simonsays.sim.meshes.stl import stl_bytes
from simonsays.sim.shapes import ball_mesh, box_mesh

BOX = box_mesh(0.2, 0.1, 0.05)
CORNERS, FACES = np.array(BOX["vertices"]), np.array(BOX["indices"]).reshape(-1, 3)
DAE = """<?xml version="1.0"?>
<COLLADA xmlns="http://www.collada.org/2005/11/COLLADASchema" version="1.4.1">
  <asset><unit name="millimeter" meter="0.001"/><up_axis>Y_UP</up_axis></asset>
  <library_geometries><geometry id="g"><mesh>
    <source id="p"><float_array count="{count}">{floats}</float_array></source>
    <vertices id="v"><input semantic="POSITION" source="#p"/></vertices>
    {part}
  </mesh></geometry></library_geometries>
  <library_visual_scenes><visual_scene id="s"><node>
    <matrix>1 0 0 100  0 0 -1 0  0 1 0 0  0 0 0 1</matrix><node><scale>1000 1000 1000</scale>
    <instance_geometry url="#g"/></node></node></visual_scene></library_visual_scenes>
  <scene><instance_visual_scene url="#s"/></scene>
</COLLADA>
"""
INPUTS = '<input semantic="VERTEX" source="#v" offset="0"/><input semantic="NORMAL" source="#n" offset="1"/>'


def written(folder: Path, kind: str, part: str = "") -> Mesh:
    file = folder / f"box.{kind}"
    if kind == "obj":
        file.write_text(obj_text(creased(CORNERS, FACES)))
    elif kind == "stl":
        file.write_bytes(stl_bytes(CORNERS, FACES))
    else:
        file.write_text(DAE.format(count=CORNERS.size, floats=" ".join(map(str, CORNERS.ravel())), part=part))
    return read_mesh(file)


def volume(mesh: Mesh) -> float:
    a, b, c = (mesh.vertices[mesh.triangles[:, k]] for k in range(3))
    return float((np.cross(a, b) * c).sum() / 6)


def test_kinds_are_read_alike(tmp_path: Path) -> None:
    pairs = " ".join(f"{place} 0" for place in FACES.ravel())
    quads = [(f[0], f[1], f[2], g[2]) for f, g in zip(FACES[::2], FACES[1::2], strict=True)]
    fours = " ".join(f"{place} 0" for quad in quads for place in quad)
    triangles = f"<triangles count='12'>{INPUTS}<p>{pairs}</p></triangles>"
    polygons = f"<polylist count='6'>{INPUTS}<vcount>{'4 ' * 6}</vcount><p>{fours}</p></polylist>"
    for mesh, turned in (
        (written(tmp_path, "obj"), False),
        (written(tmp_path, "stl"), False),
        (written(tmp_path, "dae", triangles), True),
        (written(tmp_path, "dae", polygons), True),
    ):
        assert len(mesh.triangles) == 12 and len(mesh.vertices) == 24, "edges of a box stay sharp"
        assert volume(mesh) == pytest.approx(0.4 * 0.2 * 0.1, rel=1e-4)
        placed = CORNERS @ np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]]).T + [0.1, 0, 0] if turned else CORNERS
        np.testing.assert_allclose(mesh.vertices.max(axis=0), placed.max(axis=0), atol=1e-6)
        np.testing.assert_allclose(np.abs(mesh.normals).max(axis=1), 1.0, atol=1e-3)


@pytest.mark.parametrize(
    "part",
    [
        "",
        f"<triangles count='1'>{INPUTS}<p>0 0 1 0 99 0</p></triangles>",
        f"<triangles count='1'>{INPUTS.replace('#v', '#nowhere')}<p>0 0 1 0 2 0</p></triangles>",
        f"<triangles count='1'>{INPUTS}<p>0 0 one 0 2 0</p></triangles>",
    ],
)
def test_odd_collada_is_refused(tmp_path: Path, part: str) -> None:
    with pytest.raises(InputError, match=r"box\.dae"):
        written(tmp_path, "dae", part)


def test_a_ball_is_thinned_within_its_bound_and_stays_round() -> None:
    points, faces = ball_mesh()
    few = creased(*thinned(points, faces, 300))
    assert 100 < len(few.triangles) <= 300
    assert np.linalg.norm(few.vertices, axis=1) == pytest.approx(1.0, abs=0.15)
    assert volume(few) == pytest.approx(4.19, rel=0.2)
    assert thinned(points, faces, len(faces))[1] is faces


def test_primitives_are_found_with_their_error() -> None:
    ball, _ = ball_mesh()
    turned = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    capsule = np.concatenate([0.05 * ball + [0, 0, 0.1], 0.05 * ball - [0, 0, 0.1]]) @ turned.T + [0.1, 0.2, 0.3]
    for points, kind, size, centre in (
        (CORNERS @ turned.T, "box", [0.1, 0.2, 0.4], [0, 0, 0]),
        (capsule, "capsule", [0.05, 0.2], [0.1, 0.2, 0.3]),
        (0.3 * ball, "sphere", [0.3], [0, 0, 0]),
    ):
        made = fitted(points)
        assert made.kind == kind and made.error < 0.004
        np.testing.assert_allclose(sorted(made.size), size, atol=0.004)
        np.testing.assert_allclose(made.centre, centre, atol=0.003)
    cone = np.array([[0, 0, 0.2], [0.1, 0.1, 0], [-0.1, 0.1, 0], [-0.1, -0.1, 0], [0.1, -0.1, 0]])
    assert 0.02 < fitted(cone).error < 0.15


def test_a_sole_is_the_lowest_part_as_it_stands() -> None:
    tilt = np.array([[np.cos(0.3), 0, np.sin(0.3)], [0, 1, 0], [-np.sin(0.3), 0, np.cos(0.3)]])
    foot = np.concatenate([CORNERS * [0.5, 0.3, 0.2] + [0.02, 0, 0.01], [[0.3, 0, 0.05]]])  # and a toe that is up
    made = sole(foot @ tilt, tilt)
    np.testing.assert_allclose(made.size, [0.2, 0.06, 0.02], atol=1e-6)
    np.testing.assert_allclose(tilt @ made.centre, [0.02, 0, 0.01], atol=1e-6)
    assert made.error < 1e-6
