"""``simon doctor``: whether this machine has what is needed."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from dataclasses import dataclass
from typing import Annotated

import typer


def run(json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False) -> None:
    """Check Python, packages, renderers, threads and the video writer; exit code 1 if something needed is missing."""
    from simonsays.experiments.cli._common import console, print_json

    version = sys.version.split()[0]
    built = "; PyBullet has no wheel for it and is built" if sys.version_info >= (3, 12) else ""
    checks = [Check("Python", sys.version_info >= (3, 11), True, f"{version}{built}")]
    checks += [_package(name, True, "") for name in _NEEDED]
    checks += [_package(name, False, "only for training: pip install 'simonsays[train]'") for name in _TRAINING]
    threads = f"{os.cpu_count()} cores, OMP_NUM_THREADS={os.environ.get('OMP_NUM_THREADS', 'not set')}"
    checks.append(_mujoco())
    checks += [Check("threads", True, False, threads), _tiny(), _egl(), _ffmpeg()]
    if json_output:
        print_json([check.__dict__ for check in checks])
    else:
        screen = console()
        for check in checks:
            mark, style = ("✓", "green") if check.ok else ("✗", "red") if check.needed else ("–", "yellow")
            screen.print(f" {mark}", style=style, end="")
            screen.print(f" {check.name}: {check.text}")
    raise typer.Exit(1 if any(check.needed and not check.ok for check in checks) else 0)


_NEEDED = ("pybullet", "numpy", "gymnasium", "imageio", "imageio-ffmpeg", "pillow", "safetensors", "lark", "typer")
_TRAINING = ("torch", "stable-baselines3", "tensorboard")


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    needed: bool
    text: str


def _package(name: str, needed: bool, hint: str) -> Check:
    try:
        return Check(name, True, needed, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Check(name, False, needed, f"not installed; {hint}" if hint else "not installed")


def _mujoco() -> Check:
    from simonsays.assets import InputError
    from simonsays.sim.engine_choice import engine_versions, need_engine

    try:
        need_engine("mujoco")
    except InputError as error:
        return Check("mujoco", False, False, f"only for --engine mujoco: {error}")
    return Check("mujoco", True, False, f"{engine_versions('mujoco')['mujoco']}, simulates with --engine mujoco")


def _tiny() -> Check:
    from simonsays.assets.defaults import DEFAULT_ROBOT
    from simonsays.sim.pictures.camera import Camera
    from simonsays.sim.pictures.renderers import shoot
    from simonsays.sim.robots import get_robot
    from simonsays.sim.world import World

    with World(visuals=True) as world:
        robot = world.spawn(get_robot(DEFAULT_ROBOT))
        drawn = bool((shoot(world.client, Camera((0.0, 0.0, 0.7)), (96, 64)).seen == robot.body).any())
    return Check("TinyRenderer", drawn, True, "draws; films use it")


def _egl() -> Check:
    from simonsays.assets import InputError
    from simonsays.sim.pictures.renderers import choose_renderer

    try:
        choose_renderer("egl")
    except InputError as error:
        return Check("EGL", False, False, str(error))
    return Check("EGL", True, False, "draws; films use it with --renderer egl")


def _ffmpeg() -> Check:
    import imageio_ffmpeg

    try:
        return Check("ffmpeg", True, True, f"{imageio_ffmpeg.get_ffmpeg_version()}, in the imageio-ffmpeg wheel")
    except RuntimeError as error:
        return Check("ffmpeg", False, True, str(error))
