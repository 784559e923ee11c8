"""Two robots in one scene: told by name, done on the real physics, recorded, judged and drawn together."""

from __future__ import annotations

import json
import re
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from commands import simon

from simonsays.assets import InputError
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.language.instruction import Instruction
from simonsays.envs.moves.skill import GroundingError
from simonsays.envs.plan.cast import Cast
from simonsays.experiments.benchmark.aims import find_aims
from simonsays.experiments.benchmark.judge import Segment, judge
from simonsays.experiments.benchmark.track import track
from simonsays.experiments.say import SayResult, robots_of, run_instruction, understand
from simonsays.sim.pictures.camera import Camera
from simonsays.sim.pictures.cameras import camera_path
from simonsays.sim.pictures.stage import Stage
from simonsays.sim.recording import Recording
from simonsays.sim.robots import ROBOTS, get_robot
from simonsays.sim.specs import RobotStart, SceneSpec, load_scene
from simonsays.sim.stand_in import alone, seen_by
from simonsays.sim.storyline import Storyline, actors
from simonsays.sim.web.replay import replay_data
from simonsays.testing import check_recording

TWO = load_scene("two")
SHORT = "Anna, wave once to Ben while Ben turns left 45 degrees."


@pytest.fixture(scope="module")
def done() -> SayResult:
    return run_instruction(SHORT, scene=TWO, engine="mujoco")


def judged(recording: Recording, place: int) -> bool:
    """Whether the independent judge finds that a robot did its own steps."""
    own, name = alone(recording, place), TWO.robots[place].name
    steps = Instruction.from_json(recording.meta["instruction_json"]).steps
    said = Instruction(tuple(step for step in steps if step.robot == name))
    parts = [Segment(step["started"], step["ended"]) for step in own.meta["steps"]]
    return judge(track(own), said, find_aims(said, seen_by(TWO, place, robots_of(TWO))), parts).success


def test_both_do_what_they_are_told_at_the_same_time(done: SayResult) -> None:
    assert done.success, done.verdicts
    first, second = done.verdicts
    assert first.text.startswith("Anna: wave") and second.text == "Ben: turn left 45°"
    for place, each in enumerate((done.recording, *done.recording.others)):
        assert judged(done.recording, place)
        check_recording(each)
    assert first.started == second.started and [step["robot"] for step in done.recording.meta["steps"]] == [*TWO.names]


def test_one_recording_holds_both(done: SayResult, tmp_path: Path) -> None:
    file = done.recording.save(tmp_path / "two.npz")
    whole = Recording.load_all(file)
    (ben,) = whole.others
    assert (whole.meta["robot_name"], ben.meta["robot_name"]) == TWO.names
    assert (whole.meta["robot"], ben.meta["robot"]) == ("g1", "g1-29")
    assert ben.meta["policy"] == "g1-29-locomotion" and ben.meta["env"]["robot"] == "g1-29"
    for one, kept in ((done.recording, whole), (done.recording.others[0], ben), (ben, Recording.load(file, "Ben"))):
        for name in ("time", "base_position", "joint_positions", "joint_torques", "policy_actions", "contact_forces"):
            np.testing.assert_array_equal(getattr(one, name), getattr(kept, name))
    assert whole.contact_pairs is not None
    assert {"Anna/left_ankle_roll_link", "Ben/left_ankle_roll_link"} <= {one for one, _ in whole.contact_pairs.tolist()}
    with pytest.raises(InputError, match="robots Anna, Ben: say which"):
        Recording.load(file)


def test_who_acts_is_followed_and_a_page_has_both(done: SayResult) -> None:
    recording = done.recording
    (ben,) = recording.others
    turn = len(recording) // 2
    later = replace(recording, step_index=(np.arange(len(recording)) >= turn).astype(np.int64))
    assert actors(later).tolist() == later.step_index.tolist()
    path = camera_path("top", later)
    assert np.hypot(*np.subtract(path[turn - 1].target, recording.base_position[turn - 1])[:2]) < 0.2
    assert np.hypot(*np.subtract(path[turn].target, ben.base_position[turn])[:2]) < 0.2
    assert Storyline.of(recording).robot.startswith("Anna: Unitree G1")
    data = replay_data(recording)
    assert [robot["name"] for robot in data["model"]["others"]] == ["g1-29"] and len(data["others"]) == 1


@pytest.mark.slow
def test_a_picture_shows_both(done: SayResult) -> None:
    (ben,) = done.recording.others
    away = replace(ben, base_position=ben.base_position + np.array([0.0, 0.0, 50.0]))
    pictures = []
    for recording in (done.recording, replace(done.recording, others=(away,))):
        with closing(Stage(recording, renderer="tiny")) as stage:
            pictures.append(stage.draw(100, Camera((1.2, 0.0, 0.7), 5.0, 0.0, -10.0), (160, 120)))
    left, right = ((pictures[0] != pictures[1])[:, half].mean() for half in (slice(0, 80), slice(80, 160)))
    assert max(left, right) > 0.02 > 4 * min(left, right), (left, right)


def test_a_robot_of_a_cast_is_driven_as_one_alone_is() -> None:
    scene, g1 = SceneSpec("one", robot_name="Anna", robot="g1"), get_robot("g1")
    cast, env = Cast([g1], scene, engine="mujoco"), HumanoidEnv(g1, engine="mujoco", scene=scene, friction=None)
    with closing(cast), closing(env):
        cast.reset(3)
        env.reset(seed=3, options={"command": [0.0, 0.0, 0.0], "scene": scene})
        member, rng = cast.envs["Anna"], np.random.default_rng(0)
        for each in (member, env):
            each.set_command((0.5, 0.0, 0.2))
        for _ in range(20):
            action = rng.normal(0.0, 0.3, env.action_space.shape or ())
            np.testing.assert_array_equal(cast.step({"Anna": action})["Anna"], env.step(action)[0])


@pytest.mark.parametrize(("said", "words"), [
    ('{"steps": [{"verb": "wave"}]}', "no robot is named: the robots here are Anna, Ben"),
    ('{"steps": [{"verb": "wave", "robot": "Carl"}]}', "no robot 'Carl': the robots here are Anna, Ben"),
    ('{"steps": [{"verb": "kick", "robot": "Anna", "object": {"type": "robot", "name": "Ben"}}]}', "cannot kick Ben"),
    ('{"steps": [{"verb": "go_to", "robot": "Ben", "object": {"type": "robot", "name": "Ben"}}]}', "Ben' is not here"),
])  # fmt: skip
def test_what_they_cannot_do_is_refused(said: str, words: str) -> None:
    with pytest.raises(GroundingError, match=re.escape(words)):
        understand(Instruction.from_json(json.loads(said)), TWO)


def test_a_robot_that_has_not_learned_to_walk_is_refused_before_anything_is_simulated() -> None:
    scene = SceneSpec(robot_name="Anna", robot="g1", others=(RobotStart("Hal", "untaught", (2.0, 0.0)),))
    ROBOTS.register("untaught", replace(get_robot("h1"), name="untaught", policies=()))
    try:
        with pytest.raises(InputError, match="'untaught' has no policy"):
            run_instruction("Anna, wave.", scene=scene)
    finally:
        ROBOTS.unregister("untaught")
    with pytest.raises(InputError, match="leave robot and policy out"):
        run_instruction(SHORT, scene=TWO, robot="g1")


def test_the_commands_say_who_is_there(tmp_path: Path) -> None:
    asked = simon("says", "wave", "--scene", "two", cwd=tmp_path)
    assert asked.returncode == 2 and "The robots here are Anna, Ben" in asked.stderr and not [*tmp_path.iterdir()]
    explained = simon("explain", "Ben, walk to Anna", "--scene", "two", cwd=tmp_path)
    assert explained.returncode == 0 and "Anna at (0, 0)" in explained.stdout
    live = simon("live", "--scene", "two", cwd=tmp_path)
    assert live.returncode == 2 and "2 robots (Anna, Ben)" in live.stderr


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["bullet", "mujoco"])
def test_one_after_the_other_while_the_other_stands(engine: str, tmp_path: Path) -> None:
    text = "Anna, walk to Ben, then wave. Ben, turn left."
    result, again = (run_instruction(text, scene=TWO, engine=engine) for _ in range(2))
    assert result.success, result.verdicts
    recording = result.recording
    (ben,) = recording.others
    np.testing.assert_array_equal(recording.base_position, again.recording.base_position)
    np.testing.assert_array_equal(ben.joint_torques, again.recording.others[0].joint_torques)
    idle = recording.time < (result.verdicts[2].started or 0.0)
    assert np.linalg.norm(ben.base_position[idle, :2] - ben.base_position[0, :2], axis=1).max() < 0.3
    assert judged(recording, 0) and judged(recording, 1)
    gap = np.linalg.norm(recording.base_position[-1, :2] - ben.base_position[-1, :2])
    assert 0.4 < gap < 1.0
    recording.save(tmp_path / "two.npz")
    done = simon("render", "two.npz", "--out", "two.gif", "--fps", "2", "--size", "160x90", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
