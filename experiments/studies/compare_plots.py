"""Learning curves and performance profiles as one PNG, with matplotlib, which is imported only when one is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from simonsays.experiments.charts import need_matplotlib, new_figure, png

COLOURS = ("#1f6feb", "#d1495b", "#2e8b57", "#b8860b", "#7b5ea7", "#30363d", "#17a2b8", "#e377c2")
_INK = "#30363d"
_STYLES = ("-", "--", "-.", ":")


def picture(size: tuple[float, float], panels: int, paint: Callable[[Any, Sequence[Any]], None]) -> bytes:
    """A PNG of panels side by side; ``paint(figure, axes)``."""
    need_matplotlib("evidence")
    figure = new_figure(size, 140)
    axes = figure.subplots(1, panels, squeeze=False)[0]
    for each in axes:
        each.spines[["top", "right"]].set_visible(False)
        each.grid(alpha=0.25)
        each.tick_params(labelsize=9, colors=_INK)
    paint(figure, axes)
    return png(figure)


def plot(results: Mapping[str, Any]) -> bytes:
    """A PNG: the metric against env steps and wall-clock, and the share of runs above each score."""
    return picture((14.0, 4.6), 3, lambda figure, axes: _paint(figure, axes, results))


def _paint(figure: Any, axes: Sequence[Any], results: Mapping[str, Any]) -> None:
    by_steps, by_time, profiles = axes
    shares = results["metric"] in ("survival", "success")
    for i, (label, found) in enumerate(results["groups"].items()):
        look = {"color": COLOURS[i % len(COLOURS)], "linestyle": _STYLES[i // len(COLOURS) % len(_STYLES)]}
        count = len(found["runs"])
        band(by_steps, found["curves"]["steps"], 1e-6, shares, look, f"{label} ({count} run{'s' * (count != 1)})")
        band(by_time, found["curves"]["wall_clock"], 1 / 60, shares, look)
        step = {**found["profile"], "at": found["profile"]["level"]}
        band(profiles, step, 100 if shares else 1, True, look, steps=True)
    name = results["metric"]
    for axis, title, x in (
        (by_steps, "By experience", "million env steps"),
        (by_time, "By time", "minutes of training"),
    ):
        axis.set_title(title, loc="left", fontsize=10, fontweight="bold", color=_INK)
        axis.set_xlabel(x, fontsize=9)
        axis.set_xlim(left=0)
        axis.locator_params(axis="x", nbins=6)
        axis.set_ylabel(f"{name} without assistance" + (", %" if shares else ""), fontsize=9)
        if shares:
            axis.set_ylim(-3, 103)
    profiles.set_title("Runs that end above a score", loc="left", fontsize=10, fontweight="bold", color=_INK)
    profiles.set_xlabel(f"{name} of the last checkpoint" + (", %" if shares else ""), fontsize=9)
    profiles.set_ylabel("runs, %", fontsize=9)
    profiles.set_ylim(-3, 103)
    figure.legend(loc="outside lower center", ncols=min(4, len(results["groups"])), frameon=False, fontsize=9)
    figure.suptitle(
        f"{results['env'].rpartition(':')[2]}: interquartile mean over runs, 95% stratified bootstrap intervals",
        fontsize=11,
        color=_INK,
    )


def band(
    axis: Any,
    found: Mapping[str, Sequence[float]],
    scale: float,
    percent: bool,
    look: Mapping[str, Any],
    label: str | None = None,
    steps: bool = False,
) -> None:
    """A line with its interval; ``scale`` is that of x, ``percent`` turns shares into percent."""
    factor = 100.0 if percent else 1.0
    x = [scale * at for at in found["at"]]
    value, low, high = ([factor * y for y in found[key]] for key in ("value", "low", "high"))
    axis.fill_between(x, low, high, color=look["color"], alpha=0.15, linewidth=0, step="post" if steps else None)
    axis.plot(x, value, linewidth=1.8, label=label, drawstyle="steps-post" if steps else "default", **look)
