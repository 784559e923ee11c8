"""Verbs are open: what is to be known of one stands in its skill's own file, and no list of verbs anywhere else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from simonsays.envs.instruction.encoding import ENCODED_VERBS, StepView, check_encoded, encode
from simonsays.envs.instruction.sentences import gather
from simonsays.envs.language.instruction import Step
from simonsays.envs.language.vocabulary import verbs
from simonsays.envs.moves.skill import GroundingError, goal_of
from simonsays.envs.skills import skills
from simonsays.sim.pictures.cameras import CAMERAS
from simonsays.sim.robots import get_robot

ROOT = Path(__file__).resolve().parents[2]
OWN = ("envs/skills/", "envs/language/")
"""the skills' own files; the language, which has tests of its own"""
ALLOWED = {
    "envs/instruction/encoding.py": "ENCODED_VERBS and GESTURES: the frozen width of a learned policy",
    "experiments/benchmark/judge_arms.py": "one independent test a verb, found by being there",
    "experiments/benchmark/judge_gestures.py": "the same",
    "experiments/benchmark/judge_legs.py": "the same",
    "envs/moves/performances.py": "the pause between two sentences",
    "experiments/benchmark/judge_things.py": "the same",
    "experiments/exams/public/babyai.py": "the published grammar's verbs, to ours",
    "experiments/exams/public/gscan.py": "the same",
    "experiments/exams/public/scan.py": "the same",
    "experiments/cli/_performing.py": "a performance, told of as a sentence",
    "experiments/scene_text.py": "people who walk or run along a path",
    "experiments/live/protocol.py": "actions of the page: stop and push are its buttons",
}
MOTIONS = {"crouch", "jump"}


def names(node: ast.AST) -> set[str]:
    """The verbs among the strings of a literal, or the one that a string is."""
    parts: list[ast.expr | None] = []
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        parts = list(node.elts)
    elif isinstance(node, ast.Dict):
        parts = list(node.keys)
    elif isinstance(node, ast.Constant):
        parts = [node]
    return {part.value for part in parts if isinstance(part, ast.Constant) and part.value in verbs()}


def lists_of_verbs(source: str) -> Iterator[int]:
    """Lines with a list of verbs, a comparison of a verb with one, or a step that is made of one by its name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict) and len(names(node) - MOTIONS) > 1:
            yield node.lineno
        elif isinstance(node, ast.Compare) and any(map(names, node.comparators)):
            if ast.unparse(node.left).rpartition(".")[2] == "verb":
                yield node.lineno
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "Step" and node.args and names(node.args[0]):
            yield node.lineno


def test_no_list_of_verbs_stands_outside_the_skills() -> None:
    files = [
        file for part in ("assets", "sim", "envs", "agents", "experiments") for file in (ROOT / part).rglob("*.py")
    ]
    found = []
    for file in files:
        name = file.relative_to(ROOT).as_posix()
        if not name.startswith(OWN) and name not in ALLOWED:
            found += [f"{name}:{line}" for line in lists_of_verbs(file.read_text(encoding="utf-8"))]
    assert len(files) > 200 and not found
    assert all(list(lists_of_verbs((ROOT / name).read_text(encoding="utf-8"))) for name in ALLOWED)


@pytest.mark.parametrize(
    ("source", "bad"),
    [
        ('A = ("walk", "run")', True),
        ('A = {"turn": 1, "wave": 2}', True),
        ('if step.verb == "turn": pass', True),
        ('if verb in ("turn", "x"): pass', True),
        ('Step("walk")', True),
        ('A = ("crouch", "jump", "gait")', False),
        ('if step.motion == "jump" or kind == "push": pass', False),
        ('A = {"run": 1, "seed": 2}', False),
    ],
)
def test_lists_of_verbs_are_found(source: str, bad: bool) -> None:
    assert bool(list(lists_of_verbs(source))) is bad


@pytest.mark.parametrize("verb", sorted(skills()))
def test_traits_make_sense(verb: str) -> None:
    skill = skills()[verb]
    assert skill.looks_like is None or (skill.looks_like in skills() and skill.looks_like != verb)
    assert skill.cameras and set(skill.cameras) <= set(CAMERAS)
    if skill.goal == "line":
        assert skill.straight is not None and {"direction", "distance", "steps", "duration"} <= set(skill.slots)
    if skill.walks_up or skill.moves or skill.goal == "object":
        assert "object" in skill.slots
    if skill.moves:
        assert skill.walks_up and "object2" in skill.slots
    assert goal_of(Step(verb)) == skill.goal


def test_a_verb_that_no_skill_does_has_no_goal() -> None:
    assert goal_of(Step("sit")) is None


def test_the_encoding_refuses_verbs_that_it_has_no_number_for() -> None:
    assert encode(StepView(Step("walk")))[: len(ENCODED_VERBS)] == [1.0] + [0.0] * (len(ENCODED_VERBS) - 1)
    assert check_encoded("squat") == "squat"
    for view in (StepView(Step("salute")), StepView(Step("walk"), beside=Step("salute"))):
        with pytest.raises(GroundingError, match="'salute' has no place in encoding 1"):
            encode(view)


def test_an_instruction_that_is_not_encoded_is_refused_before_it_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simonsays.envs.instruction.encoding.ENCODED_VERBS", ("walk",))
    assert len(gather(["walk forward"], get_robot("g1"), None, 9)) == 1
    with pytest.raises(GroundingError, match="'wave' has no place"):
        gather(["wave"], get_robot("g1"), None, 9)
