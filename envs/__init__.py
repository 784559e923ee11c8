"""The learning problem: Gymnasium envs, skills, language and plans. Importing it registers the env ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import gymnasium

from simonsays.assets.defaults import DEFAULT_ROBOT
from simonsays.assets.registry import PLUGIN, Registry
from simonsays.sim.robots import ROBOTS, SHIPPED

if TYPE_CHECKING:
    from simonsays.envs.env import HumanoidEnv
    from simonsays.envs.policy.policy import Policy, load_policy

__all__ = ["ENV_IDS", "HumanoidEnv", "Policy", "env_class", "load_policy", "register_env", "register_tasks", "task_id"]


class EnvEntry(NamedTuple):
    """What an env id stands for. A class has ``make_config(where, settings)``, which checks a recipe's settings."""

    entry_point: str
    arguments: dict[str, Any]


ENV_IDS: Registry[EnvEntry] = Registry("environment")
"""Env ids; as ``simonsays.envs:<id>`` Gymnasium imports this module by itself."""


def register_env(name: str, entry_point: str = "simonsays.envs.env:HumanoidEnv", **arguments: Any) -> None:
    """Make an env known by an id such as ``Sway-v0``: a class, and what is handed to it, such as ``motion``.

    Where ``robot`` is not among it, it is the default robot's; ``gymnasium.make(..., robot=...)`` takes another.
    """
    entry = ENV_IDS.register(name, EnvEntry(entry_point, {"robot": DEFAULT_ROBOT, **arguments}))
    gymnasium.registry.pop(name, None)
    gymnasium.register(name, entry_point=entry.entry_point, kwargs=entry.arguments)


_ENV = "simonsays.envs.env:HumanoidEnv"
TASKS: dict[str, tuple[str, dict[str, Any]]] = {
    "Locomotion": (_ENV, {}),
    "Crouch": (_ENV, {"motion": "crouch"}),
    "Jump": (_ENV, {"motion": "jump"}),
    "Run": (_ENV, {"motion": "run"}),
    "GoTo": ("simonsays.envs.goals.goto:GoToEnv", {}),
    "Push": ("simonsays.envs.goals.push:PushEnv", {}),
    "Instruction": ("simonsays.envs.instruction.env:InstructionEnv", {}),
}
"""what any robot is trained in: a class, and what is handed to it"""


def task_id(task: str, robot: str = DEFAULT_ROBOT) -> str:
    """The env id of a task for a robot, such as ``Locomotion``, without a module in front of it."""
    return f"{robot.upper()}-{task}-v0"


def register_tasks(robot: str) -> None:
    """Make the tasks known for a robot, by ids such as ``H1-Locomotion-v0``."""
    for task, (entry_point, arguments) in TASKS.items():
        register_env(task_id(task, robot), entry_point, robot=robot, **arguments)


for _robot in SHIPPED:
    register_tasks(_robot)


def env_spec(env_id: str) -> Any:
    """What Gymnasium knows of an id, such as ``simonsays.envs:H1-Locomotion-v0`` or another package's.

    Raises:
        InputError: no such id, or its module cannot be imported.
    """
    import importlib

    from simonsays.assets import InputError, did_you_mean
    from simonsays.assets.plugins import load_plugins

    load_plugins()
    for robot in ROBOTS:
        if task_id("Locomotion", robot) not in ENV_IDS:  # a plug-in's robot
            register_tasks(robot)
    module, _, name = env_id.rpartition(":")
    try:
        if module:
            importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise InputError(f"env id {env_id!r}: {error}") from error
    known = gymnasium.registry.get(name)
    if known is None:
        ours = [f"simonsays.envs:{each}" for each in ENV_IDS]
        near = did_you_mean(env_id, gymnasium.registry)
        near = near if "did you mean" in near else did_you_mean(env_id, ours)
        raise InputError(f"no environment {env_id!r}{near}{PLUGIN}")
    return known


def env_class(env_id: str) -> Any:
    """The class behind a Gymnasium id.

    Raises:
        InputError: as env_spec.
    """
    from gymnasium.envs.registration import load_env_creator

    made = env_spec(env_id).entry_point
    return load_env_creator(made) if isinstance(made, str) else made


def __getattr__(name: str) -> Any:
    if name == "HumanoidEnv":
        from simonsays.envs.env import HumanoidEnv

        return HumanoidEnv
    if name in ("load_policy", "Policy"):
        from simonsays.envs.policy import policy as controllers

        return getattr(controllers, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
