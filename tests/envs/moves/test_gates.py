"""Doors, goals and gaps: what is through them, who comes through, and what is refused."""

from __future__ import annotations

import math

import pytest

from simonsays.envs.language import parse
from simonsays.envs.moves.approach import find_way
from simonsays.envs.moves.gates import Mouth, Through, gap, mouth
from simonsays.envs.moves.paths import footprint, line_distance
from simonsays.envs.moves.skill import GroundingError
from simonsays.envs.plan.plan import ground
from simonsays.experiments.say import run_instruction
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import PropSpec, SceneSpec

DOOR = PropSpec("door", "brown", (2.0, 0.0), yaw_deg=0.0)
GOAL = PropSpec("goal", "white", (3.0, 0.0))
BALL = PropSpec("ball", "red", (1.5, 0.0))


def test_a_mouth_lies_between_the_posts_however_it_is_turned() -> None:
    found = mouth(PropSpec("door", "brown", (1.0, 2.0), yaw_deg=90.0))
    assert found is not None and found.width == pytest.approx(1.04) and found.middle == pytest.approx((1.0, 2.0))
    assert found.axis == pytest.approx((0.0, 1.0), abs=1e-9) and mouth(BALL) is None
    assert found.crossed((1.3, 1.9), (1.3, 2.1)) and found.crossed((1.0, 2.5), (1.0, 1.5))
    assert not found.crossed((1.6, 1.9), (1.6, 2.1))  # past the post
    assert not found.crossed((1.0, 2.5), (1.2, 2.1))  # on one side


def test_a_gap_lies_between_the_surfaces_of_two_things() -> None:
    one, other = PropSpec("pillar", "red", (2.0, 1.0)), PropSpec("pillar", "blue", (2.0, -1.0))
    found = gap(one, other, ((2.0, 1.0), (2.0, -1.0)))
    assert found.width == pytest.approx(1.76) and abs(found.axis[0]) == pytest.approx(1.0)


def test_the_planner_goes_through_a_door_and_not_through_its_posts() -> None:
    shape = footprint(DOOR)
    way = find_way((1.0, 0.0), [(3.0, 0.0)], [shape])
    assert way is not None and len(way) == 2
    assert line_distance(shape, (1.0, 0.0), (3.0, 0.0)) == pytest.approx(0.52)
    assert line_distance(shape, (1.0, 0.56), (3.0, 0.56)) == 0.0
    low = footprint(PropSpec("goal", "white", (2.0, 0.0), size=(0.1, 2.0, 1.0)))  # its bar is in the way of a head
    assert line_distance(low, (1.0, 0.0), (3.0, 0.0)) == 0.0


@pytest.mark.parametrize(
    ("said", "props", "words"),
    [
        ("walk through the ball", (BALL,), "nothing leads through"),
        ("walk through the door", (PropSpec("door", "brown", (2, 0), size=(0.1, 0.8, 2.0)),), "wide, and I need"),
        ("walk through the door for 5 seconds", (DOOR,), "neither how far"),
        ("score a goal", (PropSpec("ball", "red", (1.0, 0.0)), PropSpec("goal", "white", (6.0, 0.0))), "at most 3 m"),
        ("score a goal", (PropSpec("ball", "red", (3.0, 0.2)), GOAL), "lies in the goal already"),
        ("score a goal", (BALL,), "goal' is not here"),
        ("jump gently", (), "always as high"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_moves(
    said: str, props: tuple[PropSpec, ...], words: str
) -> None:
    with pytest.raises(GroundingError, match=words):
        ground(parse(said), SceneSpec(props=props), get_robot("g1"))


def test_to_me_is_to_the_only_person() -> None:
    scene = SceneSpec(props=(PropSpec("person", "red", (2.0, 1.0)),))
    for said in ("come here", "follow me", "wave to me", "turn to me"):
        (step,) = ground(parse(said), scene, get_robot("g1")).steps
        assert step.target is not None and step.target.shape == "person", said


def test_a_jump_as_high_as_it_can_says_what_it_is() -> None:
    (step,) = ground(parse("jump as high as you can"), SceneSpec(), get_robot("g1")).steps
    assert "its one jump" in step.text


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["bullet", "mujoco"])
@pytest.mark.parametrize("said", [
    "walk through the door", "score a goal", "walk between the posts", "shake hands with the person",
    "sneak to the person", "follow me",
])  # fmt: skip
def test_it_is_done_in_both_engines(said: str, engine: str) -> None:
    person = PropSpec("person", "blue", (0.5, 2.2), yaw_deg=-90.0, path=((2.5, 2.2),) if "follow" in said else ())
    props = (DOOR, person) if "door" in said else (BALL, PropSpec("goal", "white", (3.2, 0.3)), person)
    result = run_instruction(said, scene=SceneSpec(props=props), seed=1, engine=engine)
    assert result.success, [verdict.reason for verdict in result.verdicts]


def test_through_is_judged_by_where_the_base_came_through() -> None:
    from simonsays.envs.moves.behavior import SkillOutput

    class Done:
        def update(self, ctx: object) -> SkillOutput:
            return SkillOutput(status="success" if ctx.position[0] > 2.5 else "running")  # type: ignore[attr-defined]

    class At:
        def __init__(self, x: float, y: float) -> None:
            self.position = (x, y)

    for aside, status in ((0.1, "success"), (0.9, "failure")):
        way = Through(Done(), Mouth((2.0, 0.5), (2.0, -0.5)))  # type: ignore[arg-type]
        ends = [way.update(At(0.1 * i, aside)).status for i in range(30)]  # type: ignore[arg-type]
        assert ends[-1] == status and math.isclose(Mouth((2.0, 0.5), (2.0, -0.5)).width, 1.0)
