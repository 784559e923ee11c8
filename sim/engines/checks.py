"""What is found out of a robot before it is simulated: which of its links may touch, and whether its PD is stable."""

from __future__ import annotations

import contextlib
import math
from functools import lru_cache

import numpy as np

from simonsays.assets import InputError
from simonsays.sim.engines import ENGINES
from simonsays.sim.engines.base import Body
from simonsays.sim.kinematics import Tree, damping_eigenvalues
from simonsays.sim.specs import PD_RATE_HZ, RobotSpec, SceneSpec
from simonsays.sim.state import Array

Pairs = tuple[tuple[int, int], ...]
LARGEST_EIGENVALUE = 1.6
"""of dt M^-1 Kd: from 2 on joints shake at the physics rate; the rest is for contacts and for limits of torque"""


def neighbours(tree: Tree) -> Pairs:
    """Links that a joint connects, by their places, with all that fixed joints make one body with them."""
    body: list[int] = []
    for place, parent in enumerate(tree.parents):
        body.append(place if parent < 0 or tree.moves(place) else body[parent])
    joined = {(body[place], body[parent]) for place, parent in enumerate(tree.parents) if parent >= 0}
    both = joined | {(b, a) for a, b in joined} | {(b, b) for b in body}
    count = range(len(tree.links))
    return tuple((a, b) for a in count for b in count if a < b and (body[a], body[b]) in both)


def clear(spec: RobotSpec, engine: str, dt: float, angles: Array) -> Array:
    """(N,) whether in poses (N, J) rad no link is more than 2 mm deep in another."""
    tree = Tree(spec)
    with contextlib.closing(ENGINES[engine](dt)) as world:
        world.build(SceneSpec(), [])
        body = world.add_robot(spec, tree, (*neighbours(tree), *overlapping(spec, engine)))
        found = np.empty(len(angles), dtype=bool)
        for i, pose in enumerate(angles):
            body.place([0.0, 0.0, 100.0], [0.0, 0.0, 0.0, 1.0], pose.tolist())
            found[i] = max(body.depths().values(), default=0.0) < _TOUCH
        return found


_TOUCH = 0.002  # m: engines' own shapes are that exact


@lru_cache(maxsize=32)
def overlapping(spec: RobotSpec, engine: str) -> Pairs:
    """Other links that overlap in the standing pose, by their places: they never touch."""
    tree = Tree(spec)
    with contextlib.closing(ENGINES[engine](1 / PD_RATE_HZ)) as world:
        world.build(SceneSpec(), [])
        body = world.add_robot(spec, tree, neighbours(tree))
        body.place([0.0, 0.0, 100.0], [0.0, 0.0, 0.0, 1.0], tree.standing.tolist())
        return tuple(sorted(body.depths()))


def left_out(spec: RobotSpec, engine: str) -> list[tuple[str, str]]:
    """Names of the links that overlap in the standing pose, so that their contacts are left out."""
    links = Tree(spec).links
    return [(links[one], links[other]) for one, other in overlapping(spec, engine)]


def largest_eigenvalue(spec: RobotSpec, engine: str, dt: float) -> tuple[float, str]:
    """Largest eigenvalue of dt M^-1 Kd over 300 poses of the whole range of motion, and the joint that shakes most."""
    rate, joint = _fastest_damping(spec, engine)
    return dt * rate, joint


@lru_cache(maxsize=32)
def _fastest_damping(spec: RobotSpec, engine: str) -> tuple[float, str]:
    """1/s: largest eigenvalue of M^-1 Kd, and the joint that it is of."""
    tree = Tree(spec)
    with contextlib.closing(ENGINES[engine](1 / PD_RATE_HZ)) as world:
        world.build(SceneSpec(), [])
        mass = world.add_robot(spec, tree, ()).mass_matrix(tree.sampled(300, seed=3))
    damping = np.array([joint.kd for joint in spec.joints])
    found = damping_eigenvalues(mass, damping, 1.0)
    worst = int(np.argmax(found))
    root = np.sqrt(damping)
    _, vectors = np.linalg.eigh(root[:, None] * np.linalg.inv(mass[worst])[6:, 6:] * root)
    return float(found[worst]), tree.joints[int(np.argmax(np.abs(vectors[:, -1])))]


def check_damping(body: Body) -> None:
    """Refuse gains that shake.

    Raises:
        InputError: at this physics rate explicit damping comes near its limit somewhere in the range of motion.
    """
    spec, engine = body.spec, body.engine
    most, joint = largest_eigenvalue(spec, engine.name, engine.dt)
    if most > LARGEST_EIGENVALUE:
        kd = next(each.kd for each in spec.joints if each.name == joint)
        rate = math.ceil(most / LARGEST_EIGENVALUE / engine.dt)
        raise InputError(
            f"robot {spec.name!r}: joint {joint!r} shakes: the largest eigenvalue of dt M^-1 Kd is {most:.2f}, more "
            f"than {LARGEST_EIGENVALUE}; lower its kd {kd:g} to about {kd * LARGEST_EIGENVALUE / most:.2g}, give it "
            f"its motor's armature, or take {rate} physics steps a second"
        )
