"""Damaged recordings, and all that reads them."""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import damage
import made_recording
import numpy as np
from hypothesis import strategies as st

from simonsays.assets import InputError
from simonsays.experiments.exchange.transitions import load_all
from simonsays.experiments.film import FilmSettings
from simonsays.experiments.film.timeline import prepare
from simonsays.sim.pictures.cameras import camera_path
from simonsays.sim.recording import Recording
from simonsays.sim.web.replay import replay_html


def _sound() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        file = made_recording.recording(0.3).save(Path(folder) / "run.npz")
        with np.load(file) as raw:
            return {name: raw[name] for name in raw.files}


SOUND = _sound()
META = json.loads(str(SOUND["meta"]))


@st.composite
def recordings(draw: st.DrawFn) -> bytes:
    """A short recording's file that was damaged."""
    how = draw(st.sampled_from(["bytes", "array", "array", "array", "meta", "meta", "meta", "claim", "none"]))
    named = dict(SOUND)
    if how == "bytes":
        return draw(damage.spoiled(damage.packed(SOUND)))
    if how == "meta":
        named["meta"] = np.array(draw(damage.json_files(META)).decode(errors="replace").replace("\0", " "))
    for _ in range(draw(st.integers(1, 2))):
        name = draw(st.sampled_from(sorted(SOUND)))
        if how == "array":
            named[name] = draw(damage.arrays(SOUND[name]))
        elif how == "none":
            named.pop(name, None)
        elif how == "claim":
            shape = draw(st.lists(st.sampled_from([0, 1, -1, 15, 2**30, 2**62]), max_size=3))
            return damage.packed(SOUND, damage.claims(name, tuple(shape)))
    return damage.packed(named)


def read(folder: Path, data: bytes) -> None:
    """As a data set, a page and a film would."""
    file = folder / "run.npz"
    file.write_bytes(data)
    recording = Recording.load(file)
    with suppress(InputError):
        load_all([str(file)])
    with suppress(InputError):
        replay_html(recording).encode()
    with suppress(InputError):
        fitted, _ = prepare([recording], FilmSettings((64, 64), story=True))
        camera_path("director", fitted[0])
