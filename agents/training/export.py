"""Policy bundles from trainings and their checkpoints."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from simonsays.agents.bundles.bundle import Frozen, write_bundle
from simonsays.agents.recipes.recipe import Recipe
from simonsays.agents.runs.run_dir import TrainingState, load_checkpoint, load_weights, newest_checkpoint
from simonsays.agents.runs.sessions import read_run, versions
from simonsays.agents.training.algorithms import bundled, make_policy
from simonsays.agents.training.normalize import frozen
from simonsays.assets import InputError
from simonsays.envs import env_class
from simonsays.envs.trainable import capabilities


def how(recipe: Recipe) -> dict[str, Any]:
    """What of a recipe says how its envs are simulated, for those of ours."""
    ours = capabilities(env_class(recipe.env_id)).make_config
    return {"reset_mode": recipe.reset_mode, "engine": recipe.engine, **body(recipe)} if ours else {}


def body(recipe: Recipe) -> dict[str, Any]:
    """The argument that gives an env the recipe's robot."""
    return {} if recipe.robot is None else {"robot": recipe.robot}


def make_env(recipe: Recipe) -> Any:
    """One env of the recipe with the evaluation's own settings: for its spaces, mirror and description.

    Settings that the env's class names in ``space_settings`` are the recipe's, because its spaces depend on them;
    an env that does not describe itself is made with all of them.
    """
    import gymnasium

    offered = capabilities(env_class(recipe.env_id))
    own = offered.space_settings
    if own is None:
        own = () if offered.describe else tuple(recipe.env)
    settings = {name: value for name, value in recipe.env.items() if name in own}
    try:
        return gymnasium.make(recipe.env_id, disable_env_checker=True, **body(recipe), **settings).unwrapped
    except TypeError as error:
        raise InputError(f"recipe {recipe.name!r}: env: {recipe.env_id}: {error}") from error


def export(
    recipe: Recipe,
    folder: Path,
    policy: Any,
    env: Any,
    state: TrainingState,
    normaliser: Frozen | None = None,
    title: str | None = None,
) -> Path:
    """Write a policy's bundle into ``folder``; ``title``: of the algorithm, where it is not the recipe's own."""
    last = {**recipe.env, **recipe.stages[-1].env}
    training = {
        "recipe": recipe.name,
        "seed": recipe.seed,
        "engine": recipe.engine,
        "env_steps": state.steps,
        **_cloned(recipe),
        "wall_clock_s": round(state.wall_clock),
        "algorithm": (title or recipe.hyperparameters.title) if state.steps else "cloning",
        "settings": {key: value for key, value in last.items() if key != "reward_weights"},
        "versions": versions(),
    }
    card = (
        f"# {recipe.name}\n\nTrained with `simon train {recipe.name}`, seed {recipe.seed}: {state.steps:,} env steps "
        f"in {state.wall_clock / 60:.0f} minutes.\n\nNot measured yet: `simon evaluate` does, and writes it here.\n"
    )
    write_bundle(folder, bundled(recipe, policy), env, training, card, recipe.env_id, normaliser)
    return folder


def _cloned(recipe: Recipe) -> dict[str, Any]:
    """What a bundle says of where its policy started."""
    if recipe.cloning is None:
        return {}
    if recipe.cloning.moments is not None:
        return {"cloned_moments": recipe.cloning.moments}
    return {"cloned_from": list(recipe.cloning.sources)}


def export_run(run: Path, checkpoint: Path | None = None, folder: Path | None = None) -> Path:
    """Write a bundle from a checkpoint of a run, the newest unless said otherwise, into ``folder`` (run/bundle).

    Raises:
        InputError: it is no run folder, has no checkpoint or a damaged one, or its env does not describe itself.
    """
    recipe = read_run(run)
    with closing(make_env(recipe)) as probe:
        if capabilities(probe).describe is None:
            raise InputError(f"{recipe.env_id} does not describe itself (no method describe): it has no bundles")
        made, arguments = make_policy(recipe, probe)
        policy = made(probe.observation_space, probe.action_space, lambda _: 0.0, **arguments)  # type: ignore[arg-type]
        source = checkpoint or newest_checkpoint(run)
        state, tensors = load_checkpoint(source)
        load_weights(policy, tensors, source)
        return export(recipe, folder or run / "bundle", policy, probe, state, frozen(recipe, tensors))
