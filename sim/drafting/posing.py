"""A standing pose: knees a little bent, soles flat, the centre of mass over their middle."""

from __future__ import annotations

import numpy as np

from simonsays.sim.checking.standing import Soles, centre_of_mass, foot_corners, soles
from simonsays.sim.drafting.limbs import Limbs
from simonsays.sim.kinematics import Tree
from simonsays.sim.state import Array

_KNEE = 0.25  # rad: straight legs cannot catch themselves
_MARGIN = 0.02  # rad, off the limits
_SOLE, _TILTS = 0.004, np.linspace(-0.6, 0.6, 121)  # m; rad, of a foot about y, that are tried for flatness
_LENGTHS = 0.005  # m: soles that differ by less are equally long


def standing_pose(tree: Tree, limbs: Limbs) -> tuple[Array, str]:
    """(J,) rad, and in words what of it could be had."""
    pose: Array = np.clip(0.0, tree.lower + _MARGIN, tree.upper - _MARGIN)
    pitches = [[tree.joints.index(limbs.roles[role][side]) for role in _PITCHES] for side in (0, 1)]
    tilts = [_flat(tree, foot, pose) for foot in limbs.feet]
    base = [float(pose[joints].sum()) for joints in pitches]

    def leant(hip: float) -> Array:
        """The pose with hips at an angle, and ankles so that soles are flat."""
        found = pose.copy()
        for (hips, knee, ankle), tilt, zero in zip(pitches, tilts, base, strict=True):
            found[hips], found[knee] = hip, _KNEE
            found[ankle] = tilt + zero - hip - _KNEE
        clipped: Array = np.clip(found, tree.lower + _MARGIN, tree.upper - _MARGIN)
        return clipped

    hips = np.linspace(-0.8, 0.4, 49)
    best = leant(float(min(hips, key=lambda hip: abs(_off(tree, limbs, leant(float(hip)))))))
    fine = np.linspace(-0.025, 0.025, 21) + best[pitches[0][0]]
    best = leant(float(min(fine, key=lambda hip: abs(_off(tree, limbs, leant(float(hip)))))))
    left = _off(tree, limbs, best)
    return best, f"knees bent, soles flat, the centre of mass {abs(left) * 100:.1f} cm off the middle of the soles"


_PITCHES = ("hip_pitch", "knee", "ankle_pitch")


def faces_back(tree: Tree, limbs: Limbs) -> bool:
    """Whether it looks along -x: its knees bend so that shins go ahead of x."""
    axes = tree.axes(tree.poses(np.clip(0.0, tree.lower, tree.upper)[None]))[0]
    knee = tree.joints.index(limbs.roles["knee"][0])
    return bool(axes[knee, 1] * (tree.lower[knee] + tree.upper[knee]) < 0)


def _off(tree: Tree, limbs: Limbs, pose: Array) -> float:
    """m, of the centre of mass ahead of the middle of the soles."""
    ground: Soles = soles(tree, limbs.feet, pose)
    along = np.concatenate(ground.points)[:, 0]
    return float(centre_of_mass(tree, tree.poses(pose[None]))[0, 0] - (along.min() + along.max()) / 2)


def _flat(tree: Tree, foot: str, pose: Array) -> float:
    """rad about y, that a foot is to be turned by for the longest sole; the least of those that are about as long."""
    place, own = tree.place[foot], foot_corners(tree, foot)
    placed = own @ tree.poses(pose[None]).rotation[0, place].T
    lengths = []
    for tilt in _TILTS:
        c, s = np.cos(tilt), np.sin(tilt)
        turned = placed @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]).T
        lengths.append(float(np.ptp(turned[turned[:, 2] <= turned[:, 2].min() + _SOLE, 0])))
    good = [tilt for tilt, length in zip(_TILTS, lengths, strict=True) if length >= max(lengths) - _LENGTHS]
    return float(min(good, key=abs))
