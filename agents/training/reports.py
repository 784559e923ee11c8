"""What a training tells of itself while it goes on: reward terms in its logs, figures for a display."""

from __future__ import annotations

from typing import Any

import numpy as np
from stable_baselines3.common.callbacks import BaseCallback

from simonsays.agents.recipes.recipe import Recipe
from simonsays.agents.runs.run_dir import TrainingState
from simonsays.agents.training.options import Report


class Reports(BaseCallback):
    """Gathers what episodes tell.

    Attributes:
        report: called with figures for a display.
    """

    def __init__(self, recipe: Recipe, state: TrainingState) -> None:
        super().__init__()
        self.recipe, self.state = recipe, state
        self.report: Report | None = None
        self._terms: dict[str, list[float]] = {}

    def _on_step(self) -> bool:
        for info in self.locals.get("infos", ()):  # a random search tells of none
            episode = info.get("episode")
            if episode:
                for name, total in episode.get("terms", {}).items():
                    self._terms.setdefault(name, []).append(total / episode["l"])
        return True

    def _episodes(self) -> list[dict[str, Any]]:
        return list(self.model.ep_info_buffer or [])

    def mean_length(self) -> float:
        """Steps of the last episodes, on average."""
        episodes = self._episodes()
        return float(np.mean([episode["l"] for episode in episodes])) if episodes else 0.0

    def success_share(self) -> float:
        """Share of the last episodes that were a success."""
        successes = self.model.ep_success_buffer
        return float(np.mean(successes)) if successes else 0.0

    def log(self) -> None:
        """Record what the next line of the log has of the episodes, and report."""
        state = self.state
        for name, values in self._terms.items():
            self.logger.record(f"reward/{name}", float(np.mean(values)))
        self._terms.clear()
        self.logger.record("curriculum/assistance", state.assistance)
        self.logger.record("curriculum/stage", state.stage)
        if self.report is not None:
            self.report(self.figures())

    def figures(self) -> dict[str, Any]:
        """What a display of the progress shows."""
        episodes = self._episodes()
        reward = float(np.mean([episode["r"] for episode in episodes])) if episodes else 0.0
        return display(self.recipe, self.state, self.mean_length(), reward, self.success_share())


def display(recipe: Recipe, state: TrainingState, length: float, reward: float, success: float) -> dict[str, Any]:
    """Figures of a progress display; ``length``: steps, and ``reward``, of the last episodes, on average."""
    return {
        "steps": state.steps,
        "total": recipe.total_steps,
        "seconds": state.wall_clock,
        "stage": recipe.stages[state.stage].name,
        "assistance": state.assistance,
        "learning_rate": state.learning_rate,
        "episode_length": length,
        "episode_reward": reward,
        "success": success,
    }
