"""Ray: the same results as on this machine, over a real cluster of two nodes on loopback, one of which is killed."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from simonsays.assets import InputError, plugins
from simonsays.assets.registry import SCENES
from simonsays.experiments.jobs.engines import Engine

ray = pytest.importorskip("ray")

torch = pytest.importorskip("torch")

from tiny_runs import tiny  # noqa: E402
from tiny_suite import write_suite  # noqa: E402

from simonsays.agents.recipes.recipe import recipe_from_dict, with_values  # noqa: E402
from simonsays.agents.runs.run_dir import checkpoints, load_checkpoint, newest_checkpoint  # noqa: E402
from simonsays.agents.training.options import TrainOptions  # noqa: E402
from simonsays.agents.training.train import train  # noqa: E402
from simonsays.experiments.benchmark.running import Options, run_benchmark  # noqa: E402
from simonsays.experiments.jobs.cluster import joined, run_tasks  # noqa: E402
from simonsays.experiments.jobs.processes import Failure  # noqa: E402
from simonsays.experiments.jobs.seeds import seed_runs, train_seeds  # noqa: E402
from simonsays.experiments.jobs.training import run_all  # noqa: E402
from simonsays.experiments.search.ray_sweep import _check_folder, ray_sweep, search_space  # noqa: E402
from simonsays.experiments.search.trial import Plan  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
HEALTH = {"health_check_period_ms": 200, "health_check_timeout_ms": 10_000, "health_check_failure_threshold": 2}


def children() -> set[str]:
    """Ray's processes that this one started and that are alive; other tests may have a Ray of their own."""
    command = ["pgrep", "-P", str(os.getpid()), "-f", "raylet|gcs_server"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
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
        """As a power cut would: its workers end at the same moment."""
        raylet = added.all_processes["raylet"][0].process.pid
        found = subprocess.run(["pgrep", "-P", str(raylet)], capture_output=True, text=True, check=False)
        for process in (raylet, *map(int, found.stdout.split())):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        cluster.remove_node(added, allow_graceful=False)

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


def test_results_come_in_order_and_errors_as_they_were(cluster: Any) -> None:
    over = Engine("ray", address=cluster.address)
    tasks = list(range(6))
    assert list(over.map(square, tasks)) == list(Engine("local", 1).map(square, tasks)) == [n * n for n in tasks]
    with pytest.raises(InputError, match="-1 is negative"):
        list(over.map(square, [1, -1]))
    assert not ray.is_initialized()


def scenes(_: int) -> list[str]:
    return list(SCENES.files())


def test_tasks_know_the_plugins_of_the_process_that_gave_them(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "meadows.py"
    file.write_text(
        "from simonsays.assets.plugins import register_assets; register_assets(__file__.removesuffix('.py'))"
    )
    (tmp_path / "meadows" / "scenes").mkdir(parents=True)
    (tmp_path / "meadows" / "scenes" / "meadow.toml").write_text("")
    monkeypatch.setattr(plugins, "_LOADED", plugins._Loaded())
    monkeypatch.setenv(plugins.VARIABLE, str(file))
    monkeypatch.setitem(sys.modules, "meadows", sys)
    del sys.modules["meadows"]
    ((found),) = Engine("ray", address=cluster.address).map(scenes, [0])
    assert "meadow" in found
    file.unlink()
    with pytest.raises(InputError, match=r"plug-in meadows\.py: cannot be loaded"):
        list(Engine("ray", address=cluster.address).map(scenes, [0]))


def say_when_interrupted(task: tuple[str, int]) -> int:
    folder, number = task
    (Path(folder) / f"{number}-begun").write_text("")
    try:
        time.sleep(0 if number == 0 else 60)
    except KeyboardInterrupt:
        (Path(folder) / f"{number}-interrupted").write_text("")
        raise
    return number


def test_what_runs_is_interrupted_and_what_waits_never_begins(cluster: Any, tmp_path: Path) -> None:
    tasks = [(str(tmp_path), number) for number in range(4)]
    over = Engine("ray", address=cluster.address, folder=tmp_path)
    with contextlib.closing(over.as_completed(say_when_interrupted, tasks)) as ended:
        assert next(ended) == (0, 0)
        running = wait_for(lambda: (tmp_path / "1-begun").exists())
    assert running
    begun, interrupted = ({mark.name[0] for mark in tmp_path.glob(f"*-{what}")} for what in ("begun", "interrupted"))
    assert interrupted == begun - {"0"} and "3" not in begun


@pytest.mark.slow
def test_leaving_while_tasks_end_harms_nobody(cluster: Any, node: Callable[[], None]) -> None:
    """Asked to cancel a task that ends just then, Ray aborts this process; with ray.cancel some 40 rounds did it."""
    with joined(cluster.address) as connected:
        for _ in range(80):
            with contextlib.closing(run_tasks(connected, time.sleep, [0.01] * 4)) as ended:
                next(ended)
                end = time.perf_counter() + 0.008 + 0.01 * random.random()
                while time.perf_counter() < end:
                    pass


def wait_for(condition: Callable[[], bool]) -> bool:
    """Whether something came to be so within half a minute."""
    end = time.monotonic() + 30
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def when(condition: Callable[[], bool], act: Callable[[], None]) -> threading.Thread:
    """Do something, from another thread, as soon as something is so."""

    def wait() -> None:
        wait_for(condition)
        act()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_an_address_where_no_cluster_answers_is_told_at_once() -> None:
    for address, words in (("127.0.0.1:1", "no cluster answers"), ("here", "write HOST:PORT")):
        with pytest.raises(InputError, match=words), joined(address):
            pass


def test_tasks_of_a_killed_node_run_again(
    cluster: Any, node: Callable[[], None], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def nodes() -> set[str]:
        return {mark.name.split("-")[1] for mark in tmp_path.iterdir() if mark.name.startswith("task")}

    killing = when(lambda: len(nodes()) == 2, node)
    tasks = [(str(tmp_path), number) for number in range(4)]
    results = list(Engine("ray", address=cluster.address, folder=tmp_path).map(mark_and_wait, tasks))
    killing.join()
    assert [number for number, _ in results] == list(range(4))
    assert max(begun for _, begun in results) == 2
    assert capfd.readouterr().out == "", "standard output is for JSON"


@pytest.mark.slow
def test_a_training_on_a_killed_node_goes_on_from_its_checkpoint(
    cluster: Any, node: Callable[[], None], tmp_path: Path
) -> None:
    """One seed runs on the head, one on the node that is killed: both end as they do where nothing is killed."""
    stages = [{"name": "only", "steps": 2048, "learning_rate": 1e-3}]
    recipe = tiny(stages=stages, checkpoint_steps=256, env={"episode_seconds": 0.2})
    runs = [tmp_path / f"seed_{seed}" for seed in (0, 1)]
    killing = when(lambda: all(checkpoints(run) for run in runs), node)
    over = partial(run_all, Engine("ray", address=cluster.address, folder=tmp_path))
    outcomes = train_seeds(seed_runs(recipe, tmp_path, (0, 1)), over=over)
    killing.join()
    assert [outcome["status"] for outcome in outcomes] == ["finished", "finished"], outcomes
    records = [json.loads((run / "run.json").read_text())["sessions"] for run in runs]
    (killed,) = (seed for seed, sessions in enumerate(records) if len(sessions) == 2)
    assert records[killed][1]["from_steps"] >= 256 and records[killed][1]["status"] == "finished"
    train(recipe.model_copy(update={"seed": killed}), tmp_path / "alone")
    there, alone = (load_checkpoint(newest_checkpoint(run))[1] for run in (runs[killed], tmp_path / "alone"))
    for name, tensor in alone.items():
        assert torch.equal(there[name], tensor), name


@pytest.mark.slow
def test_a_benchmark_over_a_cluster_gives_the_same_with_a_node_killed(
    cluster: Any, node: Callable[[], None], tmp_path: Path
) -> None:
    suite = (str(write_suite(tmp_path)),)
    here = run_benchmark(Options(tmp_path / "here", suite, seeds=1, jobs=1, limit=4))
    killing = when(lambda: any((tmp_path / "there" / "episodes").glob("*.json")), node)
    over = Options(tmp_path / "there", suite, seeds=1, limit=4, by="ray", address=cluster.address)
    assert run_benchmark(over) == here
    killing.join()


def test_a_failed_training_is_told_and_others_go_on(cluster: Any, tmp_path: Path) -> None:
    jobs = seed_runs(tiny(), tmp_path, (0, 1))
    over = Engine("ray", address=cluster.address, folder=tmp_path)
    found = {job.run: result for job, result in run_all(over, fail_for_one, jobs, 1, lambda *_: None)}
    assert found[jobs[0].run] == 0
    failure = found[jobs[1].run]
    assert isinstance(failure, Failure) and "no luck with seed 1" in failure.error


def fail_for_one(job: Any, ask: Any) -> int:
    if job.recipe["seed"] == 1:
        raise InputError("no luck with seed 1")
    return int(job.recipe["seed"])


SEARCH = {"ppo.n_epochs": {"low": 1, "high": 2}, "stages.0.learning_rate": {"low": 1e-5, "high": 1e-3, "log": True}}


def test_ranges_become_what_tune_draws_from() -> None:
    more = {"ppo.gamma": {"low": 0.9, "high": 0.99}, "network.activation": {"choices": ["elu", "tanh"]}}
    recipe = tiny(search={**SEARCH, **more})
    space = search_space(recipe.search)
    drawn = [{key: domain.sample() for key, domain in space.items()} for _ in range(30)]
    assert {each["ppo.n_epochs"] for each in drawn} == {1, 2}
    assert {each["network.activation"] for each in drawn} == {"elu", "tanh"}
    assert all(1e-5 <= each["stages.0.learning_rate"] <= 1e-3 and 0.9 <= each["ppo.gamma"] <= 0.99 for each in drawn)
    assert all(with_values(recipe, each).hyperparameters.n_epochs == each["ppo.n_epochs"] for each in drawn)
    assert sum(each["stages.0.learning_rate"] < 1e-4 for each in drawn) > 5


def test_a_sweep_is_not_gone_on_with_on_other_seeds_or_episodes(tmp_path: Path) -> None:
    recipe = tiny(search=SEARCH)
    _check_folder(tmp_path, recipe, Plan(3, episodes=1))
    _check_folder(tmp_path, recipe, Plan(9, episodes=1))
    for other in (Plan(3, episodes=2), Plan(3, episodes=1, seed=8)):
        with pytest.raises(InputError, match="--episodes, --seed"):
            _check_folder(tmp_path, recipe, other)


@pytest.mark.slow
def test_a_sweep_over_a_cluster_ends_with_a_node_killed(cluster: Any, node: Callable[[], None], tmp_path: Path) -> None:
    stages = [{"name": "only", "steps": 256, "learning_rate": 1e-3}]
    recipe = tiny(stages=stages, checkpoint_steps=64, env={"episode_seconds": 0.2}, search=SEARCH)
    killing = when(lambda: len({each.parent for each in tmp_path.glob("sweep/trial_*/checkpoints/step_*")}) >= 2, node)
    plan, heard = Plan(3, pruner="none", episodes=1), []
    engine = Engine("ray", address=cluster.address)
    results = ray_sweep(recipe, tmp_path / "sweep", plan, engine, lambda *now: heard.append(now))
    killing.join()
    assert [trial["state"] for trial in results["trials"]] == ["complete"] * 3 and len(heard) == 3
    assert results["best"]["value"] == max(trial["value"] for trial in results["trials"])
    best = recipe_from_dict(tomllib.loads((tmp_path / "sweep" / "best.toml").read_text()), "best.toml")
    assert best.hyperparameters.n_epochs == results["best"]["values"]["ppo.n_epochs"]
    assert all((tmp_path / "sweep" / trial["run"] / "bundle").is_dir() for trial in results["trials"])
    with pytest.raises(InputError, match="with another recipe"):
        ray_sweep(tiny(search=SEARCH), tmp_path / "sweep", plan, engine)


@pytest.mark.slow
def test_rllib_goes_on_without_a_lost_env_runner(cluster: Any, node: Callable[[], None], tmp_path: Path) -> None:
    from simonsays.agents.rllib import train as rllib

    recipe = tiny(workers=2, stages=[{"name": "only", "steps": 10**6, "learning_rate": 1e-3}], checkpoint_steps=64)
    run, killed, later = tmp_path / "run", threading.Event(), []

    def kill() -> None:
        node()
        killed.set()

    def goes_on(checkpoint: Path) -> bool:
        later.extend([checkpoint] if killed.is_set() else [])
        return len(later) < 3

    killing = when(lambda: bool(checkpoints(run)), kill)
    with joined(cluster.address):
        bundle = rllib.train(recipe, run, TrainOptions(on_checkpoint=goes_on))
    killing.join()
    assert len(later) == 3 and bundle.is_dir()
