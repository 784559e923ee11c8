"""Recordings as transitions: the state that a robot measures and the joint targets that were sent, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simonsays.assets import InputError
from simonsays.assets.notes import dataclass
from simonsays.sim.recording import Recording

_BASE = {
    "base_position": ("x", "y", "z"),
    "base_orientation": ("x", "y", "z", "w"),
    "base_linear_velocity": ("x", "y", "z"),
    "base_angular_velocity": ("x", "y", "z"),
}
_SHORTEST = 1e-5  # s, of a control step
TARGETS, NEXT = "joint_targets", "next_joint_positions"


@dataclass(frozen=True, eq=False)
class Transitions:
    """T instants of a run; the last ``action`` has no state after it."""

    state: NDArray[np.float32]
    """(T, N) base pose and velocities in the world frame, joint positions and velocities, foot contacts"""
    action: NDArray[np.float32]
    """(T, J) rad"""
    action_kind: str
    """``joint_targets``, or ``next_joint_positions`` of a recording of format 1, which does not hold targets"""
    success: bool
    fps: int
    """control steps in a second"""
    meta: dict[str, Any]

    def __len__(self) -> int:
        return len(self.state)


def state_names(joints: Sequence[str]) -> list[str]:
    """What each number of a state is."""
    base = [f"{field}.{axis}" for field, axes in _BASE.items() for axis in axes]
    moving = [f"{name}.{what}" for what in ("position", "velocity") for name in joints]
    return [*base, *moving, "foot_contact.left", "foot_contact.right"]


def transitions(recording: Recording, where: str) -> Transitions:
    """A recording up to its last control step.

    Raises:
        InputError: it has fewer than two of them, or no steady rate.
    """
    parts = [getattr(recording, field) for field in _BASE]
    parts += [recording.joint_positions, recording.joint_velocities, recording.foot_contacts]
    state = np.concatenate(parts, axis=1).astype(np.float32)
    if recording.joint_targets is not None:
        sent = ~np.isnan(recording.joint_targets).any(axis=1)
        state, action, kind = state[sent], recording.joint_targets[sent], TARGETS
    else:
        state, action, kind = state[:-1], recording.joint_positions[1:], NEXT
    if len(state) < 2:
        raise InputError(f"{where}: {len(state)} control steps are too few for a data set")
    steps = np.diff(recording.time)
    rate = round(1 / max(float(np.median(steps)), _SHORTEST))
    if rate < 1 or not np.allclose(steps, 1 / rate, atol=1e-6):
        raise InputError(f"{where}: field 'time': its steps are not equal")
    success = recording.meta.get("verdict") == "success"
    return Transitions(state, action.astype(np.float32), kind, success, rate, recording.meta)


def load_all(files: Sequence[str]) -> tuple[list[str], list[Transitions]]:
    """Recordings that belong together: the joints' names and the transitions of each.

    Raises:
        InputError: none, an unreadable one, or two that differ in robot, joints, rate or kind of action.
    """
    if not files:
        raise InputError("no recording: name one or more .npz files, as `simon says TEXT --record X.npz` writes them")
    loaded = [Recording.load(file) for file in files]
    runs = [transitions(each, str(file)) for each, file in zip(loaded, files, strict=True)]
    said = [
        (run.meta.get("robot"), each.joint_names.tolist(), run.fps, run.action_kind)
        for run, each in zip(runs, loaded, strict=True)
    ]
    names = ("robot", "joint_names", "rate", "action")
    for (before, after), file in zip(pairwise(said), files[1:], strict=True):
        for name, one, other in zip(names, before, after, strict=True):
            if one != other:
                raise InputError(f"{file}: {name} is {other!r}, in the recording before it {one!r}")
    return said[0][1], runs
