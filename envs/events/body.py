"""Bodies that differ from their files, and commands that come late: what a robot has and a simulation has not."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import field_validator

from simonsays.envs.events.base import Event, Short, register_event
from simonsays.envs.settings import AtLeastOne, Range, Share
from simonsays.envs.stage import Stage


@register_event("latency")
class Latency(Event):
    """Joint targets that arrive late, for a whole episode."""

    share: Annotated[Share, Short("latency")] = 0.0
    """of episodes"""
    steps: Annotated[tuple[AtLeastOne, AtLeastOne], Short("latency_steps")] = (1, 1)
    """control steps that a late episode's targets are late by, drawn at each reset: fewest, most"""

    @field_validator("steps")
    @classmethod
    def _are_in_order(cls, steps: tuple[int, int]) -> tuple[int, int]:
        if steps[0] > steps[1]:
            raise ValueError(f"fewest {steps[0]} is more than most {steps[1]}")
        return steps

    def on_reset(self, now: Stage) -> None:
        if now.rng.random() < self.share:
            now.pending.extend([now.reference] * int(now.rng.integers(*self.steps, endpoint=True)))


@register_event("torque_delay")
class TorqueDelay(Event):
    """Torques that come late inside the PD loop, for a whole episode."""

    share: Share = 0.0
    """of episodes"""
    steps: AtLeastOne = 1
    """physics steps, of 5 ms as a rule: the PD of a G1's ankles stands some 9.9 ms"""

    def on_world(self, now: Stage) -> None:
        if now.rng.random() < self.share:
            now.dynamics = replace(now.dynamics, torque_delay=self.steps)


@register_event("hands")
class Hands(Event):
    """Hands that are heavier or lighter than the URDF says, each on its own, drawn at each reset."""

    mass: Range | None = None
    """kg, added to each, or where a hand weighs nothing to what it is fixed to; that loses at most four fifths"""

    def on_world(self, now: Stage) -> None:
        if self.mass is not None:
            tree, added = now.robot.tree, dict(now.dynamics.added_mass)
            for hand in map(tree.bearer, now.spec.hands):
                least = -0.8 * float(tree.mass[tree.place[hand]])
                added[hand] = added.get(hand, 0.0) + max(least, float(now.rng.uniform(*self.mass)))
            now.dynamics = replace(now.dynamics, added_mass=added)


@register_event("motors")
class Motors(Event):
    """Motors that are not as their data sheets say: factors, of all joints alike, drawn at each reset."""

    gains: Range | None = None
    """on kp and, drawn by itself, on kd"""
    armature: Range = (1.0, 1.0)
    """on the rotors' inertia"""

    def on_world(self, now: Stage) -> None:
        if self.gains is not None:
            stiffness, damping = now.rng.uniform(*self.gains, 2).tolist()
            armature = float(now.rng.uniform(*self.armature))
            now.dynamics = replace(now.dynamics, stiffness=stiffness, damping_gain=damping, armature=armature)


@register_event("joint_friction")
class JointFriction(Event):
    """Friction in all joints, drawn at each reset."""

    loss: Range | None = None
    """N m, dry"""
    damping: Range = (0.0, 0.0)
    """N m s/rad"""

    def on_world(self, now: Stage) -> None:
        if self.loss is not None:
            loss, damping = float(now.rng.uniform(*self.loss)), float(now.rng.uniform(*self.damping))
            now.dynamics = replace(now.dynamics, friction_loss=loss, joint_damping=damping)
