"""Mandarin: words and numerals as typed tokens for the grammar (chinese.lark). A "word" here is one character."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import product
from typing import Any

from simonsays.envs.language.tokens import UNSUPPORTED, Phrases, Word, phrase_file
from simonsays.envs.language.vocabulary import VerbWords, alternatives, colors, object_types

GRAMMAR = "chinese.lark"

_PENALTY = {
    "ACTION": 0.25,
    "HALF_MORE": 0.1,
    "ONE": 0.3,
    "ABOUT": 0.05,
    "TURN": 0.05,
    "POST_DIRECTION": 0.03,
    "DIRECTION": 0.03,
    "AUX": 0.02,
    "WHILE": 0.02,
    "SECONDS": 0.02,
    "STEPS": 0.02,
    "AND": 0.01,
    "LIGHT": 0.03,
    "IT": 0.02,
    "SIDE": 0.01,
    "FILLER": 0.005,
    "THEN": 0.004,
    "REPEAT": 0.001,
    "SUBJECT": 0.03,
    "ADVERB": -0.005,
    "SIDED_LIMB": -0.01,
    "UNABLE": -0.01,
    "AND_THING": -0.02,
    "GO": -0.005,
    "COME": -0.01,
    "HAVE": 0.4,
    "ADDRESS": -0.02,
    "IN_ORDER": -0.02,
    "EACH": -0.03,
    "PIECES": 0.7,
}
"""of readings that take equally long phrases, which is meant"""
_LONE = {("THEN", "一"): 1.3, ("RELATION", "去"): 0.997}
"""一 is a number first; 到门口去"""
_VARIANTS = {"着": "着", "著": "着", "牠": "它", "祂": "它", "妳": "你", "週": "周", "裏": "里", "乾": "干"}
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩"
_NUMBERED = re.compile(r"(?:(?<![^\s，,。；;！!])|(?<=^))[0-9０-９]{1,2}(?=[.．、)）:：]\s*[^\d\s])")
_PIECE = re.compile(r"[a-z0-9]+|\S")

_WAYS = {
    "forward": ("前", "前方", "前面", "前边", "前头", "正前方", "正前"),
    "backward": ("后", "后方", "后面", "后边", "后头", "正后方"),
    "left": ("左", "左边", "左侧", "左面", "左方", "左手边", "左手", "左侧方"),
    "right": ("右", "右边", "右侧", "右面", "右方", "右手边", "右手", "右侧方"),
}
_TOWARDS = ("向", "往", "朝", "冲", "向着", "朝着", "往着", "对着", "从", "靠")
_OWN = ("", "你的", "你", "自己的", "他的", "她的", "它的", "我的", "身体")
_OWNERS = ("", "你的", "自己的", "他的", "她的", "它的", "那只")
_COUNTED = ("两脚", "两拳", "两腿")
"""踢两脚 is to kick twice"""
_STEPPING = {
    "walk": "走移挪行撤退闪",
    "run": "跑冲",
    "step": "跨迈踏",
    "jump": "跳蹦跃",
    "turn": "转拐",
    "look": "看瞧望",
}
_OBJECTS = frozenset("手头躬腰身步路拳礼")
_UNCOUNTED = frozenset("手头躬腰身")
"""what the verbs that come apart take: 点头, 鞠躬, 转身"""
_BETWEEN_COUNTED = "了 起 过 完 完了 好".split()  # noqa: SIM905
_BETWEEN_PARTS = "了 个 了个 一个 了一个 下 一下 了一下 几下 了几下 一 了一 起 过 完 完了 上 上一 好".split()  # noqa: SIM905
_COMMON_MEASURES = 24
_BARE_THAT = ("那", "这")

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2, "仨": 3}
_POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
_RADIX = (
    (("分钟", "分"), ("秒",), 60),
    (("小时", "个小时", "个钟头"), ("分",), 60),
    (("米", "公尺"), ("厘米", "公分"), 100),
    (("米", "公尺"), ("分米",), 10),
    (("公里", "千米"), ("米",), 1000),
    (("英尺",), ("英寸",), 12),
    (("圈",), ("度",), 360),
)
"""a larger unit, the smaller one that may follow it, and how many of it make one: 一分三十秒 is 90 秒"""


@cache
def _converter() -> Any:
    import opencc  # its tables take 10 ms, and English does without

    return opencc.OpenCC("t2s")


def simplified(text: str) -> str:
    """The text in simplified characters, place for place; what numbers a list (1. ②) begins a sentence."""
    text = _NUMBERED.sub(lambda match: ";" * len(match.group()), text)
    return "".join(_one(character) for character in text)


@lru_cache(maxsize=4096)
def _one(character: str) -> str:
    if character in _CIRCLED:
        return ";"
    made = str(_converter().convert(character)) if "\u3400" <= character <= "\u9fff" else character
    return _VARIANTS.get(made, made) if len(made) == 1 else character


def cost(kind: str, count: int, word: str) -> float:
    """What a token of ``count`` characters, of which ``word`` is the first, costs: long phrases are cheap."""
    if count == 1:
        lone = _LONE.get((kind, word), 1.1 if kind == "FILLER" else 0.0)
        if lone:
            return lone
    return count - 0.01 * (count - 1) + _PENALTY.get(kind, 0.0)


def unsupported(word: str) -> bool:
    """Whether the word is of an action that people say and no Instruction can."""
    return any(word in phrase for _, said in phrase_file("chinese.toml")[UNSUPPORTED] for phrase in said)


def phrases(verbs: Mapping[str, VerbWords]) -> Phrases:
    """Phrase (a tuple of characters) to its tokens (kind, value)."""
    listed = dict(phrase_file("chinese.toml"))
    found = Phrases(_PIECE.findall)
    _add_verbs(found, verbs)
    _add_manner(found, listed.pop("MANNER"))
    found.add_all(listed)
    _add_directions(found)
    _add_each(found)
    _add_limbs(found)
    _add_things(found, listed)
    _add_numbered(found)
    found.words |= {*_DIGITS, *_POWERS, "半", "点", "分", "之", "又", "/"}
    return found


def _all(patterns: Iterable[str]) -> list[str]:
    return [phrase for pattern in patterns for phrase in alternatives(pattern)]


# -- Verbs -------------------------------------------------------------------------------------------------------


def _add_verbs(found: Phrases, verbs: Mapping[str, VerbWords]) -> None:
    for words in verbs.values():
        for phrase, fixed in words.phrases("zh"):
            _add_verb(found, words.verb, phrase, fixed)
        for noun in words.actions("zh"):
            found.add(noun, "ACTION", words.verb)
    for verb, characters in _STEPPING.items():
        for character, way in product(characters, ("left", "right")):
            _add_verb(found, verb, _WAYS[way][0] + character, {"direction": way})


def _add_verb(found: Phrases, verb: str, phrase: str, fixed: Mapping[str, Any]) -> None:
    for form, lasting in _forms(phrase):
        slots = {**fixed, "lasting": True} if lasting and verb not in ("follow", "stop", "turn") else fixed
        found.add(form, "VERB", (verb, tuple(sorted(slots.items()))))


def _forms(phrase: str) -> Iterator[tuple[str, bool]]:
    """Patterns of a verb's forms and whether each says that it goes on (着): 点头, 点点头, 点了点头, 点头点, 点着头."""
    first, rest = phrase[0], phrase[1:]
    twice = [f"{between}{first}" for between in ("", "一", "了", "了一")]
    if len(phrase) == 2 and rest in _OBJECTS:
        parts = _BETWEEN_PARTS if rest in _UNCOUNTED else _BETWEEN_COUNTED
        yield f"{first}({_either('', *parts, *twice)}){rest}|{phrase}{first}", False
        yield f"{first}着{rest}", True
    elif len(phrase) == 2:
        yield f"{phrase}(|{phrase})", False
        yield f"{phrase}着", True
    elif len(phrase) > 2:
        yield phrase, phrase.endswith("着")
        if phrase[-1] not in "着起来去":
            yield f"{phrase}着", True
    else:
        yield f"{first}({_either('', *twice, '完', '完了', '好', '好了', '过了')})", False
        yield f"{first}着", True


def _either(*words: str) -> str:
    return "|".join(words)


def _add_manner(found: Phrases, listed: Iterable[tuple[str | None, list[str]]]) -> None:
    """How something is done, where nothing asks for it: 认真, 认真地, 认认真真地, 很认真地."""
    for form, said in listed:
        words = _all(said)
        after = "" if form is not None else "|点|一点|一些|点儿|一点地"
        found.add(f"(|很|非常|十分|更)({_either(*words)})(|地|的{after})", "FILLER", None)
        twice = [word[0] * 2 + word[1] * 2 for word in words if len(word) == 2 and word[0] != word[1]]
        if form is None:
            found.add(f"({_either(*twice)})(|地|的)", "FILLER", None)


# -- Directions, limbs and things --------------------------------------------------------------------------------


def _add_directions(found: Phrases) -> None:
    for name, ways in _WAYS.items():
        found.add(f"({_either(*_TOWARDS)})({_either(*_OWN)})({_either(*ways)})", "DIRECTION", name)


def _add_each(found: Phrases) -> None:
    """What is done on each of two sides: 左右各看一眼, 两只手各挥三下."""
    each = "(都|)(各|各自|分别|都各)"
    for one, other, near, far in (
        ("left", "right", "左", "右"),
        ("right", "left", "右", "左"),
        ("forward", "backward", "前", "后"),
    ):
        pair = f"{near}{far}|{near}边{far}边|{near}边(和|跟|、){far}边|{near}(和|跟|、){far}"
        said = f"(往|向|朝|)({pair})(两边|两侧|两面|两个方向|)"
        towards = f"(往{near}往{far}|向{near}向{far}|往{near}(边|)和往{far}(边|)|向{near}(边|)和向{far}(边|))"
        found.add(f"({said}|{towards}){each}", "EACH", (("DIRECTION", one), ("DIRECTION", other)))
    found.add(f"(往|向|朝|)(两边|两侧){each}", "EACH", (("DIRECTION", "left"), ("DIRECTION", "right")))
    for limb, names in (("arm", "(手|手臂|胳膊|拳)"), ("leg", "(脚|腿)")):
        pair = f"左右{names}|左{names}(和|跟|、|)右{names}"
        both = f"(用|)({pair}|双{names}|两只{names}|左右两只{names}|两条{names}|两边的{names})"
        found.add(both + each, "EACH", (("PRE_LIMB", (limb, "left")), ("PRE_LIMB", (limb, "right"))))


def _add_limbs(found: Phrases) -> None:
    sides = {"left": "左", "right": "右", "both": "双|两只|两|左右|左右两只|两条", "other": "另一只|另外一只|另一条|另"}
    for limb, names in (("arm", "手|手臂|胳膊|臂|拳|手掌|臂膀"), ("leg", "脚|腿|只脚|条腿")):
        for value, said in sides.items():
            for side in said.split("|"):
                named = [name for name in names.split("|") if side + name not in _COUNTED]
                for kind in ("PRE_LIMB", "SIDED_LIMB"):
                    found.add(f"({_either(*_OWNERS)}){side}({_either(*named)})", kind, (limb, value))


def _add_things(found: Phrases, listed: Mapping[str, list[tuple[Any, list[str]]]]) -> None:
    measures = [word for _, said in listed["MEASURE"] for word in _all(said)]
    measure, that = f"({_either(*measures)})", f"({_either(*_BARE_THAT)})"
    found.add(that + measure, "THE", None)
    found.add(f"(|的){that}{measure}|的", "ONE", None)
    found.add(f"(一|某|某一|随便一|任意一|任何一|随便哪){measure}", "A", None)
    for number in range(1, 11):
        digit = "一二三四五六七八九十"[number - 1]
        found.add(f"第({digit}|{number}){measure}|第{digit}近的", "ORDINAL", number)
    those = f"(的|{that}({_either(*measures[:_COMMON_MEASURES])}))"
    for kind in ("RELATION", "BETWEEN"):
        for value, said in listed[kind]:
            places = [word for word in _all(said) if word not in ("那", "边") and word[-1] not in "去处"]
            found.add(f"({_either(*places)}){those}", f"{kind}_DE", value)
    for name, words in object_types("zh").items():
        for word in words:
            found.add(word, "NOUN", name)
    for name, words in colors("zh").items():
        for word in words:
            for form in (word, f"{word}的"):
                found.add(form, "COLOR", name)


def _add_numbered(found: Phrases) -> None:
    """Counts with a cross (x3), and what follows a unit as its decimals (一米二)."""
    for number in range(1, 21):
        found.add(f"(x|×|*) {number}", "COUNT", number)
    digits = "零一二三四五六七八九"
    for tens in range(10):
        if tens:
            found.add(f"{digits[tens]}|{tens}", "HALF_MORE", tens / 10)
        for ones in range(1, 10):
            found.add(f"{digits[tens]}{digits[ones]}|{tens}{ones}", "HALF_MORE", (tens * 10 + ones) / 100)


# -- Numbers -----------------------------------------------------------------------------------------------------


def numbers(words: Sequence[Word], start: int) -> Iterator[tuple[int, float]]:
    """Numerals from ``start`` on: (how many characters, value)."""
    if words[start].text == "半":
        if _text(words, start + 1, 1) != "径":
            yield (2 if _text(words, start + 1, 1) == "个" else 1), 0.5
        return
    end, value = _numeral(words, start)
    if end == start:
        return
    if _text(words, end, 2) == "分之":
        after, part = _numeral(words, end + 2)
        if after > end + 2:
            yield after - start, part / (value or 1.0)
        return
    if _text(words, end, 1) == "/" and words[start].number is not None:
        after, whole = _numeral(words, end + 1)
        if after > end + 1 and whole:
            yield after - start, value / whole
    softened = end - start == 1 and words[start].text == "一" and _text(words, end, 1) == "下"
    if not softened and words[start].number is None:  # 一下 only softens what is asked
        yield end - start, value
    if _text(words, end, 2) == "个半":
        yield end + 2 - start, value + 0.5
    yield from _mixed(words, start, end, value)


def _mixed(words: Sequence[Word], start: int, end: int, value: float) -> Iterator[tuple[int, float]]:
    """A numeral in two units, of which the second is left standing: 一分三十 before 秒."""
    for larger, smaller, factor in _RADIX:
        for unit in larger:
            if _text(words, end, len(unit)) != unit:
                continue
            second = end + len(unit)
            second += _text(words, second, 1) in ("零", "又")
            after, part = _numeral(words, second)
            if after > second and any(_text(words, after, len(small)) == small for small in smaller):
                yield after - start, value * factor + part


def _text(words: Sequence[Word], start: int, count: int) -> str:
    return "".join(word.text for word in words[start : start + count])


def _numeral(words: Sequence[Word], start: int) -> tuple[int, float]:
    """Where a numeral that begins at ``start`` ends, and its value; it ends where it begins if there is none."""
    if start < len(words) and words[start].number is not None:
        value = float(words[start].number or 0.0)
        end = start + 1
        if _text(words, end, 1) in ("万", "百") or (_text(words, end, 1) == "千" and _text(words, end + 1, 1) != "米"):
            return end + 1, value * _POWERS[words[end].text]
        return end, value
    total, digit, power, i = 0.0, -1.0, 1, start
    while i < len(words):
        text = words[i].text
        if text in _DIGITS and not (digit > 0):
            digit = float(_DIGITS[text])
            power = 1 if digit == 0 else power
        elif text in _POWERS and (i > start or text == "十"):
            power = _POWERS[text]
            total = (total + max(digit, 0)) * power if text == "万" else total + (digit if digit > 0 else 1.0) * power
            digit = -1.0
        else:
            break
        i += 1
    if i == start:
        return start, 0.0
    value = total + max(digit, 0.0) * (power // 10 if total and digit > 0 and power >= 100 else 1)  # 一百二 is 120
    if _text(words, i, 1) == "点" and _text(words, i + 1, 1) in _DIGITS:
        i, scale = i + 1, 1.0
        while i < len(words) and words[i].text in _DIGITS:
            scale /= 10
            value += _DIGITS[words[i].text] * scale
            i += 1
    return i, round(value, 6)
