"""Another robot of a scene, as a robot takes it: a thing of its size that stands where the scene has it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from simonsays.assets.notes import dataclass
from simonsays.sim.kinematics import Tree
from simonsays.sim.specs import PropSpec, RobotSpec, RobotStart, SceneSpec

_SKIN = 0.1  # m, from the centres of links to what is around them


@dataclass(frozen=True)
class StandIn(PropSpec):
    """A robot among the props of a scene that is seen by another; it is never simulated."""

    @property
    def kind(self) -> str:
        """It is told by its name, and no prop's words mean it."""
        return "robot"


def stand_in(start: RobotStart, spec: RobotSpec) -> StandIn:
    """What stands for a robot: as high as it stands, as wide as its shoulders."""
    tree = Tree(spec)
    places = tree.poses(tree.standing[None]).position[0]
    left, right = (places[tree.place[name]] for name in spec.shoulders)
    wide = math.dist(left[:2], right[:2]) + 2 * _SKIN
    high = spec.base_height + float(places[tree.place[spec.head], 2] - places[0, 2]) + _SKIN
    return StandIn("pillar", "grey", start.position, start.name, (wide, wide, high), 0.0, start.yaw_deg)


def seen_by(scene: SceneSpec, place: int, specs: Sequence[RobotSpec]) -> SceneSpec:
    """The scene as one of its robots has it: itself alone, the others among the props. For plans, not for worlds.

    Args:
        place: of the robot among the scene's. specs: of all of them, in the scene's order.
    """
    own = scene.robots[place]
    others = [pair for i, pair in enumerate(zip(scene.robots, specs, strict=True)) if i != place]
    return replace(
        scene,
        robot_position=own.position,
        robot_yaw_deg=own.yaw_deg,
        props=(*scene.props, *(stand_in(start, spec) for start, spec in others)),
        viewer=scene.viewer_position,
        robot_name=own.name,
        robot=own.robot,
        others=(),
    )
