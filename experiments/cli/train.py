"""``simon train``: run a recipe."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer


def run(
    recipe: Annotated[str, typer.Argument(help="A shipped recipe's name, or a TOML file.")] = "locomotion",
    run_dir: Annotated[Path | None, typer.Option(help="Folder of the run. [runs/RECIPE-TIME]")] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with the run in this folder.")] = None,
    init: Annotated[str | None, typer.Option(help="Start from a bundle's weights, or a .zip's with --trust.")] = None,
    trust: Annotated[bool, typer.Option("--trust", help="Load a .zip although that runs what is in it.")] = False,
    clone: Annotated[
        list[str] | None,
        typer.Option(help="Imitate recordings or a Minari data set before the first stage; may be given again."),
    ] = None,
    log: Annotated[list[str] | None, typer.Option(help="wandb or mlflow, too; may be given again.")] = None,
    seed: Annotated[int | None, typer.Option(help="Instead of the recipe's.", min=0)] = None,
    steps: Annotated[int | None, typer.Option(help="Env steps in all, where fewer than the recipe's.", min=1)] = None,
) -> None:
    """Train a policy; leaves a bundle in the run's folder. Ctrl-C writes a checkpoint first."""
    try:
        from simonsays.agents.train import read_run, train
    except ModuleNotFoundError as error:
        from simonsays.assets import InputError

        raise InputError(f"training needs {error.name}: pip install 'simonsays[train]'") from error
    from simonsays.agents.recipe import load_recipe

    plan = read_run(resume) if resume else load_recipe(recipe)
    if seed is not None:
        plan = plan.model_copy(update={"seed": seed})
    if steps is not None:
        plan = _shortened(plan, steps)
    if clone:
        plan = plan.model_copy(update={"cloning": _cloning(plan, clone)})
    folder = resume or run_dir or Path("runs") / f"{plan.name}-{time.strftime('%Y%m%d-%H%M%S')}"
    typer.echo(f"run folder: {folder}   (tensorboard --logdir {folder / 'logs'})", err=True)
    if init is not None and init.endswith(".zip"):
        from simonsays.agents.sb3_zip import import_zip

        init = str(import_zip(Path(init), plan.env_id, plan.algorithm, folder / "init", trust=trust))
    with _display() as report:
        bundle = train(plan, folder, init=init, resume=resume is not None, report=report, log=log or ())
    typer.echo(str(bundle))


def _cloning(plan: Any, sources: list[str]) -> Any:
    """The recipe's way to clone, from other sources."""
    from simonsays.agents.recipe import Cloning
    from simonsays.assets import InputError

    if plan.algorithm != "ppo":
        raise InputError(f"recipe {plan.name!r}: --clone works with algorithm = 'ppo' only, not {plan.algorithm!r}")
    kept = plan.cloning.model_dump(exclude={"moments", "dataset"}) if plan.cloning else {}
    return Cloning(**kept, dataset=tuple(sources))


def _shortened(recipe: Any, steps: int) -> Any:
    """The recipe's first ``steps`` env steps."""
    stages, left = [], steps
    for stage in recipe.stages:
        if left > 0:
            stages.append(stage.model_copy(update={"steps": min(stage.steps, left)}))
        left -= stage.steps
    return recipe.model_copy(update={"stages": tuple(stages)})


class _display:
    """A progress bar on a terminal, else a line every minute, on standard error."""

    def __enter__(self) -> Any:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        self._screen = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=self._screen, disable=not self._screen.is_terminal)
        self._bar.start()
        self._task, self._last = self._bar.add_task("training", total=None), 0.0
        return self._report

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def _report(self, now: dict[str, Any]) -> None:
        text = (
            f"{now['stage']} {now['steps']:,} steps  {now['steps'] / max(now['seconds'], 1e-9):,.0f}/s  "
            f"episode {now['episode_length']:.0f}  reward {now['episode_reward']:.0f}  "
            f"success {now['success']:.0%}  help {now['assistance']:.2f}"
        )
        self._bar.update(self._task, description=text, completed=now["steps"], total=now["total"])
        if not self._screen.is_terminal and now["seconds"] - self._last >= 60:
            self._last = now["seconds"]
            typer.echo(f"{now['seconds']:6.0f} s  {text}", err=True)
