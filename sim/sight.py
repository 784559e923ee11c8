"""What a camera on or beside a robot measures: colour, depth, and what each pixel belongs to."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from simonsays.assets import InputError, did_you_mean
from simonsays.sim.backdrop import LIGHT
from simonsays.sim.bullet import pybullet
from simonsays.sim.camera import Camera, Picture
from simonsays.sim.live_view import Mirror
from simonsays.sim.renderers import view_matrix
from simonsays.sim.robot import Robot
from simonsays.sim.rotations import matrix_from_quaternion
from simonsays.sim.spec import RobotSpec
from simonsays.sim.state import Array, Reading, RobotState
from simonsays.sim.world import World

FAR = 10.0
"""m: the largest depth; the sky has it, too"""
GROUND, ROBOT, PROPS = 0, 1, 2
"""values of a segmentation: ground and sky, the robot, the first prop; the next ones follow in the scene's order"""
_NEAR, _FAR = 0.02, 60.0
_FACE = 0.13  # m from the head's centre to where its camera sits
_LEVEL = 0.6  # m, above the ground: what the cameras beside a robot look at
_TILE = 0.5  # m
_SKY, _TILES = (np.array([200.0, 218.0, 236.0]), np.array([[196.0, 200.0, 204.0], [166.0, 171.0, 178.0]]))


@dataclass(frozen=True, eq=False)
class Seen:
    """What a camera measured, H rows of W pixels."""

    rgb: Picture
    """(H, W, 3) uint8"""
    depth: NDArray[np.float32]
    """(H, W) m along the camera's axis, at most FAR"""
    segmentation: NDArray[np.uint8]
    """(H, W) GROUND, ROBOT, or PROPS and the place of the prop"""


def _head(robot: Robot, state: Reading | RobotState, ground: float) -> Camera:
    """From the face, ahead and a little down; turned with the waist, but kept level."""
    centre, orientation = robot.link_pose(robot.spec.head)
    ahead: Array = matrix_from_quaternion(orientation)[:, 0]
    pitch = math.degrees(math.asin(max(-1.0, min(1.0, float(ahead[2]))))) - 12.0
    yaw = math.degrees(math.atan2(ahead[1], ahead[0])) - 90.0
    x, y, z = (centre + _FACE * ahead).tolist()
    # Bullet's camera turns about what it looks at: a point straight ahead.
    back = Camera((0.0, 0.0, 0.0), 1.0, yaw, pitch).eye()
    return Camera((x - back[0], y - back[1], z - back[2]), 1.0, yaw, pitch, 75.0)


def _beside(turn: float, pitch: float = -12.0, distance: float = 2.6) -> Callable[..., Camera]:
    def camera(robot: Robot, state: Reading | RobotState, ground: float) -> Camera:
        target = (float(state.base_position[0]), float(state.base_position[1]), ground + _LEVEL)
        return Camera(target, distance, math.degrees(state.yaw) + turn, pitch)

    return camera


VIEWS: dict[str, Callable[[Robot, Reading | RobotState, float], Camera]] = {
    "head": _head,
    "front": _beside(90.0),
    "side": _beside(0.0),
    "behind": _beside(-90.0),
    "top": _beside(-90.0, -89.0, 3.2),
}
"""cameras by name: a function of the robot where it stands, its state, and the height of the ground (m) there"""


class Sight:
    """A camera that moves with a robot; it draws in a world of its own, so that stepping is never disturbed.

    The ground is drawn as its plane: bumps are left out. TinyRenderer draws the rest, without shadows.

    Args:
        view: one of VIEWS. size: width, height in pixels.

    Raises:
        InputError: no such view, or an impossible size.
    """

    def __init__(self, spec: RobotSpec, view: str = "head", size: tuple[int, int] = (84, 84)) -> None:
        if view not in VIEWS:
            raise InputError(f"no camera {view!r}{did_you_mean(view, VIEWS)}")
        if len(size) != 2 or not all(isinstance(n, int) and 1 <= n <= 2048 for n in size):
            raise InputError(f"size: needs width and height, 1 to 2048 pixels, not {size!r}")
        self._view, self._size, self._mirror = VIEWS[view], size, Mirror(spec)

    def see(self, world: World, state: Reading | RobotState) -> Seen:
        """What the camera measures of a world with its robot in a state."""
        mirror, robot = self._mirror.follow(world, state)
        camera = self._view(robot, state, world.ground_height(float(state.base_position[0])))
        width, height = self._size
        view = view_matrix(camera)
        _, _, rgba, buffer, bodies = pybullet.getCameraImage(
            width,
            height,
            view.tolist(),
            pybullet.computeProjectionMatrixFOV(camera.fov_deg, width / height, _NEAR, _FAR),
            lightDirection=[camera.target[0] + LIGHT[0], camera.target[1] + LIGHT[1], LIGHT[2]],
            shadow=0,
            lightAmbientCoeff=0.62,
            lightDiffuseCoeff=0.42,
            lightSpecularCoeff=0.12,
            renderer=pybullet.ER_TINY_RENDERER,
            physicsClientId=mirror.client,
        )
        found = np.asarray(bodies).reshape(height, width)
        rgb, depth = _background(camera, view, width, height, world.scene.ground.gradient)
        drawn = found >= 0
        measured = _FAR * _NEAR / (_FAR - (_FAR - _NEAR) * np.asarray(buffer, dtype=np.float64).reshape(height, width))
        rgb[drawn] = np.asarray(rgba, dtype=np.uint8).reshape(height, width, 4)[drawn][:, :3]
        metres = np.where(drawn, measured, depth).clip(0.0, FAR).astype(np.float32)
        return Seen(rgb, metres, _segmentation(found, robot.body, [prop.body for prop in mirror.props.values()]))

    def close(self) -> None:
        """Free the world; a second call does nothing."""
        self._mirror.close()


def _segmentation(found: NDArray[Any], robot: int, props: list[int]) -> NDArray[np.uint8]:
    result = np.full(found.shape, GROUND, dtype=np.uint8)
    result[found == robot] = ROBOT
    for place, body in enumerate(props):
        result[found == body] = PROPS + place
    return result


def _background(camera: Camera, view: Array, width: int, height: int, gradient: float) -> tuple[Picture, Array]:
    """(H, W, 3) uint8 sky and tiled ground, and the (H, W) m of depth at which each pixel's ray meets the ground."""
    axes = view.reshape(4, 4)[:3, :3]  # column-major: this is already the inverse rotation
    half = math.tan(math.radians(camera.fov_deg) / 2)
    px, py = np.meshgrid(
        ((np.arange(width) + 0.5) / width * 2 - 1) * half * width / height,
        (1 - (np.arange(height) + 0.5) / height * 2) * half,
    )
    rays = px[..., None] * axes[:, 0] + py[..., None] * axes[:, 1] - axes[:, 2]  # of depth 1 m
    eye, up = camera.eye(), np.array([-gradient, 0.0, 1.0])
    falls = np.minimum(rays @ up, -1e-6)
    depth = np.where(rays @ up < -1e-4, -float(eye @ up) / falls, np.inf)
    hit = np.isfinite(depth)
    at = eye[:2] + np.where(hit, depth, 0.0)[..., None] * rays[..., :2]
    odd = (np.floor(at / _TILE).sum(axis=2) % 2).astype(int)
    haze = np.where(hit, 1 - np.exp(-0.06 * np.where(hit, depth, 0.0)), 1.0)[..., None]
    colour = _TILES[odd] + (_SKY - _TILES[odd]) * haze
    return colour.astype(np.uint8), depth
