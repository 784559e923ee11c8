"""Languages: rules with their examples, a third one from a folder, and no word of one outside its own."""

from __future__ import annotations

import ast
import contextlib
import re
import shutil
import textwrap
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
    ("grammar.lark", "text: ", "words: ", r"grammar\.lark.*'text' comes first"),
    ("grammar.lark", "THEN VERB", "VERB", r"grammar\.lark, line \d+: .*'THEN'.*%declare"),
    ("grammar.lark", "SECONDS", "SECUNDS", r"no kind of token 'SECUNDS'; did you mean 'SECONDS'"),
    ("grammar.lark", "COMMA | ", "", "grammar\\.lark: needs a token 'COMMA'"),
    ("grammar.lark", "clause", "sentence", "grammar\\.lark: needs a rule 'clause'"),
    ("grammar.lark", " | LIMB", "", r"phrases\.toml \[LIMB\]: grammar\.lark does not use this token"),
    ("phrases.toml", "[THEN]", "[THAN]", r"phrases\.toml \[THAN\]: no kind of token; did you mean 'THEN'"),
    ("phrases.toml", "forward =", "onward =", r"\[DIRECTION\]: 'onward' is none of its values"),
    ("phrases.toml", '"1.0" = ["metro', '"one" = ["metro', r"\[LENGTH\]: 'one' is none of its values.* number"),
    ("phrases.toml", '"du"', '"unu"', r"\[NUMBER\]: 'unu' stands under both '1.0' and '2.0'"),
    ("phrases.toml", '"kaj"', '"(kaj"', r"'\(kaj': a bracket is missing"),
    ("phrases.toml", '"kaj"', '"{kaj}"', r"phrases\.toml \[AND\]: '{kaj}': no {kaj} in \[names\]"),
    ("phrases.toml", '["kaj"]', '"kaj"', r"phrases\.toml \[AND\]: needs a list of texts, not 'kaj'"),
    ("phrases.toml", '"kaj"', '""', r"phrases\.toml \[AND\]: '': a phrase without a word"),
    ("phrases.toml", '"kaj"', '"kaj["', r"phrases\.toml \[AND\]: 'kaj\[': '\[' means nothing"),
    ("phrases.toml", '"1.0" = ["metro', '"0" = ["metro', r"\[LENGTH\]: '0' is none of its values"),
    ("phrases.toml", '["du"]', '["du|Unu"]', r"\[NUMBER\]: 'unu' stands under both"),
    ("grammar.lark", "THEN VERB", "THEN FOO VERB", r"grammar\.lark: no kind of token 'FOO'"),
    ("grammar.lark", "THEN VERB", "THEN COLOR VERB", r"grammar\.lark: %declare names 'COLOR', which no rule uses"),
    ("grammar.lark", "THEN VERB", "THEN THEN VERB", r"grammar\.lark, line \d+: .*'THEN'.* more than once"),
    (
        "grammar.lark",
        "clause: VERB modifier*",
        "clause: VERB (modifier*",
        r"grammar\.lark: Unexpected token '.n' at line",
    ),
    ("verbs.toml", "walk =", '"walk direction=onward" =', r"no direction 'onward'; did you mean 'forward'|known"),
    ("render.toml", "{distance}", "{distanco}", r"\[step\] step: .*no part {distanco}; did you mean 'distance'"),
    ("render.toml", "[ {count}]", "[ {count}", r"\[step\] step: .*a bracket is missing"),
    ("render.toml", "direction = {", "richtung = {", r"\[words\]: no template 'richtung'"),
    ("render.toml", 'left = "mal', 'links = "mal', r"\[words\]: direction has no word for left, which phrases\.toml"),
    (
        "locale.py",
        "\n\n\nLOC",
        "\n    numbers = lambda self, words, at: 1 / 0\n\n\nLOC",
        "line 8, in <lambda>: ZeroDivisionError",
    ),
    ("phrases.toml", "[AND]", "[THEN]", r"phrases\.toml: Cannot declare \[THEN\] twice \(at line"),
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
        ("things.toml", "[types]\nboxx = 'kesto'", "nothing is called 'boxx'; did you mean 'box'"),
        ("things.toml", "[colors]\ngreeen = 'verda'", "nothing is called 'greeen'; did you mean 'green'"),
        ("things.toml", "[types]\nball = 'pilko['", r"things\.toml \[types\] ball: 'pilko\[': '\[' means nothing"),
        ("things.toml", "[types]\nball = 'pilko'", r"render\.toml \[thing\]: the table is missing"),
    ],
)
def test_a_mistake_in_a_file_that_may_be_left_out_is_told(file: str, text: str, told: str, tmp_path: Path) -> None:
    shutil.copytree(ESPERANTO, tmp_path / "eo")
    (tmp_path / "eo" / file).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=told):
        register_locale(tmp_path / "eo")
    assert list(locales()) == ["en", "zh"]


@pytest.mark.parametrize("file", ["grammar.lark", "phrases.toml", "verbs.toml"])
def test_a_file_that_is_needed_and_missing_is_named(file: str, tmp_path: Path) -> None:
    shutil.copytree(ESPERANTO, tmp_path / "eo")
    (tmp_path / "eo" / file).unlink()
    with pytest.raises(InputError, match=f"'eo' .*: {file} is missing"):
        register_locale(tmp_path / "eo")


def written(folder: Path, code: str = "", **more: str) -> Locale:
    """Esperanto in a folder of its own, with more in its class and more at the end of its files."""
    shutil.copytree(ESPERANTO, folder)
    for name, text in more.items():
        path = folder / f"{name}.toml"
        path.write_text((path.read_text("utf-8") if path.exists() else "") + text, "utf-8")
    text = (folder / "locale.py").read_text("utf-8")
    (folder / "locale.py").write_text(text.replace("\n\n\nLOC", f"\n{textwrap.indent(code, '    ')}\n\n\nLOC"), "utf-8")
    return register_locale(folder)


@pytest.fixture
def forgotten() -> Iterator[None]:
    yield
    known._OWN.pop("eo", None)


def test_a_folder_of_the_same_name_does_not_replace_a_language(forgotten: None, tmp_path: Path) -> None:
    written(tmp_path / "a" / "eo")
    with pytest.raises(InputError, match=r"'eo': that of .*a/eo has this code"):
        written(tmp_path / "b" / "eo")
    assert get_locale("eo").folder == tmp_path / "a" / "eo"


def test_a_number_is_told_by_code_though_no_table_has_its_word(forgotten: None, tmp_path: Path) -> None:
    written(tmp_path / "eo", "def numbers(self, words, at):\n    if words[at].text == 'dudek':\n        yield 1, 20.0")
    assert detect("iru dudek metrojn") == "eo" and parse("iru dudek metrojn").steps[0].distance_m == 20.0


def test_capitals_of_patterns_are_those_of_what_is_said(forgotten: None, tmp_path: Path) -> None:
    written(tmp_path / "eo", verbs='run = ["Kuru"]\n')
    assert parse("kuru", "eo") == parse("KURU", "eo") == parse("run") and render(parse("run"), "eo") == "Kuru"


@pytest.mark.parametrize("method", ["share(self, text)", "words(self, text)", "numbers(self, words, at)"])
def test_what_a_locale_raises_is_told_of_its_sentences_alone(method: str, forgotten: None, tmp_path: Path) -> None:
    name, _, called = method.partition("(")
    flag = tmp_path / "broken"
    (tmp_path / "own").mkdir()
    given = ", ".join(called.strip(")").split(", ")[1:])
    code = f"def {method}:\n    from pathlib import Path\n    if Path({str(flag)!r}).exists():"
    code += "\n        raise RuntimeError('mine')"
    written(tmp_path / "own" / "eo", f"{code}\n    return super().{name}({given})")
    flag.touch()
    told = rf"'eo': .*eo.locale\.py, line \d+, in {name}: RuntimeError: mine"
    with pytest.warns(UserWarning, match=told) if name != "numbers" else contextlib.nullcontext():
        assert parse("walk two metres").steps[0].distance_m == 2.0
    if name != "share":
        with pytest.raises(InputError, match=told):
            parse("iru du metrojn", "eo")


def test_suggestions_are_of_the_language_that_knows_more_words(forgotten: None, tmp_path: Path) -> None:
    written(tmp_path / "eo")
    with pytest.raises(ParseError, match="'rapidege'") as caught:
        parse("svingu rapidege")
    assert caught.value.text and detect("svingu rapidege") == "eo" and detect("wave rapidege") == "en"


UNSAID = {
    "walk slowly": "speed",
    "wave with your left hand": "hand",
    "jump": r"\[VERB\] has no word for 'jump'",
    "walk at one metre per second": "'speed'",
}


@pytest.mark.parametrize("text", UNSAID)
def test_what_a_language_cannot_say_is_named_and_never_left_out(text: str, esperanto: Locale) -> None:
    with pytest.raises(InputError, match=UNSAID[text]):
        render(parse(text), "eo")


THINGS = {
    "render": '[thing]\nobject = "{type}[ {color}]"\ndefinite = ["", ""]\n',
    "things": "[types]\nball = 'Pilkon'\n[colors]\nred = 'ruĝan'\n",
    "verbs": "kick = ['piedbatu']\n",
}


def test_a_thing_is_said_whole_or_not_at_all(forgotten: None, tmp_path: Path) -> None:
    written(tmp_path / "eo", **{**THINGS, "render": THINGS["render"] + "[core.kick]\nobject = '{verb} {object}'\n"})
    assert render(parse("kick the red ball"), "eo") == "piedbatu Pilkon ruĝan"
    for text, told in (
        ("kick the left ball", "location"),
        ("kick the big ball", "size"),
        ("kick the nearest ball", "rank"),
        ("kick the blue ball", r"\[colors\] has no word for 'blue'"),
        ("kick the box", r"\[types\] has no word for 'box'"),
    ):
        with pytest.raises(InputError, match=told):
            render(parse(text), "eo")


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
