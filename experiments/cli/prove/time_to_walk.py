"""``simon time-to-walk``: how soon the G1 walks, with each aid switched off in turn."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def run(
    recipe: Annotated[str, typer.Argument(help="A recipe of walking with an assisted stage.")] = "walk",
    variants: Annotated[
        str, typer.Option(help="Some of full,no-assistance,no-mirror,no-reference-gait; all if not given.")
    ] = "",
    seeds: Annotated[int, typer.Option(help="Runs of each variant.", min=1)] = 5,
    seed: Annotated[int, typer.Option(help="The first of them.", min=0)] = 0,
    budget: Annotated[int, typer.Option(help="Env steps of a run, at most.", min=1)] = 1_500_000,
    every: Annotated[int, typer.Option(help="Env steps between two checkpoints.", min=1)] = 50_000,
    episodes: Annotated[int, typer.Option(help="Of 20 s, at each checkpoint.", min=1)] = 30,
    jobs: Annotated[int, typer.Option(help="Processes that evaluate.", min=1)] = 2,
    work: Annotated[Path, typer.Option(help="Folder of the runs.")] = Path("runs/time-to-walk"),
    out: Annotated[Path, typer.Option(help="Folder of the results.")] = Path("experiments/results/time-to-walk"),
    report: Annotated[bool, typer.Option("--report", help="Only draw table and plots anew from the results.")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print the figures as one JSON document.")] = False,
) -> None:
    """Train, measure and report; goes on where it was cut off: finished runs are skipped, others resumed."""
    from simonsays.experiments.charts import need_matplotlib
    from simonsays.experiments.cli._common import comma_list, interruptible, print_json, print_table
    from simonsays.experiments.studies.evidence import rliable
    from simonsays.experiments.studies.time_to_walk import VARIANTS
    from simonsays.experiments.studies.time_to_walk_report import HEADER, rows
    from simonsays.experiments.studies.time_to_walk_report import report as write_report

    rliable()
    need_matplotlib("evidence")
    if not report:
        from simonsays.agents.recipes.recipe import load_recipe
        from simonsays.experiments.studies.time_to_walk import Settings

        settings = Settings(load_recipe(recipe), budget, every, episodes, jobs)
        wanted = [(name, n) for n in range(seed, seed + seeds) for name in comma_list("--variants", variants, VARIANTS)]
        with interruptible("the same command goes on"):
            _measure(settings, wanted, work, out)
    found = write_report(out)
    if json_output:
        print_json(found)
        return
    few = (0, 1, 2, 4, 6)  # the report has all of them
    print_table([HEADER[i] for i in few], [[row[i] for i in few] for row in rows(found)], str(out))


def _measure(settings: Any, wanted: list[tuple[str, int]], work: Path, out: Path) -> None:
    from simonsays.experiments.cli._common import progress_bar
    from simonsays.experiments.studies.time_to_walk import measure_run

    for i, (name, seed) in enumerate(wanted):
        label = f"{name}, seed {seed} ({i + 1} of {len(wanted)})"
        with progress_bar(label) as update:

            def training(now: dict[str, Any], label: str = label, update: Any = update) -> None:
                if "retraced" in now:
                    return
                rate = now["steps"] / max(now["seconds"], 1e-9)
                told = f"{label}  {rate:,.0f}/s  episode {now['episode_length']:.0f}  help {now['assistance']:.2f}"
                update(now["steps"], settings.budget, told)

            def evaluating(done: int, total: int, label: str = label, update: Any = update) -> None:
                update(done, total, f"{label}  evaluating")

            result = measure_run(settings, name, seed, work, out, training, evaluating)
        walks = result["walks"]
        told = f"walks at {walks['steps']:,} steps, {walks['wall_clock'] / 60:.1f} min" if walks else "does not walk"
        typer.echo(f"{label}: {told}", err=True)
