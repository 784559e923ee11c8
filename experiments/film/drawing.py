"""Draws any frame of a film: the pictures of its stages, laid out, captioned, under its cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from simonsays.envs.skills import skills
from simonsays.experiments.film.captions import captions, draw_border, frame_of, outcome_at, over
from simonsays.experiments.film.cards import closing_card, title_card
from simonsays.experiments.film.layout import Pane, Rect, View, panes
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
    recording = replace(recording, others=tuple(map(with_cameras, recording.others)))
    told = recording.meta.get("steps")
    if not isinstance(told, list) or not all(isinstance(step, dict) for step in told):
        return recording
    known = skills()
    steps = [
        {"cameras": known[step.verb].cameras, **said} if step.verb in known else said
        for step, said in zip(Storyline.of(recording).steps, told, strict=True)
    ]
    return replace(recording, meta={**recording.meta, "steps": steps})


Seen = tuple[tuple[int, ...], int | None]
"""the instants of the recordings, and which one is seen"""


def laid_out(settings: FilmSettings, recordings: int) -> list[Pane]:
    """The pane of each recording; in a montage each has all of the picture."""
    together = 1 if settings.montage else recordings
    made = panes(settings.size, together, settings.cameras, settings.layout)
    return made * recordings if settings.montage else made


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
            self._panes = laid_out(settings, len(recordings))
            self._cameras = [
                {view.camera: stage.cameras(view.camera, self._frame(place, view)) for view in pane.views}
                for place, (stage, pane) in enumerate(zip(self._stages, self._panes, strict=True))
            ]
        except BaseException:
            self.close()
            raise
        self._labels = [*settings.labels, *[""] * len(recordings)][: len(recordings)]
        self._drawn: tuple[Seen, Image.Image] | None = None
        self._cards: dict[tuple[str, Seen], Image.Image] = {}
        self.renderer = self._stages[0].renderer

    def _frame(self, place: int, view: View) -> Frame:
        seen = slice(place, place + 1) if self._settings.montage else slice(None)
        return frame_of(self._settings, self._panes[seen], self._stories[seen], view.rect)

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
            picture = Image.blend(picture, self._bare(moment), 2 * share) if share else picture
        else:
            card = self._card("title" if moment.title else "closing", moment)
            picture = Image.blend(self._bare(moment), card, 2 * share - 1)
        if moment.dip:
            picture = Image.blend(picture, Image.new("RGB", picture.size, self._theme.card), moment.dip)
        return np.asarray(picture)

    def _card(self, kind: str, moment: Moment) -> Image.Image:
        """A card over the bare picture of a moment."""
        key = kind, (moment.indices, moment.clip)
        if key not in self._cards:
            bare = self._bare(moment)
            if kind == "title":
                card = title_card(bare, self._stories, self._settings, self._theme)
            else:
                card = self._closing(bare, moment)
            self._cards = {key: card}
        return self._cards[key]

    def _closing(self, bare: Image.Image, moment: Moment) -> Image.Image:
        card = closing_card(bare, self._stories, self._labels, self._settings, self._theme)
        outcomes = {outcome_at(self._stories[place], moment.indices[place]) for place in self._seen(moment)}
        status, opacity = outcomes.pop()
        if status and not outcomes and self._settings.story and not self._settings.montage:
            draw_border(card, Rect(0, 0, *self._settings.size), status, opacity, self._theme)
        return card

    def _seen(self, moment: Moment) -> Sequence[int]:
        """Places of the recordings that are seen."""
        return range(len(self._stages)) if moment.clip is None else (moment.clip,)

    def _bare(self, moment: Moment) -> Image.Image:
        """The pictures without words."""
        from PIL import Image

        if self._drawn is None or self._drawn[0] != (moment.indices, moment.clip):
            canvas = Image.new("RGB", self._settings.size, self._theme.card)
            for place in self._seen(moment):
                for view in self._panes[place].views:
                    self._view(canvas, place, view, moment.indices[place])
            self._drawn = (moment.indices, moment.clip), canvas
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
        bare, settings = self._bare(moment), self._settings
        if not (settings.captions or settings.story):
            return bare
        canvas, seen = bare.copy(), self._seen(moment)
        shown, stories = [self._panes[i] for i in seen], [self._stories[i] for i in seen]
        indices, labels = [moment.indices[i] for i in seen], [self._labels[i] for i in seen]
        for patch, x, y in captions(settings, shown, stories, indices, labels):
            over(canvas, patch, x, y)
        if settings.story:
            for pane, story, index in zip(shown, stories, indices, strict=True):
                status, opacity = outcome_at(story, index)
                if status:
                    draw_border(canvas, pane.rect, status, opacity, self._theme)
        return canvas
