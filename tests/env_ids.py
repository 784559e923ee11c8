"""Which envs tests of all of them are run on."""

from __future__ import annotations

from simonsays.assets.defaults import DEFAULT_ROBOT
from simonsays.envs import ENV_IDS, TASKS, task_id
from simonsays.sim.robots import SHIPPED


def one_each() -> list[str]:
    """Every env of the default robot and of no robot's task, and walking alone of every other robot that ships."""
    others = [robot for robot in SHIPPED if robot != DEFAULT_ROBOT]
    left_out = {task_id(task, robot) for task in TASKS if task != "Locomotion" for robot in others}
    return [name for name in ENV_IDS if name not in left_out]
