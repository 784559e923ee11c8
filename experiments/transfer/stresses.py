"""The stresses of ``simon transfer``: what a real robot adds to a simulated one, one small entry each.

One more stress is one more entry; ``cause`` names the function of causes.py that looks for why a policy breaks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

import numpy as np

from simonsays.assets.notes import dataclass
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.observations import BLOCKS
from simonsays.envs.policy.policy import Policy
from simonsays.sim.engines.base import Dynamics
from simonsays.sim.robot import Robot
from simonsays.sim.specs import PD_RATE_HZ

SENSED = "base_linear_velocity"
"""the observation block that a :class:`Sense` changes"""


@dataclass(frozen=True)
class Sense:
    """What a policy is told instead of the base's velocity."""

    late: float = 0.0
    """s"""
    factor: float = 1.0
    bias: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """m/s, base frame"""


@dataclass(frozen=True)
class Stress:
    """What is made worse than in training."""

    name: str
    title: str
    cause: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    """of the env"""
    physics_hz: int = PD_RATE_HZ
    """physics and PD steps a second"""
    dynamics: Mapping[str, float] = field(default_factory=dict)
    """fields of Dynamics"""
    delay: float = 0.0
    """s, by which the motors' torques come late"""
    hands: float = 0.0
    """kg, added to each hand"""
    sense: Sense | None = None

    def body(self, robot: Robot) -> Dynamics:
        """How the robot differs from what its files say."""
        now, changes = robot.dynamics, dict[str, Any](self.dynamics)
        if self.hands:
            changes["added_mass"] = {**(now.added_mass or {}), **dict.fromkeys(robot.spec.hands, self.hands)}
        return replace(now, **changes, torque_delay=round(self.delay * self.physics_hz))

    def told(self, policy: Policy) -> Any:
        """The policy, its sense of velocity as bad as this has it."""
        return policy if self.sense is None else Misled(policy, self.sense)


def _late_targets(steps: int) -> dict[str, Any]:
    return {"latency": 1.0, "latency_steps": (steps, steps)}


NONE = "none"
_BOTH = "stiffness", "damping_gain"
_ALL = (
    Stress(NONE, "none", "model"),
    Stress("motor_delay_5ms", "motor torques 5 ms late", "motor_delay", delay=0.005),
    Stress("motor_delay_10ms", "motor torques 10 ms late", "motor_delay", delay=0.010),
    Stress("late_targets", "joint targets 20 ms late", "late_targets", _late_targets(1)),
    Stress("joint_damping", "joint damping 1 N m s/rad", "damping", dynamics={"joint_damping": 1.0}),
    Stress("friction_1", "joint friction 1 N m", "friction", dynamics={"friction_loss": 1.0}),
    Stress("friction_3", "joint friction 3 N m", "friction", dynamics={"friction_loss": 3.0}),
    Stress("heavy_hands", "hands 0.5 kg heavier", "hands", hands=0.5),
    Stress("gains_up", "gains kp, kd +10%", "gains", dynamics=dict.fromkeys(_BOTH, 1.1)),
    Stress("gains_down", "gains kp, kd -10%", "gains", dynamics=dict.fromkeys(_BOTH, 0.9)),
    Stress("armature_up", "rotor inertia +10%", "rotors", dynamics={"armature": 1.1}),
    Stress("armature_down", "rotor inertia -10%", "rotors", dynamics={"armature": 0.9}),
    Stress("velocity_late", "base velocity 100 ms late", "velocity", sense=Sense(late=0.1)),
    Stress("velocity_biased", "base velocity +0.1 m/s forward", "velocity", sense=Sense(bias=(0.1, 0.0, 0.0))),
    Stress("velocity_halved", "base velocity halved", "velocity", sense=Sense(factor=0.5)),
    Stress("velocity_missing", "base velocity missing (zero)", "velocity", sense=Sense(factor=0.0)),
    Stress("pd_1khz", "physics and PD at 1 kHz", "rate", physics_hz=1000),
)
STRESSES: dict[str, Stress] = {stress.name: stress for stress in _ALL}


def observed(policy: Policy, stress: Stress) -> bool:
    """Whether the policy sees what the stress changes: of one that does not, nothing is measured."""
    return stress.sense is None or any(part["block"] == SENSED for part in policy.description["observation"])


class StressedEnv(HumanoidEnv):
    """A HumanoidEnv whose robot differs from its files, from each reset on."""

    def __init__(self, robot: Any, *, stress: Stress, **settings: Any) -> None:
        self._stress = stress
        super().__init__(robot, physics_hz=stress.physics_hz, **settings)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """As HumanoidEnv; then the robot becomes another."""
        found = super().reset(seed=seed, options=options)
        self.robot.dynamics = self._stress.body(self.robot)
        return found

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """As HumanoidEnv; a robot whose state diverges has fallen."""
        before = self.stage.reading
        try:
            return super().step(action)
        except Exception:
            now = self.stage.reading
            if np.isfinite([*now.base_position, *now.joint_positions, *now.joint_velocities]).all():
                raise
            self.stage.reading = before
            return (
                self.observation_space.sample(),
                0.0,
                True,
                False,
                {"command": np.array(self.command), "is_success": False},
            )


class Misled:
    """A policy that is told another base velocity than the true one, in every observation that it remembers.

    Its state is the policy's own and the velocities of the last control steps, the newest last.
    """

    recurrent = True

    def __init__(self, policy: Policy, sense: Sense) -> None:
        self._policy, self._sense, start = policy, sense, 0
        blocks = policy.description["observation"]
        for block in blocks:
            if block["block"] == SENSED:
                break
            start += int(block["width"])
        self._width = sum(int(block["width"]) for block in blocks)
        self._part, self._late = slice(start, start + 3), round(sense.late * policy.description["control_rate_hz"])
        self._bias = np.multiply(BLOCKS[SENSED].scale, sense.bias)

    def predict(
        self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = False
    ) -> tuple[Any, Any]:
        """As Policy's, of one observation (N,)."""
        own, past = (None, None) if state is None else state
        seen = np.array(observation, dtype=np.float32)
        frames = seen.reshape(-1, self._width)
        newest = frames[-1, self._part].copy()
        past = [newest] * (self._late + len(frames)) if past is None else [*past[1:], newest]
        for i in range(len(frames)):
            frames[-1 - i, self._part] = self._sense.factor * past[-1 - i - self._late] + self._bias
        action, own = self._policy.predict(seen, own, episode_start, deterministic)
        return action, (own, past)
