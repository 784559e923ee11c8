"""What no robot's body may do in any recording, whatever it was told."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from simonsays.envs.moves.skill import Touching
from simonsays.sim.recording import Recording
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import RobotSpec
from simonsays.sim.specs.urdf import read_urdf
from simonsays.testing._holding import holds

SHAKES, STILL = 2.0, 0.1
"""a joint's mean speed is at most this factor times how fast its angle changes, plus this in rad/s: one that shakes
at the physics rate is fast and goes nowhere"""
AT_LIMIT, LANDING = 0.01, 2
"""share of physics steps in which a torque may be at its limit, and control steps, of a landing, beside them"""

TOUCHES = 20.0
"""N, from which on two links press on each other: an arm that lies against the body does so with less"""


def _links_of(spec: RobotSpec, parts: Iterable[Touching]) -> set[str]:
    """The links that the parts of a body are."""
    links = {"hands": spec.hands, "head": (spec.head,), "torso": (spec.torso,)}
    return {link for part in parts for link in links[part] if link}


def check_recording(recording: Recording, touching: Iterable[Touching] = ()) -> None:
    """No joint shakes, none is at the limit of its torque, and no links of the robot press on each other.

    ``touching``: parts of the body that may, as of a Skill.

    Raises:
        AssertionError: one does; it names the joint or the links.
    """
    spec, names = get_robot(recording.meta["robot"]), recording.joint_names.tolist()
    moves = np.abs(np.diff(recording.joint_positions, axis=0)).mean(axis=0) / np.diff(recording.time).mean()
    speed = np.abs(recording.joint_velocities).mean(axis=0)
    for name, fast, far in zip(names, speed, moves, strict=True):
        holds(fast <= SHAKES * far + STILL, f"{name} shakes: at {fast:.2f} rad/s its angle goes {far:.2f} rad/s far")
    if recording.torque_limit_share is not None:
        most = AT_LIMIT + LANDING / len(recording)
        for name, share in zip(names, recording.torque_limit_share.mean(axis=0), strict=True):
            holds(share < most, f"{name}: its torque is at the limit in {share:.1%} of the time")
    if recording.contact_pairs is None or recording.contact_forces is None:
        return
    links = {link.name for link in read_urdf(spec.urdf).links}
    hardest = np.linalg.norm(recording.contact_forces, axis=2).max(axis=0, initial=0.0)
    own = f"{recording.meta.get('robot_name')}/"  # of several robots, before a link's name
    for touched, force in zip(recording.contact_pairs.tolist(), hardest.tolist(), strict=True):
        pair = [name.removeprefix(own) for name in touched]
        meant = {*pair} <= _links_of(spec, touching)
        pressed = force > TOUCHES and {*pair} <= links
        holds(meant or not pressed, f"{pair[0]} and {pair[1]} press on each other with {force:.0f} N")
