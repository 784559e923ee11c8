"""The spec of a robot drafted from its model: limbs, a pose with flat soles under the centre of mass, gains."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np

from simonsays.assets import InputError
from simonsays.assets.notes import dataclass
from simonsays.sim.checking.standing import soles
from simonsays.sim.drafting.gains import REACHED, ROTOR, calm_in_engines, gains, leg_length, short
from simonsays.sim.drafting.limbs import Limbs, find_limbs, stands
from simonsays.sim.drafting.model import Model
from simonsays.sim.drafting.posing import faces_back, standing_pose
from simonsays.sim.drafting.primitives import with_primitives
from simonsays.sim.kinematics import Tree
from simonsays.sim.specs import GaitSpec, JointSpec, RobotSpec

_LIFT = 0.45  # rad: what both robots here walk with that have learned to
_TURNS = {
    "y pointed up, x ahead": np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]]),
    "y pointed ahead, z up": np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]),
    "y pointed up, z ahead": np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),
}
"""ways of models that do not look along x with z up, and what turns them (3, 3)"""


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
        _shoe(model, limbs)
        model.changed += with_primitives(model.root, model.tree, limbs, standing_pose(model.tree, limbs)[0])
        tree = model.close()
    except InputError as error:
        model.discard()
        fixed = [each for each in model.changed if "moves nothing that has a mass" in each]
        if fixed:  # a leg of links without masses has no joints any more
            raise InputError(f"{error}; before that, {len(fixed)} changes like: {fixed[0]}") from error
        raise
    except BaseException:
        model.discard()
        raise
    spec, guesses = _spec(tree, limbs, name, model.armature)
    return Draft(calm_in_engines(spec), guesses, tuple(model.changed))


def _oriented(model: Model, file: Path) -> Limbs:
    """Turn a model so that z points up and x ahead, and its joints as the reference gait takes them; its limbs."""
    tree = model.tree
    if not stands(tree):
        for way, rotation in _TURNS.items():
            if stands(model.turned(rotation)):
                model.changed.append(f"{tree.links[0]!r}, the root, was turned: {way}")
                break
            model.turned(rotation.T)
    limbs = find_limbs(model.tree, file)
    if faces_back(model.tree, limbs):
        limbs = find_limbs(model.turned(np.diag([-1.0, -1.0, 1.0])), file)
        model.changed.append(f"{tree.links[0]!r}, the root, was turned by half a turn: x points ahead")
    joints = _turned_round(model.root, model.tree, limbs)
    if joints:
        model.changed += [f"joint {joint!r}: its axis was turned round, and its limits with it" for joint in joints]
        model.write()
    return limbs


def _shoe(model: Model, limbs: Limbs) -> None:
    """Have feet that touch nothing touch with what they look like."""
    for link in model.root.findall("link"):
        looks, name = link.findall("visual"), link.get("name")
        if name not in limbs.feet or link.find("collision") is not None or not looks:
            continue
        for visual in looks:
            parts = [copy.deepcopy(part) for part in visual if part.tag in ("origin", "geometry")]
            ET.SubElement(link, "collision").extend(parts)
        model.changed.append(f"link {name!r}, a foot that touches nothing: it touches with what it looks like")
    model.write()


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


def _spec(tree: Tree, limbs: Limbs, name: str, told: dict[str, float]) -> tuple[RobotSpec, tuple[Guess, ...]]:
    pose, why = standing_pose(tree, limbs)
    ground = soles(tree, limbs.feet, pose)
    at = tree.poses(pose[None]).position[0]
    roles: dict[str, Any] = dict(limbs.roles)
    gait = GaitSpec(
        **roles,
        leg_length=round(leg_length(tree, limbs, pose), 4),
        hip_width=round(float(at[tree.place[limbs.feet[0]], 1]), 4),
        lift=_LIFT,
        sole_height=round(ground.sole_height, 4),
    )
    figures = gains(tree, limbs, pose, told).tolist()
    joints = tuple(
        JointSpec(joint, short(kp), short(kd), short(armature), round(float(angle), 4))
        for joint, (kp, kd, armature), angle in zip(tree.joints, figures, pose.tolist(), strict=True)
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
        Guess("joints.kp", "guess", f"all of the effort at {REACHED:g} rad off; of legs, what weight needs"),
        Guess("joints.armature", "guess", f"{ROTOR:g} kg m^2 a N m of effort, as of geared motors of that size")
        if rotors
        else Guess("joints.armature", "sure", "the model's"),
        Guess("joints.kd", "guess", "critical damping of the motor's own inertia, less where links would shake"),
        Guess("base", "sure", "the root"),
        Guess("leg_joints", "likely", "the pair of mirrored limbs whose ends are lowest"),
        Guess("feet", "likely", "what touches at the legs' ends"),
        Guess("hands, shoulders, torso", "likely", "the longest other pair, down to where fingers begin")
        if limbs.arms[0]
        else Guess("hands, shoulders, torso", "likely", "no other pair of limbs: it has no arms, the root stands for"),
        Guess("head", "guess" if limbs.head == limbs.torso else "likely", head),
        Guess("gait, roles", "likely", "by the order of axes: first, second, third about y are hip, knee, ankle"),
        Guess("gait.leg_length, gait.hip_width", "sure", "measured in the standing pose"),
        Guess("base_height, gait.sole_height", "sure", "measured from the soles' shapes"),
        Guess("gait, s, m and m/s", "guess", "at the Froude numbers of a humanoid that walks, by the leg's length"),
        Guess("gait.lift", "guess", "as for any walker"),
        Guess("policies", "sure", "none are trained yet"),
    ]
