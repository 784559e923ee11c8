"""Every skill, by being registered: the contract on a stand-in that follows commands, and what each is asked for.

The real robot is in test_say.py, and does every skill's example once here.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simonsays.assets import InputError
from simonsays.envs.language import locales, parse
from simonsays.envs.language.vocabulary import verbs
from simonsays.envs.motions.base import MOTIONS, Motion, Reference, Wish
from simonsays.envs.moves.behavior import InOrder
from simonsays.envs.moves.gestures.roles import lacks
from simonsays.envs.moves.skill import GroundedStep, Skill
from simonsays.envs.plan.grounding import find_object
from simonsays.envs.plan.plan import Plan, PlanRunner, ground
from simonsays.envs.skills import GroundingError, SkillContext, SkillOutput, skills
from simonsays.envs.skills.gestures.wave import count_swings
from simonsays.experiments.benchmark.judge import verb_tests
from simonsays.experiments.say import run_instruction
from simonsays.sim.robots import get_robot
from simonsays.sim.rotations import wrap_angle
from simonsays.sim.specs import PropSpec, SceneSpec, load_scene
from simonsays.testing import DT, StandIn, check_recording, check_skill, do, supple

ROBOT = get_robot("g1")
SUPPLE = supple()


@pytest.fixture(params=sorted(skills()))
def skill(request: pytest.FixtureRequest) -> Skill:
    return skills()[request.param]


@pytest.mark.parametrize("seeds", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_every_skill_keeps_its_contract(skill: Skill, seeds: int) -> None:
    assert all(locale.verb_phrases(verbs()[skill.verb]) for locale in locales().values())
    check_skill(skill.verb, seeds=seeds)


def test_every_skill_is_done_by_the_robot_itself_or_refused_for_a_joint(skill: Skill) -> None:
    """Where a judge's test is tried on the example, the robot does it there: tests/contracts/test_term_contracts.py."""
    missing = [joint.replace("_", " ") for joint in skill.joints if lacks(ROBOT, joint)]
    if missing:
        with pytest.raises(GroundingError, match=f"I have no .*{missing[0]}"):
            ground(parse(skill.example), load_scene("playground"), ROBOT)
    elif skill.verb == "look" or skill.verb not in verb_tests():
        if skill.verb not in {
            step.verb for step in ground(parse(skill.example), load_scene("playground"), ROBOT).steps
        }:
            return  # made of others, which are tried by themselves
        result = run_instruction(skill.example, seed=5)
        assert result.success, result.verdicts
        check_recording(result.recording, skill.touching)


LIMBS = ["raise your arm", "wave", "point at the red ball", "look left", "look at the green pillar", "punch", "nod",
         "bow", "reach to the left", "reach for the green pillar", "raise both arms, then lower both arms"]  # fmt: skip


@pytest.mark.parametrize("text", LIMBS)
def test_arms_that_do_not_move_are_a_failure(text: str) -> None:
    runner, *_ = do(text, load_scene("playground"), frozen=True)
    assert runner.done and not runner.succeeded and runner.verdicts[0].status == "failure"


@pytest.mark.parametrize("text", ["walk forward two metres", "turn left", "go to the red ball", "walk three steps"])
def test_a_robot_that_does_not_move_times_out(text: str) -> None:
    runner, *_ = do(text, load_scene("playground"), frozen=True)
    verdict = runner.verdicts[0]
    assert verdict.status == "failure" and "timed out" in verdict.reason


@pytest.mark.parametrize(("text", "forward", "left"), [
    ("walk forward two metres", 2.0, 0.0),
    ("walk back a metre", -1.0, 0.0),
    ("walk left half a metre", 0.0, 0.5),
    ("walk right 0.8 m", 0.0, -0.8),
    ("walk", 1.0, 0.0),
])  # fmt: skip
@pytest.mark.parametrize("yaw", [0.0, 130.0])
def test_walk_ends_where_it_should(text: str, forward: float, left: float, yaw: float) -> None:
    runner, stand_in, _ = do(text, SceneSpec(robot_yaw_deg=yaw))
    c, s = math.cos(math.radians(yaw)), math.sin(math.radians(yaw))
    x, y = stand_in.place
    assert runner.succeeded
    assert (c * x + s * y, c * y - s * x) == (pytest.approx(forward, abs=0.15), pytest.approx(left, abs=0.15))


@pytest.mark.parametrize(("text", "degrees"), [
    ("turn left", 90), ("turn right", -90), ("turn around", 180), ("turn right 30 degrees", -30),
    ("turn left a full turn", 360), ("turn left 270 degrees", 270),
])  # fmt: skip
def test_turn_ends_where_it_should(text: str, degrees: float) -> None:
    runner, stand_in, _ = do(text, SceneSpec())
    assert runner.succeeded
    assert math.degrees(wrap_angle(stand_in.yaw - math.radians(degrees))) == pytest.approx(0, abs=9)
    assert runner.verdicts[0].ended > abs(math.radians(degrees)) / 1.0  # it did turn all the way


@pytest.mark.parametrize("seed", [*range(8), *(pytest.param(i, marks=pytest.mark.slow) for i in range(8, 25))])
def test_go_to_reaches_and_faces_the_object_and_touches_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    angle, distance = rng.uniform(-math.pi, math.pi), rng.uniform(1, 4)
    ball = (distance * math.cos(angle), distance * math.sin(angle))
    while True:
        other = tuple(rng.uniform(-3, 3, 2).tolist())
        if math.dist(other, ball) > 0.9 and math.hypot(*other) > 0.8:
            break
    shape = ("ball", "box", "cone", "pillar")[seed % 4]
    scene = SceneSpec(props=(PropSpec("ball", "red", ball), PropSpec(shape, "blue", other)))
    runner, stand_in, nearest = do("go to the red ball", scene, seed=seed)
    assert runner.succeeded, runner.verdicts
    bearing = wrap_angle(math.atan2(ball[1] - stand_in.place[1], ball[0] - stand_in.place[0]) - stand_in.yaw)
    assert math.dist(ball, stand_in.place.tolist()) < 0.6 and abs(math.degrees(bearing)) < 20
    assert nearest > 0.2


BALL = SceneSpec(props=(PropSpec("ball", "red", (1.5, 0.5)), PropSpec("box", "blue", (-1.0, 2.0))))
BOX = SceneSpec(props=(PropSpec("box", "red", (1.5, 0.5)), PropSpec("box", "blue", (-1.5, 2.0))))


@pytest.mark.parametrize(("degrees", "good"), [(0, True), (20, True), (-35, False), (90, False)])
def test_a_kick_is_judged_by_which_way_the_ball_goes(degrees: float, good: bool) -> None:
    runner, *_ = do("kick the red ball to the left", BALL, astray=math.radians(degrees))
    assert runner.succeeded == good
    assert good or f"{abs(degrees)}° to the {'left' if degrees > 0 else 'right'}" in runner.verdicts[0].reason


def test_a_kick_without_a_direction_need_only_go_away() -> None:
    assert do("kick the red ball", BALL, astray=math.radians(45))[0].succeeded
    assert not do("kick the red ball", BALL, astray=math.radians(75))[0].succeeded


def test_a_ball_that_moves_before_the_swing_is_not_kicked() -> None:
    runner, stand_in = PlanRunner(ground(parse("kick the red ball"), BALL, ROBOT)), StandIn(BALL)
    swings = 0
    while not runner.done:
        output = runner.update(stand_in.context())
        swings += bool(output.leg_offsets)
        stand_in.apply(replace(output, leg_offsets={}))
        if abs(stand_in.time - 2.0) < DT / 2:
            stand_in.props["red ball"] += np.array([1.2, 0.0, 0.0])
    assert swings and "not 1 m, at the last of 3 kicks" in runner.verdicts[0].reason


@pytest.mark.parametrize(("text", "x", "y"), [
    ("push the red box one metre to the left", 1.5, 1.5),
    ("push the red box backwards", 1.0, 0.5),
    ("push the red box to the blue box", -0.83, 1.66),
    ("push the red box 2 m", 1.5 + 2 * 1.5 / math.hypot(1.5, 0.5), 0.5 + 2 * 0.5 / math.hypot(1.5, 0.5)),
])  # fmt: skip
def test_push_ends_where_it_should(text: str, x: float, y: float) -> None:
    runner, stand_in, _ = do(text, BOX)
    assert runner.succeeded and math.dist(stand_in.props["red box"][:2].tolist(), (x, y)) < 0.3
    assert stand_in.props["blue box"][:2].tolist() == [-1.5, 2.0]


def test_what_stands_in_the_way_is_named() -> None:
    scene = SceneSpec(props=(PropSpec("box", "red", (1.5, 0.0)), PropSpec("pillar", "green", (1.5, 0.8))))
    runner, *_ = do("push the red box two metres to the left", scene)
    assert runner.verdicts[0].reason == "the green pillar is in the way"
    scene = replace(scene, props=(scene.props[0], replace(scene.props[1], position=(2.2, 0.0))))
    runner, *_ = do("push the red box one metre", scene)  # any other way will do
    assert runner.succeeded


def test_swings_are_counted_from_the_hand() -> None:
    time = np.arange(0, 3, 0.02)
    assert count_swings((0.1 * np.sin(2 * math.pi * time)).tolist()) == 3
    assert count_swings((0.01 * np.sin(2 * math.pi * time)).tolist()) <= 1


@pytest.mark.parametrize(
    ("text", "scene", "words"),
    [
        ("go to the red ball", "two_balls", ["which", "the red ball on the left"]),
        ("go to the green ball", "two_balls", ["is not here", "red ball on the left", "blue ball"]),
        ("go to the red ball", "empty", ["is not here", "nothing"]),
        ("sit down", "empty", ["cannot sit"]),
        ("kick the green pillar", "playground", ["fixed"]),
        ("push the green pillar", "playground", ["fixed"]),
        ("kick the blue box three metres", "playground", ["0.1 m", "push"]),
        ("kick the red ball ten metres", "playground", ["at most 2.5 m"]),
        ("push the blue box 90 metres", "playground", ["at most 5 m"]),
        ("kick the blue box to the blue box", "playground", ["itself"]),
        ("push the green ball", "playground", ["is not here"]),
        ("push the red ball to the pink box", "playground", ["pink box"]),
        ("walk 80 metres", "empty", ["80 m", "at most 50"]),
        ("wave 90 times", "empty", ["90 times"]),
        ("walk around", "empty", ["direction"]),
        ("turn left at 2 metres per second", "empty", ["metres per second", "slowly"]),
        ("take a step with the left foot", "empty", ["cannot step", "side"]),
        ("run 80 metres", "empty", ["80 m", "at most 50"]),
        ("squat 90 times", "empty", ["90 times"]),
        ("follow the red ball at a distance of 40 m", "playground", ["40 m", "0.3 to 10 m"]),
        ("turn 2000 degrees", "empty", ["2000 degrees"]),
        ("go to the red ball for 5 seconds", "playground", ["for a time"]),
        ("wave while you turn left and at the same time walk", "empty", ["legs"]),
        ("turn to face the pink cone", "playground", ["pink cone"]),
        ("nod", "empty", ["cannot nod", "no neck pitch"]),
        ("thumbs up", "empty", ["fingers"]),
        ("stand on one leg", "empty", ["fall", "one leg"]),
        ("dance drunkenly", "empty", ["drunk", "happy, proud, tired, robotic"]),
        ("dance for ten minutes", "empty", ["600 s", "at most 120"]),
        ("warm up while you walk", "empty", ["several steps"]),
        ("walk forward while you dance", "empty", ["legs"]),
        ("reach for the red ball", "playground", ["too low", "0.18 m"]),
        ("reach behind you", "empty", ["forward, left, right"]),
        ("reach to the left with your right hand", "empty", ["right arm", "left"]),
        ("raise your arm at one metre per second", "empty", ["slow, normal or fast"]),
        ("wave three times for six seconds", "empty", ["how often or how long"]),
        ("punch 70 times", "empty", ["70 times"]),
        ("look", "empty", ["something to look at"]),
        ("look behind you while walking", "empty", ["70°", "legs"]),
        ("point at the red ball for ten minutes", "playground", ["600 s", "at most 120"]),
        ("wave your left hand while you raise your left arm", "empty", ["left arm"]),
        ("wave at the red ball while walking", "playground", ["both take the legs"]),
        ("walk forward three hundred times", "empty", ["200"]),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(text: str, scene: str, words: list[str]) -> None:
    with pytest.raises(GroundingError) as error:
        ground(parse(text), load_scene(scene), ROBOT)
    for word in words:
        assert word in str(error.value)


def test_indefinite_objects_are_the_nearest_and_sides_select() -> None:
    scene = load_scene("two_balls")

    def found(text: str) -> str:
        reference = parse(text).steps[0].object
        assert reference is not None
        return find_object(reference, scene).name

    assert found("go to a red ball") == "red ball 2"
    assert found("go to the left red ball") == "red ball"
    assert found("go to the right ball") == "red ball 2"


FOUR = SceneSpec(
    props=(
        PropSpec("ball", "red", (2.0, 1.0)),
        PropSpec("ball", "red", (4.0, -1.0), "far ball"),
        PropSpec("ball", "blue", (2.0, -1.5), size=(0.5, 0.5, 0.5)),
        PropSpec("box", "green", (2.2, 0.0)),
        PropSpec("cone", "yellow", (-2.0, 0.0)),
    )
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("go to the nearest red ball", "red ball"),
        ("go to the farthest red ball", "far ball"),
        ("go to the second red ball", "far ball"),
        ("go to the third ball", "far ball"),
        ("go to a ball", "red ball"),
        ("go to the big ball", "blue ball"),
        ("go to the red ball on your left", "red ball"),
        ("go to the ball behind the green box", "far ball"),
        ("go to the red ball left of the box", "red ball"),
        ("go to the blue thing", "blue ball"),
        ("go to the cone behind you", "yellow cone"),
        ("go to the thing between the red ball on your left and the blue ball", "green box"),
        ("去最近的红球", "red ball"),
        ("去箱子左边的红球", "red ball"),
    ],
)
def test_what_is_said_of_an_object_finds_it(text: str, name: str) -> None:
    reference = parse(text).steps[0].object
    assert reference is not None and find_object(reference, FOUR).name == name


def test_the_error_lists_all_that_fit_and_points_at_the_words() -> None:
    with pytest.raises(GroundingError, match="the red ball on the left, the red ball on the right") as error:
        ground(parse("wave, then go to the red ball"), FOUR, ROBOT)
    assert error.value.code == "ambiguous_object" and error.value.span == (17, 29)


@pytest.mark.parametrize("seed", range(2))
def test_a_count_repeats_and_a_place_is_reached(seed: int) -> None:
    runner, stand_in, _ = do("turn left twice", SceneSpec(), seed=seed)
    assert runner.succeeded and len(runner.verdicts) == 2 and abs(abs(stand_in.yaw) - math.pi) < 0.25
    runner, stand_in, _ = do("walk two metres, turn around and go back to where you started", SceneSpec(), seed=seed)
    assert runner.succeeded and math.hypot(*stand_in.place) < 0.3
    runner, stand_in, _ = do("go behind the green box", FOUR, seed=seed)
    assert runner.succeeded and stand_in.place[0] > 2.9
    runner, stand_in, _ = do("turn to face the cone", FOUR, seed=seed)
    assert runner.succeeded and abs(abs(stand_in.yaw) - math.pi) < 0.2


def test_parallel_steps_run_together() -> None:
    runner = PlanRunner(ground(parse("walk two metres while waving"), SceneSpec(), ROBOT))
    stand_in = StandIn(SceneSpec())
    output = runner.update(stand_in.context())
    for _ in range(50):
        stand_in.apply(output)
        output = runner.update(stand_in.context())
    assert output.command[0] > 0.3 and output.joint_targets
    assert [verdict.status for verdict in runner.verdicts] == ["running", "running"]
    runner, stand_in, _ = do("walk two metres while waving, then stop", SceneSpec())
    assert runner.succeeded and abs(stand_in.place[0] - 2.0) < 0.2
    first, second, third = runner.verdicts
    assert second.started == first.started and third.started >= max(first.ended or 0, second.ended or 0)


def test_a_robot_without_the_joints_is_refused() -> None:
    with pytest.raises(GroundingError, match="I have no arms"):
        ground(parse("wave"), SceneSpec(), replace(ROBOT, hands=ROBOT.shoulders))


def test_falling_fails_the_current_step_and_ends_the_run() -> None:
    runner = PlanRunner(ground(parse("walk, then wave"), SceneSpec(), ROBOT))
    runner.update(StandIn(SceneSpec()).context())
    runner.fell(0.4)
    assert runner.done and not runner.succeeded
    assert [(v.status, v.reason) for v in runner.verdicts] == [("failure", "fell"), ("pending", "")]
    assert runner.update(StandIn(SceneSpec()).context()).command == (0, 0, 0)


def test_a_motion_of_the_stand_in_ends_as_its_class_says() -> None:
    class Pause(Motion):
        name = "pause"

        def advance(self, wish: Wish, before: Reference) -> Reference:
            return Reference(self.standing, 0.0, False, before.height, time=(before.time or 0.0) + self.stage.dt)

        def done(self, wish: Wish, reference: Reference) -> bool:
            return wish.motion != self.name or (reference.time or 0.0) > 0.49

    MOTIONS.register("pause", Pause)
    try:
        for asked, lasts in ((25, 24), (10, 10)):  # by its time; and by no longer being asked for
            stand_in, motions = StandIn(SceneSpec()), []
            for step in range(30):
                stand_in.apply(SkillOutput(motion="pause" if step < asked else "gait"))
                motions.append(stand_in.context().motion)
            assert motions == ["pause"] * lasts + ["gait"] * (30 - lasts)
    finally:
        MOTIONS.unregister("pause")


@pytest.mark.parametrize("wrap", [lambda behavior: behavior, InOrder])
def test_what_a_skill_answers_must_be_a_skill_output(wrap: Any) -> None:
    class Silent:
        def update(self, ctx: SkillContext) -> None: ...

    step = GroundedStep("nod", "nod", 1.0, lambda: wrap(Silent()), "it nodded")
    runner = PlanRunner(Plan(parse("nod"), (step,)))
    with pytest.raises(InputError, match="skill 'nod': its update gives None; return a SkillOutput"):
        runner.update(StandIn(SceneSpec()).context())


def test_a_skill_of_another_package_needs_one_registration() -> None:
    from simonsays.envs.language import vocabulary
    from simonsays.envs.moves import skill as base

    class Nod:
        def update(self, ctx: SkillContext) -> SkillOutput:
            return SkillOutput(status="success")

    words = {"en": "curtsy", "zh": "屈膝礼"}
    base.register_skill(Skill("curtsy", "curtsy", lambda *_: GroundedStep("curtsy", "curtsy", 1.0, Nod), words=words))
    try:
        runner, *_ = do("turn left, then curtsy", SceneSpec())
        assert runner.succeeded
        with pytest.raises(AssertionError, match="success"):
            check_skill("curtsy")
    finally:
        base.SKILLS.unregister("curtsy")
        del vocabulary._REGISTERED["curtsy"]
