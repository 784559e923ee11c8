"""Cameras and renderers: pictures of a world that was built with ``visuals=True``."""

from __future__ import annotations

import importlib.util
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from simonsays.sim.bullet import pybullet, silenced
from simonsays.sim.robot import Robot
from simonsays.sim.state import Array
from simonsays.sim.world import World

Picture = NDArray[np.uint8]
_SKY_TOP, _SKY_HORIZON = np.array([126.0, 164.0, 205.0]), np.array([226.0, 234.0, 241.0])
_FLOOR = (np.array([196.0, 200.0, 204.0]), np.array([172.0, 177.0, 183.0]))
_TILE = 0.5  # m
_FOG = 0.055  # 1/m, how fast the floor fades into the horizon
_NEAR, _FAR = 0.05, 60.0
_LIGHT = (2.5, -3.5, 7.0)


@dataclass(frozen=True)
class Camera:
    """A camera that looks at ``target`` from ``distance`` m at ``yaw_deg``, ``pitch_deg`` (world frame)."""

    target: tuple[float, float, float]
    distance: float = 2.6
    yaw_deg: float = 0.0
    """0 looks along +y, 90 along -x: Bullet's convention"""
    pitch_deg: float = -14.0
    fov_deg: float = 45.0

    def eye(self) -> Array:
        """(3,) m, world: where the camera is."""
        yaw, pitch = math.radians(self.yaw_deg), math.radians(self.pitch_deg)
        back = np.array([math.sin(yaw) * math.cos(pitch), -math.cos(yaw) * math.cos(pitch), -math.sin(pitch)])
        return np.array(self.target) + self.distance * back


class Renderer:
    """Draws pictures of one world with TinyRenderer, which needs nothing installed.

    The sky, the floor and the soft shadows on it are drawn here, where nothing else covers a pixel.
    """

    reason = "TinyRenderer: software, works everywhere"

    def __init__(self, client: int) -> None:
        self._client = client

    def picture(self, camera: Camera, width: int, height: int, occluders: Array | None = None) -> Picture:
        """(height, width, 3) uint8. ``occluders`` (n, 4): x, y, z, radius, m, of what casts a shadow."""
        view = pybullet.computeViewMatrixFromYawPitchRoll(
            camera.target, camera.distance, camera.yaw_deg, camera.pitch_deg, 0, 2
        )
        projection = pybullet.computeProjectionMatrixFOV(camera.fov_deg, width / height, _NEAR, _FAR)
        light = [camera.target[0] + _LIGHT[0], camera.target[1] + _LIGHT[1], _LIGHT[2]]
        _, _, rgba, _, seen = pybullet.getCameraImage(
            width,
            height,
            view,
            projection,
            lightDirection=light,
            shadow=0,
            lightAmbientCoeff=0.62,
            lightDiffuseCoeff=0.42,
            lightSpecularCoeff=0.12,
            renderer=pybullet.ER_TINY_RENDERER,
            physicsClientId=self._client,
        )
        picture = np.asarray(rgba, dtype=np.uint8).reshape(height, width, 4)[:, :, :3]
        empty = np.asarray(seen).reshape(height, width) < 0
        background = _background(camera, np.array(view), width, height, occluders)
        return np.where(empty[..., None], background.clip(0, 255).astype(np.uint8), picture)


def load_egl(client: int) -> tuple[int, str]:
    """Load PyBullet's EGL plugin; returns its id, or -1 and the reason in words."""
    found = importlib.util.find_spec("eglRenderer")
    if found is None or found.origin is None:
        return -1, "this PyBullet has no eglRenderer plugin"
    if not _has_library("libEGL.so.1"):
        return -1, "libEGL.so.1 is missing: install Debian's libegl1 and libgl1-mesa-dri"
    with silenced():
        plugin: int = pybullet.loadPlugin(found.origin, "_eglRendererPlugin", physicsClientId=client)
    return plugin, "" if plugin >= 0 else "the plugin does not load: install Debian's libgl1-mesa-dri"


def _has_library(name: str) -> bool:
    import ctypes

    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _shadow(x: Array, y: Array, occluders: Array, camera: Camera) -> Array:
    """Factor (same shape as x) on the floor at (x, y) m: darker under each occluder, softer the higher it is."""
    half, cells = 3.0, 150
    grid = (np.arange(cells) + 0.5) / cells * 2 * half - half
    gx, gy = grid + camera.target[0], grid + camera.target[1]
    light = np.ones((cells, cells))
    for ox, oy, oz, radius in occluders.tolist():
        shift_x, shift_y = ox - oz * _LIGHT[0] / _LIGHT[2], oy - oz * _LIGHT[1] / _LIGHT[2]
        width = radius + 0.10 * max(oz, 0.0)
        depth = 0.75 * (radius / width) ** 2
        in_x = np.exp(-((gx - shift_x) ** 2) / (2 * (0.8 * width) ** 2))
        in_y = np.exp(-((gy - shift_y) ** 2) / (2 * (0.8 * width) ** 2))
        light *= 1 - depth * np.outer(in_y, in_x)
    column = (x - camera.target[0] + half) / (2 * half) * cells - 0.5
    row = (y - camera.target[1] + half) / (2 * half) * cells - 0.5
    inside = (column > 0) & (row > 0) & (column < cells - 1) & (row < cells - 1)
    c, r = np.where(inside, column, 0.0), np.where(inside, row, 0.0)
    c0, r0 = c.astype(int), r.astype(int)
    fc, fr = c - c0, r - r0
    near = light[r0, c0] * (1 - fc) + light[r0, np.minimum(c0 + 1, cells - 1)] * fc
    far = light[np.minimum(r0 + 1, cells - 1), c0] * (1 - fc)
    far += light[np.minimum(r0 + 1, cells - 1), np.minimum(c0 + 1, cells - 1)] * fc
    result: Array = np.where(inside, np.maximum(near * (1 - fr) + far * fr, 0.45), 1.0)
    return result


def _background(camera: Camera, view: Array, width: int, height: int, occluders: Array | None) -> Array:
    """(height, width, 3) sky and tiled floor, where each pixel's ray meets the plane z = 0."""
    to_world = view.reshape(4, 4)[:3, :3]  # column-major, so this is already the inverse rotation
    half = math.tan(math.radians(camera.fov_deg) / 2)
    x = (np.arange(width) + 0.5) / width * 2 - 1
    y = 1 - (np.arange(height) + 0.5) / height * 2
    px, py = np.meshgrid(x * half * width / height, y * half)
    rays = px[..., None] * to_world[:, 0] + py[..., None] * to_world[:, 1] - to_world[:, 2]
    rays /= np.linalg.norm(rays, axis=2, keepdims=True)
    up = rays[..., 2]
    sky = _SKY_HORIZON + (_SKY_TOP - _SKY_HORIZON) * np.clip(up * 2.2, 0, 1)[..., None] ** 0.8
    eye = camera.eye()
    distance = np.where(up < -1e-4, -eye[2] / np.minimum(up, -1e-4), 1e4)
    at_x, at_y = eye[0] + distance * rays[..., 0], eye[1] + distance * rays[..., 1]
    odd = (np.floor(at_x / _TILE) + np.floor(at_y / _TILE)) % 2
    # Far tiles are smaller than a pixel: blend them to their mean instead of letting them flicker.
    contrast = np.clip(1.6 - distance * 0.14, 0.0, 1.0)
    mix = 0.5 + (odd - 0.5) * contrast
    floor = _FLOOR[0] + (_FLOOR[1] - _FLOOR[0]) * mix[..., None]
    if occluders is not None and len(occluders):
        floor *= _shadow(at_x, at_y, occluders, camera)[..., None]
    fade = np.exp(-_FOG * np.maximum(distance - 2.0, 0.0))[..., None]
    floor = _SKY_HORIZON + (floor - _SKY_HORIZON) * fade
    result: Array = np.where((up < 0)[..., None], floor, sky)
    return result


def occluders(world: World, robot: Robot) -> Array:
    """(n, 4) x, y, z, radius, m: the robot's links and the props, as balls, for shadows on the floor."""
    links = [(*place, 0.07) for place in robot.all_link_positions().tolist()]
    props = [
        (*place, prop.spec.radius)
        for place, prop in zip(world.prop_positions().tolist(), world.props.values(), strict=True)
    ]
    return np.array(links + props)


def follow(times: Array, positions: Array, yaws: Array, **options: Any) -> list[Camera]:
    """A camera for each instant (T,) that follows a robot smoothly from its front quarter.

    ``positions`` (T, 3) m, ``yaws`` (T,) rad. The camera turns with the robot, slowly, so that its face and its
    hands are seen and the way it takes is, too.
    """
    smooth_position, smooth_yaw = positions[0].copy(), float(yaws[0])
    unwrapped = np.unwrap(yaws)
    cameras = []
    for i, time in enumerate(times):
        dt = float(time - times[i - 1]) if i else 0.0
        smooth_position += (1 - math.exp(-dt / 0.25)) * (positions[i] - smooth_position)
        smooth_yaw += (1 - math.exp(-dt / 1.2)) * (float(unwrapped[i]) - smooth_yaw)
        target = (float(smooth_position[0]), float(smooth_position[1]), 0.66)
        cameras.append(Camera(target, yaw_deg=math.degrees(smooth_yaw) + 132.0, **options))
    return cameras
