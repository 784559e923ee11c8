"""``simon transfer``: protocols of ``simon evaluate`` in every engine, on every model, under every stress."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from simonsays.agents.measure.estimates import proportion
from simonsays.agents.measure.evaluate import Spread, summarize
from simonsays.agents.measure.protocol import Outcome
from simonsays.agents.measure.protocols import motion_of, protocols_of
from simonsays.agents.measure.rollout import in_parallel, prepare
from simonsays.assets import InputError
from simonsays.assets.files import write_json
from simonsays.assets.reading import read_table
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.policy.policy import Policy, bundle_folder, load_policy
from simonsays.experiments.robustness.measure import digest
from simonsays.experiments.transfer.causes import Case, why
from simonsays.experiments.transfer.places import Place, places
from simonsays.experiments.transfer.stresses import NONE, STRESSES, StressedEnv, observed

PROTOCOLS = ("tracking", "standing", "push", "arms")
THRESHOLD = 0.95
"""survival below this is broken"""
JUDGED = {
    "survival": "walking",
    "standing_survival": "standing",
    "push_survival_0.4": "push 0.4 m/s",
    "push_survival_0.6": "push 0.6 m/s",
    "arms_survival": "arms",
}
"""the shares that must not fall below it, and what each is of"""
LOG = "episodes.json"
_CHANCE = 0.025
"""a share that is as low as it is by chance with less than this is surely below the threshold"""
_CHUNK = 5  # episodes a task
Key = tuple[str, str, str, int]
"""place's title, stress, protocol, seed"""
Task = tuple[str, Place, str, str, tuple[int, ...]]


def _made(place: Place, stress: str, robot: str, **settings: Any) -> HumanoidEnv:
    return StressedEnv(place.spec(robot), stress=STRESSES[stress], engine=place.engine, **settings)


def _prepare(policy: str, place: Place, stress: str, settings: Mapping[str, Any]) -> tuple[HumanoidEnv, Policy]:
    return prepare(policy, {**settings, **STRESSES[stress].settings}, partial(_made, place, stress))


def _chunk(task: Task) -> list[tuple[Key, Outcome]]:
    policy_name, place, stress, name, seeds = task
    env_id = load_policy(policy_name).env_id
    protocol, motion = protocols_of(env_id)[name], motion_of(env_id)
    assert motion is not None
    env, policy = _prepare(policy_name, place, stress, {"motion": motion.name, **protocol.settings})
    told = STRESSES[stress].told(policy)
    with closing(env):
        return [((place.title, stress, name, seed), protocol.episode(env, told, seed)) for seed in seeds]


def measure(
    policy: str,
    *,
    engines: Sequence[str] = (),
    mjcf: Sequence[Path] = (),
    stresses: Sequence[str] = tuple(STRESSES),
    protocols: Sequence[str] = PROTOCOLS,
    episodes: int = 40,
    seed: int = 0,
    jobs: int = 2,
    folder: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    spread: Spread | None = None,
) -> dict[str, Any]:
    """Run the protocols with ``episodes`` of tracking (and each one's share of that) everywhere, and summarize them.

    The stress "none" is always among them. ``spread``: runs a function on tasks instead of ``jobs`` processes.
    ``folder``: keeps the episodes in ``episodes.json`` as they end; a run that was cut off goes on from there.

    Raises:
        InputError: no such policy, engine or model, the policy does not walk or fit, or the folder cannot be written
            or has episodes of another policy.
    """
    loaded = load_policy(policy)
    motion = motion_of(loaded.env_id)
    if motion is None or not motion.travels:
        raise InputError(f"policy {policy!r}: trained in {loaded.env_id}, which tells no speeds to walk at")
    robot = str(loaded.description["robot"])
    found, missing = places(robot, engines, mjcf)
    names = [name for name in STRESSES if name == NONE or name in stresses]
    seen = [name for name in names if observed(loaded, STRESSES[name])]
    for place in found:
        _prepare(policy, place, NONE, {"motion": motion.name})[0].close()
    about = {"policy": loaded.name, "policy_digest": digest(bundle_folder(policy))}
    log = EpisodeLog(None if folder is None else folder / LOG, about)
    tasks = [
        (policy, place, stress, name, seeds)
        for stress in seen
        for place in found
        for name in protocols
        for seeds in _missing(log, (place.title, stress, name), seed, protocols_of(loaded.env_id)[name].count(episodes))
    ]
    cells = {(place.title, stress): dict[str, list[Outcome]]() for stress in seen for place in found}
    total, done = sum(len(task[-1]) for task in tasks), 0
    for outcomes in spread(_chunk, tasks) if spread else in_parallel(_chunk, tasks, jobs):
        log.add(outcomes)
        done += len(outcomes)
        if progress is not None:
            progress(done, total)
    for (place_title, stress), outcomes_of in cells.items():
        for name in protocols:
            count = protocols_of(loaded.env_id)[name].count(episodes)
            outcomes_of[name] = [log.found[place_title, stress, name, s] for s in range(seed, seed + count)]
    test = {"seed": seed, "episodes": episodes, "protocols": list(protocols), "threshold": THRESHOLD}
    told = [{"title": place.title, "engine": place.engine, "mjcf": str(place.mjcf or "") or None} for place in found]
    made = [_cell(title, stress, outcomes, loaded.env_id) for (title, stress), outcomes in cells.items()]
    unseen = [name for name in names if name not in seen]
    results = {**about, "robot": robot, **test, "places": told, "missing": missing, "unobserved": unseen, "cells": made}
    explain(results, loaded, found)
    return results


def _missing(log: EpisodeLog, cell: tuple[str, str, str], seed: int, count: int) -> list[tuple[int, ...]]:
    """Seeds of a cell that are still to be run, in chunks."""
    wanted = [each for each in range(seed, seed + count) if (*cell, each) not in log.found]
    return [tuple(wanted[i : i + _CHUNK]) for i in range(0, len(wanted), _CHUNK)]


def _cell(place: str, stress: str, outcomes: dict[str, list[Outcome]], env_id: str) -> dict[str, Any]:
    figures = summarize(outcomes, env_id)
    if "arms" in outcomes:
        fell = [outcome["fell"] for outcome in outcomes["arms"]]
        figures["arms_survival"] = asdict(proportion(fell.count(False), len(fell)))
    shares = {name: share for name in JUDGED if (share := figures.get(name)) is not None}
    broken = [name for name, share in shares.items() if share["value"] < THRESHOLD]
    certain = [name for name in broken if as_low(shares[name]) < _CHANCE]
    return {"place": place, "stress": stress, "figures": figures, "broken": broken, "certain": certain}


def as_low(share: Mapping[str, float]) -> float:
    """Probability of a share as low as this where it is THRESHOLD in truth: exact binomial, one-sided."""
    n = int(share["count"])
    up = range(round(share["value"] * n) + 1)
    return sum(math.comb(n, k) * THRESHOLD**k * (1 - THRESHOLD) ** (n - k) for k in up)


def explain(results: dict[str, Any], policy: Policy, found: Sequence[Place]) -> None:
    """Name the likely cause in every cell that is broken."""
    by = {(cell["place"], cell["stress"]): cell for cell in results["cells"]}
    for cell in results["cells"]:
        place = next(each for each in found if each.title == cell["place"])
        if cell["broken"]:
            others = {stress: other for (title, stress), other in by.items() if title == place.title}
            cell["cause"] = why(Case(policy, place, STRESSES[cell["stress"]], others))


class EpisodeLog:
    """Episodes of one policy, kept in a file as they end, where there is one; always whole."""

    def __init__(self, file: Path | None, about: Mapping[str, Any]) -> None:
        self._file, self._about, self.found = file, dict(about), dict[Key, Outcome]()
        if file is None:
            return
        if file.exists():
            try:
                said = read_table(file)
                head = said["about"]
                self.found = {(a, b, c, int(d)): outcome for a, b, c, d, outcome in said["episodes"]}
            except (ValueError, TypeError, KeyError) as error:
                raise InputError(f"{file}: not the episodes of simon transfer: {error}") from error
            if head != self._about:
                raise InputError(f"{file}: episodes of another policy; use another folder")
        try:
            self._write()
        except OSError as error:
            raise InputError(f"{file}: cannot be written: {error}") from error

    def _write(self) -> None:
        if self._file is not None:
            rows = [[*key, outcome] for key, outcome in self.found.items()]
            write_json(self._file, {"about": self._about, "episodes": rows})

    def add(self, outcomes: Iterable[tuple[Key, Outcome]]) -> None:
        """Keep episodes."""
        self.found |= dict(outcomes)
        self._write()
