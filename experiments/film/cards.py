"""The cards at both ends of a story: what was said, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from simonsays.experiments.film.captions import over
from simonsays.experiments.film.layout import Rect
from simonsays.experiments.film.logo import fitted_logo
from simonsays.experiments.film.settings import FilmSettings
from simonsays.experiments.film.text import LINE, SMALLEST, Block, clean, draw_text, fit, text_width
from simonsays.experiments.film.theme import Theme, badge
from simonsays.experiments.film.words import Words, words_for
from simonsays.sim.storyline import Storyline, StoryStep

if TYPE_CHECKING:
    from PIL import Image

_COVER = 0.84  # how much a card covers the picture beneath it


def backdrop(picture: Image.Image, theme: Theme) -> Image.Image:
    """The picture, blurred, under the colour of a card."""
    from PIL import Image, ImageFilter

    small = picture.resize((max(8, picture.width // 8), max(8, picture.height // 8)), Image.Resampling.BOX)
    soft = small.filter(ImageFilter.GaussianBlur(3)).resize(picture.size, Image.Resampling.BICUBIC)
    return Image.blend(soft, Image.new("RGB", picture.size, theme.card), _COVER)


def _centred(card: Image.Image, y: float, text: str, size: int, color: tuple[int, ...]) -> None:
    draw_text(card, ((card.width - text_width(text, size)) / 2, y), text, size, (*color, 255))


def _lines(card: Image.Image, y: float, block: Block, color: tuple[int, ...]) -> None:
    for i, line in enumerate(block.lines):
        _centred(card, y + i * LINE * block.size, line, block.size, color)


def _topped(card: Image.Image, settings: FilmSettings, unit: int) -> int:
    """Lay the logo on top of a card; returns the pixels that it takes."""
    if settings.logo is None:
        return 0
    logo = fitted_logo(settings.logo, *card.size)
    over(card, logo, (card.width - logo.width) // 2, round(1.6 * unit))
    return round(2.4 * unit) + logo.height


def title_card(picture: Image.Image, stories: Sequence[Storyline], settings: FilmSettings, theme: Theme) -> Image.Image:
    """The film's own title, or what was said, in large letters, and below it in small ones what else is told."""
    card, words = backdrop(picture, theme), words_for(stories[0].title)
    width, height = card.size
    unit = Rect(0, 0, width, height).unit
    taken = _topped(card, settings, unit)
    said = list(dict.fromkeys(words.quotes.format(clean(story.title)) for story in stories if story.title.strip()))
    own = settings.title.strip()
    blocks = _said([own] if own else said or [words.recording], width, height - taken, unit)
    tall = sum(block.height for block in blocks) + 0.5 * unit * (len(blocks) - 1)
    y = top = taken + 0.47 * (height - taken) - tall / 2
    if said and not own:
        _centred(card, top - 2.2 * unit, words.opening, unit, theme.accent)
    for block in blocks:
        _lines(card, y, block, theme.ink)
        y += block.height + 0.5 * unit
    notes = "; ".join(dict.fromkeys(note for story in stories if (note := words_for(story.title).notes(story))))
    y = top + tall + 0.9 * unit
    for text, size in (
        (settings.subtitle, 1.2),
        (_who(stories) if settings.facts else "", 0.9),
        ("" if own else notes, 0.9),
    ):
        if text.strip():
            below = fit(text, round(0.9 * width), round(2.1 * LINE * size * unit), round(size * unit), most=2)
            _lines(card, y, below, theme.muted)
            y += below.height + 0.3 * unit
    return card


def _who(stories: Sequence[Storyline]) -> str:
    robots = ", ".join(dict.fromkeys(story.robot for story in stories if story.robot))
    scenes = ", ".join(dict.fromkeys(story.scene for story in stories if story.scene))
    return "  ·  ".join(part for part in (robots, f"scene {scenes}" if scenes else "") if part)


def _said(texts: Sequence[str], width: int, height: int, unit: int) -> list[Block]:
    """Sentences below each other in letters of one size."""
    room = round(0.84 * width), round(0.5 * height / len(texts))
    size = min(fit(text, *room, round(2.5 * unit)).size for text in texts)
    return [fit(text, *room, size) for text in texts]


@dataclass(frozen=True)
class Row:
    """A line of the closing card: a mark, what it is about, a time, and why it failed."""

    status: str
    text: str
    time: str = ""
    reason: str = ""


def closing_rows(stories: Sequence[Storyline], labels: Sequence[str], facts: bool) -> list[Row]:
    """The steps of one story; of several, one row each. ``facts``: with times, and with reasons in full."""
    if len(stories) == 1:
        rows = [Row(step.status, step.text, _taken(step), step.reason) for step in stories[0].steps]
    else:
        rows = [
            Row(story.verdict or "pending", label or story.title, f"{story.seconds:.1f} s", "; ".join(story.reasons))
            for story, label in zip(stories, labels, strict=True)
        ]
    if facts:
        return rows
    missed = words_for(stories[0].title).missed
    return [replace(row, time="", reason=row.reason and missed.format(row.reason)) for row in rows]


def _taken(step: StoryStep) -> str:
    return f"{step.ended - step.started:.1f} s" if step.ended is not None and step.started is not None else ""


def closing_card(
    picture: Image.Image, stories: Sequence[Storyline], labels: Sequence[str], settings: FilmSettings, theme: Theme
) -> Image.Image:
    """The film's own closing text, or the verdict and each step; robot, policy and seed where facts are wanted."""
    card, words = backdrop(picture, theme), words_for(stories[0].title)
    width, height = card.size
    unit = Rect(0, 0, width, height).unit
    taken = _topped(card, settings, unit)
    if settings.closing.strip():
        (block,) = _said([settings.closing], width, height - taken, unit)
        top = taken + (height - taken - block.height) / 2
        _lines(card, top, block, theme.ink)
        return card
    rows = closing_rows(stories, labels, settings.facts)
    verdicts = {story.verdict for story in stories}
    head = round(3.2 * unit) if len(verdicts) == 1 else round(2.0 * unit)
    foot = round(2.2 * unit) if settings.facts else 0
    inner = height - taken - 2 * round(1.2 * unit) - head - foot
    shown, line = _shown(rows, inner, unit, words.more)
    tall = sum(_height(row, line) for row in shown)
    top = taken + (height - taken - head - tall - foot) / 2
    if len(verdicts) == 1:
        _verdict(card, top, verdicts.pop(), words, unit, theme)
    else:
        _centred(card, top, words.end if settings.montage else words.together, round(1.4 * unit), theme.ink)
    y, wide = top + head, _wide(shown, line, width)
    for row in shown:
        _row(card, y, row, line, wide, theme)
        y += _height(row, line)
    if settings.facts:
        about = "  ·  ".join(stories[0].facts(scene=False)) if len(stories) == 1 else _common(stories)
        block = fit(about, round(0.92 * width), round(LINE * unit), round(0.85 * unit), most=1)
        for text in block.lines:
            _centred(card, y + 0.8 * unit, text, block.size, theme.muted)
    return card


def _common(stories: Sequence[Storyline]) -> str:
    """What several stories have in common, part by part."""
    robots = ", ".join(dict.fromkeys(story.robot for story in stories if story.robot))
    policies = ", ".join(dict.fromkeys(story.policy for story in stories if story.policy))
    seeds = ", ".join(dict.fromkeys(str(story.seed) for story in stories if story.seed is not None))
    parts = (robots, f"policy {policies}" if policies else "", f"seed {seeds}" if seeds else "")
    return "  ·  ".join(part for part in parts if part)


def _verdict(card: Image.Image, top: float, verdict: str, words: Words, unit: int, theme: Theme) -> None:
    size, word = round(2.0 * unit), words.verdict(verdict)
    letters = round(1.7 * unit)
    total = text_width(word, letters) + (size + 0.7 * unit if verdict else 0)
    x = (card.width - total) / 2
    if verdict:
        over(card, badge(size, verdict, theme.of(verdict), theme.card), round(x), round(top))
        x += size + 0.7 * unit
    draw_text(card, (x, top + (size - LINE * letters) / 2), word, letters, (*theme.ink, 255))


def _height(row: Row, line: float) -> float:
    return line * (1.75 if row.reason else 1.0)


def _shown(rows: Sequence[Row], room: float, unit: int, more: str) -> tuple[list[Row], float]:
    """The rows that fit and the height of one; around the first that failed where not all do."""
    weight = sum(_height(row, 1.0) for row in rows)
    line = min(1.75 * unit, room / max(weight, 1.0))
    least = 1.45 * SMALLEST
    if line >= least or not rows:
        return list(rows), line
    count = max(1, int(room / least - 1.75))
    failed = next((i for i, row in enumerate(rows) if row.status == "failure"), 0)
    start = max(0, min(failed - count // 2, len(rows) - count))
    kept = list(rows[start : start + count])
    left = len(rows) - len(kept)
    return [*kept, Row("", more.format(left))] if left else kept, least


def _wide(rows: Sequence[Row], line: float, card: int) -> int:
    """Pixels of the rows: with times at their right end all have one width, without as much as the longest needs."""
    most = round(min(0.86 * card, 34 * line))
    if any(row.time or row.reason for row in rows):
        return most
    texts = [text_width(clean(row.text), round(0.62 * line)) for row in rows]
    return min(most, round(max(texts, default=0.0) + 2.4 * line))


def _row(card: Image.Image, y: float, row: Row, line: float, width: int, theme: Theme) -> None:
    left = (card.width - width) // 2
    size = max(SMALLEST - 1, round(0.62 * line))
    mark = max(6, round(0.68 * line))
    if row.status:
        over(card, badge(mark, row.status, theme.of(row.status), theme.card), left, round(y + (line - mark) / 2))
    x = left + mark + round(0.5 * line)
    time = text_width(row.time, size)
    block = fit(row.text, round(width - (x - left) - time - line), round(line), size, SMALLEST - 1, most=1)
    ink = theme.muted if row.status in ("pending", "") else theme.ink
    for text in block.lines:
        draw_text(card, (x, y + (line - LINE * block.size) / 2), text, block.size, (*ink, 255))
    if row.time:
        draw_text(card, (left + width - time, y + (line - LINE * size) / 2), row.time, size, (*theme.muted, 255))
    if row.reason:
        small = max(SMALLEST - 1, round(0.5 * line))
        block = fit(row.reason, width - (x - left), round(line), small, SMALLEST - 1, most=1)
        for text in block.lines:
            draw_text(card, (x, y + 0.92 * line), text, block.size, (*theme.failure, 255))
