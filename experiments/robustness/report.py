"""The robustness card: what ``simon robustness`` measured, as Markdown and as one page of plots."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simonsays.agents.measure.estimates import percent
from simonsays.assets.files import write_atomically, write_json
from simonsays.experiments.charts import need_matplotlib, new_figure, png
from simonsays.experiments.robustness.conditions import SWEEPS
from simonsays.sim.engine_choice import in_words
from simonsays.sim.engines import DEFAULT

NO_PLOTS = ", or leave them out with --no-plots"


def _with_unit(value: float, sweep: dict[str, Any]) -> str:
    text = f"{value:.3g} {sweep['unit']}".strip()
    if second := sweep.get("second"):
        text += f" ({value * second['factor']:.3g} {second['unit']})"
    return text


def limits(sweep: dict[str, Any], verb: str = "breaks") -> str:
    """Where a sweep ``breaks`` (success) or ``falls`` (survival), in words; ``holds`` where it does neither."""
    values, nominal = [point["value"] for point in sweep["points"]], sweep["nominal"]
    low, high = sweep[f"{verb}_below"], sweep[f"{verb}_above"]
    if nominal in (low, high):
        return "not even nominal"
    parts = []
    if values[0] < nominal:
        parts.append(f"holds down to {values[0]:g}" if low is None else f"{verb} below {_with_unit(low, sweep)}")
    if values[-1] > nominal:
        end = _with_unit(values[-1], sweep)
        parts.append(f"holds up to {end}" if high is None else f"{verb} above {_with_unit(high, sweep)}")
    return ", ".join(parts)


def _error(mean: dict[str, float] | None) -> str:
    return "none stayed up" if mean is None else f"{mean['value']:.3f}"


def markdown(results: dict[str, Any], picture: str | None) -> str:
    """The card; ``picture``: name of the one beside it."""
    test, sweeps = results["test"], results["sweeps"]
    rows = "\n".join(f"| {sweep['title']} | {limits(sweep)} | {limits(sweep, 'falls')} |" for sweep in sweeps.values())
    details = "\n".join(_details(sweep) for sweep in sweeps.values())
    shown = f"![Success against each condition]({picture})\n\n" if picture else ""
    low, high = test["speeds"]
    command = f"simon robustness {results['policy']} --episodes {results['episodes']} --seed {results['seed']}"
    command += "" if len(sweeps) == len(SWEEPS) else f" --sweeps {','.join(sweeps)}"
    command += "" if results["engine"] == DEFAULT else f" --engine {results['engine']}"
    return f"""# Robustness of {results["policy"]}

`{command}`; policy digest `{results["policy_digest"]}`;
simulated by {in_words(results)}.

One condition at a time is made worse, all else stays nominal: flat ground, friction 1, no push, payload, latency or
noise. The robot (mass {results["mass_kg"]:g} kg) walks on a held heading at {low:g} to {high:g} m/s for
{test["seconds"]:g} s; a push comes after {test["push_at_s"]:g} s. It succeeds if it is up at the end and its mean
velocity over the last {test["judged_s"]:g} s is within {test["error"]:g} m/s of the command. It breaks where success
falls below {100 * test["threshold"]:g}%, interpolated. Intervals: 95%, Wilson.

| condition | {100 * test["threshold"]:g}% succeed | {100 * test["threshold"]:g}% stay up |
|---|---|---|
{rows}

{shown}{details}"""


def _details(sweep: dict[str, Any]) -> str:
    unit = f" ({sweep['unit']})" if sweep["unit"] else ""
    rows = "\n".join(
        f"| {point['value']:g} | {percent(point['success'])} | {percent(point['survival'])} | "
        f"{_error(point['error'])} | {point['success']['count']} |"
        for point in sweep["points"]
    )
    title = sweep["title"][0].upper() + sweep["title"][1:]
    return f"""## {title}

| value{unit} | success | stays up | velocity error, m/s | episodes |
|---|---|---|---|---|
{rows}
"""


def write_report(folder: Path, results: dict[str, Any], plots: bool) -> None:
    """Write robustness.json, robustness.md and, with ``plots``, robustness.png.

    Raises:
        InputError: matplotlib is needed and not installed.
    """
    if plots:
        write_atomically(folder / "robustness.png", plot(results))
    write_json(folder / "robustness.json", results)
    write_atomically(folder / "robustness.md", markdown(results, "robustness.png" if plots else None))


def plot(results: dict[str, Any]) -> bytes:
    """A PNG: success (with its interval) and survival against each condition, on one page.

    Raises:
        InputError: matplotlib is not installed.
    """
    need_matplotlib("plots", NO_PLOTS)
    sweeps = list(results["sweeps"].values())
    columns = min(3, len(sweeps))
    rows = -(-len(sweeps) // columns)
    figure = new_figure((max(4.2 * columns, 7.0), 2.9 * rows + 0.8), 130)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel, sweep in zip(axes, sweeps, strict=False):
        _panel(panel, sweep, results["test"]["threshold"])
    for panel in axes[len(sweeps) :]:
        panel.axis("off")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
    figure.suptitle(f"{results['policy']}: one condition at a time, {results['episodes']} episodes at each value")
    return png(figure)


_BLUE, _GREY, _RED = "#2457a6", "#8a8f98", "#c0392b"


def _panel(axes: Any, sweep: dict[str, Any], threshold: float) -> None:
    values = [point["value"] for point in sweep["points"]]
    success, survival = ([point[key] for point in sweep["points"]] for key in ("success", "survival"))
    axes.axhline(100 * threshold, color=_GREY, linewidth=0.8, linestyle=":")
    axes.plot(values, [100 * s["value"] for s in survival], color=_GREY, linestyle="--", label="stays up")
    axes.fill_between(
        values,
        [100 * s["low"] for s in success],
        [100 * s["high"] for s in success],
        color=_BLUE,
        alpha=0.15,
        linewidth=0,
        label="95% interval",
    )
    axes.plot(values, [100 * s["value"] for s in success], color=_BLUE, marker="o", markersize=4, label="success")
    axes.plot([], [], color=_RED, marker="v", linestyle="", label=f"breaks: success below {100 * threshold:g}%")
    for value in {sweep["breaks_below"], sweep["breaks_above"]} - {None}:
        axes.plot([value], [100 * threshold], color=_RED, marker="v", linestyle="", markersize=7, zorder=3)
        axes.annotate(
            f"{value:.3g}", (value, 100 * threshold), xytext=(6, 5), textcoords="offset points", color=_RED, fontsize=9
        )
    axes.set_ylim(-4, 108)
    axes.set_yticks([0, 25, 50, 75, 100], ["0%", "25%", "50%", "75%", "100%"])
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    title = sweep["title"][0].upper() + sweep["title"][1:]
    if second := sweep.get("second"):
        title += f" (1 {sweep['unit']} = {second['factor']:.0f} {second['unit']})"
    axes.set_title(title, fontsize=10, loc="left")
    axes.set_xticks(values, [f"{value:g}" for value in values])
    axes.set_xlabel(sweep["unit"], fontsize=9)
    axes.tick_params(labelsize=9)
