"""Choosing a physics engine by name, and what each is like: whether it is here, what it can do, how it has a robot."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping
from contextlib import closing, suppress
from typing import Any

from simonsays.assets import InputError
from simonsays.sim.engines import ENGINES
from simonsays.sim.engines.base import Engine
from simonsays.sim.engines.checks import LARGEST_EIGENVALUE, largest_eigenvalue, left_out
from simonsays.sim.specs import PD_RATE_HZ, RobotSpec
from simonsays.sim.world import World


def need_engine(name: str) -> type[Engine]:
    """An engine that works here.

    Raises:
        InputError: no such engine, or its package is missing or too old.
    """
    kind = ENGINES[name]
    with closing(kind(1 / PD_RATE_HZ)):
        return kind


def installed() -> list[str]:
    """Names of the engines that work here."""
    found = []
    for name in ENGINES:
        with suppress(InputError):
            need_engine(name)
            found.append(name)
    return found


def engine_versions(name: str) -> dict[str, str]:
    """The version of an engine's package, by the package's name.

    Raises:
        InputError: no such engine.
    """
    package = ENGINES[name].package
    try:
        return {package: importlib.metadata.version(package)}
    except importlib.metadata.PackageNotFoundError:
        return {package: "not installed"}


def engine_said(name: str) -> dict[str, Any]:
    """What results say of the engine that made them: its name and its package's version."""
    return {"engine": name, "engine_versions": engine_versions(name)}


def in_words(said: Any) -> str:
    """``MuJoCo 4.0.0``, of what :func:`engine_said` gave, maybe elsewhere; results that say nothing are Bullet's."""
    said = said if isinstance(said, Mapping) else {}
    name, versions = str(said.get("engine", "bullet")), said.get("engine_versions")
    title = ENGINES[name].title if name in ENGINES else name
    return " ".join([title, *map(str, versions.values())]) if isinstance(versions, Mapping) else title


def engines_told() -> list[dict[str, Any]]:
    """Each engine: its name, title, package, version, why it cannot be used here (``missing``), and what it can do."""
    told = []
    for name, kind in ENGINES.items():
        missing = ""
        try:
            need_engine(name)
        except InputError as error:
            missing = str(error)
        able = {each: {"support": str(can.support), "about": can.about} for each, can in kind.capabilities.items()}
        told.append(
            {
                "name": name,
                "title": kind.title,
                "package": kind.package,
                "version": engine_versions(name)[kind.package],
                "from": ENGINES.origin(name),
                "missing": missing,
                "capabilities": able,
            }
        )
    return told


def robot_told(spec: RobotSpec, engine: str, physics_hz: int = PD_RATE_HZ) -> dict[str, Any]:
    """How an engine has a robot.

    ``rotors``: by joint, effective inertia over the true one, standing, and the least and most over the range of
    motion. ``eigenvalue``: the largest of dt M^-1 Kd, with its ``bound`` and the joint that it is of. ``left_out``:
    pairs of links that overlap when the robot stands, so that they never touch.

    Raises:
        InputError: the engine cannot be used here, or cannot load the robot.
    """
    need_engine(engine)
    dt = 1 / physics_hz
    most, joint = largest_eigenvalue(spec, engine, dt)
    with World(engine=engine, physics_dt=dt) as world:
        errors = world.spawn(spec).rotor_errors
    rotors = {name: dict(zip(("standing", "least", "most"), found, strict=True)) for name, found in errors.items()}
    return {
        "robot": spec.name,
        **engine_said(engine),
        "physics_hz": physics_hz,
        "rotors": rotors,
        "eigenvalue": {"largest": most, "bound": LARGEST_EIGENVALUE, "joint": joint},
        "left_out": [list(pair) for pair in left_out(spec, engine)],
    }
