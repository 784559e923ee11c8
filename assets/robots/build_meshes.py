"""Write ``ROBOT/meshes/<link>.<material>.obj``: smooth visual shapes of a robot, each in its link's own frame (m).

Run ``python assets/robots/build_meshes.py ROBOT``, a folder beside this file, then ``build_urdf.py ROBOT``. All is a
loft (superellipse cross sections along an axis, ends rounded) or a patch on one, as ``shapes.toml`` tells. Places are
by the joint origins of ``figures.json``; the forms are our own.
"""

from __future__ import annotations

import math
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Triple = tuple[float, float, float]
ROBOTS = Path(__file__).resolve().parent
SIDES = 20  # of a cross section
CAPS = 2, 4  # sections of a rounded edge and of a vault
BETWEEN = 3  # sections drawn for each one given

_PLANES: dict[str, tuple[Triple, Triple]] = {
    "x": ((0, 1, 0), (0, 0, 1)),
    "y": ((0, 0, 1), (1, 0, 0)),
    "z": ((1, 0, 0), (0, 1, 0)),
}


@dataclass(frozen=True)
class Section:
    """A superellipse about ``centre`` with half axes ``a`` and ``b`` in the plane across the loft's axis.

    Axis x: ``a`` along y, ``b`` along z. Axis y: along z and x. Axis z: along x and y.
    """

    centre: Triple
    a: float
    b: float


@dataclass(frozen=True)
class Mesh:
    """Vertices (n, 3) m and triangles (m, 3) of vertex places."""

    vertices: Array
    faces: NDArray[np.int64]


def loft(
    axis: str,
    sections: Sequence[Section],
    *,
    edge: float = 0.012,
    dome: tuple[float, float] = (0.0, 0.0),
    power: float = 2.4,
    sides: int = SIDES,
) -> Mesh:
    """A closed smooth body through sections given upward along ``axis`` ("x", "y" or "z").

    ``edge``: m, radius of the ends' edges. ``dome``: m, height of a vault on the lower and the upper end instead,
    where not zero. ``power``: 2 an ellipse, more is boxier.
    """
    rings = _closed(axis, sections, edge, dome)
    first, second = (np.array(v, dtype=float) for v in _PLANES[axis])
    u, v = _superellipse(sides, power)
    vertices = [np.array(r.centre) + np.outer(u * r.a, first) + np.outer(v * r.b, second) for r in rings]
    ends = [np.array(rings[0].centre)[None], np.array(rings[-1].centre)[None]]
    count = len(rings) * sides
    faces = [face for ring in range(len(rings) - 1) for face in _band(ring * sides, (ring + 1) * sides, sides)]
    faces += [(count, j, i) for i, j in _around(sides)]
    faces += [(count + 1, count - sides + i, count - sides + j) for i, j in _around(sides)]
    mesh = Mesh(np.concatenate([*vertices, *ends]), np.array(faces))
    a, b, c = (mesh.vertices[mesh.faces[:, i]] for i in range(3))
    outward = float((np.cross(a, b) * c).sum()) > 0
    return mesh if outward else Mesh(mesh.vertices, mesh.faces[:, ::-1])


def _superellipse(sides: int, power: float) -> tuple[Array, Array]:
    angles = np.linspace(0, 2 * math.pi, sides, endpoint=False)
    cosine, sine = np.cos(angles), np.sin(angles)
    return np.sign(cosine) * np.abs(cosine) ** (2 / power), np.sign(sine) * np.abs(sine) ** (2 / power)


def _around(sides: int) -> list[tuple[int, int]]:
    return [(i, (i + 1) % sides) for i in range(sides)]


def _band(low: int, high: int, sides: int) -> list[Triple]:
    return [face for i, j in _around(sides) for face in ((low + i, low + j, high + j), (low + i, high + j, high + i))]


def _closed(axis: str, sections: Sequence[Section], edge: float, dome: tuple[float, float]) -> list[Section]:
    place = "xyz".index(axis)

    def cap(section: Section, sign: float, vault: float) -> list[Section]:
        rings, count = [], CAPS[vault > 0]
        for i in range(count):
            angle = (i + 1) / count * math.pi / 2 * 0.98
            centre = list(section.centre)
            centre[place] += sign * (vault or edge) * math.sin(angle)
            x, y, z = centre
            a, b = (
                max(half * math.cos(angle) if vault else half - edge * (1 - math.cos(angle)), 1e-4)
                for half in (section.a, section.b)
            )
            rings.append(Section((x, y, z), a, b))
        return rings

    return [*cap(sections[0], -1.0, dome[0])[::-1], *_smooth(sections), *cap(sections[-1], 1.0, dome[1])]


def _smooth(sections: Sequence[Section]) -> list[Section]:
    """Hermite curves through the sections, so that outlines have no kinks."""
    if len(sections) < 3:
        return list(sections)
    data = np.array([[*s.centre, s.a, s.b] for s in sections])
    tangents = np.gradient(data, axis=0)
    rows = []
    for t in np.linspace(0, len(data) - 1, (len(data) - 1) * BETWEEN + 1):
        i = min(int(t), len(data) - 2)
        s = t - i
        h = (2 * s**3 - 3 * s**2 + 1, s**3 - 2 * s**2 + s, -2 * s**3 + 3 * s**2, s**3 - s**2)
        rows.append(h[0] * data[i] + h[1] * tangents[i] + h[2] * data[i + 1] + h[3] * tangents[i + 1])
    return [Section((x, y, z), a, b) for x, y, z, a, b in rows]


def patch(
    sections: Sequence[Section],
    *,
    angle: float = 0.0,
    height: float,
    half_angle: float,
    half_height: float,
    lift: float = 0.003,
    power: float = 2.4,
    outline: float = 2.0,
) -> Mesh:
    """A plate on the side of a loft along z, ``lift`` m above it, its rim sunk into it.

    ``angle`` (rad, 0 is forward, left positive) and ``height`` (m) of its middle; ``outline``: 2 round, more is
    boxier. ``power`` is the loft's own.
    """
    scales = (1.0, 0.95, 0.65, 0.35)
    rings, sides = len(scales), 2 * SIDES
    u, v = _superellipse(sides, outline)
    radius = np.append(np.repeat(scales, sides), 0.0)
    turn = angle + half_angle * radius * np.append(np.tile(u, rings), 0.0)
    z = height + half_height * radius * np.append(np.tile(v, rings), 0.0)
    out = np.where(radius == 1, -lift, lift)
    fine = np.array([[*s.centre, s.a, s.b] for s in _smooth(sections)])
    x0, y0, a, b = (np.interp(z, fine[:, 2], fine[:, i]) for i in (0, 1, 3, 4))
    cosine, sine = np.cos(turn), np.sin(turn)
    reach = ((np.abs(cosine) / (a + out)) ** power + (np.abs(sine) / (b + out)) ** power) ** (-1 / power)
    vertices = np.stack([x0 + reach * cosine, y0 + reach * sine, z], axis=1)
    faces = [face for ring in range(rings - 1) for face in _band(ring * sides, (ring + 1) * sides, sides)]
    faces += [(len(vertices) - 1, (rings - 1) * sides + i, (rings - 1) * sides + j) for i, j in _around(sides)]
    return Mesh(vertices, np.array(faces))


def disc(centre: Triple, radius: float, half: float, axis: str = "y", edge: float = 0.007) -> Mesh:
    """A round joint housing about ``axis``, ``half`` m to each side of its middle."""
    x, y, z = (np.array(_PLANES[axis][0]) == 0) & (np.array(_PLANES[axis][1]) == 0)
    ends = []
    for sign in (-1, 1):
        by = sign * (half - edge)
        ends.append(Section((centre[0] + x * by, centre[1] + y * by, centre[2] + z * by), radius, radius))
    return loft(axis, ends, edge=edge, power=2.0)


def button(centre: Triple, radius: float, axis: str = "y") -> Mesh:
    """A flat round cover on a joint housing."""
    return disc(centre, radius, 0.005, axis, edge=0.003)


def _made(told: dict[str, Any], sections: dict[str, list[Any]], side: float) -> Iterator[Mesh]:
    """The meshes that an entry of shapes.toml tells, for the left side (1) or the right (-1)."""
    makers: dict[str, Callable[..., Mesh]] = {"loft": loft, "patch": patch, "disc": disc, "button": button}
    make, both = makers[told["make"]], "both" in told
    rest = {key: value for key, value in told.items() if key not in ("make", "both", "sections", "centre")}
    if "sections" in told:
        rows = sections[told["sections"]]
        yield make(sections=[Section((x, side * y + 0.0, z), a, b) for x, y, z, a, b in rows], **rest)
        return
    x, y, z = told["centre"]
    for sign in (-1, 1) if both else (side,):
        yield make(centre=(x, sign * y + 0.0, z), **rest)  # + 0.0: of a mirrored 0 no -0


def parts(shapes: Path) -> dict[str, list[Mesh]]:
    """All meshes of a shapes.toml by "link.material"."""
    told = tomllib.loads(shapes.read_text(encoding="utf-8"))
    found = {}
    for prefix, side, group in (("", 1.0, "body"), ("left_", 1.0, "limbs"), ("right_", -1.0, "limbs")):
        for name, entries in told.get(group, {}).items():
            found[prefix + name] = [mesh for entry in entries for mesh in _made(entry, told["sections"], side)]
    return found


def normals(mesh: Mesh) -> Array:
    """(n, 3) unit normals, area-weighted means of the faces around each vertex."""
    a, b, c = (mesh.vertices[mesh.faces[:, i]] for i in range(3))
    face = np.cross(b - a, c - a)
    total = np.zeros_like(mesh.vertices)
    for i in range(3):
        np.add.at(total, mesh.faces[:, i], face)
    return np.asarray(total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12))


def obj(meshes: Sequence[Mesh]) -> str:
    """Wavefront OBJ text of several meshes as one."""
    lines, start = ["# written by build_meshes.py"], 1
    for mesh in meshes:
        lines += [f"v {x:.4f} {y:.4f} {z:.4f}" for x, y, z in mesh.vertices]
        lines += [f"vn {x:.3f} {y:.3f} {z:.3f}" for x, y, z in normals(mesh)]
        lines += ["f " + " ".join(f"{i + start}//{i + start}" for i in face) for face in mesh.faces]
        start += len(mesh.vertices)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    robot = ROBOTS / sys.argv[1]
    (robot / "meshes").mkdir(exist_ok=True)
    for old in (robot / "meshes").glob("*.obj"):
        old.unlink()
    for name, meshes in parts(robot / "shapes.toml").items():
        (robot / "meshes" / f"{name}.obj").write_text(obj(meshes), encoding="utf-8")
