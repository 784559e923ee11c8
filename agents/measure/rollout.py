"""Running a policy in an env and keeping what was measured; many such runs at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, TypeVar

import gymnasium
import numpy as np
from numpy.typing import NDArray

from simonsays.agents.measure import gait_metrics
from simonsays.assets import InputError
from simonsays.assets.notes import dataclass
from simonsays.assets.plugins import blaming
from simonsays.assets.processes import Pool
from simonsays.envs import env_class, env_spec
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.moves.steering import hold_heading
from simonsays.envs.policy.policy import Policy, acting, load_policy
from simonsays.envs.trainable import capabilities
from simonsays.sim.engine_choice import need_engine
from simonsays.sim.engines import DEFAULT
from simonsays.sim.state import Array, Reading

Task = TypeVar("Task")
Result = TypeVar("Result")
Env = TypeVar("Env", bound="gymnasium.Env[Any, Any]")


@dataclass(frozen=True, eq=False)
class Trace:
    """What was measured in a run, a row for each control step."""

    base: Array
    """(T, 3) m, world"""
    velocity: Array
    """(T, 3) forward m/s, sideways m/s, yaw rate rad/s, heading frame"""
    command: Array
    """(T, 3) as ``velocity``"""
    contacts: NDArray[np.bool_]
    """(T, 2) left, right"""
    feet: Array
    """(T, 2, 3) m, world"""
    knees: Array
    """(T, 2) rad, left and right"""
    torques: Array
    """(T, J) N m"""
    joint_velocities: Array
    """(T, J) rad/s"""
    mass: float
    """kg"""
    dt: float
    """s between rows"""
    fell: bool

    def __len__(self) -> int:
        return len(self.base)

    def gait(self, start: int) -> gait_metrics.Gait | None:
        """Figures of the gait from a row on; None for less than 2 s of it."""
        if len(self) - start < 2 / self.dt:
            return None
        return gait_metrics.measure(
            contacts=self.contacts[start:],
            feet=self.feet[start:],
            base=self.base[start:],
            knees=self.knees[start:],
            torques=self.torques[start:],
            velocities=self.joint_velocities[start:],
            mass=self.mass,
            dt=self.dt,
        )


def run(
    env: HumanoidEnv,
    policy: Policy,
    observation: Any,
    steps: int,
    before: Callable[[int], Any] = lambda step: None,
    until: Callable[[], bool] = lambda: False,
) -> Trace:
    """Up to ``steps`` control steps of an env that was reset: until a fall, the episode's end, or ``until()``.

    ``before(step)`` may do something before each step, and returns a new observation where it gave a command.
    """
    rows: list[tuple[Reading, Any]] = []
    terminated = truncated = False
    act = acting(policy)
    for step in range(steps):
        told = before(step)
        observation = observation if told is None else told
        observation, _, terminated, truncated, info = env.step(act(observation))
        rows.append((env.reading, info["command"]))
        if terminated or truncated or until():
            break
    readings = [reading for reading, _ in rows]
    knees = [env.layout.place[name] for name in env.spec_robot.gait.knee]
    return Trace(
        base=np.array([r.base_position for r in readings]),
        velocity=np.array([r.heading_velocity for r in readings]),
        command=np.array([command for _, command in rows]),
        contacts=np.array([r.foot_contacts for r in readings]),
        feet=np.array([r.foot_positions for r in readings]),
        knees=np.array([[r.joint_positions[knee] for knee in knees] for r in readings]),
        torques=np.array([r.joint_torques for r in readings]),
        joint_velocities=np.array([r.joint_velocities for r in readings]),
        mass=env.robot.mass,
        dt=env.dt,
        fell=bool(terminated),
    )


def walk_on(env: HumanoidEnv, forward: float) -> Any:
    """Command ``forward`` m/s along the heading that the scene started the robot with; the new observation."""
    wanted = math.radians(env.world.scene.robot_yaw_deg)
    return env.set_command((forward, 0.0, hold_heading(env.reading.yaw, wanted)))


def push_direction(seed: int) -> float:
    """rad, world: the direction in which the episode of a seed is pushed."""
    return float(np.random.default_rng(seed).uniform(0, 2 * math.pi))


def push(env: HumanoidEnv, speed: float, direction: float) -> None:
    """Change the robot's velocity at once by ``speed`` (m/s) in a direction (rad, world)."""
    env.robot.push_velocity(speed * math.cos(direction), speed * math.sin(direction))


def prepare(
    policy: str, settings: dict[str, Any], make: Callable[..., HumanoidEnv] = HumanoidEnv
) -> tuple[HumanoidEnv, Policy]:
    """An env of the policy's robot with these settings, without assistance, and the policy.

    ``make``: makes the env of the robot's name and the settings.

    Raises:
        InputError: no such policy, or it does not fit the env.
    """
    loaded = load_policy(policy)
    return _checked(make(loaded.description["robot"], **{**loaded.settings, **settings}), loaded)


def physics(env_id: str, engine: str) -> dict[str, Any]:
    """The argument that makes an env of an id in an engine; envs of other packages know of none.

    Raises:
        InputError: no such env or engine, or another than Bullet for an env that is not ours.
    """
    made = env_class(env_id)
    if engine == DEFAULT:
        return {}
    need_engine(engine)
    if capabilities(made).make_config is None:
        raise InputError(f"engine {engine!r}: {env_id} is of another package, and simulates by itself")
    return {"engine": engine}


def prepare_task(policy: str, env_id: str, engine: str = DEFAULT) -> tuple[Any, Policy]:
    """An env of an id in an engine, with the settings that the policy's bundle states, and the policy.

    Raises:
        InputError: no such policy or engine, or it does not fit the env.
    """
    loaded = load_policy(policy)
    made, body = env_class(env_id), loaded.description.get("robot")
    if isinstance(made, type) and capabilities(made).describe is None:
        raise InputError(f"env {env_id!r} does not say for which robot it is (describe): no bundle fits it")
    ours = capabilities(made).make_config is not None
    own = {"robot": body} if ours and body and body != env_spec(env_id).kwargs.get("robot") else {}
    settings = {**loaded.settings, **own, **physics(env_id, engine)}
    return _checked(gymnasium.make(env_id, disable_env_checker=True, **settings), loaded)


def _checked(env: Env, policy: Policy) -> tuple[Env, Policy]:
    try:
        policy.check(env)
    except BaseException:
        env.close()  # type: ignore[no-untyped-call]
        raise
    return env, policy


def in_parallel(function: Callable[[Task], Result], tasks: Iterable[Task], jobs: int) -> Iterator[Result]:
    """Results in the order of the tasks, from ``jobs`` processes; what has not begun is dropped when it is closed.

    With one job they are made here, in this process.
    """
    if jobs == 1:
        yield from map(function, tasks)
        return
    with Pool(max(1, jobs)) as pool:
        yield from pool.map(partial(blaming, function), tasks)
