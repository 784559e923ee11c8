"""A scene and a robot as a MuJoCo model, made with MjSpec from what the one reader of URDFs read."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from simonsays.assets import InputError, needs_extra
from simonsays.sim.engines.quantities import GRAVITY
from simonsays.sim.kinematics import Tree
from simonsays.sim.rotations import quaternion_from_rpy
from simonsays.sim.shapes import BUMP_SPACING, BUMPS, bump_heights, hull, inertia
from simonsays.sim.specs import GroundSpec, PropSpec, RobotSpec, SceneSpec
from simonsays.sim.specs.urdf import Shape
from simonsays.sim.state import Array
from simonsays.sim.things import Part

ROBOT_GEOM, PROP_GEOM, GROUND_GEOM = 0, 1, 2
"""priorities: of two that touch the friction of the higher one counts"""
_PROP_FRICTION, _ROLLING = 0.8, 0.003
_STIFF = [0.01, 1.0], [0.95, 0.99, 0.001, 0.5, 2.0]  # of links on links: with the defaults arms sink in by 15 mm


@cache
def library() -> Any:
    """The package mujoco. Raises InputError: it is not installed, or is too old."""
    with needs_extra("mujoco", "the engine mujoco"):
        import mujoco
    if tuple(map(int, mujoco.__version__.split(".")[:2])) < (3, 3):
        raise InputError(f"the engine mujoco needs MuJoCo from 3.3 on, not {mujoco.__version__}")
    return mujoco


@contextmanager
def unwarned() -> Iterator[None]:
    """No warnings of MuJoCo's, nor its file of them: it warns of an attached robot that keeps its names."""
    mj = library()
    before = mj.get_mju_user_warning()
    mj.set_mju_user_warning(lambda text: None)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        mj.set_mju_user_warning(before)


def ground_name() -> str:
    """Of the ground's geom."""
    return "ground"


def world_spec(scene: SceneSpec, heights: Sequence[float], dt: float) -> Any:
    """An MjSpec of a scene's ground and props, the props' bodies named ``prop0``, ``prop1`` ..."""
    mj = library()
    spec = mj.MjSpec()
    spec.option.timestep, spec.option.gravity = dt, [0, 0, -GRAVITY]
    # Explicit Euler is what a PD at this rate is; a state that diverges is to be seen, not to be reset in silence.
    spec.option.integrator = mj.mjtIntegrator.mjINT_EULER
    spec.option.disableflags |= mj.mjtDisableBit.mjDSBL_AUTORESET
    spec.copy_during_attach, spec.compiler.degree = True, False
    _add_ground(spec, scene.ground)
    for i, (prop, height) in enumerate(zip(scene.props, heights, strict=True)):
        _add_prop(spec, f"prop{i}", prop, height, scene.ground)
    return spec


def _add_ground(spec: Any, ground: GroundSpec) -> None:
    mj, slope = library(), math.radians(ground.slope_deg)
    geom = spec.worldbody.add_geom(name=ground_name(), priority=GROUND_GEOM, friction=[ground.friction, 0.005, 0.0001])
    geom.quat = wxyz(quaternion_from_rpy(0, -slope, 0))
    if ground.roughness:
        reach = BUMP_SPACING * (BUMPS - 1) / 2
        field = spec.add_hfield(name="bumps", nrow=BUMPS, ncol=BUMPS, size=[reach, reach, ground.roughness, 0.1])
        field.userdata = bump_heights(ground).astype(np.float32).ravel().tolist()
        geom.type, geom.hfieldname = mj.mjtGeom.mjGEOM_HFIELD, "bumps"
    else:
        geom.type, geom.size = mj.mjtGeom.mjGEOM_PLANE, [0, 0, 1]


def _add_prop(spec: Any, name: str, prop: PropSpec, height: float, ground: GroundSpec) -> None:
    turned = wxyz(quaternion_from_rpy(0, 0, math.radians(prop.yaw_deg)))
    moved = prop.weight > 0
    body = spec.worldbody.add_body(name=name, pos=[*prop.centre[:2], height], quat=turned, mocap=not moved)
    if moved:
        body.add_freejoint()
    alone = len(prop.parts) == 1
    if moved and not alone:
        body.explicitinertial, body.mass, body.ipos = True, prop.weight, [0.0] * 3
        body.inertia = inertia(prop)
    for i, part in enumerate(prop.parts):
        called = name if alone else f"{name} part{i}"
        _add_part(spec, body, called, part).mass = prop.weight if alone else 0.0
        # Bullet takes the product of both frictions; MuJoCo one of them, so this pair is told its own.
        ball = prop.shape == "ball"
        rolling = [_ROLLING, _ROLLING] if ball else [0.0001, 0.0001]
        along = _PROP_FRICTION * ground.friction
        if moved:
            spec.add_pair(
                geomname1=ground_name(),
                geomname2=called,
                condim=6 if ball else 3,
                friction=[along, along, rolling[0] if ball else 0.005, *rolling],
                solimp=[0.99 if ball else 0.9, 0.999 if ball else 0.95, 0.001, 0.5, 2.0],  # softer ones creep for ever
            )


def _add_part(spec: Any, body: Any, name: str, part: Part) -> Any:
    """The geom of a part of a prop."""
    mj = library()
    x, y, z = (extent / 2 for extent in part.size)
    geom = body.add_geom(name=name, priority=PROP_GEOM, friction=[_PROP_FRICTION, 0.005, 0.0001], pos=part.centre)
    kind = {
        "box": (mj.mjtGeom.mjGEOM_BOX, [x, y, z]),
        "ball": (mj.mjtGeom.mjGEOM_SPHERE, [x, 0, 0]),
        "pillar": (mj.mjtGeom.mjGEOM_CYLINDER, [x, z, 0]),
    }.get(part.kind)
    if kind is None:
        mesh = spec.add_mesh(name=f"{name} hull", uservert=np.ravel(hull(part)).tolist())
        mesh.inertia = mj.mjtMeshInertia.mjMESH_INERTIA_CONVEX
        geom.type, geom.meshname = mj.mjtGeom.mjGEOM_MESH, mesh.name
    else:
        geom.type, geom.size = kind
    return geom


def add_urdf(spec: Any, robot: RobotSpec, tree: Tree, prefix: str) -> None:
    """Add a robot's links, joints and what they touch with, from its URDF, the base floating.

    ``prefix``: of all its names, so that several robots do not get into each other's way.
    """
    mj = library()
    bodies: list[Any] = []
    armature = {joint.name: joint.armature for joint in robot.joints}
    for place, name in enumerate(tree.links):
        hung = tree.above(place)
        parent = spec.worldbody if hung is None else bodies[tree.parents[place]]
        body = parent.add_body(name=prefix + name)
        bodies.append(body)
        if hung is None:
            body.add_freejoint()
        else:
            body.pos, body.quat = hung.origin.xyz, wxyz(quaternion_from_rpy(*hung.origin.rpy))
            if hung.moves:
                joint = body.add_joint(name=prefix + hung.name, axis=hung.axis, range=[hung.lower, hung.upper])
                joint.limited, joint.armature = mj.mjtLimited.mjLIMITED_TRUE, armature[hung.name]
        if tree.mass[place] > 0:
            body.explicitinertial, body.mass, body.ipos = True, float(tree.mass[place]), tree.centre[place]
            tensor = tree.inertia[place]
            body.fullinertia = [*np.diag(tensor), tensor[0, 1], tensor[0, 2], tensor[1, 2]]
        elif hung is not None and hung.moves and not tree.carries(place):
            raise InputError(f"{robot.urdf}: joint {hung.name!r} moves nothing that has a mass")
        for i, shape in enumerate(tree.urdf.link(name).collisions):
            _add_shape(spec, body, f"{prefix}{name} {i}", shape, robot.urdf.parent)


def _add_shape(spec: Any, body: Any, name: str, shape: Shape, folder: Path) -> None:
    kinds = library().mjtGeom
    geom = body.add_geom(name=name, priority=ROBOT_GEOM, friction=[1.0, 0.005, 0.0001], mass=0)
    geom.pos, geom.quat = shape.origin.xyz, wxyz(quaternion_from_rpy(*shape.origin.rpy))
    geom.solref, geom.solimp = _STIFF
    if shape.kind == "mesh":
        spec.add_mesh(name=name, file=str(folder / shape.mesh), scale=shape.scale)
        geom.type, geom.meshname = kinds.mjGEOM_MESH, name
    elif shape.kind == "box":
        geom.type, geom.size = kinds.mjGEOM_BOX, [extent / 2 for extent in shape.size]
    elif shape.kind == "sphere":
        geom.type, geom.size = kinds.mjGEOM_SPHERE, [shape.size[0], 0, 0]
    else:
        radius, length = shape.size
        geom.type = kinds.mjGEOM_CAPSULE if shape.kind == "capsule" else kinds.mjGEOM_CYLINDER
        geom.size = [radius, length / 2, 0]


def add_mjcf(spec: Any, robot: RobotSpec, tree: Tree, file: Path, prefix: str) -> None:
    """Add a robot as its MJCF has it; joints that the spec does not name are locked where they are at zero.

    ``prefix``: as of :func:`add_urdf`.

    Raises:
        InputError: MuJoCo cannot read the file, or it lacks a joint of the spec.
    """
    mj = library()
    try:
        child = mj.MjSpec.from_file(str(file))
    except ValueError as error:
        raise InputError(f"{file}: MuJoCo cannot read it: {error}") from error
    armature = {joint.name: joint.armature for joint in robot.joints}
    names = [joint.name for joint in child.joints]
    for name in tree.joints:
        if name not in names:
            raise InputError(f"{file}: no joint {name!r}, which the robot {robot.name!r} has")
    for kind in (child.keys, child.actuators, child.sensors, child.cameras, child.lights):
        for thing in list(kind):
            child.delete(thing)
    for joint in list(child.joints):
        if joint.name in armature:
            joint.armature = armature[joint.name]
            joint.damping *= 0.0  # a number, from MuJoCo 4 on an array
            joint.frictionloss *= 0.0
        elif joint.type != mj.mjtJoint.mjJNT_FREE:
            child.delete(joint)
    for geom in child.geoms:
        geom.priority, geom.condim = ROBOT_GEOM, 3
        geom.solref, geom.solimp = _STIFF
    root = child.worldbody.first_body()
    if not any(joint.type == mj.mjtJoint.mjJNT_FREE for joint in root.joints):
        root.add_freejoint()
    with unwarned():
        spec.attach(child, frame=spec.worldbody.add_frame(), prefix=prefix)


def add_senses(spec: Any, robot: RobotSpec, names: set[str], prefix: str) -> None:
    """Sensors of both feet: positions, velocities of their centres of mass, and what presses on them."""
    mj = library()
    feet = [prefix + foot for foot in robot.feet]
    for foot in feet:
        if foot not in names:
            raise InputError(f"robot {robot.name!r}, field feet: no link {foot!r} in its MuJoCo model")
        site = spec.body(foot).add_site(name=f"{foot} sole", size=[1.0, 0, 0])  # all of the link lies in it
        site.type = mj.mjtGeom.mjGEOM_SPHERE
    kinds, things = mj.mjtSensor, mj.mjtObj
    for kind, thing, suffix in (
        (kinds.mjSENS_FRAMEPOS, things.mjOBJ_XBODY, ""),
        (kinds.mjSENS_FRAMELINVEL, things.mjOBJ_BODY, ""),
        (kinds.mjSENS_TOUCH, things.mjOBJ_SITE, " sole"),
    ):
        for foot in feet:
            spec.add_sensor(name=f"{kind} {foot}", type=kind, objtype=thing, objname=foot + suffix)


def wxyz(quaternion: Sequence[float] | Array) -> list[float]:
    """MuJoCo's order of a quaternion (4,) xyzw."""
    x, y, z, w = (float(value) for value in quaternion)
    return [w, x, y, z]
