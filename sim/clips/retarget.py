"""Clips on to robots: directions of limbs become joint angles within limits, feet stay where they are down."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from simonsays.assets import InputError, did_you_mean
from simonsays.sim.clips.balance import balancing
from simonsays.sim.clips.figure import Clip, Figure, JointAngles, nearest_rotations, quaternions, rotations
from simonsays.sim.clips.fitting import LIMBS, Fit, Wanted, directions
from simonsays.sim.clips.footing import Footing, advance, footing
from simonsays.sim.clips.marks import Marks
from simonsays.sim.clips.reference import Loss, MotionReference
from simonsays.sim.clips.ways import slowed, steady
from simonsays.sim.robots import ROBOTS
from simonsays.sim.specs import RobotSpec
from simonsays.sim.state import Array

CONTROL_HZ = 50.0
_CLOSING = 0.5  # s, at the end of a loop, in which it comes to where it began
_BALANCE = 0.12  # of the leg's length: how far a base moves at most to be over its feet
_SOLE_AHEAD = 0.05  # of the leg's length, from the ankle to the middle of a sole
_FREE_STEPS = 8
_SMOOTHED = 1  # times that joints are drawn to the mean of the instants around: of several ways the same is taken


def retarget(clip: Clip, spec: RobotSpec, hz: float = CONTROL_HZ, balance: bool = True) -> MotionReference:
    """What a robot does for a clip, at ``hz`` instants a second.

    The robot's own joint angles are taken as they are, cut to its limits; those of another robot that is known, and
    figures, by the directions of their limbs. ``balance``: its base keeps over its feet, as far as a bounded shift
    goes (sim/clips/balance.py).

    Raises:
        InputError: joints that are no robot's; a robot without arms.
    """
    marks = Marks(spec)
    if isinstance(clip, JointAngles):
        own = set(clip.joint_names) <= set(marks.tree.joints)
        if own:
            return _own(clip, marks, hz)
        clip = _figure_of(clip)
    figure = closed(resampled(clip, hz)) if clip.loops else resampled(clip, hz)
    return _fitted(figure, marks, hz, balance)


def resampled(figure: Figure, hz: float) -> Figure:
    """A figure at even instants; a loop's last frame, which is the first of the next round, stays."""
    seconds = float(figure.time[-1])
    count = max(2, round(seconds * hz) + 1)
    at = np.linspace(0.0, seconds, count) if figure.loops else np.arange(count) / hz
    at = np.minimum(at, seconds)
    pelvis, chest, feet = (
        nearest_rotations(_between(figure.time, each, at)) for each in (figure.pelvis, figure.chest, figure.feet)
    )
    points = _between(figure.time, figure.points, at)
    return Figure(figure.source, np.arange(count) / hz, points, pelvis, chest, feet, figure.loops)


def _between(time: Array, values: Array, at: Array) -> Array:
    """Values (T, ...) at other times, by straight lines."""
    after = np.clip(np.searchsorted(time, at, side="right"), 1, len(time) - 1)
    share = ((at - time[after - 1]) / (time[after] - time[after - 1])).reshape(-1, *[1] * (values.ndim - 1))
    found: Array = values[after - 1] + share * (values[after] - values[after - 1])
    return found


def closed(figure: Figure) -> Figure:
    """A loop whose frames come smoothly to where the first one goes on, without the last, which is the first again."""
    count = len(figure.time)
    hz = 1.0 / (figure.time[1] - figure.time[0])
    width = min(count - 1, round(_CLOSING * hz))
    share = np.clip((np.arange(count) - (count - 1 - width)) / width, 0.0, 1.0)
    share = share * share * (3.0 - 2.0 * share)
    yaw = [np.arctan2(figure.pelvis[at, 1, 0], figure.pelvis[at, 0, 0]) for at in (0, -1)]
    c, s = np.cos(yaw[1] - yaw[0]), np.sin(yaw[1] - yaw[0])
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    flat = np.array([1.0, 1.0, 0.0])
    first, last = figure.hips[0] * flat, figure.hips[-1] * flat

    def ease(values: Array, goal: Array) -> Array:
        gap = goal - values[-1]
        return np.asarray((values + share.reshape(-1, *[1] * gap.ndim) * gap)[:-1])

    points = ease(figure.points, (figure.points[0] - first) @ turn.T + last)
    pelvis, chest, feet = (
        nearest_rotations(ease(each, turn @ each[0])) for each in (figure.pelvis, figure.chest, figure.feet)
    )
    return Figure(figure.source, figure.time[:-1], points, pelvis, chest, feet, True)


def _figure_of(clip: JointAngles) -> Figure:
    """What the robot looks like whose joints these are."""
    names = set(clip.joint_names)
    fitting = [spec for spec in ROBOTS.values() if names <= {joint.name for joint in spec.joints}]
    if not fitting:
        known = [joint.name for spec in ROBOTS.values() for joint in spec.joints]
        wrong = [name for name in clip.joint_names if name not in known]
        told = (
            f"no robot has the joint {wrong[0]!r}{did_you_mean(wrong[0], known)}" if wrong else "no robot has them all"
        )
        raise InputError(f"{clip.source}: joint names: {told}")
    marks = Marks(min(fitting, key=lambda spec: len(spec.joints)))
    return marks.figure(clip, _all_angles(clip, marks))


def _all_angles(clip: JointAngles, marks: Marks) -> Array:
    """(T, J) rad of all of a robot's joints; those that a clip lacks stand."""
    angles = np.repeat(marks.tree.standing[None], len(clip.time), axis=0)
    angles[:, [marks.tree.joints.index(name) for name in clip.joint_names]] = clip.joint_positions
    return angles


def _own(clip: JointAngles, marks: Marks, hz: float) -> MotionReference:
    """Of the robot's own angles."""
    tree, count = marks.tree, round(float(clip.time[-1]) * hz) + 1
    at = np.minimum(np.arange(max(2, count)) / hz, clip.time[-1])
    given = _between(clip.time, _all_angles(clip, marks), at)
    angles = np.clip(given, tree.lower, tree.upper)
    base = np.broadcast_to(np.eye(3), (len(at), 3, 3))
    if clip.base_orientation is not None:
        base = nearest_rotations(_between(clip.time, rotations(clip.base_orientation), at))
    poses, sole = tree.poses(angles), marks.spec.gait.sole_height
    ankles = np.einsum("tab,tsb->tsa", base, marks.positions(poses)[:, :, 2])
    if clip.base_position is not None:
        place = _between(clip.time, clip.base_position, at)
        low = ankles[..., 2] + place[:, None, 2] - sole < 0.02
    else:
        place, low = _standing_on(ankles, sole)
    missing = [name for name in tree.joints if name not in clip.joint_names]
    notes = [f"joints that the clip lacks stand: {', '.join(missing)}"] if missing else []
    notes += [
        f"the clip lacks base_{each}: {what}" for each, what in _UNTOLD.items() if getattr(clip, f"base_{each}") is None
    ]
    losses = _losses(tree.joints, "clipped", np.abs(given - angles))
    shown = np.einsum("tab,tspb->tspa", base, marks.positions(poses)) + place[:, None, None]
    return MotionReference(
        marks.spec.name,
        clip.source,
        hz,
        tree.joints,
        angles,
        place,
        quaternions(base),
        low,
        shown,
        clip.loops,
        losses,
        tuple(notes),
    )


_UNTOLD = {"position": "the lower foot stays on the ground", "orientation": "it is upright"}


def _standing_on(ankles: Array, sole: float) -> tuple[Array, Array]:
    """(T, 3) m, where a base is whose lower foot stays where it is, and which feet (T, 2) are down."""
    height = sole - ankles[..., 2].min(axis=1)
    lower, moved = np.argmin(ankles[..., 2], axis=1), np.zeros((len(ankles), 2))
    at = np.arange(1, len(ankles))
    moved[1:] = -(ankles[at, lower[1:], :2] - ankles[at - 1, lower[1:], :2])
    place = np.concatenate([np.cumsum(moved, axis=0), height[:, None]], axis=1)
    return place, ankles[..., 2] + height[:, None] - sole < 0.02


def _fitted(figure: Figure, marks: Marks, hz: float, balance: bool) -> MotionReference:
    """Of a figure at even instants."""
    spec, tree, fit = marks.spec, marks.tree, Fit(marks)
    feet = footing(figure, marks, hz)
    standing = np.repeat(tree.standing[None], len(figure.time), axis=0)
    base, back = figure.pelvis, figure.pelvis.transpose(0, 2, 1)
    limbs = directions(figure.points)
    chest = figure.chest.transpose(0, 2, 1)
    own = np.concatenate(
        [
            np.einsum("tab,tslb->tsla", frame, limbs[:, :, part])
            for frame, part in ((back, slice(2)), (chest, slice(2, 4)))
        ],
        axis=2,
    )
    wanted = Wanted(own, back @ figure.chest, back[:, None] @ feet.feet, standing)
    angles = steady(fit, wanted)
    for _ in range(_SMOOTHED):
        wanted = wanted._replace(rest=_smoothed(angles, figure.loops))
        angles = fit.solve(wanted, wanted.rest)
    middle = marks.positions(tree.poses(tree.standing[None]))[0, :, 0].mean(axis=0)
    place = feet.hips - base @ middle
    angles, wanted = _stepping(fit, wanted, feet, base, place, angles)
    if balance:
        place = place + _balanced(marks, figure, feet, base, place, angles, hz)
        angles, wanted = _stepping(fit, wanted, feet, base, place, angles)
    free, angles = angles, slowed(angles, hz, figure.loops)
    losses = [
        *_clipped(marks, wanted, free),
        *_losses(tree.joints, "slowed", np.abs(angles - free)),
        *_off(marks, wanted, angles),
    ]
    turned, scale = quaternions(base), marks.leg / figure.leg
    shown = scale * figure.points + (feet.hips - scale * figure.hips)[:, None, None]
    return MotionReference(
        spec.name, figure.source, hz, tree.joints, angles, place, turned, feet.down, shown, figure.loops, tuple(losses)
    )


def _smoothed(angles: Array, loops: bool) -> Array:
    """(T, J) means over the instants around."""
    around = np.pad(angles, ((3, 3), (0, 0)), mode="wrap" if loops else "edge")
    found: Array = np.lib.stride_tricks.sliding_window_view(around, 7, axis=0).mean(axis=-1)
    return found


def _stepping(
    fit: Fit, wanted: Wanted, feet: Footing, base: Array, place: Array, angles: Array
) -> tuple[Array, Wanted]:
    """Angles with which the ankles are where they are to be, and what was wanted."""
    ankles = np.einsum("tba,tsb->tsa", base, feet.ankles - place[:, None])
    wanted = wanted._replace(ankles=ankles, rest=angles)
    return fit.solve(wanted, angles), wanted


def _balanced(
    marks: Marks, figure: Figure, feet: Footing, base: Array, place: Array, angles: Array, hz: float
) -> Array:
    """(T, 3) m, by which the base moves."""
    tree = marks.tree
    poses = tree.poses(angles)
    centres = poses.position + np.einsum("nlab,lb->nla", poses.rotation, tree.centre)
    own = np.einsum("l,nla->na", tree.mass, centres) / tree.mass.sum()
    centre = place + np.einsum("tab,tb->ta", base, own)
    soles = feet.ankles + _SOLE_AHEAD * marks.leg * feet.feet[..., 0]
    step = None
    if figure.loops:
        turn, moved = advance(figure)
        straight = bool(abs(turn[0, 1]) < 0.2)  # a round that turns has no step that all its instants share
        step = marks.leg / figure.leg * moved[:2] if straight else None
    moved_by = balancing(centre, soles, feet.down, hz, _BALANCE * marks.leg, step)
    return np.concatenate([moved_by, np.zeros((len(centre), 1))], axis=1)


def _clipped(marks: Marks, wanted: Wanted, angles: Array) -> Iterable[Loss]:
    """How far joints would go beyond their limits if they had none."""
    free = Fit(marks, bounded=False).solve(wanted, angles, _FREE_STEPS)
    stuck = (angles <= marks.tree.lower + 1e-6) | (angles >= marks.tree.upper - 1e-6)
    return _losses(marks.tree.joints, "clipped", np.where(stuck, np.abs(free - angles), 0.0))


def _off(marks: Marks, wanted: Wanted, angles: Array) -> Iterable[Loss]:
    """How far limbs are off their directions, torso and feet off their frames, ankles off their places."""
    poses = marks.tree.poses(angles)
    limbs, turned = directions(marks.positions(poses)), marks.turned(poses)
    limbs[:, :, 2:] = np.einsum("tba,tslb->tsla", turned[:, 1], limbs[:, :, 2:])
    cosine = (limbs * wanted.limbs).sum(axis=-1)
    names = [f"{side} {name}" for side in ("left", "right") for name, *_ in LIMBS]
    yield from _losses(names, "off", np.arccos(np.clip(cosine, -1.0, 1.0)).reshape(len(angles), -1))
    frames = np.concatenate([wanted.torso[:, None], wanted.feet], axis=1)
    trace = np.einsum("tfab,tfab->tf", turned[:, 1:], frames)
    yield from _losses(("torso", "left foot", "right foot"), "off", np.arccos(np.clip(0.5 * (trace - 1.0), -1.0, 1.0)))
    if wanted.ankles is not None:
        away = np.linalg.norm(marks.positions(poses)[:, :, 2] - wanted.ankles, axis=-1)
        yield from _losses(("left foot", "right foot"), "away", away)


def _losses(names: Iterable[str], what: str, amounts: Array) -> tuple[Loss, ...]:
    """A loss of each column (T, n) that has one."""
    found = [
        Loss(name, what, float(each.max()), float(each.mean()), float((each > 0.01).mean()))
        for name, each in zip(names, amounts.T, strict=True)
    ]
    return tuple(loss for loss in found if loss.most > 0.01)
