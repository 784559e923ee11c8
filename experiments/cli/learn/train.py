"""``simon train``: run a recipe."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from simonsays.experiments.cli._engine import RayAddress


def run(
    recipe: Annotated[
        str | None, typer.Argument(help="A shipped recipe's name, or a TOML file.", show_default="locomotion")
    ] = None,
    run_dir: Annotated[Path | None, typer.Option(help="Folder of the run.", show_default="runs/RECIPE-TIME")] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with the run in this folder.")] = None,
    checkpoint: Annotated[str | None, typer.Option(help="Resume from this one (step_N), not from the newest.")] = None,
    init: Annotated[str | None, typer.Option(help="Start from a bundle's weights, or a .zip's with --trust.")] = None,
    trust: Annotated[bool, typer.Option("--trust", help="Load a .zip although that runs what is in it.")] = False,
    clone: Annotated[
        list[str] | None,
        typer.Option(help="Imitate recordings or a Minari data set before the first stage; may be given again."),
    ] = None,
    log: Annotated[list[str] | None, typer.Option(help="wandb or mlflow, too; may be given again.")] = None,
    seed: Annotated[int | None, typer.Option(help="Instead of the recipe's.", min=0)] = None,
    steps: Annotated[int | None, typer.Option(help="Env steps in all, instead of the recipe's.", min=1)] = None,
    checkpoint_steps: Annotated[int | None, typer.Option(help="Env steps between checkpoints.", min=1)] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a key of the recipe: ppo.n_steps=64.")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(help="Train on so many from --seed on, in RUN/seed_N; again: goes on.", min=1)
    ] = None,
    jobs: Annotated[int, typer.Option(help="Seeds side by side.", min=1)] = 1,
    threads: Annotated[
        int | None, typer.Option(help="Threads of the learner.", show_default="by algorithm and cores", min=1)
    ] = None,
    engine: Annotated[
        str | None, typer.Option(help="local, ray (tasks over a cluster) or rllib; a run is resumed with its own.")
    ] = None,
    ray_address: RayAddress = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the resolved recipe as TOML (--json: as JSON), and stop.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Train a policy; leaves a bundle in the run's folder. Ctrl-C writes a checkpoint first, to be resumed exactly."""
    from simonsays.assets import InputError, needs_extra

    with needs_extra("train", "training"):
        from simonsays.agents.training import train as training
        from simonsays.agents.training.options import TrainOptions
    from simonsays.agents.recipes.recipe import load_recipe, with_steps
    from simonsays.agents.runs.run_dir import checkpoints
    from simonsays.experiments.cli._terms import print_terms
    from simonsays.experiments.jobs.training import check_engine, engine_of, train_by

    if checkpoint is not None and resume is None:
        raise InputError("--checkpoint says where to --resume from")
    if resume is not None and (recipe or run_dir or set_ or seeds or clone):
        raise InputError("--resume goes on with a run as it was: no recipe, --run-dir, --set, --clone or --seeds")
    if jobs > 1 and seeds is None:
        raise InputError("--jobs says how many of --seeds run side by side")
    plan = training.read_run(resume) if resume else load_recipe(recipe or "locomotion", set_ or ())
    changes = {"seed": seed, "checkpoint_steps": checkpoint_steps}
    plan = plan.model_copy(update={name: value for name, value in changes.items() if value is not None})
    plan = plan if steps is None else with_steps(plan, steps)
    if clone:
        plan = plan.model_copy(update={"cloning": _cloning(plan, clone)})
    if dry_run:
        from simonsays.experiments.cli._common import print_json

        if json_output:
            print_json(plan.model_dump(mode="json"))
        else:
            typer.echo(plan.toml(), nl=False)
        return
    by = engine or (engine_of(resume) if resume else "local")
    check_engine(by, seeds is not None, ray_address)
    if seeds is not None:
        from simonsays.experiments.cli._seeds import run_seeds
        from simonsays.experiments.jobs.engines import Engine

        over = run_dir or Path("runs") / f"{plan.name}-seeds"
        if log:
            raise InputError("--log goes with one training, not with --seeds")
        start = _bundle(init, plan, over, trust)
        run_seeds(plan, over, seeds, start, Engine(by, jobs, ray_address, over, plan.workers), json_output)
        return
    folder = resume or run_dir or Path("runs") / f"{plan.name}-{time.strftime('%Y%m%d-%H%M%S')}"
    init = _bundle(init, plan, folder, trust)
    learner = threads or training.learner_threads(plan, folder)
    typer.echo(
        f"run folder: {folder}   (tensorboard --logdir {folder / 'logs'})\n"
        f"threads: learner {learner}, {plan.workers} workers with {plan.envs_per_worker} envs and 1 each",
        err=True,
    )
    print_terms(plan, error=True)
    try:
        with _display() as report:
            options = TrainOptions(init, resume is not None, checkpoint, threads, report, log=tuple(log or ()))
            made = train_by(by, plan, folder, options, ray_address)
    except training.Interrupted as end:
        _conclude(folder, end.checkpoint, json_output)
        raise typer.Exit(128 + end.number) from end
    except KeyboardInterrupt as end:  # of the process that waits for a task; the task has written its checkpoint
        _conclude(folder, next(reversed(checkpoints(folder)), None), json_output)
        raise typer.Exit(130) from end
    _conclude(folder, made, json_output)


def _bundle(init: str | None, plan: Any, folder: Path, trust: bool) -> str | None:
    """The bundle to start from; that of a .zip is made in the run's folder."""
    if init is None or not init.endswith(".zip"):
        return init
    from simonsays.agents.bundles.sb3_zip import import_zip

    return str(import_zip(Path(init), plan.env_id, plan.algorithm, folder / "init", trust=trust))


def _cloning(plan: Any, sources: list[str]) -> Any:
    """The recipe's way to clone, from other sources."""
    from simonsays.agents.recipes.recipe import Cloning
    from simonsays.assets import InputError

    if not plan.hyperparameters.clones:
        raise InputError(f"recipe {plan.name!r}: --clone has no meaning with algorithm = {plan.algorithm!r}")
    kept = plan.cloning.model_dump(exclude={"moments", "dataset"}) if plan.cloning else {}
    return Cloning(**kept, dataset=tuple(sources))


def _conclude(folder: Path, made: Path | None, json_output: bool) -> None:
    """Say what came of it: on standard output the bundle, or checkpoint, or one JSON document."""
    from simonsays.agents.runs.run_dir import checkpoints
    from simonsays.experiments.cli._common import print_json

    last = _last_session(folder)
    if json_output:
        bundle = str(made) if made is not None and made.name == "bundle" else None
        newest = checkpoints(folder)
        print_json(
            {
                "run": str(folder),
                "bundle": bundle,
                "checkpoint": str(newest[-1]) if newest else None,
                "steps": last.get("to_steps", 0),
                "seconds": last.get("seconds", 0.0),
                "status": last.get("status", "interrupted"),
            }
        )
        return
    if last.get("status") == "interrupted":
        typer.echo(f"go on with: simon train --resume {folder}", err=True)
    elif made is not None and not (made / "policy.json").is_file():
        typer.echo("no bundle: the env does not say for which robot it is (describe); this is the checkpoint", err=True)
    if made is not None:
        typer.echo(str(made))


def _last_session(folder: Path) -> dict[str, Any]:
    from simonsays.agents.runs.sessions import read_record

    sessions = read_record(folder).get("sessions", [])
    return dict(sessions[-1]) if sessions else {}


class _display:
    """A progress bar on a terminal, else a line every minute, on standard error."""

    def __enter__(self) -> Any:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        self._screen = Console(stderr=True)
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
        )
        self._bar = Progress(*columns, console=self._screen, disable=not self._screen.is_terminal)
        self._bar.start()
        self._task, self._last = self._bar.add_task("training", total=None), 0.0
        self._first: tuple[int, float] | None = None
        return self._report

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def _report(self, now: dict[str, Any]) -> None:
        if "retraced" in now:
            text = f"bringing the envs to where they were: step {now['retraced']} of {now['of']}"
            self._bar.update(self._task, description=text, completed=now["retraced"], total=now["of"])
            self._line(text, now["retraced"] == 50 or now["retraced"] == now["of"])
            return
        first_steps, first_seconds = self._first = self._first or (now["steps"], now["seconds"])
        rate = (now["steps"] - first_steps) / max(now["seconds"] - first_seconds, 1e-9)
        text = (
            f"{now['stage']} {now['steps']:,} steps  {rate:,.0f}/s  "
            f"episode {now['episode_length']:.0f}  reward {now['episode_reward']:.0f}  "
            f"success {now['success']:.0%}  help {now['assistance']:.2f}"
        )
        self._bar.update(self._task, description=text, completed=now["steps"], total=now["total"])
        left = (now["total"] - now["steps"]) / rate if rate > 0 else 0.0
        due = now["seconds"] - self._last >= 60
        self._line(f"{now['seconds']:6.0f} s  {text}  {left / 60:.0f} min left", due)
        if due:
            self._last = now["seconds"]

    def _line(self, text: str, due: bool) -> None:
        if due and not self._screen.is_terminal:
            typer.echo(text, err=True)
