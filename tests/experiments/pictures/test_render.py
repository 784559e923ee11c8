"""``simon render``, as it is typed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import imageio.v3 as iio
import pytest
from commands import MODULE, simon

from simonsays.testing import recordings as synthetic


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic.record(1.0, synthetic.walking(0.3)).save(tmp_path_factory.mktemp("recordings") / "run.npz")


def test_a_film_with_its_renderer_and_reason(file: Path, tmp_path: Path) -> None:
    """With all that the command can do at once: it times the renderers, and draws in two processes."""
    done = simon("render", str(file), "--out", "a.mp4", "--size", "96x64", "--fps", "10", "--story", "--look", "dark",
                 "--camera", "follow,side", "--jobs", "2", "--json", cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["file"] == "a.mp4" and said["jobs"] == 2 and said["renderer"] in ("tiny", "egl")
    assert f"renderer {said['renderer']}: {said['reason']}" in done.stderr
    assert iio.imread(tmp_path / "a.mp4").shape == (said["frames"], 64, 96, 3)
    assert os.listdir(tmp_path) == ["a.mp4"]


def test_several_recordings_slowly_with_labels(file: Path, tmp_path: Path) -> None:
    how = ("--size", "128x64", "--fps", 10, "--speed", 0.5, "--end", 0.5, "--renderer", "tiny", "--jobs", 1)
    done = simon("render", file, file, "--out", "a.gif", "--label", "before", "--label", "after", *how, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert iio.imread(tmp_path / "a.gif").shape == (11, 64, 128, 3)
    assert "wrote a.gif" in done.stdout and os.listdir(tmp_path) == ["a.gif"]


def test_a_contact_sheet(file: Path, tmp_path: Path) -> None:
    how = ("--size", "96x64", "--pictures", 4, "--renderer", "tiny", "--jobs", 1)
    done = simon("render", file, "--out", "a.png", *how, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert iio.imread(tmp_path / "a.png").shape == (132, 196, 3)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--out", "a.avi"], ".mp4"),
        (["--out", "a.mp4", "--camera", "folow"], "follow"),
        (["--out", "a.mp4", "--camera", ""], "one or two"),
        (["--out", "a.mp4", "--start", "7"], "ends at 1.00 s"),
        (["--out", "a.mp4", "--label", "a", "--label", "b"], "labels"),
        (["--out", "a.png", "--pictures", "0"], "pictures"),
        (["missing.npz", "--out", "a.mp4"], "missing.npz"),
        (["--size", "96x64"], "--out"),
    ],
)
def test_bad_input_is_exit_code_2_and_nothing_is_written(
    file: Path, tmp_path: Path, arguments: list[str], word: str
) -> None:
    done = simon("render", str(file), *arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert word in done.stderr and "Traceback" not in done.stderr
    assert os.listdir(tmp_path) == []


def children(pid: int) -> set[int]:
    """All processes below one."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            direct = {int(child) for child in (task / "children").read_text().split()}
        except OSError:
            continue
        found |= direct.union(*(children(child) for child in direct))
    return found


def started(tmp_path: Path, suffix: str, wait: float) -> tuple[subprocess.Popen[str], set[int]]:
    """A long film under way for ``wait`` s, and the processes that it has started."""
    long = synthetic.record(30.0).save(tmp_path / "long.npz")
    command = [*MODULE, "render", str(long), "--out", f"a{suffix}", "--size", "320x180", "--renderer", "tiny",
               "--jobs", "2"]  # fmt: skip
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + 60
    while len(os.listdir(tmp_path)) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(wait)
    below = children(process.pid)
    assert len(below) >= (3 if wait else 1)  # ffmpeg and two workers
    return process, below


def gone(processes: set[int]) -> bool:
    """Whether they end within 10 s."""
    deadline = time.monotonic() + 10
    while any(map(alive, processes)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(map(alive, processes))


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(("how", "suffix"), [(signal.SIGINT, ".mp4"), (signal.SIGTERM, ".gif")])
@pytest.mark.parametrize("wait", [pytest.param(0.0, marks=pytest.mark.slow), 1.5])
def test_an_interrupted_film_leaves_no_process_and_no_file(
    tmp_path: Path, how: signal.Signals, suffix: str, wait: float
) -> None:
    """``wait``: while its workers start, and while they draw. Ctrl-C in a terminal reaches all of them."""
    process, below = started(tmp_path, suffix, wait)
    if how == signal.SIGINT:
        os.killpg(process.pid, how)
    else:
        process.send_signal(how)
    assert process.wait(timeout=60) == {signal.SIGINT: 130, signal.SIGTERM: 143}[how]
    assert "Traceback" not in (process.stderr.read() if process.stderr else "")
    assert os.listdir(tmp_path) == ["long.npz"] and gone(below)


def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    process, below = started(tmp_path, ".mp4", 1.5)
    process.kill()
    process.wait()
    assert gone(below) and not (tmp_path / "a.mp4").exists()


def test_a_worker_that_is_killed_ends_the_film_with_a_message(tmp_path: Path) -> None:
    process, below = started(tmp_path, ".mp4", 1.5)
    worker = next(pid for pid in below if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(worker, signal.SIGKILL)
    assert process.wait(timeout=60) == 2
    said = process.stderr.read() if process.stderr else ""
    assert "fewer jobs" in said and "Traceback" not in said
    assert os.listdir(tmp_path) == ["long.npz"] and gone(below)


def test_a_script_without_a_guard_is_told_and_does_not_wait(file: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from simonsays.experiments.film import FilmSettings, render\n"
        "from simonsays.sim.recording import Recording\n"
        f"render([Recording.load({str(file)!r})], 'a.mp4', FilmSettings((64, 64), 10, renderer='tiny'), jobs=2)\n"
    )
    done = subprocess.run([sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1 and done.stderr.rstrip().split("\n")[-1].startswith("simonsays.assets.InputError")
    assert 'under `if __name__ == "__main__":`' in done.stderr and os.listdir(tmp_path) == ["script.py"]
