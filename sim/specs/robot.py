"""Frozen descriptions of robots, checked against their URDFs."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from simonsays.assets import did_you_mean
from simonsays.assets.notes import dataclass
from simonsays.sim.specs.faults import model_faults
from simonsays.sim.specs.findings import RobotFault, fault
from simonsays.sim.specs.gait import GaitSpec
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
class BodySpec:
    """Joints above the legs by what they do. None: found by places and axes (envs/moves/gestures/roles.py), if any."""

    waist_yaw: str | None = None
    """turns the torso, and the arms with it, about the vertical"""
    waist_pitch: str | None = None
    """bends the torso forward"""
    neck_pitch: str | None = None
    """bends the head forward"""


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
    body: BodySpec = BodySpec()
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
        roles: dict[str, tuple[str, ...]] = {f"gait.{name}": pair for name, pair in self.gait.roles().items()}
        roles |= {f"body.{name}": (joint,) for name, joint in vars(self.body).items() if joint is not None}
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
