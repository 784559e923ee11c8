"""Whatever is in a file, it is read or refused as bad input, in bounded time; sound files are read."""

from __future__ import annotations

import os
import resource
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import bundle_files
import clip_files
import given_settings
import hub_answers
import json_files
import mesh_files
import model_files
import picture_files
import pytest
import recording_files
import toml_files
from damage import as_json, packed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simonsays.assets import InputError

READERS: dict[str, tuple[Callable[[], st.SearchStrategy[Any]], Callable[[Path, Any], None], Any]] = {
    "recording": (recording_files.recordings, recording_files.read, packed(recording_files.SOUND)),
    "clip": (clip_files.clips, clip_files.read, (".bvh", clip_files.SOUND[".bvh"])),
    "bundle": (bundle_files.bundles, bundle_files.read, bundle_files.SOUND),
    "scene": (toml_files.scenes, toml_files.read_scene, toml_files.dumped(toml_files.SCENE)),
    "recipe": (toml_files.recipes, toml_files.read_recipe, toml_files.dumped(toml_files.RECIPE)),
    "instruction set": (toml_files.sets, toml_files.read_set, toml_files.dumped(toml_files.SET)),
    "urdf": (model_files.urdfs, model_files.read, model_files.URDF.encode()),
    "robot": (model_files.urdfs, model_files.draft_urdf, model_files.URDF.encode()),
    "mjcf": (model_files.mjcfs, model_files.draft_mjcf, model_files.MJCF.encode()),
    "mesh": (mesh_files.meshes, mesh_files.read, ("dae", mesh_files.SOUND["dae"])),
    "performance": (toml_files.scripts, toml_files.read_script, toml_files.dumped(toml_files.SCRIPT)),
    "checkpoint": (json_files.checkpoints, json_files.read_checkpoint, as_json(json_files.STATE)),
    "run": (json_files.runs, json_files.read_record, as_json(json_files.RUN)),
    "logo": (picture_files.logos, picture_files.read, picture_files.SOUND),
    "said": (json_files.said, json_files.read_said, as_json(json_files.SAID)),
    "hub": (hub_answers.answers, hub_answers.read, hub_answers.SOUND),
    **given_settings.KINDS,
}
_MOST_SECONDS, _MOST_KIB = 5.0, 1 << 20
"""s of the processor that an input may take; KiB that the process may come to hold more"""
_ALL: dict[str, Any] = {"database": None, "deadline": None, "suppress_health_check": list(HealthCheck)}
AMOUNTS = [
    pytest.param(settings(max_examples=25, derandomize=True, **_ALL), id="some"),
    pytest.param(settings(max_examples=int(os.environ.get("FUZZ", "2000")), **_ALL), id="many", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("amount", AMOUNTS)
@pytest.mark.parametrize("kind", READERS)
def test_whatever_is_in_a_file_it_is_read_or_refused(tmp_path: Path, kind: str, amount: settings) -> None:
    files, read, _ = READERS[kind]

    @amount
    @given(files())
    def check(data: Any) -> None:
        began = time.process_time()
        with suppress(InputError):
            read(tmp_path, data)
        assert time.process_time() - began < _MOST_SECONDS

    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    check()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - held < _MOST_KIB


@pytest.mark.parametrize("kind", READERS)
def test_what_is_sound_is_read(kind: str) -> None:
    _, read, sound = READERS[kind]
    with tempfile.TemporaryDirectory() as folder:
        read(Path(folder), sound)
