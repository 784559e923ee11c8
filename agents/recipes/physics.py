"""For which robot, and in which engine a recipe's envs are simulated."""

from __future__ import annotations

from simonsays.agents.measure.rollout import physics
from simonsays.agents.recipes.recipe import Recipe, with_values
from simonsays.assets import InputError


def with_robot(recipe: Recipe, robot: str | None) -> Recipe:
    """A recipe for another robot, or its own if None.

    Raises:
        InputError: no such robot, or the recipe's env is not one of ours.
    """
    return recipe if robot is None else with_values(recipe, {"robot": robot})


def with_engine(recipe: Recipe, engine: str | None = None) -> Recipe:
    """A recipe in another engine, or in its own if None, that can be used here.

    Raises:
        InputError: no such engine, its package is missing, or the recipe's env is not one of ours.
    """
    made = recipe if engine is None else recipe.model_copy(update={"engine": engine})
    try:
        physics(made.env_id, made.engine)
    except InputError as error:
        raise InputError(f"recipe {made.name!r}: {error}") from error
    return made
