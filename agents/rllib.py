"""``simon train --engine rllib``: a PPO recipe trained by RLlib, in the run folder and the bundle of every training.

The networks are those of agents/policies.py, so a run can start from any bundle and leaves one that is exact.
Checkpoints are this package's own, safetensors and JSON: RLlib's hold pickles, and are not written.
"""

from __future__ import annotations

import os
import time
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
from simonsays.agents.recipe import Recipe
from simonsays.agents.rllib_module import ActorCriticModule
from simonsays.agents.run_dir import (
    TrainingState,
    Weights,
    load_checkpoint,
    load_optimizer,
    load_weights,
    newest_checkpoint,
    optimizer_tensors,
    save_checkpoint,
    write_json,
)
from simonsays.agents.train import export, make_env, versions
from simonsays.assets import InputError
from stable_baselines3.common.logger import Logger, configure

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

    def __init__(self, recipe: Recipe, algorithm: Algorithm, state: TrainingState) -> None:
        self.recipe, self.algorithm, self.state = recipe, algorithm, state
        group: Any = algorithm.learner_group
        self._learner = group._learner  # there are no others: num_learners is 0
        self.policy: Any = self._learner.module[DEFAULT_MODULE_ID].unwrapped().policy
        self.optimizer: torch.optim.Optimizer = self._learner.get_optimizer(DEFAULT_MODULE_ID)
        self._before = state.steps
        self._sampled = 0

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

    def tensors(self) -> Weights:
        """Of a checkpoint."""
        weights = {f"policy.{name}": tensor.contiguous() for name, tensor in self.policy.state_dict().items()}
        return weights | optimizer_tensors("optimizer", self.optimizer)

    def restore(self, tensors: Weights, where: Path) -> None:
        """Put :meth:`tensors` back.

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
    report: Report | None = None,
) -> Path:
    """Train a PPO recipe with RLlib in the folder ``run``; returns the folder of the exported bundle.

    Ray must have been started (experiments/cluster.py); a worker of the recipe is an env runner and takes a CPU of it.
    Arguments are those of train.train.

    Raises:
        InputError: as train.train; and the recipe's algorithm is not PPO, or the cluster has too few CPUs.
    """
    _check(recipe, run, resume)
    checkpoint = newest_checkpoint(run) if resume else None
    probe = make_env(recipe)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", ALGORITHMS["ppo"].threads)))
    algorithm = None
    try:
        algorithm = ppo_config(recipe, probe).build_algo()
        first = recipe.stages[0]
        state = TrainingState(assistance=1.0 if first.assisted else 0.0, learning_rate=first.learning_rate)
        tensors: Weights = {}
        if checkpoint is not None:
            state, tensors = load_checkpoint(checkpoint)
        training = Training(recipe, algorithm, state)
        if checkpoint is not None:
            training.restore(tensors, checkpoint)
        else:
            described = {"engine": "rllib", "recipe": recipe.model_dump(mode="json"), "init": str(init) if init else None}
            write_json(run / "run.json", {**described, "versions": {**versions(), "ray": ray.__version__}})
            if init is not None:
                load_into(init, training.policy, probe)
            if recipe.cloning is not None:
                clone(training.policy, probe, recipe.cloning, recipe.seed)
        training.share_weights()
        _go_on(training, run, report)
        return export(recipe, run, training.policy, probe, training.state, TITLE)
    finally:
        if algorithm is not None:
            algorithm.stop()
            with suppress(OSError):
                Path(algorithm.logdir).rmdir()  # RLlib makes one in the home folder; nothing is in it
        probe.close()


def _check(recipe: Recipe, run: Path, resume: bool) -> None:
    if recipe.algorithm != "ppo":
        raise InputError(f"recipe {recipe.name!r}: --engine rllib trains algorithm = 'ppo', not {recipe.algorithm!r}")
    if not resume and (run / "run.json").exists():
        raise InputError(f"{run} holds a run already; resume it, or choose another folder")
    cpus = int(ray.cluster_resources().get("CPU", 0))
    if cpus < recipe.workers:
        raise InputError(f"recipe {recipe.name!r}: workers: {recipe.workers}, but the Ray cluster has {cpus} CPUs")


def _go_on(training: Training, run: Path, report: Report | None) -> None:
    """Train to the recipe's end; however it ends, with a checkpoint."""
    state, recipe = training.state, training.recipe
    started, saved = time.monotonic() - state.wall_clock, state.steps
    logger = configure(str(run / "logs"), ["csv", "tensorboard"])
    try:
        while state.steps < recipe.total_steps:
            result = training.iteration()
            state.wall_clock = time.monotonic() - started
            _log(logger, training, result, report)
            if training.next_stage():
                break
            if state.steps - saved >= recipe.checkpoint_steps:
                saved = state.steps
                save_checkpoint(run, state, training.tensors())
    finally:
        logger.close()
        if state.steps:
            save_checkpoint(run, state, training.tensors())


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
