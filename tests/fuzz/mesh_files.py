"""Damaged meshes, OBJ, STL and COLLADA, and what reads them."""

from __future__ import annotations

from pathlib import Path

import damage
import numpy as np
from hypothesis import strategies as st

from simonsays.sim.meshes import read_mesh
from simonsays.sim.meshes.mesh import creased, obj_text, thinned_mesh
from simonsays.sim.meshes.stl import stl_bytes
from simonsays.sim.shapes import box_mesh

_BOX = box_mesh(0.2, 0.1, 0.05)
_POINTS, _FACES = np.array(_BOX["vertices"]), np.array(_BOX["indices"]).reshape(-1, 3)
_DAE = """<COLLADA xmlns="http://www.collada.org/2005/11/COLLADASchema" version="1.4.1">
  <asset><unit name="millimeter" meter="0.001"/></asset>
  <library_geometries><geometry id="g"><mesh>
    <source id="p"><float_array count="{count}">{floats}</float_array></source>
    <vertices id="v"><input semantic="POSITION" source="#p"/></vertices>
    <triangles count="12"><input semantic="VERTEX" source="#v" offset="0"/><p>{faces}</p></triangles>
    <polylist count="1"><input semantic="VERTEX" source="#v" offset="0"/><vcount>4</vcount><p>0 1 2 3</p></polylist>
  </mesh></geometry></library_geometries>
  <library_visual_scenes><visual_scene id="s"><node id="n">
    <matrix>1 0 0 100  0 0 -1 0  0 1 0 0  0 0 0 1</matrix><node><scale>10 10 10</scale>
    <rotate>0 0 1 90</rotate><translate>1 2 3</translate><instance_geometry url="#g"/></node></node>
  </visual_scene></library_visual_scenes>
  <scene><instance_visual_scene url="#s"/></scene>
</COLLADA>"""
_STL_TEXT = "solid a\n" + "".join(
    "facet normal 0 0 1\nouter loop\n"
    + "".join(f"vertex {x} {y} {z}\n" for x, y, z in _POINTS[face].tolist())
    + "endloop\nendfacet\n"
    for face in _FACES
)
SOUND = {
    "obj": obj_text(creased(_POINTS, _FACES)).encode(),
    "stl": stl_bytes(_POINTS, _FACES),
    "text.stl": _STL_TEXT.encode(),
    "dae": _DAE.format(
        count=_POINTS.size,
        floats=" ".join(map(str, _POINTS.ravel().tolist())),
        faces=" ".join(map(str, _FACES.ravel().tolist())),
    ).encode(),
}


@st.composite
def meshes(draw: st.DrawFn) -> tuple[str, bytes]:
    """Suffix and bytes: words that are others, or bytes that are."""
    suffix = draw(st.sampled_from(sorted(SOUND)))
    if suffix == "stl" or draw(st.integers(0, 3)) == 0:
        return suffix, draw(damage.spoiled(SOUND[suffix]))
    return suffix, draw(damage.texts(SOUND[suffix].decode())).encode(errors="replace")


def read(folder: Path, data: tuple[str, bytes]) -> None:
    """As robots' are: drawn with their normals, and thinned."""
    file = folder / f"a.{data[0]}"
    file.write_bytes(data[1])
    mesh = thinned_mesh(read_mesh(file), 6)
    assert np.isfinite(mesh.vertices).all() and np.isfinite(mesh.normals).all()
    assert not len(mesh.triangles) or 0 <= mesh.triangles.min() <= mesh.triangles.max() < len(mesh.vertices)
