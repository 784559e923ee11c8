"""Runs that cannot be lost: exact resuming, damaged files, full disks, other recipes and envs, records and logs."""

from __future__ import annotations

import csv
import json
import math
import multiprocessing
import os
import random
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simonsays.agents.recipes.recipe import Recipe, recipe_from_dict, with_steps
from simonsays.assets import InputError

torch = pytest.importorskip("torch")
contrib = pytest.importorskip("sb3_contrib")

import stable_baselines3 as sb3  # noqa: E402
from stable_baselines3.common.noise import OrnsteinUhlenbeckActionNoise  # noqa: E402
from stable_baselines3.common.vec_env import VecNormalize  # noqa: E402

from simonsays.agents.runs.run_dir import TrainingState, checkpoints, load_weights, newest_checkpoint, read_tensors  # noqa: E402
from simonsays.agents.training import train as training  # noqa: E402
from simonsays.agents.training.callbacks import Ended, Progress  # noqa: E402
from simonsays.agents.training.continuation import Start  # noqa: E402
from simonsays.agents.training.export import export_run  # noqa: E402
from simonsays.agents.training.interrupt import Interrupted, Signals  # noqa: E402
from simonsays.agents.training.normalize import adopt, frozen, normalized  # noqa: E402
from simonsays.agents.training.options import TrainOptions  # noqa: E402
from simonsays.agents.training.snapshot import normaliser_tensors, restore_buffer  # noqa: E402
from simonsays.agents.vec.vec import WorkerVecEnv  # noqa: E402
from simonsays.envs.policy.policy import load_policy  # noqa: E402

G1 = "simonsays.envs:G1-Locomotion-v0"


def recipe_of(**changes: Any) -> Recipe:
    """64 steps of two envs in rollouts of 8, a checkpoint every 32 from which the envs begin anew."""
    data = {
        "name": "tiny",
        "env_id": G1,
        "workers": 1,
        "envs_per_worker": 2,
        "checkpoint_steps": 32,
        "renew_steps": changes.get("checkpoint_steps", 32),
        "network": {"hidden": [8]},
        "ppo": {"n_steps": 4, "batch_size": 8, "n_epochs": 1},
        "stages": [{"name": "only", "steps": 64, "learning_rate": 1e-3}],
        **changes,
    }
    return recipe_from_dict(data, "test")


CARTPOLE: dict[str, Any] = {"env_id": "CartPole-v1"}


@pytest.fixture(scope="module")
def cartpole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training of the pole that has ended."""
    run = tmp_path_factory.mktemp("cartpole") / "run"
    training.train(recipe_of(**CARTPOLE), run)
    return run


@pytest.fixture
def run(cartpole: Path, tmp_path: Path) -> Path:
    """A copy of it, of the test's own."""
    return Path(shutil.copytree(cartpole, tmp_path / "run"))


def assert_same(one: Path, other: Path) -> None:
    """The newest checkpoints hold equal tensors, network and optimiser and random state alike."""
    a, b = newest_checkpoint(one), newest_checkpoint(other)
    assert a.name == b.name
    x, y = (read_tensors(folder, "weights") for folder in (a, b))
    assert x.keys() == y.keys()
    different = [name for name in x if not torch.equal(x[name], y[name])]
    assert not different


def interrupt_at(steps: int) -> Any:
    """A report that presses Ctrl-C once there are as many steps."""

    def report(now: dict[str, Any]) -> None:
        if now["steps"] == steps and "retraced" not in now:
            os.kill(os.getpid(), signal.SIGINT)

    return report


# Exact resuming.


def test_interrupted_twice_and_resumed_it_ends_with_equal_weights(tmp_path: Path) -> None:
    """With all that the env draws at random, fading assistance, another stage, normalisation, and another number of
    workers for the same envs."""
    settings = {"episode_seconds": 0.1, "push_speed": 0.5, "friction": [0.4, 1.2], "payload": [-1.0, 1.0]}
    rough = {"slope_deg": [0.0, 9.0], "roughness": [0.01, 0.03], "new_ground": 0.5, "sensor_noise": 1.0}
    stages = [
        {"name": "a", "steps": 40, "learning_rate": 1e-3, "assisted": True},
        {"name": "b", "steps": 48, "learning_rate": 1e-3, "env": rough},
    ]
    recipe = recipe_of(env=settings, stages=stages, fade_length=0.001, normalize={"clip": 3.0})
    training.train(recipe, tmp_path / "a")
    with pytest.raises(Interrupted) as end:
        training.train(recipe, tmp_path / "b", TrainOptions(report=interrupt_at(24)))
    assert end.value.checkpoint == newest_checkpoint(tmp_path / "b") and end.value.checkpoint.name == "step_000000024"
    other = recipe.model_copy(update={"workers": 2, "envs_per_worker": 1})
    with pytest.raises(Interrupted):
        training.train(other, tmp_path / "b", TrainOptions(resume=True, report=interrupt_at(64)))
    training.train(recipe, tmp_path / "b", TrainOptions(resume=True))
    assert_same(tmp_path / "a", tmp_path / "b")
    sessions = json.loads((tmp_path / "b" / "run.json").read_text())["sessions"]
    assert [(s["from_steps"], s["to_steps"], s["status"]) for s in sessions] == [
        (0, 24, "interrupted"),
        (24, 64, "interrupted"),
        (64, 88, "finished"),
    ]
    assert all(session["exact"] for session in sessions)
    with (tmp_path / "b" / "logs" / "progress.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [int(row["time/total_timesteps"]) for row in rows] == list(range(8, 89, 8))


def _algorithm(name: str, env: Any, rate: Any) -> Any:
    """Models that learn from a few steps; their recipes are not what is tested here."""
    common: dict[str, Any] = {"env": env, "seed": 1, "device": "cpu", "learning_rate": rate}
    small: dict[str, Any] = {**common, "policy_kwargs": {"net_arch": [8]}}
    off: dict[str, Any] = {**small, "learning_starts": 12, "batch_size": 8, "buffer_size": 60}
    noise = OrnsteinUhlenbeckActionNoise(np.zeros(1), 0.3 * np.ones(1))
    makers = {
        "PPO with gSDE": lambda: sb3.PPO("MlpPolicy", n_steps=4, batch_size=8, use_sde=True, **small),
        "A2C": lambda: sb3.A2C("MlpPolicy", n_steps=4, **small),
        "SAC": lambda: sb3.SAC("MlpPolicy", train_freq=2, **off),
        "TD3": lambda: sb3.TD3("MlpPolicy", action_noise=noise, **off),
        "TQC": lambda: contrib.TQC("MlpPolicy", **off),
        "CrossQ": lambda: contrib.CrossQ("MlpPolicy", **off),
        "TRPO": lambda: contrib.TRPO("MlpPolicy", n_steps=4, batch_size=8, **small),
        "ARS": lambda: contrib.ARS("LinearPolicy", n_delta=2, **common),
        "RecurrentPPO": lambda: contrib.RecurrentPPO(
            "MlpLstmPolicy", n_steps=4, batch_size=8, policy_kwargs={"lstm_hidden_size": 4, "net_arch": [8]}, **common
        ),
    }
    return makers[name]()


def _learn(name: str, run: Path, steps: int, stop: int | None, normal: bool) -> None:
    """As train() does, with any algorithm; Ctrl-C once there are ``stop`` steps."""
    recipe = recipe_of(
        env_id="Pendulum-v1", algorithm="sac", sac={"save_buffer": True}, ppo={},
        env={"max_episode_steps": 7}, stages=[{"name": "a", "steps": steps, "learning_rate": 1e-3}],
    )  # fmt: skip
    start = training._opened(run, None, {}, recipe) if run.exists() else Start()
    state = start.state or TrainingState(learning_rate=1e-3)
    torch.set_num_threads(1)
    workers = WorkerVecEnv("Pendulum-v1", recipe.env, 1, 2)
    try:
        env: Any = VecNormalize(workers) if normal else workers
        model, signals = _algorithm(name, env, lambda _: state.learning_rate), Signals()
        callback = Progress(recipe, state, run, workers, signals, start=start, env={})
        callback.interval = 1

        def report(now: dict[str, Any]) -> None:
            if stop is not None and now["steps"] >= stop:
                signals.number = signal.SIGINT

        callback.report = report
        callback.prepare(model)
        if start.state is not None and hasattr(model, "replay_buffer"):
            assert restore_buffer(model.replay_buffer, start.tensors)
        with pytest.raises(Ended if stop is None else Interrupted):
            model.learn(steps - state.steps, callback, reset_num_timesteps=False)
            callback.between()
    finally:
        workers.close()


@pytest.mark.parametrize(
    ("name", "normal"),
    [
        ("PPO with gSDE", False),
        ("SAC", True),
        ("TD3", False),
        ("ARS", True),
        ("RecurrentPPO", True),
        *(
            pytest.param(*more, marks=pytest.mark.slow)  # each keeps what one of the others keeps
            for more in (("A2C", True), ("TQC", False), ("CrossQ", False), ("TRPO", False))
        ),
    ],
)
def test_every_algorithm_goes_on_exactly(tmp_path: Path, name: str, normal: bool) -> None:
    """From a checkpoint that Ctrl-C wrote, and from a regular one."""
    steps, stop = (240, 120) if name == "ARS" else (96, 56)
    _learn(name, tmp_path / "a", steps, None, normal)
    _learn(name, tmp_path / "b", steps, stop, normal)
    assert 32 < int(newest_checkpoint(tmp_path / "b").name[5:]) < steps
    shutil.copytree(tmp_path / "b", tmp_path / "c")
    shutil.rmtree(newest_checkpoint(tmp_path / "c"))
    for run in ("b", "c"):
        _learn(name, tmp_path / run, steps, None, normal)
        assert_same(tmp_path / "a", tmp_path / run)
    final = newest_checkpoint(tmp_path / "a")
    if name in ("SAC", "TD3", "TQC", "CrossQ"):
        assert read_tensors(final, "replay").keys() > {"replay.observations", "replay.place"}


@pytest.mark.parametrize(
    "learner",
    [
        pytest.param({"features": "relative_goal"}, marks=pytest.mark.slow, id="features"),
        pytest.param({"features": "flat", "normalize": {}}, marks=pytest.mark.slow, id="features+normalize"),
    ],
)
def test_hindsight_goes_on_exactly(tmp_path: Path, learner: dict[str, Any]) -> None:
    """Episodes that run on at a checkpoint are cut off in the buffer, in an uninterrupted training as well."""
    recipe = recipe_of(
        env_id="simonsays.envs:G1-GoTo-v0", algorithm="sac", ppo={}, her={}, checkpoint_steps=46,
        network={"hidden": [8], "activation": "relu", "features": learner["features"]},
        normalize=learner.get("normalize"),
        sac={"buffer_size": 100, "learning_starts": 20, "batch_size": 16, "gradient_steps": 1, "save_buffer": True},
        env={"episode_seconds": 0.4, "hold_seconds": 0.04},
        stages=[{"name": "only", "steps": 160, "learning_rate": 1e-3}],
    )  # fmt: skip
    training.train(recipe, tmp_path / "a")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Progress, "interval", 1)
        with pytest.raises(Interrupted):
            training.train(recipe, tmp_path / "b", TrainOptions(report=interrupt_at(116)))
    training.train(recipe, tmp_path / "b", TrainOptions(resume=True))
    assert_same(tmp_path / "a", tmp_path / "b")
    x, y = (read_tensors(newest_checkpoint(tmp_path / name), "replay") for name in ("a", "b"))
    assert all(torch.equal(x[name], y[name]) for name in x) and x["replay.dones"].sum() > 0
    with pytest.raises(Interrupted):
        without = recipe.model_copy(
            update={"hyperparameters": recipe.hyperparameters.model_copy(update={"save_buffer": False})}
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Progress, "interval", 1)
            training.train(without, tmp_path / "c", TrainOptions(report=interrupt_at(60)))
    training.train(without, tmp_path / "c", TrainOptions(resume=True))
    assert [s["exact"] for s in json.loads((tmp_path / "c" / "run.json").read_text())["sessions"]] == [True, False]


def test_a_training_outlives_a_killed_worker_and_says_that_it_is_not_exact(tmp_path: Path) -> None:
    def report(now: dict[str, Any]) -> None:
        if now["steps"] == 16:
            for worker in multiprocessing.active_children():
                worker.kill()

    recipe = recipe_of(**CARTPOLE, checkpoint_steps=1000)
    training.train(recipe, tmp_path, TrainOptions(report=report))
    assert [folder.name for folder in checkpoints(tmp_path)] == ["step_000000024", "step_000000064"]
    session = json.loads((tmp_path / "run.json").read_text())["sessions"][0]
    assert session["worker_restarts"] == 1 and session["exact"] is False and session["status"] == "finished"


BROKEN = """
import gymnasium, numpy as np

class Broken(gymnasium.Env):
    observation_space = action_space = gymnasium.spaces.Box(-1, 1, (1,))
    steps = 0

    def reset(self, *, seed=None, options=None):
        return np.zeros(1, np.float32), {}

    def step(self, action):
        Broken.steps += 1  # of all envs in the process, old and new
        if Broken.steps == 41:
            raise ValueError("on purpose")
        return np.zeros(1, np.float32), 1.0, False, False, {}

gymnasium.register("Broken-v0", Broken)
"""


def test_an_error_in_an_env_ends_the_training_with_its_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_env.py").write_text(BROKEN)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(RuntimeError, match=r'(?s)File "\S+broken_env.py", line \d+.*ValueError: on purpose'):
        training.train(recipe_of(env_id="broken_env:Broken-v0"), tmp_path / "run")
    assert not multiprocessing.active_children()
    assert [folder.name for folder in checkpoints(tmp_path / "run")] == ["step_000000032"]
    session = json.loads((tmp_path / "run" / "run.json").read_text())["sessions"][0]
    assert session["status"] == "failed" and "on purpose" in session["error"]


def test_a_longer_run_can_be_made_of_a_finished_one(tmp_path: Path) -> None:
    short = recipe_of(**CARTPOLE, checkpoint_steps=24)
    training.train(with_steps(short, 40), tmp_path / "a")
    training.train(with_steps(short, 64), tmp_path / "a", TrainOptions(resume=True))
    training.train(short, tmp_path / "b")
    assert_same(tmp_path / "a", tmp_path / "b")
    assert json.loads((tmp_path / "a" / "run.json").read_text())["recipe"]["stages"][0]["steps"] == 64


# Real processes and real kills.

TOML = """
env_id = "{env_id}"
seed = 4
workers = 2
envs_per_worker = {envs}
checkpoint_steps = {checkpoint}
renew_steps = {renew}
network.hidden = [8]
ppo = {{ n_steps = {n_steps}, batch_size = 32, n_epochs = 1 }}
[[stages]]
name = "only"
steps = {steps}
learning_rate = 1e-3
"""


def simon_train(*words: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "simonsays.experiments.cli", "train", *map(str, words), "--json", "--threads", "1"]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ, start_new_session=True
    )


def finished(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    return dict(json.loads(out))


def steps_logged(run: Path) -> int:
    """How far the log says that a run is."""
    try:
        with (run / "logs" / "progress.csv").open() as stream:
            return max((int(row["time/total_timesteps"] or 0) for row in csv.DictReader(stream)), default=0)
    except (OSError, KeyError, TypeError, ValueError):
        return 0


def wait_for_steps(process: subprocess.Popen[str], run: Path, steps: int) -> None:
    while process.poll() is None and steps_logged(run) < steps:
        time.sleep(0.01)


def written(tmp_path: Path, **values: Any) -> Path:
    file = tmp_path / "tiny.toml"
    file.write_text(TOML.format(renew=3 * values["checkpoint"], **values))
    return file


def test_kill_9_and_sigterm_lose_nothing_that_counts(tmp_path: Path) -> None:
    recipe = written(tmp_path, env_id="CartPole-v1", envs=1, checkpoint=256, n_steps=16, steps=2048)
    process = simon_train(recipe, "--run-dir", tmp_path / "b")
    wait_for_steps(process, tmp_path / "b", 600)
    process.kill()
    process.communicate()
    run = steps_logged(tmp_path / "b")
    assert run - int(newest_checkpoint(tmp_path / "b").name[5:]) <= 256 + 32
    process = simon_train("--resume", tmp_path / "b")
    wait_for_steps(process, tmp_path / "b", run + 200)
    os.killpg(process.pid, signal.SIGTERM)  # the workers get it as well
    out, err = process.communicate(timeout=60)
    assert process.returncode == 143 and json.loads(out)["status"] == "interrupted", err
    assert "--resume" not in out and "ending with a checkpoint" in err
    training.train(training.read_run(tmp_path / "b"), tmp_path / "b", TrainOptions(resume=True, threads=1))
    training.train(training.read_run(tmp_path / "b"), tmp_path / "a", TrainOptions(threads=1))
    assert_same(tmp_path / "a", tmp_path / "b")
    statuses = [s["status"] for s in json.loads((tmp_path / "b" / "run.json").read_text())["sessions"]]
    assert statuses == ["running", "interrupted", "finished"]  # one that was killed could not say so


@pytest.mark.slow
def test_twenty_kills_at_random_moments(tmp_path: Path) -> None:
    recipe = written(tmp_path, env_id=G1, envs=2, checkpoint=256, n_steps=16, steps=4096)
    finished(simon_train(recipe, "--run-dir", tmp_path / "whole"))
    rng = random.Random(0)
    for kill in range(20):
        run, steps = tmp_path / f"kill_{kill}", rng.randrange(3800)
        process = simon_train(recipe, "--run-dir", run)
        wait_for_steps(process, run, steps)
        time.sleep(rng.uniform(0, 0.15))  # into an iteration, an update, a checkpoint
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        kept = int(newest_checkpoint(run).name[5:]) if checkpoints(run) else 0
        print(f"kill {kill}: log at {steps_logged(run)}, checkpoint at {kept}")
        assert steps_logged(run) - kept <= 256
        finished(simon_train("--resume", run))
        assert_same(tmp_path / "whole", run)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_50_000_steps_cut_in_the_middle_end_with_equal_weights(tmp_path: Path, number: int) -> None:
    recipe = written(tmp_path, env_id=G1, envs=8, checkpoint=10_000, n_steps=32, steps=50_000)
    both = [simon_train(recipe, "--run-dir", tmp_path / name) for name in ("a", "b")]
    wait_for_steps(both[1], tmp_path / "b", 25_000)
    both[1].send_signal(number)
    both[1].communicate(timeout=100)
    print([folder.name for folder in checkpoints(tmp_path / "b")])
    finished(both[0])
    finished(simon_train("--resume", tmp_path / "b"))
    assert_same(tmp_path / "a", tmp_path / "b")


def test_a_second_ctrl_c_ends_at_once(tmp_path: Path) -> None:
    def report(now: dict[str, Any]) -> None:
        if now["steps"] == 40:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(Interrupted) as end:
        training.train(recipe_of(**CARTPOLE), tmp_path / "run", TrainOptions(report=report))
    assert end.value.checkpoint is None and [c.name for c in checkpoints(tmp_path / "run")] == ["step_000000032"]
    assert signal.getsignal(signal.SIGINT) is before


# Files.


def damage(folder: Path, how: str) -> Path:
    file = folder / ("state.json" if how == "edit state" else "weights.safetensors")
    data = bytearray(file.read_bytes())
    if how == "truncate":
        del data[-10:]
    elif how == "tamper":
        data[-5] ^= 1
    elif how == "edit state":
        data = bytearray(data.replace(b'"stage_started": 0', b'"stage_started": 1'))
    file.write_bytes(data) if how != "remove" else file.unlink()
    return file


@pytest.mark.parametrize("how", ["truncate", "tamper", "edit state", "remove"])
def test_a_damaged_checkpoint_is_named_with_the_older_one_to_go_on_from(run: Path, how: str) -> None:
    recipe = recipe_of(**CARTPOLE)
    whole = {name: t.clone() for name, t in read_tensors(newest_checkpoint(run), "weights").items()}
    older = {file: file.read_bytes() for file in checkpoints(run)[0].iterdir()}
    file = damage(newest_checkpoint(run), how)
    with pytest.raises(InputError, match=rf"(?s){file.name}.*--checkpoint step_000000032"):
        training.train(recipe, run, TrainOptions(resume=True))
    with pytest.raises(InputError, match=file.name):
        training.load_checkpoint(newest_checkpoint(run))
    with pytest.raises(InputError, match="step_000000032"):
        training.train(recipe, run, TrainOptions(resume=True, checkpoint="step_33"))
    assert {file: file.read_bytes() for file in checkpoints(run)[0].iterdir()} == older
    training.train(recipe, run, TrainOptions(resume=True, checkpoint="step_000000032"))
    again = read_tensors(newest_checkpoint(run), "weights")
    assert all(torch.equal(whole[name], again[name]) for name in whole)
    assert [folder.name for folder in (run / "checkpoints" / "set_aside").iterdir()] == ["step_000000064.1"]


def test_a_full_disk_is_said_and_leaves_the_older_checkpoint_alone(tmp_path: Path) -> None:
    """A limit on the size of files stands for it: writing fails with an OSError in the same place."""
    run, soft, hard = tmp_path / "run", *resource.getrlimit(resource.RLIMIT_FSIZE)

    def report(now: dict[str, Any]) -> None:
        if now["steps"] == 40:
            resource.setrlimit(resource.RLIMIT_FSIZE, (6000, hard))

    try:
        with pytest.raises(InputError, match=r"step_000000064: cannot be written.*newest is step_000000032"):
            training.train(recipe_of(**CARTPOLE, network={"hidden": [32]}), run, TrainOptions(report=report))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [each.name for each in (run / "checkpoints").iterdir()] == ["step_000000032"]
    assert [each.name for each in run.rglob(".*")] == [".lock"]
    assert json.loads((run / "run.json").read_text())["sessions"][-1]["status"] == "failed"
    training.train(training.read_run(run), run, TrainOptions(resume=True))
    assert newest_checkpoint(run).name == "step_000000064"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seed": 9}, r"seed: the run has 0, now 9"),
        ({"ppo": {"n_steps": 4, "batch_size": 8, "n_epochs": 2}}, r"ppo.n_epochs: the run has 1, now 2"),
        ({"envs_per_worker": 3}, r"workers \* envs_per_worker: the run has 2, now 3"),
        ({"env": {"push_speed": 1.0}}, r"env.push_speed: the run has None, now 1.0"),
    ],
)
def test_another_recipe_is_refused_by_field(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    (tmp_path / "run.json").write_text(json.dumps({"recipe": recipe_of().model_dump(mode="json")}))
    with pytest.raises(InputError, match=words):
        training.train(recipe_of(**change), tmp_path, TrainOptions(resume=True))


def test_an_edited_record_is_refused(run: Path) -> None:
    file = run / "run.json"
    record = json.loads(file.read_text())
    for edit, words in (
        ({"recipe": {**record["recipe"], "seed": 9}}, r"step_000000064: .*seed: the run has 0, now 9"),
        ({"recipe": "x"}, r"recipe: a table is expected"),
        ({"sessions": 3}, r"sessions: a list is expected"),
        ({"sessions": ["x"]}, r"sessions: a list of tables"),
        ({"threads": "x"}, r"threads: a table is expected"),
    ):
        file.write_text(json.dumps({**record, **edit}))
        with pytest.raises(InputError, match=f"(?s){words}"):
            training.train(with_steps(training.read_run(run), 96), run, TrainOptions(resume=True))
    file.unlink()
    with pytest.raises(InputError, match=r"run\.json is gone"):
        training.train(recipe_of(**CARTPOLE), run)


def test_one_process_at_a_time_trains_in_a_folder(tmp_path: Path) -> None:
    recipe = recipe_of(**CARTPOLE)

    def meanwhile(now: dict[str, Any]) -> None:
        if now["steps"] == 40:
            command = "import sys; from pathlib import Path; from simonsays.agents.runs.sessions import read_run\n"
            command += "from simonsays.agents.training.train import TrainOptions, train\n"
            command += "run = Path(sys.argv[1]); train(read_run(run), run, TrainOptions(resume=True))"
            other = subprocess.run([sys.executable, "-c", command, str(tmp_path)], capture_output=True, text=True)
            assert "another training is at work in it" in other.stderr, other.stderr

    training.train(recipe, tmp_path, TrainOptions(report=meanwhile))
    assert len(json.loads((tmp_path / "run.json").read_text())["sessions"]) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ppo": {"gamma": math.nan}}, r"ppo\.gamma"),
        ({"ppo": {"gamma": 5}}, r"ppo\.gamma: .*less than or equal to 1"),
        ({"ppo": {"n_epochs": True}}, r"ppo\.n_epochs: .*a number is expected, not true"),
        ({"ppo": {"n_epochs": "3"}}, r"ppo\.n_epochs: .*not the text '3'"),
        ({"network": {"hidden": [0]}}, r"network\.hidden\.0"),
        ({"network": {"hidden": [True]}}, r"network\.hidden: .*not true"),
        ({"seed": -1}, r"seed"),
        ({"name": "../x"}, r"name"),
        ({"fade_length": -1}, r"fade_length"),
        ({"learning_rate": {"lowest": 1.0}}, r"learning_rate: .*lowest: at most highest"),
        ({"sac": {"gamma": 0.95}}, r"\[sac\] has no meaning"),
        (
            {"algorithm": "tqc", "ppo": {}, "tqc": {"top_quantiles_to_drop_per_net": 25}},
            r"tqc: .*fewer than n_quantiles",
        ),
        ({"stages": [{"name": "a", "steps": 8, "learning_rate": -1.0}]}, r"stages\.0\.learning_rate"),
        ({"stages": [{"name": "a", "steps": 8, "learning_rate": 1e-3}] * 2}, r"stages: .*two are called 'a'"),
        (
            {"env_id": "Pendulum-v1", "stages": [{"name": "a", "steps": 8, "learning_rate": 1.0, "assisted": True}]},
            r"stages\.a\.assisted: Pendulum-v1 cannot be reconfigured",
        ),
        ({"env_id": "Pendulun-v1"}, r"env_id: .*did you mean 'Pendulum-v1'"),
        ({"env": {"motion": "jump"}}, r"env\.motion: .*trains 'gait'; 'jump' needs an env id of its own"),
    ],
)
def test_impossible_values_are_refused_by_field(change: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        recipe_of(**change)


def test_an_unknown_setting_of_a_foreign_env_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"env: Pendulum-v1: .*gravity"):
        training.train(recipe_of(env_id="Pendulum-v1", env={"gravity": 9}), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_another_env_is_refused_by_field(tmp_path: Path) -> None:
    recipe = recipe_of(stages=[{"name": "a", "steps": 8, "learning_rate": 1e-3}])
    training.train(recipe, tmp_path)
    file = newest_checkpoint(tmp_path) / "state.json"
    said = json.loads(file.read_text())
    here = {**said["env"], "robot_hash": "0", "action": {**said["env"]["action"], "limit": 7.0}}
    with pytest.raises(InputError, match=r"(?s)robot_hash: the run has '\w+', now '0'.*action.limit: .*now 7.0"):
        training._opened(tmp_path, None, here, recipe)
    said.pop("format")
    file.write_text(json.dumps(said))
    with pytest.raises(InputError, match="older version"):
        training.train(with_steps(recipe, 16), tmp_path, TrainOptions(resume=True))
    assert (export_run(tmp_path, folder=tmp_path / "again") / "policy.json").exists()


def test_only_the_newest_checkpoints_are_kept_where_the_recipe_says_so(tmp_path: Path) -> None:
    training.train(recipe_of(**CARTPOLE, checkpoint_steps=16, keep_checkpoints=2), tmp_path)
    assert [each.name for each in checkpoints(tmp_path)] == ["step_000000048", "step_000000064"]


def test_a_run_killed_before_its_first_checkpoint_begins_anew(cartpole: Path, run: Path) -> None:
    shutil.rmtree(run / "checkpoints")
    (run / "checkpoints" / ".writing-abc").mkdir(parents=True)
    training.train(recipe_of(**CARTPOLE), run, TrainOptions(resume=True))
    assert_same(cartpole, run)
    assert len(list((run / "checkpoints").iterdir())) == 2


# What else a run is.


def test_the_hook_sees_regular_checkpoints_and_ends_the_training(tmp_path: Path) -> None:
    seen: list[str] = []

    def hook(folder: Path) -> bool:
        seen.append(folder.name)
        return len(seen) < 2

    bundle = training.train(recipe_of(checkpoint_steps=16), tmp_path, TrainOptions(on_checkpoint=hook))
    assert seen == ["step_000000016", "step_000000032"] == [each.name for each in checkpoints(tmp_path)]
    assert load_policy(bundle).description["training"]["env_steps"] == 32
    assert json.loads((tmp_path / "run.json").read_text())["sessions"][-1]["status"] == "stopped"


def test_an_env_of_another_package_is_trained_and_ends_with_a_checkpoint(tmp_path: Path) -> None:
    made = training.train(recipe_of(env_id="Pendulum-v1", env={"g": 5.0}), tmp_path)
    assert made == newest_checkpoint(tmp_path) and not (tmp_path / "bundle").exists()
    with pytest.raises(InputError, match="does not describe itself"):
        export_run(tmp_path)
    staged = [{"name": "a", "steps": 8, "learning_rate": 1e-3, "env": {"g": 1.0}}]
    with pytest.raises(InputError, match="cannot be reconfigured"):
        training.train(recipe_of(env_id="Pendulum-v1", stages=staged), tmp_path / "b")


def test_the_bundle_normalises_as_the_training_did(tmp_path: Path) -> None:
    recipe = recipe_of(normalize={"clip": 1.5}, network={"hidden": [8], "mirror": False})
    policy = load_policy(training.train(recipe, tmp_path))
    tensors = read_tensors(newest_checkpoint(tmp_path), "weights")
    x = np.random.default_rng(0).normal(0, 3, (10, 78)).astype(np.float32)
    mean, variance = (tensors[f"normaliser.observation..{name}"].numpy() for name in ("mean", "var"))
    normal = np.clip((x - mean) / np.sqrt(variance + 1e-8), -1.5, 1.5).astype(np.float32)
    assert (np.abs(normal) == 1.5).any() and (np.abs(normal) < 1.5).any()
    probe = training.make_env(recipe)
    workers = WorkerVecEnv(G1, {}, 1, 1)
    model = training.make_model(recipe, workers, probe, TrainingState())
    workers.close()
    load_weights(model.policy, tensors, "test")
    expected = model.predict(normal, deterministic=True)[0]
    np.testing.assert_allclose(policy.predict(x, deterministic=True)[0], expected, atol=1e-5)
    again = training.train(recipe, tmp_path / "again", TrainOptions(init=tmp_path / "bundle"))
    assert load_policy(again).description["network"]["observation_clip"] == 1.5
    with pytest.raises(InputError, match="its observations are normalised"):
        training.train(
            recipe_of(network=recipe.network.model_dump()), tmp_path / "plain", TrainOptions(init=tmp_path / "bundle")
        )


@pytest.mark.parametrize("mirror", [False, None])
def test_the_parts_of_a_dict_are_normalised_each_by_itself(tmp_path: Path, mirror: bool | None) -> None:
    """Of an asymmetric critic: the bundle's actor has no part of what the critic alone sees."""
    settings = {"privileged": ["base_linear_velocity", "foot_contacts"]}
    recipe = recipe_of(env=settings, normalize={"clip": 1.5}, network={"hidden": [8], "mirror": mirror})
    policy = load_policy(training.train(recipe, tmp_path / "a"))
    tensors = read_tensors(newest_checkpoint(tmp_path / "a"), "weights")
    probe = training.make_env(recipe)
    workers = WorkerVecEnv(G1, settings, 1, 1)
    model = training.make_model(recipe, workers, probe, TrainingState())
    begun = normalized(recipe, workers, probe)
    adopt(tmp_path / "a" / "bundle", recipe, begun)
    workers.close()
    load_weights(model.policy, tensors, "test")
    rng, normal = np.random.default_rng(0), {}
    x = {name: rng.normal(0, 3, (10, *part.shape)).astype(np.float32) for name, part in probe.observation_space.items()}
    for name, values in x.items():
        mean, variance = (tensors[f"normaliser.observation.{name}.{field}"].numpy() for field in ("mean", "var"))
        normal[name] = np.clip((values - mean) / np.sqrt(variance + 1e-8), -1.5, 1.5).astype(np.float32)
    expected = model.predict(normal, deterministic=True)[0]
    np.testing.assert_allclose(policy.predict(x, deterministic=True)[0], expected, atol=1e-5)
    went_on = frozen(recipe, normaliser_tensors(begun))
    assert went_on is not None and {"privileged_mean", "privileged_scale"} < went_on.keys()
    for name, values in (frozen(recipe, tensors) or {}).items():
        np.testing.assert_allclose(went_on[name], values, rtol=1e-5)
    training.train(recipe, tmp_path / "b", TrainOptions(init=tmp_path / "a" / "bundle"))


def test_what_cannot_be_normalised_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"only flat observations .*Discrete\(16\)"):
        training.train(recipe_of(env_id="FrozenLake-v1", normalize={}), tmp_path / "a")
    goals = {"env_id": "simonsays.envs:G1-GoTo-v0", "network": {"hidden": [8], "features": "relative_goal"}}
    with pytest.raises(InputError, match=r"relative_goal.*observation = false"):
        training.train(recipe_of(**goals, normalize={}), tmp_path / "b")


def test_a_normalised_mirror_policy_stays_symmetric(tmp_path: Path) -> None:
    policy, env = load_policy(training.train(recipe_of(normalize={}), tmp_path)), training.make_env(recipe_of())
    m, x = env.mirror, np.random.default_rng(0).normal(size=(10, 78)).astype(np.float32)
    mirrored = x[:, np.array(m["observation"], int)] * np.array(m["observation_sign"], np.float32)
    expected = policy.predict(x, deterministic=True)[0][:, np.array(m["action"], int)] * np.array(m["action_sign"])
    np.testing.assert_allclose(policy.predict(mirrored, deterministic=True)[0], expected, atol=1e-4)


def test_run_json_says_what_where_and_how(tmp_path: Path) -> None:
    training.train(recipe_of(**CARTPOLE, stages=[{"name": "a", "steps": 8, "learning_rate": 1e-3}]), tmp_path)
    said = json.loads((tmp_path / "run.json").read_text())
    assert said["recipe"]["ppo"]["gamma"] == 0.99 and said["init"] is None
    assert said["machine"]["cores"] >= 1 and said["machine"]["memory_gib"] > 0 and said["machine"]["cpu"]
    assert said["threads"] == {"learner": torch.get_num_threads(), "each_worker": 1}
    assert said["versions"]["numpy"] == np.__version__ and said["command"] == shlex.join(sys.argv)
    assert said["git"] is None or len(said["git"]["revision"]) == 40


def test_threads_are_chosen_and_kept_when_a_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    recipe, before = recipe_of(**CARTPOLE), torch.get_num_threads()
    assert 1 <= training.learner_threads(recipe) <= 2
    (tmp_path / "run.json").write_text(json.dumps({"recipe": {}, "threads": {"learner": 7}}))
    assert training.learner_threads(recipe, tmp_path) == 7
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert training.learner_threads(recipe, tmp_path) == 3
    training.train(with_steps(recipe, 8), tmp_path / "a")
    assert torch.get_num_threads() == 3
    training.train(recipe, tmp_path / "a", TrainOptions(resume=True, threads=before))
    first, second = json.loads((tmp_path / "a" / "run.json").read_text())["sessions"]
    assert (first["threads"]["learner"], second["threads"]["learner"]) == (3, before)
    assert first["exact"] and second["exact"] == (before == 3)
