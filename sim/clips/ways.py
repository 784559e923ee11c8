"""What joints can follow: of several ways to hold an arm those that go on, and none faster than a motor."""

from __future__ import annotations

import numpy as np

from simonsays.sim.clips.fitting import Fit, Wanted, directions
from simonsays.sim.state import Array

_STEP = 0.3  # a rad squared from an instant to the next, beside the squared misfit of directions
_FREE = 0.003  # a rad squared from rest
FASTEST = 12.0
"""rad/s, of any joint: the motors of the G1's and the H1's arms do 20 to 37 without a load"""


def steady(fit: Fit, wanted: Wanted) -> Array:
    """(T, J) rad: as of :meth:`Fit.solve`, from a few beginnings; of each arm what misfits and moves least, altogether.

    That sequence is found by dynamic programming (Viterbi, 1967).
    """
    tree, rest = fit.marks.tree, wanted.rest
    arms = [[j for j in tree.trunk(hand) if j not in fit.marks.trunk] for hand in fit.marks.spec.hands]
    both = np.isin(np.arange(len(tree.joints)), [*arms[0], *arms[1]])
    goals = (rest, 0.0 * rest, 0.5 * (rest + tree.upper), 0.5 * (rest + tree.lower))
    ways = np.array([fit.solve(wanted, np.where(both, goal, rest)) for goal in goals])
    found, count = ways[0].copy(), len(rest)
    for side, joints in enumerate(arms):
        cost = np.array([_misfit(fit, wanted, way)[:, side] for way in ways])
        cost += _FREE * np.square(ways[..., joints] - rest[:, joints]).sum(axis=-1)
        total, came = cost[:, 0], np.zeros((count, len(ways)), dtype=int)
        for at in range(1, count):
            step = ways[:, None, at - 1, joints] - ways[None, :, at, joints]
            through = total[:, None] + _STEP * np.square(step).sum(axis=-1)
            came[at] = through.argmin(axis=0)
            total = through.min(axis=0) + cost[:, at]
        best = int(total.argmin())
        for at in range(count - 1, -1, -1):
            found[at, joints] = ways[best, at, joints]
            best = int(came[at, best])
    return np.asarray(found)


def _misfit(fit: Fit, wanted: Wanted, angles: Array) -> Array:
    """(T, 2) squared misfit of the directions of each arm."""
    poses = fit.marks.tree.poses(angles)
    torso = fit.marks.turned(poses)[:, 1]
    goal = np.einsum("tab,tslb->tsla", torso, wanted.limbs[:, :, 2:])
    off = directions(fit.marks.positions(poses))[:, :, 2:] - goal
    return np.asarray(np.square(off).sum(axis=(2, 3)))


def slowed(angles: Array, hz: float, loops: bool) -> Array:
    """(T, J) rad, without what is faster than ``FASTEST``: past it a joint goes smoothly, for as long as it needs."""
    count, least = len(angles), 2
    told = np.concatenate([angles] * 3) if loops else angles.copy()
    for joint in range(angles.shape[1]):
        each = told[:, joint]
        for _ in range(count):
            speed = np.abs(np.diff(each)) * hz
            at = int(speed.argmax())
            if speed[at] <= FASTEST:
                break
            width = least
            while True:
                begin, end = max(0, at + 1 - width), min(len(each) - 1, at + width)
                # A smoothstep's middle is half as fast again as its mean.
                if 1.5 * hz * abs(each[end] - each[begin]) <= FASTEST * (end - begin) or end - begin >= len(each) - 1:
                    break
                width += 1
            share = np.linspace(0.0, 1.0, end - begin + 1)
            each[begin : end + 1] = each[begin] + (each[end] - each[begin]) * share * share * (3.0 - 2.0 * share)
    return np.asarray(told[count : 2 * count] if loops else told)
