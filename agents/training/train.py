"""``simon train``: run a recipe with stable-baselines3, or go on with a run (docs/runs.md)."""

from __future__ import annotations

import errno
import logging
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from simonsays.agents.bundles.bundle import load_into
from simonsays.agents.recipes.physics import with_engine
from simonsays.agents.recipes.recipe import Recipe, recipe_from_dict
from simonsays.agents.runs.loggers import check_services, open_logs, service_writers
from simonsays.agents.runs.run_dir import (
    FORMAT,
    TrainingState,
    checkpoints,
    clear_litter,
    load_checkpoint,
    newest_checkpoint,
    only_one,
    read_state,
    read_tensors,
    set_aside,
)
from simonsays.agents.runs.sessions import (
    RunRecord,
    cores,
    read_record,
    read_run,
    refuse_other_env,
    refuse_other_recipe,
)
from simonsays.agents.training import snapshot
from simonsays.agents.training.algorithms import make_model
from simonsays.agents.training.callbacks import Curriculum, Ended, Progress
from simonsays.agents.training.cloning import clone
from simonsays.agents.training.continuation import Start
from simonsays.agents.training.export import export, how, make_env
from simonsays.agents.training.interrupt import Signals
from simonsays.agents.training.normalize import adopt, frozen, normalized
from simonsays.agents.training.options import DEFAULT, TrainOptions
from simonsays.agents.vec.vec import WorkerVecEnv
from simonsays.assets import InputError
from simonsays.assets.files import write_json
from simonsays.envs.trainable import capabilities

_log = logging.getLogger(__name__)


def train(recipe: Recipe, run: Path, options: TrainOptions = DEFAULT) -> Path:
    """Train a recipe to its end in the folder ``run``.

    Returns:
        The folder of the exported bundle. A bundle tells for which robot it is: where the env does not describe
        itself there is none, and the folder is the last checkpoint's.

    Raises:
        InputError: ``run`` holds another run already (without resume); the checkpoint is damaged, or made with
            another recipe or in another env; the bundle does not fit; the disk is full; a term or an event gives what
            it should not, or a plug-in's env raises. Checkpoints stay.
        Interrupted: Ctrl-C or SIGTERM came; a checkpoint is written.
        RuntimeError: an env failed, and not by a plug-in's code; the message has the worker's traceback.
    """
    check_run(recipe, run, options)
    with closing(make_env(recipe)) as probe, only_one(run, "training"):
        start = _opened(run, options.checkpoint, _describe(probe), recipe) if options.resume else Start()
        with _full_disks(run), Signals() as signals:
            return _train(recipe, run, start, probe, signals, options)


def check_run(recipe: Recipe, run: Path, options: TrainOptions) -> None:
    """Refuse a folder, or options, that a recipe cannot be trained with.

    Raises:
        InputError: see :func:`train`.
    """
    check_services(options.log)
    with_engine(recipe)
    if options.resume:
        refuse_other_recipe(run, read_run(run), recipe)
        if options.init is not None:
            raise InputError(f"{run}: a run that is resumed goes on with its own weights, not with a bundle's")
    elif (run / "run.json").exists():
        raise InputError(f"{run} holds a run already; resume it, or choose another folder")
    elif checkpoints(run):
        raise InputError(f"{run} holds checkpoints of a run whose run.json is gone; choose another folder")
    if options.init is not None and recipe.hyperparameters.family != "actor_critic":
        raise InputError(f"recipe {recipe.name!r}: algorithm = {recipe.algorithm!r} cannot start from a bundle")


@contextmanager
def _full_disks(run: Path) -> Iterator[None]:
    """Say what is wrong when the disk is full."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise InputError(f"{run}: cannot be written: {error}. Its checkpoints are untouched") from error


def _describe(env: Any) -> dict[str, Any]:
    """What a checkpoint and its env must agree in; of envs that do not describe themselves, the spaces."""
    if (describe := capabilities(env).describe) is not None:
        return describe()
    return {"observation_space": str(env.observation_space), "action_space": str(env.action_space)}


def _opened(run: Path, name: str | None, env: dict[str, Any], recipe: Recipe) -> Start:
    """All of the checkpoint to go on from, checked; newer ones are set aside. Empty if there is none yet."""
    clear_litter(run)
    if name is None and not checkpoints(run):
        return Start()
    folder = run / "checkpoints" / name if name else newest_checkpoint(run)
    if folder not in checkpoints(run):
        names = ", ".join(each.name for each in checkpoints(run)) or "no checkpoint"
        raise InputError(f"--checkpoint {name!r}: {run} has {names}")
    said = read_state(folder)
    if said.get("format") != FORMAT:
        raise InputError(f"{folder}: written by an older version, which kept less: export it, or start from its bundle")
    if "model" not in said:
        raise InputError(f"{folder}: written by RLlib: resume it with --by rllib, or start from its bundle")
    if "recipe" in said:  # run.json may have been edited
        refuse_other_recipe(folder, recipe_from_dict(said["recipe"], str(folder / "state.json")), recipe)
    refuse_other_env(folder, said, env)
    state, tensors = load_checkpoint(folder)
    start = Start(said, state, tensors | read_tensors(folder, "replay"), read_tensors(folder, "history"))
    for newer in checkpoints(run):
        if newer.name > folder.name:
            set_aside(newer)
    return start


def learner_threads(recipe: Recipe, run: Path | None = None) -> int:
    """Threads of torch: OMP_NUM_THREADS if it is set; else those of the run that is resumed, as another number
    changes the last bits of sums; else what suits the algorithm, at most the cores."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    if given.isdigit() and int(given):
        return int(given)
    before = read_record(run).get("threads", {}) if run is not None else {}
    return int(before.get("learner", min(recipe.hyperparameters.threads, cores())))


def make_workers(recipe: Recipe) -> WorkerVecEnv:
    """The envs of a recipe in their processes."""
    return WorkerVecEnv(recipe.env_id, {**how(recipe), **recipe.env}, recipe.workers, recipe.envs_per_worker)


def _train(recipe: Recipe, run: Path, start: Start, probe: Any, signals: Signals, options: TrainOptions) -> Path:
    state = start.state or TrainingState.at(recipe.stages[0])
    begins_again = options.resume and start.said is None  # it was ended before its first checkpoint
    init = read_record(run).get("init") if begins_again else options.init
    torch.set_num_threads(options.threads or learner_threads(recipe, run))
    with closing(make_workers(recipe)) as workers:
        env = normalized(recipe, workers, probe)
        model = make_model(recipe, env, probe, state)
        if init is not None:
            load_into(init, model.policy, probe)
            adopt(init, recipe, env)
        kind = Curriculum if recipe.hyperparameters.on_policy else Progress
        callback = kind(recipe, state, run, workers, signals, start=start, env=_describe(probe))
        callback.report, callback.on_checkpoint = options.report, options.on_checkpoint
        callback.prepare(model)
        exact = _refill(model, start)
        used = {"learner": torch.get_num_threads(), "each_worker": 1}
        record = RunRecord(run, recipe, str(init) if init else None, used, start=state.steps, exact=exact)
        with record.closing(state, workers):
            if start.said is None and recipe.cloning is not None:
                _imitate(recipe, run, model, probe, state)
            record.status = _learn(recipe, run, model, callback, options.log)
        if capabilities(probe).describe is None:
            return newest_checkpoint(run)
        normaliser = frozen(recipe, snapshot.normaliser_tensors(model.get_vec_normalize_env()))
        return export(recipe, run / "bundle", model.policy, probe, state, normaliser)


def _refill(model: Any, start: Start) -> bool:
    """Put the replay buffer back. Without it, ``learning_starts`` steps are collected before learning goes on, and
    the training does not go on exactly."""
    if start.state is None or getattr(model, "replay_buffer", None) is None:
        return True
    if snapshot.restore_buffer(model.replay_buffer, start.tensors):
        return True
    model.learning_starts += start.state.steps
    _log.warning("the checkpoint has no replay buffer (save_buffer): the training goes on, but not exactly")
    return False


def _imitate(recipe: Recipe, run: Path, model: Any, probe: Any, state: TrainingState) -> None:
    assert recipe.cloning is not None
    started = time.monotonic()
    normaliser = model.get_vec_normalize_env()
    cloned = clone(model.policy, probe, recipe.cloning, recipe.seed, normaliser)
    state.wall_clock = time.monotonic() - started
    write_json(run / "cloning.json", {**asdict(cloned), "seconds": state.wall_clock})
    statistics = frozen(recipe, snapshot.normaliser_tensors(normaliser))
    export(recipe, run / "bundle", model.policy, probe, state, statistics)  # as it is, until the training ends


def _learn(recipe: Recipe, run: Path, model: Any, callback: Progress, log: Sequence[str]) -> str:
    """Learn until the training is over; how it ended."""
    left = recipe.total_steps - callback.state.steps
    if left <= 0 or callback.over:
        return "finished"
    others = service_writers(run / "logs", log, run.name, recipe.model_dump(mode="json"))
    logger = open_logs(run / "logs", callback.state.steps, others)
    try:
        model.set_logger(logger)
        model.learn(left, callback, log_interval=recipe.hyperparameters.log_interval, reset_num_timesteps=False)
        callback.between()
    except Ended as end:
        return end.status
    except ValueError as error:
        if all(bool(torch.isfinite(tensor).all()) for tensor in model.policy.state_dict().values()):
            raise
        raise InputError(
            f"{run}: the training has diverged: weights are no numbers after {callback.state.steps} steps. Earlier "
            "checkpoints are as they were; try a lower learning rate, or look whether the env gives numbers"
        ) from error
    finally:
        logger.close()
    raise AssertionError("a training that is over says so")
