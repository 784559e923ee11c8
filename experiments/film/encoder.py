"""ffmpeg, run as a child that is believed only where it ends well."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from simonsays.sim.pictures.camera import Picture

_WORDS = 300  # of what ffmpeg says, characters at its beginning that are told: later complaints come of the first
_ADDRESS = re.compile(r"\[[^][]* @ 0x\w+\] ?")


def ffmpeg(folder: Path, *arguments: str, pictures: Iterable[Picture] = ()) -> None:
    """Run ffmpeg in a folder, give it pictures, and believe it only where it ends well and has nothing to say.

    Raises:
        OSError: it failed; the message has its words.
    """
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
