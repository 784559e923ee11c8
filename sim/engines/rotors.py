"""Rotors for an engine that has none: inertia spread over the links so that each joint feels about its own rotor.

A rotor's reflected inertia ``a`` adds to one diagonal element of the mass matrix. Inertia on a link adds to every joint
above it, too; put on plainly, the hip pitch of a G1 gets 4.3 times its figure. So the three principal moments that are
added to each link are fitted, over poses of the whole range of motion, to the logarithm of each joint's effective
inertia 1 / (M^-1)_jj, by Gauss and Newton's method with Levenberg's damping.
"""

from __future__ import annotations

import contextlib

import numpy as np

from simonsays.assets import InputError
from simonsays.sim.engines.base import Body
from simonsays.sim.kinematics import Tree, effective_inertia, mirror
from simonsays.sim.specs import RobotSpec
from simonsays.sim.state import Array

_POSES = 40  # with their mirror images; more change the fit by less than a percent
_ROUNDS, _ENOUGH = 60, 1e-4  # at most; a share of the squared error: smaller gains are none


def with_rotors(mass: Array, armature: Array) -> Array:
    """(N, 6 + J, 6 + J) a mass matrix with true rotors (J,) kg m^2."""
    found = mass.copy()
    places = 6 + np.arange(len(armature))
    found[:, places, places] += armature
    return found


def spread_rotors(tree: Tree, frames: Array, spec: RobotSpec) -> Array:
    """(J, 3) kg m^2, not negative: what is added about the principal axes ``frames`` (L, 3, 3) of each joint's link."""
    armature = np.array([joint.armature for joint in spec.joints])
    if not armature.any():
        return np.zeros((len(armature), 3))
    angles, image = tree.sampled(_POSES), None
    with contextlib.suppress(InputError):  # a robot that is no mirror image of itself
        image = mirror(tree)
        angles = np.concatenate([angles, angles[:, image.place] * image.sign])
    poses = tree.poses(angles)
    links, mass = tree.joint_links, tree.mass_matrix(poses)
    true = effective_inertia(with_rotors(mass, armature))
    axes = poses.rotation[:, links] @ frames[links]
    rows = (axes.swapaxes(2, 3) @ tree.turning(poses)[:, links]).reshape(len(mass), 3 * len(links), -1)
    # Squares keep moments from being negative; the start is the rotor, along its own axis.
    along = np.einsum("lab,la->lb", frames[links], tree.own_axes) ** 2
    start = armature[:, None] * along / (along**2).sum(axis=1, keepdims=True)
    root, damping = np.sqrt(start.ravel() + 1e-5), 1e-3
    error, slope = _error(root, mass, rows, true)
    for _ in range(_ROUNDS):
        normal = slope.T @ slope
        step = np.linalg.solve(normal + damping * np.diag(np.diag(normal) + 1e-9), slope.T @ error)
        tried = _error(root - step, mass, rows, true)
        gain = error @ error - tried[0] @ tried[0]
        if gain > 0:
            done = gain < _ENOUGH * (error @ error)
            root, damping, (error, slope) = root - step, damping / 3, tried
            if done:
                break
        else:
            damping *= 4
    moments = (root**2).reshape(-1, 3)
    return moments if image is None else _evened(moments, frames[links], image.place)


def _evened(moments: Array, frames: Array, other: list[int]) -> Array:
    """The mean of what was found for each joint and for its mirror image: a gait must not limp for it."""
    flip = np.diag([1.0, -1.0, 1.0])
    tensors = np.einsum("lab,lb,lcb->lac", frames, moments, frames)
    means = 0.5 * (tensors + flip @ tensors[other] @ flip)
    found: Array = np.einsum("lab,lac,lcb->lb", frames, means, frames)
    return found


def _error(root: Array, mass: Array, rows: Array, true: Array) -> tuple[Array, Array]:
    """(N J,) logarithm of effective over true inertia, and its derivative (N J, 3 J) by the roots of the moments."""
    full = mass + rows.swapaxes(1, 2) @ (root[:, None] ** 2 * rows)
    inverse = np.linalg.inv(full)
    own = np.diagonal(inverse, axis1=1, axis2=2)[:, 6:]
    # d(1 / (M^-1)_jj) / d moment = ((M^-1 g)_j)^2 / (M^-1)_jj^2, g the moment's row
    moved = (inverse @ rows.swapaxes(1, 2))[:, 6:] ** 2 / own[:, :, None]
    slope = (moved * (2 * root)).reshape(-1, len(root))
    return (-np.log(own) - np.log(true)).ravel(), slope


def rotor_errors(body: Body) -> dict[str, tuple[float, float, float]]:
    """By joint: effective inertia over the true one, standing, and the least and most over 200 poses."""
    tree, armature = body.tree, np.array([joint.armature for joint in body.spec.joints])
    angles = tree.sampled(200, seed=1)
    true = effective_inertia(with_rotors(tree.mass_matrix(tree.poses(angles)), armature))
    ratio = effective_inertia(body.mass_matrix(angles)) / true
    return {
        name: (float(ratio[0, j]), float(ratio[:, j].min()), float(ratio[:, j].max()))
        for j, name in enumerate(tree.joints)
    }
