"""A soak: growth is told from what goes up and down, and everything at once holds, for half an hour too."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from commands import simon, simon_process
from made_recording import recording

from simonsays.experiments.soak.shift import Shift, Task, check
from simonsays.experiments.soak.vitals import SETTLED, Vitals, growth, vitals

MIB = 1 << 20


def course(minutes: float, memory: float, a_minute: float) -> list[Vitals]:
    """Samples each 5 s of a process that wavers by 1% and grows by a share of its memory a minute."""
    rng, times = np.random.default_rng(0), np.arange(0.0, 60 * minutes, 5.0)
    told = memory * (1 + a_minute * times / 60) * rng.uniform(0.99, 1.01, len(times))
    return [Vitals(float(time), int(held), 10, 3) for time, held in zip(times, told, strict=True)]


@pytest.mark.parametrize(("minutes", "a_minute", "least", "most"), [(15, 0.0, -0.01, 0.01), (15, 0.005, 0.03, 0.06)])
def test_growth_is_told_from_wavering(minutes: float, a_minute: float, least: float, most: float) -> None:
    found = growth(course(minutes, 200 * MIB, a_minute))
    assert least < found["memory"]["growth"] < most
    assert found["descriptors"]["growth"] == found["threads"]["growth"] == 0.0
    assert len(found["memory"]["over_time"]) == len(found["seconds"])


def test_a_run_that_never_settled_is_not_judged() -> None:
    for samples in ([], course(SETTLED / 60 + 0.5, 200 * MIB, 0.1)):
        assert growth(samples)["memory"]["growth"] is None


def test_what_this_process_holds_is_counted(tmp_path: Path) -> None:
    before = vitals(0.0)
    with (tmp_path / "a").open("w"):
        held = np.ones(128 * MIB // 8)
        now = vitals(1.0)
    assert now.descriptors == before.descriptors + 1
    assert now.memory - before.memory > 0.5 * held.nbytes


def test_recordings_that_are_lost_changed_or_have_gaps_are_found(tmp_path: Path) -> None:
    shift, made = Shift(Task("batch", 1.0, "bullet", 0), lambda told: None), recording(1.0)
    check(shift, made.save(tmp_path / "a.npz"), made)
    check(shift, made.save(tmp_path / "a.npz"), seconds=float(len(made)) / 50)
    assert not shift.diary.faults and not list(tmp_path.iterdir())
    check(shift, tmp_path / "gone.npz")
    check(shift, made.save(tmp_path / "a.npz"), seconds=2.0)
    made.time[20:] += 0.02
    check(shift, made.save(tmp_path / "a.npz"))
    other = recording(1.0)
    other.joint_positions[3, 2] += 1e-9
    check(shift, other.save(tmp_path / "a.npz"), recording(1.0))
    words = ("gone.npz", "some are missing", "some are missing", "not what was written")
    assert [word in fault for word, fault in zip(words, shift.diary.faults, strict=True)] == [True] * 4


def test_bad_arguments_are_refused(tmp_path: Path) -> None:
    assert simon("soak", "--minutes", "0", cwd=tmp_path).returncode == 2
    assert simon("soak", "--engine", "nothing", cwd=tmp_path).returncode == 2


@pytest.mark.slow
@pytest.mark.parametrize("minutes", [2, 30])
def test_everything_at_once_holds(tmp_path: Path, minutes: int) -> None:
    done = simon_process("soak", "--minutes", minutes, "--json", cwd=tmp_path, timeout=90.0 * minutes + 300.0)
    found = json.loads(done.stdout)
    judged = 60.0 * minutes > SETTLED
    assert (done.returncode, found["faults"], found["growth_judged"]) == (0, [], judged), done.stderr
    for kind, task in found["tasks"].items():
        assert task["done"]["recordings read back"] >= 1, kind
        assert len(task["seconds"]) == len(task["memory"]["over_time"]) > 2
    assert not list(tmp_path.iterdir())
