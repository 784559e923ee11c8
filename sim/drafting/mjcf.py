"""An MJCF as a URDF: MuJoCo compiles it, and what it has compiled is written, joint by joint, as it is at ``qpos0``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import numpy as np

from simonsays.assets import InputError
from simonsays.assets.notes import dataclass, documented
from simonsays.sim.drafting.mjcf_geoms import Geoms
from simonsays.sim.engines.mujoco_model import library, unwarned
from simonsays.sim.engines.quantities import GRAVITY
from simonsays.sim.rotations import rpy_from_matrix
from simonsays.sim.specs.urdf import numbers
from simonsays.sim.state import Array

_REACH, _ARM = 0.3, 1.5  # m: how far out joints of which no effort is told hold the robot, and what hangs on them
_LOW = 0.1  # m, above the lowest body: what belongs to a foot
_BETWEEN, _BALL = 2e-4, 0.02  # share of the robot's mass, and radius (m) of links between the joints of one body
_SHOWN = 4


@documented
class Frame(NamedTuple):
    """Where a link is at ``qpos0``, in the world."""

    link: str
    position: Array
    """(3,) m"""
    rotation: Array
    """(3, 3)"""


@dataclass(frozen=True)
class Converted:
    """An MJCF as a URDF."""

    root: ET.Element
    """``<robot>``"""
    armature: dict[str, float]
    """kg m^2 by joint, of those that have one"""
    changed: tuple[str, ...]
    """what it was written as, what was left out, and what was guessed"""


@dataclass(frozen=True)
class _Writer:
    model: Any
    data: Any
    root: ET.Element
    base: int
    geoms: Geoms
    armature: dict[str, float] = field(default_factory=dict)
    guessed: list[str] = field(default_factory=list)
    several: list[str] = field(default_factory=list)


def compiled(file: Path) -> tuple[Any, Any]:
    """MuJoCo's model of a file, and its data at ``qpos0``, with all that is placed in the world.

    Raises:
        InputError: MuJoCo is not installed, or cannot read the file.
    """
    mj = library()
    try:
        with unwarned():
            model = mj.MjModel.from_xml_path(str(file))
        model.names.decode()
    except ValueError as error:  # names that are no UTF-8, too
        raise InputError(f"{file}: MuJoCo cannot read it: {str(error).strip()}") from error
    data = mj.MjData(model)
    mj.mj_kinematics(model, data)
    return model, data


def converted(file: Path, folder: Path, name: str) -> Converted:
    """Write an MJCF as a URDF, whose meshes are written into ``folder``, those to look at thinned.

    A link's frame is where the joint is that moves it; several joints of one body get links of a few grams between
    them. The heaviest body of the world is the robot, and floats.

    Raises:
        InputError: MuJoCo is not installed, or cannot read the file; or nothing in it has a mass.
    """
    model, data = compiled(file)
    tops = [body for body in range(1, model.nbody) if model.body_parentid[body] == 0]
    base = max(tops, key=lambda body: float(model.body_subtreemass[body]), default=0)
    if not model.body_subtreemass[base] > 0 or base == 0:
        raise InputError(f"{file}: no body of it has a mass")
    root = ET.Element("robot", name=name)
    writer = _Writer(model, data, root, base, Geoms(model, folder, name))
    frames: dict[int, Frame] = {}
    for body in range(base, model.nbody):
        if model.body_rootid[body] == base:
            frames[body] = _add_body(writer, body, frames)
    return Converted(root, writer.armature, tuple(_told(writer, file, tops)))


def body_name(model: Any, body: int) -> str:
    """Of a body, or by its number."""
    return str(model.body(body).name) or f"body{body}"


def joint_name(model: Any, joint: int) -> str:
    """Of a joint, or by its number."""
    return str(model.joint(joint).name) or f"joint{joint}"


def _joints(writer: _Writer, body: int) -> list[int]:
    first, count = int(writer.model.body_jntadr[body]), int(writer.model.body_jntnum[body])
    return [*range(first, first + count)] if body != writer.base else []


def _add_body(writer: _Writer, body: int, frames: dict[int, Frame]) -> Frame:
    """The links and joints of a body; its own frame."""
    model, data, name = writer.model, writer.data, body_name(writer.model, body)
    joints = _joints(writer, body)
    turned = np.eye(3) if body == writer.base else data.xmat[body].reshape(3, 3)
    before = frames.get(int(model.body_parentid[body]))
    mass, spare = float(model.body_mass[body]), 0.0
    if len(joints) > 1 and mass > 0:
        spare = min(_BETWEEN * float(model.body_subtreemass[writer.base]), 0.1 * mass / len(joints))
        writer.several.append(name)
    for joint in joints[:-1]:
        here = Frame(f"{name}_{joint_name(model, joint)}", data.xanchor[joint].copy(), turned)
        link = ET.SubElement(writer.root, "link", name=here.link)
        if spare:
            _add_inertial(link, spare, np.zeros(3), 0.4 * spare * _BALL**2 * np.eye(3))
        _add_joint(writer, joint, before, here)
        before = here
    place = data.xanchor[joints[-1]] if joints else data.xpos[body]
    here = Frame(name, np.array(place), turned)
    link = ET.SubElement(writer.root, "link", name=name)
    left = mass - spare * max(len(joints) - 1, 0)
    if mass > 0:
        taken = sum((spare * (data.xanchor[joint] - data.xipos[body]) for joint in joints[:-1]), np.zeros(3))
        middle = data.xipos[body] - taken / left  # so that all of the body together has its own centre
        axes = turned.T @ data.ximat[body].reshape(3, 3)
        tensor = axes @ np.diag(model.body_inertia[body]) @ axes.T * (left / mass)
        _add_inertial(link, left, turned.T @ (middle - here.position), tensor)
    writer.geoms.add(link, data, body, here.position, turned)
    if before is not None:
        _add_joint(writer, joints[-1] if joints else None, before, here)
    return here


def _add_inertial(link: ET.Element, mass: float, centre: Array, tensor: Array) -> None:
    inertial = ET.SubElement(link, "inertial")
    ET.SubElement(inertial, "origin", xyz=numbers(centre), rpy="0 0 0")
    ET.SubElement(inertial, "mass", value=numbers([mass]))
    places = {"ixx": (0, 0), "ixy": (0, 1), "ixz": (0, 2), "iyy": (1, 1), "iyz": (1, 2), "izz": (2, 2)}
    ET.SubElement(inertial, "inertia", {key: numbers([tensor[place]]) for key, place in places.items()})


def _add_joint(writer: _Writer, joint: int | None, parent: Frame | None, child: Frame) -> None:
    """A joint, or what holds a body that has none."""
    assert parent is not None
    model, kinds = writer.model, library().mjtJoint
    name = f"{child.link}_fixed" if joint is None else joint_name(model, joint)
    element = ET.SubElement(writer.root, "joint", name=name, type="fixed")
    ET.SubElement(element, "parent", link=parent.link)
    ET.SubElement(element, "child", link=child.link)
    offset = parent.rotation.T @ (child.position - parent.position)
    rpy = rpy_from_matrix(parent.rotation.T @ child.rotation)
    ET.SubElement(element, "origin", xyz=numbers(offset), rpy=numbers(rpy))
    if joint is None:
        return
    named = {int(kinds.mjJNT_HINGE): "continuous", int(kinds.mjJNT_SLIDE): "prismatic"}
    kind = named.get(int(model.jnt_type[joint]), "spherical")
    ET.SubElement(element, "axis", xyz=numbers(child.rotation.T @ writer.data.xaxis[joint]))
    limit = dict[str, str]()
    if model.jnt_limited[joint]:
        kind = "revolute" if kind == "continuous" else kind
        low, high = model.jnt_range[joint] - model.qpos0[model.jnt_qposadr[joint]]
        limit = {"lower": numbers([low]), "upper": numbers([high])}
    element.set("type", kind)
    effort = effort_of(model, joint)
    if effort is None:
        effort = _guess(writer, int(model.jnt_bodyid[joint]))
        writer.guessed.append(name)
    ET.SubElement(element, "limit", {**limit, "effort": numbers([effort])})
    if model.dof_armature[model.jnt_dofadr[joint]] > 0:
        writer.armature[name] = float(model.dof_armature[model.jnt_dofadr[joint]])


def _guess(writer: _Writer, body: int) -> float:
    """N m, of a joint of a body: of a leg what holds the robot 0.3 m out, else, if less, what it carries 1.5 m out."""
    model, heights = writer.model, writer.data.xpos[:, 2]
    own = np.flatnonzero(model.body_rootid == writer.base)
    low = {int(each) for each in own if heights[each] < heights[own].min() + _LOW}
    whole = _REACH * float(model.body_subtreemass[writer.base])
    while low:
        if body in low:
            return GRAVITY * whole
        low = {int(model.body_parentid[each]) for each in low} - {0}
    return GRAVITY * min(whole, _ARM * float(model.body_subtreemass[body]))


def effort_of(model: Any, joint: int) -> float | None:
    """N m, the largest torque of a joint: ``actuatorfrcrange``, or of its actuator ``forcerange`` or ``ctrlrange`` of a
    motor, times the gear; the least of them. None: nothing tells it."""
    kinds, found = library(), list[float]()
    if model.jnt_actfrclimited[joint]:
        found.append(float(np.abs(model.jnt_actfrcrange[joint]).max()))
    of_joint = (int(kinds.mjtTrn.mjTRN_JOINT), int(kinds.mjtTrn.mjTRN_JOINTINPARENT))
    for motor in range(model.nu):
        if model.actuator_trntype[motor] not in of_joint or model.actuator_trnid[motor, 0] != joint:
            continue
        gear = abs(float(model.actuator_gear[motor, 0]))
        if model.actuator_forcelimited[motor]:
            found.append(gear * float(np.abs(model.actuator_forcerange[motor]).max()))
        plain = model.actuator_biastype[motor] == int(kinds.mjtBias.mjBIAS_NONE)
        if plain and model.actuator_ctrllimited[motor]:
            gain = abs(float(model.actuator_gainprm[motor, 0]))
            found.append(gear * gain * float(np.abs(model.actuator_ctrlrange[motor]).max()))
    return min((each for each in found if each > 0), default=None)


def _told(writer: _Writer, file: Path, tops: list[int]) -> Iterator[str]:
    """What was made of it."""
    model = writer.model
    yield f"written as a URDF from what MuJoCo compiles of {file.name!r}"
    if writer.several:
        share = _BETWEEN * float(model.body_subtreemass[writer.base])
        listed = _some(writer.several)
        yield f"several joints on one body, {listed}: links of up to {share * 1e3:.1f} g between them, of its mass"
    if writer.guessed:
        count, listed = len(writer.guessed), _some(writer.guessed)
        yield f"no effort is told of {count} joints, {listed}: guessed by what they are to hold"
    others = [body_name(model, body) for body in tops if body != writer.base]
    own, free = np.flatnonzero(model.jnt_bodyid == writer.base), int(library().mjtJoint.mjJNT_FREE)
    if free not in model.jnt_type[own]:
        held = [joint_name(model, int(joint)) for joint in own]
        on = f", without its {_some(held)}" if held else ""
        yield f"its base was held in the world: it floats here{on}"
    left = {
        "bodies of the world": others,
        "constraints (<equality>)": [str(model.eq(i).name) or f"number {i}" for i in range(model.neq)],
        "tendons": [str(model.tendon(i).name) or f"number {i}" for i in range(model.ntendon)],
        "geoms of a kind that is not simulated": writer.geoms.left_out,
    }
    yield from (f"left out, {what}: {_some(names)}" for what, names in left.items() if names)
    stiff = [joint_name(model, j) for j in range(model.njnt) if model.jnt_stiffness[j]]
    damped = [joint_name(model, int(model.dof_jntid[d])) for d in range(model.nv) if model.dof_damping[d]]
    rubbing = [joint_name(model, int(model.dof_jntid[d])) for d in range(model.nv) if model.dof_frictionloss[d]]
    for what, names in (("springs", stiff), ("damping", damped), ("dry friction", rubbing)):
        if names:
            yield f"left out, {what} of joints: {_some(dict.fromkeys(names))}"


def _some(names: Any) -> str:
    """Some names, and how many more there are."""
    listed = list(names)
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return ", ".join(map(repr, listed[:_SHOWN])) + more
