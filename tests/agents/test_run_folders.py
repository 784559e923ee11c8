"""The names of what lies in a run's folder."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from simonsays.assets import InputError

pytest.importorskip("torch")

from simonsays.agents.runs import run_dir


def test_checkpoints_are_ordered_by_steps_and_other_folders_are_none(tmp_path: Path) -> None:
    for name in ("step_1000000000", "step_999999999", "step_000000040", "step_mine"):
        (tmp_path / "checkpoints" / name).mkdir(parents=True)
    names = [each.name for each in run_dir.checkpoints(tmp_path)]
    assert names == ["step_000000040", "step_999999999", "step_1000000000"]
    with pytest.raises(InputError, match="--checkpoint step_999999999"):
        run_dir.read_state(tmp_path / "checkpoints" / "step_1000000000")


def test_runs_that_begin_in_one_second_have_folders_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(time, "strftime", lambda form: "20261130-120000")
    for number in ("", "-2", "-3"):
        folder = run_dir.new_run("walk")
        folder.mkdir(parents=True)
        assert folder.name == f"walk-20261130-120000{number}"


def test_only_our_own_litter_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / ".step_000000040-0123abcd").mkdir()
    for name in (".run.json-0123abcd.json", ".mine", ".git-12"):
        (tmp_path / name).write_text("")
    run_dir.clear_litter(tmp_path)
    assert sorted(each.name for each in tmp_path.iterdir()) == [".git-12", ".mine", "checkpoints"]
    assert list((tmp_path / "checkpoints").iterdir()) == []
