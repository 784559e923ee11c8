"""Where a camera stands at each instant of a recording: pure functions of it, smooth, registered by name."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from simonsays.assets.registry import Registry
from simonsays.sim.pictures.camera import Camera, Frame
from simonsays.sim.pictures.director import director
from simonsays.sim.pictures.subjects import figure
from simonsays.sim.recording import Recording
from simonsays.sim.rotations import matrix_from_quaternion, yaw_from_quaternion
from simonsays.sim.specs import GroundSpec, SceneSpec, scene_from_dict
from simonsays.sim.stand_in import alone
from simonsays.sim.state import Array
from simonsays.sim.storyline import Storyline, actors

_MIDDLE = 0.11  # m, from the base down to the middle of the body
_UNHINDERED = ("first-person", "director")  # eyes of its own; cameras that have been tilted
_KNEES, _WIDE = 0.45, 0.2  # m, from the base down to what must be seen; half the width of that
_STEEPEST, _BEFORE = -55.0, 0.8  # degrees; s before a prop hides the robot and after it that the camera is tilted
_CLEAR = 0.2  # m, from the ground up to the eye, at least
_AHEAD = 0.15  # m, from the middle of the head to before the face
_HEIGHT = 1.31  # m, of the robot that distances are for
_FACE = 0.12  # m: nearer to the eyes are parts of the head

CameraPath = Callable[..., list[Camera]]
"""a recording, and where it is ``framed`` the Frame, in: a camera for each instant (T) out"""
CAMERAS: Registry[Callable[[Recording, Frame], list[Camera]]] = Registry("camera")


def register_camera(name: str, framed: bool = False) -> Callable[[CameraPath], CameraPath]:
    """Mark a function as the camera of a name, ``--camera NAME``; ``framed``: it asks what the picture is like."""

    def register(path: CameraPath) -> CameraPath:
        CAMERAS.register(name, path if framed else lambda recording, frame: path(recording))
        return path

    return register


def camera_path(name: str, recording: Recording, frame: Frame | None = None) -> list[Camera]:
    """A camera for each instant (T), above the ground on slopes too, and above props that would hide the robot; of
    several robots that of the one that acts. ``name`` is one of CAMERAS.

    Raises:
        InputError: there is no such camera, or the director finds one in the recording's ``meta``.
    """
    if recording.others:
        paths = [camera_path(name, alone(recording, i), frame) for i in range(1 + len(recording.others))]
        return [paths[place][index] for index, place in enumerate(actors(recording))]
    path, scene = CAMERAS[name](recording, frame or Frame()), scene_from_dict(recording.meta.get("scene", {}))
    if name not in _UNHINDERED:
        larger = max(1.0, figure(recording)[1] / _HEIGHT)
        path = [replace(camera, distance=larger * camera.distance) for camera in path]
        path = _over_props(path, recording, scene)
    return [_lifted(camera, scene.ground) for camera in path]


def _over_props(cameras: list[Camera], recording: Recording, scene: SceneSpec) -> list[Camera]:
    """The cameras, tilted in time where a prop stands between them and the robot's knees."""
    pitch = np.array([camera.pitch_deg for camera in cameras])
    tilt = np.radians(-pitch)
    for place, prop in enumerate(scene.props):
        x, y, z = prop.extents
        top = recording.prop_positions[:, place] + [0.0, 0.0, z / 2 + 0.05]
        tilt = np.maximum(tilt, _tilt_over(top, math.hypot(x, y) / 2, cameras, recording.base_position))
    wanted = np.minimum(pitch, np.maximum(-np.degrees(tilt), _STEEPEST))
    if (wanted == pitch).all():
        return cameras
    if len(set(cameras)) == 1:  # one that stands still goes on doing so
        return [replace(camera, pitch_deg=float(wanted.min())) for camera in cameras]
    step = max(float(np.median(np.diff(recording.time))), 1e-3)
    reach = min(round(_BEFORE / step), 4000)
    early = np.lib.stride_tricks.sliding_window_view(np.pad(wanted, reach, mode="edge"), 2 * reach + 1).min(axis=1)
    smooth = _smooth(recording.time, early, _BEFORE / 2)
    return [replace(camera, pitch_deg=float(angle)) for camera, angle in zip(cameras, smooth, strict=True)]


def _tilt_over(top: Array, radius: float, cameras: list[Camera], base: Array) -> Array:
    """(T,) radians below the horizon at which cameras see a robot's knees over a prop; ``top``, ``base``: (T, 3) m."""
    target, distance = np.array([c.target for c in cameras]), np.array([c.distance for c in cameras])
    back = np.array([camera.axes()[2, :2] for camera in cameras])
    back /= np.linalg.norm(back, axis=1, keepdims=True)
    knees = base[:, 2] - _KNEES
    away = top[:, :2] - base[:, :2]
    tilt = before = np.radians([-camera.pitch_deg for camera in cameras])
    for _ in range(6):  # the eye comes nearer to the robot as it rises
        eye = target[:, :2] + (distance * np.cos(tilt))[:, None] * back - base[:, :2]
        reach = np.linalg.norm(eye, axis=1)
        along = (away * eye).sum(axis=1) / reach - radius
        aside = np.abs(away[:, 0] * eye[:, 1] - away[:, 1] * eye[:, 0]) / reach
        hides = (aside < radius + _WIDE) & (along > 0.2 - radius) & (along < reach + 0.3)
        height = knees + (top[:, 2] - knees) * reach / np.maximum(along, 0.35) - target[:, 2]
        needed = np.arcsin(np.clip(height / distance, -1.0, 1.0))
        tilt = np.where(hides, np.maximum(tilt, needed), tilt)
    return np.asarray(np.maximum(tilt, before))


def _lifted(camera: Camera, ground: GroundSpec) -> Camera:
    """The camera, tilted so that it is not below the ground or right on it."""
    for _ in range(20):
        eye = camera.eye()
        if eye[2] >= ground.gradient * eye[0] + ground.roughness + _CLEAR or camera.pitch_deg <= -88.0:
            break
        camera = replace(camera, pitch_deg=camera.pitch_deg - 3.0)
    return camera


def _smooth(times: Array, values: Array, sigma: float) -> Array:
    """Values (T, ...) through a Gaussian of ``sigma`` s, without lag; the ends are held."""
    if len(times) < 3:
        return values
    step = max(float(np.median(np.diff(times))), 1e-3)
    reach = min(max(1, round(3 * sigma / step)), 4000)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * step / sigma) ** 2)
    kernel /= kernel.sum()
    flat = np.asarray(values, dtype=np.float64).reshape(len(times), -1)
    padded = np.pad(flat, ((reach, reach), (0, 0)), mode="edge")
    columns = [np.convolve(column, kernel, mode="valid") for column in padded.T]
    return np.asarray(np.stack(columns, axis=1).reshape(values.shape))


def _base(recording: Recording, sigma: float = 0.35) -> Array:
    """(T, 3) m, the middle of the body, smoothed."""
    return _smooth(recording.time, recording.base_position - [0.0, 0.0, _MIDDLE], sigma)


def smooth_way(recording: Recording) -> Array:
    """(T, 3) m, the way of the base without its swaying from foot to foot."""
    return _smooth(recording.time, recording.base_position, 0.3)


def _heading(recording: Recording, sigma: float = 0.9) -> Array:
    """(T,) degrees, smoothed."""
    yaws = np.unwrap([yaw_from_quaternion(q) for q in recording.base_orientation])
    return np.degrees(_smooth(recording.time, yaws, sigma))


def _path(targets: Array, yaws: Array, distance: float = 2.8, pitch: float = -14.0, fov: float = 45.0) -> list[Camera]:
    return [
        Camera((float(x), float(y), float(z)), distance, float(yaw), pitch, fov)
        for (x, y, z), yaw in zip(targets, yaws, strict=True)
    ]


# A camera at yaw h + 90 looks a robot with heading h (degrees) in the face; at h + 180 it stands at its left.


@register_camera("follow")
def follow(recording: Recording) -> list[Camera]:
    """From the front quarter, turning slowly with the robot."""
    return _path(_base(recording), _heading(recording) + 132.0)


@register_camera("orbit")
def orbit(recording: Recording) -> list[Camera]:
    """Around the robot, once in 15 s."""
    since = recording.time - recording.time[0]
    return _path(_base(recording), _heading(recording)[0] + 132.0 + 24.0 * since, 2.9, -16.0)


@register_camera("front")
def front(recording: Recording) -> list[Camera]:
    """Face to face."""
    return _path(_base(recording), _heading(recording) + 90.0, 2.9, -8.0)


@register_camera("side")
def side(recording: Recording) -> list[Camera]:
    """From its left, level."""
    return _path(_base(recording), _heading(recording) + 180.0, 2.9, -7.0)


@register_camera("top")
def top(recording: Recording) -> list[Camera]:
    """From above, +x up."""
    return _path(_base(recording), np.full(len(recording), -90.0), 5.0, -88.0)


@register_camera("first-person")
def first_person(recording: Recording) -> list[Camera]:
    """What the robot sees: from the head, ahead and a little down."""
    yaws = _heading(recording, 0.12)
    turned = [matrix_from_quaternion(q) for q in recording.base_orientation]
    eyes = recording.base_position + np.array(turned) @ (figure(recording)[0] + [_AHEAD, 0.0, 0.0])
    pitch = -15.0
    # The camera turns about a point 1 m in front of the eye.
    back = np.array([Camera((0.0, 0.0, 0.0), 1.0, yaw - 90.0, pitch).axes()[2] for yaw in yaws])
    path = _path(_smooth(recording.time, eyes, 0.08) - back, yaws - 90.0, 1.0, pitch, 70.0)
    return [replace(camera, near=_FACE) for camera in path]


@register_camera("static")
def static(recording: Recording) -> list[Camera]:
    """From one place that sees the whole way."""
    low, high = recording.base_position.min(axis=0), recording.base_position.max(axis=0)
    middle = (low + high) / 2 - [0.0, 0.0, _MIDDLE]
    extent = float(np.hypot(*(high - low)[:2]))
    yaws = np.full(len(recording), _heading(recording)[0] + 140.0)
    return _path(np.tile(middle, (len(recording), 1)), yaws, 2.9 + 0.95 * extent, -18.0)


@register_camera("close-up")
def close_up(recording: Recording) -> list[Camera]:
    """Head, arms and hands."""
    chest = 0.9 * figure(recording)[0][2] * np.array([0.0, 0.0, 1.0])
    return _path(_base(recording, 0.25) + chest, _heading(recording, 0.6) + 108.0, 1.55, -6.0)


@register_camera("director", framed=True)
def _director(recording: Recording, frame: Frame) -> list[Camera]:
    """A shot for each step of the plan, with clean cuts: see :mod:`simonsays.sim.pictures.director`."""
    for step in Storyline.of(recording).steps:
        for name in step.cameras:
            CAMERAS[name]  # refuses what is none
    return director(recording, frame)
