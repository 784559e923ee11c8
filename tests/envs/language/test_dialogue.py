"""Conversations: what a sentence means after those before it, and that what is offered can be taken."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from simonsays.envs.language import Analysis, Instruction, ParseError, analyze, get_locale, locales, parse
from simonsays.envs.language.context import NO_CONTEXT, Context, Question
from simonsays.envs.language.dialogue import hear
from simonsays.envs.language.errors import Refusal, with_suggestion
from simonsays.envs.language.reading import turns
from simonsays.envs.language.vocabulary import verbs
from simonsays.envs.plan.grounding import described, find, find_object
from simonsays.envs.plan.plan import ground
from simonsays.envs.plan.talk import context_of, explained
from simonsays.envs.skills import GroundingError, skills
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import SceneSpec, load_scene

DATA = Path(__file__).parents[2] / "data"
ROBOT = get_robot("g1")
Meaning = list[tuple[object, ...]]


def conversations() -> Iterator[tuple[str, list[list[str]]]]:
    """(scene, [[said, meant, meant otherwise ...], ...]) of each conversation."""
    for part in (DATA / "dialogues.txt").read_text("utf-8").split("\n# ")[1:]:
        scene, *lines = part.strip().splitlines()
        yield scene, [[one.strip() for one in line.split("|")] for line in lines]


def meaning(instruction: Instruction, scene: SceneSpec) -> Meaning:
    """The steps with the props and places that their things are."""
    bare = (replace(step, object=None, object2=None, span=None, parallel_with_prev=False) for step in instruction.steps)
    things = ((find(step.object, scene), find(step.object2, scene)) for step in instruction.steps)
    return [(replace(step, count=step.count or 1), *each) for step, each in zip(bare, things, strict=True)]


def heard(text: str, context: Context, scene: SceneSpec) -> tuple[Meaning, Context]:
    """What a turn means, and the context of the next one.

    Raises:
        Refusal: it was refused; args[1] is the context of the next turn.
    """
    read: Analysis | None = None
    try:
        read = hear(text, context)
        found = meaning(read.instruction, scene)
    except Refusal as refusal:
        error: Refusal = refusal
        if read is not None and isinstance(error, GroundingError):
            error = explained(error, read, scene, (ROBOT,))
        whole, said = (read.text, read.instruction) if read is not None else (getattr(error, "text", text), None)
        asked = Question.of(error, whole, said) if error.asks else context.question
        error.args = (*error.args, replace(context, question=asked))
        raise error from None
    done = tuple(
        replace(step, **{slot: _named(ref, scene) for slot in ("object", "object2") if (ref := getattr(step, slot))})
        for step in read.instruction.steps
    )
    return found, replace(context, done=done, question=None)


def _named(ref: object, scene: SceneSpec) -> object:
    thing, _ = find(ref, scene)  # type: ignore[arg-type]
    return ref if thing is None else described(thing, scene)


@pytest.mark.parametrize(
    ("place", "said"), list(conversations()), ids=lambda part: part if isinstance(part, str) else ""
)
def test_conversations(place: str, said: list[list[str]]) -> None:
    scene = load_scene(place)
    context = context_of(None, scene)
    for text, *meant in said:
        try:
            found, context = heard(text, context, scene)
        except Refusal as error:
            assert "?" in meant, (text, str(error))
            context = error.args[1]
            continue
        assert found in [meaning(parse(one), scene) for one in meant if one != "?"], text


@pytest.mark.parametrize("rule", turns.RULES, ids=lambda rule: rule.name)
def test_rules_of_turns_have_an_example(rule: object) -> None:
    first, then = rule.example.split(" / ")  # type: ignore[attr-defined]
    read = analyze(then, context=Context(parse(first).steps))
    assert rule.name in [name for name, _, _ in read.rules]  # type: ignore[attr-defined]


def test_what_stands_left_is_told_from_where_the_robot_is_now() -> None:
    scene = load_scene("two_balls")
    left = find_object(described(scene.props[0], scene), scene)
    behind = replace(scene, robot_position=(4.0, 0.0), robot_yaw_deg=180.0)
    asked = Question.of(_refused("kick the red ball", behind), "kick the red ball", parse("kick the red ball"))
    read = hear("the right one", context_of(None, behind, asked))
    assert find_object(read.instruction.steps[0].object, behind).name == left.name  # type: ignore[arg-type]


def _refused(text: str, scene: SceneSpec) -> Refusal:
    with pytest.raises(Refusal) as refused:
        ground(parse(text), scene, ROBOT)
    return refused.value


def test_every_prop_is_described_so_that_no_other_is_meant() -> None:
    for name in ("playground", "two_balls"):
        scene = load_scene(name)
        for prop in scene.props:
            assert find_object(described(prop, scene), scene) is prop


def test_without_anything_before_it_a_sentence_means_what_it_means_alone() -> None:
    for text in ("kick the red ball", "turn left, then right", "再来一次走到红球"):
        try:
            alone: object = parse(text)
        except ParseError as error:
            alone = str(error)
        try:
            assert hear(text, NO_CONTEXT).instruction == alone
        except ParseError as error:
            assert str(error) == alone


# -- refusals ----------------------------------------------------------------------------------------------------------


def refusals() -> Iterator[tuple[str, Refusal]]:
    """The sentences of the test sets that are refused, here or by the robot, and how."""
    scene = load_scene("two_balls")
    for file in sorted(DATA.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines()[::30]:
            text = json.loads(line)["text"]
            try:
                read = analyze(text)
                ground(read.instruction, scene, ROBOT)
            except ParseError as error:
                yield text, error
            except GroundingError as error:
                yield text, explained(error, read, scene, (ROBOT,))


@pytest.fixture(scope="module")
def refused() -> list[tuple[str, Refusal]]:
    return list(refusals())


def test_what_is_suggested_is_understood_and_can_be_done(refused: list[tuple[str, Refusal]]) -> None:
    scene, taken = load_scene("two_balls"), 0
    for text, error in refused:
        for suggestion in error.suggestions:
            said = parse(with_suggestion(text, error.span, suggestion))
            if isinstance(error, GroundingError):
                ground(said, scene, ROBOT)
            taken += 1
    assert taken > 10


def test_refusals_show_nothing_internal(refused: list[tuple[str, Refusal]]) -> None:
    names = {"pickup", *(name for name in verbs() if "_" in name and not _is_said(name.replace("_", " ")))}
    for text, error in refused:
        told = str(error).replace(text, "")
        assert not re.search(r"[a-z]_[a-z]|\(-?\d|\d\.\d{4}|\bNone\b|\ba effort\b", told), told
        assert not any(re.search(rf"\b{name.replace('_', ' ')}\b", told) for name in names), told


def _is_said(name: str) -> bool:
    """Whether people say it too: "go to", but not "raise arm"."""
    try:
        return not analyze(f"{name} the red ball").corrections
    except ParseError:
        return False


def test_a_mandarin_sentence_is_refused_in_mandarin(refused: list[tuple[str, Refusal]]) -> None:
    for text, error in refused:
        if not re.search("[\u4e00-\u9fff]", text):
            continue
        told = re.sub(r"“.*?”|'.*?'|SCAN", "", str(error))
        assert not re.search("[A-Za-z]{3}", told), (text, str(error))


def test_help_is_answered_in_the_language_that_asks() -> None:
    for text, language in (("what can you do?", "en"), ("help", "en"), ("你会做什么？", "zh"), ("帮助", "zh")):
        with pytest.raises(ParseError) as answered:
            parse(text)
        told = str(answered.value)
        assert all(get_locale(language).canonical(verbs()[verb]) in told for verb in skills())
        assert "_" not in told and locales()[language]
