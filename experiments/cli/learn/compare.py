"""``simon compare``: training runs beside each other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def run(
    runs: Annotated[
        list[str], typer.Argument(help="FOLDER or LABEL=FOLDER: a run, a folder of seed_N runs, or one of results.")
    ],
    out: Annotated[Path | None, typer.Option(help="Folder for report.md, curves.png and comparison.json.")] = None,
    metric: Annotated[
        str | None, typer.Option(help="survival, success, return or length; by default what the env is judged by.")
    ] = None,
    episodes: Annotated[int, typer.Option(help="At each checkpoint that is not measured yet.", min=1)] = 30,
    seed: Annotated[int, typer.Option(help="First seed of the episodes.", min=0)] = 0,
    jobs: Annotated[int, typer.Option(help="Processes that measure.", min=1)] = 2,
    plots: Annotated[bool, typer.Option(help="Draw curves.png into --out; needs matplotlib.")] = True,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Compare runs: interquartile means with 95% intervals, learning curves, probability of improvement."""
    from simonsays.assets.files import write_atomically, write_json
    from simonsays.experiments.charts import need_matplotlib
    from simonsays.experiments.cli._common import console, make_folder, print_json, print_table, progress_bar
    from simonsays.experiments.studies.compare import (
        HEADER,
        Evaluation,
        check_metric,
        compare,
        load_groups,
        markdown,
        number,
        rows,
    )
    from simonsays.experiments.studies.compare_plots import plot
    from simonsays.experiments.studies.evidence import rliable

    rliable()
    check_metric(metric)
    if out is not None:
        make_folder("--out", out)
        if plots:
            need_matplotlib("evidence")
    with progress_bar("evaluating") as update:
        groups = load_groups(runs, Evaluation(episodes, seed, jobs, update))
    results = compare(groups, metric)
    if out is not None:
        if plots:
            write_atomically(out / "curves.png", plot(results))
        write_atomically(out / "report.md", markdown(results, "curves.png" if plots else None))
        write_json(out / "comparison.json", results)
    if json_output:
        print_json(results)
        return
    print_table(HEADER, rows(results), f"{results['metric']} in {results['env']}")
    for pair in results["improvement"]:
        told = f"P({pair['a']} better than {pair['b']}) = {number('probability', pair)}"
        console().print(told)
    for label, found in results["groups"].items():
        if found["missing"]:
            console().print(f"left out of {label}, no checkpoint: {', '.join(found['missing'])}")
