"""What is said to several robots by name: whose each step is, and what is refused."""

from __future__ import annotations

import pytest

from simonsays.envs.language.addressed import read_told
from simonsays.envs.language.context import Context
from simonsays.envs.language.errors import ParseError
from simonsays.envs.language.render import render
from simonsays.envs.skills import skills

skills()
LATIN, HAN, KINDS = ("Anna", "Ben"), ("小安", "小本"), ("G1", "H1")


def told(text: str, names: tuple[str, ...]) -> list[str]:
    """Each step as who does what to whom, those at the same time with a plus."""
    found = []
    for step in read_told(text, None, Context(names=names)).instruction.steps:
        thing = step.object.name or step.object.type if step.object else ""
        found.append(f"{'+' * step.parallel_with_prev}{step.robot} {step.verb} {thing}".strip())
    return found


@pytest.mark.parametrize(("names", "text", "wanted"), [
    (KINDS, "G1, wave to H1. H1, walk to the red ball.", ["G1 wave H1", "H1 go_to ball"]),
    (LATIN, "Anna, walk to Ben, then wave. Ben, turn left.", ["Anna go_to Ben", "Anna wave", "Ben turn"]),
    (LATIN, "Anna, wave. Ben, turn left at the same time.", ["Anna wave", "+Ben turn"]),
    (LATIN, "Anna waves, then Ben turns left.", ["Anna wave", "Ben turn"]),
    (LATIN, "Anna, wave while Ben walks forward one metre.", ["Anna wave", "+Ben walk"]),
    (LATIN, "Anna and Ben, wave.", ["Anna wave", "+Ben wave"]),
    (LATIN, "Anna and Ben, wave and jump.", ["Anna wave", "+Ben wave", "Anna jump", "+Ben jump"]),
    (LATIN, "While Anna dances, Ben claps.", ["Anna dance", "+Ben clap"]),
    (LATIN, "Could you walk to Ben, Anna? Wave, Ben!", ["Anna go_to Ben", "Ben wave"]),
    (LATIN, "First Anna waves, then tell Ben to bow.", ["Anna wave", "Ben bow"]),
    (LATIN, "Both of you, jump.", ["Anna jump", "+Ben jump"]),
    (LATIN, "Anna, walk around Ben, then point at him.", ["Anna walk Ben", "Anna point Ben"]),
    (LATIN, "ben: kick the red ball; anna: go to it", ["Ben kick ball", "Anna go_to ball"]),
    (LATIN, "Anna, walk two metres towards Ben, Ben, wave", ["Anna go_to Ben", "Ben wave"]),
    (LATIN, "Let Anna wave and let Ben jump.", ["Anna wave", "Ben jump"]),
    (LATIN, "Anna, face Ben and wave to the robot Ben.", ["Anna turn Ben", "Anna wave Ben"]),
    (HAN, "小安，走到小本旁边，然后挥手。小本，向左转。", ["小安 go_to 小本", "小安 wave", "小本 turn"]),
    (KINDS, "G1，向H1挥手。H1，走到红球旁边。", ["G1 wave H1", "H1 go_to ball"]),
    (HAN, "小安走到红球那里，小本挥挥手。", ["小安 go_to ball", "小本 wave"]),
    (HAN, "小安向前走一米，同时小本向左转", ["小安 walk", "+小本 turn"]),
    (HAN, "小安和小本，跳一下。", ["小安 jump", "+小本 jump"]),
    (HAN, "小安，绕着小本走一圈。", ["小安 walk 小本"]),
    (("Anna",), "Anna, wave", ["Anna wave"]),
])  # fmt: skip
def test_each_step_is_for_the_robot_that_is_named(names: tuple[str, ...], text: str, wanted: list[str]) -> None:
    assert told(text, names) == wanted


@pytest.mark.parametrize(("names", "text", "words", "place"), [
    (LATIN, "Wave.", "Who is to do it? The robots here are Anna, Ben", "Wave"),
    (LATIN, "Wave. Anna, jump.", "Who is to do it?", "Wave"),
    (LATIN, "Anna, wave. Carl, jump.", "no robot 'Carl': the robots here are Anna, Ben", "Carl"),
    (LATIN, "Anna, walk to Carl.", "The robots here are Anna, Ben", "Carl"),
    (LATIN, "Anna, follow Dora.", "The robots here are Anna, Ben", "Dora"),
    (HAN, "小丽，挥手。", "没有叫'小丽'的机器人，有的是小安、小本", "小丽"),
    (HAN, "挥手", "谁来做？这里有小安、小本", "挥手"),
])  # fmt: skip
def test_who_is_not_named_or_not_there_is_asked_for(names: tuple[str, ...], text: str, words: str, place: str) -> None:
    with pytest.raises(ParseError) as caught:
        told(text, names)
    start, end = caught.value.span or (0, 0)
    assert words in str(caught.value) and text[start:end] == place and caught.value.text == text


def test_what_is_rendered_is_understood_again() -> None:
    said = read_told("Anna, walk to Ben, then wave. Ben, turn left.", None, Context(names=LATIN)).instruction
    for language in ("en", "zh"):
        assert read_told(render(said, language), language, Context(names=LATIN)).instruction == said


def test_without_names_nothing_changes() -> None:
    assert read_told("wave to the red ball").instruction.steps[0].robot is None
