"""``simon evaluate``: measure a policy without any assistance, on fixed seeds, with 95% intervals.

Runs in NumPy on the evaluation's own settings of the env; needs no torch. The protocols are in protocols.py: those of a
policy that follows commands, and success for every other env.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from typing import Any

from simonsays.agents.measure import success
from simonsays.agents.measure.estimates import Estimate
from simonsays.agents.measure.protocol import Outcome
from simonsays.agents.measure.protocols import TASK_PROTOCOLS, motion_of, protocols_of, usual
from simonsays.agents.measure.rollout import in_parallel, prepare, prepare_task
from simonsays.assets import InputError, did_you_mean
from simonsays.envs.config import make_config
from simonsays.envs.events import Friction
from simonsays.envs.policy.policy import Policy, load_policy
from simonsays.sim.engine_choice import engine_said, in_words
from simonsays.sim.engines import DEFAULT

_CHUNK = 5  # episodes a task
Spread = Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[Any]]


def _prepare(policy: str, env_id: str, settings: Mapping[str, Any], engine: str) -> tuple[Any, Policy]:
    motion = motion_of(env_id)
    if motion is None or protocols_of(env_id) is TASK_PROTOCOLS:
        return prepare_task(policy, env_id, engine)
    return prepare(policy, {"motion": motion.name, **settings, "engine": engine})


def _chunk(task: tuple[str, str, str, str, tuple[int, ...]]) -> tuple[str, list[Outcome]]:
    policy_name, env_id, engine, name, seeds = task
    protocol = protocols_of(env_id)[name]
    env, policy = _prepare(policy_name, env_id, protocol.settings, engine)
    with closing(env):
        return name, [protocol.episode(env, policy, seed) for seed in seeds]


def evaluate(
    policy: str,
    env_id: str | None = None,
    *,
    episodes: int = 200,
    seed: int = 0,
    jobs: int = 2,
    protocols: Sequence[str] | None = None,
    engine: str = DEFAULT,
    progress: Callable[[int, int], None] | None = None,
    spread: Spread | None = None,
) -> dict[str, Any]:
    """Measure a policy on seeds from ``seed`` on; ``episodes`` of tracking, and each protocol's share of that.

    ``spread``: runs a function on tasks instead of ``jobs`` processes, see experiments/jobs/engines.py.
    ``env_id``: that of the policy's training by default. ``protocols``: names of some of the env's; all by default.
    ``engine``: of the physics, see docs/engines.md.
    Returns figures by name, each an Estimate as a dict or None where no episode got far enough, with the env, the
    engine and its version, the protocols that ran, the number of episodes and the first seed.

    Raises:
        InputError: no such policy, env, protocol or engine, or the policy does not fit the env.
    """
    env_id = env_id or load_policy(policy).env_id
    known = protocols_of(env_id)
    names = usual(env_id) if protocols is None else list(protocols)
    for name in names:
        if name not in known:
            raise InputError(f"no protocol {name!r}{did_you_mean(name, known)}")
    _prepare(policy, env_id, {}, engine)[0].close()
    sizes = {name: known[name].count(episodes) for name in names}
    tasks = [
        (policy, env_id, engine, name, tuple(range(first, min(first + _CHUNK, seed + count))))
        for name, count in sizes.items()
        for first in range(seed, seed + count, _CHUNK)
    ]
    found: dict[str, list[Outcome]] = {name: [] for name in sizes}
    total, done = sum(sizes.values()), 0
    for name, outcomes in spread(_chunk, tasks) if spread else in_parallel(_chunk, tasks, jobs):
        found[name] += outcomes
        done += len(outcomes)
        if progress is not None:
            progress(done, total)
    about = {"env": env_id, **engine_said(engine), "seed": seed, "episodes": episodes, "protocols": list(sizes)}
    return {**about, **summarize(found, env_id)}


def summarize(found: dict[str, list[Outcome]], env_id: str) -> dict[str, dict[str, float] | None]:
    """The figures of each protocol from its episodes."""
    known = protocols_of(env_id)
    figures = {figure.name: figure.of(outcomes) for name, outcomes in found.items() for figure in known[name].figures}
    return {name: None if estimate is None else asdict(estimate) for name, estimate in figures.items()}


def table(results: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Rows of (what, figure with its 95% interval, episodes) for people to read."""
    rows, known = [], protocols_of(results["env"])
    for protocol in results["protocols"]:
        for figure in known[protocol].figures:
            found = results[figure.name]
            estimate = None if found is None else Estimate(**found)
            text = "none got that far" if estimate is None else estimate.text(figure.unit)
            rows.append((figure.label, text, 0 if estimate is None else estimate.count))
    return rows


def abilities(results: dict[str, Any], policy: Policy) -> dict[str, float]:
    """What was measured that a policy can do, as a bundle keeps it (docs/contracts.md).

    Plans go by it, so that it is always of the engine that the policy was trained in: nothing for another.
    """
    if results["engine"] != policy.description["training"].get("engine", DEFAULT):
        return {}
    known = protocols_of(results["env"])
    figures = [figure for name in results["protocols"] for figure in known[name].figures if figure.ability]
    return {str(each.ability): round(results[each.name]["value"], 4) for each in figures if results[each.name]}


def by_engine(results: dict[str, Any]) -> str:
    """Which engine made the figures, where it is not the default one: `` (MuJoCo 3.3.0)``."""
    return "" if results["engine"] == DEFAULT else f" ({in_words(results)})"


def _range(low: float, high: float) -> str:
    return f"±{high:g}" if low == -high else f"{low:g} to {high:g}"


_UNITS = {"forward": "m/s", "sideways": "m/s", "yaw_rate": "rad/s", "height": "m"}


def _command_line(policy: Policy, results: dict[str, Any]) -> str:
    every = results["protocols"] == usual(results["env"])
    some = "" if every else f" --protocols {','.join(results['protocols'])}"
    where = "" if results["env"] == policy.env_id else f" --env {results['env']}"
    where += "" if results["engine"] == DEFAULT else f" --engine {results['engine']}"
    return f"simon evaluate {policy.name}{where} --episodes {results['episodes']} --seed {results['seed']}{some}"


def _trained_with(training: dict[str, Any]) -> str:
    settings = training.get("settings")
    if settings is None:
        return "The settings of the training are not recorded in the bundle; its recipe has them."
    return "The last stage's settings:\n\n" + "\n".join(f"- `{key} = {value}`" for key, value in settings.items())


def _origin(training: dict[str, Any], robot: str) -> str:
    """What a card says first of a policy that was trained on another robot."""
    if (before := training.get("adapted_from")) is None:
        return ""
    return (
        f"Not on the {robot.upper()}: it is `{before['policy']}` of the {before['robot'].upper()}, written for this "
        "robot by `simon robot adapt`.\nWhat follows is that policy's.\n\n"
    )


def card(policy: Policy, results: dict[str, Any]) -> str:
    """CARD.md of a policy with measured results: what is said of it comes from its policy.json and the protocols."""
    rows = "\n".join(f"| {label} | {text} | {count} |" for label, text, count in table(results))
    if "success" in results["protocols"]:
        return success.card(policy, results["env"], _command_line(policy, results), rows, by_engine(results))
    said, measured = policy.description, make_config("evaluation", {})
    training, origin = said["training"], _origin(said["training"], said["robot"])
    friction = measured.events["friction"]
    assert isinstance(friction, Friction) and friction.range is not None
    motion = motion_of(results["env"])
    assert motion is not None
    beyond = f"\nWhat it withstands beyond these protocols: `simon robustness {policy.name}`." if motion.travels else ""
    known, ranges = protocols_of(results["env"]), said["command"]
    listed = "\n".join(f"- {name}: {known[name].title}" for name in results["protocols"])
    # Like "forward -0.4 to 1.2 m/s, sideways ±0.3 m/s".
    told = [f"{name.replace('_', ' ')} {_range(*ranges[name])} {_UNITS[name]}" for name in _UNITS if name in ranges]
    does = motion.does.format(command=", ".join(told), height=_range(*measured.height))
    return f"""# {policy.name}

{does}, joint targets at {said["control_rate_hz"]} Hz, torque PD, for the
{said["robot"].upper()}. Runs in NumPy.

## Measured, without any assistance{by_engine(results)}

`{_command_line(policy, results)}`; figures with 95% intervals (Wilson for shares, bootstrap for means,
score for falls a minute). The ground is flat, its friction {_range(*friction.range)}. What each figure means:
docs/evaluation.md.

{listed}

| what | figure | episodes |
|---|---|---|
{rows}

## Training

{origin}Recipe `{training["recipe"]}`, seed {training["seed"]}: {training["env_steps"]:,} env steps in
{training["wall_clock_s"] / 60:.0f} minutes, {training["algorithm"]}.
Retrain: `simon train {training["recipe"]}`; then `simon evaluate RUN/bundle`.

{_trained_with(training)}

## Limits

Trained and measured in simulation alone. Waist and arms follow the reference or the skill, not the policy.{beyond}
"""
