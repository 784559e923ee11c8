"""``simon robustness``: where a policy breaks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from simonsays.experiments.cli._common import By, MeasuredPolicy, OneRobot, PhysicsEngine, RayAddress


def run(
    policy: MeasuredPolicy = None,
    robot: OneRobot = None,
    episodes: Annotated[int, typer.Option(help="At each value of each sweep.", min=1)] = 40,
    seed: Annotated[int, typer.Option(help="First seed.", min=0)] = 0,
    jobs: Annotated[int, typer.Option(help="Processes.", min=1)] = 2,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for robustness.json, .md, .png and episodes.jsonl; a cut-off run goes on there."),
    ] = None,
    sweeps: Annotated[
        str,
        typer.Option(
            help="Some of push,friction,payload,latency,slope_up,slope_down,slope_across,bumps,noise; all if not given."
        ),
    ] = "",
    plots: Annotated[bool, typer.Option(help="Draw robustness.png into --out; needs matplotlib.")] = True,
    engine: PhysicsEngine = "bullet",
    by: By = "local",
    ray_address: RayAddress = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Make one condition at a time worse (pushes, friction, payload, slopes ...) until the policy breaks."""
    from simonsays.experiments.charts import need_matplotlib
    from simonsays.experiments.cli._common import (
        comma_list,
        interruptible,
        measured_policy,
        print_json,
        print_table,
        progress_bar,
    )
    from simonsays.experiments.jobs.engines import Engine, absolute
    from simonsays.experiments.robustness.conditions import SWEEPS
    from simonsays.experiments.robustness.measure import measure
    from simonsays.experiments.robustness.report import NO_PLOTS, limits, write_report
    from simonsays.sim.engine_choice import in_words

    policy = measured_policy(robot, policy)
    chosen = comma_list("--sweeps", sweeps, SWEEPS)
    if out is not None and plots:
        need_matplotlib("plots", NO_PLOTS)
    spread = Engine(by, jobs, ray_address).map
    how = "the same command goes on" if out is not None else "nothing is kept without --out"
    with interruptible(how), progress_bar("sweeping") as update:
        run: dict[str, Any] = {"episodes": episodes, "seed": seed, "sweeps": chosen, "engine": engine}
        results = measure(absolute(policy), **run, folder=out, progress=update, spread=spread)
    if out is not None:
        write_report(out, results, plots)
    if json_output:
        print_json(results)
        return
    rows = [(sweep["title"], limits(sweep), limits(sweep, "falls")) for sweep in results["sweeps"].values()]
    title = f"{policy}, {episodes} episodes at each value, seeds from {seed}, {in_words(results)}"
    print_table(("condition", "80% succeed", "80% stay up"), rows, title)
