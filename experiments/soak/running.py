"""All of a soak's tasks at once, and what is to be said of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simonsays.experiments.jobs.processes import Failure, run_all
from simonsays.experiments.soak.shift import Task
from simonsays.experiments.soak.vitals import FIGURES, MOST_GROWTH, SETTLED, Vitals, check_system, growth
from simonsays.experiments.soak.work import KINDS, work


def soak(
    minutes: float, engine: str, seed: int, progress: Callable[[int, int], None] = lambda done, total: None
) -> dict[str, Any]:
    """Live and batch work at once for some minutes.

    Returns:
        ``ok``; ``growth_judged``, false where a task had too few samples for that; ``faults``, what was lost, not
        finite or grew; and of each of ``tasks`` what was ``done`` and how often, and ``memory`` (bytes),
        ``descriptors`` and ``threads`` over its ``seconds``, with their growth.

    Raises:
        InputError: the system does not tell what a process holds.
    """
    check_system()
    seen: dict[str, list[Vitals]] = {kind: [] for kind in KINDS}
    faults: list[str] = []
    told: dict[str, Any] = {}

    def hear(task: Task, message: Vitals) -> None:
        seen[task.kind].append(message)
        progress(round(min(each[-1].seconds if each else 0.0 for each in seen.values())), round(60 * minutes))

    tasks = [Task(kind, 60 * minutes, engine, seed) for kind in KINDS]
    for task, result in run_all(work, tasks, len(tasks), hear):
        found = growth(seen[task.kind])
        if isinstance(result, Failure):
            faults.append(f"{task.kind}: {result.trace or result.error}")
        else:
            found["done"] = dict(sorted(result.done.items()))
            faults += [f"{task.kind}: {fault}" for fault in result.faults]
        for name in FIGURES:
            share = found[name]["growth"]
            if share is not None and share > MOST_GROWTH:
                faults.append(f"{task.kind}: {name} grew by {share:.1%} after the first {SETTLED / 60:g} minutes")
        told[task.kind] = found
    judged = all(found["memory"]["growth"] is not None for found in told.values())
    return {"ok": not faults, "minutes": minutes, "growth_judged": judged, "faults": faults, "tasks": told}
