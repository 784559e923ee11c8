"""Write ``meshes/<link>.<material>.obj``: smooth visual shapes of the G1, each in its link's own frame (m).

Run ``python assets/robots/g1/build_meshes.py``, then ``build_urdf.py``. Everything is a loft (superellipse cross
sections along an axis, ends rounded) or a patch on one. Places follow the joint origins of ``figures.json``; the
forms are our own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Triple = tuple[float, float, float]
FOLDER = Path(__file__).resolve().parent / "meshes"
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


def row(*sections: tuple[float, float, float, float, float]) -> list[Section]:
    """Sections from (x, y, z, a, b) each."""
    return [Section((x, y, z), a, b) for x, y, z, a, b in sections]


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
    return _outward(Mesh(np.concatenate([*vertices, *ends]), np.array(faces)))


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


def _outward(mesh: Mesh) -> Mesh:
    a, b, c = (mesh.vertices[mesh.faces[:, i]] for i in range(3))
    volume = float((np.cross(a, b) * c).sum())
    return mesh if volume > 0 else Mesh(mesh.vertices, mesh.faces[:, ::-1])


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


def _leg(s: float) -> dict[str, list[Mesh]]:
    """Meshes of one leg by "link.material"; ``s`` is 1 for the left side, -1 for the right."""
    thigh = row(
        (-0.073, s * 0.002, -0.165, 0.040, 0.038),
        (-0.053, s * 0.001, -0.125, 0.050, 0.047),
        (-0.027, 0, -0.070, 0.060, 0.055),
        (-0.003, 0, -0.016, 0.058, 0.053),
    )
    shin = row(
        (0, 0, -0.258, 0.027, 0.026),
        (-0.003, 0, -0.180, 0.038, 0.035),
        (0.000, 0, -0.095, 0.050, 0.043),
        (0.012, 0, -0.030, 0.042, 0.039),
    )
    shoe = row(
        (-0.055, 0, -0.013, 0.026, 0.012),
        (-0.020, 0, -0.003, 0.031, 0.021),
        (0.030, 0, -0.004, 0.033, 0.020),
        (0.085, 0, -0.013, 0.035, 0.012),
        (0.125, 0, -0.017, 0.030, 0.008),
    )
    sole = row((-0.058, 0, -0.029, 0.027, 0.006), (0.03, 0, -0.029, 0.036, 0.006), (0.128, 0, -0.029, 0.032, 0.006))
    hip = row((0.022, 0, -0.114, 0.058, 0.053), (0.014, 0, -0.075, 0.058, 0.053), (0.004, 0, -0.035, 0.050, 0.046))
    return {
        "hip_pitch_link.dark": [
            disc((0, s * 0.020, 0), 0.046, 0.036),
            disc((0, s * 0.052, -0.0305), 0.044, 0.056, "x"),
        ],
        "hip_pitch_link.accent": [button((x, s * 0.052, -0.0305), 0.028, "x") for x in (-0.055, 0.055)],
        "hip_roll_link.shell": [loft("z", hip, edge=0.006, dome=(0, 0.03))],
        "hip_yaw_link.dark": [disc((-0.003, 0, -0.004), 0.050, 0.016, "z")],
        "hip_yaw_link.shell": [loft("z", thigh, edge=0.006, dome=(0.02, 0))],
        "knee_link.dark": [disc((0, 0, 0), 0.047, 0.046)],
        "knee_link.accent": [button((0, y, 0), 0.029) for y in (-0.046, 0.046)],
        "knee_link.shell": [loft("z", shin, edge=0.010, dome=(0, 0.015))],
        "ankle_pitch_link.dark": [disc((0, 0, 0), 0.028, 0.034), disc((0, 0, -0.012), 0.022, 0.030, "x")],
        "ankle_roll_link.shell": [loft("x", shoe, edge=0.008, power=2.8)],
        "ankle_roll_link.dark": [loft("x", sole, edge=0.006, power=4.0)],
    }


def _arm(s: float) -> dict[str, list[Mesh]]:
    upper = row(
        (0, s * 0.006, -0.076, 0.038, 0.036),
        (0, s * 0.006, -0.035, 0.045, 0.043),
        (0, s * 0.003, 0.008, 0.046, 0.046),
    )
    middle = row((0.013, 0, -0.066, 0.030, 0.031), (0.008, 0, -0.040, 0.036, 0.035), (0, 0, 0.000, 0.036, 0.034))
    fore = row(
        (0.018, s * 0.001, -0.006, 0.031, 0.032),
        (0.050, s * 0.002, -0.010, 0.034, 0.035),
        (0.092, s * 0.002, -0.010, 0.025, 0.026),
    )
    palm = row((0.022, 0, 0, 0.016, 0.023), (0.050, 0, 0, 0.018, 0.035), (0.088, 0, 0, 0.015, 0.036))
    back = row(
        (0.036, s * 0.008, 0, 0.012, 0.022), (0.056, s * 0.009, 0, 0.014, 0.030), (0.080, s * 0.008, 0, 0.011, 0.029)
    )
    thumb = row(
        (0.040, -s * 0.006, 0.030, 0.012, 0.012),
        (0.068, -s * 0.014, 0.047, 0.011, 0.011),
        (0.092, -s * 0.019, 0.050, 0.009, 0.009),
    )
    return {
        "shoulder_pitch_link.dark": [disc((0, s * 0.012, -0.003), 0.035, 0.036)],
        "shoulder_roll_link.shell": [loft("z", upper, edge=0.006, dome=(0, 0.042), power=2.2)],
        "shoulder_roll_link.accent": [disc((0, s * 0.006, -0.090), 0.034, 0.010, "z", edge=0.003)],
        "shoulder_yaw_link.shell": [loft("z", middle, edge=0.006, dome=(0.016, 0))],
        "elbow_link.dark": [disc((0, 0, 0), 0.034, 0.036)],
        "elbow_link.accent": [button((0, y, 0), 0.020) for y in (-0.036, 0.036)],
        "elbow_link.shell": [loft("x", fore, edge=0.010)],
        "wrist_roll_rubber_hand.shell": [loft("x", back, edge=0.008, power=2.6)],
        "wrist_roll_rubber_hand.dark": [
            disc((0.002, 0, 0), 0.022, 0.022, "x"),
            loft("x", palm, edge=0.010, power=2.8),
            loft("x", thumb, dome=(0.008, 0.008), power=2.0, sides=12),
            *(_finger(s, z, length) for z, length in ((0.027, 0.05), (0.009, 0.058), (-0.009, 0.055), (-0.027, 0.045))),
        ],
    }


def _finger(s: float, z: float, length: float) -> Mesh:
    tip = 0.088 + length
    bones = row(
        (0.085, 0, z, 0.0095, 0.0090), (0.105, -s * 0.001, z, 0.0095, 0.0085), (tip, -s * 0.008, z, 0.0075, 0.0070)
    )
    return loft("x", bones, dome=(0.004, 0.007), power=2.2, sides=10)


def _body() -> dict[str, list[Mesh]]:
    head = row(
        (0.012, 0, 0.366, 0.052, 0.046),
        (0.013, 0, 0.395, 0.066, 0.057),
        (0.012, 0, 0.430, 0.074, 0.064),
        (0.010, 0, 0.470, 0.076, 0.067),
        (0.005, 0, 0.502, 0.066, 0.060),
    )
    chest = row(
        (0.004, 0, 0.080, 0.066, 0.080),
        (0.007, 0, 0.130, 0.082, 0.097),
        (0.010, 0, 0.185, 0.093, 0.111),
        (0.007, 0, 0.235, 0.088, 0.110),
        (0.000, 0, 0.272, 0.070, 0.088),
    )
    pelvis = row(
        (-0.006, 0, -0.118, 0.048, 0.042),
        (-0.006, 0, -0.085, 0.060, 0.056),
        (-0.006, 0, -0.040, 0.068, 0.080),
        (-0.004, 0, -0.002, 0.062, 0.076),
    )
    waist = row((0, 0, 0, 0.054, 0.064), (0, 0, 0.05, 0.056, 0.069), (0, 0, 0.10, 0.062, 0.078))
    pack = row((-0.098, 0, 0.185, 0.052, 0.066), (-0.06, 0, 0.185, 0.070, 0.088))
    eyes = [
        patch(head, angle=a, height=0.448, half_angle=0.13, half_height=0.013, lift=0.006, power=2.2)
        for a in (-0.36, 0.36)
    ]
    return {
        "pelvis.shell": [loft("z", pelvis, edge=0.012, dome=(0.028, 0), power=2.6)],
        "pelvis.dark": [disc((-0.004, 0, 0.028), 0.053, 0.026, "z"), disc((0, 0, -0.1027), 0.032, 0.058)],
        "torso_link.dark": [
            loft("z", waist, edge=0.010),
            loft("x", pack, edge=0.018, power=3.5),
            disc((0.004, 0, 0.247), 0.036, 0.108),
            patch(chest, height=0.205, half_angle=0.33, half_height=0.032, power=2.8),
        ],
        "torso_link.shell": [loft("z", chest, edge=0.014, dome=(0, 0.026), power=2.8)],
        "torso_link.accent": [patch(chest, height=0.205, half_angle=0.21, half_height=0.020, lift=0.006, power=2.8)],
        "head_link.dark": [
            disc((0.006, 0, 0.335), 0.040, 0.045, "z"),
            *(button((0.006, y, 0.452), 0.023) for y in (-0.067, 0.067)),
        ],
        "head_link.shell": [loft("z", head, edge=0.012, dome=(0.012, 0.034), power=2.2, sides=36)],
        "head_link.visor": [patch(head, height=0.443, half_angle=1.05, half_height=0.052, power=2.2, outline=3.2)],
        "head_link.accent": [*eyes, *(button((0.006, y, 0.452), 0.014) for y in (-0.071, 0.071))],
    }


def parts() -> dict[str, list[Mesh]]:
    """All meshes by "link.material"."""
    found = _body()
    for side, s in (("left", 1.0), ("right", -1.0)):
        found |= {f"{side}_{name}": meshes for name, meshes in {**_leg(s), **_arm(s)}.items()}
    return found


def normals(mesh: Mesh) -> Array:
    """(n, 3) unit normals, area-weighted means of the faces around each vertex."""
    a, b, c = (mesh.vertices[mesh.faces[:, i]] for i in range(3))
    face = np.cross(b - a, c - a)
    total = np.zeros_like(mesh.vertices)
    for i in range(3):
        np.add.at(total, mesh.faces[:, i], face)
    unit: Array = total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)
    return unit


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
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.obj"):
        old.unlink()
    for name, meshes in parts().items():
        (FOLDER / f"{name}.obj").write_text(obj(meshes), encoding="utf-8")
