"""Commands that are told to end, at any moment: no traceback, no scratch, no process left, the exit code said."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from made_recording import recording
from tiny_runs import RECIPE_FILE

SCRIPT = "import sys\nfrom simonsays.experiments.cli import main\nsys.argv[0] = 'simon'\nmain()"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SEARCH = '[search]\n"stages.only.learning_rate" = {low = 1e-4, high = 1e-3, log = true}\n'
COMMANDS = {
    "parse": ("parse", "walk to the red ball"),
    "says": ("says", "walk forward one metre", "--size", "64x64", "--fps", "5", "--record", "r.npz"),
    "render": ("render", "made.npz", "--out", "f.mp4", "--size", "64x64", "--fps", "10", "--jobs", "2"),
    "live": ("live", "--port", "0"),
    "train": ("train", "tiny.toml", "--run-dir", "run", "--steps", "100000"),
    "sweep": ("sweep", "tiny.toml", "--run-dir", "sweep", "--trials", "3", "--jobs", "2", "--episodes", "1"),
}


def alive(mark: str) -> list[str]:
    """The command lines of processes with a mark in their environment."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (place / "environ").read_bytes():
                found.append((place / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return found


def ended(folder: Path, words: tuple[str, ...], number: signal.Signals, moment: float, group: bool) -> None:
    """Start a command, send it, or its group, a signal after some seconds, and look at what is left."""
    folder.mkdir(exist_ok=True)
    (folder / "tiny.toml").write_text(RECIPE_FILE + SEARCH)
    recording(1.0).save(folder / "made.npz")
    mark, scratch = uuid.uuid4().hex, folder / "scratch"
    scratch.mkdir(exist_ok=True)
    environment = {**os.environ, "MARK_OF_THE_TEST": mark, "TMPDIR": str(scratch)}
    command = [sys.executable, "-c", SCRIPT, *words]
    with (folder / "said").open("w+b") as said:
        process = subprocess.Popen(
            command, cwd=folder, stdout=said, stderr=said, env=environment, start_new_session=True
        )
        time.sleep(moment)
        running = process.poll() is None
        if running:
            (os.killpg if group else os.kill)(process.pid, number)
        code = process.wait(60.0)
    text = (folder / "said").read_text(errors="replace")
    assert not any(word in text for word in ("Traceback", "Fatal", "Exception ignored")), text
    deadline = time.monotonic() + 15.0
    while (left := alive(mark)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not left, left
    hidden = [file for file in folder.rglob("*") if file.name.startswith(".") and file.name != ".lock"]
    assert not hidden and not list(scratch.iterdir()), (hidden, list(scratch.iterdir()))
    assert code in ((128 + number, -number, 0) if running else (0,)), (code, text)


WHILE_IMPORTED = """
import os, sys

_, module, number, *words = sys.argv

class Finder:
    def find_spec(self, name, *_):
        if name == module:
            os.kill(os.getpid(), int(number))

sys.meta_path.insert(0, Finder())
from simonsays.experiments.cli import main
sys.argv = ["simon", *words]
main()
"""


@pytest.mark.parametrize(("module", "number"), [("typer", 2), ("typer", 15), ("pybullet", 1), ("pybullet", 2)])
def test_a_signal_while_modules_are_imported_ends_it_quietly(tmp_path: Path, module: str, number: int) -> None:
    command = [sys.executable, "-c", WHILE_IMPORTED, module, str(number), "says", "wave", "--no-video"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode in (128 + number, -number), done.stderr
    assert "Traceback" not in done.stderr and not list(tmp_path.iterdir())


def test_a_signal_after_the_work_ends_it_quietly(tmp_path: Path) -> None:
    late = "import atexit, os; atexit.register(lambda: os.kill(os.getpid(), 2))\n"
    done = subprocess.run(
        [sys.executable, "-c", late + SCRIPT, "engines"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (130, "")


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_a_signal_at_any_moment_ends_a_command_quietly(tmp_path: Path, name: str) -> None:
    rng = random.Random(name)
    for number in SIGNALS * 4:
        moment = rng.uniform(0.2, rng.choice((1.5, 12.0)))
        ended(tmp_path / uuid.uuid4().hex, COMMANDS[name], number, moment, rng.random() < 0.5)
