"""A model as it can be simulated: read from a URDF or an MJCF, mended, its meshes light; and its file."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from simonsays.assets import InputError
from simonsays.assets.files import write_atomically
from simonsays.assets.notes import dataclass
from simonsays.sim.drafting.mending import mended
from simonsays.sim.kinematics import Tree
from simonsays.sim.meshes import read_mesh
from simonsays.sim.meshes.mesh import MOST_TRIANGLES, obj_text, thinned_mesh
from simonsays.sim.rotations import matrix_from_quaternion, quaternion_from_rpy, rpy_from_matrix
from simonsays.sim.specs import JointSpec
from simonsays.sim.specs.faults import model_faults
from simonsays.sim.specs.urdf import numbers, parse_urdf, read_urdf
from simonsays.sim.state import Array


@dataclass(frozen=True)
class _Bare:
    urdf: Path
    joints: tuple[JointSpec, ...]


class Model:
    """What is to become the copy of a robot's model.

    Attributes:
        root: ``<robot>``, once it is read.
        tree: its links, as of the last :meth:`write`.
        armature: kg m^2 by joint, where the file tells it.
        changed: what was changed in it.
    """

    root: ET.Element
    tree: Tree

    def __init__(self, file: Path, folder: Path, name: str) -> None:
        self._file, self._folder, self._name = file, folder, name
        self._copy, self._meshes = folder / f"{name}.mended.urdf", folder / f"{name}.meshes"
        self.armature, self.changed = dict[str, float](), list[str]()

    def read(self) -> None:
        """Read and mend it, and write the copy.

        Raises:
            InputError: it cannot be read or mended.
        """
        if self._file.suffix == ".xml":
            from simonsays.sim.drafting.mjcf import converted

            made = converted(self._file, self._folder, self._name)
            self.root, self.armature = made.root, made.armature
            self.changed += [*made.changed, *mended(self.root, self._copy, self._folder)]
        else:
            self.root = parse_urdf(self._file)
            self.changed += mended(self.root, self._file, self._folder)
            self.changed += _lighter(self.root, self._folder, self._meshes)
        self.write()

    def write(self) -> Tree:
        """Write the copy; its links, read from it again.

        Raises:
            InputError: it cannot be simulated.
        """
        ET.indent(self.root)  # PyBullet reads lines of a thousand characters, and breaks longer ones
        write_atomically(self._copy, ET.tostring(self.root, encoding="unicode"))
        self.tree = tree_of(self._copy)
        return self.tree

    def turned(self, rotation: Array) -> Tree:
        """Turn the root's frame, and all that is placed in it: what was v is then ``rotation`` (3, 3) times v.

        Raises:
            InputError: it cannot be simulated.
        """
        base = self.tree.links[0]
        holders = [each for link in self.root.findall("link") if link.get("name") == base for each in link]
        holders += [joint for joint in self.root.findall("joint") if joint.find(f"parent[@link={base!r}]") is not None]
        for holder in holders:
            if holder.tag not in ("inertial", "visual", "collision", "joint"):
                continue
            origin = holder.find("origin")
            origin = ET.SubElement(holder, "origin") if origin is None else origin
            xyz, rpy = ([float(word) for word in origin.get(key, "0 0 0").split()] for key in ("xyz", "rpy"))
            own = matrix_from_quaternion(quaternion_from_rpy(*rpy))
            origin.set("xyz", numbers(rotation @ xyz))
            origin.set("rpy", numbers(rpy_from_matrix(rotation @ own)))
        return self.write()

    def close(self) -> Tree:
        """Take away what is not needed: the copy, if nothing was changed, and meshes that nothing names any more."""
        if not self.changed:
            self.discard()
            return tree_of(self._file)
        named = {self._copy.parent / mesh.get("filename", "") for mesh in self.root.iter("mesh")}
        for mesh in self._meshes.glob("*"):
            if mesh not in named:
                mesh.unlink()
        return self.write()

    def discard(self) -> None:
        """Take away all that was written."""
        self._copy.unlink(missing_ok=True)
        shutil.rmtree(self._meshes, ignore_errors=True)


def tree_of(file: Path) -> Tree:
    """The links of a URDF, without a spec.

    Raises:
        InputError: it cannot be read, or not be simulated as it says.
    """
    urdf = read_urdf(file)
    for each in model_faults(urdf):
        raise each
    moving = tuple(JointSpec(joint.name, 0.0, 0.0, 0.0) for joint in urdf.joints if joint.moves)
    if not moving:
        raise InputError(f"{file}: no joint of it moves")
    return Tree(_Bare(file, moving))


def _lighter(root: ET.Element, folder: Path, meshes: Path) -> Iterator[str]:
    """Meshes to look at that are too many triangles together, or COLLADA, which engines read in ways of their own."""
    named = [mesh for visual in root.iter("visual") for mesh in visual.iter("mesh")]
    files = {name: folder / name for name in dict.fromkeys(mesh.get("filename", "") for mesh in named)}
    total = sum(len(read_mesh(file).triangles) for file in files.values())
    share, written = min(1.0, MOST_TRIANGLES / max(total, 1)), dict[str, str]()
    for name, file in files.items():
        if share < 1.0 or file.suffix.lower() == ".dae":
            mesh, place = read_mesh(file), meshes / f"look{len(written)}.obj"
            few = math.ceil(share * len(mesh.triangles))
            write_atomically(place, obj_text(thinned_mesh(mesh, few)))
            written[name] = os.path.relpath(place, folder)
    for each in named:
        each.set("filename", written.get(each.get("filename", ""), each.get("filename", "")))
    if written:
        fewer = f", {total} triangles thinned to {MOST_TRIANGLES}" if share < 1.0 else ""
        yield f"{len(written)} meshes to look at are written anew as OBJ{fewer}"
