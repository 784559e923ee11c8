"""Where a robot's legs, arms, torso and head are, found by places and axes alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simonsays.assets import InputError
from simonsays.assets.notes import dataclass
from simonsays.sim.kinematics import Tree
from simonsays.sim.state import Array

_PAIR = 0.03  # m: left and right stand that near each other's mirror image
_ALONG = 0.7  # cosine of an axis with x, y or z
_LEG = 4  # joints, at least, of what may be a leg
_ASIDE = 0.02  # m, from the middle: where a shoulder is
LEG_ROLES = ("hip_pitch", "hip_roll", "hip_yaw", "knee", "ankle_pitch")
"""what no leg may lack"""


@dataclass(frozen=True)
class Limbs:
    """Names of links and joints, left before right."""

    legs: tuple[tuple[str, ...], tuple[str, ...]]
    """joints, from the hip on"""
    feet: tuple[str, str]
    arms: tuple[tuple[str, ...], tuple[str, ...]]
    """nothing, of a body without arms: then the torso stands for hands and shoulders"""
    hands: tuple[str, str]
    shoulders: tuple[str, str]
    torso: str
    head: str
    roles: dict[str, tuple[str, str]]
    """of the legs, and ``arm_swing``"""


class _Finder:
    def __init__(self, tree: Tree) -> None:
        self.tree, self.poses = tree, tree.poses(np.clip(0.0, tree.lower, tree.upper)[None])
        self.at: Array = self.poses.position[0]
        self.axes: Array = tree.axes(self.poses)[0]

    def chain(self, link: str) -> tuple[str, ...]:
        """The moving joints between the base and a link, in order."""
        joints = self.tree.urdf.chain(self.tree.links[0], link)
        return tuple(joint.name for joint in joints if joint.moves)

    def ends(self) -> list[str]:
        """Links that a joint moves, and on which no other joint that moves hangs."""
        moved = [self.tree.links[place] for place in self.tree.joint_links]
        inner = {name for link in moved for name in self.chain(link)[:-1]}
        return [link for link in moved if self.chain(link)[-1] not in inner]

    def other(self, link: str, among: list[str]) -> str | None:
        """The mirror image of a link among some, on the other side."""
        here = self.at[self.tree.place[link]] * [1, -1, 1]
        far = {each: float(np.linalg.norm(self.at[self.tree.place[each]] - here)) for each in among if each != link}
        best = min(far, key=far.__getitem__, default=None)
        return best if best is not None and far[best] < _PAIR else None

    def pairs(self) -> list[tuple[str, str]]:
        """Left and right ends that mirror each other."""
        ends = self.ends()
        left = [end for end in ends if self.at[self.tree.place[end], 1] > 0.01]
        return [(end, other) for end in left if (other := self.other(end, ends))]

    def legs(self) -> list[tuple[str, str]]:
        """Pairs that share less than they have, of four joints or more, below the base: no two fingers of a hand."""
        found = []
        for left, right in self.pairs():
            shared = len({*self.chain(left)} & {*self.chain(right)})
            low = float(self.at[self.tree.place[left], 2]) < 0.0
            found += [(left, right)] if low and len(self.chain(left)) - shared >= _LEG else []
        return found

    def about(self, joint: str) -> int | None:
        """0, 1 or 2 where a joint turns about x, y or z."""
        axis = np.abs(self.axes[self.tree.joints.index(joint)])
        return int(np.argmax(axis)) if axis.max() > _ALONG else None


def stands(tree: Tree) -> bool:
    """Whether limbs mirror each other in y, and the lowest of them end below the base: z points up, x ahead or back."""
    return bool(_Finder(tree).legs())


def find_limbs(tree: Tree, file: Path) -> Limbs:
    """Find them.

    Raises:
        InputError: no pair of legs, or a leg without a joint that the reference gait needs, or whose knee bends the
            other way than its mate's.
    """
    finder = _Finder(tree)
    pairs = finder.pairs()
    if not pairs:
        raise InputError(f"{file}: no two limbs mirror each other in y: turn the model so that x points ahead, z up")
    legs = min(finder.legs() or pairs, key=lambda pair: float(finder.at[tree.place[pair[0]], 2]))
    left, right = finder.chain(legs[0]), finder.chain(legs[1])
    shared = len([name for name in left if name in right])
    left, right = left[shared:], right[shared:]
    roles = _leg_roles(finder, (left, right), file)
    above = [pair for pair in pairs if not {*finder.chain(pair[0])} & {*left}]
    arms, hands, torso = _arms(finder, above)
    left_swing, right_swing = (next((name for name in arm if finder.about(name) == 1), None) for arm in arms)
    if left_swing and right_swing:
        roles["arm_swing"] = (left_swing, right_swing)
    free = [link for link in finder.ends() if not {*finder.chain(link)} & {*left, *right, *arms[0], *arms[1]}]
    head = max(free, key=lambda link: float(finder.at[tree.place[link], 2]), default=torso)
    shoulders = [_shoulder(finder, arm) or torso for arm in arms]
    feet = (_foot(tree, legs[0]), _foot(tree, legs[1]))
    return Limbs((left, right), feet, arms, hands, (shoulders[0], shoulders[1]), torso, head, roles)


def _leg_roles(finder: _Finder, legs: tuple[tuple[str, ...], ...], file: Path) -> dict[str, tuple[str, str]]:
    """Roles by the order of axes: the first, second and third about y are hip, knee and ankle."""
    found: dict[str, list[str]] = {}
    for leg in legs:
        by_axis: list[list[str]] = [[name for name in leg if finder.about(name) == axis] for axis in range(3)]
        rolls, pitches, yaws = by_axis
        told = dict(zip(("hip_pitch", "knee", "ankle_pitch"), pitches, strict=False))
        told |= {"hip_roll": rolls[0]} if rolls else {}
        told |= {"ankle_roll": rolls[-1]} if len(rolls) > 1 else {}
        told |= {"hip_yaw": yaws[0]} if yaws else {}
        for role in LEG_ROLES:
            if role not in told:
                kinds = {"pitch": "y", "roll": "x", "yaw": "z", "knee": "y"}
                axis = next(letter for word, letter in kinds.items() if word in role)
                raise InputError(f"{file}: no {role} in {', '.join(leg)}: no joint left that turns about {axis}")
        for role, name in told.items():
            found.setdefault(role, []).append(name)
    both = {role: (names[0], names[1]) for role, names in found.items() if len(names) == len(legs)}
    _same_knees(finder, both["knee"], file)
    return both


def _same_knees(finder: _Finder, knees: tuple[str, str], file: Path) -> None:
    """Refuse knees of which one bends forward and one back: a sign that is lost in a model is no guess to make."""
    tree = finder.tree
    places = [tree.joints.index(name) for name in knees]
    bends = [float(finder.axes[i, 1] * (tree.lower[i] + tree.upper[i])) for i in places]
    if bends[0] * bends[1] < 0:
        ways = " and ".join(
            f"{tree.joints[i]!r} {tree.lower[i]:g} to {tree.upper[i]:g} rad about {'-+'[int(finder.axes[i, 1] > 0)]}y"
            for i in places
        )
        raise InputError(f"{file}: knees that bend different ways: {ways}: turn the axis or the limits of one round")


def _arms(
    finder: _Finder, pairs: list[tuple[str, str]]
) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], tuple[str, str], str]:
    """Joints of both arms down to where fingers begin, the hands, and the torso that carries them."""
    torso = finder.tree.links[0]
    if not pairs:
        return ((), ()), (torso, torso), torso
    longest = max(pairs, key=lambda pair: len(finder.chain(pair[0])))
    chains = [finder.chain(end) for end in longest]
    shared = [name for name in chains[0] if name in chains[1]]
    ends = finder.ends()
    arms, hands = [], []
    for chain in chains:
        # Where several ends hang on one joint, fingers do: the hand is what that joint moves.
        fork = max((i for i, name in enumerate(chain) if sum(name in finder.chain(e) for e in ends) > 1), default=-1)
        kept = chain[len(shared) : fork + 1] if fork >= len(shared) else chain[len(shared) :]
        arms.append(kept)
        hands.append(next(j.child for j in finder.tree.urdf.joints if j.name == kept[-1]))
    if shared:
        torso = next(joint.child for joint in finder.tree.urdf.joints if joint.name == shared[-1])
    return (arms[0], arms[1]), (hands[0], hands[1]), torso


def _shoulder(finder: _Finder, arm: tuple[str, ...]) -> str | None:
    """The first link of an arm that is aside from the middle, where collar bones begin."""
    links = [next(j.child for j in finder.tree.urdf.joints if j.name == name) for name in arm]
    aside = [link for link in links if abs(finder.at[finder.tree.place[link], 1]) > _ASIDE]
    return next(iter([*aside, *links]), None)


def _foot(tree: Tree, end: str) -> str:
    """The link of a leg's end, or fixed to it, that has a collision shape, or at least looks like something."""
    near = [end]
    for link in near:
        near += [joint.child for joint in tree.urdf.joints if joint.parent == link and not joint.moves]
    touching = [link for link in near if tree.urdf.link(link).collisions]
    looking = [link for link in near if tree.urdf.link(link).visuals]
    return (touching or looking or [end])[0]
