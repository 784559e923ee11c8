"""Mandarin: words and numerals as typed tokens for the grammar. A "word" here is one character."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

from simonsays.envs.language.locale import Locale
from simonsays.envs.language.tokens import UNSUPPORTED, Phrases, Word, split
from simonsays.envs.language.vocabulary import VerbWords, alternatives, is_ours
from simonsays.envs.language.zh.rules import RULES

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2, "仨": 3}
POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
_NUMERIC = frozenset({*DIGITS, *POWERS, "半"})
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


def _numbers(words: Sequence[Word], start: int) -> Iterator[tuple[int, float]]:
    """Numerals from ``start`` on: (how many characters, value)."""
    if words[start].text not in _NUMERIC and words[start].number is None:
        return
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
    ahead = _text(words, end, 3)
    for larger, smaller, factor in _RADIX:
        for unit in larger:
            if not ahead.startswith(unit):
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
            return end + 1, value * POWERS[words[end].text]
        return end, value
    total, digit, power, i = 0.0, -1.0, 1, start
    while i < len(words):
        text = words[i].text
        if text in DIGITS and not (digit > 0):
            digit = float(DIGITS[text])
            power = 1 if digit == 0 else power
        elif text in POWERS and (i > start or text == "十"):
            power = POWERS[text]
            total = (total + max(digit, 0)) * power if text == "万" else total + (digit if digit > 0 else 1.0) * power
            digit = -1.0
        else:
            break
        i += 1
    if i == start:
        return start, 0.0
    value = total + max(digit, 0.0) * (power // 10 if total and digit > 0 and power >= 100 else 1)  # 一百二 is 120
    if _text(words, i, 1) == "点" and _text(words, i + 1, 1) in DIGITS:
        i, scale = i + 1, 1.0
        while i < len(words) and words[i].text in DIGITS:
            scale /= 10
            value += DIGITS[words[i].text] * scale
            i += 1
    return i, round(value, 6)


_LONE = {("THEN", "一"): 1.3, ("RELATION", "去"): 0.997}
"""一 is a number first; 到门口去"""
_VARIANTS = {"着": "着", "著": "着", "牠": "它", "祂": "它", "妳": "你", "週": "周", "裏": "里", "乾": "干"}
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩"
_NUMBERED = re.compile(r"(?:(?<![^\s，,。；;！!])|(?<=^))[0-9０-９]{1,2}(?=[.．、)）:：]\s*[^\d\s])")
_GET_UP = re.compile(r"((?:^|[\s，,。；;！!?？、:：])(?:请|快点?|赶紧|你|先|现在|好了?|机器人|[，,])*)起来")
_PIECE = re.compile(r"[a-z0-9]+|\S")

_HAN = re.compile(r"[\u3400-\u9fff]")


@cache
def _converter() -> Any:
    import opencc  # its tables take 10 ms, and English does without

    return opencc.OpenCC("t2s")


@lru_cache(maxsize=4096)
def _one(character: str) -> str:
    if character in _CIRCLED:
        return ";"
    made = str(_converter().convert(character)) if "\u3400" <= character <= "\u9fff" else character
    return _VARIANTS.get(made, made) if len(made) == 1 else character


def _forms(phrase: str, between: str | None) -> Iterator[tuple[str, bool]]:
    """Patterns of a verb's forms and whether each says that it goes on (着): 点头, 点点头, 点了点头, 点头点, 点着头.

    ``between``: what may stand between its characters; None: it does not come apart.
    """
    first, rest = phrase[0], phrase[1:]
    twice = [f"{between}{first}" for between in ("", "一", "了", "了一")]
    if len(phrase) == 2 and between is not None:
        yield f"{first}({'|'.join((between, *twice))}){rest}|{phrase}{first}", False
        yield f"{first}着{rest}", True
    elif len(phrase) == 2:
        yield f"{phrase}(|{phrase})", False
        yield f"{phrase}着", True
    elif len(phrase) > 2:
        yield phrase, phrase.endswith("着")
        if phrase[-1] not in "着起来去":
            yield f"{phrase}着", True
    else:
        yield f"{first}({'|'.join(('', *twice, '完', '完了', '好', '好了', '过了'))})", False
        yield f"{first}着", True


_NUMERALS = {n: f"{n}|{'十' * (n > 9)}{'零一二三四五六七八九'[n % 10] * (n % 10 > 0)}" for n in range(1, 20)}
_NUMERALS[2] += "|两"


class Mandarin(Locale):
    """Mandarin; a "word" here is one character."""

    code, name = "zh", "Mandarin Chinese"
    omits_objects = direct_objects = serial_verbs = True
    also = MappingProxyType(
        {"PRE_LIMB": "SIDED_LIMB", **dict.fromkeys(("STYLE", "EFFORT", "SHAPE", "DIAGONAL"), "ADVERB")}
    )
    pieces = staticmethod(_PIECE.findall)
    rules = RULES

    def share(self, text: str) -> float:
        """All of it where there is a Chinese character."""
        return float(_HAN.search(text) is not None)

    def words(self, text: str) -> list[Word]:
        """The text in simplified characters, place for place; what numbers a list (1. ②) begins a sentence.

        Where 起来 begins a clause it is a verb; after one it tells how that goes.
        """
        text = _GET_UP.sub(r"\1起身", text)
        text = _NUMBERED.sub(lambda match: ";" * len(match.group()), text)
        return split("".join(map(_one, text)))

    def forms(self, verb: VerbWords, phrase: str, fixed: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """A verb's forms; those that say that it goes on (着) are marked so.

        What came with a skill (敬礼) comes apart, with a number too: 敬了两个礼.
        """
        own = len(phrase) == 2 and not is_ours(verb)
        parts = self.settings["parts"]
        between = parts["any"] if own or phrase[1:] in parts["uncounted"] else parts["few"]
        for form, lasting in _forms(phrase, between if own or phrase[1:] in parts["objects"] else None):
            yield form, {**fixed, "lasting": True} if lasting and verb.verb not in parts["not_lasting"] else fixed
        if own or (len(phrase) == 2 and phrase[1] in parts["counted"]):
            units = "|".join((unit for kind in ("MEASURE", "TIMES") for _, said in self.listed[kind] for unit in said))
            for number, said in _NUMERALS.items():
                count = {"count": number} if number > 1 else {}
                yield f"{phrase[0]}(|了|过)({said})({units}){phrase[1]}", {**fixed, **count}

    def phrases(self, known: Mapping[str, VerbWords]) -> Phrases:
        """All phrases and the tokens that they are, with those that are made of others."""
        found = super().phrases(known)
        for form, patterns in self.listed["MANNER"]:  # 认真, 认真地, 认认真真地, 很认真地
            words = _all(patterns)
            after = "" if form is not None else "|点|一点|一些|点儿|一点地"
            found.add(f"(|很|非常|十分|更)({'|'.join(words)})(|地|的{after})", "FILLER", None)
            if form is None:
                twice = [word[0] * 2 + word[1] * 2 for word in words if len(word) == 2 and word[0] != word[1]]
                found.add(f"({'|'.join(twice)})(|地|的)", "FILLER", None)
        (_, those), *_ = self.listed["THOSE"]
        for kind in ("RELATION", "BETWEEN"):
            for value, patterns in self.listed[kind]:
                places = [word for word in _all(patterns) if word not in ("那", "边") and word[-1] not in "去处"]
                found.add(f"({'|'.join(places)})({'|'.join(those)})", f"{kind}_DE", value)
        for value, patterns in self.listed["ON"]:
            if value is not None:
                found.add(f"({'|'.join(patterns)})({'|'.join(those)})", "RELATION_DE", value)
        for name, colors in self.things["colors"].items():
            found.add(f"({'|'.join(colors)})的", "COLOR", name)
        _add_numbered(found)
        found.words |= {*DIGITS, *POWERS, *"半点分之又/"}
        return found

    def numbers(self, words: Sequence[Word], start: int) -> Iterator[tuple[int, float]]:
        """Numerals from ``start`` on: (how many characters, value)."""
        return _numbers(words, start)

    def cost(self, kind: str, count: int, word: str) -> float:
        """What a token of ``count`` characters, of which ``word`` is the first, costs: long phrases are cheap."""
        lone = _LONE.get((kind, word), 1.1 if kind == "FILLER" else 0.0) if count == 1 else 0.0
        lone = lone or (count - 0.05 if kind == "VERB" and count > 3 else 0.0)  # so many stand together by no chance
        lone = lone or (2.1 if kind == "EACH" and count == 2 else 0.0)  # 三米左右 is about three metres
        return lone or count - 0.01 * (count - 1) + self.settings["cost"].get(kind, 0.0)

    def unsupported(self, word: str) -> bool:
        """Whether the word is within an action that people say and no Instruction can."""
        return any(word in phrase for _, said in self.listed[UNSUPPORTED] for phrase in said)


def _all(patterns: Iterable[str]) -> list[str]:
    return [phrase for pattern in patterns for phrase in alternatives(pattern)]


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


LOCALE = Mandarin()
