"""Frozen descriptions of robots, checked against their URDFs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from xml.etree import ElementTree as ET

from simonsays.assets import InputError, did_you_mean
from simonsays.sim.specs.urdf import parse_urdf


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

    period: float
    """s for a left and a right step"""
    lift: float
    """rad, hip and ankle pitch of a swing leg; its knee bends by twice that"""
    leg_length: float
    """m, hip to sole, turns a stride into a hip angle"""
    hip_pitch: tuple[str, str]
    hip_roll: tuple[str, str]
    hip_yaw: tuple[str, str]
    knee: tuple[str, str]
    ankle_pitch: tuple[str, str]
    arm_swing: tuple[str, str]
    fast_period: float = 0.62
    """s, at ``fast_speed`` and above; the period shrinks from half that speed on"""
    fast_speed: float = 1.2
    """m/s"""
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
    foot_lift: float = 0.09
    """m, height of a swinging foot that is rewarded"""
    sole_height: float = 0.035
    """m, foot link's origin above the ground when standing"""


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

    @property
    def motions(self) -> dict[str, str]:
        """Bundle by motion."""
        return dict(self.policies)

    @property
    def standing_height(self) -> float:
        """m, base above the ground when a policy stands: 10 mm below the unloaded pose."""
        return self.base_height - 0.01

    def hash(self) -> str:
        """Digest of all that the physics depends on: the spec and the URDF without its visual shapes."""
        root = parse_urdf(self.urdf)
        for link in root.findall("link"):
            for visual in link.findall("visual"):
                link.remove(visual)
        for material in root.findall("material"):
            root.remove(material)
        for element in root.iter():
            element.text = element.tail = None
        spec = {key: value for key, value in asdict(self).items() if key not in ("urdf", "title", "policies")}
        text = ET.tostring(root, encoding="unicode") + json.dumps(spec, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def validate(self) -> None:
        """Check every name against the URDF.

        Raises:
            InputError: the URDF is missing or malformed, or a field of the spec names a joint, link or mesh
                that it does not have.
        """
        root = parse_urdf(self.urdf)
        moving = [j.get("name", "") for j in root.findall("joint") if j.get("type") != "fixed"]
        links = [link.get("name", "") for link in root.findall("link")]
        joints = [joint.name for joint in self.joints]
        gait_roles = {f.name: getattr(self.gait, f.name) for f in fields(self.gait)}
        for where, names in {
            "joints": joints,
            "leg_joints": self.leg_joints,
            **{f"gait.{role}": names for role, names in gait_roles.items() if isinstance(names, tuple)},
        }.items():
            for name in names:
                if name not in moving:
                    raise InputError(
                        f"robot {self.name!r}, field {where}: no moving joint {name!r} in {self.urdf}"
                        + did_you_mean(name, moving)
                    )
        for name in moving:
            if name not in joints:
                raise InputError(f"robot {self.name!r}, field joints: {self.urdf} has {name!r}, the spec has not")
        for where in ("feet", "hands", "shoulders", "head", "torso", "base"):
            value = getattr(self, where)
            for name in (value,) if isinstance(value, str) else value:
                if name not in links:
                    raise InputError(
                        f"robot {self.name!r}, field {where}: no link {name!r} in {self.urdf}"
                        + did_you_mean(name, links)
                    )
        for mesh in root.iter("mesh"):
            file = self.urdf.parent / mesh.get("filename", "")
            if not file.is_file():
                raise InputError(f"{self.urdf}: mesh file {file} does not exist")
