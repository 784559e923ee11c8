"""run.json: what was trained, how it was called, where, and each time that the training was started or resumed."""

from __future__ import annotations

import contextlib
import datetime
import importlib.metadata
import json
import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simonsays.agents.recipes.recipe import Recipe, recipe_from_dict
from simonsays.agents.runs.run_dir import TrainingState, checkpoints
from simonsays.assets import InputError
from simonsays.assets.files import write_json
from simonsays.assets.reading import read_table
from simonsays.envs.policy.description import Difference, differences, second_edition

_PACKAGES = (
    "simonsays",
    "torch",
    "stable-baselines3",
    "sb3-contrib",
    "gymnasium",
    "pybullet",
    "mujoco",
    "numpy",
    "ray",
)
_FREE = ("workers", "envs_per_worker", "keep_checkpoints")  # may differ when a run is resumed


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that a result depends on."""
    found = {"python": sys.version.split()[0]}
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def machine() -> dict[str, Any]:
    """Processor, cores that this process may use, memory in GiB, system."""
    return {
        "cpu": _cpu(),
        "cores": cores(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(),
    }


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def git_revision(folder: Path) -> dict[str, Any] | None:
    """Commit, and whether files differ from it, of the git repository around a folder; None outside of one."""

    def git(*words: str) -> str:
        made = subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, text=True, timeout=20, check=True
        )
        return made.stdout.strip()

    try:
        return {
            "revision": git("rev-parse", "HEAD"),
            "dirty": bool(git("status", "--porcelain", "--untracked-files=no")),
        }
    except (OSError, subprocess.SubprocessError):
        return None


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


class RunRecord:
    """The run's run.json, kept true while a training goes on.

    Args:
        run: the run's folder; recipe, init: what is trained; threads: of the learner and of each worker.
        start: steps of the checkpoint that this session goes on from, 0 for a new training.
        exact: whether it goes on as if it had never stopped, on the same machine with the same versions.
    """

    def __init__(
        self, run: Path, recipe: Recipe, init: str | None, threads: dict[str, int], *, start: int, exact: bool
    ) -> None:
        self._file, before = run / "run.json", read_record(run)
        self._is_new = not before
        self.status = "running"
        self._session: dict[str, Any] = {
            "started": _now(),
            "command": shlex.join(sys.argv),
            "from_steps": start,
            "exact": exact,
            "git": git_revision(Path(__file__).parent),
            "versions": versions(),
            "machine": machine(),
            "threads": threads,
            "status": self.status,
        }
        for last in before.get("sessions", [])[-1:]:
            same = ("versions", "machine", "threads")
            self._session["exact"] &= all(last.get(key) == self._session[key] for key in same)
        own = ("started", "command", "git", "versions", "machine", "threads")
        first = {key: before.get(key, self._session[key]) for key in own}
        plan = {"recipe": recipe.model_dump(mode="json"), "init": before.get("init", init)}
        self._said = {**plan, **first, "sessions": [*before.get("sessions", []), self._session]}
        write_json(self._file, self._said)

    @contextmanager
    def closing(self, state: TrainingState, workers: Any) -> Iterator[None]:
        """Write how the session ended: ``status`` (finished, stopped), interrupted, or failed with its error.

        A new training that ends with bad input before its first checkpoint was none: the folder may be used again.
        """
        refused = False
        try:
            yield
        except BaseException as error:
            refused = isinstance(error, InputError) and self._is_new and not checkpoints(self._file.parent)
            self.status = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
            if self.status == "failed":
                self._session["error"] = f"{type(error).__name__}: {error}"
            raise
        finally:
            restarts = workers.restarts
            self._session |= {"status": self.status, "ended": _now(), "to_steps": state.steps}
            self._session |= {"seconds": round(state.wall_clock, 1), "worker_restarts": restarts}
            self._session["exact"] &= not restarts
            with contextlib.suppress(OSError):  # the disk is full, which is being said already
                if refused:
                    self._file.unlink()
                else:
                    write_json(self._file, self._said)


def read_record(run: Path) -> dict[str, Any]:
    """What run.json says; empty without one.

    Raises:
        InputError: it cannot be read.
    """
    if not (run / "run.json").exists():
        return {}
    said = read_table(run / "run.json")
    if "recipe" not in said:
        raise InputError(f"{run / 'run.json'}: not a run's record: it has no recipe")
    for key, kind in (("recipe", dict), ("sessions", list), ("threads", dict)):
        if not isinstance(said.get(key, kind()), kind):
            raise InputError(f"{run / 'run.json'}: {key}: a {'list' if kind is list else 'table'} is expected")
    if not all(isinstance(session, dict) for session in said.get("sessions", [])):
        raise InputError(f"{run / 'run.json'}: sessions: a list of tables is expected")
    return said


def read_run(run: Path) -> Recipe:
    """The recipe that a run folder was made from.

    Raises:
        InputError: it is no run folder.
    """
    said = read_record(run)
    if not said:
        raise InputError(f"{run}: not a run folder: it has no run.json")
    return recipe_from_dict(said["recipe"], str(run / "run.json"))


def refuse_other_recipe(where: Path, before: Recipe, recipe: Recipe) -> None:
    """A run, or a checkpoint, is resumed with the recipe that it was made with; only these may differ: the last stage's
    steps, the split of the same number of envs among workers, and how many checkpoints are kept.

    Raises:
        InputError: another field differs; the message lists all of them.
    """
    old, new = (each.model_dump(mode="json") for each in (before, recipe))
    envs = [each["workers"] * each["envs_per_worker"] for each in (old, new)]
    found = [] if envs[0] == envs[1] else [("workers * envs_per_worker", *envs)]
    for each in (old, new):
        for name in _FREE:
            del each[name]
        each["stages"][-1].pop("steps")
    _refuse(f"{where}: cannot be resumed with another recipe", found + differences(old, new))


def _refuse(what: str, found: Sequence[Difference]) -> None:
    if found:
        told = [f"{field}: the run has {old!r}, now {new!r}" for field, old, new in found]
        raise InputError("\n  ".join([f"{what}:", *told]))


def refuse_other_env(folder: Path, said: dict[str, Any], here: dict[str, Any]) -> None:
    """A checkpoint goes on only in the env that it was made in.

    Raises:
        InputError: it differs; the message lists the fields.
    """
    then, now = second_edition(said.get("env", {})), json.loads(json.dumps(here))
    _refuse(f"{folder}: made in another environment", differences(then, now))
