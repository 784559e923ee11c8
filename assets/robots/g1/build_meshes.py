"""Write ``meshes/<link>.<material>.obj``: smooth visual shapes of the G1, each in its link's own frame (m).

Run ``python assets/robots/g1/build_meshes.py``, then ``build_urdf.py``. Everything is a loft: superellipse cross
sections along a spine, ends rounded. Places follow the joint origins of ``figures.json``; the forms are our own.
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
SIDES = 28  # of a cross section
CAP = 6  # sections of a rounded end

_PLANES: dict[str, tuple[Triple, Triple]] = {
    "x": ((0, 1, 0), (0, 0, 1)),
    "y": ((0, 0, 1), (1, 0, 0)),
    "z": ((1, 0, 0), (0, 1, 0)),
}


@dataclass(frozen=True)
class Section:
    """A superellipse about ``centre`` with half axes ``a`` and ``b`` in the plane across the loft's axis."""

    centre: Triple
    a: float
    b: float


@dataclass(frozen=True)
class Mesh:
    """Vertices (n, 3) m and triangles (m, 3) of vertex places."""

    vertices: Array
    faces: NDArray[np.int64]


def loft(axis: str, sections: Sequence[Section], *, round_by: float = 0.012, power: float = 2.4) -> Mesh:
    """A closed smooth body through sections along ``axis`` ("x", "y" or "z"), its ends rounded by ``round_by``."""
    rings = _rounded(axis, list(sections), round_by)
    first, second = (np.array(v, dtype=float) for v in _PLANES[axis])
    angles = np.linspace(0, 2 * math.pi, SIDES, endpoint=False)
    cosine, sine = np.cos(angles), np.sin(angles)
    u = np.sign(cosine) * np.abs(cosine) ** (2 / power)
    v = np.sign(sine) * np.abs(sine) ** (2 / power)
    vertices = [np.array(r.centre) + np.outer(u * r.a, first) + np.outer(v * r.b, second) for r in rings]
    faces = []
    for ring in range(len(rings) - 1):
        for i in range(SIDES):
            p, q = ring * SIDES + i, ring * SIDES + (i + 1) % SIDES
            faces += [(p, q, q + SIDES), (p, q + SIDES, p + SIDES)]
    count = len(rings) * SIDES
    ends = [np.array(rings[0].centre)[None], np.array(rings[-1].centre)[None]]
    last = count - SIDES
    for i in range(SIDES):
        j = (i + 1) % SIDES
        faces += [(count, j, i), (count + 1, last + i, last + j)]
    mesh = Mesh(np.concatenate([*vertices, *ends]), np.array(faces))
    return mesh if _volume(mesh) > 0 else Mesh(mesh.vertices, mesh.faces[:, ::-1])


def _rounded(axis: str, sections: list[Section], by: float) -> list[Section]:
    place = "xyz".index(axis)
    if sections[0].centre[place] > sections[-1].centre[place]:
        sections.reverse()

    def cap(section: Section, sign: float) -> list[Section]:
        rings = []
        for i in range(CAP):
            angle = (i + 1) / CAP * math.pi / 2 * 0.98
            centre = list(section.centre)
            centre[place] += sign * by * math.sin(angle)
            shrink = by * (1 - math.cos(angle))
            rings.append(Section(tuple(centre), max(section.a - shrink, 1e-4), max(section.b - shrink, 1e-4)))  # type: ignore[arg-type]
        return rings

    return cap(sections[0], -1.0)[::-1] + _smooth(sections) + cap(sections[-1], 1.0)


def _smooth(sections: list[Section], between: int = 6) -> list[Section]:
    """Sections interpolated by monotone cosine steps, so that outlines have no kinks at their ends."""
    if len(sections) < 3:
        return sections
    data = np.array([[*s.centre, s.a, s.b] for s in sections])
    knots = np.arange(len(data), dtype=float)
    fine = np.linspace(0, len(data) - 1, (len(data) - 1) * between + 1)
    tangents = np.gradient(data, axis=0)
    rows = []
    for t in fine:
        i = min(int(t), len(data) - 2)
        s = t - knots[i]
        h = (2 * s**3 - 3 * s**2 + 1, s**3 - 2 * s**2 + s, -2 * s**3 + 3 * s**2, s**3 - s**2)
        rows.append(h[0] * data[i] + h[1] * tangents[i] + h[2] * data[i + 1] + h[3] * tangents[i + 1])
    return [Section((r[0], r[1], r[2]), max(r[3], 1e-4), max(r[4], 1e-4)) for r in rows]


def _volume(mesh: Mesh) -> float:
    a, b, c = (mesh.vertices[mesh.faces[:, i]] for i in range(3))
    return float((np.cross(a, b) * c).sum())


def disc(centre: Triple, radius: float, half: float, axis: str = "y", round_by: float = 0.008) -> Mesh:
    """A round joint housing about ``axis``."""
    place = "xyz".index(axis)
    ends = []
    for sign in (-1, 1):
        point = list(centre)
        point[place] += sign * (half - round_by)
        ends.append(Section(tuple(point), radius, radius))  # type: ignore[arg-type]
    return loft(axis, ends, round_by=round_by, power=2.0)


def _leg(s: float) -> dict[str, list[Mesh]]:
    """Meshes of one leg by "link.material"; ``s`` is 1 for the left side, -1 for the right."""
    return {
        "hip_pitch_link.dark": [
            disc((0.0, s * 0.030, 0.0), 0.052, 0.042),
            disc((0.0, s * 0.05, -0.03), 0.046, 0.05, "x"),
        ],
        "hip_pitch_link.accent": [disc((0.0, s * 0.073, 0.0), 0.034, 0.006, round_by=0.003)],
        "hip_roll_link.shell": [
            loft(
                "z",
                [
                    Section((0.0, 0.0, -0.025), 0.050, 0.046),
                    Section((0.012, 0.0, -0.07), 0.060, 0.056),
                    Section((0.022, 0.0, -0.115), 0.060, 0.055),
                ],
                round_by=0.02,
            )
        ],
        "hip_yaw_link.dark": [disc((0.0, 0.0, -0.005), 0.052, 0.016, "z")],
        "hip_yaw_link.shell": [
            loft(
                "z",
                [
                    Section((-0.004, 0.0, -0.02), 0.060, 0.055),
                    Section((-0.030, 0.0, -0.08), 0.060, 0.055),
                    Section((-0.056, s * 0.001, -0.135), 0.051, 0.048),
                    Section((-0.074, s * 0.002, -0.17), 0.042, 0.040),
                ],
                round_by=0.015,
                power=2.6,
            )
        ],
        "knee_link.dark": [disc((0.0, 0.0, 0.0), 0.050, 0.050)],
        "knee_link.accent": [
            disc((0.0, 0.052, 0.0), 0.030, 0.004, round_by=0.002),
            disc((0.0, -0.052, 0.0), 0.030, 0.004, round_by=0.002),
        ],
        "knee_link.shell": [
            loft(
                "z",
                [
                    Section((0.010, 0.0, -0.025), 0.043, 0.038),
                    Section((0.000, 0.0, -0.09), 0.048, 0.044),
                    Section((-0.002, 0.0, -0.17), 0.039, 0.036),
                    Section((0.0, 0.0, -0.255), 0.027, 0.027),
                ],
                round_by=0.014,
                power=2.6,
            )
        ],
        "ankle_pitch_link.dark": [
            disc((0.0, 0.0, 0.0), 0.028, 0.034),
            disc((0.0, 0.0, -0.012), 0.022, 0.03, "x"),
        ],
        "ankle_roll_link.shell": [
            loft(
                "x",
                [
                    Section((-0.055, 0.0, -0.013), 0.026, 0.012),
                    Section((-0.02, 0.0, -0.003), 0.031, 0.021),
                    Section((0.03, 0.0, -0.004), 0.033, 0.020),
                    Section((0.085, 0.0, -0.013), 0.035, 0.012),
                    Section((0.125, 0.0, -0.017), 0.030, 0.008),
                ],
                round_by=0.008,
                power=2.8,
            )
        ],
        "ankle_roll_link.dark": [
            loft(
                "x",
                [
                    Section((-0.058, 0.0, -0.029), 0.027, 0.006),
                    Section((0.03, 0.0, -0.029), 0.036, 0.006),
                    Section((0.128, 0.0, -0.029), 0.032, 0.006),
                ],
                round_by=0.006,
                power=4.0,
            )
        ],
    }


def _arm(s: float) -> dict[str, list[Mesh]]:
    return {
        "shoulder_pitch_link.dark": [disc((0.0, s * 0.018, -0.004), 0.042, 0.040)],
        "shoulder_roll_link.shell": [
            loft(
                "z",
                [
                    Section((0.0, s * 0.004, 0.022), 0.042, 0.040),
                    Section((0.0, s * 0.006, -0.02), 0.048, 0.046),
                    Section((0.0, s * 0.006, -0.075), 0.039, 0.037),
                ],
                round_by=0.018,
                power=2.2,
            )
        ],
        "shoulder_roll_link.accent": [disc((0.0, s * 0.006, -0.088), 0.035, 0.006, "z", round_by=0.003)],
        "shoulder_yaw_link.shell": [
            loft(
                "z",
                [
                    Section((0.0, 0.0, 0.0), 0.036, 0.034),
                    Section((0.008, 0.0, -0.04), 0.037, 0.035),
                    Section((0.013, 0.0, -0.066), 0.031, 0.031),
                ],
                round_by=0.012,
            )
        ],
        "elbow_link.dark": [disc((0.0, 0.0, 0.0), 0.036, 0.037)],
        "elbow_link.accent": [disc((0.0, s * 0.038, 0.0), 0.020, 0.004, round_by=0.002)],
        "elbow_link.shell": [
            loft(
                "x",
                [
                    Section((0.018, s * 0.001, -0.006), 0.032, 0.033),
                    Section((0.05, s * 0.002, -0.010), 0.034, 0.035),
                    Section((0.092, s * 0.002, -0.010), 0.026, 0.027),
                ],
                round_by=0.012,
            )
        ],
        "wrist_roll_rubber_hand.dark": [
            disc((0.0, 0.0, 0.0), 0.024, 0.02, "x"),
            loft(
                "x",
                [
                    Section((0.022, 0.0, 0.0), 0.017, 0.024),
                    Section((0.06, 0.0, 0.0), 0.018, 0.038),
                    Section((0.10, 0.0, -0.002), 0.016, 0.037),
                    Section((0.145, -s * 0.006, -0.006), 0.012, 0.028),
                ],
                round_by=0.012,
                power=2.8,
            ),
            loft(
                "x",
                [
                    Section((0.045, -s * 0.006, 0.036), 0.012, 0.012),
                    Section((0.075, -s * 0.012, 0.052), 0.011, 0.011),
                    Section((0.10, -s * 0.016, 0.054), 0.010, 0.010),
                ],
                round_by=0.009,
                power=2.0,
            ),
        ],
    }


def _body() -> dict[str, list[Mesh]]:
    return {
        "pelvis.shell": [
            loft(
                "z",
                [
                    Section((-0.006, 0.0, -0.135), 0.040, 0.034),
                    Section((-0.006, 0.0, -0.09), 0.062, 0.060),
                    Section((-0.006, 0.0, -0.03), 0.068, 0.084),
                    Section((-0.004, 0.0, 0.005), 0.060, 0.076),
                ],
                round_by=0.02,
                power=2.8,
            )
        ],
        "pelvis.dark": [
            disc((-0.004, 0.0, 0.03), 0.052, 0.022, "z"),
            disc((0.0, 0.0, -0.1027), 0.040, 0.058),
        ],
        "torso_link.dark": [
            loft(
                "z",
                [
                    Section((0.0, 0.0, 0.0), 0.052, 0.062),
                    Section((0.0, 0.0, 0.05), 0.056, 0.070),
                    Section((0.0, 0.0, 0.10), 0.066, 0.080),
                ],
                round_by=0.01,
            ),
            loft(
                "x",
                [Section((-0.125, 0.0, 0.19), 0.062, 0.085), Section((-0.06, 0.0, 0.19), 0.075, 0.10)],
                round_by=0.02,
                power=3.5,
            ),
            disc((0.004, 0.0, 0.247), 0.042, 0.112),
        ],
        "torso_link.shell": [
            loft(
                "z",
                [
                    Section((0.004, 0.0, 0.085), 0.066, 0.080),
                    Section((0.006, 0.0, 0.15), 0.084, 0.098),
                    Section((0.006, 0.0, 0.215), 0.090, 0.106),
                    Section((0.000, 0.0, 0.27), 0.074, 0.092),
                    Section((-0.004, 0.0, 0.295), 0.050, 0.060),
                ],
                round_by=0.018,
                power=2.9,
            )
        ],
        "torso_link.accent": [
            loft(
                "x",
                [Section((0.086, 0.0, 0.205), 0.034, 0.010), Section((0.098, 0.0, 0.205), 0.032, 0.008)],
                round_by=0.003,
                power=4.0,
            ),
        ],
        "head_link.dark": [disc((0.004, 0.0, 0.345), 0.034, 0.045, "z")],
        "head_link.shell": [
            loft(
                "z",
                [
                    Section((0.012, 0.0, 0.378), 0.050, 0.045),
                    Section((0.014, 0.0, 0.41), 0.068, 0.060),
                    Section((0.010, 0.0, 0.455), 0.078, 0.068),
                    Section((0.004, 0.0, 0.50), 0.068, 0.060),
                    Section((0.000, 0.0, 0.522), 0.048, 0.042),
                ],
                round_by=0.02,
                power=2.2,
            )
        ],
        "head_link.visor": [
            loft(
                "z",
                [
                    Section((0.042, 0.0, 0.402), 0.036, 0.040),
                    Section((0.040, 0.0, 0.425), 0.048, 0.053),
                    Section((0.036, 0.0, 0.46), 0.056, 0.058),
                    Section((0.030, 0.0, 0.487), 0.050, 0.050),
                ],
                round_by=0.012,
                power=2.4,
            )
        ],
        "head_link.accent": [disc((0.004, s * 0.068, 0.452), 0.020, 0.008, round_by=0.004) for s in (-1.0, 1.0)],
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
