"""The one reader of URDFs: a robot's description as frozen data, every number of it checked.

Lengths in m, angles in rad, masses in kg. Python reads the numbers, so the process's locale has no say in them.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from xml.etree import ElementTree as ET

from simonsays.assets import InputError

Vector = tuple[float, float, float]
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_SIZES = {"mesh": (), "box": (("size", 3),), "sphere": (("radius", 1),)} | dict.fromkeys(
    ("cylinder", "capsule"), (("radius", 1), ("length", 1))
)
_TENSOR = ("ixx", "ixy", "ixz", "iyy", "iyz", "izz")


@dataclass(frozen=True)
class Shape:
    """What a link looks like, or what it touches with."""

    kind: str
    """mesh, box, sphere, cylinder or capsule"""
    size: tuple[float, ...]
    """m: extents of a box, radius of a sphere, radius and length of the others; of a mesh nothing"""
    xyz: Vector
    """m, in the link's frame"""
    rpy: Vector
    """rad, roll, pitch and yaw against the link's frame"""
    mesh: str = ""
    """the file as the URDF names it"""
    scale: Vector = (1.0, 1.0, 1.0)
    """of the mesh's coordinates"""
    material: str = ""
    """its name"""
    color: tuple[float, ...] | None = None
    """red, green, blue, opacity, 0 to 1; None: the URDF has none"""


@dataclass(frozen=True)
class Inertial:
    """Mass and inertia of a link, about its centre of mass."""

    mass: float
    """kg"""
    xyz: Vector
    """m, the centre of mass in the link's frame"""
    rpy: Vector
    """rad, of the tensor's axes against the link's frame"""
    inertia: tuple[float, ...]
    """(6,) kg m^2: xx, xy, xz, yy, yz, zz"""


@dataclass(frozen=True)
class Link:
    """A rigid body."""

    name: str
    inertial: Inertial | None
    visuals: tuple[Shape, ...]
    collisions: tuple[Shape, ...]


@dataclass(frozen=True)
class Joint:
    """What connects a link with the one it hangs on."""

    name: str
    kind: str
    """revolute, fixed, ..."""
    parent: str
    child: str
    xyz: Vector
    """m, the child's frame in the parent's, with the joint at zero"""
    rpy: Vector
    """rad"""
    axis: Vector
    """in the child's frame"""
    lower: float
    """rad"""
    upper: float
    """rad"""
    effort: float
    """N m, the largest torque"""
    velocity: float
    """rad/s, the highest speed"""
    mimic: str = ""
    """the joint that it follows"""

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
    if not file.is_file():
        raise InputError(f"no such robot description: {file}")
    status = file.stat()
    return _read(file, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=16)
def _read(file: Path, _changed: int, _size: int) -> Urdf:
    root = parse_urdf(file)
    colors = {m.get("name", ""): _color(m, f"{file}: material {m.get('name')!r}") for m in root.findall("material")}
    links = tuple(_link(element, colors, f"{file}: link {element.get('name')!r}") for element in root.findall("link"))
    joints = tuple(_joint(element, f"{file}: joint {element.get('name')!r}") for element in root.findall("joint"))
    _check_tree(links, joints, str(file))
    return Urdf(file, links, joints)


def parse_urdf(file: Path) -> ET.Element:
    """The ``<robot>`` element of a URDF. Raises InputError: the file is no well-formed XML, or another kind of it."""
    try:
        root = ET.parse(file).getroot()
    except (ET.ParseError, ValueError, LookupError, OSError) as error:
        raise InputError(f"{file}: not well-formed XML: {error}") from error
    if root.tag != "robot":
        raise InputError(f"{file}: the root element is <{root.tag}>, a URDF has <robot>")
    return root


def _check_tree(links: tuple[Link, ...], joints: tuple[Joint, ...], where: str) -> None:
    names, hanging = [link.name for link in links], [joint.child for joint in joints]
    for kind, listed in (("links", names), ("joints", [joint.name for joint in joints])):
        for name in listed:
            if not name or listed.count(name) > 1:
                raise InputError(f"{where}: two {kind} are named {name!r}: each needs a name of its own")
    for joint in joints:
        for end, name in (("parent", joint.parent), ("child", joint.child)):
            if name not in names:
                raise InputError(f"{where}: joint {joint.name!r}: {end} link {name!r} does not exist")
        if hanging.count(joint.child) > 1:
            raise InputError(f"{where}: link {joint.child!r} is the child of several joints: leave one")
    roots = [name for name in names if name not in hanging]
    if len(roots) > 1:
        raise InputError(f"{where}: links {roots[0]!r} and {roots[1]!r} both hang on nothing: connect them by a joint")
    reached, before = set(roots), 0
    while len(reached) > before:
        before = len(reached)
        reached |= {joint.child for joint in joints if joint.parent in reached}
    for name in names:
        if name not in reached:
            raise InputError(f"{where}: link {name!r} hangs on itself, by a circle of joints")


def _numbers(element: ET.Element | None, key: str, count: int, default: str | None, where: str) -> tuple[float, ...]:
    text = default if element is None else element.get(key, default)
    words = text.split() if text is not None else []
    numbers = tuple(float(word) for word in words if _NUMBER.fullmatch(word))
    if len(words) != count or len(numbers) != count or not all(map(math.isfinite, numbers)):
        mend = "; expand it with xacro first" if "${" in (text or "") else ", with a decimal point"
        raise InputError(f"{where}: {key}={text!r}: needs {count} finite number{'s' * (count > 1)}{mend}")
    return numbers


def _vector(element: ET.Element | None, key: str, default: str, where: str) -> Vector:
    x, y, z = _numbers(element, key, 3, default, where)
    return x, y, z


def _color(material: ET.Element | None, where: str) -> tuple[float, ...] | None:
    color = None if material is None else material.find("color")
    return None if color is None else _numbers(color, "rgba", 4, None, f"{where}, color")


def _link(element: ET.Element, colors: dict[str, tuple[float, ...] | None], where: str) -> Link:
    found = element.find("inertial")
    inertial = None
    if found is not None:
        origin, tensor, what = found.find("origin"), found.find("inertia"), f"{where}, inertial"
        (mass,) = _numbers(found.find("mass"), "value", 1, None, f"{what}, mass")
        inertia = tuple(_numbers(tensor, key, 1, None, f"{what}, inertia")[0] for key in _TENSOR)
        if mass < 0 or min(inertia[0], inertia[3], inertia[5]) < 0:
            raise InputError(f"{what}: mass {mass} kg and moments of inertia must not be negative")
        inertial = Inertial(mass, _vector(origin, "xyz", "0 0 0", what), _vector(origin, "rpy", "0 0 0", what), inertia)
    visuals, collisions = (
        tuple(_shape(shape, colors, f"{where}, {kind}") for shape in element.findall(kind))
        for kind in ("visual", "collision")
    )
    return Link(element.get("name", ""), inertial, visuals, collisions)


def _shape(element: ET.Element, colors: dict[str, tuple[float, ...] | None], where: str) -> Shape:
    shape, origin, material = element.find("geometry/*"), element.find("origin"), element.find("material")
    if shape is None or shape.tag not in _SIZES:
        kinds = ", ".join(_SIZES)
        raise InputError(f"{where}: needs a geometry out of {kinds}, not {'none' if shape is None else shape.tag}")
    size = [number for key, count in _SIZES[shape.tag] for number in _numbers(shape, key, count, None, where)]
    if size and min(size) <= 0:
        raise InputError(f"{where}: a {shape.tag} of no size: {size} m")
    name = "" if material is None else material.get("name", "")
    return Shape(
        kind=shape.tag,
        size=tuple(size),
        xyz=_vector(origin, "xyz", "0 0 0", where),
        rpy=_vector(origin, "rpy", "0 0 0", where),
        mesh=shape.get("filename", "") if shape.tag == "mesh" else "",
        scale=_vector(shape, "scale", "1 1 1", where),
        material=name,
        color=_color(material, where) or colors.get(name),
    )


def _joint(element: ET.Element, where: str) -> Joint:
    found = {key: element.find(key) for key in ("parent", "child", "origin", "axis", "limit", "mimic")}
    lower, upper, effort, velocity = (
        _numbers(found["limit"], key, 1, "0", where)[0] for key in ("lower", "upper", "effort", "velocity")
    )

    axis = _vector(found["axis"], "xyz", "1 0 0", where)
    if not any(axis):
        raise InputError(f"{where}: an axis needs a direction, like xyz='0 1 0'")

    def name(key: str, attribute: str) -> str:
        end = found[key]
        return "" if end is None else end.get(attribute, "")

    return Joint(
        name=element.get("name", ""),
        kind=element.get("type", ""),
        parent=name("parent", "link"),
        child=name("child", "link"),
        xyz=_vector(found["origin"], "xyz", "0 0 0", where),
        rpy=_vector(found["origin"], "rpy", "0 0 0", where),
        axis=axis,
        lower=lower,
        upper=upper,
        effort=effort,
        velocity=velocity,
        mimic=name("mimic", "joint"),
    )
