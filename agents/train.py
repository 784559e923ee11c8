"""``simon train``: run a recipe with stable-baselines3, resume a run, export its policy."""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import torch
from simonsays.agents.algorithms import ALGORITHMS, replay_of, resume_replay
from simonsays.agents.bundle import load_into, write_bundle
from simonsays.agents.callbacks import Report
from simonsays.agents.cloning import clone
from simonsays.agents.recipe import Recipe, recipe_from_dict
from simonsays.agents.run_dir import (
    TrainingState,
    Weights,
    load_checkpoint,
    load_weights,
    newest_checkpoint,
    write_json,
)
from simonsays.agents.vec import WorkerVecEnv
from simonsays.assets import InputError
from simonsays.envs import env_class
from stable_baselines3.common.logger import configure

_PACKAGES = ("simonsays", "torch", "stable-baselines3", "gymnasium", "pybullet", "numpy")


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that a result depends on."""
    found = {"python": sys.version.split()[0]}
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def make_env(recipe: Recipe) -> Any:
    """One env of the recipe with the evaluation's own settings: for its spaces, mirror and description.

    Settings that the env's class names in ``space_settings`` are the recipe's, because its spaces depend on them.
    """
    import gymnasium

    own = getattr(env_class(recipe.env_id), "space_settings", ())
    settings = {name: value for name, value in recipe.env.items() if name in own}
    return gymnasium.make(recipe.env_id, disable_env_checker=True, **settings).unwrapped


def make_model(recipe: Recipe, env: Any, probe: Any, state: TrainingState) -> Any:
    """The stable-baselines3 model of a recipe; ``probe`` is one env of its kind."""
    algorithm = ALGORITHMS[recipe.algorithm]
    return algorithm.model(recipe, env, algorithm.policy(recipe, probe), state)


def train(
    recipe: Recipe,
    run: Path,
    *,
    init: str | Path | None = None,
    resume: bool = False,
    report: Report | None = None,
) -> Path:
    """Train a recipe to its end in the folder ``run``; returns the folder of the exported bundle.

    Args:
        init: a bundle to start the weights from.
        resume: go on from the newest checkpoint in ``run``.
        report: called after every rollout with the figures of a progress display.

    Raises:
        InputError: ``run`` holds another run already (without resume), has no checkpoint (with resume), or the
            bundle does not fit.
    """
    if not resume and (run / "run.json").exists():
        raise InputError(f"{run} holds a run already; resume it, or choose another folder")
    if init is not None and recipe.algorithm != "ppo":
        raise InputError(f"recipe {recipe.name!r}: only a training with algorithm = 'ppo' starts from a bundle")
    checkpoint = newest_checkpoint(run) if resume else None
    probe = make_env(recipe)
    first = recipe.stages[0]
    state = TrainingState(assistance=1.0 if first.assisted else 0.0, learning_rate=first.learning_rate)
    algorithm = ALGORITHMS[recipe.algorithm]
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", algorithm.threads)))
    env = WorkerVecEnv(
        recipe.env_id,
        {"reset_mode": recipe.reset_mode, **recipe.env},
        recipe.workers,
        recipe.envs_per_worker,
    )
    try:
        model = make_model(recipe, env, probe, state)
        if init is not None:
            load_into(init, model.policy, probe)
        if checkpoint is not None:
            saved, tensors = load_checkpoint(checkpoint)
            algorithm.restore(model, tensors, checkpoint)
            state.__dict__.update(saved.__dict__)
            model.num_timesteps, model._n_updates = state.steps, state.updates
            resume_replay(model, tensors)
            torch.set_rng_state(tensors["random.torch"])
        else:
            described = {"recipe": recipe.model_dump(mode="json"), "init": str(init) if init else None}
            write_json(run / "run.json", {**described, "versions": versions()})
        env.seed(recipe.seed * 1_000_003 + state.steps)
        if checkpoint is None and recipe.cloning is not None:
            started = time.monotonic()
            error = clone(model.policy, probe, recipe.cloning, recipe.seed)
            state.wall_clock = time.monotonic() - started
            write_json(run / "cloning.json", {"mean_squared_error": error, "seconds": state.wall_clock})
            export(recipe, run, model.policy, probe, state)  # the clone as it is, until the training ends

        def tensors_now() -> Weights:
            return algorithm.tensors(model) | replay_of(recipe, model)

        callback = algorithm.callback(recipe, state, run, report, tensors_now)
        model.set_logger(configure(str(run / "logs"), ["csv", "tensorboard"]))
        left, fresh = recipe.total_steps - state.steps, state.steps == 0
        if left > 0:
            try:
                model.learn(left, callback, log_interval=algorithm.log_interval, reset_num_timesteps=fresh)
            finally:
                if state.steps:
                    callback.save()
        return export(recipe, run, model.policy, probe, state)
    finally:
        env.close()
        probe.close()


def read_run(run: Path) -> Recipe:
    """The recipe that a run folder was made from.

    Raises:
        InputError: it is no run folder.
    """
    try:
        return recipe_from_dict(json.loads((run / "run.json").read_text(encoding="utf-8"))["recipe"], str(run))
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{run}: not a run folder: {error}") from error


def export(
    recipe: Recipe, run: Path, policy: Any, env: Any, state: TrainingState, title: str | None = None
) -> Path:
    """Write the bundle ``run/bundle`` of a policy; ``title``: of the algorithm, where it is not the recipe's own."""
    last = {**recipe.env, **recipe.stages[-1].env}
    algorithm = ALGORITHMS[recipe.algorithm]
    training = {
        "recipe": recipe.name,
        "seed": recipe.seed,
        "env_steps": state.steps,
        **({"cloned_moments": recipe.cloning.moments} if recipe.cloning else {}),
        "wall_clock_s": round(state.wall_clock),
        "algorithm": (title or algorithm.title) if state.steps else "cloning",
        "settings": {key: value for key, value in last.items() if key != "reward_weights"},
        "versions": versions(),
    }
    card = (
        f"# {recipe.name}\n\nTrained with `simon train {recipe.name}`, seed {recipe.seed}: {state.steps:,} env steps "
        f"in {state.wall_clock / 60:.0f} minutes.\n\nNot measured yet: `simon evaluate` does, and writes it here.\n"
    )
    write_bundle(run / "bundle", algorithm.network(policy), env, training, card, recipe.env_id)
    return run / "bundle"


def export_run(run: Path, checkpoint: Path | None = None) -> Path:
    """Write ``run/bundle`` from a checkpoint of a run, the newest unless said otherwise.

    Raises:
        InputError: it is no run folder, or has no checkpoint.
    """
    recipe = read_run(run)
    probe = make_env(recipe)
    try:
        made, arguments = ALGORITHMS[recipe.algorithm].policy(recipe, probe)
        policy = made(probe.observation_space, probe.action_space, lambda _: 0.0, **arguments)  # type: ignore[arg-type]
        folder = checkpoint or newest_checkpoint(run)
        state, tensors = load_checkpoint(folder)
        load_weights(policy, tensors, folder)
        return export(recipe, run, policy, probe, state)
    finally:
        probe.close()
