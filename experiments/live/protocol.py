"""What goes over the socket: small binary poses, and JSON for everything else.

A pose is little-endian float32: session time s; real time factor; base x, y, z m and quaternion xyzw; J joint angles
rad in the order of the robot's spec; P times position and quaternion of a prop; goal x, y, radius m (NaN: none);
what is left to go: forward m, left m, angle rad (NaN: nothing).
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from simonsays.assets import InputError, did_you_mean
from simonsays.assets.reading import parse_table
from simonsays.experiments.live.hands import PUSHES, REACH
from simonsays.experiments.live.robot import LiveRobot

ACTIONS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "say": {"text": str, "now": bool, "id": int},
    "stop": {},
    "remove": {"job": int},
    "pause": {"on": bool},
    "reset": {},
    "push": {"direction": str},
    "scene": {"name": str},
    "speed": {"value": (int, float)},
    "record": {"on": bool},
    "rise": {"id": int},
    "again": {"job": int, "id": int},
    "perform": {"name": str, "id": int},
    "loop": {"on": bool},
    "come": {"x": (int, float), "y": (int, float), "id": int},
    "visit": {"thing": str, "id": int},
    "viewer": {"x": (int, float), "y": (int, float)},
    "put": {"thing": str, "x": (int, float), "y": (int, float)},
    "drive": {"forward": (int, float), "left": (int, float), "turn": (int, float)},
    "film": {"file": str, "as": str},
}
"""what a page may ask for, and the fields that it must give"""
_MOST = {"x": REACH, "y": REACH, "forward": 1.0, "left": 1.0, "turn": 1.0}
"""how large the number of a field may be, either way"""
SPEEDS = (0.25, 0.5, 1.0, 2.0)
MAX_MESSAGE = 256 * 1024  # bytes


def read_request(message: str) -> dict[str, Any]:
    """A request of a page, checked.

    Raises:
        InputError: it is no JSON object, asks for something unknown, or a field is missing or of another type.
    """
    data = parse_table(message, "the message")
    action = data.get("do")
    if not isinstance(action, str) or action not in ACTIONS:
        raise InputError(f"field 'do': {str(action)[:40]!r}{did_you_mean(str(action)[:40], ACTIONS)}")
    for name, kind in ACTIONS[action].items():
        value = data.get(name)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise InputError(f"{action!r}, field {name!r}: missing or of the wrong type")
        if isinstance(value, int | float) and name in _MOST and not -_MOST[name] <= value <= _MOST[name]:
            raise InputError(f"{action!r}, field {name!r}: out of range; {-_MOST[name]:g} to {_MOST[name]:g}")
    if action == "speed" and data["value"] not in SPEEDS:
        raise InputError(f"'speed', field 'value': one of {', '.join(map(str, SPEEDS))}")
    if action == "push" and data["direction"] not in (directions := (*PUSHES, "anywhere")):
        raise InputError(f"'push', field 'direction': {data['direction'][:40]!r}{did_you_mean('', directions)}")
    return data


def pose_message(session: LiveRobot, factor: float) -> bytes:
    """The robot and the props as they are now."""
    reading = session.env.reading
    positions, orientations = session.env.world.prop_poses()
    goal = session.goal or (np.nan,) * 3
    values = [session.time, factor, *reading.base_position, *reading.base_orientation, *reading.joint_positions]
    props = np.concatenate([positions, orientations], axis=1).ravel()
    return np.concatenate([values, props, goal, session.to_go]).astype("<f4").tobytes()


def as_text(kind: str, **data: Any) -> str:
    """A JSON message of a kind."""
    return json.dumps({"kind": kind, **data}, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
