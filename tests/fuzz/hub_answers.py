"""What a hub answers, damaged: about a repository, and the files in it; and what pulls from it."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import Any

import bundle_files
import damage
from hub_server import Hub, Repo
from hypothesis import strategies as st

from simonsays.envs import load_policy
from simonsays.experiments.exchange.hub import pull

REPO = "someone/walks"
_TOLD = {
    "id": REPO,
    "modelId": REPO,
    "sha": "0" * 39 + "1",
    "siblings": [{"rfilename": "policy.json"}, {"rfilename": "policy.safetensors"}],
    "tags": ["a"],
    "private": False,
    "lastModified": "2026-01-01T00:00:00.000Z",
}
SOUND = (None, bundle_files.SOUND)


def answers() -> st.SearchStrategy[tuple[bytes | None, tuple[bytes, bytes]]]:
    """What is told of the repository (None: the truth), and its bundle's two files."""
    told = damage.json_files(_TOLD).map(lambda data: (data, bundle_files.SOUND))
    return told | told | bundle_files.bundles().map(lambda files: (None, files))


@cache
def _server() -> Hub:
    return Hub().__enter__()  # until the tests end


def read(folder: Path, answer: tuple[bytes | None, tuple[Any, ...]]) -> None:
    """As ``simon pull`` does: what is put in place is sound."""
    hub, out = _server(), folder / "policy"
    hub.instead = {} if answer[0] is None else {"/api/models/": answer[0]}
    hub.repos[REPO] = repo = Repo(private=False)
    repo.commit("main", dict(zip(("policy.json", "policy.safetensors"), answer[1], strict=True)))
    try:
        pull(REPO, out, endpoint=hub.url)
        load_policy(out)
    finally:
        shutil.rmtree(out, ignore_errors=True)
