"""Sentences to instructions and back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simonsays.envs.language import Instruction, InstructionError, ObjectRef, ParseError, Step, parse, render
from simonsays.envs.language.instruction import LOCATIONS, VERBS
from simonsays.envs.language.vocabulary import COLOR_WORDS, OBJECT_TYPES, verbs
from simonsays.envs.skills import skills

skills()

numbers = st.integers(1, 400).map(lambda n: n / 4)
objects = st.builds(
    ObjectRef,
    type=st.sampled_from(sorted(OBJECT_TYPES["en"])),
    color=st.none() | st.sampled_from(sorted(COLOR_WORDS["en"])),
    location=st.none() | st.sampled_from([place for place in LOCATIONS if place in ("left", "right")]),
    definite=st.booleans(),
)
SLOTS = {
    "direction": st.sampled_from(["left", "right", "around"]),
    "angle": numbers,
    "distance": numbers,
    "steps": st.integers(1, 60),
    "duration": numbers,
    "count": st.integers(1, 20),
    "speed": st.sampled_from(["slow", "normal", "fast"]),
    "side": st.sampled_from(["left", "right", "both"]),
    "object": objects,
}
FIELDS = {"angle": "angle_deg", "distance": "distance_m", "duration": "duration_s"}


@st.composite
def steps(draw: st.DrawFn) -> Step:
    words = draw(st.sampled_from([words for words in verbs().values() if words.with_object is None or words.slots]))
    values = {}
    for slot in words.slots:
        if (slot == "object" and words.verb == "go_to") or draw(st.booleans()):
            values[FIELDS.get(slot, slot)] = draw(SLOTS[slot])
    return Step(words.verb, **values)


instructions = st.lists(steps(), min_size=1, max_size=5).map(lambda made: Instruction(tuple(made)))


@settings(max_examples=300, deadline=None)
@given(instructions)
def test_parse_inverts_render(instruction: Instruction) -> None:
    assert parse(render(instruction)) == instruction


@settings(deadline=None)
@given(instructions)
def test_json_round_trip(instruction: Instruction) -> None:
    assert Instruction.from_json(instruction.to_json()) == instruction


@given(st.text(max_size=80))
@settings(max_examples=200, deadline=None)
def test_any_text_parses_or_is_refused_with_a_position(text: str) -> None:
    try:
        parse(text)
    except ParseError as error:
        assert 0 <= error.position <= len(text)
        assert str(error)


def step(verb: str, **slots: object) -> dict[str, object]:
    return {"verb": verb, **slots}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "walk forward two metres, then turn left and wave",
            [step("walk", direction="forward", distance_m=2.0), step("turn", direction="left"), step("wave")],
        ),
        ("go to the red ball", [step("go_to", object={"type": "ball", "color": "red"})]),
        ("Walk to a cube.", [step("go_to", object={"type": "box", "definite": False})]),
        ("run to the cone", [step("go_to", object={"type": "cone"})]),
        ("turn around", [step("turn", direction="around")]),
        ("turn clockwise by 45 degrees", [step("turn", direction="right", angle_deg=45.0)]),
        ("rotate right a quarter turn", [step("turn", direction="right", angle_deg=90.0)]),
        ("turn left 90°", [step("turn", direction="left", angle_deg=90.0)]),
        ("walk left", [step("walk", direction="left")]),
        ("go to the left", [step("walk", direction="left")]),
        ("walk backwards half a metre", [step("walk", direction="backward", distance_m=0.5)]),
        ("walk back 50cm", [step("walk", direction="backward", distance_m=0.5)]),
        ("move ahead ten feet", [step("walk", direction="forward", distance_m=3.048)]),
        ("walk one and a half meters", [step("walk", distance_m=1.5)]),
        ("walk five steps", [step("walk", steps=5)]),
        ("take three steps", [step("step", steps=3)]),
        ("walk for twenty five seconds", [step("walk", duration_s=25.0)]),
        ("walk forward slowly", [step("walk", direction="forward", speed="slow")]),
        ("please stand still for 2 seconds", [step("stand", duration_s=2.0)]),
        ("do nothing for 5 s", [step("stop", duration_s=5.0)]),
        ("wave your left hand twice", [step("wave", side="left", count=2)]),
        ("wave with both hands three times", [step("wave", side="both", count=3)]),
        ("stop, and then wave after that stop", [step("stop"), step("wave"), step("stop")]),
        ("kick the blue ball", [step("kick", object={"type": "ball", "color": "blue"})]),
    ],
)
def test_meaning(text: str, expected: list[dict[str, object]]) -> None:
    assert parse(text).to_json()["steps"] == expected


def test_two_goals_joined_by_and_are_unordered() -> None:
    assert parse("go to the red ball and go to the cone").unordered
    assert not parse("go to the red ball, then go to the cone").unordered
    assert not parse("turn left and wave").unordered


@pytest.mark.parametrize(
    ("text", "position", "word", "suggestion"),
    [
        ("wolk forward", 0, "wolk", "walk"),
        ("walk forwrd", 5, "forwrd", "forward"),
        ("turn left and dance", 14, "dance", None),
        ("walk to the red bal", 16, "bal", "ball"),
        ("walk -2 m", 5, "-", None),
    ],
)
def test_an_unknown_word_is_named_with_its_place(text: str, position: int, word: str, suggestion: str | None) -> None:
    with pytest.raises(ParseError) as error:
        parse(text)
    assert (error.value.position, error.value.word) == (position, word)
    assert str(position) in str(error.value) and word in str(error.value)
    if suggestion:
        assert suggestion in error.value.suggestions


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("walk " * 2000, "characters"),
        ("walk 0 metres", "out of range"),
        ("walk 999999999999 metres", "out of range"),
        ("turn two metres", "does not take a distance"),
        ("walk forward forward", "said twice"),
        ("walk to", "stops too early"),
        ("metres walk two", "not at this place"),
        ("wave 2.5 times", "whole number"),
        ("turn forward", "not forward"),
        ("then", "not at this place"),
    ],
)
def test_nonsense_is_refused(text: str, words: str) -> None:
    with pytest.raises(ParseError, match=words):
        parse(text)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "steps"),
        ({"steps": []}, "steps"),
        ({"steps": [{"verb": "fly"}]}, "verb"),
        ({"steps": [{"verb": "walk", "distance_m": -1}]}, "distance_m"),
        ({"steps": [{"verb": "walk", "distance_m": float("nan")}]}, "distance_m"),
        ({"steps": [{"verb": "walk", "steps": 1.5}]}, "steps"),
        ({"steps": [{"verb": "walk", "distence": 1}]}, "distence"),
        ({"steps": [{"verb": "turn", "direction": "up"}]}, "direction"),
        ({"steps": [{"verb": "go_to", "object": {"color": "red"}}]}, "type"),
        ({"steps": [{"verb": "walk"}], "unordered": "yes"}, "unordered"),
        ([], "instruction"),
    ],
)
def test_a_wrong_instruction_json_names_the_field(data: object, field: str) -> None:
    with pytest.raises(InstructionError, match=field):
        Instruction.from_json(data)


def test_every_verb_of_the_contract_that_has_words_is_one() -> None:
    assert set(verbs()) <= set(VERBS)
