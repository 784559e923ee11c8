"""Acts: which robot does what when, out of a plan whose steps are several robots'."""

from __future__ import annotations

import re

import pytest

from simonsays.envs.language.instruction import Instruction, Step
from simonsays.envs.moves.skill import GroundingError
from simonsays.envs.plan.acts import acts, ground_together
from simonsays.envs.plan.plan import captions
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import load_scene

TWO = load_scene("two")
BODIES = [get_robot(start.robot) for start in TWO.robots]


def instruction(told: str) -> Instruction:
    """Of words like "Anna wave, +Ben bow": who does what, with a plus where it is done during the step before."""
    said = [one.strip().split() for one in told.split(",")]
    return Instruction(tuple(Step(verb, robot=who.lstrip("+"), parallel_with_prev=who[0] == "+") for who, verb in said))


@pytest.mark.parametrize(("told", "wanted"), [
    ("Anna wave, Anna bow, Ben salute", [["Anna 0 1"], ["Ben 2"]]),
    ("Anna wave, +Ben bow, Ben jump", [["Anna 0", "Ben 1 2"]]),
    ("Anna jump, Anna wave, +Ben bow", [["Anna 0"], ["Anna 1", "Ben 2"]]),
    ("Anna jump, Anna wave, +Anna salute, +Ben bow", [["Anna 0"], ["Anna 1 2", "Ben 3"]]),
    ("Anna wave, +Ben wave, Anna jump, +Ben jump", [["Anna 0", "Ben 1"], ["Anna 2", "Ben 3"]]),
])  # fmt: skip
def test_acts_stand_together_where_that_was_said(told: str, wanted: list[list[str]]) -> None:
    plan = ground_together(instruction(told), TWO, BODIES)
    found = [[" ".join([act.robot, *map(str, act.places)]) for act in group] for group in acts(plan)]
    assert found == wanted
    assert all(step.text.startswith(f"{act.robot}: ") for group in acts(plan) for act in group for step in act.steps)


def test_captions_name_the_robot_once() -> None:
    said = Instruction((Step("walk", direction="forward", distance_m=2.0, robot="Anna"), Step("bow", robot="Ben")))
    plan = ground_together(said, TWO, BODIES)
    assert captions(plan, "en")[0] == "Anna: walk forward 2 metres"
    assert captions(plan, "zh")[0].startswith("Anna，") and captions(plan, "zh")[0].count("Anna") == 1


def test_nobody_does_two_things_at_once_unawares() -> None:
    with pytest.raises(GroundingError, match=re.escape("Anna is busy with something else at that time")):
        ground_together(instruction("Anna wave, +Ben bow, +Anna jump"), TWO, BODIES)


def test_things_are_told_from_where_each_robot_stands() -> None:
    said = Instruction.from_json({"steps": [
        {"verb": "go_to", "robot": who, "object": {"type": "ball", "location": side}}
        for who, side in (("Anna", "left"), ("Ben", "right"))
    ]})  # fmt: skip
    assert [step.target and step.target.name for step in ground_together(said, TWO, BODIES).steps] == ["red ball"] * 2
