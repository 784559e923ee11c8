"""Recording: what happened in a run, as arrays; written while it runs, read back without pickle."""

from __future__ import annotations

import io
import json
import math
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simonsays.assets import InputError
from simonsays.assets.files import check_writable, write_atomically
from simonsays.sim.state import Array, Reading


@dataclass(frozen=True, eq=False)
class Recording:
    """A run at T instants of a robot with J joints among P props. World frame; quaternions are xyzw.

    Four of the last fields came with format 2 (``meta["format"]``), ``to_go`` with format 3; they are None in a
    recording of an older one.
    """

    time: Array
    """(T,) s since the run began"""
    base_position: Array
    """(T, 3) m"""
    base_orientation: Array
    """(T, 4)"""
    base_linear_velocity: Array
    """(T, 3) m/s"""
    base_angular_velocity: Array
    """(T, 3) rad/s"""
    joint_names: NDArray[np.str_]
    """(J,)"""
    joint_positions: Array
    """(T, J) rad"""
    joint_velocities: Array
    """(T, J) rad/s"""
    joint_torques: Array
    """(T, J) N m"""
    foot_contacts: NDArray[np.bool_]
    """(T, 2) left, right"""
    prop_names: NDArray[np.str_]
    """(P,)"""
    prop_positions: Array
    """(T, P, 3) m"""
    prop_orientations: Array
    """(T, P, 4)"""
    step_index: NDArray[np.int64]
    """(T,) which step of the plan ran"""
    meta: dict[str, Any]
    """robot, scene, instruction, seed, versions, verdicts; see experiments/say.py"""
    joint_targets: Array | None = None
    """(T, J) rad, what the PD controllers followed from this instant on; NaN where the robot had fallen"""
    motion: NDArray[np.str_] | None = None
    """(T,) the motion whose policy acted; empty where none did"""
    policy_observations: NDArray[np.float32] | None = None
    """(T, N) what it saw; NaN where none acted"""
    policy_actions: NDArray[np.float32] | None = None
    """(T, L) what it did; NaN where none acted"""
    to_go: Array | None = None
    """(T, 3) forward m, left m, angle rad in the robot's heading frame: what is left of the step; NaN: nothing is"""

    def __len__(self) -> int:
        return len(self.time)

    def _repr_html_(self) -> str:
        """What a notebook shows: the run, replayed in three dimensions."""
        from simonsays.sim.web.notebook import notebook_html

        return notebook_html(self)

    def save(self, file: str | Path) -> Path:
        """Write an ``.npz``, whole or not at all.

        Raises:
            InputError: the file does not end in .npz, or its folder does not exist.
        """
        target = Path(file)
        check_writable(target, (".npz",))
        arrays = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "meta"}
        arrays = {name: array for name, array in arrays.items() if array is not None}
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **arrays, meta=np.array(json.dumps(self.meta, ensure_ascii=False)))
        write_atomically(target, buffer.getvalue())
        return target

    @classmethod
    def load(cls, file: str | Path) -> Recording:
        """Read an ``.npz``; nothing in it is ever unpickled.

        Raises:
            InputError: the file is missing, damaged, or lacks a field; the message names both.
        """
        source = Path(file)
        if not source.is_file():
            raise InputError(f"no such recording: {source}")
        try:
            with zipfile.ZipFile(source):  # np.load would also take a lone array
                pass
            with np.load(source, allow_pickle=False) as data:
                arrays = {name: data[name] for name in data.files}
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
            raise InputError(f"{source}: not a readable recording: {error}") from error
        for field in fields(cls):
            if field.default is MISSING and field.name not in arrays:
                raise InputError(f"{source}: field {field.name!r} is missing")
        steps = len(np.atleast_1d(arrays["time"]))
        for name, array in arrays.items():
            if name not in ("joint_names", "prop_names", "meta") and (array.ndim == 0 or len(array) != steps):
                raise InputError(f"{source}: field {name!r} has shape {array.shape}, time has {steps} entries")
        try:
            meta = json.loads(str(arrays.pop("meta")))
        except ValueError as error:
            raise InputError(f"{source}: field 'meta' is not JSON: {error}") from error
        known = {field.name for field in fields(cls)}
        return cls(**{name: array for name, array in arrays.items() if name in known}, meta=meta)


class Act(NamedTuple):
    """What was done at an instant."""

    motion: str
    """whose policy acted"""
    observation: NDArray[np.float32]
    """(N,) what it saw"""
    action: NDArray[np.float32]
    """(L,)"""
    joint_targets: Sequence[float]
    """(J,) rad, what the PD controllers then followed"""
    to_go: tuple[float, float, float] = (math.nan, math.nan, math.nan)
    """forward m, left m, angle rad: what was left of the step"""


class RecordingWriter:
    """Collects states while a simulation runs."""

    def __init__(self, joint_names: Sequence[str], prop_names: Sequence[str]) -> None:
        self._joints, self._props = list(joint_names), list(prop_names)
        self._states: list[Reading] = []
        self._positions: list[Array] = []
        self._orientations: list[Array] = []
        self._steps: list[int] = []
        self._acts: list[Act] = []

    def append(self, state: Reading, prop_positions: Array, prop_orientations: Array, step_index: int) -> None:
        """One instant: props (P, 3) m and (P, 4) xyzw, world."""
        self._states.append(state)
        self._positions.append(prop_positions)
        self._orientations.append(prop_orientations)
        self._steps.append(step_index)

    def act(self, act: Act) -> None:
        """What was done at the instant that was appended last; to be told of all instants or of none.

        Raises:
            ValueError: it was not told of every instant before.
        """
        if len(self._acts) != len(self._states) - 1:
            raise ValueError(f"{len(self._states)} instants, but {len(self._acts)} acts before this one")
        self._acts.append(act)

    def _acted(self) -> dict[str, Any]:
        """The fields of formats 2 and 3; instants at the end without an act are NaN and empty."""
        if not self._acts:
            return {}
        missing = len(self._states) - len(self._acts)

        def padded(name: str, dtype: Any) -> Any:
            values = np.array([getattr(act, name) for act in self._acts], dtype=dtype)
            return np.concatenate([values, np.full((missing, *values.shape[1:]), np.nan, dtype=dtype)])

        return {
            "joint_targets": padded("joint_targets", np.float64),
            "motion": np.array([*(act.motion for act in self._acts), *[""] * missing], dtype=np.str_),
            "policy_observations": padded("observation", np.float32),
            "policy_actions": padded("action", np.float32),
            "to_go": padded("to_go", np.float64),
        }

    def finish(self, meta: dict[str, Any]) -> Recording:
        """All that was collected."""
        count, props = len(self._states), len(self._props)

        def column(name: str) -> Any:
            return np.array([getattr(state, name) for state in self._states])

        return Recording(
            time=column("time"),
            base_position=column("base_position"),
            base_orientation=column("base_orientation"),
            base_linear_velocity=column("base_linear_velocity"),
            base_angular_velocity=column("base_angular_velocity"),
            joint_names=np.array(self._joints, dtype=np.str_),
            joint_positions=column("joint_positions"),
            joint_velocities=column("joint_velocities"),
            joint_torques=column("joint_torques"),
            foot_contacts=column("foot_contacts"),
            prop_names=np.array(self._props, dtype=np.str_),
            prop_positions=np.array(self._positions, dtype=np.float64).reshape(count, props, 3),
            prop_orientations=np.array(self._orientations, dtype=np.float64).reshape(count, props, 4),
            step_index=np.array(self._steps, dtype=np.int64),
            meta=meta,
            **self._acted(),
        )
