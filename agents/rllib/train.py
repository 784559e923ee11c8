"""``simon train --by rllib``: a PPO recipe trained by RLlib, in the run folder and the bundle of every training.

The networks are those of agents/policies/policies.py, so a run can start from any bundle and leaves one that is exact.
Checkpoints are this package's own, safetensors and JSON: RLlib's hold pickles, and are not written.
"""

from __future__ import annotations

import logging
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import ray
import torch
from ray.rllib.core import DEFAULT_MODULE_ID
from stable_baselines3.common.logger import Logger

from simonsays.agents.bundles.bundle import load_into
from simonsays.agents.recipes.hyperparameters import Ppo
from simonsays.agents.recipes.recipe import Recipe
from simonsays.agents.rllib.algorithm import Training, ppo_config
from simonsays.agents.runs.loggers import open_logs, service_writers
from simonsays.agents.runs.run_dir import (
    TrainingState,
    Weights,
    clear_litter,
    load_checkpoint,
    newest_checkpoint,
    read_state,
)
from simonsays.agents.runs.sessions import RunRecord, refuse_other_env
from simonsays.agents.training.cloning import clone
from simonsays.agents.training.export import export, make_env
from simonsays.agents.training.interrupt import Interrupted, Signals
from simonsays.agents.training.normalize import adopt
from simonsays.agents.training.options import DEFAULT, Report, TrainOptions
from simonsays.agents.training.reports import display
from simonsays.agents.training.train import check_run, learner_threads
from simonsays.assets import InputError
from simonsays.envs.policy.description import describe_env

TITLE = "PPO (RLlib)"


def train(recipe: Recipe, run: Path, options: TrainOptions = DEFAULT) -> Path:
    """Train a PPO recipe with RLlib in the folder ``run``; returns the folder of the exported bundle.

    Ray must have been started (experiments/jobs/cluster.py); a worker of the recipe is an env runner and takes a CPU
    of it.
    A run that is resumed goes on with weights and optimiser, its envs begin anew.

    Raises:
        InputError: as train.train; and the recipe's algorithm is not PPO, or the cluster has too few CPUs.
        Interrupted: Ctrl-C or SIGTERM came; a checkpoint is written.
    """
    logging.getLogger("ray.rllib").setLevel(logging.CRITICAL)
    _check(recipe, run, options)
    probe = make_env(recipe)
    torch.set_num_threads(options.threads or learner_threads(recipe, run))
    algorithm: Any = None
    try:
        saved = _opened(run, probe) if options.resume else None
        algorithm = ppo_config(recipe, probe).build_algo()
        training = Training(recipe, algorithm, probe, saved[0] if saved else TrainingState.at(recipe.stages[0]))
        if saved:
            training.restore(saved[1], run)
        elif options.init is not None:
            load_into(options.init, training.policy, probe)
            adopt(options.init, recipe, None)
        used = {"learner": torch.get_num_threads(), "each_worker": 1}
        told = str(options.init) if options.init else None
        record = RunRecord(run, recipe, told, used, start=training.state.steps, exact=saved is None)
        with Signals() as signals, record.closing(training.state, training):
            if saved is None and recipe.cloning is not None:
                clone(training.policy, probe, recipe.cloning, recipe.seed)
            training.share_weights()
            others = service_writers(run / "logs", options.log, run.name, recipe.model_dump(mode="json"))
            with closing(open_logs(run / "logs", training.state.steps, others)) as logger:
                record.status = _go_on(training, run, signals, logger, options)
        return export(recipe, run / "bundle", training.policy, probe, training.state, title=TITLE)
    finally:
        if algorithm is not None:
            algorithm.stop()
            with suppress(OSError):
                Path(algorithm.logdir).rmdir()  # RLlib makes one in the home folder; nothing is in it
        probe.close()


def _check(recipe: Recipe, run: Path, options: TrainOptions) -> None:
    ppo, rows = recipe.hyperparameters, recipe.workers * recipe.envs_per_worker
    if not isinstance(ppo, Ppo):
        raise InputError(f"recipe {recipe.name!r}: --by rllib trains algorithm = 'ppo', not {recipe.algorithm!r}")
    if ppo.batch_size > rows * ppo.n_steps:
        least = f"more than the rollout's {rows * ppo.n_steps} ({rows} envs x {ppo.n_steps} steps)"
        raise InputError(f"recipe {recipe.name!r}: ppo.batch_size: {ppo.batch_size} is {least}; lower it")
    if recipe.normalize is not None:
        raise InputError(f"recipe {recipe.name!r}: [normalize] is not for --by rllib")
    check_run(recipe, run, options)
    resources: Any = ray.cluster_resources
    cpus = int(resources().get("CPU", 0))
    if cpus < recipe.workers:
        raise InputError(f"recipe {recipe.name!r}: workers: {recipe.workers}, but the Ray cluster has {cpus} CPUs")


def _opened(run: Path, probe: Any) -> tuple[TrainingState, Weights]:
    clear_litter(run)
    folder = newest_checkpoint(run)
    said = read_state(folder)
    if said.get("engine") != "rllib":
        raise InputError(f"{folder}: not written by RLlib: resume it without --by rllib")
    refuse_other_env(folder, said, describe_env(probe))
    return load_checkpoint(folder)


def _go_on(training: Training, run: Path, signals: Signals, logger: Logger, options: TrainOptions) -> str:
    """Train to the recipe's end; however it ends, with a checkpoint. Returns how it ended."""
    state, recipe = training.state, training.recipe
    started, saved = time.monotonic() - state.wall_clock, state.steps
    while state.steps < recipe.total_steps:
        result = training.iteration()
        state.wall_clock = time.monotonic() - started
        _log(logger, training, result, options.report)
        if training.next_stage():
            break
        if signals.number is not None:
            raise Interrupted(signals.number, training.save(run))
        if state.steps - saved >= recipe.checkpoint_steps:
            saved = state.steps
            folder = training.save(run)
            if options.on_checkpoint is not None and not options.on_checkpoint(folder):
                return "stopped"
    training.save(run)
    return "finished"


def _log(logger: Logger, training: Training, result: dict[str, Any], report: Report | None) -> None:
    state, found, learner = training.state, result["env_runners"], result["learners"][DEFAULT_MODULE_ID]
    names = ("episode_len_mean", "episode_return_mean", "success")
    length, reward, success = (float(found.get(name, 0.0)) for name in names)
    now = {
        "rollout/ep_len_mean": length,
        "rollout/ep_rew_mean": reward,
        "rollout/success_rate": success,
        "train/approx_kl": float(learner.get("mean_kl_loss", 0.0)),
        "train/value_loss": float(learner.get("vf_loss", 0.0)),
        "train/entropy": float(learner.get("entropy", 0.0)),
        "train/learning_rate": state.learning_rate,
        "curriculum/assistance": state.assistance,
        "curriculum/stage": state.stage,
        "time/total_timesteps": state.steps,
    }
    terms = {name: value for name, value in found.items() if name.startswith("reward_term:")}
    for name, value in {**now, **{f"reward/{name.partition(':')[2]}": float(v) for name, v in terms.items()}}.items():
        logger.record(name, value)
    logger.dump(state.steps)
    if report is not None:
        report(display(training.recipe, state, length, reward, success))
