"""``simon experiment``: run one of the committed experiments again, or redraw its table and plot."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_EXPERIMENTS = ("trunks",)


def run(
    name: Annotated[str, typer.Argument(help="trunks: plain layers, a residual network and mHC compared.")],
    out: Annotated[Path | None, typer.Option(help="Folder.", show_default="runs/experiment-NAME")] = None,
    steps: Annotated[
        int | None, typer.Option(help="Env steps of each run.", show_default="the recipe's", min=1)
    ] = None,
    only_redraw: Annotated[bool, typer.Option("--redraw", help="Draw the results in the folder, run nothing.")] = False,
    no_plots: Annotated[bool, typer.Option("--no-plots", help="Leave the plot out.")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="The results as JSON.")] = False,
) -> None:
    """Run an experiment; runs that are in the folder already are not run again."""
    from simonsays.assets import InputError, did_you_mean, needs_extra
    from simonsays.assets.reading import read_table
    from simonsays.experiments.charts import need_matplotlib
    from simonsays.experiments.cli._common import print_json
    from simonsays.experiments.robustness.report import NO_PLOTS

    if name not in _EXPERIMENTS:
        raise InputError(f"no experiment {name!r}{did_you_mean(name, _EXPERIMENTS)}")
    if not no_plots:
        need_matplotlib("plots", NO_PLOTS)
    folder = out or Path("runs") / f"experiment-{name}"
    from simonsays.experiments.studies.trunks import redraw, run_trunks

    if only_redraw and not (folder / "results.json").is_file():
        raise InputError(f"{folder}: no results.json in it")
    if not only_redraw:
        with needs_extra("train", "training"):
            run_trunks(folder, steps, lambda text: typer.echo(text, err=True))
    redraw(folder, plots=not no_plots)
    if json_output:
        print_json(read_table(folder / "results.json"))
    else:
        typer.echo((folder / "trunks.md").read_text(encoding="utf-8"))
