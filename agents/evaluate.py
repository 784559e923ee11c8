"""``simon evaluate``: measure a policy without any assistance, on fixed seeds, with 95% intervals.

Runs in NumPy on the evaluation's own settings of the env; needs no torch. The protocols are in protocols.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from simonsays.agents.episodes import Outcome
from simonsays.agents.estimates import Estimate
from simonsays.agents.protocols import PROTOCOLS
from simonsays.agents.rollout import in_parallel, prepare
from simonsays.assets import InputError, did_you_mean
from simonsays.envs.controllers import Policy
from simonsays.envs.tasks.locomotion import make_config

_CHUNK = 5  # episodes a task


def _chunk(task: tuple[str, str, tuple[int, ...]]) -> tuple[str, list[Outcome]]:
    policy_name, name, seeds = task
    protocol = PROTOCOLS[name]
    env, policy = prepare(policy_name, dict(protocol.settings))
    try:
        return name, [protocol.episode(env, policy, seed) for seed in seeds]
    finally:
        env.close()


def evaluate(
    policy: str,
    *,
    episodes: int = 200,
    seed: int = 0,
    jobs: int = 2,
    protocols: Sequence[str] = tuple(PROTOCOLS),
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Measure a policy on seeds from ``seed`` on; ``episodes`` of tracking, and each protocol's share of that.

    Returns figures by name, each an Estimate as a dict or None where no episode got far enough, with the protocols
    that ran, the number of episodes and the first seed.

    Raises:
        InputError: no such policy or protocol, or the policy does not fit the env.
    """
    for name in protocols:
        if name not in PROTOCOLS:
            raise InputError(f"no protocol {name!r}{did_you_mean(name, PROTOCOLS)}")
    prepare(policy, {})[0].close()
    sizes = {name: PROTOCOLS[name].count(episodes) for name in protocols}
    tasks = [
        (policy, name, tuple(range(first, min(first + _CHUNK, seed + count))))
        for name, count in sizes.items()
        for first in range(seed, seed + count, _CHUNK)
    ]
    found: dict[str, list[Outcome]] = {name: [] for name in sizes}
    total, done = sum(sizes.values()), 0
    for name, outcomes in in_parallel(_chunk, tasks, jobs):
        found[name] += outcomes
        done += len(outcomes)
        if progress is not None:
            progress(done, total)
    return {"seed": seed, "episodes": episodes, "protocols": list(sizes), **summarize(found)}


def summarize(found: dict[str, list[Outcome]]) -> dict[str, dict[str, float] | None]:
    """The figures of each protocol from its episodes."""
    figures = {
        figure.name: figure.of(outcomes) for name, outcomes in found.items() for figure in PROTOCOLS[name].figures
    }
    return {name: None if estimate is None else asdict(estimate) for name, estimate in figures.items()}


def table(results: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Rows of (what, figure with its 95% interval, episodes) for people to read."""
    rows = []
    for protocol in results["protocols"]:
        for figure in PROTOCOLS[protocol].figures:
            found = results[figure.name]
            estimate = None if found is None else Estimate(**found)
            text = "none got that far" if estimate is None else estimate.text(figure.unit)
            rows.append((figure.label, text, 0 if estimate is None else estimate.count))
    return rows


def _range(low: float, high: float) -> str:
    return f"±{high:g}" if low == -high else f"{low:g} to {high:g}"


_UNITS = {"forward": "m/s", "sideways": "m/s", "yaw_rate": "rad/s", "height": "m"}


def _commands(ranges: Mapping[str, Any]) -> str:
    """Like ``forward -0.4 to 1.2 m/s, sideways ±0.3 m/s``."""
    return ", ".join(
        f"{name.replace('_', ' ')} {_range(*ranges[name])} {unit}" for name, unit in _UNITS.items() if name in ranges
    )


def _command_line(policy: Policy, results: dict[str, Any]) -> str:
    some = "" if len(results["protocols"]) == len(PROTOCOLS) else f" --protocols {','.join(results['protocols'])}"
    return f"simon evaluate {policy.name} --episodes {results['episodes']} --seed {results['seed']}{some}"


def _protocol_list(results: dict[str, Any]) -> str:
    return "\n".join(f"- {name}: {PROTOCOLS[name].title}" for name in results["protocols"])


def _trained_with(training: dict[str, Any]) -> str:
    settings = training.get("settings")
    if settings is None:
        return "The settings of the training are not recorded in the bundle; its recipe has them."
    return "The last stage's settings:\n\n" + "\n".join(f"- `{key} = {value}`" for key, value in settings.items())


def card(policy: Policy, results: dict[str, Any]) -> str:
    """CARD.md of a policy with measured results: what is said of it comes from its policy.json and the protocols."""
    said, measured = policy.description, make_config("evaluation", {})
    training = said["training"]
    rows = "\n".join(f"| {label} | {text} | {count} |" for label, text, count in table(results))
    assert measured.friction is not None
    return f"""# {policy.name}

Follows a command (forward, sideways, yaw rate, height of the base) with the {said["robot"].upper()}: a residual on a
reference gait, joint targets at {said["control_rate_hz"]} Hz, torque PD. Runs in NumPy.

Commands that its bundle states: {_commands(said["command"])}.

## Measured, without any assistance

`{_command_line(policy, results)}`; figures with 95% intervals (Wilson for shares, bootstrap for means,
score for falls a minute). Random commands are uniform: {_commands(measured.model_dump(exclude={"height"}))};
{100 * measured.standing:g}% of them say stand still. Heights are uniform in {_range(*measured.height)} m. The ground is
flat, its friction {_range(*measured.friction)}. What each figure means: docs/evaluation.md.

{_protocol_list(results)}

| what | figure | episodes |
|---|---|---|
{rows}

## Training

Recipe `{training["recipe"]}`, seed {training["seed"]}: {training["env_steps"]:,} env steps in
{training["wall_clock_s"] / 60:.0f} minutes, {training["algorithm"]}.
Retrain: `simon train {training["recipe"]}`; then `simon evaluate RUN/bundle`.

{_trained_with(training)}

## Limits

Trained and measured in simulation alone. Waist and arms follow the reference or the skill, not the policy. What it
withstands beyond these protocols: `simon robustness {policy.name}`.
"""
