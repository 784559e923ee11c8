"""A clip's reference on a robot beside the clip's own figure, as a film or a strip of pictures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simonsays.experiments.film.text import LINE, draw_text
from simonsays.experiments.film.theme import theme
from simonsays.experiments.film.writers import save_picture, write_gif, write_mp4
from simonsays.sim.clips.reference import MotionReference
from simonsays.sim.pictures.camera import Camera
from simonsays.sim.pictures.stage import Stage

if TYPE_CHECKING:
    from simonsays.sim.pictures.camera import Picture
    from simonsays.sim.state import Array

FILMS = (".mp4", ".gif", ".png")
_LOOK = "light"
_EACH, _STRIP = (320, 360), (176, 220)  # pixels of one picture
_PICTURES = 8  # of a strip
_FPS = 25
_HEAD, _LEGS = 0.16, 3  # of the trunk's length, the radius of a head; points up to here are a leg's
_SIDES = ((196, 78, 60), (52, 104, 192))  # left, right


def film_clip(reference: MotionReference, out: Path) -> int:
    """Write a .mp4, a .gif, or a .png of pictures from left to right; returns how many instants it shows.

    Raises:
        OSError: it could not be written.
    """
    count = len(reference.joint_positions)
    if out.suffix.lower() == ".png":
        at = np.unique(np.linspace(0, count - 1, _PICTURES).round().astype(int)).tolist()
        pairs = [np.concatenate(pair, axis=0) for pair in _pairs(reference, at, _STRIP)]
        save_picture(np.concatenate(pairs, axis=1), out)
        return len(pairs)
    at = list(range(0, count, max(1, round(reference.hz / _FPS))))
    pictures = (np.concatenate(pair, axis=1) for pair in _pairs(reference, at, _EACH))
    write = write_gif if out.suffix.lower() == ".gif" else write_mp4
    write(out, pictures, (2 * _EACH[0], _EACH[1]), _FPS)
    return len(at)


def _pairs(reference: MotionReference, at: list[int], size: tuple[int, int]) -> Iterator[tuple[Picture, Picture]]:
    """The robot, and the figure from the same place, (height, width, 3) uint8."""
    recording = reference.recording()
    with closing(Stage(recording, look=_LOOK)) as stage:
        cameras = stage.cameras("front")
        for index in at:
            drawn = stage.draw(index, cameras[index], size)
            yield drawn, _drawn(reference.figure[index], cameras[index], size, f"{index / reference.hz:.2f} s")


def _drawn(points: Array, camera: Camera, size: tuple[int, int], text: str) -> Picture:
    """A figure of lines: limbs by side, trunk and head."""
    from PIL import Image, ImageDraw

    colors, (width, height) = theme(_LOOK), size
    picture = Image.new("RGB", size, colors.card)
    pen, line = ImageDraw.Draw(picture), max(2, height // 60)
    hips, shoulders = points[:, 0].mean(axis=0), points[:, _LEGS].mean(axis=0)
    trunk = shoulders - hips
    head = shoulders + 2 * _HEAD * trunk

    def place(point: Array) -> tuple[float, float]:
        share = camera.project(point, width / height)[0]
        return float(share[0] * width), float(share[1] * height)

    for ends in ((hips, head), (points[0, 0], points[1, 0]), (points[0, _LEGS], points[1, _LEGS])):
        pen.line([place(end) for end in ends], fill=colors.muted, width=line)
    for side, color in zip(points, _SIDES, strict=True):
        for limb in (side[:_LEGS], side[_LEGS:]):
            pen.line([place(point) for point in limb], fill=color, width=line, joint="curve")
    x, y = place(head)
    across = _HEAD * float(np.linalg.norm(trunk)) * camera.axes()[0]
    radius = abs(place(head + across)[0] - x)
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colors.muted)
    unit = max(9, height // 24)
    draw_text(picture, (0.6 * unit, height - (LINE + 0.4) * unit), text, unit, (*colors.ink, 255))
    return np.asarray(picture)
