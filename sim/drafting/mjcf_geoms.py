"""The geoms of a compiled MJCF as a URDF's shapes."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np

from simonsays.assets.files import write_atomically
from simonsays.sim.engines.mujoco_model import library
from simonsays.sim.meshes.mesh import MOST_TRIANGLES, Faces, creased, obj_text, thinned
from simonsays.sim.meshes.stl import stl_bytes
from simonsays.sim.rotations import rpy_from_matrix
from simonsays.sim.shapes import ball_mesh
from simonsays.sim.specs.urdf import numbers
from simonsays.sim.state import Array


class Geoms:
    """Writes geoms into links, and each mesh into a file once.

    A geom touches where ``contype`` or ``conaffinity`` says so; if none of the model does, all but meshes do. What does
    not touch is to look at; of a body that has nothing of that, what touches is.
    """

    def __init__(self, model: Any, folder: Path, name: str) -> None:
        self._model, self._folder, self._name = model, folder, f"{name}.meshes"
        self._written, self._share = set[str](), min(1.0, MOST_TRIANGLES / max(int(model.nmeshface), 1))
        self.left_out: list[str] = []
        """names of geoms that are of no kind that a URDF has"""
        touches = (model.geom_contype != 0) | (model.geom_conaffinity != 0)
        primitive = model.geom_type != int(library().mjtGeom.mjGEOM_MESH)
        own = model.geom_bodyid != 0
        self._touches: Array = touches if touches[own].any() else primitive

    def add(self, link: ET.Element, data: Any, body: int, position: Array, rotation: Array) -> None:
        """The geoms of a body as visuals and collisions of its link, whose frame is there in the world."""
        model = self._model
        first = int(model.body_geomadr[body])
        geoms = range(first, first + int(model.body_geomnum[body]))
        touching = [geom for geom in geoms if self._touches[geom]]
        looks = [geom for geom in geoms if not self._touches[geom]] or touching
        for kind, chosen in (("visual", looks), ("collision", touching)):
            for geom in chosen:
                made = self._geometry(geom, kind == "visual")
                if made is None:
                    self.left_out += [str(model.geom(geom).name) or f"number {geom}"] if kind == "collision" else []
                    continue
                element = ET.SubElement(link, kind)
                turned = rotation.T @ data.geom_xmat[geom].reshape(3, 3)
                offset = numbers(rotation.T @ (data.geom_xpos[geom] - position))
                ET.SubElement(element, "origin", xyz=offset, rpy=numbers(rpy_from_matrix(turned)))
                ET.SubElement(element, "geometry").append(made)
                if kind == "visual":
                    self._color(element, geom)

    def _geometry(self, geom: int, seen: bool) -> ET.Element | None:
        kinds, (x, y, z) = library().mjtGeom, self._model.geom_size[geom].tolist()
        kind = kinds(int(self._model.geom_type[geom]))
        if kind == kinds.mjGEOM_SPHERE:
            return ET.Element("sphere", radius=numbers([x]))
        if kind in (kinds.mjGEOM_CAPSULE, kinds.mjGEOM_CYLINDER):
            tag = "capsule" if kind == kinds.mjGEOM_CAPSULE else "cylinder"
            return ET.Element(tag, radius=numbers([x]), length=numbers([2 * y]))
        if kind == kinds.mjGEOM_BOX:
            return ET.Element("box", size=numbers([2 * x, 2 * y, 2 * z]))
        if kind == kinds.mjGEOM_ELLIPSOID:
            points, faces = ball_mesh()
            return self._mesh(f"ellipsoid{geom}", points * [x, y, z], faces, seen)
        if kind == kinds.mjGEOM_MESH:
            return self._mesh(*self._stored(int(self._model.geom_dataid[geom])), seen)
        return None

    def _stored(self, mesh: int) -> tuple[str, Array, Faces]:
        model = self._model
        vertices, faces = int(model.mesh_vertadr[mesh]), int(model.mesh_faceadr[mesh])
        points = model.mesh_vert[vertices : vertices + int(model.mesh_vertnum[mesh])].astype(float)
        corners = model.mesh_face[faces : faces + int(model.mesh_facenum[mesh])].astype(np.int64)
        return f"mesh{mesh}", points, corners

    def _mesh(self, name: str, points: Array, faces: Faces, seen: bool) -> ET.Element:
        """What is to be seen as OBJ, with normals; what touches as STL, exact."""
        name = f"{self._name}/{name}{'.obj' if seen else '.stl'}"
        if name not in self._written:
            self._written.add(name)
            if seen:
                few = thinned(points, faces, math.ceil(self._share * len(faces)))
                write_atomically(self._folder / name, obj_text(creased(*few)))
            else:
                write_atomically(self._folder / name, stl_bytes(points, faces))
        return ET.Element("mesh", filename=name)

    def _color(self, visual: ET.Element, geom: int) -> None:
        """Its own colour, or that of its material."""
        material = int(self._model.geom_matid[geom])
        rgba = self._model.geom_rgba[geom] if material < 0 else self._model.mat_rgba[material]
        named = f"m{material}" if material >= 0 else "rgba" + "-".join(f"{round(255 * part)}" for part in rgba)
        ET.SubElement(ET.SubElement(visual, "material", name=named), "color", rgba=numbers(rgba))
