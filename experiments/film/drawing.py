"""Draws any frame of a film: the pictures of its stages, laid out, captioned, under its cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from simonsays.envs.skills import skills
from simonsays.experiments.film.captions import captions, draw_border, frame_of, outcome_at, over
from simonsays.experiments.film.cards import closing_card, title_card
from simonsays.experiments.film.layout import Rect, View, panes
from simonsays.experiments.film.settings import FilmSettings
from simonsays.experiments.film.theme import panel, theme
from simonsays.experiments.film.timeline import Moment
from simonsays.sim.pictures.stage import Stage
from simonsays.sim.recording import Recording
from simonsays.sim.storyline import Storyline

if TYPE_CHECKING:
    from PIL import Image

    from simonsays.sim.pictures.camera import Frame, Picture


def with_cameras(recording: Recording) -> Recording:
    """The recording, each of its steps with the cameras that suit it, as its skill has them: for the director."""
    told = recording.meta.get("steps")
    if not isinstance(told, list) or not all(isinstance(step, dict) for step in told):
        return recording
    known = skills()
    steps = [
        {"cameras": known[step.verb].cameras, **said} if step.verb in known else said
        for step, said in zip(Storyline.of(recording).steps, told, strict=True)
    ]
    return replace(recording, meta={**recording.meta, "steps": steps})


class FrameDrawer:
    """Draws the frames of a film in any order; each process has its own.

    Attributes:
        renderer: of its stages, with ``name`` and ``reason``.
    """

    def __init__(self, recordings: Sequence[Recording], settings: FilmSettings) -> None:
        self._settings, self._theme = settings, theme(settings.look)
        self._stories = [Storyline.of(recording) for recording in recordings]
        self._stages: list[Stage] = []
        try:
            for recording in recordings:
                how = {"renderer": settings.renderer, "look": settings.look}
                self._stages.append(Stage(with_cameras(recording), **how))
            self._panes = panes(settings.size, len(recordings), settings.cameras, settings.layout)
            self._cameras = [
                {view.camera: stage.cameras(view.camera, self._frame(view)) for view in pane.views}
                for stage, pane in zip(self._stages, self._panes, strict=True)
            ]
        except BaseException:
            self.close()
            raise
        self._labels = [*settings.labels, *[""] * len(recordings)][: len(recordings)]
        self._drawn: tuple[tuple[int, ...], Image.Image] | None = None
        self._cards: dict[tuple[str, tuple[int, ...]], Image.Image] = {}
        self.renderer = self._stages[0].renderer

    def _frame(self, view: View) -> Frame:
        return frame_of(self._settings, self._panes, self._stories, view.rect)

    def close(self) -> None:
        """Free the stages; a second call does nothing."""
        while self._stages:
            self._stages.pop().close()

    def draw(self, moment: Moment) -> Picture:
        """(height, width, 3) uint8."""
        from PIL import Image

        share = max(moment.title, moment.closing)
        if share <= 0.5:  # a card comes when the words of the picture have gone
            picture = self._captioned(moment)
            picture = Image.blend(picture, self._bare(moment.indices), 2 * share) if share else picture
        else:
            card = self._card("title" if moment.title else "closing", moment.indices)
            picture = Image.blend(self._bare(moment.indices), card, 2 * share - 1)
        return np.asarray(picture)

    def _card(self, kind: str, indices: tuple[int, ...]) -> Image.Image:
        """A card over the bare picture of a moment."""
        if (kind, indices) not in self._cards:
            bare = self._bare(indices)
            card = title_card(bare, self._stories, self._theme) if kind == "title" else self._closing(bare, indices)
            self._cards = {(kind, indices): card}
        return self._cards[kind, indices]

    def _closing(self, bare: Image.Image, indices: tuple[int, ...]) -> Image.Image:
        card = closing_card(bare, self._stories, self._labels, self._theme)
        outcomes = {outcome_at(story, index) for story, index in zip(self._stories, indices, strict=True)}
        status, opacity = outcomes.pop()
        if status and not outcomes:
            draw_border(card, Rect(0, 0, *self._settings.size), status, opacity, self._theme)
        return card

    def _bare(self, indices: tuple[int, ...]) -> Image.Image:
        """The pictures without words."""
        from PIL import Image

        if self._drawn is None or self._drawn[0] != indices:
            canvas = Image.new("RGB", self._settings.size, self._theme.card)
            for place, (pane, index) in enumerate(zip(self._panes, indices, strict=True)):
                for view in pane.views:
                    self._view(canvas, place, view, index)
            self._drawn = indices, canvas
        return self._drawn[1]

    def _view(self, canvas: Image.Image, place: int, view: View, index: int) -> None:
        from PIL import Image

        camera = self._cameras[place][view.camera][index]
        picture = Image.fromarray(self._stages[place].draw(index, camera, view.rect.size))
        at = view.rect.x, view.rect.y
        if not view.inset:
            canvas.paste(picture, at)
            return
        rim = max(1, view.rect.height // 60)
        radius = max(2, view.rect.height // 16)
        width, height = view.rect.width + 2 * rim, view.rect.height + 2 * rim
        over(canvas, panel(width, height, radius + rim, self._theme.panel, 255), at[0] - rim, at[1] - rim)
        canvas.paste(picture, at, panel(*view.rect.size, radius, (255, 255, 255), 255))

    def _captioned(self, moment: Moment) -> Image.Image:
        bare = self._bare(moment.indices)
        settings = self._settings
        if not (settings.captions or settings.story):
            return bare
        canvas = bare.copy()
        for patch, x, y in captions(settings, self._panes, self._stories, moment.indices):
            over(canvas, patch, x, y)
        if settings.story:
            for pane, story, index in zip(self._panes, self._stories, moment.indices, strict=True):
                status, opacity = outcome_at(story, index)
                if status:
                    draw_border(canvas, pane.rect, status, opacity, self._theme)
        return canvas
