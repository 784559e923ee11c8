"""Damaged JSON, in files and from elsewhere: checkpoints, records of runs, instructions, replies, a page's messages."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import damage
import torch
from hypothesis import strategies as st
from safetensors.torch import save

from simonsays.agents.measure.checkpoints import read_curve
from simonsays.agents.recipes.recipe import load_recipe
from simonsays.agents.runs.run_dir import load_checkpoint
from simonsays.agents.runs.sessions import read_run
from simonsays.assets import InputError
from simonsays.envs.instruction.sentences import read_sentence
from simonsays.envs.language.instruction import Instruction, InstructionError
from simonsays.envs.language.translate.access import Access, TranslatorError, translator_settings
from simonsays.envs.language.translate.reply import read_reply
from simonsays.experiments.live.protocol import read_request

STATE = {
    "format": 1,
    "steps": 40,
    "stage": 0,
    "learning_rate": 0.1,
    "assistance": 1.0,
    "files": {},
    "recipe": {},
    "random": {},
}
RUN = {"recipe": load_recipe("walk").model_dump(mode="json"), "sessions": [{"seconds": 1.0}], "threads": {}}
CURVE = {
    "env": "a",
    "metric": "success",
    "episodes": 3,
    "seed": 0,
    "points": [{"steps": 10, "wall_clock": 2.0, "episodes": 3, "successes": 1}],
}
SAID = {
    "steps": [
        {"verb": "walk", "distance_m": 2.0, "speed": "fast", "path": {"shape": "circle", "radius_m": 1.0}},
        {"verb": "kick", "object": {"type": "ball", "relation": "behind", "object": {"type": "box"}}},
    ],
    "notes": ["please"],
}  # fmt: skip
MESSAGE = {"do": "say", "text": "wave", "now": False, "id": 1}


def _reply(content: str) -> dict[str, Any]:
    return {"choices": [{"message": {"content": content}, "finish_reason": "stop"}]}


REPLY = _reply(json.dumps(SAID))
ACCESS = Access(translator_settings("deepseek"), "host", "key")


def checkpoints() -> st.SearchStrategy[bytes]:
    """state.json."""
    return damage.json_files(STATE)


def runs() -> st.SearchStrategy[bytes]:
    """run.json, and curve.json beside it."""
    return damage.json_files(RUN) | damage.json_files(CURVE)


def said() -> st.SearchStrategy[bytes]:
    """Instructions, a model's replies and a page's messages."""
    inner = damage.json_files(SAID).map(
        lambda data: {"choices": [{"message": {"content": data.decode(errors="replace")}}]}
    )
    return st.one_of(map(damage.json_files, (SAID, REPLY, MESSAGE))) | inner.map(damage.as_json)


def read_checkpoint(folder: Path, data: bytes) -> None:
    """As a training that goes on would."""
    (folder / "state.json").write_bytes(data)
    (folder / "weights.safetensors").write_bytes(save({"policy.a": torch.zeros(2)}))
    load_checkpoint(folder)


def read_record(folder: Path, data: bytes) -> None:
    """As training, evaluating and comparing would."""
    (folder / "run.json").write_bytes(data)
    (folder / "curve.json").write_bytes(data)
    for reader in (read_run, read_curve):
        with suppress(InputError):
            reader(folder)


def read_said(_: Path, data: bytes) -> None:
    """Whatever comes over a wire."""
    text = data.decode(errors="replace")
    with suppress(InputError):
        read_request(text)
    with suppress(TranslatorError):
        read_reply(data, ACCESS)
    document: Any = None
    with suppress(ValueError, RecursionError):
        document = json.loads(text)
    with suppress(InstructionError):
        Instruction.from_json(document)
    read_sentence(document)
