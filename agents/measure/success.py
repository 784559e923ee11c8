"""Success at a task: episodes on fixed seeds, ``info["is_success"]`` in their last step."""

from __future__ import annotations

from typing import Any

from simonsays.envs.policy.policy import Policy, acting


def success_episode(env: Any, policy: Policy, seed: int) -> dict[str, Any]:
    """One whole episode: whether the task was done in the end, when for good, and whether the robot fell."""
    observation, _ = env.reset(seed=seed)
    done, steps, since = False, 0, 0
    terminated = success = fell = False
    act = acting(policy)
    while not done:
        observation, _, terminated, truncated, info = env.step(act(observation))
        steps += 1
        success, fell = bool(info["is_success"]), bool(info.get("fell", terminated))
        since = since if success else steps
        done = terminated or truncated
    seconds = since * env.unwrapped.dt if success else None
    return {"success": success, "fell": fell and not success, "seconds": seconds}


def card(policy: Policy, env_id: str, command: str, rows: str, engine: str = "") -> str:
    """CARD.md of a policy for a task; ``rows`` of the table of what was measured by ``command``, in an engine
    that is named where it is not the default one.
    """
    training = policy.description["training"]
    told = "".join(f", {name} `{value}`" for name, value in policy.settings.items())
    return f"""# {policy.name}

Made for `{env_id}`{told}. Runs in NumPy.

## Measured{engine}

`{command}`; figures with 95% intervals (Wilson for shares, bootstrap for means). An episode counts as a success if the
task is done in its last step.

| what | figure | episodes |
|---|---|---|
{rows}

## Training

Recipe `{training["recipe"]}`, seed {training["seed"]}: {training["env_steps"]:,} env steps in
{training["wall_clock_s"] / 60:.0f} minutes on two CPU cores, {training["algorithm"]}.
Retrain: `simon train {training["recipe"]}`; then `simon evaluate RUN/bundle`.
"""
