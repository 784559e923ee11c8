"""What a URDF has that is simulated, but maybe not as its author thinks; and what of it is passed over."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np

from simonsays.assets import InputError
from simonsays.sim.engines.quantities import GRAVITY
from simonsays.sim.meshes import read_mesh
from simonsays.sim.specs.faults import span
from simonsays.sim.specs.findings import Finding, warning
from simonsays.sim.specs.urdf import Shape, Urdf, parse_urdf

_READ = {
    "robot": "link joint material",
    "link": "inertial visual collision contact",
    "contact": "lateral_friction",
    "inertial": "origin mass inertia",
    "visual": "origin geometry material",
    "collision": "origin geometry",
    "geometry": "mesh box sphere cylinder capsule",
    "material": "color",
    "joint": "origin parent child axis limit mimic",
}
"""by element, those within it that are read; of all others nothing is"""
_PLAIN_CONTACT = {"lateral_friction": 1.0}
"""what both engines give every link of a robot: that much of <contact> is as it is written"""
_UNREAD = {"limit": ("velocity",), "mimic": ("multiplier", "offset")}
_LIGHT = 1e-4  # share of the robot's mass: solvers lose digits on links as light as that
_MASSES, _SIZES = (0.2, 1000.0), (0.05, 5.0)  # kg, and m from the root: of what walks on two legs
_SHOWN = 6  # names in a sentence; JSON has them all


def total_mass(urdf: Urdf) -> float:
    """kg, of all links that have an ``<inertial>``."""
    return math.fsum(link.inertial.mass for link in urdf.links if link.inertial is not None)


def model_told(urdf: Urdf) -> dict[str, Any]:
    """Figures of the file."""
    return {
        "mass_kg": total_mass(urdf),
        "links": len(urdf.links),
        "moving_joints": sum(joint.moves for joint in urdf.joints),
        "links_without_inertial": [link.name for link in urdf.links if link.inertial is None],
        "passed_over": passed_over(parse_urdf(urdf.file)),
    }


def named(names: Iterable[str]) -> str:
    """Some names in a sentence, and how many more there are."""
    listed = list(names)
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return ", ".join(listed[:_SHOWN]) + more


def passed_over(root: ET.Element) -> dict[str, int]:
    """Elements and attributes of a URDF that nothing reads, with how often they are there."""
    found = Counter[str]()
    ends = [root]
    while ends:  # what is within an element that is passed over is, too
        parent = ends.pop()
        found.update(f"{parent.tag} {name}" for name in _UNREAD.get(parent.tag, ()) if name in parent.attrib)
        known = _READ.get(parent.tag, "").split()
        found.update(f"<{child.tag}>" for child in parent if child.tag not in known or _odd_contact(child))
        ends += [child for child in parent if child.tag in known]
    return dict(sorted(found.items()))


def _odd_contact(element: ET.Element) -> bool:
    """Whether it is a <contact> that Bullet reads and MuJoCo does not, so that engines would differ."""
    told = {child.tag: child.get("value") for child in element} if element.tag == "contact" else {}
    try:
        return any(float(value or "nan") != _PLAIN_CONTACT.get(tag) for tag, value in told.items())
    except ValueError:
        return True


def model_warnings(urdf: Urdf) -> Iterator[Finding]:
    """What is worth knowing of a URDF."""
    file = urdf.file
    bare = [link.name for link in urdf.links if link.inertial is None]
    if bare:
        what = f"{len(bare)} have no <inertial> and weigh nothing here: {named(bare)}"
        yield warning(file, "links", what, "other loaders give each 1 kg; give one that is a body its mass")
    over = passed_over(parse_urdf(file))
    if over:
        listed = ", ".join(f"{name} ({count})" for name, count in over.items())
        what = f"passed over, as not every engine here simulates it: {listed}"
        yield warning(file, "robot", what, "see docs/robots.md for what is read")
    yield from _units(urdf)
    yield from _light(urdf)
    yield from _strong(urdf)
    for joint in urdf.joints:
        if joint.moves and joint.upper - joint.lower > 4 * math.pi + 0.01:
            what = f"its limits {joint.lower:g} to {joint.upper:g} rad are more than two turns"
            yield warning(file, f"joint {joint.name!r}", what, "angles are counted in rad, not in degrees")
    touching = [link.name for link in urdf.links if any(shape.kind == "mesh" for shape in link.collisions)]
    if touching:
        what = f"{len(touching)} touch with meshes, of which engines take the convex hulls: {named(touching)}"
        yield warning(file, "links", what, "boxes, capsules and cylinders are quicker, and exact")


def _units(urdf: Urdf) -> Iterator[Finding]:
    """Figures that are told in another unit than m, kg and rad, by what they come to."""
    mass, far = total_mass(urdf), (span(urdf) - 1.0) / 2.0
    if not _MASSES[0] <= mass <= _MASSES[1]:
        yield warning(urdf.file, "robot", f"it weighs {mass:.4g} kg together", "masses are told in kg, not in g")
    if not _SIZES[0] <= far <= _SIZES[1]:
        what = f"its joints reach {far:.4g} m from the root"
        yield warning(urdf.file, "robot", what, "places are told in m, not in mm")
    for joint in urdf.joints:
        turned = max(map(abs, joint.origin.rpy))
        if turned > 2 * math.pi + 0.01:
            what = f"its origin is turned by {turned:g} rad, more than once round"
            yield warning(urdf.file, f"joint {joint.name!r}", what, "rpy is told in rad, not in degrees")
    root = parse_urdf(urdf.file)
    bare = [
        joint.get("name", "")
        for joint in root.findall("joint")
        if joint.get("type") != "fixed" and joint.find("axis") is None
    ]
    if bare:
        what = f"{len(bare)} have no <axis>, and turn about x, as URDF has it: {named(bare)}"
        yield warning(urdf.file, "joints", what, "write the axis of each")
    for link in urdf.links:
        for shape in (*link.collisions, *link.visuals):
            if shape.kind == "mesh" and (long := _extent(urdf, shape)) > 2.0 * far + 1.0:
                what = f"the mesh {shape.mesh!r} is {long:.4g} m long, the robot no more than {2.0 * far + 1.0:.2g} m"
                yield warning(urdf.file, f"link {link.name!r}", what, 'one in mm needs scale="0.001 0.001 0.001"')
                break


def _extent(urdf: Urdf, shape: Shape) -> float:
    """m, the longest side of a mesh; 0 where it cannot be read, which is told elsewhere."""
    try:
        points = read_mesh(urdf.file.parent / shape.mesh).vertices
    except (InputError, OSError):
        return 0.0
    return float((np.ptp(points, axis=0) * np.abs(shape.scale)).max()) if len(points) else 0.0


def _light(urdf: Urdf) -> Iterator[Finding]:
    total = total_mass(urdf)
    for link in urdf.links:
        where, own = f"link {link.name!r}, inertial", link.inertial
        if own is None or link.name not in urdf.above or not urdf.above[link.name].moves:
            continue
        if 0 < own.mass < _LIGHT * total:
            share = f"it weighs {own.mass:g} kg of {total:.3g} kg, and a joint moves it"
            yield warning(urdf.file, where, share, "solvers are inexact on links that light: weigh it anew, or fix it")


def _strong(urdf: Urdf) -> Iterator[Finding]:
    """Efforts that no motor of it has: enough to hold the whole robot out at its own length."""
    far = span(urdf)
    most = total_mass(urdf) * GRAVITY * far
    names = [joint.name for joint in urdf.joints if joint.moves and joint.effort > most]
    if names:
        what = f"efforts above {most:.0f} N m, which hold the whole robot out {far:.1f} m far: {named(names)}"
        yield warning(urdf.file, "joints", what, "give each the largest torque of its motor")
