"""``--engine`` from the command line down: what simulates is what was asked for, is said, and is never mixed."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import gymnasium
import pytest
from tiny_runs import curve, tiny
from tiny_suite import write_suite

import simonsays
from simonsays.agents.measure.checkpoints import checked_curve, evaluate_checkpoints
from simonsays.agents.measure.evaluate import abilities, card
from simonsays.agents.recipes.physics import with_engine
from simonsays.assets import InputError
from simonsays.envs.policy.policy import load_policy
from simonsays.experiments import cli
from simonsays.experiments.bench.engines import bench_engines
from simonsays.experiments.benchmark.running import Options, run_benchmark
from simonsays.experiments.live.session import LiveSession
from simonsays.experiments.robustness.measure import LOG, EpisodeLog
from simonsays.experiments.say import run_instruction
from simonsays.experiments.studies.compare import Group, compare, rows
from simonsays.sim.engine_choice import engines_told, in_words, need_engine, robot_told
from simonsays.sim.engines import ENGINES
from simonsays.sim.engines.mujoco_model import library
from simonsays.sim.recording import Recording
from simonsays.sim.robots import get_robot

TAKE_IT = ["says", "live", "evaluate", "benchmark", "robustness", "train", "sweep", "collect", "smoke", "bench"]
WALKS = "simonsays.envs:G1-Locomotion-v0"
with_mujoco = pytest.mark.skipif(
    any(told["missing"] for told in engines_told() if told["name"] == "mujoco"), reason="MuJoCo is not installed"
)


class Simon:
    """Runs commands in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def __call__(self, *words: str) -> tuple[int, str, str]:
        """Exit code, output and errors."""
        self._monkeypatch.setattr(sys, "argv", ["simon", *words])
        try:
            cli.main()
        except SystemExit as end:
            out, errors = self._capsys.readouterr()
            return int(end.code or 0), out, errors
        raise AssertionError("a command ends with an exit code")


@pytest.fixture
def simon(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Simon:
    return Simon(monkeypatch, capsys)


@pytest.fixture
def no_mujoco(monkeypatch: pytest.MonkeyPatch) -> None:
    library.cache_clear()
    monkeypatch.setitem(sys.modules, "mujoco", None)


def test_every_command_that_simulates_takes_an_engine() -> None:
    commands = cli.simon().commands
    for name in TAKE_IT:
        (option,) = [each for each in commands[name].params if "--engine" in each.opts]
        assert "mujoco" in option.help, name


@pytest.mark.parametrize("name", TAKE_IT)
def test_an_engine_that_is_not_there_is_bad_input(simon: Simon, name: str, tmp_path: Path) -> None:
    words = {"says": ["wave", "--out", str(tmp_path / "x.npz")], "sweep": ["walk"]}.get(name, [])
    code, _, told = simon(name, *words, "--engine", "mojoco")
    assert code == 2 and "no engine 'mojoco'; did you mean 'mujoco'?" in told
    assert not list(tmp_path.iterdir())


def test_where_jobs_run_is_another_option(simon: Simon) -> None:
    code, _, told = simon("evaluate", "--engine", "ray")
    assert code == 2 and "--by ray" in told


@pytest.mark.usefixtures("no_mujoco")
def test_a_missing_package_names_its_extra(simon: Simon, tmp_path: Path) -> None:
    code, _, told = simon("says", "wave", "--engine", "mujoco", "--out", str(tmp_path / "x.npz"))
    assert code == 2 and "pip install 'simonsays[mujoco]'" in told and not list(tmp_path.iterdir())
    with pytest.raises(InputError, match=r"recipe 'tiny': .*simonsays\[mujoco\]"):
        with_engine(tiny(), "mujoco")
    code, listed, _ = simon("engines", "--json")
    bullet, mujoco = json.loads(listed)
    assert code == 0 and bullet["missing"] == "" and "simonsays[mujoco]" in mujoco["missing"]


@with_mujoco
def test_engines_are_listed_with_what_they_can_do(simon: Simon) -> None:
    code, listed, _ = simon("engines", "--json")
    found = {told["name"]: told for told in json.loads(listed)}
    assert code == 0 and set(found) >= {"bullet", "mujoco"}
    for name, told in found.items():
        assert told["version"][0].isdigit() and told["capabilities"].keys() == ENGINES[name].capabilities.keys()
        assert {can["support"] for can in told["capabilities"].values()} <= {"exact", "approximate", "unsupported"}
    code, shown, _ = simon("engines")
    assert code == 0 and "MuJoCo" in shown and "approximate" in shown


@with_mujoco
def test_a_robot_is_told_by_engine(simon: Simon) -> None:
    bullet, mujoco = (robot_told(get_robot("g1"), name) for name in ("bullet", "mujoco"))
    for told in (bullet, mujoco):
        assert list(told["rotors"]) == [joint.name for joint in get_robot("g1").joints]
        assert 0 < told["eigenvalue"]["largest"] <= told["eigenvalue"]["bound"]
        assert told["eigenvalue"]["joint"] in told["rotors"]
    assert all(each["least"] <= each["standing"] <= each["most"] for each in bullet["rotors"].values())
    assert all(each["standing"] == pytest.approx(1.0, abs=0.02) for each in mujoco["rotors"].values())
    faster = robot_told(get_robot("g1"), "mujoco", 400)
    assert faster["eigenvalue"]["largest"] == pytest.approx(mujoco["eigenvalue"]["largest"] / 2)
    code, shown, _ = simon("engines", "--robot", "g1")
    assert code == 0 and "left_knee_joint" in shown and "at most 1.6" in shown


@with_mujoco
def test_a_sentence_is_done_recorded_and_shown_in_either(simon: Simon, tmp_path: Path) -> None:
    record, page, film = (tmp_path / name for name in ("turn.npz", "turn.html", "turn.gif"))
    how = ("--engine", "mujoco", "--record", str(record), "--out", str(film), "--size", "96x64", "--fps", "2", "--json")
    code, said, _ = simon("says", "turn left 20 degrees", *how)
    assert code in (0, 1)  # that it does it is not what is tested here
    meta, recording = json.loads(said), Recording.load(record)
    assert meta["engine"] == recording.meta["engine"] == "mujoco"
    assert set(recording.meta["versions"]) == {"python", "simonsays", "mujoco", "numpy"}
    assert film.stat().st_size > 1000
    assert simonsays.render(record, page).stat().st_size > 10_000
    other = simonsays.say("turn left 20 degrees").recording
    assert other.meta["engine"] == "bullet" and set(other.meta["versions"]) == {
        "python",
        "simonsays",
        "pybullet",
        "numpy",
    }


def test_no_sentence_is_begun_in_an_unknown_engine() -> None:
    with pytest.raises(InputError, match="no engine 'odd'"):
        run_instruction("wave", engine="odd")


@with_mujoco
def test_pictures_are_drawn_of_either(tmp_path: Path) -> None:
    with closing(gymnasium.make(WALKS, engine="mujoco", render_mode="rgb_array")) as env:
        assert env.unwrapped.world.engine.name == "mujoco"  # type: ignore[attr-defined]
        env.reset(seed=0)
        picture: Any = env.render()
        assert picture.shape == (480, 640, 3) and picture.std() > 10


@with_mujoco
def test_the_live_robot_lives_in_either() -> None:
    with closing(LiveSession("playground", engine="mujoco")) as session:
        session.submit("wave")
        session.start_recording()
        for _ in range(25):
            session.step()
        session.push("left")
        session.stop_recording()
        recording = session.take_recording()
        session.reset("empty")
        session.step()
    assert recording is not None and recording.meta["engine"] == "mujoco" and len(recording) == 25


@with_mujoco
def test_a_policy_is_measured_in_either_and_the_card_says_so(simon: Simon) -> None:
    policy = load_policy("g1-locomotion")
    how = ("evaluate", "--episodes", "2", "--protocols", "push", "--jobs", "1", "--json", "--engine")
    results = {name: json.loads(simon(*how, name)[1]) for name in ("mujoco", "bullet")}
    versions = {name: results[name]["engine_versions"] for name in results}
    assert list(versions["mujoco"]) == ["mujoco"] and list(versions["bullet"]) == ["pybullet"]
    told = {name: card(policy, found) for name, found in results.items()}
    assert f"(MuJoCo {versions['mujoco']['mujoco']})" in told["mujoco"] and "--engine mujoco" in told["mujoco"]
    assert "MuJoCo" not in told["bullet"] and "--engine" not in told["bullet"]
    speed = {"value": 1.0, "low": 0.9, "high": 1.1, "count": 3}
    fast = {name: {**found, "protocols": ["speed"], "speed": speed} for name, found in results.items()}
    assert policy.description["training"]["engine"] == "mujoco"  # abilities are of the engine that it was trained in
    assert abilities(fast["mujoco"], policy) == {"forward": 1.0} and abilities(fast["bullet"], policy) == {}


@with_mujoco
def test_a_benchmark_is_not_gone_on_with_in_another_engine(tmp_path: Path) -> None:
    suite = str(write_suite(tmp_path))
    found = run_benchmark(Options(tmp_path / "out", (suite,), policy="zero", seeds=1, jobs=1, limit=1, engine="mujoco"))
    assert found["manifest"]["engine"] == "mujoco" and "mujoco" in found["manifest"]["versions"]
    assert "MuJoCo" in in_words(found["manifest"])
    (kept,) = (tmp_path / "out" / "recordings").glob("*.npz")
    assert Recording.load(kept).meta["engine"] == "mujoco"
    with pytest.raises(InputError, match="engine: there 'mujoco', now 'bullet'"):
        run_benchmark(Options(tmp_path / "out", (suite,), policy="zero", seeds=1, jobs=1, limit=1))


@with_mujoco
def test_robustness_is_not_gone_on_with_in_another_engine(tmp_path: Path) -> None:
    EpisodeLog(tmp_path / LOG, "mine", "1", "mujoco").read()
    assert EpisodeLog(tmp_path / LOG, "mine", "1", "mujoco").read() == []
    with pytest.raises(InputError, match=r"episodes made by MuJoCo .*, not PyBullet"):
        EpisodeLog(tmp_path / LOG, "mine", "1").read()


def test_trainings_of_two_engines_are_told_apart() -> None:
    bullet, mujoco = checked_curve(curve([0.5, 0.8])), {**curve([0.5, 0.9]), "engine": "mujoco"}
    results = compare([Group("a", {"seed_0": bullet}), Group("b", {"seed_0": mujoco})], reps=20)
    assert [row[0] for row in rows(results)] == ["a", "b (mujoco)"]
    with pytest.raises(InputError, match="several engines, bullet, mujoco"):
        compare([Group("both", {"seed_0": bullet, "seed_1": mujoco})], reps=20)


@with_mujoco
def test_a_recipe_is_trained_in_the_engine_that_is_asked_for(simon: Simon) -> None:
    code, said, _ = simon("train", "walk", "--engine", "mujoco", "--dry-run", "--json")
    assert code == 0 and json.loads(said)["engine"] == "mujoco"
    assert with_engine(tiny(engine="mujoco")).engine == "mujoco"
    code, _, told = simon("train", "--resume", "runs/none", "--engine", "mujoco")
    assert code == 2 and "--engine" in told
    with pytest.raises(InputError, match="another package"):
        with_engine(tiny(env_id="Pendulum-v1"), "mujoco")


@with_mujoco
def test_a_training_its_curve_and_its_films_are_of_one_engine(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from simonsays.agents.training.options import TrainOptions
    from simonsays.agents.training.train import train
    from simonsays.experiments.watching.watch_episode import record_episode

    bundle = train(tiny(engine="mujoco"), tmp_path / "run", TrainOptions())
    assert load_policy(bundle).description["training"]["engine"] == "mujoco"
    assert evaluate_checkpoints(tmp_path / "run", episodes=1, jobs=1)["engine"] == "mujoco"
    assert record_episode(bundle, WALKS, "a film", 0.1, "mujoco").meta["engine"] == "mujoco"
    with pytest.raises(InputError, match="engine: the run has 'mujoco', now 'bullet'"):
        train(tiny(), tmp_path / "run", TrainOptions(resume=True))


@with_mujoco
def test_episodes_are_collected_in_either(tmp_path: Path) -> None:
    pytest.importorskip("minari")
    from simonsays.experiments.exchange.minari_data import collect_dataset

    made = collect_dataset(WALKS, "random", 1, 0, False, "tiny-v0", tmp_path, engine="mujoco")
    told = json.loads((Path(made["written"]) / "data" / "metadata.json").read_text())
    assert json.loads(told["simonsays"])["engine"] == "mujoco"


@with_mujoco
def test_engines_are_measured_side_by_side(simon: Simon) -> None:
    found = bench_engines(rounds=3)
    assert set(found["engines"]) == {"bullet", "mujoco"} and list(found["ratios"]) == ["bullet"]
    for told in found["engines"].values():
        assert told["env_steps_per_second"] < told["physics_steps_per_second"] and told["own_us"] < told["step_us"]
    for ratio in found["ratios"]["bullet"].values():
        low, high = ratio["quartiles"]
        assert 0 < low <= ratio["value"] <= high
    code, shown, _ = simon("bench", "engines", "--rounds", "3")
    assert code == 0 and "times as fast as bullet" in shown and "own" in shown
    assert simon("bench", "env", "--engine", "mujoco")[0] == 2


def test_what_made_old_results_is_bullet() -> None:
    assert in_words({}) == in_words([]) == "PyBullet" and need_engine("bullet").title == "PyBullet"
    assert in_words({"engine": "gone", "engine_versions": {"gone": "1.0"}}) == "gone 1.0"
