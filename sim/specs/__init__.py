"""What robots, props and scenes are: frozen descriptions, validated."""

from simonsays.sim.specs.robot import GaitSpec, JointSpec, RobotSpec
from simonsays.sim.specs.scene import COLORS, SHAPES, GroundSpec, PropSpec, SceneSpec, load_scene, scene_from_dict

__all__ = [
    "COLORS",
    "SHAPES",
    "GaitSpec",
    "GroundSpec",
    "JointSpec",
    "PropSpec",
    "RobotSpec",
    "SceneSpec",
    "load_scene",
    "scene_from_dict",
]
