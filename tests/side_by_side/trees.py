"""The two trees, made importable as ``simonsays`` for processes of their own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FOLDERS = ("sim", "envs", "agents", "assets", "experiments")


class TreeError(Exception):
    """A tree that cannot be used, or a side that could not be run."""


@dataclass(frozen=True)
class Side:
    """One of the two: its tree, and the folder that Python finds it in."""

    name: str
    said: str
    """as it was given, with the commit"""
    root: Path
    packages: Path
    """what goes on PYTHONPATH"""

    def environment(self) -> dict[str, str]:
        """Of a process that imports this tree: one thread, no plugins."""
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        kept = {name: value for name, value in os.environ.items() if name != "SIMONSAYS_PLUGINS"}
        return {**kept, **threads, "PYTHONPATH": str(self.packages), "PYTHONHASHSEED": "0", "SIDE_ROOT": str(self.root)}

    def start(self, command: list[str], folder: Path) -> subprocess.Popen[bytes]:
        """Run Python with these arguments in ``folder``; its output goes to ``log.txt`` there."""
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "log.txt").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, *command], cwd=folder, env=self.environment(), stdout=log, stderr=subprocess.STDOUT
            )


def make_side(name: str, given: str, work: Path) -> Side:
    """A side from a commit or from a folder with a tree.

    Raises:
        TreeError: there is none, or Python finds another tree in its place.
    """
    side = _make(name, given, work)
    look = "import sys; sys.path.insert(0, sys.argv[1]); import simonsays.envs, simonsays.agents, simonsays.experiments"
    found = subprocess.run(
        [sys.executable, "-c", f"{look}; from finding import check_origin; check_origin()", str(HERE)],
        cwd=work,
        env=side.environment(),
        capture_output=True,
        text=True,
    )
    if found.returncode:
        raise TreeError(f"{given}: {found.stderr.strip().splitlines()[-1]}")
    return side


def _make(name: str, given: str, work: Path) -> Side:
    work.mkdir(parents=True)
    if Path(given).is_dir():
        root, said = Path(given).resolve(), f"{given} ({_revision(Path(given))})"
    else:
        root, said = _export(given, work / "tree"), f"{given} ({_git(ROOT, 'rev-parse', '--short', given)})"
    if (root / "simonsays" / "__init__.py").is_file():
        return Side(name, said, root, root)
    links = work / "packages" / "simonsays"
    links.mkdir(parents=True)
    (links / "__init__.py").touch()  # a namespace package would take in an installed tree's modules
    for folder in FOLDERS:
        if not (root / folder).is_dir():
            raise TreeError(f"{given}: has no folder {folder}")
        (links / folder).symlink_to(root / folder)
    return Side(name, said, root, links.parent)


def _export(commit: str, folder: Path) -> Path:
    found = subprocess.run(["git", "-C", str(ROOT), "archive", commit], capture_output=True)
    if found.returncode:
        raise TreeError(f"{commit}: neither a folder nor a commit: {found.stderr.decode().strip()}")
    with tarfile.open(fileobj=io.BytesIO(found.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder.resolve()


def _revision(root: Path) -> str:
    commit = _git(root, "rev-parse", "--short", "HEAD")
    return commit + (" with changes" if commit != "no commit" and _git(root, "status", "--porcelain") else "")


def _git(root: Path, *arguments: str) -> str:
    found = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True)
    return found.stdout.strip() if found.returncode == 0 else "no commit"


def run_sides(old: Side, new: Side, commands: dict[str, list[str]], work: Path, in_turn: bool) -> dict[str, str]:
    """Run a command on each side (``commands`` by the side's name), in work/NAME; what went wrong, by side."""
    running = {}
    for side in (old, new):
        running[side.name] = side.start(commands[side.name], work / side.name)
        if in_turn:
            running[side.name].wait()
    failed = {}
    for name, process in running.items():
        if process.wait() != 0:
            log = (work / name / "log.txt").read_text(encoding="utf-8", errors="replace")
            failed[name] = f"exit code {process.returncode}: {' | '.join(log.strip().splitlines()[-6:])}"
    return failed


def probe(old: Side, new: Side, part: str, work: Path, in_turn: bool) -> dict[str, str]:
    """Run probe.py's ``part`` on each side with work/inputs.json; what went wrong, by side."""
    command = [str(HERE / "probe.py"), part, str(work / "inputs.json")]
    return run_sides(old, new, {side.name: command for side in (old, new)}, work, in_turn)
