"""The contract of a policy bundle: what says, evaluate and export rely on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

from simonsays.envs.policy.policy import acting, bundle_folder, load_policy
from simonsays.testing._holding import accepted, holds


def check_policy(name_or_path: str | Path, *, steps: int = 100) -> None:
    """Check a bundle: it loads, fits its env, and acts as it should for ``steps`` steps.

    Its folder has policy.json, policy.safetensors and CARD.md and nothing that has to be unpickled. In its env, made
    with its settings, actions are finite, in the action space and the same for the same observations.

    Raises:
        AssertionError: something does not hold; the message says what.
    """
    with accepted(f"policy {name_or_path}"):
        policy, folder = load_policy(name_or_path), bundle_folder(name_or_path)
    where = f"policy {policy.name!r}"
    for file in ("policy.json", "policy.safetensors", "CARD.md"):
        holds((folder / file).is_file(), f"{where}: {folder / file} is missing")
    odd = [file.name for file in folder.iterdir() if file.suffix in (".pkl", ".pickle", ".pt", ".pth", ".zip")]
    holds(not odd, f"{where}: {', '.join(odd)}: a bundle holds nothing that has to be unpickled")
    json.dumps(policy.description)
    env_id = policy.env_id if ":" in policy.env_id else f"simonsays.envs:{policy.env_id}"
    env: Any = gymnasium.make(env_id, disable_env_checker=True, **policy.settings)
    try:
        with accepted(where):
            policy.check(env)
        observation, _ = env.reset(seed=0)
        act, again = acting(policy), acting(policy)
        for step in range(steps):
            action = act(observation)
            holds(np.isfinite(action).all(), f"{where}, step {step}: the action is {action}")
            holds(env.action_space.contains(action), f"{where}, step {step}: the action is outside its space: {action}")
            holds((action == again(observation)).all(), f"{where}, step {step}: one observation gave two actions")
            observation, _, terminated, truncated, _ = env.step(action)
            if terminated or truncated:
                observation, _ = env.reset()
                act, again = acting(policy), acting(policy)
    finally:
        env.close()
