"""Files and folders that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from simonsays.agents.recipes.recipe import load_recipe
from simonsays.assets import InputError
from simonsays.assets.files import NotWritten, check_writable, fresh_folder, write_atomically, write_json, written
from simonsays.assets.plugins import use_plugin
from simonsays.envs.policy.policy import bundle_folder
from simonsays.experiments.film.writers import write_gif, write_mp4
from simonsays.experiments.instruction_sets.loading import read_examples
from simonsays.sim.recording import Recording
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import load_scene


def test_a_file_is_written_whole_with_the_rights_of_any_other(tmp_path: Path) -> None:
    file, other = tmp_path / "new" / "a.txt", tmp_path / "other.txt"
    write_atomically(file, "ä\n")
    other.write_text("")
    assert file.read_text(encoding="utf-8") == "ä\n" and stat.S_IMODE(file.stat().st_mode) == stat.S_IMODE(
        other.stat().st_mode
    )
    write_json(file, {"a": 1})
    assert file.read_text() == '{\n "a": 1\n}\n' and os.listdir(file.parent) == ["a.txt"]


def test_what_goes_wrong_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_text("old")
    with pytest.raises(ValueError, match="midway"), written(file) as scratch:
        assert scratch.suffix == ".png" and scratch.parent == tmp_path
        scratch.write_text("half")
        raise ValueError("midway")
    assert file.read_text() == "old" and os.listdir(tmp_path) == ["a.png"]


def test_it_is_on_the_disk_before_it_takes_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    sync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda descriptor: (told.append("sync"), sync(descriptor)))
    monkeypatch.setattr(os, "replace", lambda a, b: (told.append("replace"), replace(a, b)))
    write_atomically(tmp_path / "a", b"x")
    assert told == ["sync", "replace", "sync"]


def test_a_folder_takes_the_place_of_another_only_when_it_is_whole(tmp_path: Path) -> None:
    folder = tmp_path / "b"
    for text in ("first", "second"):
        with fresh_folder(folder) as scratch:
            (scratch / "in").mkdir()
            (scratch / "in" / "it.txt").write_text(text)
    with pytest.raises(ValueError, match="midway"), fresh_folder(folder) as scratch:
        (scratch / "it.txt").write_text("third")
        raise ValueError("midway")
    assert (folder / "in" / "it.txt").read_text() == "second" and os.listdir(tmp_path) == ["b"]


def test_what_cannot_be_written_is_bad_input_with_its_cause(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a file")
    with pytest.raises(InputError, match=r"a/b\.json: cannot be written: .*exist") as told:
        write_json(tmp_path / "a" / "b.json", {})
    assert isinstance(told.value, OSError) and told.value.errno == errno.EEXIST
    with pytest.raises(NotWritten, match=r"a/b: cannot be written"), fresh_folder(tmp_path / "a" / "b"):
        raise AssertionError("there is no folder to write into")
    with pytest.raises(NotWritten, match=r"c: cannot be written: No space left.*make room"), written(tmp_path / "c"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    write_atomically(tmp_path / ("ü" * 100), b"long names have scratch of their own")
    assert sorted(os.listdir(tmp_path)) == ["a", "ü" * 100]


def grey(count: int, size: int = 64) -> Iterator[np.ndarray]:
    draws = np.random.default_rng(0)
    return (draws.integers(0, 255, (size, size, 3)).astype(np.uint8) for _ in range(count))


@pytest.mark.parametrize("name", ["a%d.gif", "-i.mp4", "b: 'c'|d.mp4", "\udce9.gif"])
def test_ffmpeg_reads_no_meaning_into_names(tmp_path: Path, name: str) -> None:
    write = write_gif if name.endswith(".gif") else write_mp4
    with written(tmp_path / name) as scratch:
        write(scratch, grey(3), (64, 64), 10)
    assert os.listdir(tmp_path) == [name] and (tmp_path / name).stat().st_size > 500


def test_what_ffmpeg_cannot_write_takes_no_name(tmp_path: Path) -> None:
    film = tmp_path / "a.mp4"
    film.write_text("a good one")
    told = r"a\.mp4: cannot be written: ffmpeg ended with status \d+: .*not divisible"
    with pytest.raises(NotWritten, match=told), written(film) as scratch:
        write_mp4(scratch, grey(3, 63), (63, 63), 10)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from test_files import *\n"
        "with written(Path('a.mp4')) as scratch: write_mp4(scratch, grey(200), (64, 64), 10)"
    )
    command = ["bash", "-c", 'ulimit -f 8; exec "$@"', "-", sys.executable, "-c", code, str(Path(__file__).parent)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1 and "NotWritten: a.mp4: cannot be written: ffmpeg ended" in done.stderr, done.stderr
    assert film.read_text() == "a good one" and os.listdir(tmp_path) == ["a.mp4"]


@pytest.mark.parametrize("kind", ["written", "recording", "policy", "scene", "recipe", "plug-in", "robot", "set"])
def test_a_name_that_is_too_long_is_refused(tmp_path: Path, kind: str) -> None:
    name = tmp_path / ("a" * 300)
    readers: dict[str, Callable[[], object]] = {
        "written": lambda: check_writable(name.with_suffix(".npz"), (".npz",)),
        "recording": lambda: Recording.load(name),
        "policy": lambda: bundle_folder(name),
        "scene": lambda: load_scene(name.with_suffix(".toml")),
        "recipe": lambda: load_recipe(str(name.with_suffix(".toml"))),
        "plug-in": lambda: use_plugin(name.with_suffix(".py")),
        "robot": lambda: get_robot(str(name.with_suffix(".py"))),
        "set": lambda: read_examples(name.with_suffix(".toml")),
    }
    with pytest.raises(InputError, match="too long"):
        readers[kind]()
