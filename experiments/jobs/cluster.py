"""Ray: tasks over a cluster of machines, or over a Ray that is started for the occasion on this one.

Ray does the work: it places tasks, and runs those of a node that was lost again on another.
"""

from __future__ import annotations

import importlib.metadata
import logging
import os
import signal
import socket
import sys
import threading
import uuid
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from simonsays.assets import InputError, first_line, needs_extra
from simonsays.assets.files import code_digest
from simonsays.assets.plugins import VARIABLE, blaming, plugin_digests

Task = TypeVar("Task")
Result = TypeVar("Result")

RETRIES = 5  # of a task whose node or process is lost; what the task itself raises is not tried again
_PACKAGES = ("pybullet", "mujoco", "numpy", "gymnasium", "torch")
_HANDED_ON = ("OMP_NUM_THREADS", VARIABLE)  # variables that a task has as the process that gave it
_FOLDERS = ("assets", "sim", "envs", "agents", "experiments")
_PATIENCE = 30.0  # s that tasks have, once cancelled, to write their checkpoints
_GLANCE = 2.0  # s
_ANSWER = 5.0  # s that a cluster's address has to answer
_LISTEN = 0.5  # s between a task's looks at whether it is to stop
_STORE = 200 * 2**20  # bytes of shared memory of a Ray that is started here: results are small


def need_ray() -> Any:
    """The module ray.

    Raises:
        InputError: it is not installed.
    """
    with needs_extra("ray", "this"):
        import ray
    return ray


@contextmanager
def joined(address: str | None = None, cpus: int | None = None, folder: Path | None = None) -> Iterator[Any]:
    """Be part of a Ray cluster; yields the module ray.

    Args:
        address: ``HOST:PORT`` of a cluster, or ``auto`` for the one that runs here. By default a Ray of this machine
            alone is started, and ended afterwards.
        cpus: of the Ray that is started; this machine's by default. A cluster has its own.
        folder: that the tasks write to; every node must see it.

    Raises:
        InputError: no ray, no cluster at the address, a node with another version or without the folder, or the
            cluster is lost.
    """
    ray = need_ray()
    from ray.exceptions import RayError, RayTaskError

    ours = not ray.is_initialized()
    if ours:
        _start(ray, address, cpus)
    try:
        check_nodes(ray, folder)
        yield ray
    except RayError as error:
        if isinstance(error, RayTaskError):
            raise
        told = first_line(error)
        raise InputError(f"Ray has lost the cluster, or a task time and again: {told}; call the same again") from error
    finally:
        if ours:
            ray.shutdown()


def _start(ray: Any, address: str | None, cpus: int | None) -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    ray._private.worker._worker_logs_enabled = False  # it prints a lost node's log on standard output, where JSON goes
    logging.getLogger("ray").setLevel(logging.ERROR)
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR", "configure_logging": False}
    if VARIABLE in os.environ:
        quiet["runtime_env"] = {"env_vars": {VARIABLE: os.environ[VARIABLE]}}  # RLlib's own processes, too
    local = {"include_dashboard": False, "object_store_memory": _STORE}
    _check_answers(address)
    try:
        if address in (None, "local"):
            ray.init(address="local", num_cpus=cpus, **local, **quiet)
        else:
            ray.init(address=address, **quiet)
    except (ConnectionError, ValueError, RuntimeError) as error:
        hint = "; start one with: ray start --head" if address == "auto" else ""
        raise InputError(f"--ray-address {address or 'local'}: {first_line(error)}{hint}") from error


def _check_answers(address: str | None) -> None:
    """Ray itself would go on trying for many minutes.

    Raises:
        InputError: it is no address, or nothing answers there.
    """
    if address in (None, "local", "auto"):
        return
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise InputError(f"--ray-address {address!r}: write HOST:PORT, or auto")
    try:
        socket.create_connection((host, int(port)), _ANSWER).close()
    except (OSError, OverflowError) as error:
        raise InputError(
            f"--ray-address {address}: no cluster answers: {error}; start one with: ray start --head --port {port}"
        ) from error


def check_nodes(ray: Any, folder: Path | None = None) -> None:
    """Refuse a cluster on which results would depend on the node, or be lost with it.

    Raises:
        InputError: a node has other code or packages than this process, or does not see the folder.
    """
    from ray.exceptions import RayError

    marker = None if folder is None else _mark(folder)
    try:
        asked = {
            node["NodeManagerAddress"]: ray.remote(_look).options(**_beside(node["NodeID"])).remote(marker)
            for node in ray.nodes()
            if node["Alive"] and node["Resources"].get("CPU")
        }
        here, _ = _look(None)
        for name, reference in asked.items():
            with _own_errors(), suppress(RayError):  # a node that is lost now is Ray's to deal with
                there, seen = ray.get(reference)
                _compare(name, here, there)
                if not seen:
                    raise InputError(f"{folder}: node {name} does not see it; name a folder that all nodes share")
    finally:
        if marker is not None:
            marker.unlink(missing_ok=True)


def _beside(node: str) -> dict[str, Any]:
    """Options for what runs on one node only, and takes none of its CPUs."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    return {"num_cpus": 0, "scheduling_strategy": NodeAffinitySchedulingStrategy(node, soft=False)}


def _mark(folder: Path) -> Path:
    marker = folder.resolve() / f".seen-{uuid.uuid4().hex}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        marker.touch()
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror}") from error
    return marker


def _look(marker: Path | None) -> tuple[dict[str, str], bool]:
    """Versions here, and whether a file is there."""
    root = Path(__file__).resolve().parents[2]
    code = code_digest(root, [file for folder in _FOLDERS for file in sorted((root / folder).rglob("*.py"))])
    found = {"python": sys.version.split()[0], "code of simonsays": code}
    found |= {f"plug-in {label}": digest for label, digest in plugin_digests().items()}
    for name in _PACKAGES:
        with suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found, marker is None or marker.is_file()


def _compare(node: str, here: dict[str, str], there: dict[str, str]) -> None:
    differs = [
        f"{name} {there.get(name)}, here {here.get(name)}"
        for name in {**here, **there}
        if here.get(name) != there.get(name)
    ]
    if differs:
        raise InputError(f"node {node} would give other results: {'; '.join(differs)}")


def run_tasks(
    ray: Any,
    function: Callable[[Task], Result],
    tasks: Sequence[Task],
    cpus: int = 1,
    look: Callable[[], None] = lambda: None,
) -> Generator[tuple[int, Result]]:
    """Run tasks on the cluster; yields (place of the task, result) as they end.

    A task whose node is lost runs again on another, so it may have begun before. Where this is left early, by Ctrl-C
    too, the tasks that run see a KeyboardInterrupt and have half a minute to end. ``look`` is called now and then.

    Raises:
        what a task raises; ray.exceptions.RayError: a task was lost time and again.
    """
    most = max(node["Resources"].get("CPU", 0) for node in ray.nodes() if node["Alive"])
    remote = ray.remote(_call).options(num_cpus=max(1, min(cpus, int(most))), max_retries=RETRIES)
    stop = ray.remote(_Stop).options(**_beside(ray.get_runtime_context().get_node_id())).remote()
    setting = {name: os.environ.get(name) for name in _HANDED_ON}, sys.argv
    waiting = {remote.remote(function, task, stop, *setting): place for place, task in enumerate(tasks)}
    try:
        while waiting:
            ended = ray.wait(list(waiting), timeout=_GLANCE)[0]
            look()
            for reference in ended:
                with _own_errors():
                    result = ray.get(reference)
                yield waiting.pop(reference), result
    finally:
        if waiting:
            stop.ask.remote()
            ray.wait(list(waiting), num_returns=len(waiting), timeout=_PATIENCE)


class _Stop:
    """An actor that knows whether tasks are to stop.

    ray.cancel would tell them as well, but Ray 2.60 aborts this process where a task ends at that very moment ("Tried
    to complete task that was not pending").
    """

    def __init__(self) -> None:
        self._asked = False

    def ask(self) -> None:
        self._asked = True

    def asked(self) -> bool:
        return self._asked


def _call(
    function: Callable[[Task], Result], task: Task, stop: Any, variables: dict[str, str | None], command: list[str]
) -> Result:
    """Run a task with the plug-ins and the thread count of the process that gave it, as Ray sets another and results
    might differ, and with its command line, which run folders record."""
    sys.argv = command
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    looked, ended = threading.Event(), threading.Event()
    listener = threading.Thread(target=_interrupt_when_asked, args=(stop, looked, ended), daemon=True)
    listener.start()
    mask = signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # Ray blocks it, and a sleep would go on
    try:
        looked.wait()  # what was to stop before it began goes no further than this
        return blaming(function, task)
    finally:
        ended.set()
        listener.join()
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _interrupt_when_asked(stop: Any, looked: threading.Event, ended: threading.Event) -> None:
    """Raise KeyboardInterrupt in the main thread, once, if that is asked for before the task has ended."""
    import ray
    from ray.exceptions import RayError

    try:
        while not ray.get(stop.asked.remote()):
            looked.set()
            if ended.wait(_LISTEN):
                return
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    except RayError:
        pass  # the process that asks is lost: Ray ends its tasks
    finally:
        looked.set()


@contextmanager
def _own_errors() -> Iterator[None]:
    """Raise what a task raised as it was, without Ray's wrapping."""
    from ray.exceptions import RayTaskError

    try:
        yield
    except RayTaskError as error:
        if isinstance(error.cause, Exception):
            raise error.cause from error
        raise
