"""The instruction sets: they mean what they say, stand in their scenes, and do not leak into each other."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import combinations
from math import dist, prod
from pathlib import Path

import pytest

from simonsays.assets import InputError
from simonsays.envs.language import Instruction, ObjectRef, Step, parse
from simonsays.envs.language.instruction import PLACE, START
from simonsays.envs.plan.grounding import find_object
from simonsays.experiments.instruction_sets import (
    FOLDER,
    SPLITS,
    Example,
    generate,
    load_split,
    normalised,
)
from simonsays.experiments.instruction_sets.usage import HELD_OUT_EVERY, held_out_slots, usages
from simonsays.sim.specs import COLORS, SHAPES, PropSpec, SceneSpec, load_scene

HELD_OUT_SLOTS = held_out_slots()
HELD_OUT_TYPES = {verb: usage.held_out_type for verb, usage in usages().items() if usage.held_out_type}


@cache
def split(name: str) -> tuple[Example, ...]:
    return load_split(name)


def steps_of(name: str) -> list[Step]:
    return [step for example in split(name) for step in example.instruction.steps]


def named(step: Step) -> list[ObjectRef]:
    """Every thing that a step names, those that a place is told by included; not the start."""
    found = [ref for ref in (step.object, step.object2) if ref is not None]
    found += [inner for ref in found for inner in (ref.object, ref.object2) if inner is not None]
    return [ref for ref in found if ref.type not in (PLACE, START)]


def object_pairs(name: str) -> set[tuple[str, str, str | None]]:
    return {(step.verb, ref.type, ref.color) for step in steps_of(name) for ref in named(step)}


def slot_pairs(name: str) -> set[tuple[str, str]]:
    return {
        (step.verb, field)
        for step in steps_of(name)
        for field in step.to_json()
        if field not in ("verb", "parallel_with_prev")
    }


def new_object(pair: tuple[str, str, str | None]) -> bool:
    """The rule as the module's docstrings tell it, worked out a second time."""
    verb, kind, color = pair
    if HELD_OUT_TYPES.get(verb) == kind:
        return True
    places = list(usages()).index(verb) + list(SHAPES).index(kind)
    return color is not None and (places + list(COLORS).index(color)) % HELD_OUT_EVERY == 0


@pytest.mark.parametrize("name", SPLITS)
def test_a_split_is_large_varied_and_partly_mandarin(name: str) -> None:
    examples = split(name)
    assert 300 <= len(examples) <= 400
    assert 0.15 <= sum(example.language == "zh" for example in examples) / len(examples) <= 0.25
    for example in examples:
        assert (example.language == "zh") == any("\u3400" <= c <= "\u9fff" for c in example.text), example.text
    texts = [normalised(example.text) for example in examples]
    assert len(set(texts)) == len(texts)
    assert len({example.instruction for example in examples}) == len(examples)


@pytest.mark.parametrize("name", SPLITS)
def test_the_parser_reads_what_is_meant(name: str) -> None:
    wrong = [example.text for example in split(name) if parse(example.text) != example.instruction]
    assert not wrong


def test_the_files_are_what_is_generated() -> None:
    made = generate()
    assert tuple(made) == SPLITS
    assert sorted(file.stem for file in FOLDER.glob("*.toml")) == sorted(SPLITS)
    for name, text in made.items():
        assert (FOLDER / f"{name}.toml").read_bytes() == text.encode()
    assert generate() == made


def test_every_verb_of_the_contract_occurs() -> None:
    assert {step.verb for step in steps_of("train")} == set(usages())


def test_no_sentence_is_in_two_splits() -> None:
    texts = {name: {normalised(example.text) for example in split(name)} for name in SPLITS}
    for a, b in combinations(SPLITS, 2):
        assert not texts[a] & texts[b], (a, b)


def test_a_paraphrase_means_what_a_train_sentence_means_in_other_words() -> None:
    train = {(example.instruction, example.scene_name): example for example in split("train")}
    for example in split("paraphrase"):
        twin = train[example.instruction, example.scene_name]
        assert normalised(twin.text) != normalised(example.text)
        assert twin.scene == example.scene
    assert len(split("paraphrase")) == len(train)


@pytest.mark.parametrize("name", ["train", "paraphrase", "long"])
def test_what_is_held_out_occurs_in_composition_alone(name: str) -> None:
    assert not slot_pairs(name) & HELD_OUT_SLOTS
    assert not [pair for pair in object_pairs(name) if new_object(pair)]


def test_every_composition_has_something_new_made_of_what_is_known() -> None:
    assert slot_pairs("composition") >= HELD_OUT_SLOTS
    seen = [pair for pair in object_pairs("composition") if new_object(pair)]
    assert {(verb, kind) for verb, kind, _ in seen} >= set(HELD_OUT_TYPES.items())
    for example in split("composition"):
        slots = {(step.verb, field) for step in example.instruction.steps for field in step.to_json()}
        things = [(s.verb, ref.type, ref.color) for s in example.instruction.steps for ref in named(s)]
        assert slots & HELD_OUT_SLOTS or any(map(new_object, things)), example.text
    train, new = object_pairs("train"), object_pairs("composition")
    for part in range(3):
        assert {pair[part] for pair in new} <= {pair[part] for pair in train}
    for part in range(2):
        assert {pair[part] for pair in slot_pairs("composition")} <= {pair[part] for pair in slot_pairs("train")}


def test_long_sentences_are_long_and_not_strung_together_from_train() -> None:
    examples = split("long")
    assert {len(example.instruction.steps) for example in examples} == {4, 5, 6}
    known = {example.instruction.steps for example in split("train")}
    texts = [normalised(example.text) for example in split("train") if len(example.instruction.steps) > 1]
    for example in examples:
        steps = example.instruction.steps
        assert not strung(steps, known), example.text
        assert not [text for text in texts if text in normalised(example.text)], example.text
        assert any(named(step) for step in steps), example.text
        assert any(step.count or step.steps or step.distance_m for step in steps), example.text


def strung(steps: tuple[Step, ...], known: set[tuple[Step, ...]]) -> bool:
    return not steps or any(steps[:n] in known and strung(steps[n:], known) for n in range(1, len(steps) + 1))


def test_strung_together_is_told() -> None:
    a, b, c = Step("walk"), Step("turn"), Step("wave")
    assert strung((a, b, c), {(a, b), (c,)})
    assert not strung((a, b, c), {(a, b), (b, c)})


@pytest.mark.parametrize("name", SPLITS)
def test_every_object_stands_in_its_scene_and_is_the_only_one_meant(name: str) -> None:
    for example in split(name):
        for step in example.instruction.steps:
            for ref in named(step):
                assert find(ref, example.scene), example.text
            if step.object is not None and step.object2 is not None:
                assert find(step.object, example.scene) != find(step.object2, example.scene), example.text


def find(ref: ObjectRef, scene: SceneSpec) -> PropSpec:
    """The one prop that is meant; ranks and sizes are told apart here, the rest is the plan's own search."""
    if ref.rank is None and ref.size is None:
        return find_object(ref, scene)
    alike = [prop for prop in scene.props if prop.shape == ref.type and ref.color in (None, prop.color)]
    assert len(alike) > 1
    values = {
        prop.name: prod(prop.extents) if ref.size else dist(prop.position[:2], scene.robot_position) for prop in alike
    }
    ranked = sorted(alike, key=lambda prop: values[prop.name], reverse=ref.rank == "farthest" or ref.size == "big")
    best, other = ranked[:2]
    assert ref.rank in (None, "nearest", "farthest")
    assert abs(values[best.name] / values[other.name] - 1) > 0.1, "too close to tell"
    return best


def test_an_unknown_split_is_refused_with_a_hint() -> None:
    with pytest.raises(InputError, match="did you mean 'paraphrase'"):
        load_split("paraphrases")
    with pytest.raises(InputError, match="composition, long, paraphrase, train"):
        load_split("zzz")


GOOD = 'text = "wave"\nlanguage = "en"\nscene = "empty"\nexpect = { steps = [{ verb = "wave" }] }\n'


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (GOOD.replace('"wave" }', '"fly" }'), "field expect: .*'fly' is no verb"),
        (GOOD.replace('"en"', '"fr"'), "field language: 'fr'"),
        (GOOD.replace('"empty"', '"yarp"'), "no scene 'yarp'"),
        (GOOD.replace('"empty"', "3"), "field scene: needs"),
        (GOOD.replace('"empty"', '{ props = [{ shape = "bal", color = "red", position = [1, 1] }] }'), "field shape"),
        (GOOD.replace('text = "wave"', 'text = " "'), "field text"),
        (GOOD + "note = 1", "needs text, language, scene and expect"),
        (GOOD + "[other]", "unknown key 'other'"),
        ("text = ", "not valid TOML"),
    ],
)
def test_a_wrong_entry_is_named(entry: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "train.toml").write_text("[[examples]]\n" + GOOD + "[[examples]]\n" + entry, encoding="utf-8")
    with pytest.raises(InputError, match=words) as error:
        load_split(tmp_path / "train.toml")
    assert "train.toml" in str(error.value)
    with pytest.raises(InputError, match="no such instruction set"):
        load_split(tmp_path / "long.toml")


def test_a_scene_may_be_a_table_of_the_file_or_one_of_the_shipped(tmp_path: Path) -> None:
    prop = '{ shape = "ball", color = "red", position = [1.0, 2.0] }'
    text = f"[scenes.mine]\nprops = [{prop}]\n"
    for scene in ('"mine"', f"{{ props = [{prop}] }}", '"playground"'):
        text += "[[examples]]\n" + GOOD.replace('"empty"', scene)
    (tmp_path / "train.toml").write_text(text, encoding="utf-8")
    mine, inline, shipped = load_split(tmp_path / "train.toml")
    assert [example.scene_name for example in (mine, inline, shipped)] == ["mine", "scene", "playground"]
    assert mine.scene == replace(inline.scene, name="mine")
    assert shipped.scene == load_scene("playground")
    assert mine.instruction == Instruction((Step("wave"),))


def test_texts_are_compared_without_case_marks_and_width() -> None:
    assert normalised(" Turn  LEFT, then wave. ") == normalised("turn left then wave") == "turn left then wave"
    assert normalised("向前走２米。") == normalised("向前走2米")
    assert normalised("walk 1.5 m") != normalised("walk 15 m")
