"""Tasks in processes of their own."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from simonsays.assets import InputError
from simonsays.experiments.jobs.processes import Ask, Failure, run_all


def task(kind: str, ask: Ask) -> Any:
    if kind == "fail":
        raise InputError("this is wrong")
    if kind == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    return ask(f"{kind}?")


@pytest.mark.parametrize("jobs", [1, 2])
def test_tasks_ask_and_fail_alone(jobs: int) -> None:
    kinds = ["a", "fail", "b"] if jobs == 1 else ["a", "fail", "die", "b"]
    found = dict(run_all(task, kinds, jobs, lambda one, message: (one, message, os.getpid())))
    assert found["a"] == ("a", "a?", os.getpid()) and found["b"] == ("b", "b?", os.getpid())
    failed = found["fail"]
    assert isinstance(failed, Failure) and failed.error == "this is wrong"
    if jobs > 1:
        died = found["die"]
        assert isinstance(died, Failure) and "-9" in died.error


def wait_for_the_signal(place: str, ask: Ask) -> None:
    try:
        ask("began")
        signal.pause()
    except KeyboardInterrupt:
        Path(place).write_text("ended cleanly")
        raise


def test_running_tasks_are_interrupted_when_the_caller_stops(tmp_path: Path) -> None:
    def stop(one: str, message: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(run_all(wait_for_the_signal, [str(tmp_path / "a")], 2, stop))
    assert (tmp_path / "a").read_text() == "ended cleanly"
