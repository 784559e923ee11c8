"""The main job, on the real physics and the shipped policy, through the real command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest
from commands import simon, simon_process

from simonsays.experiments.say import run_instruction
from simonsays.sim.recording import Recording
from simonsays.sim.rotations import wrap_angle, yaw_from_quaternion

MAIN = "walk forward two metres, then turn left and wave"


@pytest.mark.parametrize("seed", range(2))
def test_the_main_sentence_is_done_as_judged_from_the_recording(seed: int) -> None:
    result = run_instruction(MAIN, seed=seed)
    recording = result.recording
    assert result.success, result.verdicts
    walked = recording.step_index == 0
    forward = recording.base_position[walked][-1, 0] - recording.base_position[0, 0]
    turned = yaw_from_quaternion(recording.base_orientation[-1]) - yaw_from_quaternion(recording.base_orientation[0])
    assert forward == pytest.approx(2.0, abs=0.3)
    assert abs(np.degrees(wrap_angle(turned - np.pi / 2))) < 15
    assert recording.base_position[:, 2].min() > 0.6
    assert recording.meta["verdict"] == "success" and len(recording.meta["steps"]) == 3


def test_going_to_the_ball_ends_in_front_of_it() -> None:
    recording = run_instruction("go to the red ball", seed=3).recording
    ball = recording.prop_positions[-1, list(recording.prop_names).index("red ball")]
    away = ball[:2] - recording.base_position[-1, :2]
    bearing = wrap_angle(np.arctan2(away[1], away[0]) - yaw_from_quaternion(recording.base_orientation[-1]))
    assert recording.meta["verdict"] == "success"
    assert np.hypot(*away) < 0.6 and abs(np.degrees(bearing)) < 25


def test_equal_seeds_give_equal_recordings_in_fresh_processes(tmp_path: Path) -> None:
    files = [tmp_path / "a.npz", tmp_path / "b.npz", tmp_path / "c.npz"]
    for file, seed in zip(files, ("4", "4", "5"), strict=True):
        done = simon_process("says", "walk half a metre", "--seed", seed, "--out", str(file), cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    a, b, c = (Recording.load(file) for file in files)
    for name in ("time", "base_position", "joint_positions", "joint_torques", "foot_contacts"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
    assert not np.array_equal(a.joint_positions[:10], c.joint_positions[:10])


def test_says_writes_film_and_recording_and_prints_plan_and_verdicts(tmp_path: Path) -> None:
    done = simon_process("says", "turn left 30 degrees", "--out", "a.mp4", "--record", "a.npz", "--size", "96x64",
                         "--fps", "5", "--json", cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["verdict"] == "success" and answer["steps"][0]["text"] == "turn left 30°"
    assert sorted(os.listdir(tmp_path)) == ["a.mp4", "a.npz"]
    assert iio.imread(tmp_path / "a.mp4").shape[1:] == (64, 96, 3)
    assert "turn left 30°" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["says", "worf forward"], "worf"),
        (["says", ""], "Nothing is said"),
        (["says", "pick up the red ball"], "cannot pick up"),
        (["says", "walk", "--scene", "nowhere"], "playground"),
        (["says", "walk", "--out", "film.avi"], "mp4"),
        (["says", "walk", "--out", "no/folder.mp4"], "folder"),
        (["says", "walk", "--size", "640"], "640x360"),
        (["says", "walk", "--size", "641x360"], "even"),
        (["says", "walk", "--fps", "0"], "fps"),
        (["says", "walk", "--policy", "nobody"], "g1-locomotion"),
        (["says", "go to the red ball", "--scene", "two_balls"], "which"),
        (["says", "walk", "--sed", "1"], "sed"),
        (["parse", "walk hippo", "--json"], "hippo"),
        (["parse"], "--batch"),
        (["parse", "--batch", "none.txt"], "none.txt"),
        (["parse", "walk", "--language", "fr"], "en or zh"),
        (["parse", "walk", "--translator", "nobody"], "nobody"),
        (["parse", "walk two metres", "--scan"], "SCAN"),
        (["evaluate", "nobody"], "g1-locomotion"),
        (["train", "locomotoin"], "locomotion"),
        (["smoke", "--junit", "a.txt"], "xml"),
    ],
)
def test_bad_input_is_exit_code_2_and_nothing_is_written(arguments: list[str], word: str, tmp_path: Path) -> None:
    done = simon(*arguments, cwd=tmp_path)
    assert done.returncode == 2, (done.returncode, done.stderr)
    assert word in done.stderr and "Traceback" not in done.stderr and done.stdout == ""
    assert os.listdir(tmp_path) == []


def test_a_robot_that_fails_is_exit_code_1(tmp_path: Path) -> None:
    scene = tmp_path / "ice.toml"
    scene.write_text("[ground]\nfriction = 0.02\n")
    done = simon_process("says", "walk two metres", "--scene", str(scene), "--no-video", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "✗" in done.stdout


def test_parse_prints_the_contract(tmp_path: Path) -> None:
    done = simon("parse", "go to the red ball and wave twice", "--json", cwd=tmp_path)
    assert json.loads(done.stdout) == {
        "steps": [{"verb": "go_to", "object": {"type": "ball", "color": "red"}}, {"verb": "wave", "count": 2}]
    }


def test_parse_reads_a_batch_line_by_line(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("walk left\n\nfly away\n向前走两米\n", encoding="utf-8")
    done = simon("parse", "--batch", "in.txt", "--json", cwd=tmp_path)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["text"] for line in lines] == ["walk left", "", "fly away", "向前走两米"]
    assert lines[0]["instruction"] == {"steps": [{"verb": "walk", "direction": "left"}]}
    assert lines[1]["error"]["code"] == "empty" and {"code", "position", "message"} <= set(lines[2]["error"])
    assert lines[3]["instruction"]["steps"][0]["distance_m"] == 2.0
    done = simon("parse", "--scan", "--batch", "in.txt", cwd=tmp_path)
    assert json.loads(done.stdout.splitlines()[0]) == {"text": "walk left", "actions": ["I_TURN_LEFT", "I_WALK"]}


def test_explain_shows_words_steps_groundings_and_tests(tmp_path: Path) -> None:
    done = simon("explain", "please walk to the red balll", "--json", cwd=tmp_path)
    answer = json.loads(done.stdout)
    assert answer["passed_over"] == [{"words": "please", "position": 0}]
    assert answer["steps"][0]["means"] == ["the red ball at (2.6, 1.2)"]
    assert answer["plan"][0]["success"] and answer["plan"][0]["time_limit_s"] > 5
    done = simon("explain", "pick up the red ball", cwd=tmp_path)
    assert done.returncode == 2 and "the red ball at" in done.stdout and "cannot pick up" in done.stderr


def test_list_and_doctor(tmp_path: Path) -> None:
    found = json.loads(simon("list", "--json", cwd=tmp_path).stdout)
    assert "g1" in found["robots"] and "walk" in found["skills"] and "g1-locomotion" in found["policies"]
    checks = json.loads(simon("doctor", "--json", cwd=tmp_path).stdout)
    assert all(check["ok"] for check in checks if check["needed"])


@pytest.mark.slow
def test_smoke_writes_a_junit_file(tmp_path: Path) -> None:
    done = simon_process("smoke", "--junit", "smoke.xml", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    root = ET.parse(tmp_path / "smoke.xml").getroot()
    suite = root.find("testsuite")
    assert root.tag == "testsuites" and suite is not None
    assert int(suite.get("tests", 0)) == len(suite.findall("testcase")) >= 2 and suite.get("failures") == "0"


def test_help_and_the_main_job_import_no_torch() -> None:
    program = (
        "import sys; from simonsays.experiments.cli import simon; simon();"
        "assert not {'torch', 'pybullet', 'numpy', 'gymnasium'} & set(sys.modules);"
        "from simonsays.experiments.say import run_instruction; from simonsays.experiments import film;"
        "run_instruction('turn left 10 degrees');"
        "assert not {'torch', 'stable_baselines3'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
