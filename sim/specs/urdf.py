"""The one reader of URDFs: a robot's description as frozen data, every number of it checked.

Lengths in m, angles in rad, masses in kg. Python reads the numbers, so the process's locale has no say in them.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from xml.etree import ElementTree as ET

from simonsays.assets import InputError, is_file
from simonsays.assets.reading import parse_xml, read_bytes
from simonsays.sim.specs.findings import RobotFault, fault

Vector = tuple[float, float, float]
Color = tuple[float, ...] | None
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_SIZES = {"mesh": (), "box": (("size", 3),), "sphere": (("radius", 1),)} | dict.fromkeys(
    ("cylinder", "capsule"), (("radius", 1), ("length", 1))
)
_TENSOR = ("ixx", "ixy", "ixz", "iyy", "iyz", "izz")


@dataclass(frozen=True)
class Origin:
    """A frame in another: ``xyz`` m; ``rpy`` rad, roll, pitch and yaw."""

    xyz: Vector
    rpy: Vector


@dataclass(frozen=True)
class Shape:
    """What a link looks like, or what it touches with, in the link's frame.

    ``kind`` is mesh, box, sphere, cylinder or capsule; ``size`` (m) a box's extents, or the radius and length that it
    has; ``mesh`` a file as the URDF names it, its coordinates times ``scale``; ``color`` red, green, blue, opacity.
    """

    kind: str
    size: tuple[float, ...]
    origin: Origin
    mesh: str
    scale: Vector
    material: str
    color: tuple[float, ...] | None


@dataclass(frozen=True)
class Inertial:
    """``mass`` kg; ``origin`` of the centre of mass and of the axes of ``inertia``, kg m^2: xx, xy, xz, yy, yz, zz."""

    mass: float
    origin: Origin
    inertia: tuple[float, ...]


@dataclass(frozen=True)
class Link:
    """A rigid body."""

    name: str
    inertial: Inertial | None
    visuals: tuple[Shape, ...]
    collisions: tuple[Shape, ...]


@dataclass(frozen=True)
class Joint:
    """What a link, its child, hangs on its parent by.

    ``origin`` is the child's frame in the parent's with the joint at zero, ``axis`` in the child's frame; ``lower`` and
    ``upper`` limits are in rad, ``effort`` (the largest torque) in N m; ``mimic`` is the joint that it follows.
    """

    name: str
    kind: str
    parent: str
    child: str
    origin: Origin
    axis: Vector
    lower: float
    upper: float
    effort: float
    mimic: str

    @property
    def moves(self) -> bool:
        """Whether it is anything but fixed."""
        return self.kind != "fixed"


@dataclass(frozen=True)
class Urdf:
    """A tree of links and joints, in the order of the file."""

    file: Path
    links: tuple[Link, ...]
    joints: tuple[Joint, ...]

    @cached_property
    def above(self) -> dict[str, Joint]:
        """The joint that each link hangs on, by the link's name; the root has none."""
        return {joint.child: joint for joint in self.joints}

    @cached_property
    def root(self) -> Link:
        """The link that everything hangs on."""
        return next(link for link in self.links if link.name not in self.above)

    def link(self, name: str) -> Link:
        """A link by its name. Raises KeyError."""
        return {link.name: link for link in self.links}[name]

    def chain(self, base: str, end: str) -> list[Joint]:
        """Joints from a link to another that hangs on it, in order. Raises KeyError if it does not."""
        found = list[Joint]()
        while end != base:
            found.append(self.above[end])
            end = found[-1].parent
        return found[::-1]


def read_urdf(file: Path) -> Urdf:
    """A robot's description; read once until the file changes.

    Raises:
        InputError: it is missing, no well-formed URDF, has a number that is none, or its links are no tree.
    """
    urdf, faults = survey(file)
    if faults:
        raise faults[0]
    assert urdf is not None
    return urdf


def survey(file: Path) -> tuple[Urdf | None, tuple[RobotFault, ...]]:
    """A robot's description, and all that keeps it from being read; None where there is any of that."""
    if not is_file(file):
        return None, (fault("file", "there is no such robot description").of(file),)
    status = file.stat()
    return _surveyed(file, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=16)
def _surveyed(file: Path, _changed: int, _size: int) -> tuple[Urdf | None, tuple[RobotFault, ...]]:
    try:
        root = parse_urdf(file)
    except RobotFault as error:
        return None, (error,)
    faults, colors = list[RobotFault](), _colors(root)
    links, joints = list[Link](), list[Joint]()
    for element in root:
        name = element.get("name", "")
        try:
            if element.tag == "material":
                _color(element, f"material {name!r}")
            elif element.tag == "link":
                links.append(Link(name, None, (), ()))  # what stands for it in the tree where it cannot be read
                links[-1] = _link(element, colors, f"link {name!r}")
            elif element.tag == "joint":
                joints.append(_bare_joint(element))
                joints[-1] = _joint(element, f"joint {name!r}")
        except RobotFault as error:
            faults.append(error.of(file))
    faults += [error.of(file) for error in _tree_faults(links, joints)]
    return (None if faults else Urdf(file, tuple(links), tuple(joints))), tuple(faults)


def parse_urdf(file: Path) -> ET.Element:
    """The ``<robot>`` element of a URDF. Raises InputError: the file is no well-formed XML, or another kind of it."""
    data = read_bytes(file)
    try:
        root = parse_xml(data)
    except ValueError as error:
        raise fault("file", str(error)).of(file) from error
    if root.tag != "robot":
        raise fault("file", f"the root element is <{root.tag}>", "a URDF has <robot>").of(file)
    return root


def numbers(values: Iterable[float]) -> str:
    """Numbers as an attribute of a URDF, to ten digits."""
    return " ".join(f"{value + 0.0:.10g}" for value in values)


def _tree_faults(links: list[Link], joints: list[Joint]) -> Iterator[RobotFault]:
    names, hanging = [link.name for link in links], [joint.child for joint in joints]
    for kind, listed in (("link", names), ("joint", [joint.name for joint in joints])):
        for name, count in Counter(listed).items():
            if not name or count > 1:
                yield fault(f"{kind} {name!r}", f"two {kind}s are named {name!r}", "each needs a name of its own")
    known, hangs = set(names), Counter(hanging)
    below: dict[str, list[str]] = {}
    for joint in joints:
        below.setdefault(joint.parent, []).append(joint.child)
        for end in ("parent", "child"):
            if getattr(joint, end) not in known:
                what = f"{end} link {getattr(joint, end)!r} does not exist"
                yield fault(f"joint {joint.name!r}", what, f"name one of the links as its <{end}>")
    for name, count in hangs.items():
        if count > 1:
            yield fault(f"link {name!r}", "it is the child of several joints", "leave one")
    reached = [name for name in names if name not in hangs]
    if len(reached) > 1:
        yield fault(f"links {reached[0]!r} and {reached[1]!r}", "they both hang on nothing", "connect them by a joint")
    if not names:
        yield fault("robot", "it has no links")
    seen = set(reached)
    for name in reached:
        fresh = [child for child in below.get(name, ()) if child not in seen]
        reached += fresh
        seen.update(fresh)
    for name in dict.fromkeys(names):
        if name not in seen:
            yield fault(f"link {name!r}", "it hangs on itself, by a circle of joints", "open the circle")


def _numbers(element: ET.Element | None, key: str, count: int, default: str | None, where: str) -> tuple[float, ...]:
    text = default if element is None else element.get(key, default)
    words = text.split() if text is not None else []
    numbers = tuple(float(word) for word in words if _NUMBER.fullmatch(word))
    if text is None:
        raise fault(where, f"{key} is missing", f"it needs {count} number{'s' * (count > 1)}")
    if len(words) != count or len(numbers) != count or not all(map(math.isfinite, numbers)):
        mend = "expand it with xacro first" if "${" in text else "write it with a decimal point"
        raise fault(where, f"{key}={text!r}", f"it needs {count} finite number{'s' * (count > 1)}; {mend}")
    return numbers


def _once(element: ET.Element, parts: str, where: str) -> None:
    """Refuse parts that are there twice: of several, readers take the first, the last, or all."""
    for part in parts.split():
        if (count := len(element.findall(part))) > 1:
            raise fault(where, f"{count} of <{part}>", "leave one")


def _vector(element: ET.Element | None, key: str, default: str, where: str) -> Vector:
    x, y, z = _numbers(element, key, 3, default, where)
    return x, y, z


def _origin(element: ET.Element, where: str) -> Origin:
    origin = element.find("origin")
    return Origin(_vector(origin, "xyz", "0 0 0", where), _vector(origin, "rpy", "0 0 0", where))


def _name(element: ET.Element, child: str, attribute: str = "name") -> str:
    found = element.find(child)
    return "" if found is None else found.get(attribute, "")


def _colors(root: ET.Element) -> dict[str, Color]:
    """Colours by the materials' names; one that is no colour is told of by itself."""
    found = dict[str, Color]()
    for material in root.findall("material"):
        with suppress(InputError):
            found[material.get("name", "")] = _color(material, "material")
    return found


def _color(material: ET.Element | None, where: str) -> Color:
    color = None if material is None else material.find("color")
    return None if color is None else _numbers(color, "rgba", 4, None, f"{where}, color")


def _link(element: ET.Element, colors: dict[str, Color], where: str) -> Link:
    _once(element, "inertial", where)
    inertial, found, what = None, element.find("inertial"), f"{where}, inertial"
    if found is not None:
        (mass,) = _numbers(found.find("mass"), "value", 1, None, f"{what}, mass")
        inertia = [_numbers(found.find("inertia"), key, 1, None, f"{what}, inertia")[0] for key in _TENSOR]
        if min(mass, inertia[0], inertia[3], inertia[5]) < 0:
            raise fault(what, f"its mass ({mass} kg) and moments of inertia must not be negative", "weigh it anew")
        inertial = Inertial(mass, _origin(found, what), tuple(inertia))
    visuals, collisions = (
        tuple(_shape(shape, colors, f"{where}, {kind}") for shape in element.findall(kind))
        for kind in ("visual", "collision")
    )
    return Link(element.get("name", ""), inertial, visuals, collisions)


def _shape(element: ET.Element, colors: dict[str, Color], where: str) -> Shape:
    shape, name = element.find("geometry/*"), _name(element, "material")
    if shape is None or shape.tag not in _SIZES:
        kinds = ", ".join(_SIZES)
        raise fault(where, f"geometry: {'none' if shape is None else shape.tag}", f"it needs one out of {kinds}")
    size = [number for key, count in _SIZES[shape.tag] for number in _numbers(shape, key, count, None, where)]
    scale = _vector(shape, "scale", "1 1 1", where)
    if min(size, default=1.0) <= 0 or not all(scale):
        raise fault(where, f"a {shape.tag} of no size: {size or list(scale)}", "give it its extents")
    color = _color(element.find("material"), where) or colors.get(name)
    return Shape(shape.tag, tuple(size), _origin(element, where), shape.get("filename", ""), scale, name, color)


def _bare_joint(element: ET.Element) -> Joint:
    """What stands for a joint in the tree where it cannot be read."""
    origin = Origin((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    parent, child = _name(element, "parent", "link"), _name(element, "child", "link")
    return Joint(element.get("name", ""), "fixed", parent, child, origin, (1.0, 0.0, 0.0), 0.0, 0.0, 0.0, "")


def _joint(element: ET.Element, where: str) -> Joint:
    _once(element, "origin parent child axis limit mimic", where)
    limit = element.find("limit")
    lower, upper, effort = (_numbers(limit, key, 1, "0", where)[0] for key in ("lower", "upper", "effort"))
    axis = _vector(element.find("axis"), "xyz", "1 0 0", where)
    if not any(axis) and element.get("type") != "fixed":  # exporters give fixed joints an axis of zeros
        raise fault(where, "its axis has no direction", "write one like xyz='0 1 0'")
    return Joint(
        name=element.get("name", ""),
        kind=element.get("type", ""),
        parent=_name(element, "parent", "link"),
        child=_name(element, "child", "link"),
        origin=_origin(element, where),
        axis=axis,
        lower=lower,
        upper=upper,
        effort=effort,
        mimic=_name(element, "mimic", "joint"),
    )
