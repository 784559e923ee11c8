"""Films of a training while it goes on: what is filmed, when, and that the training is left alone."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_runs import RECIPE_FILE

from simonsays.assets import InputError

pytest.importorskip("torch")

from simonsays.agents.runs.run_dir import checkpoints, newest_checkpoint, write_json
from simonsays.envs.policy.policy import bundle_folder
from simonsays.experiments.bench.watch import bench_watch
from simonsays.experiments.film import FilmSettings
from simonsays.experiments.jobs.pacing import Pacer
from simonsays.experiments.watching import watch as watching
from simonsays.experiments.watching.watch import Watcher, WatchSettings
from simonsays.experiments.watching.watch_episode import COMMANDS, record_episode

SMALL = WatchSettings(size=(96, 64), fps=5, every=0.0, seconds=0.6)
UNHURRIED = Pacer(share=1.0, sleep=lambda seconds: None)


def set_status(run: Path, status: str) -> None:
    said = json.loads((run / "run.json").read_text())
    said["sessions"][-1]["status"] = status
    write_json(run / "run.json", said)


def test_the_episode_is_told_fixed_commands_and_is_the_same_every_time() -> None:
    bundle = bundle_folder("g1-locomotion")
    first, again = (record_episode(bundle, "simonsays.envs:G1-Locomotion-v0", "a title", 1.5) for _ in range(2))
    np.testing.assert_array_equal(first.joint_positions, again.joint_positions)
    assert first.meta["instruction"] == "a title" and first.meta["verdict"] == "failure", "it was cut short"
    assert [step["text"] for step in first.meta["steps"]] == [text for text, _, _ in COMMANDS]
    assert [step["status"] for step in first.meta["steps"]][:3] == ["success", "success", "pending"]
    assert np.diff(first.time).max() == pytest.approx(0.02)
    began = int(np.argmax(first.step_index == 1))
    assert first.time[began] == pytest.approx(1.0, abs=0.03)
    assert first.base_position[-1, 0] > first.base_position[began, 0] + 0.05


def test_a_trained_policy_stays_up_through_all_commands() -> None:
    recording = record_episode(bundle_folder("g1-locomotion"), "simonsays.envs:G1-Locomotion-v0", "")
    assert recording.meta["verdict"] == "success"
    assert recording.time[-1] == pytest.approx(sum(length for _, length, _ in COMMANDS), abs=0.03)


def test_episodes_of_slow_actions_are_recorded_at_the_control_rate() -> None:
    recording = record_episode(bundle_folder("g1-goto"), "simonsays.envs:G1-GoTo-v0", "goto", 1.0)
    assert np.diff(recording.time) == pytest.approx(0.02)
    assert len(recording.meta["steps"]) == 1


def test_the_newest_checkpoint_is_filmed_once_under_its_name(run: Path) -> None:
    imageio = pytest.importorskip("imageio.v2")
    before = (run / "bundle" / "policy.json").read_bytes()
    film = Watcher(run, SMALL, pacer=UNHURRIED).once()
    assert film.file == run / "films" / f"{newest_checkpoint(run).name}.mp4" and film.steps == 64
    with imageio.get_reader(film.file) as reader:
        assert reader.get_meta_data()["size"] == (96, 64) and reader.count_frames() >= 3
    assert (run / "bundle" / "policy.json").read_bytes() == before
    lines: list[str] = []
    assert Watcher(run, SMALL, lines.append, UNHURRIED).follow() == []
    assert lines == ["the run has ended: finished"]


def test_tensorboard_gets_the_film_in_a_log_of_its_own(run: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    logs = sorted(file.name for file in (run / "logs").iterdir())
    settings = WatchSettings(size=(96, 64), fps=5, seconds=0.4, tensorboard=True)
    Watcher(run, settings, pacer=UNHURRIED).once()
    assert sorted(file.name for file in (run / "logs").iterdir() if file.is_file()) == logs
    events = EventAccumulator(str(run / "logs" / "films"))
    events.Reload()
    (image,) = events.Images("newest_checkpoint")
    assert image.step == 64 and image.encoded_image_string[:4] == b"GIF8"


def test_a_run_is_followed_from_its_first_checkpoint_to_its_end(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """New checkpoints come while it waits; it ends when the run does, and films the last one."""
    monkeypatch.setattr(watching, "_POLL", 0.02)
    set_status(run, "running")
    late = run / "late"
    (run / "checkpoints").rename(late)
    lines: list[str] = []
    films: list[Any] = []
    watcher = Watcher(run, SMALL, lines.append, UNHURRIED)
    thread = threading.Thread(target=lambda: films.extend(watcher.follow()))
    thread.start()
    try:
        _until(lambda: lines)
        assert lines == ["no checkpoint yet: waiting for the first one"]
        (run / "checkpoints").mkdir()
        first, last = sorted(late.iterdir())[:2]
        first.rename(run / "checkpoints" / first.name)
        _until(lambda: watcher.films)
        last.rename(run / "checkpoints" / last.name)
        set_status(run, "interrupted")
    finally:
        set_status(run, "interrupted")
        thread.join(60)
    assert [film.file.stem for film in films] == [first.name, last.name]
    assert lines[-1] == "the run has ended: interrupted"


def _until(there: Any) -> None:
    deadline = time.monotonic() + 60
    while not there():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_films_are_not_made_more_often_than_asked(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_status(run, "running")
    monkeypatch.setattr(watching, "_POLL", 0.0)
    folders, filmed = checkpoints(run), []
    shown = iter([folders[0], folders[1], folders[1]])

    def film(checkpoint: Path) -> None:
        filmed.append(checkpoint)

    def newest() -> Path | None:
        found = next(shown, None)
        if found is None:
            set_status(run, "finished")
        return found

    watcher = Watcher(run, WatchSettings(every=1e6))
    monkeypatch.setattr(watcher, "_film_if_there", film)
    monkeypatch.setattr(watcher, "_newest", newest)
    watcher.follow()
    assert filmed == folders[:1]


def test_a_run_that_was_killed_is_not_watched_for_ever(run: Path) -> None:
    set_status(run, "running")
    assert Watcher(run, WatchSettings()).ended() == ""
    old = time.time() - 7200
    for file in (run / "run.json", run / "logs" / "progress.csv", *checkpoints(run)):
        os.utime(file, (old, old))
    assert "nothing new" in Watcher(run, WatchSettings()).ended()


def test_a_checkpoint_that_the_training_replaced_is_no_error(run: Path, tmp_path: Path) -> None:
    watcher = Watcher(run, SMALL, pacer=UNHURRIED)
    watcher._film_if_there(run / "checkpoints" / "step_000000001")
    assert watcher.films == []
    weights = newest_checkpoint(run) / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(InputError, match="truncated"):
        watcher._film_if_there(newest_checkpoint(run))
    assert not list((run / "films").glob("*")) if (run / "films").exists() else True


def test_wrong_runs_and_settings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a run folder"):
        Watcher(tmp_path)
    with pytest.raises(InputError, match="every"):
        WatchSettings(every=-1.0)
    with pytest.raises(InputError, match="size"):
        WatchSettings(size=(3, 3))
    assert FilmSettings(WatchSettings().size)


class Machine:
    """A machine whose time is counted by hand: work takes processor time, and other work may leave cores idle."""

    def __init__(self, cores: int, busy: float) -> None:
        self.now = self.used = self.idle = 0.0
        self.cores, self.busy = cores, busy

    def pass_time(self, seconds: float, work: float) -> None:
        self.now += seconds
        self.used += work
        self.idle += max(0.0, seconds * (self.cores - self.busy) - work)

    def pacer(self, share: float) -> Pacer:
        return Pacer(
            share,
            sleep=lambda seconds: self.pass_time(seconds, 0.0),
            clock=lambda: self.now,
            used=lambda: self.used,
            idle=lambda: self.idle,
            cores=self.cores,
        )


@pytest.mark.parametrize("piece", [0.05, 0.9, 4.0])
def test_pacing_keeps_to_its_share_of_a_busy_machine(piece: float) -> None:
    machine = Machine(cores=2, busy=2.0)
    pacer = machine.pacer(0.04)
    for _ in range(round(60 / piece)):
        machine.pass_time(piece, piece)
        pacer.rest()
    for _ in range(200):
        machine.pass_time(1.0, 0.0)
        pacer.rest()
        if machine.used / machine.now / 2 <= 0.04:
            break
    assert machine.used / machine.now / 2 <= 0.045


def test_pacing_does_not_rest_where_cores_are_idle_and_not_twice_where_it_was_held_back() -> None:
    idle = Machine(cores=2, busy=0.0)
    pacer = idle.pacer(0.04)
    for _ in range(100):
        idle.pass_time(0.1, 0.1)
        pacer.rest()
    assert idle.now == pytest.approx(10.0)
    starved = Machine(cores=2, busy=2.0)
    pacer = starved.pacer(0.04)
    for _ in range(100):
        starved.pass_time(5.0, 0.05)  # the system let it work 1% of the time
        pacer.rest()
    assert starved.now == pytest.approx(500.0)


@pytest.mark.slow  # 10 s
def test_the_command_films_at_low_priority_and_ctrl_c_leaves_nothing(run: Path) -> None:
    command = [sys.executable, "-m", "simonsays.experiments.cli", "watch", str(run)]
    options = ["--once", "--json", "--size", "96x64", "--fps", "5", "--seconds", "0.4"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    (film,) = json.loads(done.stdout)["films"]
    assert Path(film["file"]).is_file() and film["steps"] == 64
    Path(film["file"]).unlink()
    set_status(run, "running")
    (run / "checkpoints").rename(run / "later")
    process = subprocess.Popen([*command, "--json"], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert "no checkpoint yet" in process.stderr.readline()
    assert os.getpriority(os.PRIO_PROCESS, process.pid) == 19
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130 and out == "" and "Traceback" not in err
    assert not list((run / "films").iterdir())


def test_a_run_without_a_checkpoint_cannot_be_filmed_at_once(run: Path) -> None:
    (run / "checkpoints").rename(run / "later")
    with pytest.raises(InputError, match="no checkpoint"):
        Watcher(run).once()


@pytest.mark.slow
def test_what_watching_costs_is_measured_side_by_side(tmp_path: Path) -> None:
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(RECIPE_FILE)
    seen: list[tuple[int, int]] = []
    result = bench_watch(str(recipe), rounds=2, progress=lambda *each: seen.append(each), block=2)
    assert seen == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]
    assert result["pairs"] == 2 and result["block_env_steps"] == 64
    assert all(rate > 0 for rate in result["steps_per_second"].values()) and result["watcher_share"] >= 0
    assert multiprocessing.active_children() == []
