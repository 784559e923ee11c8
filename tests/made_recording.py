"""A made-up recording of a walk, for tests of what shows recordings."""

from __future__ import annotations

from typing import Any

import numpy as np

from simonsays.sim.recording import Recording
from simonsays.sim.robots import get_robot
from simonsays.sim.rotations import quaternion_from_rpy
from simonsays.sim.specs import SceneSpec, load_scene

G1 = get_robot("g1")


def recording(seconds: float = 3.0, *, title: str = "walk and wave", scene: SceneSpec | None = None) -> Recording:
    """A made-up walk along x with a wave in it: 50 instants a second, two steps, the second of which fails."""
    scene = load_scene("playground") if scene is None else scene
    time = np.arange(int(seconds * 50)) / 50
    count, joints, props = len(time), len(G1.joints), len(scene.props)
    rng = np.random.default_rng(3)
    angles = np.array([joint.default for joint in G1.joints]) + np.zeros((count, 1))
    angles += 0.3 * np.sin(2 * np.pi * time[:, None] + rng.uniform(0, 6, joints))
    turned = np.array([quaternion_from_rpy(0, 0, 0.4 * t) for t in time])
    targets = angles + 0.05
    targets[-5:] = np.nan
    places = np.array([prop.centre for prop in scene.props]).reshape(props, 3)
    half = seconds / 2
    steps: list[dict[str, Any]] = [
        {"text": "walk", "status": "success", "reason": "", "started": 0.2, "ended": half, "goal": [1.0, 0.0, 0.3]},
        {"text": title, "status": "failure", "reason": "fell", "started": half, "ended": seconds - 0.5, "goal": None},
    ]
    return Recording(
        time=time,
        base_position=np.stack([0.5 * time, 0 * time, 0.78 + 0.01 * np.sin(9 * time)], axis=1),
        base_orientation=turned,
        base_linear_velocity=np.zeros((count, 3)),
        base_angular_velocity=np.zeros((count, 3)),
        joint_names=np.array([joint.name for joint in G1.joints][::-1]),
        joint_positions=angles[:, ::-1],
        joint_velocities=np.zeros((count, joints)),
        joint_torques=np.zeros((count, joints)),
        foot_contacts=np.zeros((count, 2), dtype=bool),
        prop_names=np.array([prop.name for prop in scene.props], dtype=np.str_),
        prop_positions=places + np.zeros((count, 1, 1)),
        prop_orientations=np.tile([0.0, 0.0, 0.0, 1.0], (count, props, 1)),
        step_index=(time >= half).astype(np.int64),
        meta={
            "robot": "g1",
            "policy": "g1-locomotion",
            "scene_name": scene.name,
            "scene": scene.to_dict(),
            "instruction": title,
            "seed": 7,
            "verdict": "failure",
            "steps": steps,
        },
        joint_targets=targets[:, ::-1],
        to_go=np.stack([2 - 0.5 * time, 0 * time, 0 * time], axis=1),
    )
