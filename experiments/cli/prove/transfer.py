"""``simon transfer``: whether a policy walks in other engines, on other models, under what a real robot adds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from simonsays.experiments.cli._common import By, MeasuredPolicy, OneRobot, RayAddress

Episodes = Annotated[int, typer.Option(help="Of tracking and push in each cell; the others run a share of it.", min=1)]
Engines = Annotated[str, typer.Option(help="Physics engines, by comma; all that are installed by default.")]
Mjcf = Annotated[
    list[Path] | None, typer.Option(help="A vendor's MJCF of the robot, tried beside its URDF; may be given again.")
]
Only = Annotated[
    str, typer.Option(help="Some stresses, by comma: a wrong name lists the nearest. 'none' always runs, too.")
]
Protocols = Annotated[str, typer.Option(help="Some of tracking,standing,push,arms; all if not given.")]
Out = Annotated[
    Path | None, typer.Option(help="Folder for TRANSFER.md, transfer.json and .png; a cut-off run goes on there.")
]
IntoBundle = Annotated[
    bool, typer.Option("--into-bundle", help="Put the card beside the policy, so that it ships with it.")
]

Plots = Annotated[bool, typer.Option(help="Draw transfer.png; needs matplotlib.")]
Seed = Annotated[int, typer.Option(help="First seed.", min=0)]
Workers = Annotated[int, typer.Option(help="Processes.", min=1)]


def run(
    policy: MeasuredPolicy = None,
    robot: OneRobot = None,
    episodes: Episodes = 20,
    seed: Seed = 0,
    workers: Workers = 2,
    engines: Engines = "",
    mjcf: Mjcf = None,
    only: Only = "",
    protocols: Protocols = "",
    out: Out = None,
    into_bundle: IntoBundle = False,
    plots: Plots = True,
    by: By = "local",
    ray_address: RayAddress = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Try a policy in other engines, on other models of its robot and under stress, and name what breaks it."""
    from simonsays.envs.policy.policy import bundle_folder
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
    from simonsays.experiments.transfer.measure import PROTOCOLS, measure
    from simonsays.experiments.transfer.report import NO_PLOTS, causes, table, write_report
    from simonsays.experiments.transfer.stresses import STRESSES

    policy = measured_policy(robot, policy)
    names, parts = comma_list("--only", only, STRESSES), comma_list("--protocols", protocols, PROTOCOLS)
    folders = [folder for folder in (out, bundle_folder(policy) if into_bundle else None) if folder is not None]
    if folders and plots:
        need_matplotlib("plots", NO_PLOTS)
    spread = Engine(by, workers, ray_address).map
    how = "the same command goes on" if out is not None else "nothing is kept without --out"
    with interruptible(how), progress_bar("transferring") as update:
        run: dict[str, Any] = {"episodes": episodes, "seed": seed, "folder": out, "progress": update, "spread": spread}
        results = measure(
            absolute(policy),
            engines=[name.strip() for name in engines.split(",") if name.strip()],
            mjcf=mjcf or (),
            stresses=names,
            protocols=parts,
            **run,
        )
    for folder in folders:
        write_report(folder, results, plots)
    if json_output:
        print_json(results)
        return
    header, rows = table(results)
    print_table(header, rows, f"{policy}, {episodes} episodes a cell, seeds from {seed}")
    for line in (*causes(results), *(f"not tried in {name}: {why}" for name, why in results["missing"].items())):
        typer.echo(line.replace("**", ""))
