"""The transfer card: what ``simon transfer`` measured, as Markdown and as one picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simonsays.agents.measure.estimates import Estimate
from simonsays.assets.files import write_atomically, write_json
from simonsays.experiments.charts import need_matplotlib, new_figure, png
from simonsays.experiments.transfer.measure import JUDGED, PROTOCOLS, as_low
from simonsays.experiments.transfer.stresses import NONE, STRESSES

CARD, DATA, PICTURE = "TRANSFER.md", "transfer.json", "transfer.png"
NO_PLOTS = ", or leave them out with --no-plots"
FIGURES = (
    ("survival", "up for 20 s of random commands", "%"),
    ("velocity_error", "velocity error", "m/s"),
    ("yaw_rate_error", "yaw-rate error", "rad/s"),
    ("standing_survival", "stands for 10 s", "%"),
    ("push_survival_0.4", "stands after a push of 0.4 m/s", "%"),
    ("push_survival_0.6", "stands after a push of 0.6 m/s", "%"),
    ("arms_falls_per_minute", "falls a minute, arms moving", "/min"),
)
_UNSEEN = "not observed"


def _figure(cell: dict[str, Any], name: str, unit: str) -> str:
    found = cell["figures"].get(name)
    return "-" if found is None else Estimate(**found).text(unit)


def _row(values: Iterator[str] | list[str]) -> str:
    return f"| {' | '.join(values)} |"


def short(cell: dict[str, Any] | None) -> str:
    """A cell in a table: survival of random commands, the velocity error, and another share that breaks more surely."""
    if cell is None:
        return _UNSEEN
    figures = cell["figures"]
    share, error = figures.get("survival"), figures.get("velocity_error")
    parts = [f"{100 * share['value']:.0f}%"] if share else []
    parts += [f"{error['value']:.3f} m/s"] if error else []
    parts += [_share(cell, name) for name in _worst(cell) if name != "survival"]
    parts = parts or [_share(cell, name) for name in JUDGED if figures.get(name)][:1]
    text = ", ".join(parts) or "-"
    return f"**{text}**" if cell["certain"] else text


def _worst(cell: dict[str, Any]) -> list[str]:
    """The broken share that is most surely so, the first of equal ones; none where nothing is broken."""
    return sorted(cell["broken"], key=lambda name: as_low(cell["figures"][name]))[:1]


def _share(cell: dict[str, Any], name: str) -> str:
    share = cell["figures"][name]
    return f"{JUDGED[name]} {round(share['value'] * share['count'])}/{share['count']}"


def table(results: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Header and rows: a stress in each, a place in each column."""
    titles = [place["title"] for place in results["places"]]
    by = {(cell["place"], cell["stress"]): cell for cell in results["cells"]}
    names = [name for name in STRESSES if name in results["unobserved"] or (titles[0], name) in by]
    rows = [[STRESSES[name].title, *(short(by.get((title, name))) for title in titles)] for name in names]
    return ["stress", *titles], rows


def causes(results: dict[str, Any]) -> list[str]:
    """A line for each stress that breaks the policy somewhere: where, at what worst, and the likely cause."""
    lines, same, said = [], [], dict[str, str]()
    for name in dict.fromkeys(cell["stress"] for cell in results["cells"] if cell["broken"]):
        by: dict[str, list[dict[str, Any]]] = {}
        for cell in results["cells"]:
            if cell["stress"] == name and cell.get("cause"):
                by.setdefault(cell["cause"], []).append(cell)
        if not by:
            same.append(STRESSES[name].title)
            continue
        told = []
        for cause, cells in by.items():
            where = "; ".join(f"{cell['place']}: {_share(cell, _worst(cell)[0])}" for cell in cells)
            told.append(f"{where}. {said.setdefault(cause, cause)}")
            said[cause] = "The cause is as above."
        lines.append(f"**{STRESSES[name].title}**: {' '.join(told)}")
    return lines + ([f"Below it, but nowhere worse than with {NONE!r}: {'; '.join(same)}."] if same else [])


def command(results: dict[str, Any]) -> str:
    """The command that gave the results."""
    text = f"simon transfer {results['policy']} --episodes {results['episodes']} --seed {results['seed']}"
    text += "".join(
        f" --mjcf {Path(file).name}" for file in dict.fromkeys(p["mjcf"] for p in results["places"]) if file
    )
    engines = list(dict.fromkeys(place["engine"] for place in results["places"]))
    stresses = {cell["stress"] for cell in results["cells"]} | set(results["unobserved"])
    text += "" if stresses == set(STRESSES) else f" --only {','.join(name for name in STRESSES if name in stresses)}"
    text += f" --engines {','.join(engines)}" if len(engines) < 2 else ""
    return text + (
        "" if len(results["protocols"]) == len(PROTOCOLS) else f" --protocols {','.join(results['protocols'])}"
    )


def markdown(results: dict[str, Any], picture: str | None) -> str:
    """The card; ``picture``: name of the one beside it."""
    header, rows = table(results)
    nominal = [cell for cell in results["cells"] if cell["stress"] == NONE]
    plain = [
        _row([label, *(_figure(cell, name, unit) for cell in nominal)])
        for name, label, unit in FIGURES
        if any(name in cell["figures"] for cell in nominal)
    ]
    rule, lines = _row(["---"] * len(header)), causes(results)
    missing = "".join(f" Not tried in {name}: {why}." for name, why in results["missing"].items())
    unseen = (
        f" {_UNSEEN[0].upper()}{_UNSEEN[1:]}: the policy does not see the base's velocity."
        if results["unobserved"]
        else ""
    )
    shown = f"\n![Survival by engine, model and stress]({picture})\n" if picture else ""
    share = f"{100 * results['threshold']:.0f}%"
    broken = "\n".join(f"- {line}" for line in lines) or f"Nothing: every share is {share} or more."
    table_of, plain_of = ("\n".join(_row(row) for row in rows)), "\n".join(plain)
    return f"""# Transfer of {results["policy"]}

`{command(results)}`; policy digest `{results["policy_digest"]}`.

The policy as it is, nothing tuned, in other engines and on other models of its robot, and under what a real robot adds.
Protocols and seeds of `simon evaluate`, the same everywhere; 95% intervals: Wilson for shares, bootstrap for means,
score for falls a minute.{missing} All figures: {DATA}; what is done: docs/transfer.md.

## As it is

{_row(["what", *header[1:]])}
{rule}
{plain_of}

## Under stress

Survival of random commands, velocity error, and what else is below {share} more surely; bold: surely below.{unseen}

{_row(header)}
{rule}
{table_of}
{shown}
## What breaks, and why

{broken}
"""


def write_report(folder: Path, results: dict[str, Any], plots: bool) -> None:
    """Write transfer.json, TRANSFER.md and, with ``plots``, transfer.png, each whole or not at all.

    Raises:
        InputError: matplotlib is needed and not installed.
    """
    if plots:
        write_atomically(folder / PICTURE, plot(results))
    write_json(folder / DATA, results)
    write_atomically(folder / CARD, markdown(results, PICTURE if plots else None))


_LINES = (
    ("velocity_error", "{:.3f} m/s", 1.0),
    ("yaw_rate_error", "{:.3f} rad/s", 1.0),
    ("push_survival_0.6", "pushed {:.0f}%", 100.0),
    ("arms_falls_per_minute", "arms {:.2g}/min", 1.0),
)


def plot(results: dict[str, Any]) -> bytes:
    """A PNG: a row for each stress, a column for each engine and model, coloured by survival of random commands.

    Raises:
        InputError: matplotlib is not installed.
    """
    need_matplotlib("plots", NO_PLOTS)
    from matplotlib.colors import LinearSegmentedColormap

    header, rows = table(results)
    titles, stresses = header[1:], [row[0] for row in rows]
    by = {(cell["place"], STRESSES[cell["stress"]].title): cell for cell in results["cells"]}
    figure = new_figure((2.9 + 2.9 * len(titles), 1.7 + 0.5 * len(stresses)), 130)
    axes = figure.subplots()
    stops = [(0.0, "#d9705f"), (0.6, "#efb06f"), (0.85, "#f3e2a0"), (0.95, "#cfe3b4"), (1.0, "#8cc49a")]
    colours = LinearSegmentedColormap.from_list("survival", stops)
    for row, stress in enumerate(stresses):
        for column, title in enumerate(titles):
            _tile(axes, column, row, by.get((title, stress)), colours)
    axes.set_xlim(-0.5, len(titles) - 0.5)
    axes.set_ylim(len(stresses) - 0.5, -0.5)
    axes.set_xticks(range(len(titles)), titles, fontsize=10, fontweight="bold")
    axes.set_yticks(range(len(stresses)), stresses, fontsize=9.5)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    figure.suptitle(
        f"{results['policy']} in other engines, on other models, under stress", fontsize=12, fontweight="bold"
    )
    figure.supxlabel(
        f"large: up for 20 s of random commands ({results['episodes']} episodes a cell, seeds from {results['seed']}); "
        "small: velocity and yaw-rate error,\nup after a push of 0.6 m/s, falls a minute with moving arms",
        fontsize=8.5,
        color="#555555",
    )
    return png(figure)


def _tile(axes: Any, column: int, row: int, cell: dict[str, Any] | None, colours: Any) -> None:
    from matplotlib.patches import Rectangle

    figures = {} if cell is None else cell["figures"]
    share = figures.get("survival")
    colour = "#ececec" if share is None else colours(share["value"])
    axes.add_patch(Rectangle((column - 0.485, row - 0.46), 0.97, 0.92, facecolor=colour, edgecolor="none"))
    if cell is None:
        axes.text(column, row, _UNSEEN, ha="center", va="center", fontsize=9, color="#777777")
        return
    if share is not None:
        big = f"{100 * share['value']:.0f}%"
        axes.text(column - 0.44, row, big, ha="left", va="center", fontsize=12, fontweight="bold", color="#222222")
    known = [(figures.get(name), text, factor) for name, text, factor in _LINES]
    parts = [text.format(factor * found["value"]) for found, text, factor in known if found is not None]
    lines = [" · ".join(parts[i : i + 2]) for i in range(0, len(parts), 2)]
    axes.text(
        column + 0.46, row, "\n".join(lines), ha="right", va="center", fontsize=8, color="#333333", linespacing=1.35
    )
