"""Frozen descriptions of robots, checked against their URDFs."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from simonsays.assets import did_you_mean
from simonsays.assets.notes import dataclass
from simonsays.sim.specs.faults import model_faults
from simonsays.sim.specs.findings import RobotFault, fault
from simonsays.sim.specs.keyframes import Rising
from simonsays.sim.specs.urdf import Urdf, parse_urdf, survey

PD_RATE_HZ = 200
"""physics steps a second, at each of which the joints' controllers act"""


@dataclass(frozen=True)
class JointSpec:
    """Control figures of one actuated joint; its limits, axis and effort are read from the URDF."""

    name: str
    kp: float
    """N m/rad"""
    kd: float
    """N m s/rad"""
    armature: float
    """kg m^2, the motor's rotor inertia reflected through its gear"""
    default: float = 0.0
    """rad, in the standing pose"""


@dataclass(frozen=True)
class GaitSpec:
    """Figures of the reference gait (see envs/motions/gait.py): joints by role, each (left, right)."""

    hip_pitch: tuple[str, str]
    hip_roll: tuple[str, str]
    hip_yaw: tuple[str, str]
    knee: tuple[str, str]
    ankle_pitch: tuple[str, str]
    arm_swing: tuple[str, str]
    leg_length: float
    """m, hip to ankle, turns a stride into a hip angle"""
    hip_width: float
    """m, from the middle to a foot"""
    period: float
    """s for a left and a right step at ``walk_speed``"""
    idle_period: float
    """s, of steps in place, sideways and on the spot: short, to stop and to catch itself soon"""
    lift: float
    """rad, hip and ankle pitch of a swing leg; its knee bends by twice that"""
    ankle_roll: tuple[str, str] | None = None
    """None: its ankles turn about one axis alone, and its soles tilt as its legs sway"""
    acceleration: tuple[float, float, float] = (0.6, 0.5, 2.0)
    """m/s^2 ahead and aside, rad/s^2: how fast the command that is followed comes to be the one that is told"""
    still: float = 0.01
    """a command whose absolute values sum to no more than this means: stand still"""
    lead: float = 0.05
    """periods, of both feet down before the first swing: time to lean over the foot that stays"""
    walk_speed: float = 0.55
    """m/s, above which steps come quicker"""
    duty: float = 0.55
    """share of the period that a foot is down in the reference, up to ``walk_speed``; under the robot's weight both are
    down for longer"""
    brisk_duty: float = 0.5
    """``duty`` of the quickest walk"""
    overdrive: float = 0.9
    """length of the reference's strides over the way that they are for: feet that come down too far ahead brake"""
    push: float = 0.15
    """rad, ankle pitch with which a foot leaves the ground"""
    roll_over: float = 1.2
    """rad of plantar flexion a rad that a leg is behind: the weight goes on to the toes, as over a round foot"""
    heel: float = 1.0
    """rad of dorsiflexion a rad that a leg is ahead: it comes down on the heel"""
    wider: float = 0.03
    """m, by which each foot steps farther out than it stands: with a foot held 1 cm nearer instead, a G1 that is pushed
    sideways over the foot that is down falls three times as often (docs/training.md)"""
    catch_speed: float = 0.3
    """m/s, sideways over the foot that is down, beside what is told: from this on it catches itself"""
    catch: tuple[float, float] = (4.0, 1.5)
    """how many times as quick its steps then are, at up to ``walk_speed``: while the foot is up that has to be down
    first, and while the one is that steps out (docs/training.md)"""
    sway: float = 0.04
    """m to each side, of the base over the feet"""
    walks_below: float = 1.3
    """m/s, up to which it walks"""
    runs_above: float = 1.6
    """m/s, from which on it runs"""
    run_duty: float = 0.35
    """``duty`` of a run; below 0.5 both feet are up at times"""
    run_lift: float = 0.7
    """rad, ``lift`` of a run"""
    run_dip: float = 0.08
    """rad, as ``lift``, of a leg that carries a running robot"""
    run_push: float = 0.6
    """rad, ``push`` of a run"""
    lowest: float | None = None
    """m, the lowest height of the base that a crouch is trained for; None: it cannot crouch"""
    crouch_lean: float = 0.0
    """rad, forward pitch of the base at the lowest height: keeps the centre of mass over the feet"""
    crouch_shift: float = 0.0
    """m, how far the hip moves forward (negative: back) over the ankle at the lowest height"""
    crouch_leg: float = 0.6
    """m, thigh and shin together, for the angles of a crouch"""
    crouch_sag: float = 0.0
    """m, how far the base sinks under its weight at the lowest height, which the reference adds to what is wanted"""
    foot_lift: float = 0.08
    """m, height of a swinging foot that is rewarded"""
    sag: float = 0.001
    """m, by which the base is below the unloaded pose when it stands: on legs this straight, 3 mm bend the knees by
    another 5 degrees"""
    sole_height: float = 0.035
    """m, foot link's origin above the ground when standing"""

    def roles(self) -> dict[str, tuple[str, str]]:
        """The joints, left and right, of each role that the robot has, by the field's name."""
        told = {each.name: getattr(self, each.name) for each in fields(self) if "tuple[str" in str(each.type)}
        return {name: pair for name, pair in told.items() if pair is not None}


@dataclass(frozen=True)
class RobotSpec:
    """Everything that is known of a robot; one file in ``sim/robots`` each."""

    name: str
    title: str
    urdf: Path
    joints: tuple[JointSpec, ...]
    base_height: float
    """m, base above the ground in the standing pose"""
    base: str
    feet: tuple[str, str]
    hands: tuple[str, str]
    shoulders: tuple[str, str]
    head: str
    torso: str
    """the link that carries a payload"""
    leg_joints: tuple[str, ...]
    """the joints that a locomotion policy moves, left leg first"""
    gait: GaitSpec
    policies: tuple[tuple[str, str], ...] = ()
    """the motions that policies were trained for, each with the name of its bundle: ("gait", "g1-locomotion")"""
    mjcf: Path | None = None
    """the robot as MuJoCo has it, where the engine mujoco is to take that instead of the URDF"""
    rising: Rising | None = None
    """how it gets up from the ground; None: it stays where it falls"""

    @property
    def motions(self) -> dict[str, str]:
        """Bundle by motion."""
        return dict(self.policies)

    @property
    def standing_height(self) -> float:
        """m, base above the ground when a policy stands."""
        return self.base_height - self.gait.sag

    def parts(self) -> dict[str, str]:
        """Digests of what physics and actions mean, whatever else the spec tells: policies fit where they are equal."""
        root = parse_urdf(self.urdf)
        bodies = {link.get("name"): [child for child in link if child.tag != "visual"] for link in root.findall("link")}
        links = {name: list(map(_meant, body)) for name, body in bodies.items()}
        joints = {joint.get("name"): [joint.get("type"), *map(_meant, joint)] for joint in root.findall("joint")}
        pose = [float(self.base_height), {joint.name: float(joint.default) for joint in self.joints}]
        gains = {joint.name: [float(v) for v in (joint.kp, joint.kd, joint.armature)] for joint in self.joints}
        found = {"links": links, "joints": joints, "gains": gains, "pose": pose, "rate": PD_RATE_HZ}
        return {name: _digest(part, 8) for name, part in found.items()}

    def identity(self) -> dict[str, Any]:
        """The fields by which bundles and data know the robot: its name, :meth:`parts`, and a digest of them."""
        parts = self.parts()
        return {"robot": self.name, "robot_hash": _digest(parts, 16), "robot_parts": parts}

    def validate(self) -> None:
        """Check every name against the URDF, and the URDF for what cannot be simulated as it says.

        Raises:
            InputError: the first of :meth:`faults`; the message says what of which file, and a mend.
        """
        for each in self.faults():
            raise each

    def faults(self) -> list[RobotFault]:
        """All that it is refused for: the URDF is missing or malformed, a field of the spec names a joint, link or mesh
        that it does not have, or a joint has a type, limits or gains that cannot be."""
        urdf, faults = survey(self.urdf)
        if urdf is None:
            return list(faults)
        limits = {joint.name: (joint.lower, joint.upper) for joint in urdf.joints if joint.moves}
        rising = () if self.rising is None else self.rising.wrong(limits)
        wrong = [fault(f"robot {self.name!r}, rising, {where}", *said) for where, *said in rising]
        return [*model_faults(urdf), *self._joint_faults(urdf), *self._name_faults(urdf), *wrong]

    def _joint_faults(self, urdf: Urdf) -> Iterator[RobotFault]:
        joints = {joint.name: joint for joint in urdf.joints}
        for spec in self.joints:
            where, joint = f"joint {spec.name!r}", joints.get(spec.name)
            for name in ("kp", "kd", "armature", "default"):
                value = getattr(spec, name)
                if not -math.inf < value < math.inf or (value < 0 and name != "default"):
                    mend = "give it a number that is not negative" if name != "default" else "give it an angle in rad"
                    yield fault(f"{where}, field {name}", f"{value} is negative or not finite", mend).of(urdf.file)
            if joint is not None and joint.lower <= joint.upper and not joint.lower <= spec.default <= joint.upper:
                what = f"the standing angle {spec.default} is outside {joint.lower} to {joint.upper} rad"
                yield fault(where, what, "give the spec another default").of(urdf.file)

    def _name_faults(self, urdf: Urdf) -> Iterator[RobotFault]:
        moving, links = [joint.name for joint in urdf.joints if joint.moves], [link.name for link in urdf.links]
        joints, who = [joint.name for joint in self.joints], f"robot {self.name!r}, field"
        roles = {f"gait.{name}": pair for name, pair in self.gait.roles().items()}
        for field, names in {"joints": joints, "leg_joints": self.leg_joints, **roles}.items():
            for name in names:
                if name not in moving:
                    hint = did_you_mean(name, moving).removeprefix("; ")
                    yield fault(f"{who} {field}", f"no moving joint {name!r} in {self.urdf}", hint)
        for name in moving:
            if name not in joints:
                mend = "add a JointSpec, or make the joint fixed"
                yield fault(f"{who} joints", f"{self.urdf} has {name!r}, the spec has not", mend)
        for field in ("feet", "hands", "shoulders", "head", "torso", "base"):
            value = getattr(self, field)
            for name in (value,) if isinstance(value, str) else value:
                if name not in links:
                    hint = did_you_mean(name, links).removeprefix("; ")
                    yield fault(f"{who} {field}", f"no link {name!r} in {self.urdf}", hint)
        if self.base in links and self.base != urdf.root.name:
            what = f"{self.urdf} hangs on {urdf.root.name!r}, not on {self.base!r}"
            yield fault(f"{who} base", what, f"name {urdf.root.name!r}, or take it out of the URDF")


def _meant(element: ET.Element) -> Any:
    """An element of a URDF but for what it is called, its numbers as numbers."""
    said = {key: [_plain(word) for word in value.split()] for key, value in element.attrib.items() if key != "name"}
    return [element.tag, said, [_meant(child) for child in element]]


def _plain(word: str) -> float | str:
    try:
        return float(word)
    except ValueError:
        return word


def _digest(data: Any, digits: int) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:digits]
