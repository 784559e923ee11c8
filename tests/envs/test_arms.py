"""Arms: kinematics against the physics, shapes, and what arm skills do as seen from the hands."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simonsays.envs.language import parse
from simonsays.envs.moves.arms import HandServo, arm, measured_angles
from simonsays.envs.moves.poses import BOTH, Glide, smooth
from simonsays.envs.moves.shapes import surface_distance, touch_heights, touch_point
from simonsays.envs.plan.plan import PlanRunner, ground
from simonsays.envs.skills.things.reach import find_stance
from simonsays.experiments.say import run_instruction
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import PropSpec, SceneSpec
from simonsays.sim.world import World
from simonsays.testing import StandIn, do, supple

ROBOT, SUPPLE = get_robot("g1"), supple()
REST = {joint.name: joint.default for joint in ROBOT.joints}


@pytest.mark.parametrize("side", BOTH)
def test_the_chain_agrees_with_the_physics(side: str) -> None:
    limb, rng = arm(ROBOT, side), np.random.default_rng(0)
    world = World(SceneSpec())
    try:
        robot = world.spawn(get_robot("g1"))
        for _ in range(5):
            angles = rng.uniform(np.maximum(limb.lower, -2), np.minimum(limb.upper, 2))
            joints = {**REST, **dict(zip(limb.names, angles.tolist(), strict=True))}
            robot.reset((0, 0, 1), (0, 0, 0, 1), [joints[name] for name in robot.joint_names])
            index = BOTH.index(side)
            hand, shoulder = robot.link_positions((ROBOT.hands[index], ROBOT.shoulders[index])) - [0, 0, 1]
            np.testing.assert_allclose(limb.places(angles)[-1], hand, atol=1e-6)
            np.testing.assert_allclose(limb.shoulder(angles), shoulder, atol=1e-6)
            assert 0.1 < np.linalg.norm(limb.tip(angles) - hand) < 0.2
    finally:
        world.close()


@pytest.mark.parametrize("side", BOTH)
def test_the_hand_gets_to_points_within_reach_and_no_joint_leaves_its_limits(side: str) -> None:
    limb, rng = arm(ROBOT, side), np.random.default_rng(1)
    start = measured_angles(limb, REST)
    outward = 1.0 if side == "left" else -1.0
    for _ in range(40):
        way = rng.normal(size=3)
        way = np.array([abs(way[0]), outward * abs(way[1]), -0.5 * abs(way[2])])
        target = limb.shoulder(start) + rng.uniform(0.25, 0.43) * way / np.linalg.norm(way)
        found = limb.towards(target, start, iterations=40)
        assert np.linalg.norm(limb.tip(found) - target) < 0.005
        assert (found >= limb.lower).all() and (found <= limb.upper).all() and found[0] == start[0]
    found = limb.towards(np.array([3.0, 0.0, 1.0]), start, iterations=40)
    assert np.isfinite(found).all() and (found >= limb.lower).all() and (found <= limb.upper).all()


def test_the_servo_makes_up_for_sagging() -> None:
    limb = arm(ROBOT, "left")
    servo, angles = HandServo(limb), measured_angles(limb, REST)
    target = limb.shoulder(angles) + np.array([0.35, 0.1, 0.0])
    for _ in range(150):
        wanted = servo.update(angles, target, arrived=True)
        angles = measured_angles(limb, {**REST, **wanted})
        angles[limb.own] += 0.08  # gravity, on the shoulder's pitch
    assert np.linalg.norm(limb.tip(angles) - target) < 0.01


def test_glides_are_smooth_and_no_faster_than_joints_may_be() -> None:
    assert smooth(-1) == 0 and smooth(0.5) == pytest.approx(0.5) and smooth(2) == 1
    stand_in, glide, name = StandIn(SceneSpec()), Glide(0.1), "left_shoulder_pitch_joint"
    targets = []
    while not glide.done:
        targets.append(glide.update(stand_in.context(), {name: -2.8})[name])
        stand_in.time += 0.02
    speeds = np.diff(targets) / 0.02
    assert 4.5 < np.abs(speeds).max() < 5.1 and abs(speeds[0]) < 0.5 and targets[-1] == pytest.approx(-2.8)


def test_distances_to_surfaces() -> None:
    ball, box = PropSpec("ball", "red", (0, 0)), PropSpec("box", "red", (0, 0), yaw_deg=45)
    cone, pillar = PropSpec("cone", "red", (0, 0)), PropSpec("pillar", "red", (0, 0))
    assert surface_distance(ball, (1, 0, 0.11), (1.31, 0, 0.11)) == pytest.approx(0.2)
    assert surface_distance(box, (0, 0, 0.15), (1, 0, 0.15)) == pytest.approx(1 - 0.15 * math.sqrt(2))
    assert surface_distance(box, (0, 0, 0.15), (0, 0, 0.5)) == pytest.approx(0.2)
    assert surface_distance(pillar, (0, 0, 0.5), (0.42, 0.4, 0.5)) == pytest.approx(0.58 - 0.12)
    assert surface_distance(cone, (0, 0, 0.2), (0, 0, 0.5)) == pytest.approx(0.1)
    assert surface_distance(cone, (0, 0, 0.2), (0.23, 0, 0.0)) == pytest.approx(0.1)
    assert surface_distance(cone, (0, 0, 0.2), (0, 0, 0.1)) == 0.0


@pytest.mark.parametrize("shape", ["ball", "box", "cone", "pillar"])
def test_a_touch_is_on_the_surface_and_faces_the_robot(shape: str) -> None:
    prop = PropSpec(shape, "red", (0, 0), yaw_deg=20)
    for height in touch_heights(prop):
        point = touch_point(prop, (1.0, 2.0, 0.3), height, (-1.0, 0.5, 1.0))
        assert surface_distance(prop, (1.0, 2.0, 0.3), point) == pytest.approx(0.0, abs=1e-6)
        assert point[0] <= 1.0 and point[2] == pytest.approx(0.3 + height)


def test_what_can_be_touched_and_how_low_the_base_gets_for_it() -> None:
    pillar = find_stance(ROBOT, PropSpec("pillar", "red", (2, 0)))
    chest = find_stance(ROBOT, PropSpec("box", "red", (2, 0), size=(0.3, 0.3, 0.5)))
    assert pillar is not None and pillar.height is None
    assert chest is not None and chest.height is not None and 0.5 <= chest.height < 0.7
    assert find_stance(ROBOT, PropSpec("ball", "red", (2, 0))) is None
    assert find_stance(ROBOT, PropSpec("ball", "red", (2, 0, 1.8))) is None


@pytest.mark.parametrize(
    ("text", "side"),
    [("raise your left arm", "left"), ("举起右手", "right"), ("raise both arms, walk one metre", "both")],
)
def test_a_raised_arm_stays_up_until_it_is_lowered(text: str, side: str) -> None:
    def high(stand_in: StandIn) -> list[bool]:
        ctx = stand_in.context()
        return [bool(hand[2] > shoulder[2] + 0.2) for hand, shoulder in zip(ctx.hands, ctx.shoulders, strict=True)]

    runner, stand_in, _ = do(text, SceneSpec())
    assert runner.succeeded and high(stand_in) == [side in ("left", "both"), side in ("right", "both")]
    if side == "left":
        runner, stand_in, _ = do(f"{text}, walk one metre, then lower your arm", SceneSpec())
        assert runner.succeeded and high(stand_in) == [False, False]


@pytest.mark.parametrize("degrees", [0, 40, -75, 130, 170, -150])
@pytest.mark.parametrize("words", ["", " with your left hand"])
def test_pointing_ends_on_the_line_and_with_the_nearer_arm(degrees: float, words: str) -> None:
    x, y = 2.5 * math.cos(math.radians(degrees)), 2.5 * math.sin(math.radians(degrees))
    scene = SceneSpec(props=(PropSpec("ball", "red", (x, y)),))
    stand_in = StandIn(scene)
    runner = PlanRunner(ground(parse(f"point at the red ball{words}"), scene, SUPPLE))
    best = [180.0, 180.0]
    while not runner.done:
        stand_in.apply(runner.update(stand_in.context()))
        ctx = stand_in.context()
        for i in (0, 1):
            line, way = ctx.hands[i] - ctx.shoulders[i], ctx.props["red ball"] - ctx.shoulders[i]
            cosine = float(line @ way / np.linalg.norm(line) / np.linalg.norm(way))
            best[i] = min(best[i], math.degrees(math.acos(cosine)))
    assert runner.succeeded, runner.verdicts
    assert best[0 if words or degrees > 0 else 1] < 15  # by the wrist, which is not quite on the line of the tip


@pytest.mark.parametrize(
    ("text", "turns"), [("look left", False), ("look 150 degrees to the right", True), ("look behind you", True)]
)
def test_looking_turns_the_base_only_where_the_waist_does_not_reach(text: str, turns: bool) -> None:
    runner, stand_in, _ = do(text, SceneSpec())
    assert runner.succeeded
    turned = abs(math.degrees(stand_in.yaw))
    assert 50 < turned < 150 if turns else turned < 3
    assert abs(stand_in.joints["waist_yaw_joint"]) < 0.1


def test_two_things_at_once_take_an_arm_each() -> None:
    plan = ground(parse("wave while you raise your right arm"), SceneSpec(), ROBOT)
    assert [step.arms for step in plan.steps] == [("left",), ("right",)]
    runner, *_ = do("point left while walking two metres", SceneSpec())
    assert runner.succeeded
    plan = ground(parse("look left while you walk"), SceneSpec(), ROBOT)
    assert [step.legs for step in plan.steps] == [False, True]


def test_punches_are_thrown_as_often_as_is_said_and_by_turns() -> None:
    scene = SceneSpec()
    stand_in, runner = StandIn(scene), PlanRunner(ground(parse("punch four times with both hands"), scene, ROBOT))
    out = list[str]()
    while not runner.done:
        stand_in.apply(runner.update(stand_in.context()))
        ctx = stand_in.context()
        for i, side in enumerate(BOTH):
            if ctx.hands[i][0] - ctx.shoulders[i][0] > 0.25 and (not out or out[-1] != side):
                out.append(side)
    assert runner.succeeded and out == ["left", "right", "left", "right"]


def test_a_low_cone_is_touched_in_physics() -> None:
    stance = find_stance(ROBOT, PropSpec("cone", "orange", (1.0, 0.0)))
    assert stance is not None and stance.height is not None and stance.gap < 0.2
    result = run_instruction("touch the orange cone", seed=3, scene="playground")
    assert result.success, result.verdicts


def test_reaching_stops_in_front_of_a_thing_and_touches_it() -> None:
    pillar = PropSpec("pillar", "red", (1.5, -1.0))
    scene = SceneSpec(props=(pillar,))
    stand_in, runner = StandIn(scene), PlanRunner(ground(parse("reach for the red pillar"), scene, ROBOT))
    nearest = math.inf
    while not runner.done:
        stand_in.apply(runner.update(stand_in.context()))
        ctx = stand_in.context()
        for side in BOTH:
            limb = arm(ROBOT, side)
            angles = measured_angles(limb, stand_in.joints)
            tip = np.array(ctx.state.base_position) + np.array(ctx.state.rotation) @ limb.tip(angles)
            nearest = min(nearest, surface_distance(pillar, ctx.props["red pillar"].tolist(), tip.tolist()))
    assert runner.succeeded and nearest < 0.03


@pytest.mark.parametrize("name", ["g1", "h1"])
def test_arms_are_each_others_mirror_image(name: str) -> None:
    """What is found of the elbow and the shoulder's roll holds for both sides, whatever the joints are called."""
    robot = get_robot(name)
    left, right = (arm(robot, side) for side in BOTH)
    assert (left.elbow, left.bends) == (right.elbow, right.bends)
    assert left.straight == pytest.approx(right.straight, abs=0.02) and left.reach == pytest.approx(right.reach)
    start, flip = np.zeros(len(left.names)), np.array([1, -1, 1])
    point = left.shoulder(start) + np.array([0.5, 0.2, 0.1]) * left.reach
    found = [limb.towards(at, start, iterations=40) for limb, at in ((left, point), (right, point * flip))]
    np.testing.assert_allclose(np.abs(found[0]), np.abs(found[1]), atol=1e-3)
    np.testing.assert_allclose(left.tip(found[0]) * flip, right.tip(found[1]), atol=1e-3)
