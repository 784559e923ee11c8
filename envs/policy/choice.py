"""Which robot, and which policy of it, where one or both are not said."""

from __future__ import annotations

from pathlib import Path

from simonsays.assets import InputError
from simonsays.assets.defaults import DEFAULT_ROBOT
from simonsays.envs.motions.base import DEFAULT, motion_bundles
from simonsays.envs.policy.policy import Policy, load_policy
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import RobotSpec

Named = str | Path | Policy


class NoPolicy(InputError):
    """A robot has no policy for a motion yet."""


def own_policy(robot: RobotSpec, motion: str = DEFAULT) -> str:
    """The bundle of a robot for a motion of its legs.

    Raises:
        NoPolicy: it has none.
    """
    bundle = motion_bundles(robot).get(motion)
    if bundle is None:
        raise NoPolicy(
            f"robot {robot.name!r} has no policy for the motion {motion!r}: train one (simon train --robot "
            f"{robot.name}) and name it with --policy, or in RobotSpec.policies"
        )
    return str(bundle)


def chosen(robot: str | None = None, policy: Named | None = None) -> tuple[RobotSpec, Named]:
    """The robot that is named, else the one that the policy is for, else the default; and the policy to walk by.

    That is the one that is named, else the robot's own.

    ``robot``: a name, or a file as of :func:`get_robot`; ``policy``: a bundle's name or folder, or a Policy.

    Raises:
        InputError: no such robot or policy, or a robot without one.
    """
    if robot is None and policy is not None:
        said = (policy if isinstance(policy, Policy) else load_policy(policy)).description
        return get_robot(str(said.get("robot", DEFAULT_ROBOT))), policy
    spec = get_robot(robot or DEFAULT_ROBOT)
    return spec, own_policy(spec) if policy is None else policy
