"""The sound of a film: a voice or music from a file, checked before any work and fitted to the film's length."""

from __future__ import annotations

import tempfile
from pathlib import Path

from simonsays.assets import InputError, is_file
from simonsays.experiments.film.encoder import ffmpeg

SUFFIXES = (".wav", ".mp3", ".m4a", ".aac", ".ogg", ".oga", ".opus", ".flac")
_LONGEST = 7200  # s that are read
_RATE = 8000  # Hz, of what is counted
_FADE = 1.2  # s, at the end of a film that its sound outlasts
_SLACK = 0.05  # s: so much more or less is no news


def source(audio: Path) -> tuple[str, ...]:
    """ffmpeg's words for a file: as a file alone, whatever is in its name, and no address that is in it is followed."""
    return "-protocol_whitelist", "file,pipe", "-i", f"file:{audio.absolute()}"


def sound_seconds(audio: Path) -> float:
    """s of sound, decoded from the first to the last.

    Raises:
        InputError: no such file, another suffix, or no sound in it that can be read; the message names the file.
    """
    if audio.suffix.lower() not in SUFFIXES:
        raise InputError(f"audio {audio}: needs one of {', '.join(SUFFIXES)}")
    if not is_file(audio):
        raise InputError(f"audio {audio}: no such file")
    with tempfile.TemporaryDirectory(prefix="simonsays-sound-") as folder:
        read = ("-map", "0:a:0", "-t", str(_LONGEST), "-f", "s16le", "-ac", "1", "-ar", str(_RATE), "sound.raw")
        try:
            ffmpeg(Path(folder), *source(audio), *read)
        except OSError as error:
            raise InputError(f"audio {audio}: no sound can be read in it: {error}") from error
        seconds = (Path(folder) / "sound.raw").stat().st_size / (2 * _RATE)
    if not seconds:
        raise InputError(f"audio {audio}: it holds no sound")
    return seconds


def fitted(film: float, sound: float) -> tuple[str, ...]:
    """ffmpeg's options that make a sound of so many s as long as a film: silence after it, or faded out."""
    fade = f",afade=t=out:st={max(0.0, film - _FADE):.3f}:d={min(_FADE, film):.3f}" if sound > film else ""
    return "-af", f"apad{fade}", "-t", f"{film:.3f}", "-acodec", "aac", "-b:a", "160k", "-ac", "2", "-ar", "48000"


def told(film: float, sound: float) -> str:
    """What became of the sound, where it is not as long as the film."""
    if sound > film + _SLACK:
        return f"the sound of {sound:.1f} s is faded out at the film's end, {film:.1f} s"
    return f"the sound ends at {sound:.1f} s of {film:.1f} s" if sound < film - _SLACK else ""
