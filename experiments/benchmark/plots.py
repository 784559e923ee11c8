"""Plots of a benchmark's summary, with matplotlib (the extra ``plots``), which is imported only when one is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from simonsays.assets.files import write_atomically
from simonsays.experiments.charts import new_figure, png

NO_PLOTS = "note: no plots without matplotlib; pip install 'simonsays[plots]'"
_DONE, _ORACLE, _WRONG, _INK = "#1f6feb", "#b9c4d0", "#d1495b", "#30363d"
_DPI = 150
Summary = Mapping[str, Any]


def draw_plots(summary: Summary, out: Path) -> list[Path]:
    """Write every plot for which there is something to show into a folder, as PNG; returns the files."""
    drawn = []
    for name, draw in _PLOTS.items():
        if (picture := draw(summary)) is not None:
            write_atomically(out / f"{name}.png", picture)
            drawn.append(out / f"{name}.png")
    return drawn


def _picture(size: tuple[float, float], title: str, paint: Callable[[Any], None]) -> bytes:
    """A PNG of one pair of axes."""
    figure = new_figure(size, _DPI)
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", fontsize=11, fontweight="bold", color=_INK, pad=10)
    axes.spines[["top", "right", "left", "bottom"]].set_visible(False)
    axes.tick_params(colors=_INK, length=0)
    axes.set_axisbelow(True)
    axes.grid(axis="x", color="#e6e9ed")
    paint(axes)
    return png(figure)


def _bars(axes: Any, names: Sequence[str], series: Mapping[str, tuple[str, Sequence[Any]]]) -> None:
    """Lying bars in percent, a group a name from the top, with intervals and the count at the end."""
    height = 0.8 / len(series)
    for place, (label, (colour, figures)) in enumerate(series.items()):
        first = next((i for i, figure in enumerate(figures) if figure is not None), None)
        for i, figure in enumerate(figures):
            if figure is None:
                continue
            y = i - 0.4 + height * (place + 0.5)
            value, low, high = (100 * figure[key] for key in ("value", "low", "high"))
            axes.barh(y, value, height * 0.88, color=colour, label=label if i == first else None)
            axes.plot([low, high], [y, y], color=_INK, linewidth=1.1, solid_capstyle="butt")
            axes.text(103, y, f"{value:.0f}%  of {figure['count']}", va="center", fontsize=7.5, color=_INK)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.45, -0.55)
    axes.set_xlim(0, 122)
    axes.set_xticks(range(0, 101, 20), [f"{tick}%" for tick in range(0, 101, 20)])
    if len(series) > 1:
        axes.figure.legend(loc="outside lower left", ncols=len(series), frameon=False, fontsize=9)


def _beside_oracle(title: str, groups: Mapping[str, Any]) -> bytes | None:
    shown = {name: value for name, value in groups.items() if value["success"] is not None}
    if not shown:
        return None
    series = {
        "done as told": (_DONE, [value["success"] for value in shown.values()]),
        "oracle: what is meant, by the same skills": (_ORACLE, [value["oracle"] for value in shown.values()]),
    }
    return _picture((8.0, 1.5 + 0.5 * len(shown)), title, lambda axes: _bars(axes, [*shown], series))


def _verbs(summary: Summary) -> bytes | None:
    groups = {name.replace("_", " "): value for name, value in summary["by_verb"].items()}
    return _beside_oracle("Steps that were done, by verb (95% intervals)", groups)


def _splits(summary: Summary) -> bytes | None:
    names = {"en": "English", "zh": "Mandarin"}
    steps = {f"{name} step{'s' * (name != '1')}": value for name, value in summary["by_steps"].items()}
    groups = {**summary["by_suite"], **steps}
    groups |= {names.get(name, name): value for name, value in summary["by_language"].items()}
    return _beside_oracle("Whole sentences that were done (95% intervals)", groups)


def _labels(summary: Summary) -> bytes | None:
    counts = {name: count for name, count in summary["labels"].items() if count}
    if not counts:
        return None

    def paint(axes: Any) -> None:
        axes.bar_label(axes.barh([*counts], [*counts.values()], 0.6, color=_WRONG), padding=4, fontsize=9, color=_INK)
        axes.invert_yaxis()
        axes.margins(x=0.12)
        axes.xaxis.get_major_locator().set_params(integer=True)

    return _picture((8.0, 1.2 + 0.38 * len(counts)), f"Why {sum(counts.values())} sentences failed", paint)


def _sensitivity(summary: Summary) -> bytes | None:
    found = {name: value for name, value in summary["sensitivity"].items() if value["mismatched"] and name != "all"}
    if not found:
        return None
    names = ["what is meant", *(f"{name} text" for name in found)]
    figures = [summary["not_at_rest"]["success"], *(value["mismatched"] for value in found.values())]
    title = "How often what was meant was done, by what was said (95% intervals)"
    return _picture((8.0, 1.0 + 0.45 * len(names)), title, lambda axes: _bars(axes, names, {"": (_DONE, figures)}))


_PLOTS: dict[str, Callable[[Summary], bytes | None]] = {
    "verbs": _verbs,
    "sentences": _splits,
    "failures": _labels,
    "sensitivity": _sensitivity,
}
