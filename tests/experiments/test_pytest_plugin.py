"""The pytest plug-in in somebody else's repository."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from simonsays.sim.recording import Recording

ROOT = Path(__file__).parents[2]
TESTS = """
from dataclasses import replace
import pytest

@pytest.mark.seeds(3, 4)
def test_it_does_it(say, assert_done):
    result = say("raise your left arm", scene="empty")
    assert result.recording.meta["seed"] in (3, 4)
    assert_done(result)

def test_it_fails(say, assert_done):
    result = say("raise your left arm", scene="empty")
    verdict = replace(result.verdicts[0], status="failure", reason="too heavy")
    assert_done(replace(result, verdicts=(verdict,), success=False))

@pytest.mark.seeds("three")
def test_it_is_misused(say): ...
"""


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "simonsays.experiments.pytest_plugin", "--strict-markers", *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.mark.slow
def test_sentences_in_the_tests_of_another_repository(tmp_path: Path) -> None:
    (tmp_path / "test_robot.py").write_text(TESTS.partition('@pytest.mark.seeds("three")')[0])
    done = run(tmp_path, "--simon-recordings", "kept")
    assert done.returncode == 1 and "1 failed, 2 passed" in done.stdout, done.stdout
    assert "raise the left arm: too heavy" in done.stdout and "simon render kept" in done.stdout
    [file] = (tmp_path / "kept").iterdir()
    assert "test_it_fails" in file.name and Recording.load(file).meta["seed"] == 0


def test_a_mark_that_is_misused_is_refused(tmp_path: Path) -> None:
    (tmp_path / "test_robot.py").write_text(TESTS)
    done = run(tmp_path, "--collect-only")
    assert done.returncode != 0 and "goes with the fixture `say`" in done.stdout + done.stderr
