"""A copy of a URDF that can be simulated: what was changed in it is listed, and nothing else is."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np

from simonsays.assets import InputError

MOST_LINKS = 128
"""that PyBullet simulates, the base among them"""
_BALL, _NO_MOMENT = 0.02, 1e-12  # m, kg m^2
_BETWEEN = 2e-4  # of the robot's mass: links that have none, between joints
_NO_PRODUCTS = dict.fromkeys(("ixy", "ixz", "iyz"), "0")
_SCHEMES = ("package://", "file://", "model://")


def mended(root: ET.Element, file: Path, folder: Path) -> list[str]:
    """Change the ``<robot>`` of a URDF so that it can be simulated, meshes named from ``folder`` on; what was changed.

    Raises:
        InputError: a mesh is nowhere near.
    """
    changed = [
        *_without_bare_roots(root),
        *_turning(root),
        *_sizeless(root),
        *_massless(root),
        *_weightless(root),
        *_virtual(root),
        *_possible(root),
        *_crowded(root),
        *_in_order(root),
    ]
    moved = [_placed(mesh, file, folder) for mesh in root.iter("mesh")]
    if any(moved):
        changed.append(f"{sum(moved)} paths of meshes are written from the copy's folder on")
    return changed


def _child(joint: ET.Element, end: str) -> str:
    found = joint.find(end)
    return "" if found is None else found.get("link", "")


def _mass(link: ET.Element | None) -> float:
    found = None if link is None else link.find("inertial/mass")
    return 0.0 if found is None else _number(found.get("value", "0"))


def _without_bare_roots(root: ET.Element) -> Iterator[str]:
    """Roots without a mass, which a fixed or floating joint hangs the robot on."""
    while True:
        links = {link.get("name", ""): link for link in root.findall("link")}
        joints = root.findall("joint")
        tops = [name for name in links if name not in {_child(joint, "child") for joint in joints}]
        below = [joint for joint in joints if tops and _child(joint, "parent") == tops[0]]
        main = [joint for joint in below if joint.get("type") in ("fixed", "floating")]
        if len(tops) != 1 or _mass(links[tops[0]]) > 0 or len(below) != 1 or not main:
            return
        root.remove(links[tops[0]])
        root.remove(below[0])
        yield f"link {tops[0]!r}, a root without a mass, was taken out"


def _turning(root: ET.Element) -> Iterator[str]:
    """Joints of kinds that are not simulated."""
    for joint in root.findall("joint"):
        name, mimic = joint.get("name"), joint.find("mimic")
        if mimic is not None:
            joint.remove(mimic)
            joint.set("type", "fixed")
            yield f"joint {name!r} mimicked another one: fixed at zero"
        elif joint.get("type") == "continuous":
            joint.set("type", "revolute")
            limit = joint.find("limit")
            limit = ET.SubElement(joint, "limit") if limit is None else limit
            limit.attrib.update(lower=f"{-2 * math.pi:.5f}", upper=f"{2 * math.pi:.5f}")
            yield f"joint {name!r} was continuous: it turns once round either way"
        elif joint.get("type") in ("planar", "prismatic", "floating", "spherical"):
            yield f"joint {name!r}, {joint.get('type')}, is fixed at zero"
            joint.set("type", "fixed")


def _number(text: str) -> float:
    """NaN where it is none, which the reader says."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _sizeless(root: ET.Element) -> Iterator[str]:
    """Shapes of no size, which are neither seen nor touched."""
    for link in root.findall("link"):
        for holder in (*link.findall("visual"), *link.findall("collision")):
            shape = holder.find("geometry/*")
            told = [] if shape is None else [shape.get(key, "1") for key in ("radius", "length", "size")]
            if any(_number(word) == 0.0 for each in told for word in each.split()):
                link.remove(holder)
                yield f"link {link.get('name')!r}: a <{holder.tag}> of no size was taken out"


def _massless(root: ET.Element) -> Iterator[str]:
    """Links whose ``<inertial>`` has no mass, and moments all the same."""
    for link in root.findall("link"):
        inertial = link.find("inertial")
        if inertial is not None and inertial.find("mass") is not None and _mass(link) == 0:
            link.remove(inertial)
            yield f"link {link.get('name')!r} weighed nothing: its <inertial> was taken out"


def _weightless(root: ET.Element) -> Iterator[str]:
    """Joints that move nothing with a mass."""
    above = {_child(joint, "child"): _child(joint, "parent") for joint in root.findall("joint")}
    heavy = {link.get("name", "") for link in root.findall("link") if _mass(link) > 0}
    for name in tuple(heavy):
        while (name := above.get(name, "")) and name not in heavy:
            heavy.add(name)
    for joint in root.findall("joint"):
        if joint.get("type") == "revolute" and _child(joint, "child") not in heavy:
            joint.set("type", "fixed")
            yield f"joint {joint.get('name')!r} moves nothing that has a mass: fixed at zero"


def _virtual(root: ET.Element) -> Iterator[str]:
    """Links without a mass between joints that move: MuJoCo takes none, and solvers divide by it."""
    links = {link.get("name", ""): link for link in root.findall("link")}
    mass = _BETWEEN * math.fsum(_mass(link) for link in links.values() if _mass(link) > 0)
    given = []
    for joint in root.findall("joint"):
        name = _child(joint, "child")
        link = links.get(name)
        if joint.get("type") != "revolute" or link is None or link.find("inertial") is not None or _fixed(root, name):
            continue
        inertial, moment = ET.SubElement(link, "inertial"), f"{0.4 * mass * _BALL**2:.6g}"
        ET.SubElement(inertial, "mass", value=f"{mass:.6g}")
        ET.SubElement(inertial, "inertia", dict.fromkeys(("ixx", "iyy", "izz"), moment) | _NO_PRODUCTS)
        given.append(name)
    if given:
        yield f"{len(given)} links between joints weighed nothing, {given[0]!r} for one: {mass * 1e3:.1f} g each"


def _fixed(root: ET.Element, name: str) -> bool:
    """Whether something with a mass is fixed to a link, and weighs with it."""
    for joint in root.findall("joint"):
        if joint.get("type") == "fixed" and _child(joint, "parent") == name:
            child = _child(joint, "child")
            link = next((each for each in root.findall("link") if each.get("name") == child), None)
            if _mass(link) > 0 or _fixed(root, child):
                return True
    return False


def _possible(root: ET.Element) -> Iterator[str]:
    """Inertias whose largest moment is more than the two others together."""
    for link in root.findall("link"):
        found = link.find("inertial/inertia")
        if found is None or _mass(link) == 0:
            continue
        xx, xy, xz, yy, yz, zz = (_number(found.get(key, "")) for key in ("ixx", "ixy", "ixz", "iyy", "iyz", "izz"))
        tensor = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
        if not np.isfinite(tensor).all():
            continue  # the reader says what is missing
        moments, axes = np.linalg.eigh(tensor)
        if moments[2] < _NO_MOMENT:
            for key in ("ixx", "iyy", "izz"):
                found.set(key, f"{0.4 * _mass(link) * _BALL**2:.6g}")
            yield f"link {link.get('name')!r} had no moments of inertia: those of a ball of 2 cm radius"
            continue
        if moments[0] >= 0 and moments[2] <= moments[0] + moments[1] + 1e-12:
            continue
        moments = np.maximum(moments, 1e-3 * abs(moments[2]))
        moments[2] = min(moments[2], moments[0] + moments[1])
        (xx, xy, xz), (_, yy, yz), (*_, zz) = axes @ np.diag(moments) @ axes.T
        for key, value in zip(("ixx", "ixy", "ixz", "iyy", "iyz", "izz"), (xx, xy, xz, yy, yz, zz), strict=True):
            found.set(key, f"{value:.9g}")
        yield f"link {link.get('name')!r} had moments of inertia that no body has: the nearest that one has"


def _crowded(root: ET.Element) -> Iterator[str]:
    """Frames that nothing hangs on, where there are more links than PyBullet takes."""
    taken = 0
    while len(root.findall("link")) > MOST_LINKS:
        joints = root.findall("joint")
        inner = {_child(joint, "parent") for joint in joints}
        plain = {link.get("name", ""): link for link in root.findall("link") if len(link) == 0}
        leaves = [j for j in joints if j.get("type") == "fixed" and _child(j, "child") in plain.keys() - inner]
        if not leaves:
            break
        for joint in leaves:
            root.remove(plain[_child(joint, "child")])
            root.remove(joint)
        taken += len(leaves)
    if taken:
        yield f"{taken} frames without mass, shape or anything that hangs on them were taken out: there were too many"


def _in_order(root: ET.Element) -> Iterator[str]:
    """Links that stand before their parents, which PyBullet does not survive."""
    links = {link.get("name", ""): link for link in root.findall("link")}
    above = {_child(joint, "child"): _child(joint, "parent") for joint in root.findall("joint")}
    ordered = [name for name in links if name not in above]
    for name in ordered:
        ordered += [each for each in links if above.get(each) == name]
    places = {name: place for place, name in enumerate(links)}
    late = [name for name in links if name in above and places.get(above[name], -1) > places[name]]
    if not late or len(ordered) != len(links):
        return
    for link in links.values():
        root.remove(link)
    for place, name in enumerate(ordered):
        root.insert(place, links[name])
    yield f"links stood before their parents, {late[0]!r} for one: parents stand first"


def _placed(mesh: ET.Element, file: Path, folder: Path) -> bool:
    """Name a mesh from a folder on; whether that changed its name."""
    named = mesh.get("filename", "")
    scheme = next((each for each in _SCHEMES if named.startswith(each)), "")
    path, found = named.removeprefix(scheme), None
    if scheme == "file://" or (not scheme and Path(path).is_absolute()):
        found = Path(path)
    elif not scheme:
        found = file.parent / path
    else:
        tried = [Path(path), *(Path(*Path(path).parts[i:]) for i in range(1, len(Path(path).parts)))]
        near = (top / each for each in tried for top in file.absolute().parents)
        found = next((each for each in near if each.is_file()), None)
    if found is None or not found.is_file():
        raise InputError(f"{file}: no mesh {named!r} near it: copy it beside the URDF, and name it from there on")
    new = os.path.relpath(found.absolute(), folder.absolute())
    mesh.set("filename", new)
    return bool(new != named)
