"""Boxes, capsules, cylinders and spheres in place of the meshes that a robot touches with, and how far off they are."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

import numpy as np

from simonsays.assets.notes import dataclass
from simonsays.sim.drafting.limbs import Limbs
from simonsays.sim.kinematics import Tree
from simonsays.sim.rotations import rpy_from_matrix
from simonsays.sim.solids import corners
from simonsays.sim.specs.urdf import numbers
from simonsays.sim.state import Array

_FLAT, _THICK = 0.005, 0.02  # m, above the lowest point: what stands on the ground; and the box that stands for it
_DIRECTIONS = 400


@dataclass(frozen=True)
class Primitive:
    """A shape in its link's frame."""

    kind: str
    size: tuple[float, ...]
    """m, as of a Shape (sim/specs/urdf.py)"""
    centre: Array
    """(3,) m"""
    rotation: Array
    """(3, 3)"""
    error: float
    """m, the largest distance of its surface from that of the points' convex hull"""


def with_primitives(root: ET.Element, tree: Tree, limbs: Limbs, pose: Array) -> Iterator[str]:
    """Give a model's links primitives for collision meshes, and say so; feet get boxes that lie flat in a pose (J,)."""
    rotations, off = tree.poses(pose[None]).rotation[0], list[str]()
    for link in root.findall("link"):
        name, told = link.get("name", ""), list[Primitive]()
        shapes = tree.urdf.link(name).collisions
        for element, shape in zip(link.findall("collision"), shapes, strict=True):
            if shape.kind != "mesh":
                continue
            points = corners(shape, tree.urdf.file.parent)
            foot = name in limbs.feet
            told.append(sole(points, rotations[tree.place[name]]) if foot else fitted(points))
            _replace(element, told[-1])
        off += [f"{name} {each.kind} {each.error:.3f}" for each in told]
    if off:
        yield f"collision meshes became primitives, off by so many m from their hulls: {', '.join(off)}"


def fitted(points: Array) -> Primitive:
    """The primitive nearest to the convex hull of points (N, 3) m, along the link's axes or the points' own."""
    directions, centred = _around(), points - points.mean(axis=0)
    reach = (points @ directions.T).max(axis=0)
    own = np.linalg.svd(centred, full_matrices=False)[2].T if len(points) > 2 else np.eye(3)
    own = own * np.sign(np.linalg.det(own))
    found = [each for axes in (np.eye(3), own) for each in _candidates(points, axes, directions, reach)]
    return min(found, key=lambda each: each.error)


def sole(points: Array, rotation: Array) -> Primitive:
    """A box as long and wide as the lowest 5 mm of points (N, 3) m of a foot, turned (3, 3) as it stands; 2 cm high.

    Its error is over the lowest 2 cm.
    """
    placed = points @ rotation.T
    ground = placed[:, 2].min()
    flat, low = placed[placed[:, 2] <= ground + _FLAT], placed[placed[:, 2] <= ground + _THICK]
    lowest, highest = flat.min(axis=0), flat.max(axis=0)
    highest[2] = ground + min(_THICK, float(np.ptp(placed[:, 2])))
    half, middle = np.maximum((highest - lowest) / 2, 1e-3), (highest + lowest) / 2
    directions = _around()
    off = (low @ directions.T).max(axis=0) - directions @ middle - np.abs(directions) @ half
    size = tuple((2 * half).tolist())
    return Primitive("box", size, rotation.T @ middle, rotation.T, float(np.abs(off).max()))


def _candidates(points: Array, axes: Array, directions: Array, reach: Array) -> Iterator[Primitive]:
    """Shapes along some axes (columns), each with its error: the difference of both supports, over all directions."""
    placed, along = points @ axes, np.abs(directions @ axes)
    low, high = placed.min(axis=0), placed.max(axis=0)
    half, centre = np.maximum((high - low) / 2, 1e-3), axes @ ((high + low) / 2)
    there = reach - directions @ centre

    def made(kind: str, size: tuple[float, ...], turned: Array, support: Array) -> Primitive:
        return Primitive(kind, size, centre, turned, float(np.abs(there - support).max()))

    yield made("box", tuple((2 * half).tolist()), axes, along @ half)
    yield made("sphere", (float(half.mean()),), axes, np.full(len(directions), half.mean()))
    for k in range(3):
        radius = float((half.sum() - half[k]) / 2)
        turned = np.roll(axes, 2 - k, axis=1)  # its own z is the axis k
        rest = max(float(half[k]) - radius, 1e-3)
        yield made("capsule", (radius, 2 * rest), turned, radius + rest * along[:, k])
        across = radius * np.sqrt(np.maximum(0.0, 1 - along[:, k] ** 2))
        yield made("cylinder", (radius, 2 * float(half[k])), turned, across + half[k] * along[:, k])


def _around() -> Array:
    """(D, 3) directions, evenly over the sphere: a Fibonacci lattice."""
    place = np.arange(_DIRECTIONS) + 0.5
    z, turn = 1 - 2 * place / _DIRECTIONS, np.pi * (1 + 5**0.5) * place
    out = np.sqrt(1 - z**2)
    return np.stack([out * np.cos(turn), out * np.sin(turn), z], axis=1)


def _replace(collision: ET.Element, made: Primitive) -> None:
    for part in ("origin", "geometry"):
        for old in collision.findall(part):
            collision.remove(old)
    rpy = numbers(rpy_from_matrix(made.rotation))
    ET.SubElement(collision, "origin", xyz=numbers(made.centre.round(6)), rpy=rpy)
    size = [round(each, 6) for each in made.size]
    said = {"box": {"size": size}, "sphere": {"radius": size}}.get(made.kind, {"radius": size[:1], "length": size[1:]})
    geometry = ET.SubElement(collision, "geometry")
    ET.SubElement(geometry, made.kind, {name: numbers(values) for name, values in said.items()})
