"""``simon train``: run a recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from simonsays.assets import InputError, needs_extra
from simonsays.experiments.cli._common import Changes, OtherEngine, RayAddress, RecipesRobot
from simonsays.experiments.cli._seeds import run_seeds

Named = Annotated[str | None, typer.Argument(help="A recipe's name, or a TOML file.", show_default="locomotion")]
Folder = Annotated[Path | None, typer.Option(help="Folder of the run.", show_default="runs/RECIPE-TIME")]
Clone = Annotated[
    list[str] | None,
    typer.Option(help="Imitate recordings or a Minari data set before the first stage; may be given again."),
]
Seeds = Annotated[
    int | None, typer.Option(help="Train on so many from --seed on, in RUN/seed_N; again: goes on.", min=1)
]
Threads = Annotated[int | None, typer.Option(help="Of the learner.", show_default="by algorithm and cores", min=1)]
By = Annotated[
    str | None, typer.Option("--by", help="local, ray (tasks over a cluster) or rllib; a run is resumed with its own.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Print the resolved recipe as TOML (--json: as JSON), and stop.")
]


def run(
    recipe: Named = None,
    run_dir: Folder = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with the run in this folder.")] = None,
    checkpoint: Annotated[str | None, typer.Option(help="Resume from this one (step_N), not from the newest.")] = None,
    init: Annotated[str | None, typer.Option(help="Start from a bundle's weights, or a .zip's with --trust.")] = None,
    trust: Annotated[bool, typer.Option("--trust", help="Load a .zip although that runs what is in it.")] = False,
    clone: Clone = None,
    log: Annotated[list[str] | None, typer.Option(help="wandb or mlflow, too; may be given again.")] = None,
    seed: Annotated[int | None, typer.Option(help="Instead of the recipe's.", min=0)] = None,
    steps: Annotated[int | None, typer.Option(help="Env steps in all, instead of the recipe's.", min=1)] = None,
    checkpoint_steps: Annotated[int | None, typer.Option(help="Env steps between checkpoints.", min=1)] = None,
    set_: Changes = None,
    seeds: Seeds = None,
    jobs: Annotated[int, typer.Option(help="Seeds side by side.", min=1)] = 1,
    threads: Threads = None,
    robot: RecipesRobot = None,
    engine: OtherEngine = None,
    by: By = None,
    ray_address: RayAddress = None,
    dry_run: DryRun = False,
    json_output: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Train a policy; leaves a bundle in the run's folder. Ctrl-C writes a checkpoint first, to be resumed exactly."""
    with needs_extra("train", "training"):
        from simonsays.agents.runs.run_dir import new_run
        from simonsays.agents.runs.sessions import read_run
        from simonsays.agents.training.options import TrainOptions
    from simonsays.agents.recipes.physics import with_engine, with_robot
    from simonsays.agents.recipes.recipe import load_recipe, with_steps
    from simonsays.experiments.jobs.engines import Engine
    from simonsays.experiments.jobs.training import check_engine, engine_of

    if checkpoint is not None and resume is None:
        raise InputError("--checkpoint says where to --resume from")
    if resume is not None and (recipe or run_dir or set_ or seeds or clone or engine or robot):
        raise InputError(
            "--resume goes on with a run as it was: no recipe, --run-dir, --set, --clone, --robot, --engine or --seeds"
        )
    if jobs > 1 and seeds is None:
        raise InputError("--jobs says how many of --seeds run side by side")
    plan = read_run(resume) if resume else load_recipe(recipe or "locomotion", set_ or ())
    changes = {"seed": seed, "checkpoint_steps": checkpoint_steps, "cloning": _cloning(plan, clone)}
    plan = plan.model_copy(update={name: value for name, value in changes.items() if value is not None})
    plan = with_engine(with_robot(plan if steps is None else with_steps(plan, steps), robot), engine)
    if dry_run:
        _show(plan, json_output)
        return
    by = by or (engine_of(resume) if resume else "local")
    check_engine(by, seeds is not None, ray_address)
    folder = resume or run_dir or (Path("runs") / f"{plan.name}-seeds" if seeds else new_run(plan.name))
    if seeds is not None and log:
        raise InputError("--log goes with one training, not with --seeds")
    init = _bundle(init, plan, folder, trust)
    if seeds is not None:
        run_seeds(plan, folder, seeds, init, Engine(by, jobs, ray_address, folder, plan.workers), json_output)
        return
    options = TrainOptions(init, resume is not None, checkpoint, threads, log=tuple(log or ()))
    _train(by, plan, folder, options, ray_address, json_output)


def _show(plan: Any, json_output: bool) -> None:
    from simonsays.experiments.cli._common import print_json

    if json_output:
        print_json(plan.model_dump(mode="json"))
    else:
        typer.echo(plan.toml(), nl=False)


def _train(by: str, plan: Any, folder: Path, options: Any, ray_address: str | None, json_output: bool) -> None:
    """Train, and say what came of it."""
    from dataclasses import replace

    from simonsays.agents.runs.run_dir import checkpoints
    from simonsays.agents.training.interrupt import Interrupted
    from simonsays.agents.training.train import check_run, learner_threads
    from simonsays.experiments.cli._terms import print_terms
    from simonsays.experiments.jobs.training import train_by

    check_run(plan, folder, options)
    learner = options.threads or learner_threads(plan, folder)
    typer.echo(
        f"run folder: {folder}   (tensorboard --logdir {folder / 'logs'})\n"
        f"threads: learner {learner}, {plan.workers} workers with {plan.envs_per_worker} envs and 1 each",
        err=True,
    )
    print_terms(plan, error=True)
    try:
        with _display() as report:
            made = train_by(by, plan, folder, replace(options, report=report), ray_address)
    except Interrupted as end:
        _conclude(folder, end.checkpoint, json_output)
        raise typer.Exit(128 + end.number) from end
    except KeyboardInterrupt as end:  # of the process that waits for a task; the task has written its checkpoint
        _conclude(folder, next(reversed(checkpoints(folder)), None), json_output)
        raise typer.Exit(130) from end
    except InputError as error:
        failed, kept = _last_session(folder).get("error", "").partition(": ")[2], checkpoints(folder)
        if not (failed and kept and failed in str(error)):
            raise
        hint = f"what was trained until {kept[-1].name} is kept; mended, it goes on with: simon train --resume {folder}"
        raise InputError(f"{error}\n{hint}") from error
    _conclude(folder, made, json_output)


def _bundle(init: str | None, plan: Any, folder: Path, trust: bool) -> str | None:
    """The bundle to start from; that of a .zip is made in the run's folder."""
    if init is None or not init.endswith(".zip"):
        return init
    from simonsays.agents.bundles.sb3_zip import import_zip

    return str(import_zip(Path(init), plan.env_id, plan.algorithm, folder / "init", trust=trust))


def _cloning(plan: Any, sources: list[str] | None) -> Any:
    """The recipe's way to clone, from other sources; None where there are none."""
    from simonsays.agents.recipes.recipe import Cloning

    if not sources:
        return None
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


@contextmanager
def _display() -> Iterator[Callable[[dict[str, Any]], None]]:
    """What tells of a training on standard error: a progress bar on a terminal, else a line every minute."""
    from simonsays.experiments.cli._common import console, progress_bar

    silent, last = console(True).is_terminal, 0.0
    first: tuple[int, float] | None = None

    def line(text: str, due: bool) -> None:
        if due and not silent:
            typer.echo(text, err=True)

    def report(now: dict[str, Any]) -> None:
        nonlocal last, first
        if "retraced" in now:
            text = f"bringing the envs to where they were: step {now['retraced']} of {now['of']}"
            update(now["retraced"], now["of"], text)
            line(text, now["retraced"] == 50 or now["retraced"] == now["of"])
            return
        first_steps, first_seconds = first = first or (now["steps"], now["seconds"])
        rate = (now["steps"] - first_steps) / max(now["seconds"] - first_seconds, 1e-9)
        text = (
            f"{now['stage']} {now['steps']:,} steps  {rate:,.0f}/s  "
            f"episode {now['episode_length']:.0f}  reward {now['episode_reward']:.0f}  "
            f"success {now['success']:.0%}  help {now['assistance']:.2f}"
        )
        update(now["steps"], now["total"], text)
        left = (now["total"] - now["steps"]) / rate if rate > 0 else 0.0
        due = now["seconds"] - last >= 60
        line(f"{now['seconds']:6.0f} s  {text}  {left / 60:.0f} min left", due)
        last = now["seconds"] if due else last

    with progress_bar("training", transient=False) as update:
        yield report
