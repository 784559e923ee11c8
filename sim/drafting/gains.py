"""Gains of a robot that is drafted: from its efforts, its weight, and what each engine bears at the physics rate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simonsays.assets import InputError
from simonsays.sim.checking.model import total_mass
from simonsays.sim.checking.standing import centre_of_mass
from simonsays.sim.drafting.limbs import Limbs
from simonsays.sim.engine_choice import installed
from simonsays.sim.engines.checks import LARGEST_EIGENVALUE, largest_eigenvalue
from simonsays.sim.engines.quantities import GRAVITY
from simonsays.sim.engines.rotors import with_rotors
from simonsays.sim.kinematics import Tree, mirror
from simonsays.sim.specs import PD_RATE_HZ, RobotSpec
from simonsays.sim.specs.gait import step_period
from simonsays.sim.state import Array

REACHED = 1.0  # rad off its target, at which a joint's PD asks for all of its effort: near Unitree's own gains
ROTOR = 1.4e-4
"""kg m^2 of reflected rotor inertia a N m of effort: of the four motors of the Unitree G1, 1.2 to 1.8e-4"""
_STEADY = 0.65  # of what an explicit damper bears at the physics rate, of the motor's own inertia alone
_MOST = 0.55  # of weight times leg: a larger effort is not asked for
# Legs under an upright base fall over like two poles below a kp of hip and ankle together of half the weight times leg.
# The G1's have 0.7 of that product. Of its ankles kp is 0.2 of weight times the height of the centre of mass over them;
# what is weaker is at its effort before the pole leans by _SOON rad.
_LEAN, _SWAY, _SOON = 0.8, 0.2, 0.3
_AT_ANKLE = 0.2  # of the leg: joints that near are the ankle's
_QUICK = 2.0  # of the steps' frequency: the least that a joint with its rotor, as a spring, must follow
_CALM = 1.2  # of LARGEST_EIGENVALUE's 1.6
_SAMPLES, _ROUNDS, _LESS, _BELOW = 60, 100, 0.15, 0.95  # poses; steps, and shares of each
_TRIES = 4  # in an engine, which takes seconds each for a robot with fingers; the check tells what is left


def gains(tree: Tree, limbs: Limbs, pose: Array, told: dict[str, float]) -> Array:
    """(J, 3) kp, kd, armature of each joint, from its effort, cut at what the robot's own weight can ask for.

    Legs are stiff enough for that weight, and dampers weak enough for the physics rate. ``told``: armatures that the
    file tells.
    """
    poses, weight = tree.poses(pose[None]), total_mass(tree.urdf) * GRAVITY
    at, (_, ankle) = poses.position[0, tree.joint_links], _hip_and_ankle(tree, limbs, pose)
    length = leg_length(tree, limbs, pose)
    effort = np.minimum(tree.effort, _MOST * weight * length)
    armature = np.array([told.get(joint, guess) for joint, guess in zip(tree.joints, ROTOR * effort, strict=True)])
    kp = effort / REACHED
    legs = [tree.joints.index(name) for leg in limbs.legs for name in leg]
    high = [place for place in legs if at[place, 2] > ankle[2] + _AT_ANKLE * length]
    low = [place for place in legs if place not in high]
    kp[low] = np.maximum(kp[low], _SWAY * weight * float(centre_of_mass(tree, poses)[0, 2] - ankle[2]))
    pitch = tree.joints.index(limbs.roles["ankle_pitch"][0])
    kp[high] = np.maximum(kp[high], _LEAN * weight * length - min(kp[pitch], tree.effort[pitch] / _SOON))
    kp = np.maximum(kp, armature * (2 * np.pi * _QUICK / step_period(length)) ** 2)
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


def calm_in_engines(spec: RobotSpec) -> RobotSpec:
    """With less kd where an engine that is installed, whose rotors may be others, would refuse it as shaking."""
    try:
        tree = Tree(spec)
        mates = {name: tree.joints[place] for name, place in zip(tree.joints, mirror(tree).place, strict=True)}
        for engine in installed():
            for _ in range(_TRIES):
                most, worst = largest_eigenvalue(spec, engine, 1 / PD_RATE_HZ)
                if most <= LARGEST_EIGENVALUE:
                    break
                share, pair = _BELOW * LARGEST_EIGENVALUE / most, (worst, mates[worst])
                alike = {(each.kd, each.armature) for each in spec.joints if each.name in pair}  # as fingers are
                near = spec.leg_joints if worst in spec.leg_joints else {*tree.joints} - {*spec.leg_joints}
                same = [j.name for j in spec.joints if (j.kd, j.armature) in alike and j.name in near]
                joints = [replace(j, kd=short(share * j.kd)) if j.name in same else j for j in spec.joints]
                spec = replace(spec, joints=tuple(joints))
    except InputError:
        pass  # no engine takes it, or a joint has no mirror image: the check tells of it
    return spec


def _hip_and_ankle(tree: Tree, limbs: Limbs, pose: Array) -> tuple[Array, Array]:
    at, places = tree.poses(pose[None]).position[0], dict(zip(tree.joints, tree.joint_links, strict=True))
    hip, ankle = (at[places[limbs.roles[role][0]]] for role in ("hip_pitch", "ankle_pitch"))
    return hip, ankle


def leg_length(tree: Tree, limbs: Limbs, pose: Array) -> float:
    """m, from hip to ankle."""
    hip, ankle = _hip_and_ankle(tree, limbs, pose)
    return float(np.linalg.norm(hip - ankle))


def short(figure: float) -> float:
    """To four digits."""
    return float(f"{figure:.4g}")
