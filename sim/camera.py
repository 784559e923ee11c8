"""Cameras and renderers: pictures of a robot and its scene, drawn apart from the simulation."""

from __future__ import annotations

import importlib.util
import math
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from simonsays.assets import InputError, did_you_mean
from simonsays.sim.backdrop import LIGHT, Eye, Shadow, backdrop
from simonsays.sim.bullet import pybullet, silenced
from simonsays.sim.robot import Robot
from simonsays.sim.rotations import matrix_from_quaternion
from simonsays.sim.spec import PropSpec, RobotSpec, SceneSpec
from simonsays.sim.state import Array, RobotState
from simonsays.sim.world import World

Picture = NDArray[np.uint8]
RENDERERS = ("auto", "tiny", "egl")
_NEAR, _FAR = 0.05, 60.0
_FINER = 2  # bodies are drawn this many times finer than the picture, then averaged: smooth edges
_SOFTWARE = ("llvmpipe", "softpipe", "swrast", "software")


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

    def view(self) -> tuple[float, ...]:
        """(16,) view matrix, column-major, as PyBullet takes it."""
        matrix: tuple[float, ...] = pybullet.computeViewMatrixFromYawPitchRoll(
            self.target, self.distance, self.yaw_deg, self.pitch_deg, 0, 2
        )
        return matrix

    def projection(self, aspect: float) -> tuple[float, ...]:
        """(16,) projection matrix, column-major, of a picture ``aspect`` times as wide as high."""
        matrix: tuple[float, ...] = pybullet.computeProjectionMatrixFOV(self.fov_deg, aspect, _NEAR, _FAR)
        return matrix


@dataclass(frozen=True)
class Choice:
    """Which renderer draws ("tiny" or "egl"), and why, in words."""

    name: str
    reason: str


def choose_renderer(name: str = "auto") -> Choice:
    """The renderer to use on this machine.

    "auto" takes EGL where it works on a graphics card, else TinyRenderer: Mesa's EGL without a card was measured
    slower than TinyRenderer (40 against 20 ms for 640 x 360) and looks flatter.

    Raises:
        InputError: no such renderer, or "egl" where it does not work.
    """
    if name not in RENDERERS:
        raise InputError(f"renderer {name!r} does not exist{did_you_mean(name, RENDERERS)}")
    if name == "tiny":
        return Choice("tiny", "TinyRenderer was asked for")
    device, why = probe_egl()
    if name == "egl":
        if not device:
            raise InputError(f"renderer 'egl' does not work here: {why}; use 'auto' or 'tiny'")
        return Choice("egl", f"EGL on {device} was asked for")
    if not device:
        return Choice("tiny", f"TinyRenderer: no EGL, {why}")
    if any(word in device.lower() for word in _SOFTWARE):
        return Choice("tiny", f"TinyRenderer: EGL has no graphics card here, only {device}")
    return Choice("egl", f"EGL on {device}")


@lru_cache(maxsize=1)
def probe_egl() -> tuple[str, str]:
    """Name of the device that EGL draws on, and "", or "" and the reason why it does not, in words.

    Tried in a process of its own: the plugin ends the whole process where it finds no display.
    """
    found = importlib.util.find_spec("eglRenderer")
    if found is None or found.origin is None:
        return "", "this PyBullet has no eglRenderer plugin"
    if not _has_library("libEGL.so.1"):
        return "", "libEGL.so.1 is missing: install Debian's libegl1 and libgl1-mesa-dri"
    hint = "the plugin does not work: install Debian's libgl1-mesa-dri"
    try:
        command = [sys.executable, "-P", "-c", _PROBE, found.origin]
        run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", f"{hint} ({error})"
    lines = run.stdout.splitlines()
    if run.returncode or "drawn" not in lines:
        return "", hint
    named = [line.partition("=")[2].strip() for line in lines if line.startswith("GL_RENDERER=")]
    return (named[0] if named and named[0] else "an unnamed device"), ""


_PROBE = """
import sys, numpy, pybullet as p
client = p.connect(p.DIRECT)
if p.loadPlugin(sys.argv[1], "_eglRendererPlugin", physicsClientId=client) < 0: sys.exit(1)
p.createMultiBody(0, -1, p.createVisualShape(p.GEOM_BOX, halfExtents=[.5] * 3))
view = p.computeViewMatrix([3, 0, 0], [0, 0, 0], [0, 0, 1])
seen = p.getCameraImage(64, 64, view, p.computeProjectionMatrixFOV(45, 1, .1, 10))[4]
if (numpy.asarray(seen) >= 0).any(): print("\\ndrawn", flush=True)
"""


def load_egl(client: int) -> tuple[int, str]:
    """Load PyBullet's EGL plugin; returns its id and "", or -1 and the reason in words.

    It draws only bodies that are added afterwards.
    """
    device, why = probe_egl()
    if not device:
        return -1, why
    plugin_file = importlib.util.find_spec("eglRenderer")
    assert plugin_file is not None
    with silenced():
        plugin: int = pybullet.loadPlugin(plugin_file.origin, "_eglRendererPlugin", physicsClientId=client)
    return plugin, "" if plugin >= 0 else "the plugin does not load"


def _has_library(name: str) -> bool:
    import ctypes

    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


class Renderer:
    """Draws pictures of one client's bodies before a sky and a tiled floor.

    Args:
        client: PyBullet's id of the world.
        name: "tiny", or "egl" where its plugin has been loaded into the client before the bodies were added.
        slope_deg: of the floor that is drawn.
    """

    def __init__(self, client: int, name: str = "tiny", slope_deg: float = 0.0) -> None:
        self._client, self._slope = client, slope_deg
        self._kind = pybullet.ER_BULLET_HARDWARE_OPENGL if name == "egl" else pybullet.ER_TINY_RENDERER

    def picture(self, camera: Camera, width: int, height: int, casters: Array | None = None) -> Picture:
        """(height, width, 3) uint8. ``casters`` (n, 3) m, world: points that cast a shadow on the floor."""
        points = np.zeros((0, 3)) if casters is None else casters
        axes = np.array(camera.view()).reshape(4, 4)[:3, :3]
        eye = Eye(camera.eye(), axes, math.tan(math.radians(camera.fov_deg) / 2))
        behind = backdrop(eye, width, height, Shadow(points, camera.target[:2], self._slope), self._slope)
        bodies, cover = self._bodies(camera, width, height)
        mixed = bodies + behind * (1 - cover)
        result: Picture = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
        return result

    def _bodies(self, camera: Camera, width: int, height: int) -> tuple[Any, Any]:
        """Colours (height, width, 3) 0 to 255 times cover, and cover (height, width, 1) 0 to 1, of the bodies."""
        _, _, rgba, _, seen = pybullet.getCameraImage(
            width * _FINER,
            height * _FINER,
            camera.view(),
            camera.projection(width / height),
            lightDirection=[camera.target[0] + LIGHT[0], camera.target[1] + LIGHT[1], LIGHT[2]],
            shadow=0,
            lightAmbientCoeff=0.62,
            lightDiffuseCoeff=0.42,
            lightSpecularCoeff=0.12,
            renderer=self._kind,
            physicsClientId=self._client,
        )
        cells = (height, _FINER, width, _FINER)
        mask = (np.asarray(seen) >= 0).reshape(*cells, 1)
        colours = np.asarray(rgba, dtype=np.uint8).reshape(*cells, 4)[..., :3] * mask
        total = colours[:, 0, :, 0].astype(np.float32)
        cover = mask[:, 0, :, 0].astype(np.float32)
        for i in range(1, _FINER**2):
            total += colours[:, i // _FINER, :, i % _FINER]
            cover += mask[:, i // _FINER, :, i % _FINER]
        return total / _FINER**2, cover / _FINER**2


class Stage:
    """A world that is only looked at: a robot and the props of a scene are put anywhere and drawn.

    Args:
        renderer: "tiny" or "egl", see :func:`choose_renderer`.
    """

    def __init__(self, scene: SceneSpec, spec: RobotSpec, renderer: str = "tiny") -> None:
        self.world = World(scene, visuals=True)
        if renderer == "egl":
            plugin, why = load_egl(self.world.client)
            if plugin < 0:
                raise InputError(f"renderer 'egl' does not work here: {why}")
            self.world.reset()
        self.robot = self.world.spawn(spec)
        self._renderer = Renderer(self.world.client, renderer, scene.ground.slope_deg)
        self._links = _link_points(self.robot)
        self._props = [_solid(prop.spec) for prop in self.world.props.values()]

    def place(self, base_position: Array, base_orientation: Array, joint_positions: Array) -> None:
        """Pose the robot: base (3,) m and (4,) xyzw, world; joints (J,) rad."""
        self.robot.reset(base_position.tolist(), base_orientation.tolist(), joint_positions)

    def place_props(self, positions: Array, orientations: Array) -> None:
        """Place the props: (P, 3) m and (P, 4) xyzw, world."""
        self.world.set_prop_poses(positions, orientations)

    def picture(self, camera: Camera, width: int, height: int) -> Picture:
        """(height, width, 3) uint8."""
        return self._renderer.picture(camera, width, height, self._casters())

    def _casters(self) -> Array:
        state = self.robot.state()
        frames = {-1: (state.base_position, state.base_orientation)}
        links = [link for link in self._links if link >= 0]
        if links:
            found = pybullet.getLinkStates(
                self.robot.body, links, computeForwardKinematics=1, physicsClientId=self.world.client
            )
            frames |= {link: (pose[4], pose[5]) for link, pose in zip(links, found, strict=True)}
        bodies = [(points, *frames[link]) for link, points in self._links.items()]
        bodies += zip(self._props, *self.world.prop_poses(), strict=True)
        moved = [points @ matrix_from_quaternion(turn).T + place for points, place, turn in bodies]
        return np.concatenate(moved) if moved else np.zeros((0, 3))

    def close(self) -> None:
        """Free the world; a second call does nothing."""
        self.world.close()


def _link_points(robot: Robot) -> dict[int, Array]:
    """Vertices (n, 3) m of each link's meshes, in its own frame, by PyBullet's link index."""
    points: dict[int, list[Array]] = {}
    for shape in pybullet.getVisualShapeData(robot.body, physicsClientId=robot.client):
        file = Path(shape[4].decode())
        if file.suffix == ".obj" and file.is_file():
            vertices = _obj_vertices(file) @ matrix_from_quaternion(shape[6]).T + shape[5]
            points.setdefault(shape[1], []).append(vertices)
    return {link: np.concatenate(parts) for link, parts in points.items()}


def _obj_vertices(file: Path) -> Array:
    lines = file.read_text(encoding="utf-8").splitlines()
    return np.array([line.split()[1:4] for line in lines if line.startswith("v ")], dtype=np.float64)


def _solid(spec: PropSpec, spacing: float = 0.03) -> Array:
    """(n, 3) m: a lattice of points that fills a prop, in its own frame."""
    axes = [np.linspace(-1, 1, max(3, math.ceil(extent / spacing))) for extent in spec.extents]
    x, y, z = (part.ravel() for part in np.meshgrid(*axes))
    radius = np.hypot(x, y)
    inside = {
        "box": radius < 2,
        "ball": radius**2 + z**2 <= 1,
        "cone": radius <= (1 - z) / 2,
        "pillar": radius <= 1,
    }[spec.shape]
    points: Array = np.stack([x, y, z], axis=1)[inside] * np.array(spec.extents) / 2
    return points


class LiveView:
    """Pictures of a state, drawn on a stage of their own: stepping is never disturbed."""

    def __init__(self, spec: RobotSpec, *, size: tuple[int, int] = (480, 360)) -> None:
        self._spec, self._size = spec, size
        self._stage: Stage | None = None

    def picture(self, world: World, state: RobotState) -> Picture:
        """(height, width, 3) uint8 of a state, the camera beside the robot."""
        if self._stage is None or self._stage.world.scene != world.scene:
            self.close()
            self._stage = Stage(world.scene, self._spec)
        self._stage.place(state.base_position, state.base_orientation, state.joint_positions)
        self._stage.place_props(*world.prop_poses())
        x, y, _ = state.base_position.tolist()
        camera = Camera((x, y, 0.65), yaw_deg=math.degrees(state.yaw) + 140.0)
        return self._stage.picture(camera, *self._size)

    def close(self) -> None:
        """Free the stage; a second call does nothing."""
        if self._stage is not None:
            self._stage.close()
            self._stage = None


def follow(times: Array, positions: Array, yaws: Array, *, slope_deg: float = 0.0, **options: Any) -> list[Camera]:
    """A camera for each instant (T,) s that follows a robot smoothly from its front quarter.

    ``positions`` (T, 3) m, ``yaws`` (T,) rad. The camera turns with the robot, slowly, so that its face and its
    hands are seen and the way it takes is, too. ``options``: further fields of each :class:`Camera`.
    """
    place, yaw, unwrapped = positions[0].copy(), float(yaws[0]), np.unwrap(yaws)
    cameras = []
    for i, time in enumerate(times):
        dt = float(time - times[i - 1]) if i else 0.0
        place += (1 - math.exp(-dt / 0.25)) * (positions[i] - place)
        yaw += (1 - math.exp(-dt / 1.2)) * (float(unwrapped[i]) - yaw)
        height = 0.66 + float(place[0]) * math.tan(math.radians(slope_deg))
        target = (float(place[0]), float(place[1]), height)
        cameras.append(Camera(target, yaw_deg=math.degrees(yaw) + 132.0, **options))
    return cameras
