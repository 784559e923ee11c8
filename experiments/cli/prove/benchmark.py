"""``simon benchmark``: whether the robot does what it is told."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simonsays.experiments.cli._common import By, OneRobot, PhysicsEngine, RayAddress

Keep = Annotated[bool, typer.Option("--keep-recordings", help="Keep recordings of successes too.")]
Acting = Annotated[
    str | None,
    typer.Option(
        help="A shipped policy's name, a bundle's folder, or a baseline: zero, random.", show_default="the robot's own"
    ),
]


def run(
    suite: Annotated[
        list[str] | None,
        typer.Option(
            help="train, paraphrase, composition, long, all, or a .toml file; may be given again.", show_default="all"
        ),
    ] = None,
    robot: OneRobot = None,
    policy: Acting = None,
    seeds: Annotated[int, typer.Option(help="Scenes for each sentence; the first is its own.", min=1)] = 2,
    jobs: Annotated[int, typer.Option(help="Processes.", min=1)] = 2,
    out: Annotated[Path, typer.Option(help="Folder; a benchmark that is there is gone on with.")] = Path(
        "runs/benchmark"
    ),
    limit: Annotated[int | None, typer.Option(help="Episodes, of all suites in turn.", min=1)] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with --out, which must be there.")] = False,
    keep_recordings: Keep = False,
    engine: PhysicsEngine = "bullet",
    by: By = "local",
    ray_address: RayAddress = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print the summary as one JSON document.")] = False,
) -> None:
    """Run every sentence of a suite in scenes of its own, judge it twice, and report success with intervals.

    Writes results.json, report.md, plots (with the extra 'bench') and the recording of every failure. Ctrl-C stops it;
    the same command goes on.
    """
    from simonsays.experiments.benchmark.plots import NO_PLOTS, draw_plots
    from simonsays.experiments.benchmark.report import sentence_rows, write_report
    from simonsays.experiments.benchmark.running import Options, run_benchmark
    from simonsays.experiments.charts import can_plot
    from simonsays.experiments.cli._common import console, interruptible, print_json, print_table, progress_bar

    suites = tuple(suite or ("all",))
    options = Options(
        out,
        suites,
        *_acting(robot, policy),
        seeds,
        jobs,
        limit,
        keep_recordings,
        resume,
        by,
        ray_address,
        engine=engine,
    )
    with interruptible("the same command goes on"), progress_bar("benchmark") as update:
        found = run_benchmark(options, update)
    summary = write_report(found, out)
    written = ["report.md", "results.json"]
    if can_plot():
        written += [file.name for file in draw_plots(summary, out)]
    else:
        console(True).print(NO_PLOTS)
    if json_output:
        print_json({"manifest": found["manifest"], "summary": summary})
        return
    print_table(("sentences", "success [95%] (of)", "oracle"), sentence_rows(summary))
    console().print(f"wrote {', '.join(written)} in {out}", style="dim")


def _acting(robot: str | None, policy: str | None) -> tuple[str, str]:
    """The names of the robot, and of the policy or baseline that moves it."""
    from simonsays.assets.defaults import DEFAULT_ROBOT
    from simonsays.envs.policy.choice import chosen
    from simonsays.experiments.benchmark.episodes import BASELINES

    if policy in BASELINES:
        return robot or DEFAULT_ROBOT, str(policy)
    spec, acts = chosen(robot, policy)
    return spec.name, str(acts)
