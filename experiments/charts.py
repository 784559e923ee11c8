"""Charts of reports as PNG, by matplotlib, which is imported only when one is drawn: no window, no state of pyplot."""

from __future__ import annotations

import importlib.util
import io
from typing import Any

from simonsays.assets import InputError


def can_plot() -> bool:
    """Whether matplotlib is there."""
    return importlib.util.find_spec("matplotlib") is not None


def need_matplotlib(extra: str, hint: str = "") -> None:
    """Refuse to go on without matplotlib, which an ``extra`` of ours installs.

    Raises:
        InputError: it is not installed; the message says how to install it.
    """
    if not can_plot():
        raise InputError(f"plots need matplotlib: pip install 'simonsays[{extra}]'{hint}")


def new_figure(size: tuple[float, float], dpi: int) -> Any:
    """An empty figure, ``size`` in inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=size, dpi=dpi, layout="constrained")


def png(figure: Any) -> bytes:
    """A figure as PNG; equal figures give equal bytes."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()
