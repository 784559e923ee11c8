"""Damaged policy bundles, and what loads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import damage
import numpy as np
from hypothesis import strategies as st
from safetensors.numpy import load_file, save

from simonsays.assets import path
from simonsays.envs import load_policy

FOLDER = path("policies", "g1-instruction")
DESCRIPTION = json.loads((FOLDER / "policy.json").read_text())
WEIGHTS = load_file(FOLDER / "policy.safetensors")
SOUND = tuple((FOLDER / name).read_bytes() for name in ("policy.json", "policy.safetensors"))


@st.composite
def bundles(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """policy.json and policy.safetensors, one of which is damaged."""
    described, weights = damage.as_json(DESCRIPTION), WEIGHTS
    how = draw(st.sampled_from(["description", "description", "weights", "bytes", "header"]))
    if how == "description":
        described = draw(damage.json_files(DESCRIPTION))
    elif how == "weights":
        name = draw(st.sampled_from(sorted(WEIGHTS)))
        other = draw(damage.arrays(WEIGHTS[name]))
        weights = {**WEIGHTS, name: np.ascontiguousarray(other)} if other.dtype.kind in "fiub" else {}
        weights = {name: array for name, array in weights.items() if array.dtype.itemsize <= 8}
    data = save({name: array.astype(array.dtype.newbyteorder("=")) for name, array in weights.items()})
    if how == "bytes":
        data = draw(damage.spoiled(data))
    elif how == "header":
        length = int.from_bytes(data[:8], "little")
        header = damage.as_json(draw(damage.documents(json.loads(data[8 : 8 + length]))))
        data = len(header).to_bytes(8, "little") + header + data[8 + length :]
    return described, data


def read(folder: Path, data: tuple[bytes, bytes]) -> None:
    """As whoever runs it would: what is loaded acts, and says what it is."""
    for name, part in zip(("policy.json", "policy.safetensors"), data, strict=True):
        (folder / name).write_bytes(part)
    policy = load_policy(folder)
    width = sum(block["width"] for block in DESCRIPTION["observation"])
    action: Any = policy.predict(np.zeros(width, np.float32), deterministic=True)[0]
    assert np.isfinite(action).all()
    str((policy.settings, policy.abilities, policy.env_id))
