"""``simon robustness``: one thing at a time is made worse, all else nominal, until the policy no longer copes.

An episode: the robot walks on a held heading at 0.3 to 0.7 m/s (drawn from the seed) for 10 s. It succeeds if it is
still up and its mean velocity over the last 5 s is within 0.15 m/s of the command. Nothing is assisted.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from simonsays.agents.measure.estimates import mean, proportion
from simonsays.agents.measure.evaluate import Spread
from simonsays.agents.measure.protocols import motion_of
from simonsays.agents.measure.rollout import in_parallel, prepare, push, push_direction, run, walk_on
from simonsays.assets import InputError, did_you_mean
from simonsays.assets.files import write_atomically
from simonsays.assets.reading import parse_json, read_text
from simonsays.envs.policy.policy import Policy, bundle_folder, load_policy
from simonsays.experiments.robustness.conditions import SWEEPS, Conditions
from simonsays.sim.engine_choice import engine_said, in_words
from simonsays.sim.engines import DEFAULT

SECONDS, JUDGED = 10.0, 5.0  # s of an episode, and at its end, over which the mean velocity is judged
SPEEDS = (0.3, 0.7)  # m/s, the command is drawn from
ERROR = 0.15  # m/s, of the mean velocity
PUSH_AT = 3.0  # s
THRESHOLD = 0.8  # success below this is broken
_CHUNK = 10  # episodes a task
LOG = "episodes.jsonl"


@dataclass(frozen=True)
class Outcome:
    """One episode: at which value and seed, whether it fell, and the error (m/s) of its mean velocity."""

    sweep: str
    value: float
    seed: int
    fell: bool
    error: float | None

    @property
    def success(self) -> bool:
        """Up, and within the error that is allowed."""
        return not self.fell and self.error is not None and self.error <= ERROR


def episode(env: Any, policy: Any, conditions: Conditions, seed: int) -> tuple[bool, float | None]:
    """Run one episode: whether it fell, and the error (m/s) of its mean velocity at the end."""
    forward = float(np.random.default_rng(seed).uniform(*SPEEDS))
    observation, _ = env.reset(seed=seed, options={"scene": conditions.scene(seed), "command": [0.0, 0.0, 0.0]})
    at, direction = round(PUSH_AT / env.dt), push_direction(seed)

    def before(step: int) -> Any:
        if step == at and conditions.push:
            push(env, conditions.push, direction)
        return walk_on(env, forward)

    trace = run(env, policy, observation, round(SECONDS / env.dt), before)
    if trace.fell:
        return True, None
    judged = trace.velocity[-round(JUDGED / env.dt) :, :2].mean(axis=0)
    return False, float(math.hypot(judged[0] - forward, judged[1]))


def _prepare(policy: str, settings: Mapping[str, Any]) -> tuple[Any, Policy]:
    env_id = load_policy(policy).env_id
    motion = motion_of(env_id)
    if motion is None or not motion.travels:
        raise InputError(f"policy {policy!r}: trained in {env_id}, which tells no speeds to walk at")
    return prepare(policy, {"motion": motion.name, **settings})


def _chunk(task: tuple[str, str, str, float, tuple[int, ...]]) -> list[Outcome]:
    policy_name, engine, name, value, seeds = task
    conditions = SWEEPS[name].under(value)
    env, policy = _prepare(policy_name, {"friction": None, **conditions.settings, "engine": engine})
    with closing(env):
        return [Outcome(name, value, seed, *episode(env, policy, conditions, seed)) for seed in seeds]


def measure(
    policy: str,
    *,
    episodes: int = 40,
    seed: int = 0,
    jobs: int = 2,
    sweeps: Sequence[str] = tuple(SWEEPS),
    engine: str = DEFAULT,
    folder: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    spread: Spread | None = None,
) -> dict[str, Any]:
    """Run the sweeps with ``episodes`` on seeds from ``seed`` on at each value, and summarize them.

    ``spread``: runs a function on tasks instead of ``jobs`` processes, see experiments/jobs/engines.py.
    ``folder``: keeps each episode in ``episodes.jsonl`` as it ends; a run that was cut off goes on from there.
    ``engine``: of the physics, see docs/engines.md.

    Raises:
        InputError: no such policy, sweep or engine, the policy does not walk or fit, or the folder cannot be written or
            has episodes of another policy or engine.
    """
    for name in sweeps:
        if name not in SWEEPS:
            raise InputError(f"no sweep {name!r}{did_you_mean(name, SWEEPS)}")
    env, loaded = _prepare(policy, {"engine": engine})
    mass = env.robot.mass
    env.close()
    log = None if folder is None else EpisodeLog(folder / LOG, loaded.name, digest(bundle_folder(policy)), engine)
    outcomes = {} if log is None else {(o.sweep, o.value, o.seed): o for o in log.read()}
    wanted = [(n, value, s) for n in sweeps for value in SWEEPS[n].values for s in range(seed, seed + episodes)]
    total = len(wanted)
    tasks = _tasks(policy, engine, [key for key in wanted if key not in outcomes])
    for found in spread(_chunk, tasks) if spread else in_parallel(_chunk, tasks, jobs):
        outcomes |= {(o.sweep, o.value, o.seed): o for o in found}
        if log is not None:
            log.add(found)
        if progress is not None:
            progress(sum(key in outcomes for key in wanted), total)
    about: dict[str, Any] = {"policy": loaded.name, "policy_digest": digest(bundle_folder(policy))}
    about["mass_kg"] = round(mass, 2)
    about |= {**engine_said(engine), "seed": seed, "episodes": episodes}
    return {**about, **summarize([outcomes[key] for key in wanted], mass)}


def _tasks(
    policy: str, engine: str, keys: Iterable[tuple[str, float, int]]
) -> list[tuple[str, str, str, float, tuple[int, ...]]]:
    cells: dict[tuple[str, float], list[int]] = {}
    for name, value, seed in keys:
        cells.setdefault((name, value), []).append(seed)
    return [
        (policy, engine, name, value, tuple(seeds[i : i + _CHUNK]))
        for (name, value), seeds in cells.items()
        for i in range(0, len(seeds), _CHUNK)
    ]


def digest(folder: Path) -> str:
    """Of a bundle's weights and description."""
    files = (folder / name for name in ("policy.safetensors", "policy.json"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


class EpisodeLog:
    """Episodes of one policy and engine in a file of JSON lines: a first line that says of which, then one a line."""

    def __init__(self, file: Path, policy: str, policy_digest: str, engine: str = DEFAULT) -> None:
        head = {"policy": policy, "policy_digest": policy_digest, **engine_said(engine), "test": describe_test()}
        self._file, self._head = file, head

    def read(self) -> list[Outcome]:
        """What is there already; a last line that was cut off is dropped. Begins the file where there is none.

        Raises:
            InputError: the file is of another policy, engine or test, or not such a file.
        """
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            if not self._file.exists():
                self._write([self._head])
        except OSError as error:
            raise InputError(f"{self._file}: cannot be written: {error}") from error
        try:
            whole = read_text(self._file).split("\n")[:-1]
            head, *rows = [parse_json(line, f"line {number}") for number, line in enumerate(whole, start=1)]
            outcomes = [Outcome(**row) for row in rows]
        except (ValueError, TypeError) as error:
            raise InputError(f"{self._file}: not the episodes of simon robustness: {error}") from error
        if head != self._head:
            there, now = in_words(head), in_words(self._head)
            other = f"made by {there}, not {now}" if there != now else "of another policy or another test"
            raise InputError(f"{self._file}: episodes {other}; use another folder")
        self._write([head, *rows])
        return outcomes

    def _write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        write_atomically(self._file, "".join(json.dumps(row) + "\n" for row in rows))

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Append episodes."""
        with self._file.open("a", encoding="utf-8") as stream:
            stream.write("".join(json.dumps(asdict(outcome)) + "\n" for outcome in outcomes))


def describe_test() -> dict[str, Any]:
    """The figures that say what an episode is and when it succeeds."""
    return {"seconds": SECONDS, "judged_s": JUDGED, "speeds": list(SPEEDS), "error": ERROR, "push_at_s": PUSH_AT}


def breaking_points(
    values: Sequence[float], shares: Sequence[float], nominal: float, threshold: float = THRESHOLD
) -> tuple[float | None, float | None]:
    """Where success falls below ``threshold``, going down and going up from the nominal value; None: it does not.

    ``values`` rise and have ``nominal`` among them. Between two values success is taken to be linear. A policy that is
    below the threshold at the nominal value breaks there, both ways.
    """
    start = list(values).index(nominal)
    down = _crossing(values[start::-1], shares[start::-1], threshold)
    return down, _crossing(values[start:], shares[start:], threshold)


def _crossing(values: Sequence[float], shares: Sequence[float], threshold: float) -> float | None:
    for i, share in enumerate(shares):
        if share < threshold:
            if i == 0:
                return values[0]
            part = (shares[i - 1] - threshold) / (shares[i - 1] - share)
            return values[i - 1] + part * (values[i] - values[i - 1])
    return None


def summarize(outcomes: Sequence[Outcome], mass: float) -> dict[str, Any]:
    """Success and survival with Wilson intervals and the mean error (m/s) at each value of each sweep.

    Also where success (``breaks_below``, ``breaks_above``) and survival (``falls_...``) go under the threshold.
    ``mass``: kg, of the robot, turns a push's speed into its impulse.
    """
    found = {}
    for name in dict.fromkeys(outcome.sweep for outcome in outcomes):
        sweep = SWEEPS[name]
        points: list[dict[str, Any]] = []
        for value in sweep.values:
            here = [outcome for outcome in outcomes if (outcome.sweep, outcome.value) == (name, value)]
            error = mean(outcome.error for outcome in here if outcome.error is not None)
            points.append(
                {
                    "value": value,
                    "success": asdict(proportion(sum(outcome.success for outcome in here), len(here))),
                    "survival": asdict(proportion(sum(not outcome.fell for outcome in here), len(here))),
                    "error": None if error is None else asdict(error),
                }
            )
        limits: dict[str, float | None] = {}
        for key, verb in (("success", "breaks"), ("survival", "falls")):
            shares = [point[key]["value"] for point in points]
            limits[f"{verb}_below"], limits[f"{verb}_above"] = breaking_points(sweep.values, shares, sweep.nominal)
        about: dict[str, Any] = {"title": sweep.title, "unit": sweep.unit, "nominal": sweep.nominal}
        if sweep.second is not None:
            about["second"] = {"unit": sweep.second[0], "factor": sweep.second[1](mass)}
        found[name] = {**about, **limits, "points": points}
    return {"test": {**describe_test(), "threshold": THRESHOLD}, "sweeps": found}
