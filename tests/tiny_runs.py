"""A training of a second, and curves made by hand, for the tests of what is done with trainings."""

from __future__ import annotations

from typing import Any

ENV_ID = "simonsays.envs:G1-Locomotion-v0"
TINY: dict[str, Any] = {
    "name": "tiny",
    "env_id": ENV_ID,
    "workers": 1,
    "envs_per_worker": 2,
    "checkpoint_steps": 32,
    "network": {"hidden": [8]},
    "ppo": {"n_steps": 16, "batch_size": 32, "n_epochs": 1},
    "stages": [{"name": "only", "steps": 64, "learning_rate": 1e-3}],
}

RECIPE_FILE = """
env_id = "simonsays.envs:G1-Locomotion-v0"
workers = 1
envs_per_worker = 2
network = {hidden = [8]}
ppo = {n_steps = 16, batch_size = 32, n_epochs = 1}

[[stages]]
name = "only"
steps = 64
learning_rate = 1e-3
assisted = true
"""
"""What a file of such a recipe may hold."""


def tiny(**changes: Any) -> Any:
    from simonsays.agents.recipes.recipe import recipe_from_dict

    return recipe_from_dict({**TINY, **changes}, "test")


def curve(shares: list[float], episodes: int = 10, every: int = 100, rate: float = 50.0) -> dict[str, Any]:
    """A curve whose points survive in these shares of the episodes."""
    points = []
    for i, share in enumerate(shares):
        up = round(share * episodes)
        points.append(
            {
                "steps": (i + 1) * every,
                "wall_clock": (i + 1) * every / rate,
                "survival": [True] * up + [False] * (episodes - up),
                "success": [False] * episodes,
                "length": [1000] * episodes,
                "return": [100.0 * share] * episodes,
            }
        )
    return {"env": ENV_ID, "metric": "survival", "episodes": episodes, "seed": 0, "points": points}
