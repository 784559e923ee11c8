"""The judge: it says yes to motions that are right, and no to each that is wrong in one way."""

from __future__ import annotations

import math
from dataclasses import replace

import gesture_cases
import numpy as np
import pytest

from simonsays.assets.registry import Registry
from simonsays.envs.language import Instruction, Step, parse
from simonsays.envs.plan.plan import StepVerdict, ground
from simonsays.envs.skills import GroundingError, Skill, skills
from simonsays.experiments.benchmark.aims import Aim, find_aims
from simonsays.experiments.benchmark.judge import Finding, Segment, judge, register_test, verb_tests
from simonsays.experiments.benchmark.labels import Evidence, failure_label
from simonsays.experiments.benchmark.track import Frames, link_frames, rotations, track
from simonsays.sim.recording import Recording
from simonsays.sim.robots import ROBOTS, get_robot
from simonsays.sim.rotations import quaternion_from_rpy
from simonsays.sim.specs import PropSpec, SceneSpec, load_scene
from simonsays.sim.world import World
from simonsays.testing.recordings import (
    STANDING,
    dipping,
    ramp,
    record,
    standing,
    stepping,
    stretching,
    turning,
    walking,
    waving,
)

BALL = PropSpec("ball", "red", (2.0, 0.0))
BOX = PropSpec("box", "blue", (0.0, 2.0))
SCENE = SceneSpec("test", props=(BALL, BOX))


def verdict(said: str | Instruction, recording: Recording, aims: tuple[Aim, ...] | None = None) -> bool:
    """What the judge says of a whole recording as one step (or as equal parts, one a step)."""
    instruction = parse(said) if isinstance(said, str) else said
    count, end = len(instruction.steps), float(recording.time[-1])
    parts = [Segment(end * i / count, end * (i + 1) / count) for i in range(count)]
    aims = find_aims(instruction, SCENE) if aims is None else aims
    return judge(track(recording), instruction, aims, parts).success


def rolled(x: float, y: float, start: float = 1.0):  # type: ignore[no-untyped-def]
    """The ball rolls by (x, y) m."""
    way = lambda t: ramp(t, start, start + 0.4)  # noqa: E731
    return {"red ball": lambda t: (2.0 + x * way(t), y * way(t))}


def lying(front: bool = False, up: bool = False) -> Recording:
    """From standing on to its back, or its front, in a second; there for three seconds, or up again in the last."""
    down = lambda t: ramp(t, 0.0, 1.0) - up * ramp(t, 3.0, 4.0)  # noqa: E731
    made = record(4.0, lambda t: (0.0, 0.0, STANDING - (STANDING - 0.1) * down(t), 0.0))
    pitch = [(1.0 if front else -1.0) * math.pi / 2 * down(t) for t in made.time.tolist()]
    return replace(made, base_orientation=np.array([quaternion_from_rpy(0.0, each, 0.0) for each in pitch]))


def test_lying_is_no_fall_where_it_was_told() -> None:
    def fell(text: str, *times: tuple[float, float]) -> bool:
        parts = [Segment(*each) for each in times]
        instruction = parse(text)
        return judge(track(lying(up=True)), instruction, [Aim()] * len(parts), parts).fell

    assert not fell("lie down, then wave", (0.0, 1.5), (1.6, 4.0))
    assert fell("wave, then lie down", (0.0, 3.5), (3.6, 4.0)) and fell("wave", (0.0, 4.0))


def near_ball(t: float) -> tuple[float, float, float, float]:
    return 1.6 * ramp(t, 0, 0.8), 0.1, STANDING, 0.0


def hopping(times: int, rise: float = 0.08, forward: float = 0.0, left: float = 0.0):  # type: ignore[no-untyped-def]
    def base(t: float) -> tuple[float, float, float, float]:
        phase, gone = t % 1.0, min(t / times, 1.0)
        height = STANDING + (rise * math.sin(math.pi * phase / 0.3) if flying(t) else 0.0)
        return forward * gone, left * gone, height, 0.0

    def flying(t: float) -> bool:
        return t < times and 0.02 < t % 1.0 < 0.3

    return {"base": base, "contacts": lambda t: (not flying(t),) * 2}


def circling(laps: float, radius: float = 1.0, left: bool = True, about: tuple[float, float] | None = None):  # type: ignore[no-untyped-def]
    """Around a circle from where it stands, or about a middle that is ``radius`` m ahead of where it stands."""
    sign = 1.0 if left else -1.0

    def base(t: float) -> tuple[float, float, float, float]:
        turn = math.tau * laps * ramp(t, 0, 9)
        x, y = radius * math.sin(turn), sign * radius * (1.0 - math.cos(turn))
        if about is None:
            return x, y, STANDING, sign * turn
        angle = math.pi + sign * turn
        place = about[0] + radius * math.cos(angle), about[1] + radius * math.sin(angle)
        return *place, STANDING, angle + sign * math.pi / 2

    return base


def along(*corners: tuple[float, float]):  # type: ignore[no-untyped-def]
    """From one corner to the next, two seconds each."""

    def base(t: float) -> tuple[float, float, float, float]:
        i = min(int(t / 2), len(corners) - 2)
        (ax, ay), (bx, by), share = corners[i], corners[i + 1], ramp(t, 2 * i, 2 * i + 1.9)
        return ax + share * (bx - ax), ay + share * (by - ay), STANDING, math.atan2(by - ay, bx - ax)

    return base


def high_knees(t: float) -> dict[str, float]:
    """A leg lifted every 0.36 s, left and right by turns, as ``stepping`` has them off the ground."""
    phase = t % 0.72
    up = {"left": math.sin(math.pi * phase / 0.3) if phase < 0.3 else 0.0,
          "right": math.sin(math.pi * (phase - 0.36) / 0.3) if 0.36 <= phase < 0.66 else 0.0}  # fmt: skip
    return {
        f"{side}_{joint}": share * max(0.0, up[side])
        for side in up
        for joint, share in (("hip_pitch", -1.3), ("knee", 1.6))
    }


def sneaking(t: float) -> dict[str, float]:
    """High knees, and both arms before the body."""
    return {**high_knees(t), "left_shoulder_pitch": -0.7, "right_shoulder_pitch": -0.7}


def sinking(t: float) -> tuple[float, float, float, float]:
    """Two metres on bent knees."""
    return 2.0 * ramp(t, 0, 5), 0.0, STANDING - 0.04 * ramp(t, 0, 1), 0.0


SQUARE, ZIGZAG = (
    along((0, 0), (2, 0), (2, 2), (0, 2), (0, 0)),
    along((0, 0), (0.5, 0.4), (1.5, -0.4), (2.5, 0.4), (3, 0)),
)
TO_AND_FRO = along((0, 0), (2, 0), (0, 0), (2, 0), (0, 0))
BETWEEN = along((0, 0), (1.6, 0), (0, 1.6), (1.6, 0))

GOOD = {
    "walk": [
        ("walk forward two metres", record(4, walking(2.0))),
        ("walk backward one metre", record(4, walking(-1.0))),
        ("walk left one metre", record(4, walking(0.0, 1.0))),
        ("walk five steps", record(2.6, walking(2.0, seconds=2.6), contacts=stepping)),
        ("walk slowly two metres", record(7, walking(2.0, seconds=7))),
        ("walk in a circle to the left", record(10, circling(1))),
        ("walk two circles to the right", record(10, circling(2, left=False))),
        ("walk a half circle to the left", record(10, circling(0.5))),
        ("walk around the red ball to the left", record(10, circling(1, 1.0, about=(2.0, 0.0)), scene=SCENE)),
        ("walk in a square", record(9, SQUARE)),
        ("walk in a triangle", record(7, along((0, 0), (2, 0), (1, 1.73), (0, 0)))),
        ("walk in a figure eight", record(10, lambda t: circling(2)(t) if t < 4.5 else circling(2, left=False)(t))),
        ("walk in zigzag for three metres", record(9, ZIGZAG)),
        ("walk diagonally forward to the left two metres", record(4, walking(1.41, 1.41))),
        ("walk on the spot for 3 seconds", record(3.2, contacts=stepping)),
        ("walk sneakily two metres", record(6, sinking, sneaking, stepping)),
    ],
    "march": [
        ("march two metres", record(6, walking(2.0, seconds=6), high_knees, stepping)),
        ("march on the spot", record(5, standing, high_knees, stepping)),
    ],
    "patrol": [
        ("walk back and forth twice", record(9, TO_AND_FRO)),
        ("walk back and forth between the red ball and the blue box once", record(7, BETWEEN, scene=SCENE)),
    ],
    "run": [("run forward two metres", record(3, walking(2.0, seconds=3)))],
    "step": [("take one step forward", record(1.2, walking(0.3, seconds=1.2), contacts=stepping))],
    "turn": [
        ("turn left 90 degrees", record(4, turning(90))),
        ("turn around", record(4, turning(-180))),
        ("turn right 450 degrees", record(6, turning(-450))),
        ("face the blue box", record(4, turning(90), scene=SCENE)),
    ],
    "go_to": [
        ("go to the red ball", record(4, walking(1.5), scene=SCENE)),
        ("go to the left of the red ball", record(4, walking(2.0, 0.86), scene=SCENE)),
    ],
    "follow": [("follow the red ball", record(4, walking(1.2), scene=SCENE))],
    "stop": [("stop for 2 seconds", record(2.5))],
    "stand": [("stand still for 2 seconds", record(2.5))],
    "get_up": [("get up off the floor", record(1.5))],
    "lie_down": [("lie down", lying()), ("lie on your back for two seconds", lying())],
    "crouch": [("crouch", record(1, dipping(0.15, 1)))],
    "squat": [("squat twice", record(5, dipping(0.15, 2)))],
    "jump": [
        ("jump three times", record(4, **hopping(3))),
        ("jump forward one metre", record(4, **hopping(3, forward=1.0))),
        ("jump to the left", record(2, **hopping(1, left=0.2))),
    ],
    "wave": [
        ("wave your left hand twice", record(4, joints=waving("left", 2))),
        ("wave", record(4, joints=waving("right", 1))),
    ],
    "raise_arm": [("raise your right arm", record(1.2, joints=waving("right", 3)))],
    "lower_arm": [("lower your right arm", record(4.9, joints=waving("right", 3)))],
    "point": [("point at the red ball", record(3, joints=stretching("left"), scene=SCENE))],
    "reach": [("reach for the red ball", record(4, near_ball, stretching("right"), scene=replace(
        SCENE, props=(replace(BALL, position=(2.0, 0.0, 1.0)), BOX))))],
    "punch": [
        ("punch twice with your left fist", record(3, joints=stretching("left", 2, 1.0))),
        ("punch hard with your left fist", record(3, joints=stretching("left", 1, 1.0))),
    ],
    "look": [
        ("look to the left", record(2, joints=lambda t: {"waist_yaw": 0.7 * ramp(t, 0, 1)})),
        ("look at the blue box", record(2, joints=lambda t: {"waist_yaw": 1.5 * ramp(t, 0, 1)}, scene=SCENE)),
    ],
    "kick": [
        ("kick the red ball", record(3, near_ball, scene=SCENE, moves=rolled(0.8, 0))),
        ("kick the red ball with your left foot", record(3, lambda t: (1.7, -0.1, STANDING, 0), scene=SCENE,
                                                         moves=rolled(0.8, 0))),
        ("kick the red ball gently", record(3, near_ball, scene=SCENE, moves=rolled(0.4, 0))),
        ("kick the red ball hard", record(3, near_ball, scene=SCENE, moves=rolled(2.0, 0))),
    ],
    "push": [
        ("push the red ball one metre", record(3, near_ball, scene=SCENE, moves=rolled(1.0, 0))),
        ("push the red ball to the left", record(3, near_ball, scene=SCENE, moves=rolled(0.1, 0.5))),
    ],
}  # fmt: skip

WRONG = {
    "walk": [
        ("walk forward two metres", record(4, walking(1.4))),
        ("walk forward two metres", record(4, walking(2.6))),
        ("walk forward two metres", record(4, walking(-2.0))),
        ("walk forward two metres", record(4, walking(2.0, 1.5))),
        ("walk left one metre", record(4, walking(0.0, -1.0))),
        ("walk five steps", record(1.4, walking(0.8, seconds=1.4), contacts=stepping)),
        ("walk five steps", record(4.6, walking(3.0, seconds=4.6), contacts=stepping)),
        ("walk quickly two metres", record(9, walking(2.0, seconds=9))),
        ("walk slowly two metres", record(3, walking(2.0, seconds=3))),
        ("walk for 5 seconds", record(3, walking(1.0, seconds=3))),
        ("walk in a circle to the left", record(10, circling(1, left=False))),
        ("walk in a circle to the left", record(10, circling(0.8))),
        ("walk in a circle with a radius of 2 m", record(10, circling(1, 1.0))),
        ("walk in a circle", record(9, SQUARE)),
        ("walk two circles", record(10, circling(1))),
        ("walk a half circle to the left", record(10, circling(0.3))),
        ("walk around the red ball", record(10, circling(0.6, 1.0, about=(2.0, 0.0)), scene=SCENE)),
        ("walk around the blue box", record(10, circling(1, 1.0, about=(2.0, 0.0)), scene=SCENE)),
        ("walk around the red ball", record(10, circling(1, 0.2, about=(2.0, 0.0)), scene=SCENE)),
        ("walk in a square", record(10, circling(1))),
        ("walk in a triangle", record(9, SQUARE)),
        ("walk in a figure eight", record(10, circling(2))),
        ("walk in zigzag for three metres", record(4, walking(3.0))),
        ("walk diagonally forward to the left two metres", record(4, walking(2.0))),
        ("walk on the spot for 3 seconds", record(3.2, walking(1.5, seconds=3.2), contacts=stepping)),
        ("walk on the spot for 3 seconds", record(3.2)),
        ("walk sneakily two metres", record(6, walking(2.0, seconds=6), contacts=stepping)),
    ],
    "march": [
        ("march two metres", record(6, walking(2.0, seconds=6), contacts=stepping)),
        ("march on the spot", record(5, walking(2.0, seconds=5), high_knees, stepping)),
    ],
    "patrol": [
        ("walk back and forth twice", record(5, along((0, 0), (2, 0), (0, 0)))),
        ("walk back and forth twice", record(7, along((0, 0), (2, 0), (0, 0), (2, 0)))),
        ("walk back and forth between the red ball and the blue box twice", record(7, BETWEEN, scene=SCENE)),
    ],
    "run": [("run forward two metres", record(9, walking(2.0, seconds=9)))],
    "step": [("take one step forward", record(4, walking(0.8), contacts=stepping))],
    "turn": [
        ("turn left 90 degrees", record(4, turning(-90))),
        ("turn left 90 degrees", record(4, turning(70))),
        ("turn right 450 degrees", record(4, turning(-90))),
        ("face the blue box", record(4, turning(45), scene=SCENE)),
        ("turn left 90 degrees", record(4, lambda t: (t, 0.0, STANDING, math.pi / 2 * ramp(t, 0, 3)))),
    ],
    "go_to": [
        ("go to the red ball", record(4, walking(0.8), scene=SCENE)),
        ("go to the red ball", record(4, lambda t: (1.5 * ramp(t, 0, 3), 0, STANDING, ramp(t, 0, 3)), scene=SCENE)),
        ("go to the red ball", record(4, walking(0.0, 1.5), scene=SCENE)),
        ("go to the left of the red ball", record(4, walking(2.0, -0.9), scene=SCENE)),
    ],
    "follow": [("follow the red ball", record(4, walking(0.2), scene=SCENE))],
    "stop": [("stop for 2 seconds", record(1)), ("stop", record(2, walking(2.0, seconds=3)))],
    "stand": [("stand still", record(1, dipping(0.15, 1)))],
    "get_up": [("get up off the floor", record(1, dipping(0.15, 1)))],
    "lie_down": [
        ("lie down", record(2)),
        ("lie down", record(2, dipping(0.6, 1))),
        ("lie down", lying(front=True)),
        ("lie down for five seconds", lying()),
    ],
    "crouch": [("crouch", record(2)), ("crouch for 3 seconds", record(1, dipping(0.15, 1)))],
    "squat": [("squat twice", record(5, dipping(0.15, 1))), ("squat", record(1, dipping(0.15, 1)))],
    "jump": [
        ("jump three times", record(4, **hopping(2))),
        ("jump", record(2, **hopping(1, rise=0.0))),
        ("jump", record(2, hopping(1)["base"])),
        ("jump", record(2, **hopping(1, rise=0.01))),
        ("jump forward one metre", record(4, **hopping(3, forward=0.5))),
        ("jump on the spot", record(2, **hopping(1, forward=0.5))),
        ("jump to the left", record(2, **hopping(1, left=-0.2))),
    ],
    "wave": [
        ("wave your left hand twice", record(5, joints=waving("right", 2))),
        ("wave your left hand twice", record(6, joints=waving("left", 5))),
        ("wave your left hand four times", record(4, joints=waving("left", 2))),
        ("wave", record(4, joints=waving("right", 2, height=0.6))),
        ("wave", record(4)),
    ],
    "raise_arm": [
        ("raise your right arm", record(1.2, joints=waving("left", 3))),
        ("raise your right arm", record(6, joints=waving("right", 1))),
        ("raise both arms", record(1.2, joints=waving("right", 3))),
    ],
    "lower_arm": [("lower your right arm", record(2, joints=waving("right", 3)))],
    "point": [
        ("point at the blue box", record(3, joints=stretching("left"), scene=SCENE)),
        ("point at the red ball with your right hand", record(3, joints=stretching("left"), scene=SCENE)),
        ("point at the red ball", record(3, scene=SCENE)),
    ],
    "reach": [("reach for the red ball", record(4, joints=stretching("right"), scene=SCENE))],
    "punch": [
        ("punch twice with your left fist", record(3, joints=stretching("left", 1, 1.0))),
        ("punch with your left fist", record(3, joints=stretching("right", 1, 1.0))),
        ("punch", record(6, joints=stretching("right", 1, 6.0))),
        ("punch gently with your left fist", record(3, joints=stretching("left", 1, 1.0))),
    ],
    "look": [
        ("look to the left", record(2, joints=lambda t: {"waist_yaw": -0.7 * ramp(t, 0, 1)})),
        ("look at the blue box", record(2, joints=lambda t: {"waist_yaw": 0.5}, scene=SCENE)),
    ],
    "kick": [
        ("kick the red ball", record(3, near_ball, scene=SCENE)),
        ("kick the blue box", record(3, near_ball, scene=SCENE, moves=rolled(0.8, 0))),
        ("kick the red ball with your right foot", record(3, lambda t: (1.7, -0.1, STANDING, 0), scene=SCENE,
                                                          moves=rolled(0.8, 0))),
        ("kick the red ball to the blue box", record(3, near_ball, scene=SCENE, moves=rolled(0.8, -0.8))),
        ("kick the red ball gently", record(3, near_ball, scene=SCENE, moves=rolled(2.0, 0))),
        ("kick the red ball hard", record(3, near_ball, scene=SCENE, moves=rolled(0.8, 0))),
        ("kick the red ball twice", record(3, near_ball, scene=SCENE, moves=rolled(0.8, 0))),
    ],
    "push": [
        ("push the red ball one metre", record(3, near_ball, scene=SCENE, moves=rolled(0.4, 0))),
        ("push the red ball to the left", record(3, near_ball, scene=SCENE, moves=rolled(0.1, -0.5))),
        ("push the red ball", record(3, near_ball, scene=SCENE)),
    ],
}  # fmt: skip


GOOD |= gesture_cases.GOOD
WRONG |= gesture_cases.WRONG


def is_made_of_others(skill: Skill) -> bool:
    """Whether what is done for a skill's example is of other verbs."""
    try:
        steps = ground(parse(skill.example), load_scene("playground"), get_robot("g1")).steps
    except GroundingError:
        return False
    return all(step.verb != skill.verb for step in steps)


def test_every_skill_and_every_test_has_its_cases() -> None:
    able = [robot for robot in map(get_robot, ROBOTS) if robot.policies]  # others are refused every sentence
    joints = {joint.name for robot in able for joint in robot.joints}
    done_by_a_robot = {verb for verb, skill in skills().items() if joints.issuperset(skill.joints)}
    made_of_others = {verb for verb in done_by_a_robot if is_made_of_others(skills()[verb])}
    assert made_of_others == {"perform"} and done_by_a_robot - made_of_others <= set(verb_tests())
    assert set(GOOD) == set(WRONG) == set(verb_tests())


@pytest.mark.parametrize(("said", "recording"), [case for cases in GOOD.values() for case in cases])
def test_what_is_right_is_found_right(said: str, recording: Recording) -> None:
    assert verdict(said, recording)


@pytest.mark.parametrize(("said", "recording"), [case for cases in WRONG.values() for case in cases])
def test_what_is_wrong_is_found_wrong(said: str, recording: Recording) -> None:
    assert not verdict(said, recording)


def test_a_fall_spoils_everything() -> None:
    assert verdict("stop", record(2))
    assert not verdict("stop", record(2, lambda t: (0.0, 0.0, 0.2 if t > 1.9 else STANDING, 0.0)))


def test_a_verb_without_a_test_is_not_judged_and_another_package_may_give_one(monkeypatch: pytest.MonkeyPatch) -> None:
    nodded = Instruction((Step("nod"),))
    still, whole = track(record(2)), [Segment(0.0, 2.0)]
    (found,) = judge(still, nodded, (Aim(),), whole).steps
    assert not found.judged and found.ok
    assert not verdict(nodded, record(2, lambda t: (0.0, 0.0, 0.2 if t > 1.9 else STANDING, 0.0)))
    monkeypatch.setattr("simonsays.experiments.benchmark.judge._TESTS", Registry("judge's test of a verb"))
    register_test("nod", lambda part, step, aim: Finding("stiff"))
    (found,) = judge(still, nodded, (Aim(),), whole).steps
    assert found.judged and found.fault == "stiff"


def test_more_or_fewer_steps_than_told_are_a_failure() -> None:
    seen, walk = track(record(4, walking(2.0))), parse("walk two metres")
    whole = Segment(0.0, 4.0)
    assert judge(seen, walk, (Aim(),), [whole]).success
    assert not judge(seen, walk, (Aim(),), [whole, whole]).success
    assert not judge(seen, parse("walk two metres, then stop"), (Aim(), Aim()), [whole]).success


def test_forward_kinematics_are_the_physics_engines() -> None:
    spec, rng = get_robot("g1"), np.random.default_rng(3)
    links = (*spec.hands, *spec.feet, spec.torso)
    with World() as world:
        robot = world.spawn(spec)
        angles = rng.uniform(robot.lower, robot.upper)
        orientation = np.array([0.1, -0.2, 0.3, 0.9]) / np.linalg.norm([0.1, -0.2, 0.3, 0.9])
        robot.reset((1.0, 2.0, 3.0), orientation.tolist(), angles.tolist())
        expected = robot.link_positions(links)
        names = robot.joint_names
    base = Frames(np.array([[1.0, 2.0, 3.0]]), rotations(orientation[None]))
    found = link_frames(spec.urdf, base, list(names), angles[None], links)
    np.testing.assert_allclose([found[link].position[0] for link in links], expected, atol=1e-6)


def label(said: str, recording: Recording, heard: str | None = None, reason: str = "") -> str:
    instruction, seen = parse(said), track(recording)
    count, end = len(instruction.steps), float(recording.time[-1])
    parts = [Segment(end * i / count, end * (i + 1) / count) for i in range(count)]
    aims = find_aims(instruction, SCENE)
    judgement = judge(seen, instruction, aims, parts)
    verdicts = [StepVerdict("", "failure" if reason else "success", reason)]
    return failure_label(Evidence(seen, instruction, parse(heard or said), aims, parts, judgement, verdicts))


def turn_then_walk(t: float) -> tuple[float, float, float, float]:
    return 0.0, 2.0 * ramp(t, 4, 7), STANDING, math.pi / 2 * ramp(t, 0, 3)


def test_failures_are_told_apart() -> None:
    at_box = record(4, lambda t: (0, 1.5 * ramp(t, 0, 3), STANDING, math.pi / 2 * ramp(t, 0, 3)), scene=SCENE)
    assert label("go to the red ball", at_box) == "wrong object"
    assert label("go to the red ball", at_box, heard="go to the blue box") == "misread"
    assert label("walk two metres", record(4, walking(3.0))) == "overshot"
    assert label("walk two metres", record(4, walking(1.0))) == "other"
    assert label("walk two metres", record(4, walking(1.0)), reason="timed out after 20 s") == "timed out"
    assert label("walk two metres", record(4, lambda t: (2.0, 0.0, 0.2, 0.0))) == "fell"
    assert label("walk two metres, then turn left", record(8, turn_then_walk)) == "out of order"
    assert label("turn left, then walk three metres", record(8, turn_then_walk)) == "other"
    assert label("stop", record(2, standing), reason="fell") == "fell"
