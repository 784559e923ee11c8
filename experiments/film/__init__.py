"""Films from recordings: frames are drawn in parallel processes and stream, in order, into one file."""

from simonsays.experiments.film.drawing import FrameDrawer
from simonsays.experiments.film.frames import default_jobs, frames
from simonsays.experiments.film.render import Rendered, check_film, render, render_frame
from simonsays.experiments.film.settings import FilmSettings, film_settings
from simonsays.experiments.film.timeline import Moment, frame_indices, prepare

__all__ = [
    "FilmSettings",
    "FrameDrawer",
    "Moment",
    "Rendered",
    "check_film",
    "default_jobs",
    "film_settings",
    "frame_indices",
    "frames",
    "prepare",
    "render",
    "render_frame",
]
