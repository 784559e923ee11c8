"""A run's folder and its checkpoints: safetensors and JSON, written whole or not at all.

run.json                     recipe, command, versions, seed; written once at the start
logs/                        progress.csv and TensorBoard events, every reward term in them
checkpoints/step_000250000/  weights.safetensors (network, optimiser, random state), state.json
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from simonsays.agents.bundle import replace_folder
from simonsays.assets import InputError

Weights = dict[str, torch.Tensor]


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


def write_json(file: Path, data: Any) -> None:
    """Write JSON to a file, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, scratch = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(json.dumps(data, indent=1) + "\n")
        os.replace(scratch, file)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise


def save_checkpoint(run: Path, state: TrainingState, tensors: Weights) -> Path:
    """Write ``checkpoints/step_N``; a crash in the middle leaves the older ones untouched."""
    folder = run / "checkpoints" / f"step_{state.steps:09d}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder.parent))
    try:
        save_file({**tensors, "random.torch": torch.get_rng_state()}, scratch / "weights.safetensors")
        write_json(scratch / "state.json", asdict(state))
        replace_folder(scratch, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return folder


def newest_checkpoint(run: Path) -> Path:
    """The newest checkpoint of a run.

    Raises:
        InputError: the run has none.
    """
    folders = sorted((run / "checkpoints").glob("step_*"))
    if not folders:
        raise InputError(f"{run}: no checkpoint in it (a run folder has checkpoints/step_*)")
    return folders[-1]


def load_checkpoint(folder: Path) -> tuple[TrainingState, Weights]:
    """What :func:`save_checkpoint` wrote; the random state is among the tensors.

    Raises:
        InputError: a file is missing or damaged.
    """
    try:
        state = TrainingState(**json.loads((folder / "state.json").read_text(encoding="utf-8")))
        return state, load_file(folder / "weights.safetensors")
    except (OSError, ValueError, TypeError, SafetensorError) as error:
        raise InputError(f"{folder}: cannot be read: {error}") from error


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
    slots = optimizer.state_dict()["state"]
    return {f"{name}.{i}.{slot}": torch.as_tensor(v) for i, values in slots.items() for slot, v in values.items()}


def load_optimizer(name: str, optimizer: torch.optim.Optimizer, tensors: Weights) -> None:
    """Put :func:`optimizer_tensors` back."""
    slots: dict[int, Weights] = {}
    for key, value in tensors.items():
        if key.startswith(f"{name}."):
            _, index, slot = key.split(".", 2)
            slots.setdefault(int(index), {})[slot] = value
    state = optimizer.state_dict()
    state["state"] = slots
    optimizer.load_state_dict(state)
