"""Gestures as geometry: arms are held as told, whatever robot has them, clear of the body all the way."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from simonsays.envs.language import parse
from simonsays.envs.moves.gestures.limbs import Limb, elbow_of, held, landmarks, missed, posture
from simonsays.envs.moves.poses import BOTH
from simonsays.envs.plan.plan import PlanRunner, ground
from simonsays.envs.skills import GroundingError, skills
from simonsays.envs.skills.shows.dance import BAR, MOVES, compose
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import RobotSpec, SceneSpec
from simonsays.sim.world import World
from simonsays.testing import StandIn

ROBOTS = ("g1", pytest.param("g1-29", marks=pytest.mark.slow), pytest.param("h1", marks=pytest.mark.slow))
SAID = ("clap", "salute", "salute with your left hand", "cheer", "put your hands on your hips", "cross your arms",
        "shake hands with your left hand", "high five", "conduct", "stretch", "flex your muscles")  # fmt: skip
LIMBS = {
    "out": Limb((0.0, 1.0, 0.0), fore=(0.0, 1.0, 0.0)),
    "ahead": Limb((0.5, 0.5, -1.0), fore=(1.0, 0.0, 0.4)),
    "before the chest": Limb((0.5, 0.5, -1.0), hand=(0.6, 0.1, -0.25), at="middle"),
    "brow": Limb((0.2, 1.0, 0.1), hand=(0.3, 0.22, 0.12), at="head"),
}


@pytest.mark.parametrize("name", ["g1", "g1-29", "h1"])
@pytest.mark.parametrize("limb", LIMBS.values(), ids=LIMBS)
def test_arms_of_any_robot_are_held_as_told_and_mirrored(name: str, limb: Limb) -> None:
    robot = get_robot(name)
    left, right = (posture(robot, side, held(robot, side, limb)) for side in BOTH)
    assert missed(robot, "left", limb, left) < 0.08 and missed(robot, "right", limb, right) < 0.08
    np.testing.assert_allclose(left.tip * [1, -1, 1], right.tip, atol=0.03)
    stretched = Limb((0.0, 1.0, 0.0), hand=(0.0, 3.0, 0.0))
    assert missed(robot, "left", stretched, posture(robot, "left", held(robot, "left", stretched))) > 1.0


def test_the_elbow_and_the_places_on_a_body_are_found_without_names() -> None:
    for name, height in (("g1", 0.29), ("g1-29", 0.29), ("h1", 0.43)):
        robot = get_robot(name)
        assert "elbow" in [each.name for each in robot.joints if each.name.startswith("left")][_own(robot)]
        places = landmarks(robot, "left")
        assert places["middle"][2] == pytest.approx(height, abs=0.01) and places["head"][2] > places["middle"][2] + 0.1
        assert places["hip"][1] > 0.05 and places["hip"][2] < 0.0


def _own(robot: RobotSpec) -> int:
    from simonsays.envs.moves.arms import arm

    names = [each.name for each in robot.joints if each.name.startswith("left")]
    return names.index(arm(robot, "left").names[elbow_of(arm(robot, "left"))])


def deepest(world: World, robot: RobotSpec, text: str, seed: int = 0) -> Iterator[tuple[float, tuple[str, str]]]:
    """How deep (m) links are in each other in what a stand-in does, every tenth of a second, but those that may."""
    body = world.spawn(robot)
    runner, stand_in = PlanRunner(ground(parse(text), SceneSpec(), robot)), StandIn(SceneSpec(), robot=robot, seed=seed)
    may = {"hands": set(robot.hands), "head": {robot.head}, "torso": {robot.torso}}
    touching = [may[part] for step in runner.plan.steps for part in skills()[step.verb].touching]
    for count in range(5000):
        if runner.done:
            break
        stand_in.apply(runner.update(stand_in.context()))
        if count % 5 == 0:
            body.reset((0, 0, 5), (0, 0, 0, 1), [stand_in.joints[joint.name] for joint in robot.joints])
            for (one, other), depth in body.physics.depths().items():
                pair = body.tree.links[one], body.tree.links[other]
                if not any({*pair} <= allowed for allowed in touching):
                    yield depth, pair
    assert runner.succeeded, runner.verdicts


@pytest.mark.parametrize("name", ROBOTS)
@pytest.mark.parametrize("text", SAID)
def test_gestures_are_clear_of_the_body_all_the_way(name: str, text: str) -> None:
    with World() as world:
        assert all(depth <= 0.01 for depth, _ in deepest(world, get_robot(name), text))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["g1", "g1-29", "h1"])
@pytest.mark.parametrize("seed", range(5))
def test_dances_are_clear_of_the_body_all_the_way(name: str, seed: int) -> None:
    with World() as world:
        assert all(depth <= 0.01 for depth, _ in deepest(world, get_robot(name), "dance for 40 seconds", seed))


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["bullet", "mujoco"])
@pytest.mark.parametrize("text", [*SAID, "bow", "dance", "dance like a robot", "dance happily", "dance tiredly"])
def test_the_robot_stays_up_in_both_engines_and_does_not_shake(engine: str, text: str) -> None:
    from simonsays.experiments.say import run_instruction
    from simonsays.testing import check_recording

    done = run_instruction(text, scene="empty", engine=engine, seed=1)
    assert done.success, done.verdicts
    check_recording(done.recording, skills()[done.plan.steps[0].verb].touching)


def test_a_dance_is_made_of_whole_moves_by_its_seed() -> None:
    for bars in (1, 2, 5, 9):
        scores = [compose(MOVES, bars, seed) for seed in (1, 1, 2, 3)]
        assert scores[0] == scores[1] and all(len(score) == bars * BAR for score in scores)
        for score in scores:
            begun = [(move, beat) for move, beat in score if beat == 0]
            assert sum(move.bars for move, _ in begun) == bars
            assert all(one is not other for (one, _), (other, _) in pairwise(begun))
    assert len({tuple(id(move) for move, _ in compose(MOVES, 9, seed)) for seed in range(10)}) > 5


def test_arms_that_lag_behind_the_beat_spoil_a_dance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simonsays.testing.stand_in._ARM_LAG", 0.6)
    runner, _ = _danced("dance for 8 seconds")
    assert not runner.succeeded and "poses were there on the beat" in runner.verdicts[0].reason


def _danced(text: str) -> tuple[PlanRunner, StandIn]:
    stand_in = StandIn(SceneSpec())
    runner = PlanRunner(ground(parse(text), SceneSpec(), stand_in.robot))
    while not runner.done:
        stand_in.apply(runner.update(stand_in.context()))
    return runner, stand_in


def test_what_is_told_of_a_gesture_changes_it() -> None:
    def seconds(text: str) -> float:
        runner, _ = _danced(text)
        assert runner.succeeded, runner.verdicts
        return float(runner.verdicts[0].ended or math.nan)

    assert seconds("clap six times") > seconds("clap twice") > seconds("clap twice quickly")
    assert seconds("salute for five seconds") > seconds("salute") + 3.0
    assert seconds("clap for five seconds") == pytest.approx(6.0, abs=1.5)


def test_arms_stay_where_they_are_put_until_something_wants_them() -> None:
    _, still = _danced("put your hands on your hips, then walk forward one metre")
    _, down = _danced("put your hands on your hips, then walk forward one metre, then lower both arms")
    assert still.joints["left_shoulder_roll_joint"] > 0.9 and down.joints["left_shoulder_roll_joint"] < 0.3
    _, brief = _danced("put your hands on your hips for two seconds, then walk forward one metre")
    assert brief.joints["left_shoulder_roll_joint"] < 0.3


@pytest.mark.parametrize("text", ["clap", "dance", "salute"])
def test_a_robot_without_arms_is_told_so(text: str) -> None:
    robot = get_robot("g1")
    with pytest.raises(GroundingError, match="I have no arms"):
        ground(parse(text), SceneSpec(), replace(robot, hands=robot.shoulders))


def test_a_robot_that_cannot_bend_its_legs_nor_its_waist_does_not_bow() -> None:
    with pytest.raises(GroundingError, match="no waist that pitches"):
        ground(parse("bow"), SceneSpec(), get_robot("h1"))
