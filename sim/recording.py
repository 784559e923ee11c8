"""Recordings: trajectories as files, written whole and read back without pickle."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from simonsays.assets import InputError, did_you_mean, is_file
from simonsays.assets.files import check_writable, write_atomically
from simonsays.assets.notes import documented
from simonsays.assets.reading import parse_table
from simonsays.sim.arrays import open_arrays
from simonsays.sim.trajectory import Trajectory

FORMAT = 4
"""``meta["format"]`` of what is written: version 2 of recordings; 1 to 3 are version 1"""
_SHARES = ("torque_limit_share", "velocity_reversals")
SHAPES = {
    "T": ("time", "step_index", "motion"),
    "T2": ("foot_contacts",),
    "T3": ("base_position", "base_linear_velocity", "base_angular_velocity", "to_go"),
    "T4": ("base_orientation",),
    "J": ("joint_names",),
    "TJ": ("joint_positions", "joint_velocities", "joint_torques", "joint_targets", *_SHARES),
    "TN": ("policy_observations",),
    "TL": ("policy_actions",),
    "P": ("prop_names",),
    "TP3": ("prop_positions",),
    "TP4": ("prop_orientations",),
    "K2": ("contact_pairs",),
    "TK3": ("contact_forces",),
}
"""fields by their shape: T instants, J joints, P props, K pairs"""
_KINDS = {"str_": "U", "bool_": "b", "int64": "iu"}  # of a dtype, by what a field's type says; others are real numbers
_MOST = 1e9  # nothing that is recorded can be larger
_TURNS = ("base_orientation", "prop_orientations")
_TEXTS = ("robot", "robot_name", "policy", "scene_name", "instruction")
_TABLES = ("robots", "policies", "envs", "scene", "env")
_MEANT = {**dict.fromkeys(_TEXTS, str), **dict.fromkeys(_TABLES, dict), "steps": list}
_MAY_BE_NAN = ("joint_targets", "policy_observations", "policy_actions", "to_go")
_WHOLE = ("meta", "others")
_SHARED = ("time", "prop_names", "prop_positions", "prop_orientations", "contact_pairs", "contact_forces")


@documented
class Recording(Trajectory):
    """A trajectory that can be saved, loaded, and looked at in a notebook."""

    def _repr_html_(self) -> str:
        """What a notebook shows: the run, replayed in three dimensions."""
        from simonsays.sim.web.replay import notebook_html

        return notebook_html(self)

    def save(self, file: str | Path) -> Path:
        """Write an ``.npz``, whole or not at all; that of several robots as :func:`save_together` does.

        Raises:
            InputError: the file does not end in .npz, or its folder does not exist.
        """
        if self.others:
            return save_together(file, {str(each.meta["robot_name"]): each for each in (self, *self.others)})
        return _write(file, {name: getattr(self, name) for names in SHAPES.values() for name in names}, self.meta)

    @classmethod
    def load(cls, file: str | Path, robot: str | None = None) -> Recording:
        """Read an ``.npz``; nothing in it is ever unpickled. ``robot``: whose, where the file holds several robots.

        Raises:
            InputError: the file is missing or damaged, lacks a field or has an impossible one, or was written by a
                later version; the message names the file and the field.
        """
        source = Path(file)
        if not (is_file(source) or source.exists()):
            raise InputError(f"no such recording: {source}")
        with open_arrays(source) as data:
            prefix = _prefix(list(data), robot, source)
            keys = {field.name: f"{prefix}{field.name}" for field in fields(cls) if field.name != "others"}
            keys = {name: key if key in data else name for name, key in keys.items()}
            arrays: dict[str, Any] = {name: data[key] for name, key in keys.items() if key in data}
        for field in fields(cls):
            if field.default is MISSING and field.name not in arrays:
                raise InputError(f"{source}: field {field.name!r} is missing")
        meta = _meta(str(arrays.pop("meta")), source)
        if prefix:
            name = prefix[:-1]
            own = {one: meta[all_].get(name) for one, all_ in _OWN.items() if isinstance(meta.get(all_), Mapping)}
            meta |= {"robot": name, "robot_name": name} | {
                one: value for one, value in own.items() if value is not None
            }
            _check_meta(meta, source)
        _check(arrays, source)
        return cls(**arrays, meta=meta)

    @classmethod
    def load_all(cls, file: str | Path) -> Recording:
        """As :meth:`load`; where the file holds several robots, the first one with the ``others``.

        Raises:
            InputError: as of :meth:`load`.
        """
        source, names = Path(file), list[str]()
        if is_file(source):
            with open_arrays(source) as data:
                names = _robots(list(data))
        if len(names) < 2:
            return cls.load(source)
        first, *others = (cls.load(source, name) for name in names)
        return replace(first, others=tuple(others))


_OWN = {"robot": "robots", "policy": "policies", "env": "envs"}
"""of a recording's meta what is each robot's own, and where a file of several robots has it, by their names"""


def save_together(file: str | Path, recordings: Mapping[str, Recording]) -> Path:
    """Write one ``.npz`` of several robots in one world: what is each one's has the robot's name before a slash.

    ``Recording.load(file, robot=NAME)`` reads one of them.

    Raises:
        InputError: a name has a slash, what they share (time, props, contacts) differs, or as of ``save``.
    """
    first = next(iter(recordings.values()))
    arrays: dict[str, Any] = {name: getattr(first, name) for name in _SHARED}
    for robot, recording in recordings.items():
        if "/" in robot or not robot:
            raise InputError(f"robot {robot!r}: a name without a slash is needed")
        for name, array in vars(recording).items():
            if name not in (*_SHARED, *_WHOLE):
                arrays[f"{robot}/{name}"] = array
            elif name in _SHARED and not np.array_equal(array, arrays[name]):
                raise InputError(f"robot {robot!r}: its {name!r} differs from the first one's: not one world")
    told = {
        all_: {robot: recording.meta.get(one) for robot, recording in recordings.items()}
        for one, all_ in _OWN.items()
        if one == "robot" or one in first.meta
    }
    return _write(file, arrays, {**first.meta, **told})


def _write(file: str | Path, arrays: Mapping[str, Any], meta: Mapping[str, Any]) -> Path:
    target = Path(file)
    check_writable(target, (".npz",))
    text, buffer = json.dumps(meta, ensure_ascii=False, allow_nan=False), io.BytesIO()
    np.savez_compressed(buffer, **{k: array for k, array in arrays.items() if array is not None}, meta=np.array(text))
    write_atomically(target, buffer.getvalue())
    return target


def _robots(names: list[str]) -> list[str]:
    """The robots whose arrays have these names; none where there is one that has no name."""
    owners = (name.partition("/")[0] for name in names if "/" in name)
    return [] if "base_position" in names else list(dict.fromkeys(owners))


def _prefix(names: list[str], robot: str | None, source: Path) -> str:
    """What stands before the names of a robot's arrays."""
    robots = _robots(names)
    if robot is None and len(robots) < 2:
        robot = robots[0] if robots else ""
    if robot is None or robot not in (robots or [""]):
        held = f"the robots {', '.join(robots)}: say which" if robots else "one robot, without a name"
        raise InputError(f"{source}: it holds {held}{did_you_mean(robot, robots) if robot and robots else ''}")
    return robot and f"{robot}/"


def _meta(text: str, source: Path) -> dict[str, Any]:
    meta = parse_table(text, f"{source}: field 'meta'")
    _check_meta(meta, source)
    version = meta.get("format")
    if isinstance(version, int) and version > FORMAT:
        raise InputError(f"{source}: format {version} is newer than {FORMAT}, the newest known here: update simonsays")
    return meta


def _check_meta(meta: Mapping[str, Any], source: Path) -> None:
    """Raises InputError for a table or a text that is none."""
    for key, kind in _MEANT.items():
        if not isinstance(meta.get(key), kind | None):
            raise InputError(f"{source}: field 'meta': {key}: needs a {kind.__name__}, not {str(meta[key])[:40]!r}")


def _plain(array: Any, kind: str) -> Any:
    """Numbers as this machine calculates with them, real ones as floats."""
    if kind.startswith("Array") and array.dtype not in (np.float32, np.float64):
        return array.astype(np.float64)
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _check(arrays: dict[str, Any], source: Path) -> None:
    """Raises InputError for a field of another shape or kind, or with a number that cannot be."""
    sizes: dict[str, int] = {}
    types = {field.name: str(field.type) for field in fields(Recording)}
    for shape, names in SHAPES.items():
        for name in (name for name in names if name in arrays):
            array, where = arrays[name], f"{source}: field {name!r}"
            wanted = [int(size) if size.isdigit() else sizes.get(size) for size in shape]
            if len(shape) != array.ndim or any(a not in (None, b) for a, b in zip(wanted, array.shape, strict=True)):
                known = ", ".join(f"{size} = {number}" for size, number in sizes.items() if size in shape)
                raise InputError(f"{where} has shape {array.shape}, needs ({', '.join(shape)}){known and '; '}{known}")
            sizes |= {size: number for size, number in zip(shape, array.shape, strict=True) if not size.isdigit()}
            if array.dtype.kind not in next((kind for key, kind in _KINDS.items() if key in types[name]), "fiu"):
                raise InputError(f"{where} has {array.dtype}, needs {types[name].removesuffix(' | None')}")
            arrays[name] = array = _plain(array, types[name])
            if array.dtype.kind == "f":
                good = (array >= -_MOST) & (array <= _MOST) | (np.isnan(array) if name in _MAY_BE_NAN else False)
                if name in _TURNS:  # quaternions, of length 1
                    good &= np.abs(np.square(array).sum(axis=-1, keepdims=True) - 1.0) < 0.1
                if not good.all():
                    entry = int(np.argwhere(~good)[0, 0])
                    raise InputError(f"{where} is not finite, or cannot be, from entry {entry} on")
    if (np.diff(arrays["time"]) < 0).any():
        raise InputError(f"{source}: field 'time' goes back")
