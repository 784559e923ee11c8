"""Track: what a judge can see of a recording, and the part of it that belongs to one step; its forward kinematics."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np

from simonsays.assets.notes import dataclass
from simonsays.envs.moves.steering import Point
from simonsays.sim.kinematics import turns
from simonsays.sim.recording import Recording
from simonsays.sim.robots import get_robot
from simonsays.sim.rotations import matrix_from_quaternion, quaternion_from_rpy, wrap_angle
from simonsays.sim.specs import PropSpec, SceneSpec, scene_from_dict
from simonsays.sim.specs.urdf import Joint, read_urdf
from simonsays.sim.state import Array

CYCLE = 1.0  # s, over which a speed is averaged: the gait's sway cancels


@dataclass(frozen=True, eq=False)
class Track:
    """A recording at T instants in the terms of the tests. World frame; left is 0, right is 1."""

    time: Array
    """(T,) s"""
    place: Array
    """(T, 2) m, of the base"""
    height: Array
    """(T,) m, of the base above the ground"""
    upright: Array
    """(T,) cosine of the base's tilt"""
    supine: Array
    """(T,) sine of how far the base's front looks up: 1 on its back, -1 on its front"""
    yaw: Array
    """(T,) rad, of the base, unwrapped"""
    torso_yaw: Array
    """(T,) rad, unwrapped"""
    hands: Array
    """(T, 2, 3) m"""
    shoulders: Array
    """(T, 2, 3) m"""
    feet: Array
    """(T, 2, 3) m"""
    contacts: Array
    """(T, 2) 1 where the foot presses on something"""
    props: Mapping[str, Array]
    """(T, 3) m, of each centre"""
    scene: SceneSpec
    standing: float
    """m, the base's height at the start of the recording"""

    def part(self, start: float, end: float) -> Track:
        """The instants from ``start`` to ``end`` (s); never empty, where the recording is not."""
        first = min(int(np.searchsorted(self.time, start - 1e-9)), len(self.time) - 1)
        chosen = slice(first, max(first + 1, int(np.searchsorted(self.time, end + 1e-9))))
        whole = ("props", "scene", "standing")
        arrays = {each.name: getattr(self, each.name)[chosen] for each in fields(self) if each.name not in whole}
        props = {name: places[chosen] for name, places in self.props.items()}
        return Track(**arrays, props=props, scene=self.scene, standing=self.standing)

    @property
    def seconds(self) -> float:
        """s, its length."""
        return float(self.time[-1] - self.time[0])

    @property
    def dt(self) -> float:
        """s, between two instants."""
        return self.seconds / max(1, len(self.time) - 1) or 0.02

    @property
    def moved(self) -> Point:
        """(forward, left) m, from first to last place, in the first heading."""
        return self.ahead(self.place[-1] - self.place[0])

    def ahead(self, vector: Array) -> Point:
        """A vector (2,) m, world, as (forward, left) in the first heading."""
        c, s = math.cos(self.yaw[0]), math.sin(self.yaw[0])
        return float(c * vector[0] + s * vector[1]), float(c * vector[1] - s * vector[0])

    def speed(self) -> Array:
        """(n,) m/s, of the base in the plane, averaged over a gait's cycle."""
        span = min(round(CYCLE / self.dt), len(self.time) - 1)
        if span < 1:
            return np.zeros(1)
        way = self.place[span:] - self.place[:-span]
        return np.hypot(way[:, 0], way[:, 1]) / (span * self.dt)

    def bearing_of(self, goal: Array, heading: Array) -> Array:
        """(T,) rad, -pi to pi: where ``goal`` (2,) or (T, 2) m is, seen from the base along ``heading`` (T,)."""
        away = goal - self.place
        return wrap_angle(np.arctan2(away[:, 1], away[:, 0]) - heading)

    def gap(self, prop: str) -> Array:
        """(T,) m, from the base to a prop's surface, seen from above; to the circle around what may turn."""
        spec, away = self.prop(prop), self.props[prop][:, :2] - self.place
        if spec.round or not spec.fixed:
            return np.asarray(np.hypot(away[:, 0], away[:, 1]) - spec.radius)
        c, s = math.cos(math.radians(spec.yaw_deg)), math.sin(math.radians(spec.yaw_deg))
        ahead, left = np.abs(c * away[:, 0] + s * away[:, 1]), np.abs(c * away[:, 1] - s * away[:, 0])
        wide, deep, _ = spec.extents
        return np.asarray(np.hypot(np.maximum(ahead - wide / 2, 0.0), np.maximum(left - deep / 2, 0.0)))

    def radius(self, prop: str) -> float:
        """m, of the circle around a prop's footprint."""
        return self.prop(prop).radius

    def prop(self, name: str) -> PropSpec:
        """A prop of the scene."""
        return next(spec for spec in self.scene.props if spec.name == name)

    def came_through(self, gate: str, places: Array) -> bool:
        """Whether places (T, 2) m, one after the other, lead through a prop between its posts."""
        spec, (x, y) = self.prop(gate), self.props[gate][0, :2].tolist()
        c, s = math.cos(math.radians(spec.yaw_deg)), math.sin(math.radians(spec.yaw_deg))
        away = places - [x, y]
        beyond, left = c * away[:, 0] + s * away[:, 1], c * away[:, 1] - s * away[:, 0]
        crossing = np.flatnonzero(np.diff(np.sign(beyond)))
        return bool((np.abs(left[crossing]) <= (spec.gate or 0.0) / 2 + 0.02).any())

    def extent(self, prop: str) -> float:
        """m, a prop's height."""
        return next(spec.extents[2] for spec in self.scene.props if spec.name == prop)


def track(recording: Recording) -> Track:
    """What is to be seen in a recording; hands, shoulders, feet and torso by forward kinematics."""
    spec, scene = get_robot(recording.meta["robot"]), scene_from_dict(recording.meta["scene"])
    base = Frames(recording.base_position, rotations(recording.base_orientation))
    links = (*spec.hands, *spec.shoulders, *spec.feet, spec.torso)
    frames = link_frames(spec.urdf, base, recording.joint_names.tolist(), recording.joint_positions, links)
    height = recording.base_position[:, 2] - scene.ground.gradient * recording.base_position[:, 0]
    return Track(
        time=recording.time,
        place=recording.base_position[:, :2],
        height=height,
        upright=base.rotation[:, 2, 2],
        supine=base.rotation[:, 2, 0],
        yaw=_heading(base),
        torso_yaw=_heading(frames[spec.torso]),
        hands=_places(frames, spec.hands),
        shoulders=_places(frames, spec.shoulders),
        feet=_places(frames, spec.feet),
        contacts=recording.foot_contacts.astype(np.float64),
        props={name: recording.prop_positions[:, i] for i, name in enumerate(recording.prop_names.tolist())},
        scene=scene,
        standing=float(height[0]),
    )


def _heading(frames: Frames) -> Array:
    return np.unwrap(np.arctan2(frames.rotation[:, 1, 0], frames.rotation[:, 0, 0]))


def _places(frames: Mapping[str, Frames], links: Sequence[str]) -> Array:
    return np.stack([frames[link].position for link in links], axis=1)


@dataclass(frozen=True, eq=False)
class Frames:
    """The frame of a link at T instants, world."""

    position: Array
    """(T, 3) m"""
    rotation: Array
    """(T, 3, 3)"""


def link_frames(
    urdf: Path, base: Frames, names: Sequence[str], angles: Array, links: Sequence[str]
) -> dict[str, Frames]:
    """Frames of links by name.

    Args:
        urdf: the robot's description. base: frame of its root link at T instants.
        names: (J,) joints. angles: (T, J) rad of them; a joint that is not among them stays at 0.
    """
    column = {name: angles[:, i] for i, name in enumerate(names)}
    joints, found = read_urdf(urdf).above, dict[str, Frames]()

    def frame(link: str) -> Frames:
        if link not in found:
            found[link] = _carried(joints[link], frame(joints[link].parent), column) if link in joints else base
        return found[link]

    return {link: frame(link) for link in links}


def _carried(joint: Joint, parent: Frames, angles: Mapping[str, Array]) -> Frames:
    position = parent.position + parent.rotation @ np.array(joint.origin.xyz)
    rotation = parent.rotation @ matrix_from_quaternion(quaternion_from_rpy(*joint.origin.rpy))
    if joint.kind in ("revolute", "continuous") and joint.name in angles:
        rotation = rotation @ turns(joint.axis, angles[joint.name])
    return Frames(position, rotation)


def rotations(quaternions: Array) -> Array:
    """(T, 3, 3) of quaternions (T, 4) xyzw."""
    return np.array([matrix_from_quaternion(quaternion.tolist()) for quaternion in quaternions]).reshape(-1, 3, 3)
