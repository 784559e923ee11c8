"""Ray: the same results as on this machine, over a real cluster of two nodes on loopback, one of which is killed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from simonsays.assets import InputError
from simonsays.experiments.engines import Engine

ray = pytest.importorskip("ray")

from test_benchmark import write_suite  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
HEALTH = {"health_check_period_ms": 200, "health_check_timeout_ms": 500, "health_check_failure_threshold": 2}


def children() -> set[str]:
    """Ray's processes that are alive."""
    found = subprocess.run(["pgrep", "-f", "raylet|gcs_server"], capture_output=True, text=True, check=False)
    return set(found.stdout.split())


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A head of one CPU; tests add the node that they kill."""
    from ray.cluster_utils import Cluster

    before = children()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("PYTHONPATH", os.pathsep.join([*map(os.path.abspath, filter(None, sys.path))]))
        arguments = {"num_cpus": 1, "include_dashboard": False}
        made = Cluster(initialize_head=True, head_node_args={**arguments, "_system_config": HEALTH})
        try:
            yield made
        finally:
            made.shutdown()
    assert not children() - before


@pytest.fixture
def node(cluster: Any) -> Iterator[Callable[[], None]]:
    """A second node of one CPU; call to kill it."""
    added = cluster.add_node(num_cpus=1)

    def kill() -> None:
        raylet = str(added.all_processes["raylet"][0].process.pid)
        workers = subprocess.run(["pgrep", "-P", raylet], capture_output=True, text=True, check=False).stdout.split()
        cluster.remove_node(added, allow_graceful=False)
        for worker in workers:  # they would end by themselves a little later
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(worker), signal.SIGKILL)

    yield kill
    if added in cluster.worker_nodes:
        kill()


def square(number: int) -> int:
    if number < 0:
        raise InputError(f"{number} is negative")
    time.sleep(0.05)
    return number * number


def mark_and_wait(task: tuple[str, int]) -> tuple[int, int]:
    """Say on which node it runs; how often it was begun."""
    folder, number = task
    mark = Path(folder) / f"task{number}-{ray.get_runtime_context().get_node_id()}"
    mark.write_text("")
    time.sleep(0.5)
    return number, len(list(Path(folder).glob(f"task{number}-*")))


def test_results_come_in_order_and_errors_as_they_were(cluster: Any, node: Callable[[], None]) -> None:
    over = Engine("ray", address=cluster.address)
    tasks = list(range(6))
    assert list(over.map(square, tasks)) == list(Engine("local", 1).map(square, tasks)) == [n * n for n in tasks]
    with pytest.raises(InputError, match="-1 is negative"):
        list(over.map(square, [1, -1]))
    assert not ray.is_initialized()


def when(condition: Callable[[], bool], act: Callable[[], None]) -> threading.Thread:
    """Do something, from another thread, as soon as something is so."""

    def wait() -> None:
        end = time.monotonic() + 30
        while not condition() and time.monotonic() < end:
            time.sleep(0.02)
        act()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_tasks_of_a_killed_node_run_again(cluster: Any, node: Callable[[], None], tmp_path: Path) -> None:
    def nodes() -> set[str]:
        return {mark.name.split("-")[1] for mark in tmp_path.iterdir() if mark.name.startswith("task")}

    killing = when(lambda: len(nodes()) == 2, node)
    tasks = [(str(tmp_path), number) for number in range(4)]
    results = list(Engine("ray", address=cluster.address, folder=tmp_path).map(mark_and_wait, tasks))
    killing.join()
    assert [number for number, _ in results] == list(range(4))
    assert max(begun for _, begun in results) == 2
