"""Films from recordings: frames are drawn in parallel processes and stream, in order, into one file."""

from __future__ import annotations

import math
import os
import textwrap
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from simonsays.assets import InputError
from simonsays.sim.camera import Renderer, follow, occluders
from simonsays.sim.recording import Recording, check_writable, write_atomically
from simonsays.sim.robots import get_robot
from simonsays.sim.rotations import yaw_from_quaternion
from simonsays.sim.spec import scene_from_dict
from simonsays.sim.world import World

if TYPE_CHECKING:
    from PIL import Image
    from simonsays.sim.camera import Picture

FORMATS = (".mp4", ".gif")
_CHUNK = 8  # frames a task
_MARKS = {"success": ("done", (52, 168, 83)), "failure": ("failed", (217, 48, 37))}

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class FilmSettings:
    """Size in pixels and frames a second."""

    size: tuple[int, int] = (640, 360)
    fps: int = 25

    def __post_init__(self) -> None:
        width, height = self.size
        if not (64 <= width <= 4096 and 64 <= height <= 4096) or width % 2 or height % 2:
            raise InputError(f"size {width}x{height}: width and height must be even, 64 to 4096")
        if not 1 <= self.fps <= 100:
            raise InputError(f"fps {self.fps}: must be 1 to 100")


def frame_indices(recording: Recording, fps: int) -> list[int]:
    """Which instants are shown: one every 1/fps s from the first to the last."""
    duration = float(recording.time[-1] - recording.time[0])
    wanted = recording.time[0] + np.arange(math.floor(duration * fps + 1e-6) + 1) / fps
    indices = np.searchsorted(recording.time, wanted - 1e-6).clip(0, len(recording) - 1)
    return [int(i) for i in indices]


class FrameDrawer:
    """Draws any instant of one recording; each process has its own."""

    def __init__(self, recording: Recording, settings: FilmSettings) -> None:
        self._recording, self._settings = recording, settings
        scene = scene_from_dict(recording.meta.get("scene", {}))
        self._world = World(scene, visuals=True)
        self._robot = self._world.spawn(get_robot(recording.meta.get("robot", "g1")))
        self._renderer = Renderer(self._world.client)
        yaws = np.array([yaw_from_quaternion(q) for q in recording.base_orientation])
        self._cameras = follow(recording.time, recording.base_position, yaws)

    def draw(self, index: int) -> Picture:
        """(height, width, 3) uint8 of instant ``index``, with captions."""
        rec = self._recording
        self._robot.reset(
            rec.base_position[index].tolist(),
            rec.base_orientation[index].tolist(),
            rec.joint_positions[index].tolist(),
        )
        self._world.set_prop_poses(rec.prop_positions[index], rec.prop_orientations[index])
        shadows = occluders(self._world, self._robot)
        picture = self._renderer.picture(self._cameras[index], *self._settings.size, shadows)
        return caption(picture, rec, index)

    def close(self) -> None:
        """Free the world."""
        self._world.close()


def caption(picture: Picture, recording: Recording, index: int) -> Picture:
    """The picture with the instruction above and the current step below."""
    from PIL import Image

    image = Image.fromarray(picture)
    text = str(recording.meta.get("instruction", ""))
    width, height = image.size
    size = max(11, height // 22)
    if text:
        per_line = max(10, int(width * 0.9 / (size * 0.5)))
        _box(image, textwrap.wrap(f"\u201c{text}\u201d", per_line)[:3], size, top=True)
    steps = recording.meta.get("steps", [])
    if steps:
        place = min(int(recording.step_index[index]), len(steps) - 1)
        step, time = steps[place], float(recording.time[index])
        line = f"{place + 1}/{len(steps)}  {step['text']}"
        over = step.get("ended") is not None and time >= step["ended"] - 1e-6
        mark, color = _MARKS.get(step["status"], ("", (255, 255, 255))) if over else ("", (255, 255, 255))
        _box(image, [f"{line}   {mark}".rstrip()], size, top=False, color=color)
    return np.asarray(image)


def _box(
    image: Image.Image,
    lines: list[str],
    size: int,
    *,
    top: bool,
    color: tuple[int, int, int] = (255, 255, 255),
) -> None:
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(size)
    measure = ImageDraw.Draw(image)
    widths = [measure.textlength(line, font=font) for line in lines]
    pad, spacing = size // 2, round(size * 1.3)
    width, height = round(max(widths)) + 4 * pad, spacing * len(lines) + pad
    left = (image.width - width) // 2
    y = pad if top else image.height - height - pad
    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    draw.rounded_rectangle((left, y, left + width, y + height), radius=size // 2, fill=(20, 26, 34, 190))
    bar = color != (255, 255, 255)
    if bar:
        draw.rounded_rectangle((left, y, left + pad // 2, y + height), radius=2, fill=(*color, 255))
    for i, line in enumerate(lines):
        x = (image.width - widths[i]) / 2
        draw.text((x, y + pad // 2 + i * spacing), line, font=font, fill=(255, 255, 255, 255))
    image.paste(Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB"))


_drawer: FrameDrawer | None = None  # one a worker process, made by its initializer


def _start_worker(recording: Recording, settings: FilmSettings) -> None:
    import signal

    global _drawer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its workers
    _drawer = FrameDrawer(recording, settings)


def _draw_chunk(indices: list[int]) -> list[Picture]:
    assert _drawer is not None
    return [_drawer.draw(index) for index in indices]


def frames(recording: Recording, settings: FilmSettings, jobs: int = 0) -> Iterator[Picture]:
    """The pictures of a film in order; equal whatever the number of processes (0: one a core)."""
    indices = frame_indices(recording, settings.fps)
    chunks = [indices[i : i + _CHUNK] for i in range(0, len(indices), _CHUNK)]
    jobs = min(jobs or os.cpu_count() or 1, len(chunks))
    if jobs == 1:
        drawer = FrameDrawer(recording, settings)
        try:
            for index in indices:
                yield drawer.draw(index)
        finally:
            drawer.close()
        return
    # An executor, not a Pool: a worker that is killed raises here, where a Pool would wait for ever.
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), _start_worker, (recording, settings))
    try:
        for chunk in pool.map(_draw_chunk, chunks):
            yield from chunk
    finally:
        pool.shutdown(cancel_futures=True)


def check_film(out: Path) -> None:
    """Refuse a film that cannot be made, before anything is simulated.

    Raises:
        InputError: see :func:`check_writable`.
    """
    check_writable(out, FORMATS)


def render_video(
    recording: Recording,
    out: str | Path,
    *,
    size: tuple[int, int] = (640, 360),
    fps: int = 25,
    jobs: int = 0,
    progress: Progress | None = None,
) -> Path:
    """Write a film, .mp4 (H.264) or .gif, whole or not at all.

    Raises:
        InputError: a wrong suffix, size or rate, no such folder, or an empty recording.
    """
    target, settings = Path(out), FilmSettings(size, fps)
    check_film(target)
    if len(recording) == 0:
        raise InputError("the recording is empty: there is nothing to film")
    total = len(frame_indices(recording, fps))
    pictures = _counted(frames(recording, settings, jobs), total, progress)
    scratch = target.with_name(f".{target.stem}-{os.getpid()}{target.suffix}")
    try:
        (_write_gif if target.suffix.lower() == ".gif" else _write_mp4)(scratch, pictures, settings)
        os.replace(scratch, target)
    finally:
        scratch.unlink(missing_ok=True)
    return target


def _counted(pictures: Iterator[Picture], total: int, progress: Progress | None) -> Iterator[Picture]:
    for i, picture in enumerate(pictures, start=1):
        yield picture
        if progress is not None:
            progress(i, total)


def _write_mp4(file: Path, pictures: Iterator[Picture], settings: FilmSettings) -> None:
    import imageio_ffmpeg

    writer: Any = imageio_ffmpeg.write_frames(
        str(file),
        settings.size,
        fps=settings.fps,
        codec="libx264",
        quality=None,
        macro_block_size=2,
        output_params=["-crf", "21", "-preset", "veryfast", "-movflags", "+faststart"],
        ffmpeg_log_level="error",
    )
    writer.send(None)
    try:
        for picture in pictures:
            writer.send(np.ascontiguousarray(picture))
    finally:
        writer.close()


def _write_gif(file: Path, pictures: Iterator[Picture], settings: FilmSettings) -> None:
    import imageio.v3 as iio

    iio.imwrite(file, np.stack(list(pictures)), duration=1000 / settings.fps, loop=0)


def render_frame(recording: Recording, index: int, size: tuple[int, int] = (640, 360)) -> Picture:
    """One captioned picture (height, width, 3) uint8 of instant ``index``."""
    drawer = FrameDrawer(recording, FilmSettings(size))
    try:
        return drawer.draw(index)
    finally:
        drawer.close()


def save_picture(picture: Picture, out: Path) -> None:
    """Write a .png, whole or not at all."""
    import io

    from PIL import Image

    check_writable(out, (".png",))
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="png")
    write_atomically(out, buffer.getvalue())
