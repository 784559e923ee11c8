"""How a robot stands in its standing pose, by its kinematics and the shapes of its feet alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simonsays.assets import InputError
from simonsays.assets.notes import dataclass
from simonsays.sim.checking.part import Part
from simonsays.sim.kinematics import Poses, Tree, mirror
from simonsays.sim.solids import corners
from simonsays.sim.specs import RobotSpec
from simonsays.sim.specs.findings import Finding, fault, warning
from simonsays.sim.state import Array

_SOLE = 0.004  # m, above the lowest point: what belongs to a sole
_CLOSE, _APART = 0.002, 0.01  # m, of heights: what rounding does, and what a robot falls or floats by
_FLAT = 0.03  # m, at least, of a sole's length and width
_SIDES = ("left", "right")
_ROLES = {"pitch": 1, "roll": 0, "yaw": 2, "knee": 1, "swing": 1}
"""by a part of a role's name, the axis of the base that its joint turns about"""
_ALONG = 0.7  # cosine


@dataclass(frozen=True)
class Soles:
    """Both feet on the ground in the standing pose, in the base link's frame."""

    base_height: float
    """m, of the base above the lowest point of the feet"""
    sole_height: float
    """m, of the feet's frames above it"""
    points: tuple[Array, Array]
    """(N, 3) m each: the points of the left and the right sole, no more than 4 mm above its lowest"""

    @property
    def spread(self) -> Array:
        """(2, 2) m: length and width of the left and of the right sole."""
        return np.array([np.ptp(points[:, :2], axis=0) for points in self.points])

    def overhang(self, centre: Array) -> float:
        """m, how far a point (3,) is ahead of both soles together; negative: behind them; zero: over them."""
        along = np.concatenate(self.points)[:, 0]
        return float(max(0.0, centre[0] - along.max()) + min(0.0, centre[0] - along.min()))


def soles(tree: Tree, feet: tuple[str, str], angles: Array) -> Soles:
    """Where the soles are in a pose (J,) rad.

    Raises:
        InputError: a foot has no collision shape, or a mesh that cannot be read.
    """
    poses = tree.poses(angles[None])
    lowest, points = [], []
    for name in feet:
        place, own = tree.place[name], foot_corners(tree, name)
        placed = own @ poses.rotation[0, place].T + poses.position[0, place]
        points.append(placed[placed[:, 2] <= placed[:, 2].min() + _SOLE])
        lowest.append(float(placed[:, 2].min()))
    ground = min(lowest)
    heights = [float(poses.position[0, tree.place[name], 2]) - ground for name in feet]
    return Soles(-ground, min(heights), (points[0], points[1]))


def foot_corners(tree: Tree, name: str) -> Array:
    """(N, 3) m, in a foot's frame: corners of what it touches with.

    Raises:
        InputError: it has no collision shape, or a mesh that cannot be read.
    """
    link = tree.urdf.link(name)
    if not link.collisions:
        found = fault(f"link {name!r}", "a foot without a collision shape: it touches nothing", _shoes(tree, name))
        raise found.of(tree.urdf.file)
    return np.concatenate([corners(shape, tree.urdf.file.parent) for shape in link.collisions])


def _shoes(tree: Tree, name: str) -> str:
    """What to do about a foot that touches nothing: which links near it have shapes."""
    joined = {joint.child for joint in tree.urdf.joints if joint.parent == name}
    joined |= {tree.urdf.above[name].parent} if name in tree.urdf.above else set()
    near = [link.name for link in tree.urdf.links if link.name in joined and link.collisions]
    return f"name {' or '.join(map(repr, near))} as the foot" if near else "give it a box where its sole is"


def centre_of_mass(tree: Tree, poses: Poses) -> Array:
    """(N, 3) m, of the whole robot, in the base link's frame."""
    centres = poses.position + np.einsum("nlab,lb->nla", poses.rotation, tree.centre)
    found: Array = np.einsum("l,nla->na", tree.mass, centres) / tree.mass.sum()
    return found


def standing(spec: RobotSpec, tree: Tree) -> Part:
    """Heights, soles, sides, axes of the roles, and the mirror table."""
    poses = tree.poses(tree.standing[None])
    centre = centre_of_mass(tree, poses)[0]
    part = Part(measured={"centre_of_mass_m": centre.round(4).tolist()})
    part.findings.extend(_sides(spec, tree, poses))
    part.findings.extend(_axes(spec, tree, poses))
    try:
        ground = soles(tree, spec.feet, tree.standing)
    except InputError as error:
        what = error.finding if hasattr(error, "finding") else fault("feet", str(error)).finding
        part.findings.append(what)
    else:
        part.measured["base_height_m"] = round(ground.base_height, 4)
        part.measured["sole_height_m"] = round(ground.sole_height, 4)
        part.measured["soles_m"] = dict(zip(_SIDES, ground.spread.round(4).tolist(), strict=True))
        part.measured["overhang_m"] = round(ground.overhang(centre), 4)
        part.findings.extend(_ground_findings(spec, ground, centre))
    try:
        image = mirror(tree)
        table = zip(tree.joints, image.place, image.sign, strict=True)
        part.measured["mirror"] = {name: [tree.joints[place], int(sign)] for name, place, sign in table}
    except InputError as error:
        mend = "envs need the image of every joint: fix those that have none"
        part.findings.append(fault("mirror image", str(error), mend).of(spec.urdf).finding)
    return part


def _ground_findings(spec: RobotSpec, ground: Soles, centre: Array) -> Iterator[Finding]:
    told = {
        "base_height": (spec.base_height, ground.base_height),
        "gait.sole_height": (spec.gait.sole_height, ground.sole_height),
    }
    for field, (said, measured) in told.items():
        where, off = f"robot {spec.name!r}, field {field}", said - measured
        what, mend = f"{said:g} m; measured {measured:.4f} m", f"write {measured:.4f}"
        if abs(off) > _APART:
            yield fault(where, what, mend).of(spec.urdf).finding
        elif abs(off) > _CLOSE:
            yield warning(spec.urdf, where, what, mend)
    for side, (length, width) in zip(_SIDES, ground.spread.tolist(), strict=True):
        if min(length, width) < _FLAT:
            what = f"the {side} foot stands on {length * 100:.1f} cm by {width * 100:.1f} cm: not flat on its sole"
            yield warning(spec.urdf, "feet", what, "bend the standing pose until soles are flat")
    if ground.overhang(centre):
        what = f"the centre of mass is {abs(ground.overhang(centre)) * 100:.1f} cm beyond the soles: it falls"
        yield warning(spec.urdf, "standing pose", what, "lean ankles or hips until it is over them")


def _sides(spec: RobotSpec, tree: Tree, poses: Poses) -> Iterator[Finding]:
    """Pairs whose left one is on the right."""
    joint_place = dict(zip(tree.joints, tree.joint_links, strict=True))
    pairs = {name: [tree.place[link] for link in getattr(spec, name)] for name in ("feet", "hands", "shoulders")}
    pairs |= {f"gait.{role}": [joint_place[name] for name in pair] for role, pair in spec.gait.roles().items()}
    for name, (left, right) in pairs.items():
        y = poses.position[0, [left, right], 1]
        if left != right and y[0] <= y[1]:  # one link may stand for both hands of a body without arms
            what = f"the left one is at y = {y[0]:.3f} m, the right one at {y[1]:.3f} m: sides are swapped"
            mend = "y points to the left: name the left one first"
            yield fault(f"robot {spec.name!r}, field {name}", what, mend).of(spec.urdf).finding
    half, first = len(spec.leg_joints) // 2, tree.trunk(spec.feet[0])
    odd = [name for name in spec.leg_joints[:half] if tree.joints.index(name) not in first]
    if odd:
        what = f"{', '.join(odd)}: among the first half, but the left foot does not hang on it"
        mend = "name the left leg's joints first, then the right leg's in the same order"
        yield fault(f"robot {spec.name!r}, field leg_joints", what, mend).of(spec.urdf).finding


def _axes(spec: RobotSpec, tree: Tree, poses: Poses) -> Iterator[Finding]:
    """Roles whose joints turn about another axis than the role says."""
    axes = tree.axes(poses)[0]
    for role, pair in spec.gait.roles().items():
        about = next(axis for word, axis in _ROLES.items() if word in role)
        for name in pair:
            axis = axes[tree.joints.index(name)]
            if abs(axis[about]) < _ALONG:
                what = f"{name!r} turns about ({axis[0]:.2f}, {axis[1]:.2f}, {axis[2]:.2f}), not about {'xyz'[about]}"
                mend = f"name the joint that turns about {'xyz'[about]}"
                yield fault(f"robot {spec.name!r}, field gait.{role}", what, mend).of(spec.urdf).finding
            elif about == 1 and axis[1] < 0:
                what = f"{name!r} turns about -y, and the reference gait takes +y: legs bend the wrong way"
                mend = "turn its axis and its limits round in the URDF"
                yield fault(f"robot {spec.name!r}, field gait.{role}", what, mend).of(spec.urdf).finding
