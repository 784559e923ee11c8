"""What robots, props and scenes are: frozen descriptions, validated."""

from simonsays.sim.specs.gait import GaitSpec
from simonsays.sim.specs.keyframes import Keyframe, Rising
from simonsays.sim.specs.robot import PD_RATE_HZ, BodySpec, JointSpec, RobotSpec
from simonsays.sim.specs.scene import COLORS, SHAPES, GroundSpec, PropSpec, RobotStart, SceneSpec
from simonsays.sim.specs.scene_file import load_scene, scene_from_dict

__all__ = [
    "COLORS",
    "PD_RATE_HZ",
    "SHAPES",
    "BodySpec",
    "GaitSpec",
    "GroundSpec",
    "JointSpec",
    "Keyframe",
    "PropSpec",
    "Rising",
    "RobotSpec",
    "RobotStart",
    "SceneSpec",
    "load_scene",
    "scene_from_dict",
]
