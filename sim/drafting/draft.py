"""The spec of a robot drafted from its model: limbs, a pose with flat soles under the centre of mass, gains."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np

from simonsays.assets.notes import dataclass
from simonsays.sim.checking.model import total_mass
from simonsays.sim.checking.standing import soles
from simonsays.sim.drafting.limbs import Limbs, find_limbs
from simonsays.sim.drafting.model import Model
from simonsays.sim.drafting.posing import faces_back, standing_pose
from simonsays.sim.drafting.primitives import with_primitives
from simonsays.sim.engines.base import GRAVITY
from simonsays.sim.kinematics import Tree
from simonsays.sim.specs import PD_RATE_HZ, GaitSpec, JointSpec, RobotSpec
from simonsays.sim.state import Array

_REACHED = 1.0  # rad off its target, at which a joint's PD asks for all of its effort: near Unitree's own gains
_ROTOR = 1.4e-4
"""kg m^2 of reflected rotor inertia a N m of effort: of the four motors of the Unitree G1, 1.2 to 1.8e-4"""
_LIFT = 0.45  # rad: what both robots here walk with that have learned to
_STEADY = 0.65  # of what an explicit damper bears at the physics rate, of the motor's own inertia alone


@dataclass(frozen=True)
class Guess:
    """How sure a field of a draft is."""

    field: str
    sure: str
    """sure: the model says so. likely: by places and axes. guess: to be tried"""
    why: str


@dataclass(frozen=True)
class Draft:
    """A spec, how sure its fields are, and what was changed in the URDF."""

    spec: RobotSpec
    guesses: tuple[Guess, ...]
    changed: tuple[str, ...]


def draft(file: Path, folder: Path | None = None, name: str | None = None) -> Draft:
    """Draft the spec of a URDF or an MJCF; what has to be changed is written into ``folder`` (by default beside it).

    Raises:
        InputError: it cannot be read or mended, or legs and arms are not found in it; the message says what is missing.
    """
    folder, name = folder or file.parent, name or file.stem
    model = Model(file, folder, name)
    try:
        model.read()
        limbs = _oriented(model, file)
        model.changed += with_primitives(model.root, model.tree, limbs, standing_pose(model.tree, limbs)[0])
        tree = model.close()
    except BaseException:
        model.discard()
        raise
    return Draft(*_spec(tree, limbs, name, model.armature), tuple(model.changed))


def _oriented(model: Model, file: Path) -> Limbs:
    """Turn a model so that it looks along x, and its joints as the reference gait takes them; its limbs."""
    limbs = find_limbs(model.tree, file)
    if faces_back(model.tree, limbs):
        turned = _about_face(model.root, model.tree.links[0])
        model.changed.append(f"{turned!r}, the root, was turned by half a turn: x points ahead")
        limbs = find_limbs(model.write(), file)
    joints = _turned_round(model.root, model.tree, limbs)
    if joints:
        model.changed += [f"joint {joint!r}: its axis was turned round, and its limits with it" for joint in joints]
        model.write()
    return limbs


def _about_face(root: ET.Element, base: str) -> str:
    """Turn the root's frame, and all that is placed in it, by half a turn about z; its name."""
    holders = [each for link in root.findall("link") if link.get("name") == base for each in link]
    for joint in root.findall("joint"):
        parent = joint.find("parent")
        holders += [joint] if parent is not None and parent.get("link") == base else []
    for holder in holders:
        if holder.tag not in ("inertial", "visual", "collision", "joint"):
            continue
        origin = holder.find("origin")
        origin = ET.SubElement(holder, "origin") if origin is None else origin
        x, y, z = (float(word) for word in origin.get("xyz", "0 0 0").split())
        roll, pitch, yaw = (float(word) for word in origin.get("rpy", "0 0 0").split())
        origin.set("xyz", f"{-x:.9g} {-y:.9g} {z:.9g}")
        origin.set("rpy", f"{roll:.9g} {pitch:.9g} {math.remainder(yaw + math.pi, 2 * math.pi):.9g}")
    return base


def _turned_round(root: ET.Element, tree: Tree, limbs: Limbs) -> list[str]:
    """Turn round joints of roles whose axis points the other way than the reference gait takes it."""
    axes, turned = tree.axes(tree.poses(np.clip(0.0, tree.lower, tree.upper)[None]))[0], []
    elements = {joint.get("name"): joint for joint in root.findall("joint")}
    for name in dict.fromkeys(name for pair in limbs.roles.values() for name in pair):
        axis = axes[tree.joints.index(name)]
        if axis[np.argmax(np.abs(axis))] > 0:
            continue
        joint = elements[name]
        along, limit = joint.find("axis"), joint.find("limit")
        if along is None:
            along = ET.SubElement(joint, "axis", xyz="1 0 0")
        along.set("xyz", " ".join(f"{-float(word):g}" for word in along.get("xyz", "1 0 0").split()))
        assert limit is not None
        lower, upper = float(limit.get("lower", "0")), float(limit.get("upper", "0"))
        limit.attrib.update(lower=f"{-upper:.9g}", upper=f"{-lower:.9g}")
        turned.append(name)
    return turned


def _gains(tree: Tree, told: dict[str, float]) -> Array:
    """(J, 3) kp, kd, armature of each joint, from its effort, cut at what the robot's own weight can ask for.

    ``told``: armatures that the file tells.
    """
    most = 0.7 * total_mass(tree.urdf) * GRAVITY * 0.5
    effort = np.minimum(tree.effort, most)
    armature = np.array([told.get(joint, guess) for joint, guess in zip(tree.joints, _ROTOR * effort, strict=True)])
    kp = effort / _REACHED
    kd = np.minimum(2.0 * np.sqrt(kp * armature), _STEADY * armature * PD_RATE_HZ * 2.0)
    return np.stack([kp, kd, armature], axis=1)


def _short(figure: float) -> float:
    """To four digits."""
    return float(f"{figure:.4g}")


def _spec(tree: Tree, limbs: Limbs, name: str, told: dict[str, float]) -> tuple[RobotSpec, tuple[Guess, ...]]:
    pose, why = standing_pose(tree, limbs)
    ground = soles(tree, limbs.feet, pose)
    at = tree.poses(pose[None]).position[0]
    places = dict(zip(tree.joints, tree.joint_links, strict=True))
    hip, ankle = (at[places[limbs.roles[role][0]]] for role in ("hip_pitch", "ankle_pitch"))
    length = float(np.linalg.norm(hip - ankle))
    roles: dict[str, Any] = dict(limbs.roles)
    gait = GaitSpec(
        **roles,
        leg_length=round(length, 4),
        hip_width=round(float(at[tree.place[limbs.feet[0]], 1]), 4),
        lift=_LIFT,
        sole_height=round(ground.sole_height, 4),
    )
    gains = _gains(tree, told).tolist()
    joints = tuple(
        JointSpec(joint, _short(kp), _short(kd), _short(armature), round(float(angle), 4))
        for joint, (kp, kd, armature), angle in zip(tree.joints, gains, pose.tolist(), strict=True)
    )
    spec = RobotSpec(
        name=name,
        title=name,
        urdf=tree.urdf.file,
        joints=joints,
        base_height=round(ground.base_height, 4),
        base=tree.links[0],
        feet=limbs.feet,
        hands=limbs.hands,
        shoulders=limbs.shoulders,
        head=limbs.head,
        torso=limbs.torso,
        leg_joints=(*limbs.legs[0], *limbs.legs[1]),
        gait=gait,
    )
    rotors = [joint for joint in tree.joints if joint not in told]
    return spec, (*_guesses(limbs, rotors), Guess("joints.default", "likely", why))


def _guesses(limbs: Limbs, rotors: list[str]) -> list[Guess]:
    """``rotors``: joints whose armature no file tells."""
    head = (
        "the highest end that is no limb" if limbs.head != limbs.torso else "nothing is above the torso: it stands for"
    )
    return [
        Guess("joints", "sure", "all that move in the URDF"),
        Guess("joints.kp", "guess", f"all of the effort at {_REACHED:g} rad off the target"),
        Guess("joints.armature", "guess", f"{_ROTOR:g} kg m^2 a N m of effort, as of geared motors of that size")
        if rotors
        else Guess("joints.armature", "sure", "the model's"),
        Guess("joints.kd", "guess", "critical damping of the motor's own inertia"),
        Guess("base", "sure", "the root"),
        Guess("leg_joints", "likely", "the pair of mirrored limbs whose ends are lowest"),
        Guess("feet", "likely", "what touches at the legs' ends"),
        Guess("hands, shoulders, torso", "likely", "the longest other pair, down to where fingers begin"),
        Guess("head", "guess" if limbs.head == limbs.torso else "likely", head),
        Guess("gait, roles", "likely", "by the order of axes: first, second, third about y are hip, knee, ankle"),
        Guess("gait.leg_length, gait.hip_width", "sure", "measured in the standing pose"),
        Guess("base_height, gait.sole_height", "sure", "measured from the soles' shapes"),
        Guess("gait, s, m and m/s", "guess", "at the Froude numbers of a humanoid that walks, by the leg's length"),
        Guess("gait.lift", "guess", "as for any walker"),
        Guess("policies", "sure", "none are trained yet"),
    ]
