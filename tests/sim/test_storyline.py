"""What a recording tells: steps, what is left to go, goals; on real runs and on recordings of every format."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simonsays.envs.language import parse
from simonsays.envs.moves.behavior import SkillContext
from simonsays.envs.moves.skill import GroundingError, skills
from simonsays.envs.plan.grounding import find_goal
from simonsays.envs.plan.plan import StepVerdict, captioned, ground
from simonsays.experiments.film.text import clean
from simonsays.experiments.say import run_instruction
from simonsays.sim.recording import Recording
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import load_scene
from simonsays.sim.storyline import Storyline
from simonsays.testing import recordings as synthetic


@pytest.fixture(scope="module")
def recording() -> Recording:
    return run_instruction("walk forward half a metre, then turn right 40 degrees and wave once", seed=0).recording


def at(recording: Recording, time: float) -> int:
    return int(np.searchsorted(recording.time, time - 1e-6))


def test_steps_change_at_their_own_times(recording: Recording) -> None:
    story = Storyline.of(recording)
    assert story.title.startswith("walk forward half") and story.verdict == "success"
    assert story.robot == "Unitree G1 (23 joints)" and story.policy == "g1-locomotion" and story.seed == 0
    assert story.scene == "playground" and story.reasons == ()
    assert story.seconds == pytest.approx(recording.time[-1])
    for place, step in enumerate(story.steps):
        assert step.started is not None and step.ended is not None
        during = at(recording, (step.started + step.ended) / 2)
        assert story.step_at(during) == place
        expected = ["success"] * place + ["running"] + ["pending"] * (2 - place)
        assert list(story.statuses_at(during)) == expected
        assert story.caption_at(during) == (step.text, "running")
        assert story.statuses_at(at(recording, step.ended))[place] == "success"
    assert set(story.statuses_at(0)) == {"pending"}


def test_what_is_left_to_go_shrinks_to_nothing(recording: Recording) -> None:
    story = Storyline.of(recording)
    walk, turn, wave = story.steps
    assert story.to_go_text(at(recording, walk.started or 0)) == "0.5 m to go"
    assert story.to_go_text(at(recording, turn.started or 0)) == "40° to go"
    assert story.to_go_text(at(recording, wave.started or 0) + 5) == ""
    assert story.to_go_text(0) == story.to_go_text(len(recording) - 1) == ""
    assert recording.to_go is not None and recording.to_go.shape == (len(recording), 3)
    left = recording.to_go[at(recording, walk.started or 0) : at(recording, walk.ended or 0), 0]
    true = 0.5 - (recording.base_position[:, 0] - recording.base_position[at(recording, walk.started or 0), 0])
    np.testing.assert_allclose(left, true[at(recording, walk.started or 0) :][: len(left)], atol=0.02)


def test_goals_are_where_the_step_goes(recording: Recording) -> None:
    story = Storyline.of(recording)
    goal = story.goal_at(at(recording, 1.0))
    assert goal is not None and math.dist(goal[:2], (0.5, 0.0)) < 0.06 and goal[2] == 0.25
    assert story.goal_at(0) is None and story.goal_at(len(recording) - 1) is None  # a turn and a wave have none


def test_the_goal_is_the_thing_that_is_meant() -> None:
    recording = run_instruction("go to the red ball", seed=1).recording
    ball = recording.prop_positions[0, list(recording.prop_names).index("red ball")]
    x, y, radius = recording.meta["steps"][0]["goal"]
    assert (x, y) == pytest.approx(tuple(ball[:2])) and radius > 0.11
    assert recording.to_go is not None
    began = at(recording, 0.5)
    assert np.hypot(*recording.to_go[began, :2]) == pytest.approx(np.hypot(*ball[:2]) - 0.32 - 0.11, abs=0.05)


def test_steps_are_captioned_in_the_language_that_was_spoken() -> None:
    recording = run_instruction("举起左手，然后挥右手两次", seed=0).recording
    story = Storyline.of(recording)
    assert [step.text for step in story.steps] == ["举左手", "用右手挥手2次"]
    assert [step.verb for step in story.steps] == ["raise_arm", "wave"]
    assert [step["text"] for step in recording.meta["steps"]] == ["raise the left arm", "wave the right hand 2 times"]


@pytest.mark.parametrize("verb", sorted(skills()))
def test_every_skill_has_a_caption_in_mandarin_that_means_the_same(verb: str) -> None:
    scene = load_scene("playground")
    try:
        plan = ground(parse(skills()[verb].example), scene, get_robot("g1"))
    except GroundingError as error:
        assert error.code == "unsupported_skill"  # joints that the robot lacks
        return
    said = captioned(plan, [StepVerdict(step.text) for step in plan.steps], "zh")
    for step, each in zip(plan.steps, said, strict=True):
        (read,) = parse(each["caption"]).steps
        assert read.verb == (step.said and step.said.verb)
        assert clean(each["caption"]) == each["caption"]  # every glyph is there


def test_the_goal_of_a_push_is_where_the_thing_is_to_come() -> None:
    scene = load_scene("playground")
    (step,) = ground(parse("push the red ball to the blue box"), scene, get_robot("g1")).steps
    places = {prop.name: np.array(prop.centre) for prop in scene.props}
    nobody: Any = None
    goal = find_goal(step, SkillContext(0.0, nobody, nobody, nobody, places, 0.02))
    assert goal is not None and goal[:2] == pytest.approx(places["blue box"][:2].tolist()) and goal[2] > 0.3


def test_the_goal_goes_along_with_the_thing(recording: Recording) -> None:
    names = list(recording.prop_names)
    moved = recording.prop_positions.copy()
    moved[:, names.index("red ball"), 0] += np.linspace(0, 1, len(recording))
    x, y, _ = moved[0, names.index("red ball")].tolist()
    steps = [{"text": "go", "status": "success", "started": 0.0, "ended": 9.0, "goal": [x, y, 0.4]}]
    story = Storyline.of(replace(recording, prop_positions=moved, meta={**recording.meta, "steps": steps}))
    assert story.goal_at(0) == pytest.approx((x, y, 0.4))
    middle = len(recording) // 2
    assert story.goal_at(middle) == pytest.approx((x + 0.5, y, 0.4), abs=0.02)


def test_so_many_metres_towards_a_thing_are_counted_from_the_start() -> None:
    recording = run_instruction("go half a metre towards the red ball", seed=1).recording
    assert Storyline.of(recording).to_go_text(at(recording, 0.5)) == "0.5 m to go"
    assert recording.meta["steps"][0]["goal"] is None


def test_steps_at_the_same_time_share_a_caption() -> None:
    recording = run_instruction("wave while you walk forward half a metre", seed=0).recording
    text, status = Storyline.of(recording).caption_at(at(recording, 1.5))
    assert status == "running" and "walk" in text and " + " in text and "wave" in text
    assert Storyline.of(recording).to_go_text(at(recording, 0.6)).endswith("m to go")


def test_a_saved_recording_tells_the_same(recording: Recording, tmp_path: Path) -> None:
    loaded = Recording.load(recording.save(tmp_path / "a.npz"))
    assert loaded.meta == recording.meta and loaded.meta["format"] == 4
    assert Storyline.of(loaded).steps == Storyline.of(recording).steps


def test_older_recordings_have_no_distances() -> None:
    old = synthetic.record(1.0)
    story = Storyline.of(old)
    assert story.steps == () and story.verdict == "" and story.title == "" and story.seed is None
    assert story.step_at(0) is None and story.to_go_text(3) == "" and story.goal_at(3) is None
    steps = [
        {"text": "wave", "status": "success", "reason": "", "started": 0.2, "ended": 0.5},
        {"text": "walk", "status": "failure", "reason": "fell", "started": 0.5, "ended": 0.9},
    ]
    story = Storyline.of(replace(old, meta={**old.meta, "steps": steps, "instruction": "wave, walk", "seed": 3}))
    assert story.verdict == "failure" and story.reasons == ("walk: fell",)
    assert story.statuses_at(len(old) - 1) == ("success", "failure")
    assert story.caption_at(len(old) - 1) == ("wave", "success")  # this recording says that step 0 ran all the time
    assert story.to_go_text(20) == "" and story.goal_at(20) is None


def test_older_recordings_tell_their_verbs_by_the_instruction() -> None:
    texts = ("jump", "jump", "wave the right hand 2 times", "take 2 steps forward", "go")
    said = [{"verb": "jump", "count": 2}, {"verb": "wave", "count": 2}, {"verb": "step", "steps": 2}]
    meta = {"steps": [{"text": text} for text in texts], "instruction_json": {"steps": said}}
    steps = Storyline.of(replace(synthetic.record(0.2), meta=meta)).steps
    assert [step.verb for step in steps] == ["jump", "jump", "wave", "step", ""]


@pytest.mark.parametrize("said", ["no list", [1, {"count": "x"}, {"verb": 3, "count": -2}]])
@pytest.mark.parametrize("steps", ["no list", [1, None], [{"text": 3, "status": "odd", "started": "x", "goal": [1]}]])
def test_a_damaged_meta_is_no_reason_to_fail(steps: object, said: object) -> None:
    recording = synthetic.record(0.2)
    meta = {"robot": "nobody", "seed": "x", "steps": steps, "instruction_json": {"steps": said}}
    recording = replace(recording, meta=meta)
    story = Storyline.of(recording)
    assert story.robot == "nobody" and story.seed is None
    assert all(step.status == "pending" and step.started is None for step in story.steps)
    assert story.to_go_text(0) == ""
