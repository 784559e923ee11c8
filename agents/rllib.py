"""``simon train --engine rllib``: a PPO recipe trained by RLlib, in the run folder and the bundle of every training.

The networks are those of agents/policies.py, so a run can start from any bundle and leaves one that is exact.
Checkpoints are this package's own, safetensors and JSON: RLlib's hold pickles, and are not written.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import ray
import torch
from ray.rllib.algorithms.algorithm import Algorithm
from ray.rllib.algorithms.ppo import PPOConfig
from ray.rllib.core import DEFAULT_MODULE_ID
from ray.rllib.core.rl_module.rl_module import RLModuleSpec
from ray.rllib.utils.schedules.scheduler import Scheduler
from simonsays.agents.algorithms import ALGORITHMS
from simonsays.agents.bundle import load_into
from simonsays.agents.callbacks import Report, next_assistance, next_learning_rate
from simonsays.agents.cloning import clone
from simonsays.agents.export import export, make_env
from simonsays.agents.interrupt import Interrupted, Signals
from simonsays.agents.logs import open_logs
from simonsays.agents.recipe import Recipe
from simonsays.agents.rllib_module import ActorCriticModule
from simonsays.agents.run_dir import (
    TrainingState,
    Weights,
    clear_litter,
    keep_newest,
    load_checkpoint,
    load_optimizer,
    load_weights,
    newest_checkpoint,
    optimizer_tensors,
    read_state,
    save_checkpoint,
)
from simonsays.agents.sessions import RunRecord, refuse_other_env, refuse_other_recipe
from simonsays.agents.train import learner_threads
from simonsays.assets import InputError
from simonsays.envs.controllers import describe_env
from stable_baselines3.common.logger import Logger

TITLE = "PPO (RLlib)"


def ppo_config(recipe: Recipe, probe: Any) -> PPOConfig:
    """RLlib's settings for a PPO recipe; ``probe`` is one env of its kind.

    Actions are neither normalised nor squashed, but clipped for the env alone; observations are as the env gives them.
    What differs from stable-baselines3: advantages are normalised over the rollout, not over each minibatch; Adam's
    epsilon is RLlib's.
    """
    ppo, stage = recipe.ppo, recipe.stages[0]
    policy, arguments = ALGORITHMS["ppo"].policy(recipe, probe)
    steps = ppo.n_steps * recipe.workers * recipe.envs_per_worker
    settings = {"reset_mode": recipe.reset_mode, **recipe.env, **stage.env}
    return (
        PPOConfig()
        .environment(recipe.env_id, env_config=settings, normalize_actions=False, clip_actions=True)
        .env_runners(
            num_env_runners=recipe.workers,
            num_envs_per_env_runner=recipe.envs_per_worker,
            rollout_fragment_length=ppo.n_steps,
        )
        .learners(num_learners=0)
        .rl_module(
            rl_module_spec=RLModuleSpec(
                module_class=ActorCriticModule, model_config={"policy": policy, "arguments": arguments}
            )
        )
        .training(
            train_batch_size_per_learner=steps,
            minibatch_size=ppo.batch_size,
            num_epochs=ppo.n_epochs,
            gamma=ppo.gamma,
            lambda_=ppo.gae_lambda,
            clip_param=ppo.clip_range,
            vf_clip_param=float("inf"),
            vf_loss_coeff=ppo.vf_coef,
            grad_clip=ppo.max_grad_norm,
            grad_clip_by="global_norm",
            entropy_coeff=stage.entropy,
            lr=stage.learning_rate,
            use_kl_loss=True,  # to have it measured
            kl_coeff=0.0,
        )
        .fault_tolerance(restart_failed_env_runners=True)
        .callbacks(on_episode_end=_on_episode_end)
        .debugging(seed=recipe.seed, log_level="ERROR")
    )


def _on_episode_end(*, episode: Any, metrics_logger: Any, **_: Any) -> None:
    infos = [info for info in episode.get_infos() if info.get("reward_terms")]
    if infos:
        metrics_logger.log_value("success", float(infos[-1]["is_success"]), window=100)
        for name in infos[-1]["reward_terms"]:
            mean = float(np.mean([info["reward_terms"][name] for info in infos]))
            metrics_logger.log_value(f"reward_term:{name}", mean, window=100)


class Training:
    """An RLlib algorithm and where it stands in its recipe: stages, helping forces, learning rate, as with SB3."""

    def __init__(self, recipe: Recipe, algorithm: Algorithm, probe: Any, state: TrainingState) -> None:
        self.recipe, self.algorithm, self.state = recipe, algorithm, state
        self._env = describe_env(probe)
        group: Any = algorithm.learner_group
        self._learner = group._learner  # there are no others: num_learners is 0
        self.policy: Any = self._learner.module[DEFAULT_MODULE_ID].unwrapped().policy
        self.optimizer: torch.optim.Optimizer = self._learner.get_optimizer(DEFAULT_MODULE_ID)
        self._before = state.steps

    @property
    def stage(self) -> Any:
        """The recipe's stage now."""
        return self.recipe.stages[self.state.stage]

    def share_weights(self) -> None:
        """Give the env runners the learner's weights."""
        self.algorithm.env_runner_group.sync_weights(from_worker_or_learner_group=self.algorithm.learner_group)

    def iteration(self) -> dict[str, Any]:
        """A rollout and its update; returns RLlib's results."""
        self._apply()
        result: dict[str, Any] = self.algorithm.train()
        state = self.state
        state.steps = self._before + int(result["env_runners"]["num_env_steps_sampled_lifetime"])
        state.iterations += 1
        state.updates += self.recipe.ppo.n_epochs
        self._adapt(result)
        return result

    def _apply(self) -> None:
        """Tell every env and the learner; each time, as a runner that was lost comes back without."""
        settings = {**self.recipe.env, **self.stage.env}
        if self.recipe.assisted:
            settings["assistance"] = self.state.assistance

        def reconfigure(runner: Any) -> None:
            for env in runner.env.unwrapped.envs if settings else ():
                env.unwrapped.reconfigure(**settings)

        self.algorithm.env_runner_group.foreach_env_runner(reconfigure, local_env_runner=False)
        for group in self.optimizer.param_groups:
            group["lr"] = self.state.learning_rate
        self._learner.entropy_coeff_schedulers_per_module[DEFAULT_MODULE_ID] = Scheduler(
            fixed_value_or_schedule=self.stage.entropy, framework="torch"
        )

    def _adapt(self, result: dict[str, Any]) -> None:
        state = self.state
        kl = float(result["learners"][DEFAULT_MODULE_ID].get("mean_kl_loss", 0.0))
        state.learning_rate = next_learning_rate(self.recipe, state.learning_rate, kl)
        if self.stage.assisted and state.iterations % 2 == 0:
            length = float(result["env_runners"].get("episode_len_mean", 0.0))
            if length > self.recipe.fade_length * self._full_length():
                state.assistance = next_assistance(state.assistance)

    def _full_length(self) -> int:
        lengths = self.algorithm.env_runner_group.foreach_env_runner(
            lambda runner: runner.env.unwrapped.envs[0].unwrapped.steps_per_episode, local_env_runner=False
        )
        return int(lengths[0])

    def next_stage(self) -> bool:
        """Go on to the next stage where this one is over; True once the last is."""
        state = self.state
        faded = self.stage.assisted and state.assistance <= 0.0
        if not faded and state.steps - state.stage_started < self.stage.steps:
            return False
        if state.stage + 1 == len(self.recipe.stages):
            return True
        state.stage, state.stage_started = state.stage + 1, state.steps
        state.assistance, state.learning_rate = (1.0 if self.stage.assisted else 0.0), self.stage.learning_rate
        return False

    @property
    def restarts(self) -> int:
        """Env runners that were lost and made anew."""
        return int(self.algorithm.env_runner_group.num_remote_worker_restarts())

    def save(self, run: Path) -> Path:
        """Write a checkpoint; one of this moment that is there already is left as it is."""
        folder = run / "checkpoints" / f"step_{self.state.steps:09d}"
        if folder.exists():
            return folder
        weights = {f"policy.{name}": tensor for name, tensor in self.policy.state_dict().items()}
        weights |= optimizer_tensors("optimizer", self.optimizer)
        folder = save_checkpoint(run, self.state, {"engine": "rllib", "env": self._env}, {"weights": weights})
        if self.recipe.keep_checkpoints is not None:
            keep_newest(run, self.recipe.keep_checkpoints)
        return folder

    def restore(self, tensors: Weights, where: Path) -> None:
        """Put a checkpoint's tensors back.

        Raises:
            InputError: they are those of another network.
        """
        load_weights(self.policy, tensors, where)
        load_optimizer("optimizer", self.optimizer, tensors)


def train(
    recipe: Recipe,
    run: Path,
    *,
    init: str | Path | None = None,
    resume: bool = False,
    threads: int | None = None,
    report: Report | None = None,
    on_checkpoint: Callable[[Path], bool] | None = None,
) -> Path:
    """Train a PPO recipe with RLlib in the folder ``run``; returns the folder of the exported bundle.

    Ray must have been started (experiments/cluster.py); a worker of the recipe is an env runner and takes a CPU of it.
    Arguments are those of train.train. A run that is resumed goes on with weights and optimiser, its envs begin anew.

    Raises:
        InputError: as train.train; and the recipe's algorithm is not PPO, or the cluster has too few CPUs.
        Interrupted: Ctrl-C or SIGTERM came; a checkpoint is written.
    """
    logging.getLogger("ray.rllib").setLevel(logging.ERROR)
    _check(recipe, run, init, resume)
    probe = make_env(recipe)
    torch.set_num_threads(threads or learner_threads(recipe))
    algorithm = None
    try:
        saved = _opened(run, probe) if resume else None
        algorithm = ppo_config(recipe, probe).build_algo()
        training = Training(recipe, algorithm, probe, saved[0] if saved else _fresh(recipe))
        if saved:
            training.restore(saved[1], run)
        elif init is not None:
            load_into(init, training.policy, probe)
        used = {"learner": torch.get_num_threads(), "each_worker": 1}
        told = str(init) if init else None
        record = RunRecord(run, recipe, told, used, start=training.state.steps, exact=saved is None)
        with Signals() as signals, record.closing(training.state, training):
            if saved is None and recipe.cloning is not None:
                clone(training.policy, probe, recipe.cloning, recipe.seed)
            training.share_weights()
            record.status = _go_on(training, run, signals, report, on_checkpoint)
        return export(recipe, run / "bundle", training.policy, probe, training.state, title=TITLE)
    finally:
        if algorithm is not None:
            algorithm.stop()
            with suppress(OSError):
                Path(algorithm.logdir).rmdir()  # RLlib makes one in the home folder; nothing is in it
        probe.close()


def _check(recipe: Recipe, run: Path, init: str | Path | None, resume: bool) -> None:
    if recipe.algorithm != "ppo":
        raise InputError(f"recipe {recipe.name!r}: --engine rllib trains algorithm = 'ppo', not {recipe.algorithm!r}")
    if recipe.normalize is not None:
        raise InputError(f"recipe {recipe.name!r}: [normalize] is not for --engine rllib")
    if resume:
        refuse_other_recipe(run, recipe)
        if init is not None:
            raise InputError(f"{run}: a run that is resumed goes on with its own weights, not with a bundle's")
    elif (run / "run.json").exists():
        raise InputError(f"{run} holds a run already; resume it, or choose another folder")
    cpus = int(ray.cluster_resources().get("CPU", 0))
    if cpus < recipe.workers:
        raise InputError(f"recipe {recipe.name!r}: workers: {recipe.workers}, but the Ray cluster has {cpus} CPUs")


def _fresh(recipe: Recipe) -> TrainingState:
    first = recipe.stages[0]
    return TrainingState(assistance=1.0 if first.assisted else 0.0, learning_rate=first.learning_rate)


def _opened(run: Path, probe: Any) -> tuple[TrainingState, Weights]:
    clear_litter(run)
    folder = newest_checkpoint(run)
    said = read_state(folder)
    if said.get("engine") != "rllib":
        raise InputError(f"{folder}: not written by RLlib: resume it without --engine rllib")
    refuse_other_env(folder, said, describe_env(probe))
    return load_checkpoint(folder)


def _go_on(
    training: Training,
    run: Path,
    signals: Signals,
    report: Report | None,
    on_checkpoint: Callable[[Path], bool] | None,
) -> str:
    """Train to the recipe's end; however it ends, with a checkpoint. Returns how it ended."""
    state, recipe = training.state, training.recipe
    started, saved = time.monotonic() - state.wall_clock, state.steps
    logger = open_logs(run / "logs", state.steps)
    try:
        while state.steps < recipe.total_steps:
            result = training.iteration()
            state.wall_clock = time.monotonic() - started
            _log(logger, training, result, report)
            if training.next_stage():
                break
            if signals.number is not None:
                raise Interrupted(signals.number, training.save(run))
            if state.steps - saved >= recipe.checkpoint_steps:
                saved = state.steps
                folder = training.save(run)
                if on_checkpoint is not None and not on_checkpoint(folder):
                    return "stopped"
    finally:
        logger.close()
    training.save(run)
    return "finished"


def _log(logger: Logger, training: Training, result: dict[str, Any], report: Report | None) -> None:
    state, found, learner = training.state, result["env_runners"], result["learners"][DEFAULT_MODULE_ID]
    length, reward = float(found.get("episode_len_mean", 0.0)), float(found.get("episode_return_mean", 0.0))
    now = {
        "rollout/ep_len_mean": length,
        "rollout/ep_rew_mean": reward,
        "rollout/success_rate": float(found.get("success", 0.0)),
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
        report(
            {
                "steps": state.steps,
                "total": training.recipe.total_steps,
                "seconds": state.wall_clock,
                "stage": training.stage.name,
                "assistance": state.assistance,
                "learning_rate": state.learning_rate,
                "episode_length": length,
                "episode_reward": reward,
                "success": float(found.get("success", 0.0)),
            }
        )
