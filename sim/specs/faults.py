"""What of a URDF cannot be simulated as it says, whatever the spec of the robot is."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from simonsays.sim.specs.findings import RobotFault, fault
from simonsays.sim.specs.urdf import Joint, Link, Urdf

_MENDS = {
    "continuous": 'write type="revolute" with a lower and an upper limit, like -6.28 and 6.28',
    "floating": "leave it and its parent out, as every robot's base floats",
    "spherical": "write three revolute joints, with links of some grams between them",
    "planar": "make it fixed, or leave out what it carries",
}
_MENDED = "`simon robot new` writes a copy that has it mended"
_ROUNDING = 1.001
"""of the triangle inequality: URDFs have their moments to four digits or more"""


def model_faults(urdf: Urdf) -> Iterator[RobotFault]:
    """What an engine would refuse in its own words, or take without a word and simulate as something else."""
    for each in _all(urdf):
        yield each.of(urdf.file)


def _all(urdf: Urdf) -> Iterator[RobotFault]:
    for joint in urdf.joints:
        yield from _joint_faults(joint)
    root = urdf.root
    if root.inertial is None or root.inertial.mass == 0:
        mend = f"make the link that it carries the root; {_MENDED}"
        yield fault(f"link {root.name!r}", "the root has no mass: the robot would hang in the air", mend)
    for joint in urdf.joints:
        if joint.kind == "revolute" and not _mass_below(urdf, joint.child):
            yield fault(f"joint {joint.name!r}", "it moves nothing that has a mass", "give its link an <inertial>")
    longest = span(urdf)
    for link in urdf.links:
        yield from _inertia_faults(link, longest)
        meshes = dict.fromkeys(shape.mesh for shape in (*link.visuals, *link.collisions) if shape.kind == "mesh")
        missing = [mesh for mesh in meshes if not (urdf.file.parent / mesh).is_file()]
        if missing:
            hint = f"write it from the URDF's folder on; {_MENDED}" if "://" in missing[0] else "put it there"
            yield fault(f"link {link.name!r}", f"no mesh file {', '.join(map(repr, missing))}", hint)


def _joint_faults(joint: Joint) -> Iterator[RobotFault]:
    where = f"joint {joint.name!r}"
    if joint.kind not in ("revolute", "fixed"):
        mend = _MENDS.get(joint.kind, "make it revolute or fixed")
        yield fault(where, f"type {joint.kind!r} is not simulated", mend)
        return
    if joint.mimic:
        mend = f"take it out, or make the joint fixed; {_MENDED}"
        yield fault(where, f"<mimic> of {joint.mimic!r} is not simulated", mend)
    if joint.kind == "fixed":
        return
    if joint.lower > joint.upper:
        what = f"its lower limit {joint.lower} is above its upper limit {joint.upper} rad"
        yield fault(where, what, "swap them")
    elif joint.lower == joint.upper:
        what = f"its limits are missing, or both {joint.lower:g}: it cannot move"
        yield fault(where, what, "give <limit> a lower and an upper, in rad, or make it fixed")
    if joint.effort <= 0:
        what = f"effort {joint.effort:g}, or none"
        yield fault(where, what, "<limit> needs the largest torque of its motor, in N m")


def principal_moments(link: Link) -> tuple[float, float, float]:
    """kg m^2, the smallest first, about the centre of mass of a link that has an ``<inertial>``."""
    assert link.inertial is not None
    xx, xy, xz, yy, yz, zz = link.inertial.inertia
    least, middle, most = np.linalg.eigvalsh([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]).tolist()
    return least, middle, most


def _inertia_faults(link: Link, longest: float) -> Iterator[RobotFault]:
    where = f"link {link.name!r}, inertial"
    if link.inertial is None:
        return
    least, middle, most = principal_moments(link)
    if most > 0 and link.inertial.mass == 0:
        yield fault(where, f"moments of inertia up to {most:g} kg m^2 of no mass", "give it its mass, in kg")
        return
    if most <= 0 < link.inertial.mass:
        mend = f"give it those of a ball of its size, 0.4 m r^2; {_MENDED}"
        yield fault(where, f"{link.inertial.mass:g} kg without any moment of inertia", mend)
        return
    if least < -1e-3 * most:
        what = f"principal moments {least:.3g}, {middle:.3g}, {most:.3g} kg m^2: none can be negative"
        yield fault(where, what, "its products of inertia are too large: weigh it anew")
    elif most > _ROUNDING * (least + middle) + 1e-12:
        what = f"principal moments {least:.3g}, {middle:.3g}, {most:.3g} kg m^2: one is more than both others together"
        yield fault(where, what, f"no body has such an inertia: weigh it anew; {_MENDED}")
    if link.inertial.mass > 0 and (far := math.sqrt(most / link.inertial.mass)) > longest:
        what = f"{link.inertial.mass:g} kg with a moment of inertia of {most:g} kg m^2 reach {far:.3g} m far"
        yield fault(where, f"{what}; the robot is no more than {longest:.2g} m", "one of both has the wrong unit")


def span(urdf: Urdf) -> float:
    """m, longer than the robot: twice the longest way along its joints, and a metre for the shapes at its ends."""
    longest, ends = 0.0, [(urdf.root.name, 0.0)]
    while ends:
        parent, way = ends.pop()
        longest = max(longest, way)
        ends += [(j.child, way + math.hypot(*j.origin.xyz)) for j in urdf.joints if j.parent == parent]
    return 2.0 * longest + 1.0


def _mass_below(urdf: Urdf, name: str) -> bool:
    """Whether a link, or what fixed joints and moving ones hang on it, has a mass."""
    inertial = urdf.link(name).inertial
    if inertial is not None and inertial.mass > 0:
        return True
    return any(_mass_below(urdf, joint.child) for joint in urdf.joints if joint.parent == name)
