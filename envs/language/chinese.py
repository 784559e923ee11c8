"""Mandarin: words and numerals as typed tokens for the grammar (chinese.lark). A "word" here is one character."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from simonsays.envs.language.tokens import UNSUPPORTED, Phrases, Word, phrase_file
from simonsays.envs.language.vocabulary import COLOR_WORDS, OBJECT_TYPES, VerbWords

GRAMMAR = "chinese.lark"
JOINER = ""

_VARIANTS = {"着": "着", "著": "着", "牠": "它", "祂": "它", "妳": "你", "週": "周", "裏": "里", "乾": "干"}

_SIDES = {"left": "左", "right": "右"}
_WAYS = {
    "forward": ("前", "前方", "前面"),
    "backward": ("后", "后方", "后面"),
    "left": ("左", "左边", "左侧", "左面", "左方"),
    "right": ("右", "右边", "右侧", "右面", "右方"),
}
_OWN = ("", "你的", "它的", "自己的", "你", "我的")


_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}


@cache
def _converter() -> Any:
    import opencc  # its tables take 10 ms, and English does without

    return opencc.OpenCC("t2s")


def simplified(text: str) -> str:
    """The text in simplified characters, place for place."""
    return "".join(_one(character) for character in text)


@lru_cache(maxsize=4096)
def _one(character: str) -> str:
    made = str(_converter().convert(character)) if "\u3400" <= character <= "\u9fff" else character
    return _VARIANTS.get(made, made) if len(made) == 1 else character


def unsupported(word: str) -> bool:
    """Whether the word is of an action that people say and no Instruction can."""
    return any(word in phrase for _, said in phrase_file("chinese.toml")[UNSUPPORTED] for phrase in said)


def phrases(verbs: Mapping[str, VerbWords]) -> Phrases:
    """Phrase (a tuple of characters) to its tokens (kind, value)."""
    found = Phrases(lambda text: list(text.replace(" ", "")))
    add = found.add

    for words in verbs.values():
        for phrase in words.words.get("zh", ()):
            meant = (words.verb, tuple(sorted(words.fixed.get(phrase, {}).items())))
            for before in ("", "去", "来") if words.verb != "go_to" else ("",):
                add(before + phrase, "VERB", meant)
        for noun in words.nouns.get("zh", ()):
            add(noun, "ACTION", words.verb)
    listed = phrase_file("chinese.toml")
    found.add_all(listed)
    for name, ways in _WAYS.items():
        for way in ways:
            for before in (
                "向",
                "往",
                "朝",
                "向着",
                "朝着",
                "往着",
                "向你的",
                "往你的",
                "朝你的",
                "向你",
                "向自己的",
                "从",
            ):
                add(f"{before}{way}", "DIRECTION", name)
            if name in _SIDES:
                add(f"在你{way}的", "SIDE", name)
    for limb, names in (("arm", "手|手臂|胳膊|臂"), ("leg", "脚|腿")):
        for value, sides in {"left": "左", "right": "右", "both": "双|两只|两"}.items():
            for side in sides.split("|"):
                for word in names.split("|"):
                    add(f"{side}{word}", "PRE_LIMB", (limb, value))
    for kind, text in (("RELATION", "的"), ("BETWEEN", "的")):
        for value, said in listed[kind]:
            for phrase in said:
                if phrase not in ("那", "去"):
                    add(phrase + text, f"{kind}_DE", value)
                    add(f"{phrase}那个", f"{kind}_DE", value)
    for name, listed_words in OBJECT_TYPES["zh"].items():
        for word in listed_words:
            add(word, "NOUN", name)
    for name, listed_words in COLOR_WORDS["zh"].items():
        for word in listed_words:
            for form in (word, f"{word}的"):
                add(form, "COLOR", name)
    found.words |= {*_DIGITS, *_POWERS, "半", "点", "分", "之"}
    return found


def numbers(words: Sequence[Word], start: int) -> Iterator[tuple[int, float]]:
    """Numerals from ``start`` on: (how many characters, value)."""
    total, digit, i, said = 0.0, -1.0, start, False
    while i < len(words):
        text = words[i].text
        if text in _DIGITS:
            if digit > 0:
                break
            digit, said = float(_DIGITS[text]), True
        elif text in _POWERS:
            total = (
                (total + max(digit, 0)) * 10_000
                if text == "万"
                else total + (digit if digit > 0 else 1.0) * _POWERS[text]
            )
            digit, said = -1.0, True
        else:
            break
        i += 1
    if i + 2 < len(words) and said and [word.text for word in words[i : i + 2]] == ["分", "之"]:
        whole = total + max(digit, 0.0)
        for length, part in numbers(words, i + 2):
            yield i + 2 + length - start, part / (whole or 1.0)
        return
    if not said:
        if words[start].text == "半" and (start + 1 >= len(words) or words[start + 1].text != "径"):
            measured = start + 1 < len(words) and words[start + 1].text == "个"
            yield (2 if measured else 1), 0.5
        return
    value = total + max(digit, 0.0)
    if i + 1 < len(words) and words[i].text == "点" and words[i + 1].text in _DIGITS:
        i += 1
        scale = 1.0
        while i < len(words) and words[i].text in _DIGITS:
            scale /= 10
            value += _DIGITS[words[i].text] * scale
            i += 1
    softened = i - start == 1 and words[start].text == "一" and i < len(words) and words[i].text == "下"
    if not softened:  # 一下 only softens what is asked
        yield i - start, round(value, 6)
    if i < len(words) and words[i].text == "个" and i + 1 < len(words) and words[i + 1].text == "半":
        yield i + 2 - start, value + 0.5
