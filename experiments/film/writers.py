"""Pictures into files: .mp4 and .gif by ffmpeg, frame by frame, and .png."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from simonsays.assets.files import check_writable, write_atomically
from simonsays.experiments.film.encoder import ffmpeg

if TYPE_CHECKING:
    from simonsays.sim.pictures.camera import Picture

_MP4 = ("-crf", "20", "-preset", "veryfast", "-movflags", "+faststart", "-threads", "2")
_NEARLY_LOSSLESS = ("-crf", "6", "-preset", "ultrafast", "-threads", "2")
_GIF = "[0:v][1:v]paletteuse=dither=bayer:bayer_scale=4:diff_mode=rectangle"


def write_mp4(
    file: Path, pictures: Iterator[Picture], size: tuple[int, int], fps: int, sound: tuple[str, ...] = ("-an",)
) -> None:
    """H.264 that plays everywhere. ``sound``: ffmpeg's words for another input and for what becomes of it.

    Raises:
        OSError: ffmpeg could not write it; the message has its words.
    """
    with _workshop(file) as folder:
        _encode(folder, pictures, size, fps, _MP4, "yuv420p", sound)
        os.replace(folder / "film.mp4", file)


def write_gif(file: Path, pictures: Iterator[Picture], size: tuple[int, int], fps: int) -> None:
    """A GIF with one palette for all frames. They go through a file: memory holds a few of them at a time.

    Raises:
        OSError: as of :func:`write_mp4`.
    """
    with _workshop(file) as folder:
        _encode(folder, pictures, size, fps, _NEARLY_LOSSLESS, "yuv444p")
        film = ("-threads", "2", "-i", "film.mp4")
        ffmpeg(folder, *film, "-vf", "palettegen=stats_mode=full", "palette.png")
        ffmpeg(folder, *film, "-i", "palette.png", "-lavfi", _GIF, "-loop", "0", "film.gif")
        os.replace(folder / "film.gif", file)


@contextmanager
def _workshop(file: Path) -> Iterator[Path]:
    """A folder beside a file, for scratch: ffmpeg works in it by names of ours, as it reads meanings into others'."""
    with tempfile.TemporaryDirectory(prefix=".film-", dir=file.absolute().parent) as folder:
        yield Path(folder)


def _encode(
    folder: Path,
    pictures: Iterator[Picture],
    size: tuple[int, int],
    fps: int,
    options: tuple[str, ...],
    pixels: str,
    sound: tuple[str, ...] = ("-an",),
) -> None:
    width, height = size
    raw = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(fps), "-i", "pipe:0")
    coded = ("-vcodec", "libx264", "-pix_fmt", pixels, *options)
    ffmpeg(folder, *raw, *sound, *coded, "film.mp4", pictures=pictures)


def save_picture(picture: Picture, out: Path) -> None:
    """Write a .png, whole or not at all.

    Raises:
        InputError: see :func:`check_writable`.
    """
    from PIL import Image

    check_writable(out, (".png",))
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="png")
    write_atomically(out, buffer.getvalue())
