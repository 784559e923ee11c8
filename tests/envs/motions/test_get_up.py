"""Getting up from the ground, in physics: the motion, the skill, and plans that go on after a fall."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from simonsays.agents.measure.lying import LIES, lay_down, seconds_to_stand
from simonsays.assets import InputError
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.language import parse
from simonsays.envs.moves.skill import GroundingError
from simonsays.envs.plan.execution import Execution, load_policies, recovery_plan
from simonsays.envs.plan.plan import PlanRunner, ground
from simonsays.envs.policy.policy import load_policy
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import Keyframe, SceneSpec

G1, SCENE = get_robot("g1"), SceneSpec("empty")


def run(text: str, engine: str = "mujoco", *, side: str = "", push: float = 0.0, recover: bool = False) -> PlanRunner:
    """What comes of a sentence for a robot that lies on a side, or that is pushed (m/s, forward) after 1.4 s."""
    with closing(HumanoidEnv(G1, engine=engine, scene=SCENE, friction=None, episode_seconds=1e6)) as env:
        runner = PlanRunner(ground(parse(text), SCENE, G1))
        env.reset(seed=0, options={"command": [0.0, 0.0, 0.0]})
        if side:
            lay_down(env, side, np.random.default_rng(0))
        recovery = recovery_plan(SCENE, G1) if recover else None
        execution = Execution(env, load_policies(env), runner, 0.0, recovery=recovery)
        for step in range(3000):
            if push and step == 70:
                env.robot.push_velocity(push, 0.0)
            if runner.done or not execution.step():
                break
        return runner


def test_a_robot_that_lies_on_its_back_gets_up_and_waves() -> None:
    assert run("get up off the floor, then wave", side="back").succeeded
    assert run("wave", side="back").verdicts[0].reason == "fell"


def test_one_that_was_told_to_lie_gets_up_for_what_comes_next() -> None:
    lies, rests, walks = run("lie down, stop for two seconds, walk forward one metre").verdicts
    assert lies.status == rests.status == walks.status == "success" and walks.rose
    assert not lies.rose and not rests.rose and not lies.falls


def test_one_that_stands_has_done_it_at_once() -> None:
    verdict = run("get up off the floor").verdicts[0]
    assert verdict.status == "success" and verdict.ended is not None and verdict.ended < 1.0


def test_a_plan_goes_on_after_a_fall_where_it_recovers() -> None:
    fell = run("walk forward one metre", push=2.5)
    assert fell.verdicts[0].reason == "fell" and fell.verdicts[0].falls == 0
    up = run("walk forward one metre", push=2.5, recover=True)
    assert up.succeeded and up.verdicts[0].falls == 1


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["bullet", "mujoco"])
def test_it_lies_down_and_gets_up_in_either_engine(engine: str) -> None:
    assert run("lie down for three seconds, then get up", engine).succeeded


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["bullet", "mujoco"])
@pytest.mark.parametrize("side", sorted(LIES))
def test_it_stands_again_from_every_side(side: str, engine: str) -> None:
    with closing(HumanoidEnv(G1, engine=engine, friction=None, episode_seconds=1e6)) as env:
        assert all(seconds_to_stand(env, load_policy("g1-locomotion"), side, seed) for seed in range(3))


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("get up off the floor", "get_up"),
        ("pick yourself up", "get_up"),
        ("爬起来", "get_up"),
        ("stand back up", "stand"),
        ("get up", "stand"),
        ("rise", "stand"),
        ("站起来", "stand"),
        ("快起来", "stand"),
    ],
)
def test_the_words_for_it_may_be_said_to_one_that_lies(text: str, verb: str) -> None:
    steps = ground(parse(text), SCENE, G1).steps
    assert [step.verb for step in steps] == [verb] and steps[0].rises


def test_a_robot_that_does_not_know_how_is_told_so() -> None:
    with pytest.raises(GroundingError, match="get up"):
        ground(parse("get up off the floor"), SCENE, replace(G1, rising=None))
    assert not ground(parse("stand up"), SCENE, replace(G1, rising=None)).steps[0].rises
    assert G1.rising is not None
    for rising in (None, replace(G1.rising, down=())):
        with pytest.raises(GroundingError, match="lie down"):
            ground(parse("lie on your back"), SCENE, replace(G1, rising=rising))


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (Keyframe(0.0), "seconds"),
        (Keyframe(1.0, (("tail_joint", 0.0),)), "no joint 'tail_joint'"),
        (Keyframe(1.0, (("left_knee_joint", 4.0),)), "outside"),
    ],
)
def test_poses_that_cannot_be_are_refused(frame: Keyframe, said: str) -> None:
    assert G1.rising is not None
    with pytest.raises(InputError, match=said):
        replace(G1, rising=replace(G1.rising, front=(frame,))).validate()
