"""What a camera on or beside a robot measures: colour, depth, and what each pixel belongs to."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simonsays.assets import InputError, did_you_mean
from simonsays.assets.notes import dataclass
from simonsays.sim.pictures.backdrop import backdrop, ground_depth
from simonsays.sim.pictures.camera import Camera, Picture
from simonsays.sim.pictures.live_view import Mirror
from simonsays.sim.pictures.looks import LOOKS
from simonsays.sim.pictures.renderers import shoot
from simonsays.sim.robot import Robot
from simonsays.sim.rotations import matrix_from_quaternion
from simonsays.sim.solids import middle
from simonsays.sim.specs import RobotSpec
from simonsays.sim.state import Reading, RobotState
from simonsays.sim.world import World

FAR = 10.0
"""m: the largest depth; the sky has it, too"""
GROUND, ROBOT, PROPS = 0, 1, 2
"""values of a segmentation: ground and sky, the robot, the first prop; the next ones follow in the scene's order"""
_NEAR = 0.02  # m
_FACE = 0.13  # m from the head's centre to where its camera sits
_LEVEL = 0.6  # m, above the ground: what the cameras beside a robot look at


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
    (origin,), (orientation,) = robot.link_poses([robot.spec.head])
    turned = matrix_from_quaternion(orientation)
    centre, ahead = origin + turned @ middle(robot.spec, robot.spec.head), turned[:, 0]
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
        height = world.ground_height(float(state.base_position[0]))
        camera = replace(self._view(robot, state, height), near=_NEAR)
        ground = world.scene.ground
        shot = shoot(mirror.client, camera, self._size)
        drawn = shot.seen >= 0
        rgb = backdrop(LOOKS["light"], camera, self._size, ground)
        rgb[drawn] = shot.picture[drawn]
        depth = np.where(drawn, shot.depth(), ground_depth(camera, self._size, ground))
        metres = depth.clip(0.0, FAR).astype(np.float32)
        bodies = np.full(shot.seen.shape, GROUND, dtype=np.uint8)
        bodies[shot.seen == robot.body] = ROBOT
        for place, prop in enumerate(mirror.props.values()):
            bodies[shot.seen == prop.body] = PROPS + place
        return Seen(rgb, metres, bodies)

    def close(self) -> None:
        """Free the world; a second call does nothing."""
        self._mirror.close()
