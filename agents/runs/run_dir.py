"""A run's folder and its checkpoints: safetensors and JSON, written whole or not at all (docs/runs.md)."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock, Timeout
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from simonsays.assets import InputError
from simonsays.assets.files import fresh_folder, litter, write_json
from simonsays.assets.notes import dataclass
from simonsays.assets.reading import read_table

Weights = dict[str, torch.Tensor]

_PATIENCE = 3.0  # s

FORMAT = 2
"""of checkpoints. Format 1 had neither hashes nor all of the random state: it can be exported, but not resumed."""


@dataclass
class TrainingState:
    """Where a training stands, apart from its tensors."""

    steps: int = 0
    """env steps so far"""
    stage: int = 0
    stage_started: int = 0
    """steps when the stage began"""
    iterations: int = 0
    assistance: float = 0.0
    learning_rate: float = 0.0
    updates: int = 0
    """gradient epochs so far, as stable-baselines3 counts them"""
    wall_clock: float = 0.0
    """s"""
    saved: int = 0
    """steps at the newest checkpoint that was due"""
    synchronised: int = 0
    """steps when all envs were last made anew"""
    logged: int = 0
    """steps of the last line of the log"""

    def enter(self, stage: Any) -> None:
        """Take a recipe's stage's first assistance and learning rate."""
        self.assistance, self.learning_rate = (1.0 if stage.assisted else 0.0), stage.learning_rate

    @classmethod
    def at(cls, stage: Any) -> TrainingState:
        """Of a training that begins with a stage."""
        state = cls()
        state.enter(stage)
        return state


@contextmanager
def only_one(folder: Path, what: str) -> Iterator[None]:
    """Keep a second process that does the same out of a folder, which is made; the lock ends with the process, however
    that ends. Of a folder that nothing came into nothing stays.

    Raises:
        InputError: another one is at work there, or the folder cannot be made.
    """
    file = folder / ".lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.touch()
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror}") from error
    lock = FileLock(file, timeout=_PATIENCE)  # patient, as perhaps one was killed just now
    try:
        lock.acquire()
    except Timeout as error:
        raise InputError(f"{folder}: another {what} is at work in it") from error
    except (OSError, NotImplementedError):
        pass  # a file system without locks
    try:
        yield
    finally:
        lock.release()
        if list(folder.iterdir()) == [file]:
            file.unlink()
            folder.rmdir()


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _own_hash(said: dict[str, Any]) -> str:
    rest = {key: value for key, value in said.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def save_checkpoint(
    run: Path, state: TrainingState, said: dict[str, Any], files: dict[str, Weights], keep: int | None = None
) -> Path:
    """Write ``checkpoints/step_N``; a crash in the middle leaves the older ones untouched, a full disk no litter.

    Args:
        said: what state.json has beside ``state``; files: tensors by the name of the safetensors file.
        keep: only the newest so many checkpoints; all of them by default.

    Raises:
        InputError: it cannot be written.
    """
    folder = run / "checkpoints" / f"step_{state.steps:09d}"
    try:
        with fresh_folder(folder) as scratch:
            manifest = {}
            for name, tensors in files.items():
                file = scratch / f"{name}.safetensors"
                save_file({key: tensor.detach().contiguous().clone() for key, tensor in tensors.items()}, file)
                manifest[file.name] = {"bytes": file.stat().st_size, "sha256": _sha256(file)}
            whole = {"format": FORMAT, **asdict(state), **said, "files": manifest}
            write_json(scratch / "state.json", {**whole, "sha256": _own_hash(json.loads(json.dumps(whole)))})
            if folder.exists():  # of a run that went on from an older checkpoint before
                set_aside(folder)
    except (OSError, SafetensorError) as error:
        older = checkpoints(run)
        left = f"; the newest is {older[-1].name}" if older else ""
        raise InputError(f"{folder}: cannot be written: {error}. Older checkpoints are untouched{left}") from error
    for old in checkpoints(run)[:-keep] if keep else ():
        shutil.rmtree(old, ignore_errors=True)
    return folder


def checkpoints(run: Path) -> list[Path]:
    """The checkpoints of a run, oldest first; a folder that somebody else put there is none."""
    found = [each for each in (run / "checkpoints").glob("step_*") if _steps(each) is not None]
    return sorted(found, key=lambda each: _steps(each) or 0)


def _steps(folder: Path) -> int | None:
    """Of a checkpoint's name; not by its letters: beyond a milliard of steps names have a digit more."""
    named = re.fullmatch(r"step_([0-9]+)", folder.name)
    return int(named[1]) if named else None


def new_run(name: str) -> Path:
    """A folder for a run that begins now, ``runs/NAME-DATE-TIME``, with a number more where that is taken."""
    base = Path("runs") / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"
    names = (base.with_name(f"{base.name}-{number}") if number > 1 else base for number in count(1))
    return next(each for each in names if not os.path.lexists(each))


def newest_checkpoint(run: Path) -> Path:
    """The newest checkpoint of a run.

    Raises:
        InputError: the run has none.
    """
    folders = checkpoints(run)
    if not folders:
        raise InputError(f"{run}: no checkpoint in it (a run folder has checkpoints/step_*)")
    return folders[-1]


def set_aside(folder: Path) -> None:
    """Move a checkpoint out of the way, into ``checkpoints/set_aside``."""
    place = folder.parent / "set_aside"
    place.mkdir(exist_ok=True)
    places = (place / f"{folder.name}.{number}" for number in count(1))
    os.replace(folder, next(each for each in places if not each.exists()))


def clear_litter(run: Path) -> None:
    """Remove what a killed training left half-written."""
    for scratch in (*(run / "checkpoints").glob(".writing-*"), *litter(run / "checkpoints")):
        shutil.rmtree(scratch, ignore_errors=True)
    for file in (*litter(run), *litter(run / "logs")):
        file.unlink(missing_ok=True)


def read_state(folder: Path) -> dict[str, Any]:
    """A checkpoint's state.json, checked by its own hash.

    Raises:
        InputError: it is missing or damaged, or of an unknown format.
    """
    file = folder / "state.json"
    try:
        said = read_table(file)
    except InputError as error:
        raise InputError(f"{error}{_way_out(folder)}") from error
    files = said.get("files", {})
    if not isinstance(files, dict) or not all(isinstance(entry, dict) for entry in files.values()):
        raise InputError(f"{file}: files: a table of tables is expected{_way_out(folder)}")
    if said.get("format", 1) not in (1, FORMAT):
        raise InputError(f"{file}: format {said['format']}: this version of simonsays reads up to {FORMAT}")
    if said.get("format", 1) == FORMAT and said.get("sha256") != _own_hash(said):
        raise InputError(f"{file}: was changed or damaged: its sha256 does not fit{_way_out(folder)}")
    return said


def read_tensors(folder: Path, name: str) -> Weights:
    """The tensors of a checkpoint's file ``name``.safetensors, checked by size and hash; none if it has no such file.

    Raises:
        InputError: it is missing, truncated or changed.
    """
    said, file = read_state(folder), folder / f"{name}.safetensors"
    entry = said.get("files", {}).get(file.name)
    if entry is None and said.get("format", 1) == FORMAT:
        return {}
    try:
        if not file.is_file():
            raise ValueError("no file")
        if entry is not None and file.stat().st_size != entry["bytes"]:
            raise ValueError(f"truncated: {file.stat().st_size} bytes of {entry['bytes']}")
        if entry is not None and _sha256(file) != entry["sha256"]:
            raise ValueError("changed or damaged: its sha256 does not fit")
        return load_file(file)
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise InputError(f"{file}: cannot be read: {error}{_way_out(folder)}") from error


def _way_out(folder: Path) -> str:
    """Which older checkpoint one could go on from."""
    older = [each for each in checkpoints(folder.parent.parent) if (_steps(each) or 0) < (_steps(folder) or 0)]
    return f"\nAn older one is there: --checkpoint {older[-1].name}" if older else ""


def load_checkpoint(folder: Path) -> tuple[TrainingState, Weights]:
    """Where the training stood and the tensors of weights.safetensors: network, optimisers, normaliser, random state.

    Raises:
        InputError: a file is missing or damaged.
    """
    said = read_state(folder)
    kinds = {name: type(value) for name, value in asdict(TrainingState()).items()}
    for key, kind in kinds.items():
        value = said.get(key, 0)
        if isinstance(value, bool) or not isinstance(value, kind | int) or value < 0:
            raise InputError(
                f"{folder / 'state.json'}: {key}: needs a {kind.__name__} from 0 on, not {str(value)[:40]!r}"
            )
    return TrainingState(**{key: said[key] for key in kinds if key in said}), read_tensors(folder, "weights")


def load_weights(policy: torch.nn.Module, tensors: Weights, where: Any) -> None:
    """Put a checkpoint's weights into a policy.

    Raises:
        InputError: they are those of another network.
    """
    weights = {name.removeprefix("policy."): value for name, value in tensors.items() if name.startswith("policy.")}
    try:
        policy.load_state_dict(weights)
    except RuntimeError as error:
        raise InputError(f"{where}: made for another network: {error}") from error


def optimizer_tensors(name: str, optimizer: torch.optim.Optimizer) -> Weights:
    """An optimiser's state as ``NAME.PARAMETER.SLOT``."""
    return {
        f"{name}.{i}.{slot}": torch.as_tensor(value)
        for i, values in optimizer.state_dict()["state"].items()
        for slot, value in values.items()
        if value is not None
    }


def load_optimizer(name: str, optimizer: torch.optim.Optimizer, tensors: Weights) -> None:
    """Put :func:`optimizer_tensors` back."""
    slots: dict[int, Weights] = {}
    for key, value in tensors.items():
        if key.startswith(f"{name}."):
            index, slot = key.removeprefix(f"{name}.").split(".", 1)
            slots.setdefault(int(index), {})[slot] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": slots})
