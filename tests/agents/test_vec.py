"""The vectorised env: like Gymnasium's own, for any env; errors, dead workers, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

pytest.importorskip("stable_baselines3")

from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from simonsays.agents.vec.vec import WorkerVecEnv
from simonsays.agents.vec.worker import Shared
from simonsays.assets import InputError


def alive(process: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_for(what: Any, seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.02)
    return bool(what())


TAXI = "Taxi-v4" if "Taxi-v4" in gymnasium.registry else "Taxi-v3"  # of gymnasium before 1.4


@pytest.mark.parametrize("env_id", ["CartPole-v1", "Pendulum-v1", TAXI])
def test_steps_seeds_and_resets_are_those_of_gymnasiums_vector_env(env_id: str) -> None:
    settings = {"max_episode_steps": 30} if env_id != "CartPole-v1" else {}
    vec = WorkerVecEnv(env_id, settings, 2, 2)
    theirs = SyncVectorEnv([lambda: gymnasium.make(env_id, **settings)] * 4, autoreset_mode=AutoresetMode.SAME_STEP)
    try:
        for seed in (11, 5):
            vec.seed(seed)
            np.testing.assert_array_equal(vec.reset(), theirs.reset(seed=seed)[0])
            theirs.action_space.seed(seed)
            ends = 0
            for _ in range(100):
                actions = theirs.action_space.sample()
                observations, rewards, dones, infos = vec.step(actions)
                expected, reward, terminated, truncated, info = theirs.step(actions)
                np.testing.assert_array_equal(observations, expected)
                np.testing.assert_array_equal(rewards, reward)
                np.testing.assert_array_equal(dones, terminated | truncated)
                for i in np.flatnonzero(dones):
                    ends += 1
                    np.testing.assert_array_equal(infos[i]["terminal_observation"], info["final_obs"][i])
                    assert infos[i]["TimeLimit.truncated"] == (truncated[i] and not terminated[i])
                    assert 0 < infos[i]["episode"]["l"] <= 500
            assert ends > 4
    finally:
        vec.close()
        theirs.close()


def test_a_history_brings_new_envs_to_the_same_state() -> None:
    """Also in the training's fast mode, where the solver's caches outlive an episode."""
    vec = WorkerVecEnv("simonsays.envs:G1-Locomotion-v0", {"reset_mode": "fast", "episode_seconds": 0.3}, 2, 2)
    rng = np.random.default_rng(0)

    def begin() -> None:
        vec.rebuild({"push_speed": 0.5})
        vec.seed(1)
        vec.reset()
        vec.record()

    try:
        begin()
        for i in range(25):
            if i == 10:
                vec.env_method("reconfigure", assistance=0.3)
            last = vec.step(rng.normal(0, 1, (4, 12)).astype(np.float32))[0]
        history, told = vec.history, []
        begin()
        np.testing.assert_array_equal(vec.retrace(*history, told.append), last)
        assert told == list(range(1, 26)) and len(vec.history.actions) == 25 and vec.history.calls == history.calls
    finally:
        vec.close()


def test_a_killed_worker_is_started_again_and_its_episodes_are_truncated(caplog: pytest.LogCaptureFixture) -> None:
    vec = WorkerVecEnv("CartPole-v1", {}, 2, 2)
    try:
        vec.seed(0)
        vec.reset()
        vec.record()
        before, *_ = vec.step(np.zeros(4, int))
        for time_ in range(4):
            os.kill(vec.processes[1].pid, signal.SIGKILL)
            if time_ == 3:
                with pytest.raises(RuntimeError, match="exit code -9, and 3 times before"):
                    vec.step(np.zeros(4, int))
                break
            observations, rewards, dones, infos = vec.step(np.zeros(4, int))
            assert dones.tolist()[2:] == [True, True] and rewards[2:].tolist() == [0, 0]
            assert infos[3]["TimeLimit.truncated"] and "episode" not in infos[3]
            if time_ == 0:
                np.testing.assert_array_equal(infos[3]["terminal_observation"], before[3])
                assert not dones[0] and np.abs(observations[2:]).max() < 0.06  # of new episodes
        assert vec.restarts == 3 and vec.lost and "exit code -9" in caplog.text
    finally:
        vec.close()
    assert not any(process.is_alive() for process in vec.processes)


@pytest.mark.parametrize("space", [spaces.Tuple([spaces.Discrete(2)]), spaces.Dict({"a": spaces.Dict({})})])
def test_spaces_that_do_not_fit_are_refused(space: Any) -> None:
    with pytest.raises(InputError, match="not supported"):
        Shared(2, space, spaces.Discrete(2))


SCRIPT = """
if __name__ == "__main__":
    import sys, numpy as np
    from simonsays.agents.vec.vec import WorkerVecEnv
    vec = WorkerVecEnv("CartPole-v1", {}, 2, 1)
    vec.reset()
    print(*(process.pid for process in vec.processes), flush=True)
    if sys.argv[1] == "raise":
        raise ValueError("on purpose")
    if sys.argv[1] == "exit":
        sys.exit()
    while True:
        vec.step(np.zeros(2, int))
"""


@pytest.mark.parametrize(
    "end", ["raise", pytest.param("exit", marks=pytest.mark.slow), signal.SIGINT, signal.SIGKILL], ids=str
)
def test_no_process_is_left(tmp_path: Path, end: Any) -> None:
    """After an exception, the end of Python, Ctrl-C (to the whole group, as a terminal sends it) and kill -9."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(end)]
    parent = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    )
    assert parent.stdout is not None
    workers = [int(number) for number in parent.stdout.readline().split()]
    assert len(workers) == 2
    if end == signal.SIGINT:
        os.killpg(parent.pid, end)
    elif end == signal.SIGKILL:
        parent.kill()
    parent.wait(timeout=20)
    parent.stdout.close()
    assert wait_for(lambda: not any(alive(worker) for worker in workers))
