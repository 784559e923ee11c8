"""Whether a recipe's env can be made, and takes the settings that the recipe has for it."""

from __future__ import annotations

from typing import Any

from simonsays.assets import InputError, did_you_mean
from simonsays.envs.trainable import capabilities
from simonsays.sim.engines import ENGINES
from simonsays.sim.robots import get_robot


def check_env(recipe: Any, where: str) -> None:
    """Refuse settings that a Recipe's env does not take, or not where they stand: InputError."""
    from simonsays.envs import env_class, env_spec
    from simonsays.envs.motions.base import DEFAULT

    try:
        offered, fixed = capabilities(env_class(recipe.env_id)), env_spec(recipe.env_id).kwargs
    except InputError as error:
        raise InputError(f"{where}: env_id: {error}") from error
    for stage in recipe.stages if offered.reconfigure is None else ():
        if stage.assisted or stage.env:
            key = "assisted" if stage.assisted else "env"
            raise InputError(f"{where}: stages.{stage.name}.{key}: {recipe.env_id} cannot be reconfigured")
    if offered.make_config is None:
        if recipe.robot is not None:
            raise InputError(f"{where}: robot: {recipe.env_id} is of another package, and has a robot of its own")
        return
    if recipe.robot is not None:
        try:
            get_robot(recipe.robot)
        except InputError as error:
            raise InputError(f"{where}: robot: {error}") from error
    if recipe.engine not in ENGINES:
        raise InputError(f"{where}: engine: {recipe.engine!r}{did_you_mean(recipe.engine, ENGINES)}")
    offered.make_config(f"{where}: env", recipe.env)
    for stage in recipe.stages:
        place, settings = f"{where}: stages.{stage.name}.env", {**recipe.env, **stage.env}
        offered.make_config(place, settings)
        if (motion := settings.get("motion")) not in (None, trained := fixed.get("motion", DEFAULT)):
            told = f"{recipe.env_id} trains {trained!r}; {motion!r} needs an env id of its own (register_env)"
            raise InputError(f"{where}: env.motion: {told}")
        for name in offered.space_settings or ():
            if name in stage.env and stage.env[name] != recipe.env.get(name):
                raise InputError(f"{place}.{name}: belongs into [env], as observations or actions depend on it")
        if stage.assisted:
            offered.make_config(f"{place}: assisted", {**settings, "assistance": 1.0})
