"""Languages: rules with their examples, a third one from a folder, and no word of one outside its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from simonsays.envs.language import (
    Instruction,
    Locale,
    ParseError,
    analyze,
    detect,
    parse,
    register_locale,
    render,
)
from simonsays.envs.language.locale import _LOCALES, Rule
from simonsays.envs.language.reading.rules import RULES
from simonsays.envs.plan.captions import captions
from simonsays.envs.plan.plan import ground
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import SceneSpec

ROOT = Path(__file__).parents[2]
ESPERANTO = ROOT / "tests" / "data" / "esperanto"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_example_of_a_rule_is_read_by_it(rule: Rule) -> None:
    try:
        fired = [name for name, _, _ in analyze(rule.example).rules]
    except ParseError as error:
        fired = list(error.rules)
    assert rule.name in fired


@pytest.fixture
def esperanto() -> Iterator[Locale]:
    yield register_locale(ESPERANTO)
    del _LOCALES["eo"]


SAID = {
    "Iru antaŭen du metrojn.": {"verb": "walk", "direction": "forward", "distance_m": 2.0},
    "turnu vin maldekstren 90 gradojn": {"verb": "turn", "direction": "left", "angle_deg": 90.0},
    "bonvolu svingu la manon dek fojojn": {"verb": "wave", "count": 10},
}


def test_a_language_from_a_folder_is_told_read_and_rendered(esperanto: Locale) -> None:
    for text, step in SAID.items():
        assert detect(text) == "eo"
        made = parse(text)
        assert made.to_json()["steps"] == [step]
        assert parse(render(made, "eo")) == parse(render(made, "en")) == parse(render(made, "zh")) == made
    assert detect("walk forward two metres") == "en" and detect("向前走") == "zh"
    both = parse("iru du metrojn kaj turnu vin dekstren, poste svingu")
    assert [step.verb for step in both.steps] == ["walk", "turn", "wave"]
    assert render(both, "eo") == "iru 2 metrojn, poste turnu vin dekstren, poste svingu"
    with pytest.raises(ParseError, match="saltu"):
        parse("iru kaj saltu", "eo")


def test_what_is_said_in_it_can_be_done(esperanto: Locale) -> None:
    plan = ground(parse("iru antaŭen du metrojn, poste svingu"), SceneSpec(), get_robot("g1"))
    assert [step.text for step in plan.steps] == ["walk forward 2 metres", "wave the right hand 3 times"]
    assert captions(plan, "eo")[0] == "iru antaŭen 2 metrojn"


def test_a_folder_that_is_no_language_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no locale\.py"):
        register_locale(tmp_path)
    (tmp_path / "locale.py").write_text("LOCALE = 3\n")
    with pytest.raises(ValueError, match="needs LOCALE"):
        register_locale(tmp_path)
    with pytest.raises(ValueError, match="use 'en' or 'zh'"):
        render(Instruction(parse("wave").steps), "tlh")


LANGUAGE = ROOT / "envs" / "language"
NEUTRAL = [file for file in sorted(LANGUAGE.rglob("*.py")) if file.relative_to(LANGUAGE).parts[0] not in ("en", "zh")]
NEUTRAL += [ROOT / "envs" / "plan" / "captions.py"]
FUNCTION_WORDS = {"the", "a", "an", "and", "then", "before", "after", "until", "while", "with", "to", "at", "on", "by"}
FUNCTION_WORDS |= {"me", "us", "it", "them", "this", "your", "back", "do", "not"}


@pytest.mark.parametrize("file", NEUTRAL, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_language_is_spelt_out_beside_its_locale(file: Path) -> None:
    """Beside messages, which are in English, and documentation: no words to compare with, no rules of spelling."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            assert node.attr != "isascii", f"line {node.lineno}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            spelling = node.func.attr in ("startswith", "endswith", "removesuffix", "removeprefix")
            said = " ".join(ast.unparse(argument) for argument in node.args) if spelling else ""
            assert not re.search(r"[^\W\d_]", said) or not re.search(r"['\"]", said), f"line {node.lineno}: {said}"
        if isinstance(node, ast.Compare | ast.Assign | ast.AnnAssign | ast.Dict | ast.Set | ast.Tuple):
            strings = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant))
            words = {one for one in strings if isinstance(one, str)}
            assert not words & FUNCTION_WORDS, f"line {node.lineno}: {words & FUNCTION_WORDS}"
