"""``simon train``: run a recipe with stable-baselines3's PPO, resume a run, export its policy."""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
from pathlib import Path
from typing import Any

import torch
from simonsays.agents.bundle import load_into, write_bundle
from simonsays.agents.callbacks import Curriculum, Report
from simonsays.agents.policies import MirrorActorCriticPolicy
from simonsays.agents.recipe import Recipe, recipe_from_dict
from simonsays.agents.run_dir import TrainingState, load_checkpoint, newest_checkpoint, write_json
from simonsays.agents.vec import WorkerVecEnv
from simonsays.assets import InputError
from stable_baselines3 import PPO
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
    """One env of the recipe with the evaluation's own settings: for its spaces, mirror and description."""
    import gymnasium

    return gymnasium.make(recipe.env_id, disable_env_checker=True).unwrapped


def make_model(recipe: Recipe, env: WorkerVecEnv, mirror: dict[str, list[float]], state: TrainingState) -> PPO:
    """PPO with the mirror-symmetric policy; the learning rate is always ``state.learning_rate``."""
    hidden = list(recipe.network.hidden)
    return PPO(
        MirrorActorCriticPolicy,
        env,
        learning_rate=lambda _: state.learning_rate,
        seed=recipe.seed,
        device="cpu",
        policy_kwargs={
            "net_arch": {"pi": hidden, "vf": hidden},
            "activation_fn": torch.nn.ELU,
            "log_std_init": recipe.network.log_std,
            "mirror": mirror,
        },
        **recipe.ppo.model_dump(),
    )


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
    checkpoint = newest_checkpoint(run) if resume else None
    probe = make_env(recipe)
    first = recipe.stages[0]
    state = TrainingState(assistance=1.0 if first.assisted else 0.0, learning_rate=first.learning_rate)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
    env = WorkerVecEnv(
        recipe.env_id,
        {"reset_mode": recipe.reset_mode, **recipe.env},
        recipe.workers,
        recipe.envs_per_worker,
    )
    try:
        model = make_model(recipe, env, probe.mirror, state)
        if init is not None:
            load_into(init, model.policy, probe)
        if checkpoint is not None:
            state.__dict__.update(load_checkpoint(checkpoint, model.policy).__dict__)
            model.num_timesteps, model._n_updates = state.steps, state.updates
        else:
            described = {"recipe": recipe.model_dump(mode="json"), "init": str(init) if init else None}
            write_json(run / "run.json", {**described, "versions": versions()})
        env.seed(recipe.seed * 1_000_003 + state.steps)
        callback = Curriculum(recipe, state, run, report)
        model.set_logger(configure(str(run / "logs"), ["csv", "tensorboard"]))
        left = recipe.total_steps - state.steps
        if left > 0:
            try:
                model.learn(left, callback=callback, reset_num_timesteps=state.steps == 0, log_interval=1)
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


def export(recipe: Recipe, run: Path, policy: Any, env: Any, state: TrainingState) -> Path:
    """Write the bundle ``run/bundle`` of a policy."""
    last = {**recipe.env, **recipe.stages[-1].env}
    training = {
        "recipe": recipe.name,
        "seed": recipe.seed,
        "env_steps": state.steps,
        "wall_clock_s": round(state.wall_clock),
        "algorithm": "PPO (stable-baselines3)",
        "settings": {key: value for key, value in last.items() if key != "reward_weights"},
        "versions": versions(),
    }
    card = (
        f"# {recipe.name}\n\nTrained with `simon train {recipe.name}`, seed {recipe.seed}: {state.steps:,} env steps "
        f"in {state.wall_clock / 60:.0f} minutes.\n\nNot measured yet: `simon evaluate` does, and writes it here.\n"
    )
    write_bundle(run / "bundle", policy, env, training, card)
    return run / "bundle"


def export_run(run: Path, checkpoint: Path | None = None) -> Path:
    """Write ``run/bundle`` from a checkpoint of a run, the newest unless said otherwise.

    Raises:
        InputError: it is no run folder, or has no checkpoint.
    """
    recipe = read_run(run)
    probe = make_env(recipe)
    state = TrainingState()
    policy = MirrorActorCriticPolicy(
        probe.observation_space,
        probe.action_space,
        lambda _: 0.0,
        net_arch={"pi": list(recipe.network.hidden), "vf": list(recipe.network.hidden)},
        activation_fn=torch.nn.ELU,
        mirror=probe.mirror,
    )
    state = load_checkpoint(checkpoint or newest_checkpoint(run), policy)
    try:
        return export(recipe, run, policy, probe, state)
    finally:
        probe.close()
