"""Languages: rules with their examples, a third one from a folder, and no word of one outside its own."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simonsays.assets import InputError
from simonsays.envs.language import (
    Instruction,
    Locale,
    ParseError,
    analyze,
    detect,
    get_locale,
    known,
    locales,
    parse,
    register_locale,
    render,
)
from simonsays.envs.language.locale import Rule
from simonsays.envs.language.reading.rules import RULES
from simonsays.envs.plan.plan import captions, ground
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
    del known._OWN["eo"]


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


BROKEN = [
    ("grammar.lark", "text: ", "words: ", r"grammar\.lark: .*'text' comes first"),
    ("grammar.lark", "THEN VERB", "VERB", r"grammar\.lark: .*THEN.*%declare"),
    ("grammar.lark", "SECONDS", "SECUNDS", r"no kind of token 'SECUNDS'; did you mean 'SECONDS'"),
    ("grammar.lark", "COMMA | ", "", "grammar\\.lark: needs a token 'COMMA'"),
    ("grammar.lark", "clause", "sentence", "grammar\\.lark: needs a rule 'clause'"),
    ("grammar.lark", " | LIMB", "", r"phrases\.toml \[LIMB\]: grammar\.lark does not use this token"),
    ("phrases.toml", "[THEN]", "[THAN]", r"phrases\.toml \[THAN\]: no kind of token; did you mean 'THEN'"),
    ("phrases.toml", "forward =", "onward =", r"\[DIRECTION\]: 'onward' is none of its values"),
    ("phrases.toml", '"1.0" = ["metro', '"one" = ["metro', r"\[LENGTH\]: 'one' is none of its values.* number"),
    ("phrases.toml", '"du"', '"unu"', r"\[NUMBER\]: 'unu' stands under both '1.0' and '2.0'"),
    ("phrases.toml", '"kaj"', '"(kaj"', r"'\(kaj': a bracket is missing"),
    ("phrases.toml", '"kaj"', '"{kaj}"', "KeyError: 'kaj'"),
    ("phrases.toml", '["kaj"]', "kaj", r"phrases\.toml: Invalid value"),
    ("verbs.toml", "wave", "weave", r"verbs\.toml \[VERB\]: no skill 'weave'.*did you mean 'wave'"),
    ("verbs.toml", "walk =", '"walk sideways" =', "'sideways' is no slot with its value"),
    ("verbs.toml", "svingu|", "iru|", r"'iru' stands under both 'walk' and 'wave'"),
    ("verbs.toml", "[VERB]", "[VERBS]", r"\[VERBS\]: no such table; it has \[VERB\] and \[ACTION\]"),
    ("render.toml", "[words]", "[word]", r"render\.toml \[words\]: the table is missing"),
    ("render.toml", "both =", "all =", r"render\.toml \[joints\]: both is missing"),
    ("locale.py", '"eo", ', '"en", ', "language 'en': that of .*language/en has this code"),
    ("locale.py", "class", "import grzk\nclass", r"locale\.py: ModuleNotFoundError: No module named 'grzk'"),
    ("locale.py", "\n\n\nLOC", "\n    share = lambda self, text: 2.0\n\n\nLOC", "share: must be from 0 to 1, not 2.0"),
    ("locale.py", "\n\n\nLOC", "\n    inflections = lambda self, text: 1 / 0\n\n\nLOC", "ZeroDivisionError"),
]


@pytest.mark.parametrize(("file", "old", "new", "told"), BROKEN, ids=[f"{one[0]} {one[2]!r}" for one in BROKEN])
def test_a_mistake_in_a_locale_is_told_and_breaks_nothing(
    file: str, old: str, new: str, told: str, tmp_path: Path
) -> None:
    shutil.copytree(ESPERANTO, tmp_path / "eo")
    text = (tmp_path / "eo" / file).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "eo" / file).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=f"(?s){told}"):
        register_locale(tmp_path / "eo")
    assert list(locales()) == ["en", "zh"]
    assert parse("walk forward two metres") == parse("向前走两米")


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("locale.toml", "[cost]\nVERBO = 1", r"locale\.toml \[cost\]: no kind of token 'VERBO'; did you mean 'VERB'"),
        ("locale.toml", "[idioms]\nleap = '('", r"locale\.toml \[idioms\] leap: '\('"),
        ("things.toml", "[type]\nball = 'pilko'", r"things\.toml \[type\]: no such table"),
        ("things.toml", "[types]\nball = 'kruko'\nbox = 'kruko'", "'kruko' stands under both 'ball' and 'box'"),
        ("things.toml", "[types]\nball = 'pilko'", r"render\.toml \[thing\]: the table is missing"),
    ],
)
def test_a_mistake_in_a_file_that_may_be_left_out_is_told(file: str, text: str, told: str, tmp_path: Path) -> None:
    shutil.copytree(ESPERANTO, tmp_path / "eo")
    (tmp_path / "eo" / file).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=told):
        register_locale(tmp_path / "eo")
    assert list(locales()) == ["en", "zh"]


def test_a_template_that_a_language_has_not_is_named(esperanto: Locale) -> None:
    with pytest.raises(InputError, match=r"'eo': render\.toml has no template 'speed' for 'walk'"):
        render(parse("walk at one metre per second"), "eo")


@pytest.mark.parametrize("check", [known._grammar, known._things, known._rest, known._verbs])
@pytest.mark.parametrize("code", ["en", "zh"])
def test_the_shipped_languages_pass_the_checks(check: Callable[[Locale], Iterator[str]], code: str) -> None:
    """But for words of theirs that stand twice: what is said beside them tells these apart."""
    assert not [told for told in check(get_locale(code)) if "stands under both" not in told]


LANGUAGE = ROOT / "envs" / "language"
NEUTRAL = [file for file in sorted(LANGUAGE.rglob("*.py")) if file.relative_to(LANGUAGE).parts[0] not in ("en", "zh")]
NEUTRAL += [ROOT / "envs" / "plan" / "plan.py"]
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
