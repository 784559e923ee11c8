"""How good a run was as it learned: every checkpoint rolled out in NumPy, without assistance, on the same seeds.

RUN/curve.json holds ``env``, ``engine`` (that of the training; Bullet where it is not said), ``metric`` ("survival": up
for the whole episode, or "success" where the env is a task), ``episodes``, ``seed`` and ``points``. A point has a
checkpoint's ``steps``, ``wall_clock`` (s of training) and, for each episode in the order of its seeds, ``survival``,
``success``, ``length`` (control steps) and ``return`` (the env's default reward). The env has its own default settings:
those of an evaluation, not those of the training.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from simonsays.agents.measure.protocols import TASK_PROTOCOLS, protocols_of
from simonsays.agents.measure.rollout import in_parallel, prepare_task
from simonsays.assets import InputError
from simonsays.assets.files import write_json
from simonsays.assets.reading import read_table
from simonsays.envs.policy.policy import Policy, acting
from simonsays.sim.engines import DEFAULT

_CHUNK = 5  # episodes a task
Point = dict[str, Any]


def metric_of(env_id: str) -> str:
    """What a policy for an env is judged by: "success" for a task, "survival" for following commands."""
    return "success" if protocols_of(env_id) is TASK_PROTOCOLS else "survival"


def share(point: Point, metric: str) -> float:
    """The share of a point's episodes that survived or succeeded, or the mean of ``return`` or ``length``."""
    values = point[metric]
    return float(sum(values)) / len(values)


def episode(env: Any, policy: Policy, seed: int) -> dict[str, Any]:
    """One whole episode on a seed: survival, success, length (control steps), return."""
    observation, _ = env.reset(seed=seed)
    length, total, done, act = 0, 0.0, False, acting(policy)
    while not done:
        observation, reward, terminated, truncated, info = env.step(act(observation))
        length, total, done = length + 1, total + float(reward), terminated or truncated
    success = bool(info.get("is_success", False))
    fell = bool(info.get("fell", terminated and not success))
    return {"survival": not fell, "success": success, "length": length, "return": round(total, 4)}


def _chunk(task: tuple[str, str, str, tuple[int, ...]]) -> list[dict[str, Any]]:
    bundle, env_id, engine, seeds = task
    env, policy = prepare_task(bundle, env_id, engine)
    with closing(env):
        return [episode(env, policy, seed) for seed in seeds]


def measure(bundle: Path, env_id: str, seeds: Sequence[int], jobs: int, engine: str = DEFAULT) -> dict[str, list[Any]]:
    """Whole episodes of a bundle on seeds: what :func:`episode` gives, a list for each key."""
    tasks = [(str(bundle), env_id, engine, tuple(seeds[i : i + _CHUNK])) for i in range(0, len(seeds), _CHUNK)]
    found = [outcome for chunk in in_parallel(_chunk, tasks, min(jobs, len(tasks))) for outcome in chunk]
    return {key: [outcome[key] for outcome in found] for key in found[0]}


def read_curve(run: Path) -> dict[str, Any] | None:
    """What ``RUN/curve.json`` holds; None where there is none.

    Raises:
        InputError: it cannot be read.
    """
    file = run / "curve.json"
    if not file.exists():
        return None
    try:
        return checked_curve(read_table(file))
    except ValueError as error:
        raise InputError(f"{file}: not the curve of a run: {error}; delete it to measure it anew") from error


def checked_curve(curve: Any) -> dict[str, Any]:
    """A curve as it was written; its points may be none.

    Raises:
        ValueError: a field is missing, or of another kind.
    """
    try:
        for key in ("env", "metric", "episodes", "seed"):
            curve[key]
        for point in curve["points"]:
            share(point, curve["metric"])
            float(point["steps"]), float(point["wall_clock"])
    except KeyError as error:
        raise ValueError(f"no field {error}") from error
    except (TypeError, ZeroDivisionError) as error:
        raise ValueError(str(error)) from error
    return {"engine": DEFAULT, **curve}


def evaluate_checkpoints(
    run: Path, *, episodes: int = 30, seed: int = 0, jobs: int = 2, progress: Callable[[int, int], None] | None = None
) -> dict[str, Any]:
    """Measure every checkpoint of a run that is not measured yet on seeds from ``seed`` on; returns the curve.

    ``RUN/curve.json`` is written after each checkpoint. One that was measured on other seeds is begun anew.

    Raises:
        InputError: it is no run folder, has no checkpoint, or one cannot be read.
    """
    from simonsays.agents.runs.run_dir import checkpoints, newest_checkpoint
    from simonsays.agents.runs.sessions import read_run
    from simonsays.agents.training.export import export_run

    recipe = read_run(run)
    newest_checkpoint(run)
    about = {"env": recipe.env_id, "metric": metric_of(recipe.env_id), "episodes": episodes, "seed": seed}
    about["engine"] = recipe.engine
    curve = read_curve(run)
    if curve is None or {key: curve[key] for key in about} != about:
        curve = {**about, "points": []}
    known = {point["steps"] for point in curve["points"]}
    found = {folder: _state(folder) for folder in checkpoints(run)}
    new = {folder: state for folder, state in found.items() if state["steps"] not in known}
    for i, (folder, state) in enumerate(new.items()):
        point = {"steps": state["steps"], "wall_clock": round(state["wall_clock"], 2)}
        with tempfile.TemporaryDirectory(prefix="simonsays-") as scratch:
            bundle = export_run(run, folder, Path(scratch) / "bundle")
            point |= measure(bundle, recipe.env_id, range(seed, seed + episodes), jobs, recipe.engine)
        curve["points"] = sorted([*curve["points"], point], key=lambda each: each["steps"])
        write_json(run / "curve.json", curve)
        if progress is not None:
            progress(i + 1, len(new))
    return curve


def _state(checkpoint: Path) -> dict[str, Any]:
    from simonsays.agents.runs.run_dir import read_state

    state = read_state(checkpoint)
    return {"steps": int(state["steps"]), "wall_clock": float(state["wall_clock"])}


def bundle_of(path: str) -> str:
    """The bundle of a run's folder, written anew where it is not of the newest checkpoint; other paths as they are.

    Raises:
        InputError: it is a run without a checkpoint.
    """
    run = Path(path)
    if not (run / "run.json").is_file():
        return path
    from simonsays.agents.runs.run_dir import newest_checkpoint
    from simonsays.agents.training.export import export_run
    from simonsays.envs.policy.policy import load_policy

    bundle = run / "bundle"
    newest = _state(newest_checkpoint(run))["steps"]
    if not bundle.exists() or load_policy(bundle).description["training"]["env_steps"] != newest:
        export_run(run)
    return str(bundle)
