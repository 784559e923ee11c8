"""What a camera is to see of a recording: points of the robot and of its props, and how fast props move."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simonsays.assets import InputError
from simonsays.sim.kinematics import Tree
from simonsays.sim.recording import Recording
from simonsays.sim.robots import get_robot
from simonsays.sim.rotations import matrix_from_quaternion
from simonsays.sim.solids import extents, middle
from simonsays.sim.specs import PropSpec, scene_from_dict
from simonsays.sim.state import Array

_CROWN = 0.1  # m, from the head's middle up over its top
AROUND = 0.12
"""m, from the centres of links to the skin around them"""
_ACROSS = np.array([(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])
_PLAIN = [[0.0, 0.0, 0.45], [0.2, 0.2, 0.2], [0.2, -0.2, 0.2], [0.0, 0.1, -0.75], [0.0, -0.1, -0.75]]


@lru_cache(maxsize=8)
def _tree(robot: str) -> Tree:
    return Tree(get_robot(robot))


def body_points(recording: Recording) -> Array:
    """(T, N, 3) m, world: the middles of the robot's links, and the last one its crown; of a robot that is not known,
    a man's outline about its base."""
    turned = np.array([matrix_from_quaternion(q) for q in recording.base_orientation])
    points = np.asarray(recording.base_position[:, None] + np.einsum("tab,tnb->tna", turned, _links(recording)))
    head, *_ = extremities(recording) or [0]
    return np.concatenate([points, points[:, [head]] + [0.0, 0.0, _CROWN]], axis=1)


def _links(recording: Recording) -> Array:
    """(T, N, 3) m, in the base's frame."""
    try:
        tree, centre = _tree(robot := str(recording.meta.get("robot", "g1"))), _middles(robot)
    except InputError:
        return np.tile(_PLAIN, (len(recording), 1, 1))
    angles, names = np.tile(tree.standing, (len(recording), 1)), recording.joint_names.tolist()
    for place, joint in enumerate(tree.joints):
        if joint in names:
            angles[:, place] = recording.joint_positions[:, names.index(joint)]
    poses = tree.poses(angles)
    return np.asarray(poses.position + np.einsum("tlab,lb->tla", poses.rotation, centre))


@lru_cache(maxsize=8)
def _middles(robot: str) -> Array:
    """(L, 3) m, in the links' frames: their centres of mass, of those that weigh nothing the middle of what is seen."""
    tree, spec = _tree(robot), get_robot(robot)
    middles = tree.centre.copy()
    for place in np.flatnonzero(tree.mass == 0):
        middles[place] = middle(spec, tree.links[place])
    return middles


def figure(recording: Recording) -> tuple[Array, float]:
    """Of a robot that stands: (3,) m, the middle of its head in the base's frame, and how high it is, m; of one that is
    not known, a G1's."""
    try:
        spec = get_robot(str(recording.meta.get("robot", "g1")))
    except InputError:
        spec = get_robot("g1")
    tree, (_, high) = _tree(spec.name), extents(spec, spec.head)
    poses, head = tree.poses(tree.standing[None]), tree.place[spec.head]
    low, top = (poses.position[0, head] + poses.rotation[0, head] @ at for at in (middle(spec, spec.head), high))
    return low, spec.base_height + float(top[2])


def extremities(recording: Recording) -> list[int]:
    """Places among the points of the body of the head and the hands; empty where the robot is not known."""
    try:
        spec = get_robot(str(recording.meta.get("robot", "g1")))
    except InputError:
        return []
    links = _tree(spec.name).place
    return [links[name] for name in (spec.head, *spec.hands)]


def prop_points(recording: Recording, place: int) -> Array:
    """(T, 8, 3) m, world: corners of the box around a prop, upright and wide enough for any heading."""
    sizes = {i: (2 * prop.radius, 2 * prop.radius, prop.extents[2]) for i, prop in props_about(recording)}
    size = sizes.get(place, (0.3, 0.3, 0.3))
    return np.asarray(recording.prop_positions[:, place, None] + _ACROSS * size)


def props_about(recording: Recording) -> list[tuple[int, PropSpec]]:
    """The props of the recording's scene, with their places in the recording."""
    props = {prop.name: prop for prop in scene_from_dict(recording.meta.get("scene", {})).props}
    return [(i, props[name]) for i, name in enumerate(recording.prop_names.tolist()) if name in props]


def moving(recording: Recording, place: int, faster: float = 0.06) -> NDArray[np.bool_]:
    """(T,) whether a prop moves faster than so many m/s."""
    if len(recording) < 2:
        return np.zeros(len(recording), dtype=bool)
    steps = np.linalg.norm(np.diff(recording.prop_positions[:, place], axis=0), axis=1)
    speeds = steps / np.maximum(np.diff(recording.time), 1e-6)
    return np.asarray(np.append(speeds, speeds[-1]) > faster)
