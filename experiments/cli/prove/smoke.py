"""``simon smoke``: a quick check for other people's CI."""

from __future__ import annotations

import hashlib
import time
import traceback
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from xml.etree import ElementTree as ET

import typer

from simonsays.experiments.cli._common import OneRobot, PhysicsEngine


def run(
    junit: Annotated[Path | None, typer.Option(help="Also write a JUnit XML file.")] = None,
    robot: OneRobot = None,
    engine: PhysicsEngine = "bullet",
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Step every environment with the shipped policy and with random actions; exit code 1 if a check fails."""
    from simonsays.assets.files import check_writable, write_atomically
    from simonsays.experiments.cli._common import console, print_json

    if junit is not None:
        check_writable(junit, (".xml",))
    cases = run_smoke(engine=engine, robot=robot)
    if junit is not None:
        write_atomically(junit, junit_xml(cases))
    if json_output:
        print_json([case.__dict__ for case in cases])
    else:
        screen = console()
        for case in cases:
            mark, style = ("✗", "red") if case.failure else ("✓", "green")
            screen.print(f" {mark}", style=style, end="")
            screen.print(f" {case.env}  {case.name}  {case.seconds:.1f} s  {case.failure or case.note}")
    raise typer.Exit(1 if any(case.failure for case in cases) else 0)


STEPS = 150


@dataclass(frozen=True)
class Case:
    """One check of one env; ``failure`` is empty where it passed."""

    env: str
    name: str
    seconds: float
    failure: str = ""
    note: str = ""


def run_smoke(steps: int = STEPS, seed: int = 0, engine: str = "bullet", robot: str | None = None) -> list[Case]:
    """Every registered env, of one robot if it is named, with random actions and with each policy that fits it."""
    from simonsays.assets.registry import POLICIES
    from simonsays.envs import ENV_IDS, register_tasks, task_id
    from simonsays.envs.policy.policy import load_policy

    cases = []
    if robot is not None and task_id("Locomotion", robot) not in ENV_IDS:
        register_tasks(robot)
    for name in [name for name, entry in ENV_IDS.items() if robot in (None, entry.arguments.get("robot"))]:
        env_id = f"simonsays.envs:{name}"
        cases.append(_case(env_id, "random actions", partial(_episode, env_id, None, steps, seed, engine)))
        for policy_name in POLICIES.files():
            policy = load_policy(policy_name)
            if policy.env_id == env_id:
                check = partial(_episode, env_id, policy, steps, seed, engine)
                cases.append(_case(env_id, f"policy {policy_name}", check))
    return cases


def _case(env_id: str, name: str, run: Callable[[], str]) -> Case:
    from simonsays.envs.policy.choice import NoPolicy

    started = time.monotonic()
    try:
        note, failure = run(), ""
    except NoPolicy as error:  # of tasks above a walker
        note, failure = f"not made: {error}", ""
    except AssertionError as error:
        note, failure = "", str(error)
    except Exception:
        note, failure = "", traceback.format_exc()
    return Case(env_id, name, round(time.monotonic() - started, 3), failure, note)


def _episode(env_id: str, policy: Any, steps: int, seed: int, engine: str) -> str:
    first, up = _hash(env_id, policy, steps, seed, engine)
    second, _ = _hash(env_id, policy, steps, seed, engine)
    if first != second:
        raise AssertionError(f"seed {seed} gave two different episodes: {first} and {second}")
    if policy is not None and not up:
        raise AssertionError(f"the policy fell within {steps} steps (seed {seed})")
    return f"hash {first[:12]}"


def _hash(env_id: str, policy: Any, steps: int, seed: int, engine: str) -> tuple[str, bool]:
    import gymnasium
    import numpy as np

    from simonsays.agents.measure.rollout import physics
    from simonsays.envs.policy.features import flat
    from simonsays.envs.policy.policy import acting

    settings = policy.settings if policy is not None else {}
    env = gymnasium.make(env_id, **settings, **physics(env_id, engine))
    digest, rng = hashlib.sha256(), np.random.default_rng(seed)
    with closing(env):
        observation, _ = env.reset(seed=seed)
        act = acting(policy)
        for step in range(steps):
            if not env.observation_space.contains(observation):
                raise AssertionError(f"step {step}: the observation is outside its space")
            if policy is None:
                action = rng.uniform(-1, 1, env.action_space.shape or ()).astype(np.float32)
            else:
                action = act(observation)
            observation, reward, terminated, truncated, info = env.step(action)
            seen = flat(observation, np.concatenate) if isinstance(observation, dict) else observation
            numbers = [reward, *info["reward_terms"].values(), *seen]
            if not np.isfinite(numbers).all():
                raise AssertionError(f"step {step}: a reward or an observation is not finite")
            digest.update(seen.tobytes() + np.float64(reward).tobytes())
            if terminated or truncated:
                return digest.hexdigest(), not terminated or bool(info["is_success"])
        return digest.hexdigest(), True


def junit_xml(cases: list[Case]) -> bytes:
    """A JUnit file of the cases."""
    failures, seconds = sum(bool(case.failure) for case in cases), sum(case.seconds for case in cases)
    counts = {"tests": str(len(cases)), "failures": str(failures), "errors": "0", "time": f"{seconds:.3f}"}
    root = ET.Element("testsuites", counts)
    suite = ET.SubElement(root, "testsuite", {"name": "simon smoke", **counts})
    for case in cases:
        element = ET.SubElement(suite, "testcase", classname=case.env, name=case.name, time=f"{case.seconds:.3f}")
        if case.failure:
            ET.SubElement(element, "failure", message=case.failure.strip().splitlines()[-1]).text = case.failure
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
