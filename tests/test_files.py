"""Files and folders that are written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from simonsays.assets.files import fresh_folder, write_atomically, write_json, written


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
