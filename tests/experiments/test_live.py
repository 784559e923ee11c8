"""The live robot's session: a queue of instructions, take-overs, falls, recordings."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from takeovers import random_takeovers

from simonsays.assets import InputError
from simonsays.assets.registry import SCENES
from simonsays.experiments.live.hands import put
from simonsays.experiments.live.jobs import Job, Refusal
from simonsays.experiments.live.memory import Memory
from simonsays.experiments.live.offers import offers, why_not
from simonsays.experiments.live.protocol import ACTIONS
from simonsays.experiments.live.session import LiveSession
from simonsays.experiments.live.takeover import scene_now
from simonsays.sim.recording import Recording
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import load_scene
from simonsays.sim.storyline import Storyline


@pytest.fixture
def session() -> Iterator[LiveSession]:
    live = LiveSession("playground")
    yield live
    live.close()


def run(session: LiveSession, seconds: float) -> None:
    for _ in range(round(seconds / session.env.dt)):
        session.step()


def say(session: LiveSession, text: str, now: bool = False) -> Job:
    job = session.submit(text, now=now)
    assert isinstance(job, Job), job
    return job


def test_instructions_wait_for_each_other_and_are_judged(session: LiveSession) -> None:
    first, second = say(session, "turn left 45 degrees"), say(session, "raise your left arm")
    run(session, 0.2)
    assert (first.status, second.status) == ("running", "queued")
    run(session, 8.0)
    assert (first.status, second.status) == ("success", "success")
    assert session.env.reading.yaw == pytest.approx(math.radians(45), abs=0.2)
    assert second.started is not None and first.ended is not None and second.started >= first.ended


def test_steps_are_told_in_the_language_that_was_spoken(session: LiveSession) -> None:
    chinese, english = say(session, "举起左手，然后挥右手"), say(session, "raise your left arm")
    assert [step["text"] for step in chinese.to_json()["steps"]] == ["举左手", "用右手挥手"]
    run(session, 0.2)
    assert [step["status"] for step in chinese.to_json()["steps"]] == ["running", "pending"]
    assert [step["text"] for step in english.to_json()["steps"]] == ["raise the left arm"]


def test_a_raised_arm_stays_up_in_the_next_instruction(session: LiveSession) -> None:
    say(session, "raise your left arm")
    run(session, 4.0)
    say(session, "walk forward one metre")
    run(session, 3.0)
    hand, shoulder = (session.env.robot.link_positions([name])[0] for name in ("left_wrist_roll_rubber_hand",
                      "left_shoulder_pitch_link"))  # fmt: skip
    assert hand[2] > shoulder[2]


def test_stop_acts_at_once_and_forgets_what_waits(session: LiveSession) -> None:
    walk, wave = say(session, "walk forward 5 m"), say(session, "wave")
    run(session, 3.0)
    assert session.env.reading.heading_velocity[0] > 0.2
    stop = say(session, "停")
    assert (walk.status, wave.status, stop.status) == ("stopped", "stopped", "running")
    run(session, 3.5)
    assert math.hypot(*session.env.reading.base_linear_velocity[:2]) < 0.15
    assert stop.status == "success" and not session.fallen


def test_take_over_breaks_off_what_runs_and_keeps_what_waits(session: LiveSession) -> None:
    first, waits = say(session, "walk forward 5 m"), say(session, "wave")
    run(session, 2.0)
    now = say(session, "turn around", now=True)
    assert (first.status, waits.status, now.status) == ("stopped", "queued", "running")
    assert "turn around" in first.reason


def test_a_jump_lands_before_another_takes_over(session: LiveSession) -> None:
    say(session, "jump")
    while session.env.motion != "jump":
        session.step()
    run(session, 0.55)
    walk = say(session, "walk forward one metre", now=True)
    session.step()
    assert session.env.motion == "jump" and walk.verdicts[0].status == "pending"
    run(session, 8.0)
    assert walk.status == "success"


def test_a_crouch_that_is_stopped_stays_where_it_is(session: LiveSession) -> None:
    say(session, "crouch")
    run(session, 2.0)
    say(session, "stop")
    run(session, 2.0)
    assert session.env.reading.base_position[2] < session.env.spec_robot.standing_height - 0.1
    assert not session.fallen


def test_arms_glide_from_what_was_broken_off(session: LiveSession) -> None:
    say(session, "wave")
    run(session, 1.5)
    place = session.env.robot.joint_names.index("right_elbow_joint")
    before = session.env.last_targets[place]
    say(session, "walk forward", now=True)
    targets = []
    for _ in range(40):
        session.step()
        targets.append(session.env.last_targets[place])
    steps = np.abs(np.diff([before, *targets]))
    assert abs(targets[-1] - before) > 0.3  # it went somewhere
    assert steps.max() < 0.08  # 4 rad/s; at the env's own limit it would be 0.12


@pytest.mark.parametrize(
    ("text", "code"),
    [("fly to the moon", "unsupported_skill"), ("kick the purple cone", "no_such_object"), ("", "empty")],
)
def test_what_cannot_be_done_is_refused_and_changes_nothing(session: LiveSession, text: str, code: str) -> None:
    walk = say(session, "walk forward")
    run(session, 0.1)
    refusal = session.submit(text, now=True)
    assert isinstance(refusal, Refusal) and refusal.code == code and refusal.message
    assert walk.status == "running" and session.jobs == [walk]


def test_instructions_are_grounded_where_things_are_now(session: LiveSession) -> None:
    positions, orientations = session.env.world.prop_poses()
    positions[0] = [-1.5, 0.5, 0.11]
    session.env.world.set_prop_poses(positions, orientations)
    scene = scene_now(session.env)
    assert scene.props[0].position == pytest.approx((-1.5, 0.5, 0.11))
    assert scene.robot_position == pytest.approx(session.env.reading.base_position[:2])
    job = say(session, "turn to the ball behind you")
    run(session, 8.0)
    assert job.status == "success"
    assert session.env.reading.yaw == pytest.approx(math.atan2(0.5, -1.5), abs=0.25)


def test_the_start_is_where_the_session_began(session: LiveSession) -> None:
    say(session, "walk forward one metre")
    run(session, 6.0)
    assert session.env.reading.base_position[0] > 0.7
    back = say(session, "go back to the start")
    run(session, 14.0)
    assert back.status == "success"
    assert math.hypot(*session.env.reading.base_position[:2]) < 0.4


def test_after_a_fall_only_a_reset_helps(session: LiveSession) -> None:
    walk, waits = say(session, "walk forward"), say(session, "wave")
    run(session, 0.5)
    session.push("left", 5.0)
    run(session, 3.0)
    assert session.fallen and (walk.status, walk.reason) == ("failure", "fell") and waits.status == "stopped"
    assert session.env.reading.base_position[2] < 0.45  # it lies, it does not hang in the air
    refusal = session.submit("walk")
    assert isinstance(refusal, Refusal) and refusal.code == "fallen"
    session.reset()
    assert isinstance(session.submit("walk forward"), Job)
    run(session, 1.0)
    assert not session.fallen


def test_a_robot_that_can_get_up_is_let_do_so(session: LiveSession) -> None:
    session.push("left", 5.0)
    run(session, 2.0)
    assert session.fallen and session.can_rise and isinstance(session.submit("wave"), Refusal)
    job = session.rise()
    assert isinstance(job, Job) and not session.fallen
    run(session, 0.5)
    assert job.status == "running"  # lying does not end it


def test_stops_and_steering_are_listed_once(session: LiveSession) -> None:
    session.stop()  # nothing runs: nothing to do
    assert session.jobs == []
    for _ in range(2):
        say(session, "stop")
        session.steer(0.0, 0.0, 1.0)
        run(session, 0.6)
    assert [job.text for job in session.jobs] == ["steered by hand"]


def test_it_goes_as_it_is_steered_and_stands_once_nobody_does(session: LiveSession) -> None:
    walk = say(session, "walk forward 5 m")
    run(session, 0.2)
    session.steer(0.0, 0.0, 0.0)
    assert walk.status == "running"  # a stick at rest takes nothing over
    for _ in range(15):
        session.steer(0.5, 0.0, 0.0)
        run(session, 0.2)
    x = session.env.reading.base_position[0]
    assert walk.status == "stopped" and 0.8 < x < 2.0
    run(session, 2.0)
    place = session.env.reading.base_position[:2]
    run(session, 1.0)
    assert session.jobs[-1].status == "success" and not session.fallen
    assert math.dist(place, session.env.reading.base_position[:2]) < 0.1


def test_a_thing_is_put_beside_the_robot_and_inside_nothing(session: LiveSession) -> None:
    put(session.env, "red ball", 0.0, 0.05)
    ball = session.env.world.prop_positions()[0]
    assert math.hypot(*ball[:2]) == pytest.approx(0.51, abs=0.02) and ball[2] == pytest.approx(0.11, abs=0.01)
    put(session.env, "red ball", 3.2, -1.6)  # where the box stands
    assert session.env.world.prop_positions()[0] == pytest.approx(ball)
    put(session.env, "red ball", 1.0, 1.0)
    run(session, 0.3)
    assert session.env.world.prop_positions()[0][:2] == pytest.approx((1.0, 1.0), abs=0.02)
    for name, why in (("green pillar", "cannot be moved"), ("red bal", "red ball")):
        with pytest.raises(InputError, match=why):
            put(session.env, name, 1.0, 1.0)


def test_the_ring_goes_with_whoever_is_followed_and_films_have_none(session: LiveSession) -> None:
    session.viewer = 2.0, 0.0
    session.start_recording()
    say(session, "follow me")
    for place in ((2.0, 0.0), (2.0, 0.6)):
        session.viewer = place
        run(session, 0.1)
        assert session.goal is not None and session.goal[:2] == place
    say(session, "go to the red ball", now=True)
    run(session, 0.1)
    assert session.goal is not None and session.goal[:2] == pytest.approx((2.6, 1.2), abs=0.01)
    session.stop_recording()
    recording = session.take_recording()
    assert recording is not None
    followed, gone = recording.meta["steps"]
    assert followed["goal"] is None and gone["goal"] is not None


@pytest.mark.slow
def test_it_follows_whoever_watches_and_comes_to_them(session: LiveSession) -> None:
    session.viewer = 1.2, 0.6
    come = say(session, "come here")
    run(session, 7.0)
    assert come.status == "success" and math.dist(session.env.reading.base_position[:2], (1.2, 0.6)) < 0.3
    say(session, "follow me")
    for step in range(30):
        session.viewer = 1.2 + 0.08 * step, 0.6
        run(session, 0.2)
    assert session.env.reading.base_position[0] > 1.9
    session.reset()
    assert session.viewer is None


def test_a_performance_is_done_again_and_again_until_it_is_stopped(session: LiveSession, tmp_path: Path) -> None:
    script = tmp_path / "short.toml"
    script.write_text('title = "Short"\npause = 0\n[[sentences]]\nsay = "do nothing for 0.2 s"\n', encoding="utf-8")
    session.looping = True
    assert isinstance(session.perform(str(script), "Short"), Job)
    run(session, 2.0)
    assert sum(job.status == "success" for job in session.jobs) >= 2
    session.stop()
    run(session, 2.0)
    assert session.jobs[-1].stops and session.current is None


def test_what_was_done_is_said_again(session: LiveSession) -> None:
    first = say(session, "turn left 20 degrees")
    again = session.say_again(first.number)
    assert isinstance(again, Job) and again.number != first.number and again.instruction == first.instruction
    gone = session.say_again(77)
    assert isinstance(gone, Refusal) and "77" in gone.message


def test_what_a_killed_program_left_is_taken_up(session: LiveSession, tmp_path: Path) -> None:
    say(session, "do nothing for 0.2 s")
    run(session, 1.0)
    for text in ("walk forward 4 m", "招手"):
        say(session, text)
    run(session, 0.2)
    memory = Memory(tmp_path)
    memory.keep({"jobs": [job.kept() for job in session.jobs]})
    assert Memory(tmp_path).left() is None  # its program lives
    memory._lock.close()  # type: ignore[union-attr]  # as a kill does
    after = Memory(tmp_path)
    session.reset()
    session.jobs.clear()
    session.take_up((after.left() or {})["jobs"])
    told = [(job.text, job.status, job.reason) for job in session.jobs]
    assert told == [
        ("do nothing for 0.2 s", "success", ""),
        ("walk forward 4 m", "stopped", "its program was killed"),
        ("招手", "queued", ""),
    ]
    after.forget()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", SCENES.files())
def test_what_is_offered_can_be_done_in_its_scene(name: str) -> None:
    scene, robot = load_scene(name), get_robot("g1")
    offered = offers(scene, robot)
    assert len(offered["examples"]) >= 5 and not any(why_not(text, scene, robot) for text in offered["examples"])
    assert "walk" in [skill["verb"] for skill in offered["skills"]]
    assert {"name": "guard", "title": "On guard"} in offered["performances"]


def test_a_push_moves_the_robot_and_it_stays_up(session: LiveSession) -> None:
    run(session, 0.5)
    session.push("forward")
    assert session.env.robot.physics.base().linear[0] > 0.3
    run(session, 3.0)
    assert not session.fallen
    with pytest.raises(InputError, match="forward"):
        session.push("forwards")


def test_a_recording_begins_in_the_middle_and_tells_its_story(session: LiveSession, tmp_path: Path) -> None:
    say(session, "turn left 30 degrees")
    run(session, 0.6)
    session.start_recording()
    say(session, "wave once")
    run(session, 9.0)
    session.stop_recording()
    recording = session.take_recording()
    assert recording is not None and session.take_recording() is None
    loaded = Recording.load(recording.save(tmp_path / "live.npz"))
    assert loaded.time[0] == 0 and len(loaded) == 450
    assert loaded.meta["scene"]["robot"]["position"] == pytest.approx(loaded.base_position[0, :2].tolist(), abs=1e-6)
    story = Storyline.of(loaded)
    assert [step.status for step in story.steps] == ["success", "success"] and story.verdict == "success"
    assert loaded.step_index[0] == 0 and loaded.step_index[-1] == 1
    assert loaded.policy_actions is not None and len(loaded.policy_actions) == 450


def test_what_was_broken_off_is_no_failure_in_a_recording(session: LiveSession) -> None:
    session.start_recording()
    say(session, "walk forward four metres")
    run(session, 1.5)
    say(session, "wave once", now=True)
    run(session, 9.0)
    session.stop_recording()
    recording = session.take_recording()
    assert recording is not None
    story = Storyline.of(recording)
    assert [step.status for step in story.steps] == ["pending", "success"] and story.verdict == "success"
    assert story.steps[0].status_at(1.0) == "running" and story.steps[0].ended == pytest.approx(1.5, abs=0.05)


def test_take_overs_at_random_moments_do_not_make_it_fall() -> None:
    result = random_takeovers(15, seed=5)
    assert result["count"] == 15 and result["falls"] <= 1, result["fell"]  # 1 of 90 when it was measured


def test_the_page_on_it_lists_every_request_with_its_fields() -> None:
    table = (
        (Path(__file__).parents[2] / "docs" / "live.md")
        .read_text(encoding="utf-8")
        .partition("| `do` |")[2]
        .partition("\n\n")[0]
    )
    rows = [row.split("|") for row in table.splitlines()[2:]]
    told = {re.findall(r"`(\w+)`", row[1])[0]: re.findall(r"`(\w+)`", row[2]) for row in rows}
    assert told == {action: list(fields) for action, fields in ACTIONS.items()}
