"""``simon sweep``: search a recipe's hyperparameters."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simonsays.experiments.cli._common import By, Changes, OtherEngine, RayAddress, RecipesRobot


def run(
    recipe: Annotated[str, typer.Argument(help="A recipe with ranges, by name or as a TOML file.")],
    trials: Annotated[int, typer.Option(help="In all, those of earlier calls included.", min=1)] = 20,
    jobs: Annotated[int, typer.Option(help="Trials side by side, each in a process of its own.", min=1)] = 1,
    run_dir: Annotated[Path | None, typer.Option(help="Folder of the sweep.", show_default="runs/RECIPE-sweep")] = None,
    sampler: Annotated[str, typer.Option(help="tpe, random or qmc.")] = "tpe",
    pruner: Annotated[str, typer.Option(help="median, halving or none: cuts poor trials short.")] = "median",
    episodes: Annotated[int, typer.Option(help="At each checkpoint.", min=1)] = 20,
    seed: Annotated[int, typer.Option(help="Of the sampler, and the first of the episodes.", min=0)] = 0,
    storage: Annotated[str | None, typer.Option(help="Optuna storage URL instead of SQLite in the folder.")] = None,
    set_: Changes = None,
    robot: RecipesRobot = None,
    engine: OtherEngine = None,
    by: By = "local",
    ray_address: RayAddress = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Search a recipe's ranges with Optuna; called again it goes on. Leaves best.toml and plots."""
    from rich.table import Table

    from simonsays.agents.recipes.physics import with_engine, with_robot
    from simonsays.agents.recipes.recipe import load_recipe
    from simonsays.assets import InputError
    from simonsays.experiments.cli._common import console, interruptible, print_json, progress_bar
    from simonsays.experiments.jobs.engines import Engine
    from simonsays.experiments.search.study import sweep
    from simonsays.experiments.search.trial import Plan

    plan = Plan(trials, jobs, sampler, pruner, episodes, seed)
    wanted = with_engine(with_robot(load_recipe(recipe, set_ or ()), robot), engine)
    folder = run_dir or Path("runs") / f"{wanted.name}-sweep"
    typer.echo(f"sweep folder: {folder}", err=True)
    _quiet()
    where = Engine(by, jobs, ray_address)
    if by == "ray" and storage is not None:
        raise InputError("--storage: --by ray keeps its trials in the sweep's folder")
    with interruptible("the same command goes on"), progress_bar("sweeping") as update:
        if by == "ray":
            from simonsays.experiments.search.ray_sweep import ray_sweep

            results = ray_sweep(wanted, folder, plan, where, update)
        else:
            results = sweep(wanted, folder, plan, storage=storage, progress=update)
    if json_output:
        print_json(results)
        return
    shown = Table("trial", "state", "objective", *wanted.search, title=str(folder))
    for trial in sorted(results["trials"], key=lambda each: -(each["value"] or -1e9)):
        value = "" if trial["value"] is None else f"{trial['value']:.3f}"
        cells = (_text(trial["values"].get(key)) for key in wanted.search)
        number = f"{trial['number']}{' *' if trial['number'] == results['best']['number'] else ''}"
        shown.add_row(number, trial["state"], value, *cells)
    console().print(shown)
    for trial in results["trials"]:
        if "error" in trial:
            typer.echo(f"trial {trial['number']} failed: {trial['error']}", err=True)
    typer.echo(str(folder / "best.toml"))


def _text(value: object) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def _quiet() -> None:
    """Optuna tells every trial on standard error; the progress bar does that."""
    import importlib.util

    if importlib.util.find_spec("optuna"):
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
