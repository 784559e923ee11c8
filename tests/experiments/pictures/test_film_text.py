"""Text of films: no boxes, and lines that fit whatever is said."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from simonsays.experiments.film.cards import closing_card, title_card
from simonsays.experiments.film.layout import Rect
from simonsays.experiments.film.settings import FilmSettings
from simonsays.experiments.film.text import LINE, Block, _file_of, clean, draw_text, fit, font_files, text_width, wrap
from simonsays.experiments.film.theme import themes
from simonsays.sim.storyline import Storyline, StoryStep

MANDARIN = "向前走三米，然后左转九十度，走到红色的球那里，再挥两次手，最后蹲下并保持平衡"
TRADITIONAL = "向前走兩公尺，然後轉身揮手"
SENTENCES = [
    "walk forward two metres, then turn left and wave",
    "Gehe vorwärts, drehe dich um 90° – «à gauche», señor! ½ ≠ ¼ → ✓ ✗",
    MANDARIN,
    TRADITIONAL,
    "Donaudampfschifffahrtsgesellschaftskapitän" * 8,
    "向前走" * 3000 + "walk " * 200,
    "",
]
SIZES = [(320, 180), (640, 360), (1280, 720), (1920, 1080), (360, 640)]


@pytest.mark.parametrize("text", [SENTENCES[0], "“Überraschung”, déjà vu, naïve: 90°", MANDARIN, TRADITIONAL])
def test_the_bundled_font_has_every_character(text: str) -> None:
    assert {_file_of(char) for char in text} == {font_files()[0]}
    assert clean(text) == text


def test_what_no_font_has_is_a_question_mark_and_never_a_box() -> None:
    assert clean("wave \U0010fffd now") == "wave ? now"
    assert clean("a\tb\nc\u200b\x07d\u202e") == "a b cd"
    assert clean("cafe\u0301") == "café" and clean("ť") in ("ť", "t")


def test_chinese_breaks_anywhere_but_before_a_comma_and_english_between_words() -> None:
    lines = wrap(MANDARIN, 20, 130)
    assert "".join(lines) == MANDARIN and len(lines) > 5
    assert not any(line[0] in "，。！？" for line in lines)
    lines = wrap(SENTENCES[0], 20, 200)
    assert " ".join(lines) == SENTENCES[0]


@pytest.mark.parametrize("text", SENTENCES)
@pytest.mark.parametrize("size", SIZES)
def test_text_never_leaves_its_box(text: str, size: tuple[int, int]) -> None:
    width, height = round(0.8 * size[0]), round(0.4 * size[1])
    block = fit(text, width, height, round(size[1] / 9))
    assert block.width <= width and block.height <= height
    drawn = Image.new("L", (width + 40, height + 40), 0)
    for i, line in enumerate(block.lines):
        draw_text(drawn, (20, 20 + i * LINE * block.size), line, block.size, (255,))
    ink = np.argwhere(np.asarray(drawn) > 60)
    if len(ink):
        assert ink.min(axis=0).min() >= 18 and (ink.max(axis=0) <= (height + 22, width + 22)).all()


def test_short_text_is_large_and_long_text_is_cut() -> None:
    assert fit("wave", 300, 100, 40) == Block(("wave",), 40)
    cut = fit("wave " * 500, 300, 30, 40)
    assert cut.lines[-1].endswith("...") and cut.size == 8
    assert fit(MANDARIN * 50, 200, 50, 20).lines[-1].endswith("...")


def test_the_width_that_is_measured_is_the_width_that_is_drawn() -> None:
    for text in (SENTENCES[0], MANDARIN):
        image = Image.new("L", (2000, 60), 0)
        draw_text(image, (0, 0), text, 24, (255,))
        ink = np.argwhere(np.asarray(image) > 30)[:, 1]
        assert text_width(text, 24) - 26 <= ink.max() <= text_width(text, 24) + 1


def story(steps: int, verdict: str, title: str) -> Storyline:
    made = [StoryStep(f"step {i} {title}", "success", "", i, i + 0.5) for i in range(steps)]
    if verdict == "failure":
        made[steps // 2] = StoryStep("go to the red ball", "failure", "it fell " * 20, 1.0, 2.0)
    time, places = np.arange(3.0), np.zeros(3, dtype=np.int64)
    return Storyline(title, tuple(made), verdict, "Unitree G1", "g1-locomotion", 3, "playground", time, places)


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("steps", [1, 6, 60])
def test_cards_keep_their_words_inside(look: str, size: tuple[int, int], steps: int) -> None:
    theme = themes()[look]
    plain = Image.new("RGB", size, theme.card)
    margin = max(2, Rect(0, 0, *size).unit // 4)
    for verdict in ("success", "failure"):
        told = story(steps, verdict, MANDARIN)
        how = FilmSettings(size, facts=True), theme
        for card in (title_card(plain, [told], *how), closing_card(plain, [told], [""], *how)):
            changed = np.abs(np.asarray(card).astype(int) - theme.card).max(axis=2) > 40
            inner = changed[margin:-margin, margin:-margin]
            assert inner.any() and changed.sum() == inner.sum()
            assert not changed[:, : round(0.02 * size[0])].any() and not changed[:, -round(0.02 * size[0]) :].any()
