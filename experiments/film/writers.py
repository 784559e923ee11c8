"""Pictures into files: .mp4 and .gif by ffmpeg, frame by frame, and .png."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simonsays.assets.files import check_writable, write_atomically

if TYPE_CHECKING:
    from simonsays.sim.pictures.camera import Picture

_MP4 = ("-crf", "20", "-preset", "veryfast", "-movflags", "+faststart", "-threads", "2")
_NEARLY_LOSSLESS = ("-crf", "6", "-preset", "ultrafast", "-threads", "2")
_GIF = "[0:v][1:v]paletteuse=dither=bayer:bayer_scale=4:diff_mode=rectangle"


def write_mp4(file: Path, pictures: Iterator[Picture], size: tuple[int, int], fps: int) -> None:
    """H.264 that plays everywhere."""
    _encode(file, pictures, size, fps, _MP4, "yuv420p")


def _encode(
    file: Path, pictures: Iterator[Picture], size: tuple[int, int], fps: int, options: tuple[str, ...], pixels: str
) -> None:
    import imageio_ffmpeg

    writer: Any = imageio_ffmpeg.write_frames(
        str(file),
        size,
        fps=fps,
        codec="libx264",
        pix_fmt_out=pixels,
        quality=None,
        macro_block_size=2,
        output_params=list(options),
        ffmpeg_log_level="error",
    )
    with closing(writer):
        writer.send(None)
        for picture in pictures:
            writer.send(np.ascontiguousarray(picture))


def write_gif(file: Path, pictures: Iterator[Picture], size: tuple[int, int], fps: int) -> None:
    """A GIF with one palette for all frames. They go through a file: memory holds a few of them at a time."""
    import imageio_ffmpeg

    film, palette = (file.with_name(f".{file.stem}-{os.getpid()}{suffix}") for suffix in (".mp4", ".png"))
    ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", "-threads", "2", "-i", str(film)]
    try:
        _encode(film, pictures, size, fps, _NEARLY_LOSSLESS, "yuv444p")
        subprocess.run([*ffmpeg, "-vf", "palettegen=stats_mode=full", str(palette)], check=True, capture_output=True)
        subprocess.run(
            [*ffmpeg, "-i", str(palette), "-lavfi", _GIF, "-loop", "0", str(file)], check=True, capture_output=True
        )
    finally:
        for scratch in (film, palette):
            scratch.unlink(missing_ok=True)


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
