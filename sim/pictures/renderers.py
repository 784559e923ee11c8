"""Which renderer draws: TinyRenderer, which needs nothing, or PyBullet's EGL plugin where it is faster."""

from __future__ import annotations

import ctypes
import importlib.util
import math
import timeit
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simonsays.assets import InputError
from simonsays.assets.notes import dataclass
from simonsays.sim.engines.native import pybullet, silenced
from simonsays.sim.pictures.camera import Camera, Picture
from simonsays.sim.pictures.looks import LIGHT, LOOKS, Look
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import SceneSpec
from simonsays.sim.state import Array
from simonsays.sim.world import World

FLAGS = {"tiny": pybullet.ER_TINY_RENDERER, "egl": pybullet.ER_BULLET_HARDWARE_OPENGL}
_FAR = 60.0  # m: nothing is drawn beyond
_LEAN = 0.55  # how far the light that shades leans towards the camera; shadows fall as LIGHT has it
_MOST_PIXELS = {"tiny": 4_000_000, "egl": 1_000_000}  # that are drawn: EGL takes more memory
_MARGIN = 0.8  # EGL must take no more than this share of TinyRenderer's time: timings vary, films should not


def fineness(renderer: str, size: tuple[int, int]) -> int:
    """How many times as large a picture is drawn, a side, before it is made smaller: 2 where time and memory allow."""
    return 2 if 4 * size[0] * size[1] <= _MOST_PIXELS[renderer] else 1


@dataclass(frozen=True)
class ChosenRenderer:
    """What draws, ``tiny`` or ``egl``, and why."""

    name: str
    reason: str


@lru_cache(maxsize=64)
def choose_renderer(wanted: str, size: tuple[int, int], robot: str = "g1") -> ChosenRenderer:
    """The renderer for pictures of a size on this machine; ``wanted``: auto (both are timed), tiny or egl.

    Raises:
        InputError: EGL was asked for and does not work; the message names what is missing.
    """
    if wanted == "tiny":
        return ChosenRenderer("tiny", "TinyRenderer, as asked for")
    world, seconds = World(SceneSpec(), visuals=True), dict[str, float]()
    try:
        with silenced():
            problem = use_egl(world)
            if wanted == "auto" and not problem:
                world.spawn(get_robot(robot))
                seconds = {name: _timed(world.client, name, size) for name in FLAGS}
    finally:
        with silenced():
            world.close()
    if wanted == "egl" and problem:
        raise InputError(f"renderer egl: {problem}")
    if wanted == "egl":
        return ChosenRenderer("egl", "EGL, as asked for")
    if problem:
        return ChosenRenderer("tiny", f"TinyRenderer, because EGL does not work: {problem}")
    tiny, egl = (f"{1000 * seconds[name]:.0f} ms" for name in ("tiny", "egl"))
    if seconds["egl"] < _MARGIN * seconds["tiny"]:
        return ChosenRenderer("egl", f"EGL works and is faster: {egl} for {size[0]}x{size[1]}, TinyRenderer {tiny}")
    return ChosenRenderer(
        "tiny", f"TinyRenderer takes {tiny} for {size[0]}x{size[1]}; EGL works, but gains little: {egl}"
    )


def use_egl(world: World) -> str:
    """Load EGL into a world without robots; returns what is missing, or nothing."""
    plugin, problem = load_egl(world.client)
    if plugin < 0:
        return problem
    world.reset()  # EGL knows nothing of what was there before it
    return "" if _draws(world.client) else "the plugin loads, but draws nothing: install Debian's libgl1-mesa-dri"


def _draws(client: int) -> bool:
    """Whether a picture of a box comes out."""
    shape = pybullet.createVisualShape(pybullet.GEOM_BOX, halfExtents=[1, 1, 1], physicsClientId=client)
    body = pybullet.createMultiBody(0, -1, shape, [0, 0, -50], physicsClientId=client)
    seen = shoot(client, Camera((0.0, 0.0, -50.0), 6.0), (32, 32), FLAGS["egl"]).seen
    pybullet.removeBody(body, physicsClientId=client)
    return bool((seen == body).any() and (seen != body).any())


def _timed(client: int, renderer: str, size: tuple[int, int]) -> float:
    """s for a picture of a robot, drawn as finely as in films, the best of three."""
    camera, fine = Camera((0.0, 0.0, 0.66)), fineness(renderer, size)
    drawn = fine * size[0], fine * size[1]
    return min(timeit.repeat(lambda: shoot(client, camera, drawn, FLAGS[renderer]), number=1, repeat=3))


@dataclass(frozen=True, eq=False)
class Shot:
    """What a renderer drew, without sky and ground."""

    picture: Picture
    """(height, width, 3) uint8"""
    seen: NDArray[np.int64]
    """(height, width) which body each pixel shows, -1: none"""
    buffer: NDArray[np.float32]
    """(height, width) OpenGL's depth, 0 to 1"""
    near: float

    def depth(self) -> Array:
        """(height, width) m along the camera's axis."""
        return np.asarray(_FAR * self.near / (_FAR - (_FAR - self.near) * self.buffer.astype(np.float64)))


def shoot(
    client: int, camera: Camera, size: tuple[int, int], renderer: int = FLAGS["tiny"], look: Look = LOOKS["light"]
) -> Shot:
    """What a renderer draws, without sky and ground."""
    width, height = size
    # The light leans towards the camera: what is lit from behind alone has no shape.
    towards = (1 - _LEAN) * np.array(LIGHT) / math.hypot(*LIGHT) + _LEAN * camera.axes()[2]
    _, _, rgba, buffer, seen = pybullet.getCameraImage(
        width,
        height,
        camera.view_matrix().tolist(),
        pybullet.computeProjectionMatrixFOV(camera.fov_deg, width / height, camera.near, _FAR),
        lightDirection=(np.array(camera.target) + 8.0 * towards).tolist(),
        shadow=0,
        lightAmbientCoeff=look.ambient,
        lightDiffuseCoeff=look.diffuse,
        lightSpecularCoeff=0.12,
        renderer=renderer,
        physicsClientId=client,
    )
    picture = np.asarray(rgba, dtype=np.uint8).reshape(height, width, 4)[:, :, :3]
    shape = height, width
    return Shot(
        picture, np.asarray(seen).reshape(shape), np.asarray(buffer, dtype=np.float32).reshape(shape), camera.near
    )


def load_egl(client: int) -> tuple[int, str]:
    """Load PyBullet's EGL plugin; returns its id, or -1 and the reason in words."""
    found = importlib.util.find_spec("eglRenderer")
    if found is None or found.origin is None:
        return -1, "this PyBullet has no eglRenderer plugin"
    try:
        ctypes.CDLL("libEGL.so.1")
    except OSError:
        return -1, "libEGL.so.1 is missing: install Debian's libegl1 and libgl1-mesa-dri"
    with silenced():
        plugin: int = pybullet.loadPlugin(found.origin, "_eglRendererPlugin", physicsClientId=client)
    return plugin, "" if plugin >= 0 else "the plugin does not load: install Debian's libgl1-mesa-dri"
