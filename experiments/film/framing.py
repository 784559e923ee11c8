"""What a film's camera shows of each step: whether robot and things are in the picture, by projection."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simonsays.assets.notes import dataclass
from simonsays.experiments.film.captions import captions, frame_of
from simonsays.experiments.film.drawing import laid_out, with_cameras
from simonsays.experiments.film.layout import Rect
from simonsays.experiments.film.settings import FilmSettings
from simonsays.experiments.film.timeline import prepare
from simonsays.sim.pictures.camera import Camera
from simonsays.sim.pictures.cameras import camera_path
from simonsays.sim.pictures.subjects import body_points, extremities, prop_points
from simonsays.sim.recording import Recording
from simonsays.sim.state import Array
from simonsays.sim.storyline import Storyline


@dataclass(frozen=True)
class StepFraming:
    """How a step of a recording is seen in a film, as shares (0 to 1) of the step's frames."""

    text: str
    frames: int
    robot: float
    """head and hands of the robot are in the picture and under no caption or other picture"""
    things: float
    """all things that the step is about are whole in the picture and under no caption or picture; 1 without any"""
    named: tuple[str, ...]
    """the things"""


def framing(recording: Recording, settings: FilmSettings | None = None) -> list[StepFraming]:
    """How each step that began is seen by a film's first camera, from its beginning to its end.

    Raises:
        InputError: as of frames().
    """
    settings = settings or FilmSettings()
    (fitted,), moments = prepare([recording], settings)
    fitted, story = with_cameras(fitted), Storyline.of(fitted)
    shown = laid_out(settings, 1)
    rect, insets = shown[0].views[0].rect, [view.rect for view in shown[0].views if view.inset]
    path = camera_path(settings.cameras[0], fitted, frame_of(settings, shown, [story], rect))
    body = body_points(fitted)[:, extremities(fitted)]
    props = [prop_points(fitted, place) for place in range(len(fitted.prop_names))]
    indices = sorted({moment.indices[0] for moment in moments})
    made = []
    for step, about in zip(story.steps, story.about, strict=True):
        own = [i for i in indices if step.status_at(float(fitted.time[i])) == "running"]
        if not own:
            continue
        seen = []
        for i in own:
            words = [*insets, *(each.rect for each in captions(settings, shown, [story], [i]))]
            clear = [_clear(props[place][i], path[i], rect, words) for place in about]
            seen.append((_clear(body[i], path[i], rect, words), all(clear)))
        robot, things = np.mean(seen, axis=0).tolist()
        names = tuple(str(fitted.prop_names[place]) for place in about)
        made.append(StepFraming(step.text, len(own), robot, things, names))
    return made


def _clear(points: Array, camera: Camera, rect: Rect, words: Sequence[Rect]) -> bool:
    """Whether points (N, 3) m, world, are in a picture, and the rectangle around them is under no words."""
    places, depth = camera.project(points, rect.width / rect.height)
    if (depth < camera.near).any() or (places < 0).any() or (places > 1).any():
        return False
    (left, top), (right, bottom) = (places.min(axis=0) * rect.size, places.max(axis=0) * rect.size)
    return not any(
        left + rect.x < word.x + word.width
        and right + rect.x > word.x
        and top + rect.y < word.y + word.height
        and bottom + rect.y > word.y
        for word in words
    )
