"""What happens between two iterations of a training: curriculum, stages, learning rate, logs, checkpoints.

All of it comes after the update and before the next rollout, so that a checkpoint holds whole iterations only.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simonsays.agents import sb3_internals as sb3
from simonsays.agents.recipes.recipe import Recipe
from simonsays.agents.runs.run_dir import TrainingState, Weights, save_checkpoint
from simonsays.agents.training import continuation, snapshot
from simonsays.agents.training.continuation import Start, envs_seed
from simonsays.agents.training.interrupt import Interrupted, Signals
from simonsays.agents.training.reports import Reports
from simonsays.agents.vec.vec import WorkerVecEnv


class Ended(Exception):
    """The training is over: its stages are done, or ``on_checkpoint`` wants no more."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


def next_assistance(now: float) -> float:
    """The assistance after one cut: 0.04 less, 0.02 below 0.3, 0.01 below 0.1."""
    return max(0.0, now - (0.04 if now > 0.3 else 0.02 if now > 0.1 else 0.01))


def next_learning_rate(recipe: Recipe, now: float, kl: float) -> float:
    """The learning rate after an update whose approximate KL divergence was ``kl``."""
    rule = recipe.learning_rate
    if kl > rule.kl_high:
        return max(rule.lowest, now / rule.factor)
    return min(rule.highest, now * rule.factor) if 0 < kl < rule.kl_low else now


class Progress(Reports):
    """Takes a recipe through its stages, logs, reports and writes checkpoints, whatever the algorithm.

    From time to time (``renew_steps``, a new stage) a checkpoint is a new beginning for the envs, in a training that
    is resumed from it as in one that goes on: both make them anew and seed them alike. Any other checkpoint holds what
    the envs were told since then, and resuming tells them once more: it retraces.

    Args:
        state: where the training stands; changed as it goes on.
        workers: the envs themselves, below any wrapper.
        start: what to go on from; env: the description of the env that checkpoints carry.

    Attributes:
        on_checkpoint: called with each regular checkpoint, False ends the training.
        saved: the newest checkpoint that was written.
    """

    interval = 500
    """env steps, at least, between two lines of the log"""

    def __init__(
        self,
        recipe: Recipe,
        state: TrainingState,
        run: Path,
        workers: WorkerVecEnv,
        signals: Signals,
        *,
        start: Start,
        env: dict[str, Any],
    ) -> None:
        super().__init__(recipe, state)
        self._run, self._workers, self._signals = run, workers, signals
        self._start, self._env = start, env
        self.on_checkpoint: Callable[[Path], bool] | None = None
        self.saved: Path | None = None
        self._started = time.monotonic() - state.wall_clock
        self._random: tuple[Weights, dict[str, Any]] | None = None
        self._begun = False

    # What stable-baselines3 calls.

    def _on_rollout_start(self) -> None:
        if not self._begun:
            self._begun = True
            self._begin()
        else:
            self.between()
        if getattr(self.model, "use_sde", False):
            self.model.policy.reset_noise(self._workers.num_envs)  # type: ignore[operator]

    def _on_rollout_end(self) -> None:
        self._note()
        if self.state.steps - self.state.logged >= self.interval:
            self.state.logged = self.state.steps
            self.log()
        if self._draws_first:
            self._random = snapshot.random_state(self.model)

    @property
    def _draws_first(self) -> bool:
        """ARS draws its candidates before the rollout starts."""
        return hasattr(self.model, "delta_std_schedule")

    # Beginning and going on.

    def prepare(self, model: Any) -> None:
        """Before the model learns: put the checkpoint's tensors and counters into it."""
        sb3.keep_from_resetting(model)  # the envs begin with the first rollout
        start = self._start
        if start.said is not None:
            snapshot.restore_model(model, start.tensors, self._run)
            snapshot.restore_counters(model, start.said["model"], self.state.steps)
            snapshot.restore_random(model, start.tensors, start.said["random"])

    def _begin(self) -> None:
        """Bring the envs to where they were, and the random numbers."""
        model, start = self.model, self._start
        said = start.said or {}
        drawn = snapshot.random_state(model)
        continuation.start_anew(
            model, self._workers, self._settings(said), envs_seed(self.recipe, self.state.synchronised)
        )
        if start.history:
            snapshot.restore_normaliser(model.get_vec_normalize_env(), start.tensors)  # it has seen these resets before
            total = len(start.history["actions"])
            continuation.follow_history(model, self._workers, start.history, said["calls"], self._retraced(total))
        kept = start.said is None or self._draws_first
        snapshot.restore_random(model, *(drawn if kept else (start.tensors, said["random"])))
        self._start = Start()
        self._enter_stage()
        self._started = time.monotonic() - self.state.wall_clock

    def _retraced(self, total: int) -> Callable[[int], None]:
        def report(done: int) -> None:
            if self._signals.number is not None:
                raise Interrupted(self._signals.number, None)
            if self.report is not None and done % 50 == 0:
                self.report({**self.figures(), "retraced": done, "of": total})

        return report

    def between(self) -> None:
        """After an update: curriculum, stages, checkpoint.

        Raises:
            Ended: there is nothing left to do, or ``on_checkpoint`` said so; a checkpoint is written.
            Interrupted: a signal came; a checkpoint is written.
        """
        self._note()
        state = self.state
        if state.logged == state.steps:
            state.iterations += 1
            self._adapt(self.mean_length())
        over = self._stage_is_over()
        last = state.stage + 1 == len(self.recipe.stages) or state.steps >= self.recipe.total_steps
        if over and not last:
            state.stage, state.stage_started = state.stage + 1, state.steps
            state.enter(self.recipe.stages[state.stage])
            self._enter_stage()
        old = state.steps - state.synchronised >= self.recipe.renew_steps
        anew = old or self._workers.lost or (over and not last)
        if anew or state.steps - state.saved >= self.recipe.checkpoint_steps:
            self._save_regularly(anew)
        elif self._signals.number is not None or over:
            self.saved = self._save(history=True)
        if over and last:
            raise Ended("finished")
        if self._signals.number is not None:
            raise Interrupted(self._signals.number, self.saved)
        if anew:  # as a training that is resumed from this checkpoint makes the envs
            random = snapshot.random_state(self.model)
            seed = envs_seed(self.recipe, state.synchronised)
            continuation.start_anew(self.model, self._workers, self._settings({}), seed)
            snapshot.restore_random(self.model, *random)

    def _note(self) -> None:
        state = self.state
        state.steps, state.updates = self.num_timesteps, sb3.updates(self.model)
        state.wall_clock = time.monotonic() - self._started

    def _save_regularly(self, anew: bool) -> None:
        """A checkpoint in its turn, from which the envs go on or begin anew."""
        state = self.state
        state.saved = state.steps
        if anew:
            continuation.cut_episodes(self.model)
            state.synchronised = state.steps
        self.saved = self._save(history=not anew)
        if self.on_checkpoint is not None:
            began = time.monotonic()
            goes_on = self.on_checkpoint(self.saved)
            self._started += time.monotonic() - began  # what it did was no training
            if not goes_on:
                raise Ended("stopped")

    def _save(self, history: bool) -> Path:
        model, files = self.model, {"weights": snapshot.model_tensors(self.model)}
        said = {"model": snapshot.counters(model), "env": self._env, "settings": self._first_settings}
        said["recipe"] = self.recipe.model_dump(mode="json")
        tensors, said["random"] = self._random if self._draws_first and self._random else snapshot.random_state(model)
        files["weights"] |= tensors
        if history:
            files["history"], calls = continuation.history_tensors(model, self._workers)
            said |= calls
        buffer = getattr(model, "replay_buffer", None)
        if buffer is not None and getattr(self.recipe.hyperparameters, "save_buffer", False):
            files["replay"] = snapshot.buffer_tensors(buffer)
        return save_checkpoint(self._run, self.state, said, files, self.recipe.keep_checkpoints)

    # Curriculum and stages.

    def _adapt(self, length: float) -> None:
        """Let the helping forces fade; ``length``: steps of the mean episode."""
        state, stage = self.state, self.recipe.stages[self.state.stage]
        if stage.assisted and state.iterations % 2 == 0:
            full = self.training_env.get_attr("steps_per_episode")[0]
            if length > self.recipe.fade_length * full and self.success_share() >= self.recipe.fade_success:
                state.assistance = next_assistance(state.assistance)
                self.training_env.env_method("reconfigure", assistance=state.assistance)

    def _stage_is_over(self) -> bool:
        state, stage = self.state, self.recipe.stages[self.state.stage]
        gone = stage.assisted and state.assistance <= 0.0
        return gone or state.steps - state.stage_started >= stage.steps or state.steps >= self.recipe.total_steps

    @property
    def over(self) -> bool:
        """Whether the last stage has been done."""
        return self.state.stage + 1 == len(self.recipe.stages) and self._stage_is_over()

    def _enter_stage(self) -> None:
        """Set what the model has of the stage."""

    def _settings(self, said: dict[str, Any]) -> dict[str, Any]:
        """What the envs are configured with when they are made: as a checkpoint with a history says, or as now."""
        own = {**self.recipe.stages[self.state.stage].env}
        if self.recipe.assisted:
            own["assistance"] = self.state.assistance
        self._first_settings = said["settings"] if "calls" in said else {**self.recipe.env, **own} if own else {}
        return self._first_settings


class Curriculum(Progress):
    """Progress of an on-policy training: the learning rate follows the KL divergence, where the algorithm tells it."""

    interval = 1

    def _adapt(self, length: float) -> None:
        kl = float(self.logger.name_to_value.get("train/approx_kl", 0.0))
        self.state.learning_rate = next_learning_rate(self.recipe, self.state.learning_rate, kl)
        super()._adapt(length)

    def _enter_stage(self) -> None:
        self.model.ent_coef = self.recipe.stages[self.state.stage].entropy  # type: ignore[attr-defined]
