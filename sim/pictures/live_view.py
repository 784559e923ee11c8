"""What an env shows of itself while it runs: pictures and PyBullet's window, drawn from a world of their own."""

from __future__ import annotations

import functools
import math
import os
import subprocess
import sys
import time

from simonsays.assets import InputError
from simonsays.sim.engines.native import pybullet, silenced
from simonsays.sim.pictures.camera import Camera, Picture
from simonsays.sim.pictures.frame import compose
from simonsays.sim.robot import Robot
from simonsays.sim.specs import RobotSpec
from simonsays.sim.state import Reading, RobotState
from simonsays.sim.world import World

SIZE = (640, 480)
"""pixels of an env's pictures: width, height"""
_POSITION_SECONDS, _YAW_SECONDS = 0.25, 1.2  # s, how slowly the camera follows
_QUARTER = 140.0  # degrees from the robot's heading: its front is seen, and the way it takes
_FRAME = 0.039  # s between two frames of a window
_LATE = 0.25  # s: a window that is later than this does not try to catch up
_PROBE = "import pybullet as p, sys; sys.exit(0 if p.connect(p.GUI) >= 0 else 3)"


class Mirror:
    """A world with visual meshes that takes the place of another one's bodies: that one is never touched."""

    def __init__(self, spec: RobotSpec, *, window: bool = False) -> None:
        self._spec, self._window = spec, window
        self._world: World | None = None
        self._robot: Robot

    def follow(self, world: World, state: Reading | RobotState) -> tuple[World, Robot]:
        """The mirror image of a world with its robot in a state."""
        mirror = self._world
        if mirror is None:
            mirror = self._world = World(world.scene, visuals=True, window=self._window)
            self._robot = mirror.spawn(self._spec)
        elif mirror.scene != world.scene:  # a window stays open: its world is built anew
            mirror.scene = world.scene
            mirror.reset()
            self._robot = mirror.spawn(self._spec)
        place, turned, joints = state.base_position, state.base_orientation, state.joint_positions
        self._robot.reset([*place], [*turned], [*joints])
        mirror.set_prop_poses(*world.prop_poses())
        return mirror, self._robot

    @property
    def client(self) -> int:
        """PyBullet's id of it, -1 before the first state."""
        return -1 if self._world is None else self._world.client

    def close(self) -> None:
        """Free the world; a second call does nothing."""
        if self._world is not None:
            self._world.close()
            self._world = None


class Follower:
    """A camera that follows a robot smoothly from its front quarter, told where it is as time goes on."""

    def __init__(self) -> None:
        self._time = math.inf
        self._x = self._y = self._z = self._yaw = 0.0

    def at(self, state: Reading, ground: float = 0.0) -> Camera:
        """The camera now; ``ground`` m is the height of the ground. After a step back in time it starts anew."""
        x, y, z = state.base_position
        z = ground + max(0.45, min(0.66, z - ground))
        passed = state.time - self._time
        if passed < 0:
            self._x, self._y, self._z, self._yaw = x, y, z, state.yaw
        else:
            share = 1 - math.exp(-passed / _POSITION_SECONDS)
            turn = math.remainder(state.yaw - self._yaw, 2 * math.pi)
            self._yaw += (1 - math.exp(-passed / _YAW_SECONDS)) * turn
            self._x += share * (x - self._x)
            self._y += share * (y - self._y)
            self._z += share * (z - self._z)
        self._time = state.time
        return Camera((self._x, self._y, self._z), yaw_deg=math.degrees(self._yaw) + _QUARTER)


class LiveView:
    """Pictures of a state, for ``render_mode="rgb_array"``: stepping is never disturbed."""

    def __init__(self, spec: RobotSpec, *, size: tuple[int, int] = SIZE) -> None:
        self._size = size
        self._mirror, self._follower = Mirror(spec), Follower()

    def picture(self, world: World, state: Reading) -> Picture:
        """(height, width, 3) uint8 of a state, the camera beside the robot."""
        mirror, _ = self._mirror.follow(world, state)
        return compose(mirror, self._follower.at(state, world.ground_height(state.base_position[0])), self._size)

    def close(self) -> None:
        """Free the world; a second call does nothing."""
        self._mirror.close()


class Window:
    """PyBullet's own window, for ``render_mode="human"``: shows states no faster than time passes.

    The camera follows the robot. Bullet allows one window a process.

    Raises:
        InputError: there is no display, or it cannot draw.
    """

    def __init__(self, spec: RobotSpec) -> None:
        check_display()
        self._mirror, self._follower = Mirror(spec, window=True), Follower()
        self._opened = False
        self._began, self._time, self._shown = 0.0, math.inf, math.inf

    def show(self, world: World, state: Reading) -> None:
        """Show a state, once its time has come.

        Raises:
            InputError: this process has a window already.
        """
        if 0 <= state.time - self._shown < _FRAME:
            self._wait(state.time)
            return
        self._shown = state.time
        if self._opened:  # drawn once, when all has moved: between two orders Bullet would draw each time
            self._draw(False)
        mirror, _ = self._mirror.follow(world, state)
        if not self._opened:
            self._opened = True
            for what in (pybullet.COV_ENABLE_GUI, pybullet.COV_ENABLE_MOUSE_PICKING, pybullet.COV_ENABLE_SHADOWS):
                pybullet.configureDebugVisualizer(what, 0, physicsClientId=mirror.client)
        camera = self._follower.at(state, world.ground_height(state.base_position[0]))
        pybullet.resetDebugVisualizerCamera(
            camera.distance, camera.yaw_deg, camera.pitch_deg, camera.target, physicsClientId=mirror.client
        )
        self._draw(True)
        self._wait(state.time)

    def _draw(self, wanted: bool) -> None:
        pybullet.configureDebugVisualizer(
            pybullet.COV_ENABLE_RENDERING, int(wanted), physicsClientId=self._mirror.client
        )

    def _wait(self, now: float) -> None:
        clock = time.monotonic()
        early = self._began + now - clock
        if now < self._time or early < -_LATE:
            self._began = clock - now
        elif early > 0:
            time.sleep(early)
        self._time = now

    def close(self) -> None:
        """Close the window; a second call does nothing."""
        with silenced():  # Bullet tells of every thread that ends
            self._mirror.close()
        self._opened = False


def check_display() -> None:
    """Refuse a window where there can be none: Bullet would end the whole process.

    Raises:
        InputError: no display, or one that cannot draw in three dimensions.
    """
    display = os.environ.get("DISPLAY", "")
    if sys.platform.startswith("linux") and not display:
        raise InputError(f"render_mode 'human': there is no display, DISPLAY is not set{_INSTEAD}")
    if (said := _probe(display)) is not None:
        raise InputError(
            f"render_mode 'human': PyBullet opens no window on {display or 'this display'}: {said}{_INSTEAD}"
        )


_INSTEAD = ". Use render_mode='rgb_array', or run it under xvfb-run (Debian's xvfb, xauth and libgl1-mesa-dri)"


@functools.lru_cache(maxsize=8)
def _probe(display: str) -> str | None:
    """Why PyBullet opens no window, as another process found out that may be ended by it; None where it does."""
    try:
        done = subprocess.run([sys.executable, "-c", _PROBE], capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        return "it does not answer"
    if done.returncode == 0:
        return None
    lines = [line.strip() for line in (done.stderr + done.stdout).splitlines() if line.strip()]
    # Bullet writes a few lines of its own about threads; the reason is the one about the display.
    return next((line for line in lines if "cannot" in line.lower() or "visual" in line.lower()), "it cannot draw")
