"""What a command prints, where it cannot be printed: closed, full, without a reader, of another encoding."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SIMON = f"{sys.executable} -m simonsays.experiments.cli"


def sh(command: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """A command line, as a shell runs it."""
    return subprocess.run(["bash", "-c", command], cwd=cwd, capture_output=True, env={**os.environ, **variables})


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_what_an_encoding_lacks_is_said_otherwise(tmp_path: Path, encoding: str) -> None:
    done = sh(f"{SIMON} explain 向前走两米", tmp_path, PYTHONIOENCODING=encoding)
    assert done.returncode == 0 and b"Traceback" not in done.stderr, done.stderr
    done.stdout.decode(encoding)
    done = sh(f"{SIMON} parse --json 'wave'", tmp_path, PYTHONIOENCODING=encoding)
    assert json.loads(done.stdout.decode(encoding))["steps"][0]["verb"] == "wave"


def test_half_a_character_is_refused_and_told(tmp_path: Path) -> None:
    done = sh(f"{SIMON} parse $'wave \\xff'", tmp_path)
    assert done.returncode == 2 and done.stderr.startswith(b"error:") and b"Traceback" not in done.stderr


def test_a_reader_that_has_gone_changes_no_exit_code(tmp_path: Path) -> None:
    (tmp_path / "many").write_text("wave\n" * 3000)
    for command in ("list", "parse --batch many"):
        done = sh(f"{SIMON} {command} | head -c 20; exit ${{PIPESTATUS[0]}}", tmp_path)
        assert (done.returncode, done.stderr) == (0, b""), command


@pytest.mark.parametrize(("where", "code"), [(">&- 2>&- <&-", 0), ("> /dev/full", 2)])
def test_the_work_is_done_wherever_it_is_told(tmp_path: Path, where: str, code: int) -> None:
    done = sh(f"{SIMON} says wave --no-video --record wave.npz {where}", tmp_path)
    assert done.returncode == code, done.stderr
    assert (tmp_path / "wave.npz").is_file() and b"Traceback" not in done.stderr
    assert (b"No space left" in done.stderr) == (code == 2)


def test_lines_end_at_newlines_alone(tmp_path: Path) -> None:
    (tmp_path / "said").write_text("wave\r\nwalk\u2028forward\n", newline="")
    done = sh(f"{SIMON} parse --batch said", tmp_path)
    assert [json.loads(line)["text"] for line in done.stdout.decode().split("\n") if line] == [
        "wave",
        "walk\u2028forward",
    ]
