"""What happens between a rollout and the update: curriculum, learning rate, logs, checkpoints."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from simonsays.agents.recipe import Recipe
from simonsays.agents.run_dir import TrainingState, save_checkpoint
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


class Curriculum(BaseCallback):
    """Drives a recipe's stages; ``state`` is all that a resumed training needs to know."""

    def __init__(self, recipe: Recipe, state: TrainingState, run: Path, report: Report | None) -> None:
        super().__init__()
        self.recipe, self.state, self._run, self._report = recipe, state, run, report
        self._started = time.monotonic() - state.wall_clock
        self._saved = state.steps
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
        state.steps, state.iterations = self.num_timesteps, state.iterations + 1
        state.updates = self.model._n_updates
        state.wall_clock = time.monotonic() - self._started
        kl = float(self.logger.name_to_value.get("train/approx_kl", 0.0))
        state.learning_rate = next_learning_rate(self.recipe, state.learning_rate, kl)
        episodes = list(self.model.ep_info_buffer or [])
        length = float(np.mean([episode["l"] for episode in episodes])) if episodes else 0.0
        self._fade(length)
        self._log(episodes, length)
        if state.steps - self._saved >= self.recipe.checkpoint_steps:
            self.save()

    def save(self) -> Path:
        """Write a checkpoint of this moment."""
        self._saved = self.state.steps
        return save_checkpoint(self._run, self.state, self.model.policy)

    def _fade(self, length: float) -> None:
        state, stage = self.state, self.recipe.stages[self.state.stage]
        full = self.training_env.get_attr("steps_per_episode")[0]
        if stage.assisted and state.iterations % 2 == 0 and length > self.recipe.fade_length * full:
            state.assistance = next_assistance(state.assistance)
            self.training_env.env_method("reconfigure", assistance=state.assistance)
        gone = stage.assisted and state.assistance <= 0.0
        if gone or state.steps - state.stage_started >= stage.steps:
            self._leave_stage()

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
        stage = self.recipe.stages[self.state.stage]
        settings = {**self.recipe.env, **stage.env, "assistance": self.state.assistance}
        self.training_env.env_method("reconfigure", **settings)
        self.model.ent_coef = stage.entropy  # type: ignore[attr-defined]

    def _log(self, episodes: list[dict[str, Any]], length: float) -> None:
        state = self.state
        for name, values in self._terms.items():
            self.logger.record(f"reward/{name}", float(np.mean(values)))
        self._terms.clear()
        reward = float(np.mean([episode["r"] for episode in episodes])) if episodes else 0.0
        self.logger.record("curriculum/assistance", state.assistance)
        self.logger.record("curriculum/stage", state.stage)
        if self._report is not None:
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
                }
            )
