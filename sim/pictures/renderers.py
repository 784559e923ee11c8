"""What draws: TinyRenderer, which needs nothing, or PyBullet's EGL plugin where it is asked for."""

from __future__ import annotations

import ctypes
import importlib.util
import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simonsays.assets import InputError
from simonsays.assets.notes import dataclass
from simonsays.sim.engines.native import pybullet, silenced
from simonsays.sim.pictures.camera import Camera, Picture
from simonsays.sim.pictures.looks import LIGHT, LOOKS, Look
from simonsays.sim.specs import SceneSpec
from simonsays.sim.state import Array
from simonsays.sim.world import World

Window = tuple[float, float, float, float]
_WHOLE: Window = (0.0, 0.0, 1.0, 1.0)
_COARSE = 4  # times smaller is the picture that finds what is to be drawn
FLAGS = {"tiny": pybullet.ER_TINY_RENDERER, "egl": pybullet.ER_BULLET_HARDWARE_OPENGL}
_FAR = 60.0  # m: nothing is drawn beyond
_LEAN = 0.55  # how far the light that shades leans towards the camera; shadows fall as LIGHT has it
_MOST_PIXELS = {"tiny": 8_400_000, "egl": 786_432}  # of a whole picture drawn larger: memory; what EGL can draw


def fineness(renderer: str, size: tuple[int, int]) -> int:
    """How many times as large a picture is drawn, a side, before it is made smaller: 2 where memory allows."""
    return 2 if 4 * size[0] * size[1] <= _MOST_PIXELS[renderer] else 1


@dataclass(frozen=True)
class ChosenRenderer:
    """What draws, ``tiny`` or ``egl``, and why."""

    name: str
    reason: str


@lru_cache(maxsize=64)
def choose_renderer(wanted: str) -> ChosenRenderer:
    """The renderer of films; ``wanted``: auto, tiny or egl.

    Auto is TinyRenderer: PyBullet's EGL draws at most 1024x768 pixels and stretches them, so that its edges are steps.

    Raises:
        InputError: EGL was asked for and does not work; the message names what is missing.
    """
    if wanted == "auto":
        return ChosenRenderer("tiny", "TinyRenderer, whose edges are finer; --renderer egl draws with EGL")
    if wanted == "tiny":
        return ChosenRenderer("tiny", "TinyRenderer, as asked for")
    world = World(SceneSpec(), visuals=True)
    try:
        with silenced():
            problem = use_egl(world)
    finally:
        with silenced():
            world.close()
    if problem:
        raise InputError(f"renderer egl: {problem}")
    return ChosenRenderer("egl", "EGL, as asked for")


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
    window: Window = _WHOLE
    """what it is of the camera's picture: left, top, right and bottom, shares of its width and height"""
    aspect: float = 1.0
    """width over height of the camera's whole picture"""

    def depth(self) -> Array:
        """(height, width) m along the camera's axis."""
        return np.asarray(_FAR * self.near / (_FAR - (_FAR - self.near) * self.buffer.astype(np.float64)))


def shoot(
    client: int,
    camera: Camera,
    size: tuple[int, int],
    renderer: int = FLAGS["tiny"],
    look: Look = LOOKS["light"],
    window: Window = _WHOLE,
) -> Shot:
    """What a renderer draws, without sky and ground. ``window``: the part of the picture, in ``size`` pixels."""
    width, height = size
    left, top, right, bottom = window
    aspect = width / height * (bottom - top) / (right - left)
    # The light leans towards the camera: what is lit from behind alone has no shape.
    towards = (1 - _LEAN) * np.array(LIGHT) / math.hypot(*LIGHT) + _LEAN * camera.axes()[2]
    _, _, rgba, buffer, seen = pybullet.getCameraImage(
        width,
        height,
        camera.view_matrix().tolist(),
        _projection(camera, aspect, window),
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
    depths = np.asarray(buffer, dtype=np.float32).reshape(shape)
    return Shot(picture, np.asarray(seen).reshape(shape), depths, camera.near, window, aspect)


def window_of(
    client: int, camera: Camera, size: tuple[int, int], renderer: int, look: Look
) -> tuple[int, int, int, int]:
    """Left, top, right, bottom, pixels: where anything is to be seen in a picture; all 0 where nothing is."""
    coarse = max(1, size[0] // _COARSE), max(1, size[1] // _COARSE)
    seen = shoot(client, camera, coarse, renderer, look).seen >= 0
    found = []
    for axis, length, cells in ((0, size[0], coarse[0]), (1, size[1], coarse[1])):
        places = np.flatnonzero(seen.any(axis=axis))
        if not len(places):
            return 0, 0, 0, 0
        low, high = (places[0] - 2) * length / cells, (places[-1] + 3) * length / cells
        found.append((max(0, math.floor(low)), min(length, math.ceil(high))))
    (left, right), (top, bottom) = found
    return left, top, right, bottom


def _projection(camera: Camera, aspect: float, window: Window) -> list[float]:
    """OpenGL's matrix of a part of a picture, given as shares of its width and height."""
    half = camera.near * math.tan(math.radians(camera.fov_deg) / 2)
    left, top, right, bottom = window
    sides = (2 * left - 1) * half * aspect, (2 * right - 1) * half * aspect
    made: list[float] = pybullet.computeProjectionMatrix(
        *sides, (1 - 2 * bottom) * half, (1 - 2 * top) * half, camera.near, _FAR
    )
    return made


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
