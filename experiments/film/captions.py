"""Captions over a pane: the instruction, the step that runs with its ticks, what is left to go, the outcome."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from simonsays.experiments.film.layout import Pane, Rect
from simonsays.experiments.film.settings import FilmSettings
from simonsays.experiments.film.text import LINE, clean, draw_text, fit, text_width
from simonsays.experiments.film.theme import Theme, badge, panel, theme
from simonsays.experiments.film.words import words_for
from simonsays.sim.pictures.camera import Frame
from simonsays.sim.storyline import Storyline

if TYPE_CHECKING:
    from PIL import Image

_FADE = 0.4  # s in which the border of the outcome appears, and the instruction vanishes
_TITLE_SECONDS = 4.0  # of film, in which the instruction is seen
_LOW = 150  # pixels: a pane that is lower has a title of one line
_TO_GO = "88.8 m to go"  # the room that is kept for it


def over(canvas: Image.Image, patch: Image.Image, x: int, y: int) -> None:
    """Lay an RGBA patch over a picture."""
    canvas.paste(patch, (x, y), patch)


class Placed(NamedTuple):
    """An RGBA patch and where it lies in a picture, pixels."""

    patch: Image.Image
    x: int
    y: int

    @property
    def rect(self) -> Rect:
        """What it covers."""
        return Rect(self.x, self.y, self.patch.width, self.patch.height)


def captions(
    settings: FilmSettings,
    shown: Sequence[Pane],
    stories: Sequence[Storyline],
    indices: Sequence[int],
    labels: Sequence[str] = (),
) -> list[Placed]:
    """The words over the picture of an instant of each recording that is seen, each in its pane."""
    if not settings.captions:
        return []
    colors, whole = theme(settings.look), Rect(0, 0, *settings.size)
    one = len({story.title for story in stories}) == 1
    seen = [_title_seen(settings, story, index) for story, index in zip(stories, indices, strict=False)]
    placed = [_title_of(whole, stories[0], colors, max(seen), _taken(shown))] if one else []
    labels = [*labels, *[""] * len(stories)]
    for pane, story, index, label, share in zip(shown, stories, indices, labels, seen, strict=False):
        below = 0
        if len(shown) > 1:
            if not one:
                placed.append(_title_of(pane.rect, story, colors, share))
            if not one or (story.title.strip() and pane.rect.y == 0):
                below = round(4.2 * (whole if one else pane.rect).unit)
        elif label and story.title.strip():
            below = round(4.2 * whole.unit)
        placed.append(_label_of(pane.rect, label, colors, below))
        placed.append(_steps_of(pane.rect, story, index, colors))
    return [each for each in placed if each is not None]


def _taken(shown: Sequence[Pane]) -> int:
    """Pixels at the right of the title that an inset takes."""
    insets = [view.rect for view in shown[-1].views if view.inset]
    return insets[0].width + shown[-1].rect.unit if insets and len(shown) == 1 else 0


def title_until(settings: FilmSettings, story: Storyline) -> float:
    """s on the recording's clock, until which its instruction is seen."""
    begins = max(float(story.time[0]), settings.start or 0.0)
    return begins + settings.speed * _TITLE_SECONDS


def _title_seen(settings: FilmSettings, story: Storyline, index: int) -> float:
    """0 to 1, how much of the instruction is seen."""
    left = (title_until(settings, story) - float(story.time[index])) / settings.speed
    return min(1.0, max(0.0, left / _FADE))


def frame_of(settings: FilmSettings, shown: Sequence[Pane], stories: Sequence[Storyline], rect: Rect) -> Frame:
    """The form of the picture in a rectangle, and what of it captions take."""
    top = bottom = 0.0
    for word in (each.rect for each in captions(settings, shown, stories, [0] * len(stories))):
        if word.x < rect.x + rect.width and rect.x < word.x + word.width:
            above, below = (word.y + word.height - rect.y) / rect.height, (rect.y + rect.height - word.y) / rect.height
            if 0 < above <= 0.5:
                top = max(top, above)
            elif 0 < below <= 0.5:
                bottom = max(bottom, below)
    insets = [view.rect for pane in shown for view in pane.views if view.inset and pane.rect == rect]
    right = max(((rect.x + rect.width - inset.x) / rect.width for inset in insets), default=0.0)
    until = max(title_until(settings, story) for story in stories)
    return Frame(rect.width / rect.height, top, bottom, right, until)


def _title_of(rect: Rect, story: Storyline, theme: Theme, seen: float, right: int = 0) -> Placed | None:
    """The instruction and what was passed over in it, at the top of a pane, beside ``right`` pixels taken there."""
    if not story.title.strip() or not seen:
        return None
    margin = round(0.8 * rect.unit)
    lines = 2 if rect.height >= _LOW else 1
    notes = words_for(story.title).notes(story)
    patch = _title(story.title, notes, rect.width - 2 * margin - right, rect.unit, lines, theme)
    if seen < 1:
        patch = patch.copy()
        patch.putalpha(patch.getchannel("A").point(lambda alpha: round(alpha * seen)))
    return Placed(patch, rect.x + (margin if right else (rect.width - patch.width) // 2), rect.y + margin)


@lru_cache(maxsize=512)
def _title(text: str, note: str, width: int, unit: int, lines: int, theme: Theme) -> Image.Image:
    pad = round(0.7 * unit)
    blocks = [(fit(f"“{clean(text)}”", width - 2 * pad, round(1.1 * lines * LINE * unit), unit, most=lines), theme.ink)]
    if note:
        small = round(0.8 * unit)
        blocks.append((fit(clean(note), width - 2 * pad, round(LINE * small), small, most=1), theme.muted))
    patch = panel(
        min(width, round(max(block.width for block, _ in blocks)) + 2 * pad + 1),
        round(sum(block.height for block, _ in blocks) + 0.7 * unit),
        round(0.5 * unit),
        theme.panel,
        theme.panel_alpha,
    ).copy()
    y = 0.35 * unit
    for block, color in blocks:
        for i, line in enumerate(block.lines):
            x = (patch.width - text_width(line, block.size)) / 2
            draw_text(patch, (x, y + i * LINE * block.size), line, block.size, (*color, 255))
        y += block.height
    return patch


def _label_of(rect: Rect, text: str, theme: Theme, below: int) -> Placed | None:
    """The name of a recording in the corner of its pane."""
    if not text.strip():
        return None
    margin = round(0.8 * rect.unit)
    return Placed(_label(text, round(0.7 * rect.width), rect.unit, theme), rect.x + margin, rect.y + margin + below)


@lru_cache(maxsize=512)
def _label(text: str, width: int, unit: int, theme: Theme) -> Image.Image:
    pad = round(0.6 * unit)
    block = fit(text, width - 2 * pad, round(LINE * unit), unit, most=1)
    patch = panel(round(block.width) + 2 * pad, round(1.7 * unit), round(0.85 * unit), theme.accent, 235).copy()
    for line in block.lines:
        draw_text(patch, (pad, (patch.height - LINE * block.size) / 2), line, block.size, (*theme.panel, 255))
    return patch


def _steps_of(rect: Rect, story: Storyline, index: int, theme: Theme) -> Placed | None:
    """The step that runs at an instant, a mark for each step, and what is left to go."""
    place = story.step_at(index)
    if place is None:
        return None
    unit = rect.unit
    margin = round(0.8 * unit)
    statuses = story.statuses_at(index)
    width = min(rect.width - 2 * margin, 44 * unit)
    room = round(text_width(_TO_GO, _to_go_size(width, unit))) + round(0.5 * unit) if story.has_to_go(place) else 0
    patch = _steps(*story.caption_at(index), place, statuses, width, room, unit, theme)
    if to_go := words_for(story.title).to_go(story, index):
        patch = patch.copy()
        size = _to_go_size(width, unit)
        x = width - 0.8 * unit - text_width(to_go, size)
        draw_text(patch, (x, 0.4 * unit + LINE * (unit - size) / 2), to_go, size, (*theme.accent, 255))
    return Placed(patch, rect.x + (rect.width - width) // 2, rect.y + rect.height - margin - patch.height)


def _to_go_size(width: int, unit: int) -> int:
    return fit(_TO_GO, width // 3, round(LINE * unit), unit, most=1).size


@lru_cache(maxsize=512)
def _steps(
    text: str, status: str, place: int, statuses: tuple[str, ...], width: int, right: int, unit: int, theme: Theme
) -> Image.Image:
    """The bar without what is left to go, for which ``right`` pixels are free."""
    pad = round(0.8 * unit)
    many = len(statuses) > 1
    height = round((2.95 if many else 2.1) * unit)
    patch = panel(width, height, round(0.6 * unit), theme.panel, theme.panel_alpha).copy()
    size = round(1.1 * unit)
    over(patch, badge(size, status, theme.of(status), theme.panel), pad, round(0.4 * unit + (LINE * unit - size) / 2))
    left = pad + size + round(0.5 * unit)
    block = fit(text, width - left - pad - right, round(LINE * unit) + 2, unit, most=2)
    top = 0.4 * unit + (LINE * unit - block.height) / 2
    for i, line in enumerate(block.lines):
        draw_text(patch, (left, top + i * LINE * block.size), line, block.size, (*theme.ink, 255))
    if many:
        _marks(patch, (pad, round(1.95 * unit), width - 2 * pad, round(0.62 * unit)), place, statuses, theme)
    return patch


def _marks(
    patch: Image.Image, box: tuple[int, int, int, int], place: int, statuses: tuple[str, ...], theme: Theme
) -> None:
    """A mark and a bar for each step along a line; a counter where there are too many."""
    x, y, width, size = box
    count = len(statuses)
    if width / count < 1.6 * size:
        done = sum(status == "success" for status in statuses)
        text = f"{done}/{count}"
        block = fit(text, width, 2 * size, max(8, size), most=1)
        room = round(text_width(text, block.size)) + size
        draw_text(
            patch, (x + width - room + size, y + (size - LINE * block.size) / 2), text, block.size, (*theme.muted, 255)
        )
        width -= room
        for status, share in (("pending", 1.0), ("success", done / count)):
            long = max(size // 2, round(width * share)) if share else 0
            if long:
                over(patch, panel(long, max(3, size // 2), size // 4, theme.of(status), 255), x, y + size // 4)
        if "failure" in statuses:
            cross = badge(size, "failure", theme.failure, theme.panel)
            over(patch, cross, x + round((width - size) * place / count), y)
        return
    pitch = width / count
    for i, status in enumerate(statuses):
        start = x + round(i * pitch)
        long = round(pitch) - size - max(2, size // 2)
        over(patch, badge(size, status, theme.of(status), theme.panel), start, y)
        if long > 0:
            bar = panel(
                long, max(2, size // 4), max(1, size // 8), theme.of(status), 255 if status != "pending" else 150
            )
            over(patch, bar, start + size + max(1, size // 4), y + (size - bar.height) // 2)


def outcome_at(story: Storyline, index: int) -> tuple[str, float]:
    """success, failure or nothing yet, and how far the border of it has appeared (0 to 1)."""
    now, statuses = float(story.time[index]), story.statuses_at(index)
    if "failure" in statuses:
        status, steps = "failure", [step for step in story.steps if step.status == "failure"]
    elif statuses and all(each == "success" for each in statuses):
        status, steps = "success", list(story.steps)
    else:
        return "", 0.0
    since = min(step.ended or now for step in steps) if status == "failure" else max(s.ended or now for s in steps)
    return status, min(1.0, max(0.15, (now - since) / _FADE))


def draw_border(canvas: Image.Image, rect: Rect, status: str, opacity: float, theme: Theme) -> None:
    """A border in the colour of the outcome."""
    from PIL import Image

    wide = max(2, round(0.3 * rect.unit))
    color = (*theme.of(status), round(255 * opacity))
    across = Image.new("RGBA", (rect.width, wide), color)
    down = Image.new("RGBA", (wide, rect.height - 2 * wide), color)
    for y in (rect.y, rect.y + rect.height - wide):
        over(canvas, across, rect.x, y)
    for x in (rect.x, rect.x + rect.width - wide):
        over(canvas, down, x, rect.y + wide)
