"""Where jobs run: in processes of this machine, or as tasks of a Ray cluster. Results do not depend on it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from simonsays.agents.measure.rollout import in_parallel
from simonsays.assets import InputError, did_you_mean

ENGINES = ("local", "ray")

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Engine:
    """How many jobs run at a time, and where.

    ``jobs``: processes; with Ray, of a Ray that is started for the occasion: a cluster runs as many as it has CPUs for.
    ``address``: of a Ray cluster, see cluster.joined. ``folder``: that the jobs write to. ``cpus``: that a job takes.

    Raises:
        InputError: no such engine; an address without Ray; with Ray, it is not installed.
    """

    name: str = "local"
    jobs: int = 2
    address: str | None = None
    folder: Path | None = None
    cpus: int = 1

    def __post_init__(self) -> None:
        if self.name not in ENGINES:
            raise InputError(f"--by {self.name!r}: use {' or '.join(ENGINES)}{did_you_mean(self.name, ENGINES)}")
        if self.name == "ray":
            from simonsays.experiments.jobs.cluster import need_ray

            need_ray()
        elif self.address is not None:
            raise InputError(f"--ray-address {self.address}: give --by ray with it")

    def map(self, function: Callable[[Task], Result], tasks: Sequence[Task]) -> Generator[Result]:
        """Results in the order of the tasks; what has not begun is dropped when it is closed.

        ``function`` and tasks must be picklable, paths in them absolute. Raises what a task raises.
        """
        if self.name == "local":
            yield from in_parallel(function, tasks, self.jobs)
            return
        early: dict[int, Result] = {}
        wanted = 0
        with closing(self.as_completed(function, tasks)) as ended:
            for place, result in ended:
                early[place] = result
                while wanted in early:
                    yield early.pop(wanted)
                    wanted += 1

    def as_completed(self, function: Callable[[Task], Result], tasks: Sequence[Task]) -> Generator[tuple[int, Result]]:
        """(place of the task, result), as they end."""
        if self.name == "local":
            yield from enumerate(self.map(function, tasks))
            return
        from simonsays.experiments.jobs.cluster import joined, run_tasks

        with (
            joined(self.address, self.jobs * self.cpus, self.folder) as ray,
            closing(run_tasks(ray, function, tasks, self.cpus)) as ended,
        ):
            yield from ended


def absolute(policy: str) -> str:
    """A policy's name; of a bundle's folder the absolute path, which means the same in every process."""
    from simonsays.assets.registry import POLICIES

    folder = Path(policy)
    is_folder = policy not in POLICIES.files() and (folder / "policy.json").is_file()
    return str(folder.resolve()) if is_folder else policy
