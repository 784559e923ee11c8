"""Runs a benchmark in processes, each episode's record in a file of its own: it can be stopped and taken up again."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import sys
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, as_completed
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from simonsays.assets import InputError
from simonsays.assets.defaults import DEFAULT_ROBOT
from simonsays.assets.files import NotWritten, litter, write_atomically
from simonsays.assets.notes import dataclass
from simonsays.assets.plugins import blaming, plugin_digests
from simonsays.assets.processes import Pool
from simonsays.assets.reading import read_table
from simonsays.envs.policy.choice import own_policy
from simonsays.envs.policy.policy import bundle_folder, load_policy
from simonsays.envs.skills import skills
from simonsays.experiments.benchmark.episodes import BASELINES, Record, Settings, run_episode
from simonsays.experiments.benchmark.mismatch import candidates
from simonsays.experiments.benchmark.suite import Case, Episode, episodes, file_hash, load_cases, suite_files
from simonsays.experiments.jobs.engines import Engine, absolute
from simonsays.sim.engine_choice import engine_said, need_engine
from simonsays.sim.engines import DEFAULT
from simonsays.sim.robots import get_robot

FORMAT = 1
_CODE = ("sim", "envs", "experiments/benchmark", "experiments/say.py")
_TELLS = ("statistics.py", "report.py", "plots.py")  # only tell what the records say


@dataclass(frozen=True)
class Options:
    """What a benchmark runs, and where it writes."""

    out: Path
    suites: tuple[str, ...] = ("all",)
    robot: str = DEFAULT_ROBOT
    policy: str = ""
    """a bundle, or a baseline; by default the robot's own for walking"""
    seeds: int = 2
    jobs: int = 2
    limit: int | None = None
    keep: bool = False
    resume: bool = False
    by: str = "local"
    """or "ray", see experiments/jobs/engines.py; ``address`` is that of the cluster"""
    address: str | None = None
    engine: str = DEFAULT
    """of the physics"""


def run_benchmark(options: Options, progress: Callable[[int, int], None] | None = None) -> dict[str, Any]:
    """Run what is not yet in ``options.out``; returns the manifest and the records, in the order of the suite.

    Raises:
        InputError: no such suite, robot, policy or engine; or the folder holds another benchmark, named field by field.
    """
    options = options if options.policy else replace(options, policy=own_policy(get_robot(options.robot)))
    engine = Engine(options.by, options.jobs, options.address, options.out)
    files = suite_files(options.suites)
    manifest = make_manifest(options, files)
    cases = load_cases(files, options.robot)
    chosen = episodes(cases, options.seeds, options.limit)
    folder = _prepare(options, manifest)
    todo = [episode for episode in chosen if not _file(folder, episode).is_file()]
    update = progress or (lambda done, total: None)
    update(len(chosen) - len(todo), len(chosen))
    recordings = options.out.resolve() / "recordings"
    settings = Settings(options.robot, absolute(options.policy), recordings, options.keep, options.engine)
    tasks = [(episode, settings, candidates(episode.case, cases)) for episode in todo]
    run = _run_here(tasks, options.jobs) if options.by == "local" else engine.as_completed(_episode, tasks)
    with closing(run) as ended:
        for number, (place, record) in enumerate(ended, start=len(chosen) - len(todo) + 1):
            write_atomically(_file(folder, todo[place]), _json(record))
            update(number, len(chosen))
    records = [read_table(_file(folder, episode)) for episode in chosen]
    return {"manifest": manifest, "episodes": records}


def make_manifest(options: Options, files: dict[str, Path]) -> dict[str, Any]:
    """Everything that changes results.

    Raises:
        InputError: no such robot, policy or engine, or they do not fit.
    """
    packages = ("simonsays", need_engine(options.engine).package, "numpy", "gymnasium")
    robot_hash, policy = get_robot(options.robot).identity()["robot_hash"], "baseline"
    if options.policy not in BASELINES:
        bundles = {**get_robot(options.robot).motions, "gait": options.policy}
        for name in bundles.values():
            if load_policy(name).description["robot_hash"] != robot_hash:
                raise InputError(f"--policy {name} was trained for another robot than {options.robot!r}")
        policy = _hash([file for name in bundles.values() for file in sorted(bundle_folder(name).glob("policy.*"))])
    return {
        "format": FORMAT,
        "suites": {name: file_hash(file) for name, file in files.items()},
        "robot": options.robot,
        "robot_hash": robot_hash,
        "policy": options.policy,
        "policy_hash": policy,
        **engine_said(options.engine),
        "seeds": options.seeds,
        "limit": options.limit,
        "keep_recordings": options.keep,
        "skills": sorted(skills()),
        "code": _code_hash(),
        "plugins": plugin_digests(),
        "versions": {"python": sys.version.split()[0], **{name: importlib.metadata.version(name) for name in packages}},
    }


def _hash(files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _code_hash() -> str:
    """Of the code that acts and judges: it may change between two versions."""
    root = Path(__file__).resolve().parents[2]
    places = [root / place for place in _CODE]
    files = [file for place in places for file in ([place] if place.is_file() else sorted(place.rglob("*.*")))]
    return _hash([file for file in files if file.suffix in (".py", ".toml", ".lark") and file.name not in _TELLS])


def _prepare(options: Options, manifest: dict[str, Any]) -> Path:
    """The folder of the records; made, or found to be of the same benchmark.

    Raises:
        InputError: it cannot be written, holds something else or another benchmark; or there is nothing to resume.
    """
    file = options.out / "manifest.json"
    if not file.is_file():
        if options.resume:
            raise InputError(f"--resume: {options.out} holds no benchmark")
        if options.out.exists() and (not options.out.is_dir() or any(options.out.iterdir())):
            raise InputError(f"--out {options.out}: there is something else; name a folder that is new or empty")
    else:
        _check_manifest(file, manifest)
    folder = options.out / "episodes"
    try:
        for place in (folder, options.out / "recordings"):
            place.mkdir(parents=True, exist_ok=True)
            for scratch in litter(place):  # left by a run that was killed
                scratch.unlink()
        write_atomically(file, _json(manifest))
    except NotWritten:
        raise
    except OSError as error:
        raise InputError(f"--out {options.out}: cannot be written: {error.strerror}") from error
    return folder


def _check_manifest(file: Path, manifest: dict[str, Any]) -> None:
    before = read_table(file)
    differs = [
        f"{key}: there {before.get(key)!r:.100}, now {manifest.get(key)!r:.100}"
        for key in sorted({*before, *manifest})
        if before.get(key) != manifest.get(key)
    ]
    if differs:
        raise InputError(f"{file.parent} holds another benchmark; choose another --out:\n  " + "\n  ".join(differs))


def _json(data: Any) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()


def _file(folder: Path, episode: Episode) -> Path:
    return folder / f"{episode.name}.json"


def _episode(task: tuple[Episode, Settings, tuple[Case, ...]]) -> Record:
    return run_episode(*task)


def _run_here(tasks: Sequence[tuple[Episode, Settings, tuple[Case, ...]]], jobs: int) -> Generator[tuple[int, Record]]:
    """Run episodes in processes; (place of the task, record), as they end."""
    with Pool(max(1, min(jobs, len(tasks)))) as pool:
        waiting: dict[Future[Record], int] = {
            pool.submit(blaming, _episode, task): place for place, task in enumerate(tasks)
        }
        for future in as_completed(waiting):
            yield waiting[future], future.result()
