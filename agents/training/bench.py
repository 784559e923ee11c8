"""``simon bench train``: where the time of a training goes, and what the vectorised env gives, side by side."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import numpy as np

Progress = Callable[[int, int], None]

# Held upright, so that all robots step and none spends its time on resets.
_SETTINGS: dict[str, Any] = {"reset_mode": "fast", "assistance": 1.0}
_BLOCK = 1200  # env steps, about, a measurement


class Stopwatch:
    """Seconds spent in methods of objects, by name; a method inside another is not counted twice."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._inside = [0.0]

    def watch(self, name: str, target: Any, method: str) -> None:
        """Count the own time of ``target.method`` under ``name``."""
        function = getattr(target, method)

        def timed(*args: Any, **kwargs: Any) -> Any:
            self._inside.append(0.0)
            started = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                whole = time.perf_counter() - started
                within = self._inside.pop()
                self._inside[-1] += whole
                self.seconds[name] = self.seconds.get(name, 0.0) + whole - within

        setattr(target, method, timed)


def _recipe(name: str, engine: str | None, robot: str | None) -> Any:
    from simonsays.agents.recipes.physics import with_engine, with_robot
    from simonsays.agents.recipes.recipe import load_recipe

    return with_engine(with_robot(load_recipe(name), robot), engine)


def bench_train(
    name: str,
    steps: int = 40_000,
    progress: Progress | None = None,
    engine: str | None = None,
    robot: str | None = None,
) -> dict[str, Any]:
    """Train a recipe, in an engine and for a robot if given, for ``steps`` env steps in memory: where the time went.

    Returns:
        ``steps_per_second``, ``seconds`` and ``shares`` (0 to 1) of: simulation (waiting for the workers), acting
        (the policy's forward passes), learner (the updates), rest; with the threads and the recipe's sizes.

    Raises InputError: no such recipe, robot or engine.
    """
    import torch

    from simonsays.agents.runs.run_dir import TrainingState
    from simonsays.agents.training.algorithms import make_model
    from simonsays.agents.training.export import make_env
    from simonsays.agents.training.train import learner_threads, make_workers

    recipe = _recipe(name, engine, robot)
    stage = recipe.stages[0]
    threads = learner_threads(recipe)
    torch.set_num_threads(threads)
    state = TrainingState.at(stage)
    probe = make_env(recipe)
    env = make_workers(recipe)
    if stage.env:
        env.env_method("reconfigure", **stage.env)
    watch = Stopwatch()

    def tick(*_: Any) -> bool:
        if progress is not None:
            progress(min(model.num_timesteps, steps), steps)
        return True

    with closing(probe), closing(env):
        model = make_model(recipe, env, probe, state)
        model.learn(1)  # one iteration first: imports, allocations
        watch.watch("simulation", env, "step_wait")
        watch.watch("learner", model, "train")
        watch.watch("acting", model.policy, "forward" if hasattr(model, "rollout_buffer") else "predict")
        started = time.perf_counter()
        model.learn(steps, tick)
        seconds, done = time.perf_counter() - started, model.num_timesteps
    shares = {part: watch.seconds.get(part, 0.0) / seconds for part in ("simulation", "acting", "learner")}
    return {
        "recipe": recipe.name,
        "engine": recipe.engine,
        "workers": recipe.workers,
        "envs": recipe.workers * recipe.envs_per_worker,
        "threads": threads,
        "steps": done,
        "seconds": seconds,
        "steps_per_second": done / seconds,
        "shares": {**shares, "rest": 1.0 - sum(shares.values())},
    }


def bench_vec(
    env_id: str,
    rounds: int = 12,
    envs_per_worker: int = 24,
    progress: Progress | None = None,
    engine: str = "bullet",
) -> dict[str, Any]:
    """Env steps a second of our vectorised env with two workers and with one, and of stable-baselines3's.

    All run in turn in this process, the order changing from round to round; a ratio is the median over the rounds.
    SubprocVecEnv has one env a process: it gets two processes, as many as our workers.

    Raises:
        InputError: no such env or engine.
    """
    import gymnasium
    from stable_baselines3.common.vec_env import SubprocVecEnv

    from simonsays.agents.measure.rollout import physics
    from simonsays.agents.vec.vec import WorkerVecEnv
    from simonsays.envs import env_class
    from simonsays.envs.trainable import capabilities

    settings = {**(_SETTINGS if capabilities(env_class(env_id)).make_config else {}), **physics(env_id, engine)}

    def make() -> Any:
        return gymnasium.make(env_id, disable_env_checker=True, **settings)

    makers: dict[str, Callable[[], Any]] = {
        "two_workers": lambda: WorkerVecEnv(env_id, settings, 2, envs_per_worker),
        "one_worker": lambda: WorkerVecEnv(env_id, settings, 1, envs_per_worker),
        "subproc": lambda: SubprocVecEnv([make, make], start_method="spawn"),
    }
    envs: dict[str, Any] = {}
    rates: dict[str, list[float]] = {name: [] for name in makers}
    try:
        for name, maker in makers.items():
            envs[name] = maker()
            envs[name].reset()
            _rate(envs[name])
        names = list(makers)
        for i in range(rounds):
            for name in names[i % len(names) :] + names[: i % len(names)]:
                rates[name].append(_rate(envs[name]))
            if progress is not None:
                progress(i + 1, rounds)
    finally:
        for env in envs.values():
            env.close()
    ours = rates["two_workers"]
    ratios = {name: [a / b for a, b in zip(ours, rates[name], strict=True)] for name in names if name != "two_workers"}
    return {
        "env_id": env_id,
        "engine": engine,
        "envs_per_worker": envs_per_worker,
        "rounds": rounds,
        "steps_per_second": {name: float(np.median(found)) for name, found in rates.items()},
        **{f"times_{name}": float(np.median(found)) for name, found in ratios.items()},
        **{f"times_{name}_quartiles": np.quantile(found, [0.25, 0.75]).tolist() for name, found in ratios.items()},
    }


def _rate(env: Any) -> float:
    """Env steps a second with the reference gait's own joint targets."""
    actions = np.zeros((env.num_envs, *env.action_space.shape), np.float32)
    batches = max(1, _BLOCK // env.num_envs)
    started = time.perf_counter()
    for _ in range(batches):
        env.step(actions)
    return float(batches * env.num_envs / (time.perf_counter() - started))
