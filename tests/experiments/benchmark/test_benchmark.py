"""The benchmark as it is run: records, resuming, failures that are told, texts that do not match."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from commands import MODULE, simon
from tiny_suite import TINY, write_suite

from simonsays.agents.measure.estimates import proportion
from simonsays.assets import InputError
from simonsays.envs.language import parse
from simonsays.experiments.benchmark.aims import find_aims
from simonsays.experiments.benchmark.episodes import Settings, run_episode
from simonsays.experiments.benchmark.judge import verb_tests
from simonsays.experiments.benchmark.mismatch import at_rest, candidates, contradicted, families
from simonsays.experiments.benchmark.plots import draw_plots
from simonsays.experiments.benchmark.report import markdown, write_report
from simonsays.experiments.benchmark.running import Options, run_benchmark
from simonsays.experiments.benchmark.statistics import difference, summarize
from simonsays.experiments.benchmark.suite import Episode, episodes, load_cases, suite_files
from simonsays.experiments.charts import can_plot
from simonsays.sim.recording import Recording
from simonsays.sim.specs import load_scene

MANIFEST = {"policy": "g1-locomotion", "robot": "g1", "suites": {"tiny": ""}, "seeds": 1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("benchmark")


@pytest.fixture(scope="module")
def suite(folder: Path) -> Path:
    return write_suite(folder)


@pytest.fixture(scope="module")
def found(folder: Path, suite: Path) -> dict[str, Any]:
    """The whole tiny suite, in one process."""
    result = run_benchmark(Options(folder / "one", (str(suite),), seeds=1, jobs=1))
    write_report(result, folder / "one")
    return result


def record(found: dict[str, Any], place: int) -> dict[str, Any]:
    return next(episode for episode in found["episodes"] if episode["place"] == place)


def test_every_episode_is_what_it_should_be(found: dict[str, Any], folder: Path) -> None:
    turn, misread, nod, not_refused, ball, impossible, stop = (record(found, place) for place in range(1, 8))
    for good in (turn, ball, stop):
        assert good["matching"]["success"] and good["matching"]["label"] == ""
        assert good["oracle"] == {"success": True, "steps": good["matching"]["steps"], "same": True}
    assert misread["matching"]["label"] == "misread" and not misread["matching"]["success"]
    assert misread["oracle"]["success"] and not misread["oracle"]["same"]
    assert nod["status"] == "refusal" and nod["correct"] and "cannot nod" in nod["reason"]
    assert not_refused["status"] == "refusal" and not not_refused["correct"]
    assert impossible["status"] == "excluded" and "green pillar is in the way of walk" in impossible["reason"]
    shown = Recording.load(folder / "one" / misread["matching"]["recording"])
    assert shown.meta["instruction"] == "wave"


def test_texts_that_do_not_match_do_not_succeed(found: dict[str, Any]) -> None:
    turn, ball, stop = record(found, 1), record(found, 5), record(found, 7)
    assert set(turn["mismatched"]) == {"contradicted", "blank"}  # no other sentence of this scene can be done there
    assert turn["mismatched"]["contradicted"]["text"] == "turn right 30 degrees"
    assert "pillar" in ball["mismatched"]["contradicted"]["text"]
    assert not any(text["success"] for told in (turn, ball) for text in told["mismatched"].values())
    assert stop["at_rest"] and "mismatched" not in stop


def test_the_summary_counts_them(found: dict[str, Any], folder: Path) -> None:
    results = json.loads((folder / "one" / "results.json").read_text(encoding="utf-8"))
    summary = results["summary"]
    assert (summary["episodes"], summary["run"], summary["excluded"]) == (
        7, 4, {"the green pillar is in the way of walk": 1})  # fmt: skip
    assert summary["sentences"]["success"]["value"] == 0.75 and summary["sentences"]["oracle"]["value"] == 1.0
    assert summary["refusals"]["value"] == 0.5 and summary["labels"]["misread"] == 1
    assert sum(summary["labels"].values()) == len(summary["failures"]) == 1
    assert summary["sensitivity"]["blank"]["mismatched"]["value"] == 0.0
    report = (folder / "one" / "report.md").read_text(encoding="utf-8")
    assert "75.0% [30.1, 95.4] (4)" in report and "recordings/tiny-0002-s0.npz" in report


def test_a_verb_that_is_not_judged_is_told_and_its_runner_believed(
    suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tests = verb_tests()
    monkeypatch.setattr("simonsays.experiments.benchmark.judge.verb_tests", lambda: {"stop": tests["stop"]})
    monkeypatch.setattr("simonsays.experiments.benchmark.episodes.verb_tests", lambda: {"stop": tests["stop"]})
    case = load_cases(suite_files([str(suite)]), "g1")[0]
    told = run_episode(Episode(case, 0), Settings("g1", "g1-locomotion", tmp_path), [case])
    assert told["not_judged"] == ["turn"] and told["matching"]["success"] and "mismatched" not in told
    assert told["matching"]["steps"][0]["judge"] is None
    summary = summarize([told])
    assert summary["not_judged"] == {"turn": 1} and summary["agreement"]["share"] is None
    assert "runner's word counts alone: turn (1)" in markdown(MANIFEST, summary)


def in_group(group: int) -> list[str]:
    """Processes of a process group that are alive."""
    alive = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            alive.append(stat.parent.name)
    return alive


@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="looks for processes in /proc")
@pytest.mark.slow
@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGKILL])
def test_a_run_in_two_processes_that_was_ended_and_gone_on_with_gives_the_same(
    found: dict[str, Any], folder: Path, suite: Path, ended_by: signal.Signals
) -> None:
    out = folder / ended_by.name
    command = [*MODULE, "benchmark", "--suite", str(suite), "--seeds", "1", "--jobs", "2", "--out", str(out)]
    run = subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: len(list(out.glob("episodes/tiny*.json"))) >= 2)
    os.kill(run.pid, ended_by)
    _, said = run.communicate(timeout=60)
    assert run.returncode == (130 if ended_by == signal.SIGINT else -ended_by)
    assert "Traceback" not in said
    wait_for(lambda: not in_group(run.pid))
    done = {file.name: file.stat().st_mtime_ns for file in out.glob("episodes/*.json")}
    assert 2 <= len(done) < len(TINY)
    assert run_benchmark(Options(out, (str(suite),), seeds=1, jobs=1, resume=True)) == found
    assert all((out / "episodes" / name).stat().st_mtime_ns == when for name, when in done.items())
    assert not list(out.rglob(".*"))


def wait_for(holds: Any, seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_another_benchmark_in_the_folder_is_refused(found: dict[str, Any], folder: Path, suite: Path) -> None:
    with pytest.raises(InputError, match=r"another benchmark(.|\n)*seeds: there 1, now 3"):
        run_benchmark(Options(folder / "one", (str(suite),), seeds=3))
    with pytest.raises(InputError, match="something else"):
        run_benchmark(Options(folder, (str(suite),)))
    with pytest.raises(InputError, match="holds no benchmark"):
        run_benchmark(Options(folder / "none", (str(suite),), resume=True))
    assert not (folder / "none").exists()


def test_a_policy_that_knows_nothing_falls(folder: Path, tmp_path: Path) -> None:
    suite = write_suite(tmp_path, [case for case in TINY if case[0] == "go to the red ball"])
    result = run_benchmark(Options(folder / "random", (str(suite),), policy="random", seeds=1, jobs=1))
    ball = record(result, 1)
    assert ball["matching"]["label"] == "fell" and not ball["oracle"]["success"]
    assert (folder / "random" / ball["matching"]["recording"]).is_file() and "mismatched" not in ball


@pytest.mark.skipif(not can_plot(), reason="needs matplotlib")
def test_plots_are_drawn(found: dict[str, Any], folder: Path) -> None:
    from PIL import Image

    files = draw_plots(write_report(found, folder / "one"), folder / "one")
    assert [file.stem for file in files] == ["verbs", "sentences", "failures", "sensitivity"]
    for file in files:
        with Image.open(file) as picture:
            assert picture.width == 1200 and len(picture.getcolors(10**6) or ()) > 20


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--suite", "trian"], "did you mean 'train'"),
        (["--suite", "none.toml"], "no such instruction set file"),
        (["--policy", "nobody"], "g1-locomotion"),
        (["--robot", "g2"], "g1"),
        (["--limit", "0"], "--limit"),
    ],
)
def test_bad_input_is_refused(arguments: list[str], words: str, tmp_path: Path) -> None:
    done = simon("benchmark", *arguments, "--out", "out", cwd=tmp_path)
    assert done.returncode == 2 and words in done.stderr and not os.listdir(tmp_path)


def test_a_limit_takes_from_every_suite_and_keeps_its_start() -> None:
    cases = load_cases(suite_files(["all"]), "g1")
    first, more = episodes(cases, 2, 8), episodes(cases, 2, 20)
    assert more[:8] == first and len(more) == 20
    assert {episode.case.suite for episode in first} == {"train", "paraphrase", "composition", "long"}
    every = episodes(cases, 2)
    assert len({episode.name for episode in every}) == len(every)
    assert {episode.case for episode in every} == set(cases)
    assert all(episode.seed == 0 for episode in every if episode.case.refusal)


def test_candidates_for_a_swap_are_about_something_else() -> None:
    cases = load_cases(suite_files(["train"]), "g1")
    for case in [case for case in cases if not case.refusal][:20]:
        found = candidates(case, cases)
        assert found
        for other in found:
            assert families(other.example.instruction) != families(case.example.instruction)
            assert other.example.scene == case.example.scene and not at_rest(other.example.instruction)


def test_what_standing_still_does_is_at_rest() -> None:
    assert at_rest(parse("stop, then stand still, then return to the start"))
    assert not at_rest(parse("stop, then wave"))


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        ("walk left one metre", "walk right 1 metre"),
        ("wave your left hand twice", "wave with the right hand 2 times"),
        ("wave twice", "wave 5 times"),
        ("walk two metres", "walk 3 metres"),
        ("stop, then turn right", "stop, then turn left"),
        ("向左走一米", "向右走1米"),
        ("stop", None),
        ("wave", None),
    ],
)
def test_a_contradiction_changes_one_thing(said: str, changed: str | None) -> None:
    scene, instruction = load_scene("empty"), parse(said)
    language = "zh" if said[0] > "z" else "en"
    found = contradicted(instruction, find_aims(instruction, scene), scene, "g1", language)  # type: ignore[arg-type]
    assert (found.text if found else None) == changed


def test_a_difference_of_shares_has_newcombes_interval() -> None:
    """Newcombe 1998, table II, case (a): 56/70 against 48/80 gives 0.0524 to 0.3339."""
    found = difference(proportion(56, 70), proportion(48, 80))
    assert found.value == pytest.approx(0.2) and (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=1e-4)
