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
from simonsays.envs.language.zh.numbers import DIGITS, POWERS, numbers
from simonsays.envs.language.zh.rules import RULES

_LONE = {("THEN", "一"): 1.3, ("RELATION", "去"): 0.997}
"""一 is a number first; 到门口去"""
_VARIANTS = {"着": "着", "著": "着", "牠": "它", "祂": "它", "妳": "你", "週": "周", "裏": "里", "乾": "干"}
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩"
_NUMBERED = re.compile(r"(?:(?<![^\s，,。；;！!])|(?<=^))[0-9０-９]{1,2}(?=[.．、)）:：]\s*[^\d\s])")
_PIECE = re.compile(r"[a-z0-9]+|\S")

_OBJECTS = frozenset("手头躬腰身步路拳礼")
_UNCOUNTED = frozenset("手头躬腰身")
"""what the verbs that come apart take: 点头, 鞠躬, 转身"""
_NOT_LASTING = ("follow", "stop", "turn")
_BETWEEN_COUNTED = "了 起 过 完 完了 好".split()  # noqa: SIM905
_BETWEEN_PARTS = "了 个 了个 一个 了一个 下 一下 了一下 几下 了几下 一 了一 起 过 完 完了 上 上一 好".split()  # noqa: SIM905
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


def _forms(phrase: str, apart: bool) -> Iterator[tuple[str, bool]]:
    """Patterns of a verb's forms and whether each says that it goes on (着): 点头, 点点头, 点了点头, 点头点, 点着头.

    ``apart``: it comes apart whatever its second character is.
    """
    first, rest = phrase[0], phrase[1:]
    twice = [f"{between}{first}" for between in ("", "一", "了", "了一")]
    if len(phrase) == 2 and (apart or rest in _OBJECTS):
        parts = _BETWEEN_PARTS if apart or rest in _UNCOUNTED else _BETWEEN_COUNTED
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


_NUMERALS = {n: f"{n}|{'十' * (n > 9)}{'零一二三四五六七八九'[n % 10] * (n % 10 > 0)}" for n in range(1, 20)}
_NUMERALS[2] += "|两"


class Mandarin(Locale):
    """Mandarin; a "word" here is one character."""

    code, name = "zh", "Mandarin Chinese"
    omits_objects = direct_objects = serial_verbs = True
    also = MappingProxyType({"PRE_LIMB": "SIDED_LIMB"})
    pieces = staticmethod(_PIECE.findall)
    rules = RULES

    def share(self, text: str) -> float:
        """All of it where there is a Chinese character."""
        return float(_HAN.search(text) is not None)

    def words(self, text: str) -> list[Word]:
        """The text in simplified characters, place for place; what numbers a list (1. ②) begins a sentence."""
        text = _NUMBERED.sub(lambda match: ";" * len(match.group()), text)
        return split("".join(map(_one, text)))

    def forms(self, verb: VerbWords, phrase: str, fixed: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """A verb's forms; those that say that it goes on (着) are marked so.

        What came with a skill (敬礼) comes apart, with a number too: 敬了两个礼.
        """
        own = len(phrase) == 2 and not is_ours(verb)
        for form, lasting in _forms(phrase, own):
            yield form, {**fixed, "lasting": True} if lasting and verb.verb not in _NOT_LASTING else fixed
        if own:
            units = _either(*(unit for kind in ("MEASURE", "TIMES") for _, said in self.listed[kind] for unit in said))
            for number, said in _NUMERALS.items():
                count = {"count": number} if number > 1 else {}
                yield f"{phrase[0]}(|了|过)({said})({units}){phrase[1]}", {**fixed, **count}

    def phrases(self, known: Mapping[str, VerbWords]) -> Phrases:
        """All phrases and the tokens that they are, with those that are made of others."""
        found = super().phrases(known)
        for form, patterns in self.listed["MANNER"]:  # 认真, 认真地, 认认真真地, 很认真地
            words = _all(patterns)
            after = "" if form is not None else "|点|一点|一些|点儿|一点地"
            found.add(f"(|很|非常|十分|更)({_either(*words)})(|地|的{after})", "FILLER", None)
            if form is None:
                twice = [word[0] * 2 + word[1] * 2 for word in words if len(word) == 2 and word[0] != word[1]]
                found.add(f"({_either(*twice)})(|地|的)", "FILLER", None)
        (_, those), *_ = self.listed["THOSE"]
        for kind in ("RELATION", "BETWEEN"):
            for value, patterns in self.listed[kind]:
                places = [word for word in _all(patterns) if word not in ("那", "边") and word[-1] not in "去处"]
                found.add(f"({_either(*places)})({_either(*those)})", f"{kind}_DE", value)
        for name, colors in self.things["colors"].items():
            found.add(f"({_either(*colors)})的", "COLOR", name)
        _add_numbered(found)
        found.words |= {*DIGITS, *POWERS, *"半点分之又/"}
        return found

    def numbers(self, words: Sequence[Word], start: int) -> Iterator[tuple[int, float]]:
        """Numerals from ``start`` on: (how many characters, value)."""
        return numbers(words, start)

    def cost(self, kind: str, count: int, word: str) -> float:
        """What a token of ``count`` characters, of which ``word`` is the first, costs: long phrases are cheap."""
        lone = _LONE.get((kind, word), 1.1 if kind == "FILLER" else 0.0) if count == 1 else 0.0
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
