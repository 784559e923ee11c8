"""A PPO recipe as an algorithm of RLlib (new API stack): its settings, and how it goes through the recipe's stages."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ray.rllib.algorithms.algorithm import Algorithm
from ray.rllib.algorithms.ppo import PPOConfig
from ray.rllib.core import DEFAULT_MODULE_ID
from ray.rllib.core.rl_module.rl_module import RLModuleSpec
from ray.rllib.env.single_agent_env_runner import SingleAgentEnvRunner
from ray.rllib.utils.schedules.scheduler import Scheduler

from simonsays.agents.recipes.hyperparameters import Ppo
from simonsays.agents.recipes.recipe import Recipe
from simonsays.agents.rllib.module import ActorCriticModule
from simonsays.agents.runs.run_dir import (
    TrainingState,
    Weights,
    load_optimizer,
    load_weights,
    optimizer_tensors,
    save_checkpoint,
)
from simonsays.agents.training.algorithms import make_policy
from simonsays.agents.training.callbacks import next_assistance, next_learning_rate
from simonsays.agents.training.export import how
from simonsays.assets import InputError
from simonsays.assets.plugins import blamed
from simonsays.envs.policy.description import describe_env


def ppo_config(recipe: Recipe, probe: Any) -> PPOConfig:
    """RLlib's settings for a PPO recipe; ``probe`` is one env of its kind.

    Actions are neither normalised nor squashed, but clipped for the env alone; observations are as the env gives them.
    What differs from stable-baselines3: advantages are normalised over the rollout, not over each minibatch; Adam's
    epsilon is RLlib's.
    """
    stage, ppo = recipe.stages[0], recipe.hyperparameters
    assert isinstance(ppo, Ppo)
    policy, arguments = make_policy(recipe, probe)
    steps = ppo.n_steps * recipe.workers * recipe.envs_per_worker
    settings = {**how(recipe), **recipe.env, **stage.env}
    config: Any = PPOConfig
    made: PPOConfig = (
        config()
        .environment(recipe.env_id, env_config=settings, normalize_actions=False, clip_actions=True)
        .env_runners(
            env_runner_cls=EnvRunner,
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
        .debugging(seed=recipe.seed, log_level="CRITICAL")
    )
    return made


class EnvRunner(SingleAgentEnvRunner):
    """One that stays with what people are to be told of an env's error; RLlib would start another and go on."""

    refused: str | None = None

    def apply(self, func: Any, *given: Any, **options: Any) -> Any:
        """Do what RLlib asks for."""
        try:
            return func(self, *given, **options)
        except Exception as error:
            self.refused = blamed(error.__cause__ or error)
            if self.refused is None:
                sys.exit(1)  # RLlib starts another
            raise


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
        self.recipe, self.state = recipe, state
        self.algorithm: Any = algorithm
        self._runners: Any = algorithm.env_runner_group
        self._env = describe_env(probe)
        group: Any = algorithm.learner_group
        self._learner = group._learner  # there are no others: num_learners is 0
        self.policy: Any = self._learner.module[DEFAULT_MODULE_ID].unwrapped().policy
        self.optimizer: torch.optim.Optimizer = self._learner.get_optimizer(DEFAULT_MODULE_ID)
        self._before, self._epochs = state.steps, recipe.hyperparameters.model_dump()["n_epochs"]

    @property
    def stage(self) -> Any:
        """The recipe's stage now."""
        return self.recipe.stages[self.state.stage]

    def share_weights(self) -> None:
        """Give the env runners the learner's weights."""
        self._runners.sync_weights(from_worker_or_learner_group=self.algorithm.learner_group)

    def iteration(self) -> dict[str, Any]:
        """A rollout and its update; returns RLlib's results."""
        self._apply()
        result: dict[str, Any] = self.algorithm.train()
        refused = self._runners.foreach_env_runner(
            lambda runner: runner.refused, local_env_runner=False, healthy_only=False
        )
        if told := next(filter(None, refused), None):
            raise InputError(told)
        state = self.state
        state.steps = self._before + int(result["env_runners"]["num_env_steps_sampled_lifetime"])
        state.iterations += 1
        state.updates += self._epochs
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

        self._runners.foreach_env_runner(reconfigure, local_env_runner=False)
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
            full = self._runners.foreach_env_runner(
                lambda runner: runner.env.unwrapped.envs[0].unwrapped.steps_per_episode, local_env_runner=False
            )
            if length > self.recipe.fade_length * int(full[0]):
                state.assistance = next_assistance(state.assistance)

    def next_stage(self) -> bool:
        """Go on to the next stage where this one is over; True once the last is."""
        state = self.state
        faded = self.stage.assisted and state.assistance <= 0.0
        if not faded and state.steps - state.stage_started < self.stage.steps:
            return False
        if state.stage + 1 == len(self.recipe.stages):
            return True
        state.stage, state.stage_started = state.stage + 1, state.steps
        state.enter(self.stage)
        return False

    @property
    def restarts(self) -> int:
        """Env runners that were lost and made anew."""
        return int(self._runners.num_remote_worker_restarts())

    def save(self, run: Path) -> Path:
        """Write a checkpoint; one of this moment that is there already is left as it is."""
        folder = run / "checkpoints" / f"step_{self.state.steps:09d}"
        if folder.exists():
            return folder
        weights = {f"policy.{name}": tensor for name, tensor in self.policy.state_dict().items()}
        weights |= optimizer_tensors("optimizer", self.optimizer)
        said = {"engine": "rllib", "env": self._env}
        return save_checkpoint(run, self.state, said, {"weights": weights}, self.recipe.keep_checkpoints)

    def restore(self, tensors: Weights, where: Path) -> None:
        """Put a checkpoint's tensors back.

        Raises:
            InputError: they are those of another network.
        """
        load_weights(self.policy, tensors, where)
        load_optimizer("optimizer", self.optimizer, tensors)
