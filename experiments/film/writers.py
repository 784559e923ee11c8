"""Pictures into files: .mp4 and .gif by ffmpeg, frame by frame, and .png."""

from __future__ import annotations

import io
import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simonsays.assets.files import check_writable, write_atomically

if TYPE_CHECKING:
    from simonsays.sim.pictures.camera import Picture

_MP4 = ("-crf", "20", "-preset", "veryfast", "-movflags", "+faststart", "-threads", "2")
_NEARLY_LOSSLESS = ("-crf", "6", "-preset", "ultrafast", "-threads", "2")
_GIF = "[0:v][1:v]paletteuse=dither=bayer:bayer_scale=4:diff_mode=rectangle"
_WORDS = 300  # of what ffmpeg says, characters at its beginning that are told: later complaints come of the first
_ADDRESS = re.compile(r"\[[^][]* @ 0x\w+\] ?")


def write_mp4(file: Path, pictures: Iterator[Picture], size: tuple[int, int], fps: int) -> None:
    """H.264 that plays everywhere.

    Raises:
        OSError: ffmpeg could not write it; the message has its words.
    """
    with _workshop(file) as folder:
        _encode(folder, pictures, size, fps, _MP4, "yuv420p")
        os.replace(folder / "film.mp4", file)


def write_gif(file: Path, pictures: Iterator[Picture], size: tuple[int, int], fps: int) -> None:
    """A GIF with one palette for all frames. They go through a file: memory holds a few of them at a time.

    Raises:
        OSError: as of :func:`write_mp4`.
    """
    with _workshop(file) as folder:
        _encode(folder, pictures, size, fps, _NEARLY_LOSSLESS, "yuv444p")
        film = ("-threads", "2", "-i", "film.mp4")
        _ffmpeg(folder, *film, "-vf", "palettegen=stats_mode=full", "palette.png")
        _ffmpeg(folder, *film, "-i", "palette.png", "-lavfi", _GIF, "-loop", "0", "film.gif")
        os.replace(folder / "film.gif", file)


@contextmanager
def _workshop(file: Path) -> Iterator[Path]:
    """A folder beside a file, for scratch: ffmpeg works in it by names of ours, as it reads meanings into others'."""
    with tempfile.TemporaryDirectory(prefix=".film-", dir=file.absolute().parent) as folder:
        yield Path(folder)


def _encode(
    folder: Path, pictures: Iterator[Picture], size: tuple[int, int], fps: int, options: tuple[str, ...], pixels: str
) -> None:
    width, height = size
    raw = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(fps), "-i", "pipe:0")
    coded = ("-an", "-vcodec", "libx264", "-pix_fmt", pixels, *options)
    _ffmpeg(folder, *raw, *coded, "film.mp4", pictures=pictures)


def _ffmpeg(folder: Path, *arguments: str, pictures: Iterable[Picture] = ()) -> None:
    """Run ffmpeg in a folder, give it pictures, and believe it only where it ends well and has nothing to say."""
    import imageio_ffmpeg

    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", *arguments]
    with tempfile.TemporaryFile() as said:
        # In a session of its own: Ctrl-C is for us, who end it.
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said, cwd=folder, start_new_session=True
        )
        try:
            _feed(child, pictures)
            status = child.wait()
        finally:
            child.kill()
            child.wait()
        said.seek(0)
        words = " ".join(_ADDRESS.sub("", said.read().decode(errors="replace")).split())
    if status or words:
        raise OSError(f"ffmpeg ended with status {status}: {words[:_WORDS] or 'it says nothing'}")


def _feed(child: subprocess.Popen[bytes], pictures: Iterable[Picture]) -> None:
    stdin = child.stdin
    assert stdin is not None
    for picture in pictures:
        try:
            stdin.write(np.ascontiguousarray(picture).data)
        except BrokenPipeError:  # it has ended, and says why
            break
    with suppress(BrokenPipeError):
        stdin.close()


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
