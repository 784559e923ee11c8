"""The director: a shot for each step of the plan that frames the robot together with what the step is about.

In a shot the camera keeps its direction and is carried along; where it must be for all points to be in the picture,
beside the words, is a linear problem of each instant (:func:`carried`). Directions are chosen by cost, shot after shot.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simonsays.assets.notes import dataclass
from simonsays.sim.pictures.camera import Camera, Frame
from simonsays.sim.pictures.looks import LIGHT
from simonsays.sim.pictures.shots import HALF, Shot, shots
from simonsays.sim.pictures.subjects import AROUND, body_points, extremities, prop_points, props_about
from simonsays.sim.recording import Recording
from simonsays.sim.rotations import yaw_from_quaternion
from simonsays.sim.specs import GroundSpec, scene_from_dict
from simonsays.sim.state import Array
from simonsays.sim.storyline import Storyline

_OPENING = 0.4  # s that the first shot shows all that is named
_GLIDE = 1.1  # s, in which the camera evens out before and after
_FOV = 40.0
_MARGIN = 0.05  # of the picture's width and height, free at each side
_NEAREST, _CLOSE, _FARTHEST = 2.3, 1.6, 13.0  # m from the robot: of a whole one, of half of one
_YAWS, _PITCHES = np.arange(0, 360, 15), (-8.0, -13.0, -19.0, -27.0)
_SAMPLES = 14  # instants of a shot by which its direction is chosen
_ANGLES = {"front": 12.0, "close-up": 25.0, "follow": 42.0, "side": 78.0, "orbit": 50.0}  # degrees off the face
_LOW = 0.4  # m: nearer to the ground no eye is
_ASIDE = 40.0  # degrees off the face, at least, from which a hand is seen that is stretched out to a thing
_LINED = 0.87  # cosine, between the view and the way to a thing: nearer to 1 the two stand behind each other
_LARGER = 1.5  # times as near as the robot: what is nearer to the eye looks too large beside it
_BEHIND = 0.6  # what it costs, beside the angle, to see no face
_BODY = 0.3, 1.3  # m, half the width and the height of what a robot hides


Before = tuple[tuple[int, ...], Camera, bool]
"""the things that were seen last, the camera before a cut, and whether it showed half of the robot"""
Hiding = tuple[Array, float, Array, bool]
"""of a prop: its middle (S, 2) m, its radius, its top (S,) m, and whether it must be seen itself"""


@dataclass(frozen=True, eq=False)
class Subjects:
    """What a shot shows at each of its N instants."""

    points: Array
    """(N, K, 3) m, world; NaN: not to be seen then"""
    around: Array
    """(K,) m, what is around a point"""
    body: int
    """how many of the points are the robot's, the first ones"""
    robot: Array
    """(N, 3) m, the middle of the robot"""
    limits: Array
    """(N, 4) left, right, low and high end of what is free of the picture: tangents"""

    def at(self, places: NDArray[np.int64]) -> Subjects:
        """The same at some of the instants."""
        return Subjects(self.points[places], self.around, self.body, self.robot[places], self.limits[places])


def director(recording: Recording, frame: Frame) -> list[Camera]:
    """The camera of each instant (T)."""
    story, plan, body = Storyline.of(recording), shots(recording), body_points(recording)
    named = sorted({place for about in story.about for place in about} | set(_robots(recording)))
    yaw = np.unwrap([yaw_from_quaternion(q) for q in recording.base_orientation])
    path: list[Camera] = []
    ground = scene_from_dict(recording.meta.get("scene", {})).ground
    recent: tuple[int, ...] = ()
    before: Before | None = None
    for number, shot in enumerate(plan):
        seen = _subjects(recording, shot, body, frame, named if number == 0 else ())
        direction = _direction(recording, shot, seen, yaw[shot.start : shot.end], before, ground)
        path += carried(seen, recording.time[shot.start : shot.end], direction, _CLOSE if shot.half else _NEAREST)
        recent = shot.things or recent
        before = recent, path[-1], shot.half
    return path


def _robots(recording: Recording) -> list[int]:
    """Places among the props of the other robots of its scene."""
    names = recording.meta.get("robots")
    return [i for i, name in enumerate(recording.prop_names.tolist()) if isinstance(names, dict) and name in names]


def _subjects(recording: Recording, shot: Shot, body: Array, frame: Frame, named: Sequence[int]) -> Subjects:
    span = slice(shot.start, shot.end)
    links, time = body[span], recording.time[span]
    if shot.half:
        heights = links[..., 2] - links[..., 2].min(axis=1, keepdims=True)
        high = heights.mean(axis=0) > 0.42 * heights.mean(axis=0).max()
        high[extremities(recording)] = True
        links = links[:, high]
    props = [prop_points(recording, place)[span] for place in shot.things]
    opening = [prop_points(recording, place)[span].copy() for place in named if place not in shot.things]
    for points in opening:
        points[time > recording.time[0] + _OPENING] = np.nan
    points = np.concatenate([links, *props, *opening], axis=1)
    around = np.where(np.arange(points.shape[1]) < links.shape[1], AROUND, 0.0)
    middle = (links.min(axis=1) + links.max(axis=1)) / 2
    return Subjects(points, around, links.shape[1], middle, _limits(frame, time))


def _limits(frame: Frame, time: Array) -> Array:
    half = math.tan(math.radians(_FOV) / 2)
    left = -half * frame.aspect * (1 - 2 * _MARGIN)
    right = half * frame.aspect * (1 - 2 * max(_MARGIN, frame.right and frame.right + 0.02))
    low = -half * (1 - 2 * max(_MARGIN, frame.bottom + 0.02))
    high = half * (1 - 2 * np.where(time < frame.until, max(_MARGIN, frame.top + 0.02), _MARGIN))
    return np.stack([*np.tile([left, right, low], (len(time), 1)).T, high], axis=1)


def _bounds(seen: Subjects, direction: Camera) -> tuple[Array, Array]:
    """Where the eye must be for all points to be seen, along the camera's axes: right r, up u, ahead a.

    A point (r, u, a) is within the tangents l, h of the picture if l (a - eye_a) <= r - eye_r <= h (a - eye_a), so that
    max(r - h a) + h eye_a <= eye_r <= min(r - l a) + l eye_a. Returned are those extremes, (N, 4) m: low and high of r,
    low and high of u; and (N,) m, how far ahead the eye may be for that and for its distance from the robot.
    """
    right, up, ahead = np.moveaxis(seen.points @ direction.axes().T * [1.0, 1.0, -1.0], -1, 0)
    left, rightmost, low, high = seen.limits.T[..., None]
    extremes = [
        np.nanmax(right + seen.around - rightmost * ahead, axis=1),
        np.nanmin(right - seen.around - left * ahead, axis=1),
        np.nanmax(up + seen.around - high * ahead, axis=1),
        np.nanmin(up - seen.around - low * ahead, axis=1),
    ]
    bounds = np.stack(extremes, axis=1)
    robot = seen.robot @ -direction.axes()[2]
    across = (bounds[:, 1] - bounds[:, 0]) / (seen.limits[:, 1] - seen.limits[:, 0])
    along = (bounds[:, 3] - bounds[:, 2]) / (seen.limits[:, 3] - seen.limits[:, 2])
    return bounds, np.maximum(np.minimum.reduce([across, along, robot - direction.distance]), robot - _FARTHEST)


def _eyes(seen: Subjects, direction: Camera, bounds: Array, ahead: Array) -> Array:
    """(N, 3) m, world: in the middle of where the eye may be."""
    limits = seen.limits
    across = (bounds[:, 0] + limits[:, 1] * ahead + bounds[:, 1] + limits[:, 0] * ahead) / 2
    up = (bounds[:, 2] + limits[:, 3] * ahead + bounds[:, 3] + limits[:, 2] * ahead) / 2
    return np.asarray(np.stack([across, up, -ahead], axis=1) @ direction.axes())


def carried(seen: Subjects, time: Array, direction: Camera, nearest: float) -> list[Camera]:
    """A camera of one direction for each instant: smooth, and all points are in the picture where none is too far."""
    bounds, ahead = _bounds(seen, direction)
    step = max(float(np.median(np.diff(time))), 1e-3) if len(time) > 1 else 1.0
    reach = min(max(1, round(_GLIDE / step)), 4000)
    # What holds at all instants around one holds at their mean: so evened out, nothing leaves the picture.
    low, high = (
        (_over(bounds[:, i], reach, np.max) for i in (0, 2)),
        (_over(bounds[:, i], reach, np.min) for i in (1, 3)),
    )
    near = _evened(_over(ahead, reach, np.min), reach)
    (a, c), (b, d) = ([_evened(each, reach) for each in pair] for pair in (low, high))
    wide = np.stack([a, b, c, d], axis=1)
    limits = seen.limits
    fits = np.minimum((b - a) / (limits[:, 1] - limits[:, 0]), (d - c) / (limits[:, 3] - limits[:, 2]))
    robot = seen.robot @ -direction.axes()[2]
    near = np.maximum(np.minimum(near, _evened(_over(fits, reach, np.min), reach)), robot - _FARTHEST - 1.0)
    eyes = _eyes(seen, direction, wide, near)
    back = direction.axes()[2]
    away = np.maximum(robot - near, 1.0)
    return [
        Camera(tuple((eye - far * back).tolist()), float(far), direction.yaw_deg, direction.pitch_deg, _FOV)
        for eye, far in zip(eyes, away, strict=True)
    ]


def _over(values: Array, reach: int, extreme: object) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, reach, mode="edge"), 2 * reach + 1)
    return np.asarray(extreme(windows, axis=1))  # type: ignore[operator]


def _evened(values: Array, reach: int) -> Array:
    """Through a bell of the window's width; the ends are held."""
    bell = np.hanning(2 * reach + 3)[1:-1]
    return np.convolve(np.pad(values, reach, mode="edge"), bell / bell.sum(), mode="valid")


def _direction(
    recording: Recording,
    shot: Shot,
    seen: Subjects,
    yaw: Array,
    before: Before | None,
    ground: GroundSpec,
) -> Camera:
    """The direction of the least cost, with the nearest distance from the robot as its distance."""
    places = np.unique(np.linspace(0, len(yaw) - 1, _SAMPLES).round().astype(np.int64))
    few, nearest = seen.at(places), _CLOSE if shot.half else _NEAREST
    hides = _hiding(recording, shot, places + shot.start)
    facing = yaw[places[len(places) // 2 if shot.half else 0 :]]  # it turns to somebody first, then waves
    best, least = Camera((0.0, 0.0, 0.0), nearest, 0.0, _PITCHES[0], _FOV), math.inf
    for angle in _YAWS:
        for pitch in _PITCHES:
            tried = Camera((0.0, 0.0, 0.0), nearest, float(angle), pitch, _FOV)
            bounds, ahead = _bounds(few, tried)
            eyes = _eyes(few, tried, bounds, ahead)
            far = (few.robot - eyes) @ -tried.axes()[2]
            cost = 1.3 * float(np.log(far).mean()) + 0.012 * abs(pitch + 12.0)
            cost += (1.4 if shot.half else 0.9 if shot.camera in HALF else 0.5) * _off_face(shot, tried, facing)
            cost += 5.0 * float((eyes[:, 2] < ground.gradient * eyes[:, 0] + ground.roughness + _LOW).mean())
            cost += _depth(few, tried, eyes, far) + 0.3 * _against_light(tried)
            if cost < least:
                cost += 3.0 * _hidden(eyes, few, hides, shot.half) + 3.0 * _crowded(few, tried, eyes, far, hides)
            if before is not None and cost < least:
                cost += _after(before, tried, shot, recording, float(yaw[0]))
            if cost < least:
                best, least = tried, cost
    return best


def _depth(seen: Subjects, camera: Camera, eyes: Array, far: Array) -> float:
    """What it costs that things are much nearer to the eye than the robot, or right before or behind it."""
    things = seen.points[:, seen.body :]
    if not things.shape[1]:
        return 0.0
    nearest = np.nanmin(-(seen.points - eyes[:, None]) @ camera.axes()[2], axis=1)
    looming = np.log(np.maximum(far / np.maximum(nearest, 0.3) / _LARGER, 1.0))
    way = (things - seen.robot[:, None])[..., :2]
    length = np.linalg.norm(way, axis=-1)
    back = camera.axes()[2, :2] / np.linalg.norm(camera.axes()[2, :2])
    lined = np.where(length > 0.8, np.abs(way @ back) / np.maximum(length, 1e-6), 0.0)
    return float(0.8 * looming.mean() + 6.0 * np.nanmean(np.clip(lined - _LINED, 0.0, 1.0)))


def _against_light(camera: Camera) -> float:
    """0 to 2: 2 where the light comes from right behind what is seen."""
    back = camera.axes()[2]
    return 1.0 - float(back[:2] @ LIGHT[:2]) / (math.hypot(*back[:2]) * math.hypot(*LIGHT[:2]))


def _off_face(shot: Shot, camera: Camera, yaw: Array) -> float:
    """0 and more: how far the robot is seen from another side than suits what it does."""
    back = camera.axes()[2]
    off = np.degrees(np.arccos(np.clip((np.cos(yaw) * back[0] + np.sin(yaw) * back[1]) / np.hypot(*back[:2]), -1, 1)))
    wanted = max(_ANGLES.get(shot.camera, _ANGLES["follow"]), _ASIDE if shot.things else 0.0)
    from_behind = np.clip((off - 90.0) / 30.0, 0.0, 1.0)
    return float((1 - np.cos(np.radians(off - wanted)) + _BEHIND * from_behind).mean())


def axes(recording: Recording, recent: Sequence[int], shot: Shot, yaw: float) -> list[Array]:
    """(2,) each, the axes of what is done at a cut: from the robot to its things and ``recent`` ones, else where it
    faces."""
    things = list(dict.fromkeys([*shot.things, *recent]))
    ways = recording.prop_positions[shot.start, things, :2] - recording.base_position[shot.start, :2]
    lines = [way / np.linalg.norm(way) for way in ways if np.linalg.norm(way) > 0.6]
    return lines or [np.array([math.cos(yaw), math.sin(yaw)])]


def crosses(one: Camera, other: Camera, line: Array) -> bool:
    """Whether a cut from one camera to another crosses an axis (2,): left and right are exchanged."""
    sides = [line[0] * back[1] - line[1] * back[0] for back in (one.axes()[2], other.axes()[2])]
    return bool(min(map(abs, sides)) > 0.2 and sides[0] * sides[1] < 0)


def _after(before: Before, tried: Camera, shot: Shot, recording: Recording, yaw: float) -> float:
    """What a cut costs: one across an axis, and one that hardly changes the picture."""
    recent, camera, half = before
    crossed = any(crosses(camera, tried, line) for line in axes(recording, recent, shot, yaw))
    turned = math.degrees(math.acos(max(-1.0, min(1.0, float(camera.axes()[2] @ tried.axes()[2])))))
    return (0.6 if shot.half else 2.5) * crossed + 0.35 * (turned < 28.0 and shot.half == half)


def _hiding(recording: Recording, shot: Shot, places: NDArray[np.int64]) -> list[Hiding]:
    """What can hide something."""
    found = []
    for place, prop in props_about(recording):
        at = recording.prop_positions[places, place]
        found.append((at[:, :2], prop.radius, at[:, 2] + prop.extents[2] / 2, place in shot.things))
    return found


def _hidden(eyes: Array, seen: Subjects, hides: list[Hiding], half: bool) -> float:
    """Share of the views of the robot and of the things that something stands in."""
    knees = seen.robot * [1.0, 1.0, 0.6]
    views: list[tuple[Array, Array | None]] = [(seen.robot, None), *([] if half else [(knees, None)])]
    views += [(np.column_stack([at, 0.7 * top]), at) for at, _, top, wanted in hides if wanted]
    robot = seen.robot[:, :2], _BODY[0], np.full(len(eyes), _BODY[1])
    blocked = []
    for target, own in views:
        others = [(at, radius, top) for at, radius, top, _ in hides if at is not own]
        blocked += [_between(eyes, target, *each) for each in (*others, *([] if own is None else [robot]))]
    return float(np.mean(blocked, axis=1).max()) if blocked else 0.0


def _crowded(seen: Subjects, camera: Camera, eyes: Array, far: Array, hides: list[Hiding]) -> float:
    """Share of the picture that things take which it is not about, and which are nearer to the eye than the robot."""
    left, right, low, high = seen.limits.T
    taken = np.zeros(len(eyes))
    for at, radius, top, _ in (each for each in hides if not each[3]):
        ends = np.stack([np.column_stack([at, height]) for height in (0.0 * top, top)]) - eyes
        across, up, ahead = np.moveaxis(ends @ camera.axes().T * [1.0, 1.0, -1.0], -1, 0)
        depth, deep = (np.maximum(ahead.mean(axis=0) + part, 0.1) for part in (-radius, radius))
        ends_at = [np.maximum(side / depth, side / deep) for side in (across[0] + radius, radius - across[0])]
        wide = np.minimum(right, ends_at[0]) - np.maximum(left, -ends_at[1])
        tall = np.minimum(high, up[1] / depth) - np.maximum(low, up[0] / depth)
        before = (ahead.mean(axis=0) > -radius) & (depth < far)
        taken += before * np.maximum(wide, 0.0) * np.maximum(tall, 0.0) / ((right - left) * (high - low))
    return float(taken.mean())


def _between(eyes: Array, targets: Array, middle: Array, radius: float, top: Array) -> NDArray[np.bool_]:
    """(S,) whether an upright cylinder stands between an eye and what it looks at."""
    way = targets[:, :2] - eyes[:, :2]
    share = ((middle - eyes[:, :2]) * way).sum(axis=1) / np.maximum((way**2).sum(axis=1), 1e-9)
    nearest = eyes[:, :2] + share[:, None] * way - middle
    height = eyes[:, 2] + share * (targets[:, 2] - eyes[:, 2])
    inside = (share > 0.02) & (share < 0.97) & (np.linalg.norm(nearest, axis=1) < radius + 0.03)
    return np.asarray(inside & (height < top))
