"""Mandarin numerals, character by character."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simonsays.envs.language.tokens import Word

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2, "仨": 3}
POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
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
