"""The spec of a robot drafted from its model: limbs, a pose with flat soles under the centre of mass, gains."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np

from simonsays.assets import InputError
from simonsays.assets.notes import dataclass
from simonsays.sim.checking.model import total_mass
from simonsays.sim.checking.standing import centre_of_mass, soles
from simonsays.sim.drafting.limbs import Limbs, find_limbs, stands
from simonsays.sim.drafting.model import Model
from simonsays.sim.drafting.posing import faces_back, standing_pose
from simonsays.sim.drafting.primitives import with_primitives
from simonsays.sim.engines.base import GRAVITY
from simonsays.sim.engines.rotors import with_rotors
from simonsays.sim.kinematics import Tree
from simonsays.sim.specs import PD_RATE_HZ, GaitSpec, JointSpec, RobotSpec
from simonsays.sim.state import Array

_REACHED = 1.0  # rad off its target, at which a joint's PD asks for all of its effort: near Unitree's own gains
_ROTOR = 1.4e-4
"""kg m^2 of reflected rotor inertia a N m of effort: of the four motors of the Unitree G1, 1.2 to 1.8e-4"""
_LIFT = 0.45  # rad: what both robots here walk with that have learned to
_STEADY = 0.65  # of what an explicit damper bears at the physics rate, of the motor's own inertia alone
_MOST = 0.55  # of weight times leg: a larger effort is not asked for
# Legs under an upright base fall over like two poles below a kp of hip and ankle together of half the weight times leg.
# The G1's have 0.7 of that product. Of its ankles kp is 0.2 of weight times the height of the centre of mass over them;
# what is weaker is at its effort before the pole leans by _SOON rad.
_LEAN, _SWAY, _SOON = 0.8, 0.2, 0.3
_AT_ANKLE = 0.2  # of the leg: joints that near are the ankle's
_CALM = 0.85  # of LARGEST_EIGENVALUE's 1.6: in Bullet, whose rotors are links' inertia, an iCub's has 1.7 times as much
_SAMPLES, _ROUNDS, _LESS = 60, 100, 0.15  # poses; steps, and share of each
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
    return Draft(*_spec(tree, limbs, name, model.armature), tuple(model.changed))


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


def _gains(tree: Tree, limbs: Limbs, pose: Array, told: dict[str, float]) -> Array:
    """(J, 3) kp, kd, armature of each joint, from its effort, cut at what the robot's own weight can ask for.

    Legs are stiff enough for that weight, and dampers weak enough for the physics rate. ``told``: armatures that the
    file tells.
    """
    poses, weight = tree.poses(pose[None]), total_mass(tree.urdf) * GRAVITY
    at, (_, ankle) = poses.position[0, tree.joint_links], _hip_and_ankle(tree, limbs, pose)
    length = leg_length(tree, limbs, pose)
    effort = np.minimum(tree.effort, _MOST * weight * length)
    armature = np.array([told.get(joint, guess) for joint, guess in zip(tree.joints, _ROTOR * effort, strict=True)])
    kp = effort / _REACHED
    legs = [tree.joints.index(name) for leg in limbs.legs for name in leg]
    high = [place for place in legs if at[place, 2] > ankle[2] + _AT_ANKLE * length]
    low = [place for place in legs if place not in high]
    kp[low] = np.maximum(kp[low], _SWAY * weight * float(centre_of_mass(tree, poses)[0, 2] - ankle[2]))
    pitch = tree.joints.index(limbs.roles["ankle_pitch"][0])
    kp[high] = np.maximum(kp[high], _LEAN * weight * length - min(kp[pitch], tree.effort[pitch] / _SOON))
    kd = np.minimum(2.0 * np.sqrt(kp * armature), _STEADY * armature * PD_RATE_HZ * 2.0)
    return np.stack([kp, _calm(tree, kd, armature), armature], axis=1)


def _calm(tree: Tree, kd: Array, armature: Array) -> Array:
    """(J,) kd, of the joints that would shake at the physics rate less (see damping_eigenvalues)."""
    inverse = np.linalg.inv(with_rotors(tree.mass_matrix(tree.poses(tree.sampled(_SAMPLES))), armature))[:, 6:, 6:]
    kd = kd.copy()
    for _ in range(_ROUNDS):
        root = np.sqrt(kd)
        values, vectors = np.linalg.eigh(root[:, None] * inverse * root / PD_RATE_HZ)
        worst = int(np.argmax(values[:, -1]))
        if values[worst, -1] <= _CALM:
            break
        share = vectors[worst, :, -1] ** 2
        kd *= 1.0 - _LESS * share / share.max()
    return kd


def _hip_and_ankle(tree: Tree, limbs: Limbs, pose: Array) -> tuple[Array, Array]:
    at, places = tree.poses(pose[None]).position[0], dict(zip(tree.joints, tree.joint_links, strict=True))
    hip, ankle = (at[places[limbs.roles[role][0]]] for role in ("hip_pitch", "ankle_pitch"))
    return hip, ankle


def leg_length(tree: Tree, limbs: Limbs, pose: Array) -> float:
    """m, from hip to ankle."""
    hip, ankle = _hip_and_ankle(tree, limbs, pose)
    return float(np.linalg.norm(hip - ankle))


def _short(figure: float) -> float:
    """To four digits."""
    return float(f"{figure:.4g}")


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
    gains = _gains(tree, limbs, pose, told).tolist()
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
        Guess("joints.kp", "guess", f"all of the effort at {_REACHED:g} rad off; of legs, what weight needs"),
        Guess("joints.armature", "guess", f"{_ROTOR:g} kg m^2 a N m of effort, as of geared motors of that size")
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
