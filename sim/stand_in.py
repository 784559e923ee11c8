"""Another robot of a scene, as a robot takes it: a thing of its size that stands where the scene has it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from simonsays.assets.notes import dataclass
from simonsays.sim.kinematics import Tree
from simonsays.sim.recording import Recording
from simonsays.sim.robots import get_robot
from simonsays.sim.solids import extents
from simonsays.sim.specs import PropSpec, RobotSpec, RobotStart, SceneSpec, scene_from_dict

_TOGETHER = 0.1  # s: two steps that overlap by less are one after the other
_SKIN = 0.1  # m, from the centres of links to what is around them


@dataclass(frozen=True)
class StandIn(PropSpec):
    """A robot among the props of a scene that is seen by another; it is never simulated."""

    @property
    def kind(self) -> str:
        """It is told by its name, and no prop's words mean it."""
        return "robot"

    @property
    def called(self) -> str:
        """Its name."""
        return self.name


def stand_in(start: RobotStart, spec: RobotSpec) -> StandIn:
    """What stands for a robot: as high as it stands, as wide as its shoulders."""
    tree = Tree(spec)
    poses, head = tree.poses(tree.standing[None]), tree.place[spec.head]
    places = poses.position[0]
    left, right = (places[tree.place[name]] for name in spec.shoulders)
    crown = poses.position[0, head] + poses.rotation[0, head] @ extents(spec, spec.head)[1]
    wide = math.dist(left[:2], right[:2]) + 2 * _SKIN
    high = spec.base_height + float(crown[2] - places[0, 2])
    return StandIn("pillar", "grey", start.position, start.name, (wide, wide, high), 0.0, start.yaw_deg)


def alone(recording: Recording, place: int) -> Recording:
    """What one of the robots of a recording did, as if it had been alone: its own steps, the others among the props.

    Args:
        place: of the robot: 0 is the recording's own, the others follow.

    Raises:
        InputError: a robot is not known, or the recording's scene is none.
    """
    members: tuple[Recording, ...] = (recording, *recording.others)
    own, others = members[place], [each for i, each in enumerate(members) if i != place]
    scene = scene_from_dict(own.meta.get("scene", {}), str(own.meta.get("scene_name") or "scene"))
    seen = seen_by(scene, place, [get_robot(str(each.meta.get("robot"))) for each in members])
    stand_ins = seen.props[len(scene.props) :]
    middles = [
        each.base_position + np.array([0.0, 0.0, stand.extents[2] / 2 - get_robot(str(each.meta["robot"])).base_height])
        for each, stand in zip(others, stand_ins, strict=True)
    ]
    steps = _own_steps(own.meta)
    return replace(
        own,
        others=(),
        prop_names=np.array([*own.prop_names.tolist(), *(stand.name for stand in stand_ins)], np.str_),
        prop_positions=np.concatenate([own.prop_positions, np.stack(middles, axis=1)], axis=1),
        prop_orientations=np.concatenate(
            [own.prop_orientations, np.stack([each.base_orientation for each in others], axis=1)], axis=1
        ),
        meta={**own.meta, "scene": seen.to_dict(), "steps": steps},
    )


def _own_steps(meta: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A robot's steps, each with the robots among its things that do something meanwhile."""
    told, name = meta.get("steps") or (), meta.get("robot_name")
    made = []
    for step in (each for each in told if each.get("robot") == name):
        beside = [each["robot"] for each in told if each.get("robot") != name and _overlap(step, each)]
        made.append({**step, "things": [*step.get("things", ()), *beside]})
    return made


def _overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    times = (one.get("started"), one.get("ended"), other.get("started"), other.get("ended"))
    if any(time is None for time in times):
        return False
    begin, end, begins, ends = map(float, times)  # type: ignore[arg-type]
    return min(end, ends) - max(begin, begins) > _TOGETHER


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
