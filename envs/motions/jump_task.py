"""Jump: both feet off the ground, and land standing. Settings of HumanoidEnv."""

from __future__ import annotations

from typing import Any

JUMP: dict[str, Any] = {
    "motion": "jump",
    "episode_seconds": 3.0,
    "forward": (-0.3, 0.6),
    "sideways": (-0.3, 0.3),
    "yaw_rate": (0.0, 0.0),
    "standing": 0.4,
    "command_seconds": (60.0, 60.0),
    "reward_weights": {
        "jump_clearance": 60.0,
        "jump_travel": 8.0,
        "alive": 0.2,
        "tilt": -4.0,
        "spin": -0.6,
        "tilt_rate": -0.03,
        "landed_speed": -1.0,
        "landed_contact": 0.4,
        "action_rate": -0.01,
        "action_jerk": -0.003,
        "torque": -1e-5,
        "joint_acceleration": -5e-8,
        "hip_posture": -0.5,
        "leg_posture": -0.1,
        "fall": -12.0,
    },
}
