"""What happens between a rollout and the update: stages, curriculum, learning rate, logs, checkpoints."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from simonsays.agents.recipe import Recipe
from simonsays.agents.run_dir import TrainingState, Weights, save_checkpoint
from stable_baselines3.common.callbacks import BaseCallback

Report = Callable[[dict[str, Any]], None]


def next_assistance(now: float) -> float:
    """The assistance after one cut: 0.04 less, 0.02 below 0.3, 0.01 below 0.1."""
    return max(0.0, now - (0.04 if now > 0.3 else 0.02 if now > 0.1 else 0.01))


def next_learning_rate(recipe: Recipe, now: float, kl: float) -> float:
    """The learning rate after an update whose approximate KL divergence was ``kl``."""
    rule = recipe.learning_rate
    if kl > rule.kl_high:
        return max(rule.lowest, now / rule.factor)
    return min(rule.highest, now * rule.factor) if 0 < kl < rule.kl_low else now


class Progress(BaseCallback):
    """Takes a recipe through its stages, logs, reports and writes checkpoints, whatever the algorithm.

    ``state`` is all that a resumed training needs to know beside the tensors, which ``tensors()`` collects.
    """

    interval = 500
    """env steps, at least, between two lines of the log"""

    def __init__(
        self, recipe: Recipe, state: TrainingState, run: Path, report: Report | None, tensors: Callable[[], Weights]
    ) -> None:
        super().__init__()
        self.recipe, self.state, self._run, self._report, self._tensors = recipe, state, run, report, tensors
        self._started = time.monotonic() - state.wall_clock
        self._saved = self._logged = state.steps
        self.on_checkpoint: Callable[[Path], bool] | None = None
        self._terms: dict[str, list[float]] = {}
        self.finished = False

    def _on_training_start(self) -> None:
        self._enter_stage()

    def _on_step(self) -> bool:
        for info in self.locals["infos"]:
            episode = info.get("episode")
            if episode:
                for name, total in episode["terms"].items():
                    self._terms.setdefault(name, []).append(total / episode["l"])
        return not self.finished

    def _on_rollout_end(self) -> None:
        state = self.state
        state.steps, state.updates = self.num_timesteps, self.model._n_updates
        state.wall_clock = time.monotonic() - self._started
        if state.steps - self._logged >= self.interval:
            self._logged, state.iterations = state.steps, state.iterations + 1
            episodes = list(self.model.ep_info_buffer or [])
            length = float(np.mean([episode["l"] for episode in episodes])) if episodes else 0.0
            self._adapt(length)
            self._log(episodes, length)
        if self._stage_is_over():
            self._leave_stage()
        if state.steps - self._saved >= self.recipe.checkpoint_steps:
            self._tell(self.save())

    def _tell(self, checkpoint: Path) -> None:
        """Let ``on_checkpoint`` see a checkpoint and end the training; its time is no training time."""
        if self.on_checkpoint is not None:
            began = time.monotonic()
            self.finished = self.finished or not self.on_checkpoint(checkpoint)
            self._started += time.monotonic() - began

    def save(self) -> Path:
        """Write a checkpoint of this moment."""
        self._saved = self.state.steps
        return save_checkpoint(self._run, self.state, self._tensors())

    def _adapt(self, length: float) -> None:
        """Change what the algorithm wants changed; ``length``: steps of the mean episode."""

    def _stage_is_over(self) -> bool:
        return self.state.steps - self.state.stage_started >= self.recipe.stages[self.state.stage].steps

    def _leave_stage(self) -> None:
        state = self.state
        if state.stage + 1 == len(self.recipe.stages):
            self.finished = True
            return
        state.stage, state.stage_started = state.stage + 1, state.steps
        stage = self.recipe.stages[state.stage]
        state.assistance, state.learning_rate = (1.0 if stage.assisted else 0.0), stage.learning_rate
        self._enter_stage()
        self.save()

    def _enter_stage(self) -> None:
        settings = self._settings()
        if settings:
            self.training_env.env_method("reconfigure", **settings)

    def _settings(self) -> dict[str, Any]:
        return {**self.recipe.env, **self.recipe.stages[self.state.stage].env}

    def _log(self, episodes: list[dict[str, Any]], length: float) -> None:
        state = self.state
        for name, values in self._terms.items():
            self.logger.record(f"reward/{name}", float(np.mean(values)))
        self._terms.clear()
        reward = float(np.mean([episode["r"] for episode in episodes])) if episodes else 0.0
        self.logger.record("curriculum/assistance", state.assistance)
        self.logger.record("curriculum/stage", state.stage)
        if self._report is not None:
            successes = self.model.ep_success_buffer
            self._report(
                {
                    "steps": state.steps,
                    "total": self.recipe.total_steps,
                    "seconds": state.wall_clock,
                    "stage": self.recipe.stages[state.stage].name,
                    "assistance": state.assistance,
                    "learning_rate": state.learning_rate,
                    "episode_length": length,
                    "episode_reward": reward,
                    "success": float(np.mean(successes)) if successes else 0.0,
                }
            )


class Curriculum(Progress):
    """Progress of a PPO training: helping forces fade, the learning rate follows the KL divergence."""

    interval = 1

    def _adapt(self, length: float) -> None:
        state, stage = self.state, self.recipe.stages[self.state.stage]
        kl = float(self.logger.name_to_value.get("train/approx_kl", 0.0))
        state.learning_rate = next_learning_rate(self.recipe, state.learning_rate, kl)
        if stage.assisted and state.iterations % 2 == 0:
            full = self.training_env.get_attr("steps_per_episode")[0]
            if length > self.recipe.fade_length * full:
                state.assistance = next_assistance(state.assistance)
                self.training_env.env_method("reconfigure", assistance=state.assistance)

    def _stage_is_over(self) -> bool:
        gone = self.recipe.stages[self.state.stage].assisted and self.state.assistance <= 0.0
        return gone or super()._stage_is_over()

    def _settings(self) -> dict[str, Any]:
        help_now = {"assistance": self.state.assistance} if self.recipe.assisted else {}
        return {**super()._settings(), **help_now}

    def _enter_stage(self) -> None:
        super()._enter_stage()
        self.model.ent_coef = self.recipe.stages[self.state.stage].entropy  # type: ignore[attr-defined]
