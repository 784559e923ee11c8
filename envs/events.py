"""Events: what happens to an episode. Terms with typed parameters, as rewards are.

To add one, write a class with the parameters as fields, override the moments at which it does something, and mark it
with ``@register_event(name)``. A recipe lists events as ``[env.events.push]``; some parameters have a short form
among the env's own settings: ``push_speed = 0.35`` is ``events.push.speed``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, ClassVar, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, field_validator

from simonsays.assets.notes import Documented, dataclass
from simonsays.assets.registry import Registry
from simonsays.envs.settings import AtLeastOne, NotNegative, Positive, Range, Share
from simonsays.envs.stage import Stage
from simonsays.envs.terms import named, raised
from simonsays.sim.state import Array

_ARM_SPEED, _ARM_SECONDS = (1.0, 6.0), (0.4, 2.0)  # rad/s, s to a new goal on average: arms that move on their own


@dataclass(frozen=True)
class Short:
    """Beside a parameter's type: a name for it among the env's own settings."""

    name: str


class Event(Documented, BaseModel):
    """What happens. Methods ``on_...`` are called at their moment, in the order in which the env lists its events.

    All draws come from ``now.rng``, whose order therefore is that of the events. The first parameter is how much there
    is of it: where that is 0, False or None, the event does not happen.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: ClassVar[str]

    @property
    def active(self) -> bool:
        """Whether it happens at all, with these parameters."""
        return all(getattr(self, name) for name in list(type(self).model_fields)[:1])

    def on_scene(self, now: Stage) -> None:
        """At a reset, before the world is built: ``now.scene`` may become another."""

    def on_world(self, now: Stage) -> None:
        """At a reset, in the new world, before the robot takes its pose."""

    def on_pose(self, now: Stage) -> None:
        """At a reset: ``now.pose`` (J,) rad may become another."""

    def on_reset(self, now: Stage) -> None:
        """At a reset, where the robot stands."""

    def on_command(self, now: Stage) -> None:
        """After a new command within an episode."""

    def on_targets(self, now: Stage, targets: list[float]) -> None:
        """At a control step: ``targets`` (J,) rad may change, before limits of speed."""

    def on_step(self, now: Stage) -> None:
        """At a control step, after its physics and before it is measured."""


EVENTS: Registry[type[Event]] = Registry("event")
_MOMENTS = {name: name for name in ("command", "step")} | {"targets": "step"}
_HOOKS = [name for name in vars(Event) if name.startswith("on_")]
_Kind = TypeVar("_Kind", bound=type[Event])


def register_event(name: str) -> Callable[[_Kind], _Kind]:
    """Register a class under a name."""

    def register(kind: _Kind) -> _Kind:
        kind.name = name
        EVENTS.register(name, kind)
        return kind

    return register


def hooks(events: Mapping[str, Event]) -> dict[str, list[Callable[..., None]]]:
    """What active events do at each moment."""
    active = [event for event in events.values() if event.active]
    return {hook: [_called(event, hook) for event in active if hook in _own_hooks(type(event))] for hook in _HOOKS}


def _called(event: Event, hook: str) -> Callable[..., None]:
    """A method of an event that says whose it is where it raises."""
    method = getattr(event, hook)

    def call(now: Stage, *given: list[float]) -> None:
        try:
            method(now, *given)
        except Exception as error:
            raise raised(named("event", event.name, now.steps), error) from error

    return call


def _own_hooks(kind: type[Event]) -> list[str]:
    return [hook for hook in _HOOKS if getattr(kind, hook) is not vars(Event)[hook]]


def when(kind: type[Event]) -> str:
    """At which moments an event does something: "reset", "command, step"."""
    return ", ".join(dict.fromkeys(_MOMENTS.get(hook.removeprefix("on_"), "reset") for hook in _own_hooks(kind)))


@register_event("ground")
class Ground(Event):
    """A new ground and heading, where slope or roughness is to be drawn."""

    slope_deg: Annotated[Range | None, Short("slope_deg")] = None
    """drawn with a new ground; None: the scene's"""
    roughness: Annotated[Range | None, Short("roughness")] = None
    """m, drawn with a new ground (see GroundSpec); None: the scene's"""
    flat: Annotated[Share, Short("flat")] = 0.5
    """share of new grounds that are the scene's all the same"""
    share: Annotated[Share, Short("new_ground")] = 1.0
    """of resets that draw a new ground and heading"""

    @property
    def active(self) -> bool:
        return (self.slope_deg, self.roughness) != (None, None)

    def on_scene(self, now: Stage) -> None:
        rng, scene = now.rng, now.own_scene
        if now.scene_given or rng.random() >= self.share:
            return
        now.scene = replace(scene, robot_yaw_deg=float(rng.uniform(-180.0, 180.0)))
        if rng.random() < self.flat:
            return
        ground = scene.ground
        if self.slope_deg is not None:
            ground = replace(ground, slope_deg=float(rng.uniform(*self.slope_deg)))
        if self.roughness is not None and rng.random() < 0.5:
            ground = replace(ground, roughness=float(rng.uniform(*self.roughness)), seed=int(rng.integers(1 << 31)))
        now.scene = replace(now.scene, ground=ground)


@register_event("friction")
class Friction(Event):
    """Friction of the ground, drawn at each reset."""

    range: Annotated[Range | None, Short("friction")] = None
    """None: the scene's"""

    def on_world(self, now: Stage) -> None:
        if self.range is not None and not now.scene_given:
            now.friction = float(now.rng.uniform(*self.range))
            now.world.set_friction(now.friction)


@register_event("payload")
class Payload(Event):
    """A load on the torso, drawn at each reset."""

    mass: Annotated[Range | None, Short("payload")] = None
    """kg"""

    def on_world(self, now: Stage) -> None:
        if self.mass is not None:
            now.payload = float(now.rng.uniform(*self.mass))
            now.robot.dynamics = replace(now.robot.dynamics, added_mass={now.spec.torso: now.payload})


@register_event("joint_noise")
class JointNoise(Event):
    """Joints that do not start where the reference has them."""

    deviation: Annotated[NotNegative, Short("joint_noise")] = 0.0
    """rad, standard deviation"""

    def on_pose(self, now: Stage) -> None:
        now.pose = np.add(now.pose, now.rng.normal(0.0, self.deviation, len(now.pose)))


@register_event("initial_velocity")
class InitialVelocity(Event):
    """A start with a random part of the commanded velocity."""

    on: Annotated[bool, Short("initial_velocity")] = False

    def on_reset(self, now: Stage) -> None:
        yaw, speed = math.radians(now.world.scene.robot_yaw_deg), float(now.rng.random() * now.command[0])
        now.robot.set_base_velocity((speed * math.cos(yaw), speed * math.sin(yaw), 0.0), (0.0, 0.0, 0.0))


@register_event("cue")
class Cue(Event):
    """The moment at which a motion that runs for a time begins, in an env that is for it."""

    seconds: Range | None = None
    """s after the start, drawn at each reset"""

    def on_reset(self, now: Stage) -> None:
        if now.waits and self.seconds is not None:
            now.cue = float(now.rng.uniform(*self.seconds))


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


@register_event("push")
class Push(Event):
    """Blows: sudden changes of the base's velocity."""

    speed: Annotated[NotNegative, Short("push_speed")] = 0.0
    """m/s, standard deviation along x and y"""
    seconds: Annotated[Positive, Short("push_seconds")] = 4.0
    """s, mean time between pushes"""

    def on_step(self, now: Stage) -> None:
        if now.rng.random() < now.dt / self.seconds:
            x, y = now.rng.normal(0.0, self.speed, 2).tolist()
            now.robot.push_velocity(x, y)
            cosine, sine = math.cos(now.reading.yaw), math.sin(now.reading.yaw)
            now.pushed = (cosine * x + sine * y, cosine * y - sine * x)


@dataclass
class _Wandering:
    at: Array
    """(U,) rad, of waist and arms"""
    goal: Array | None = None
    speed: float = 0.0
    """rad/s"""
    seconds: float = 1.0
    """s to a new goal, on average"""


@register_event("arms")
class Arms(Event):
    """Waist and arms that move to random targets of their own."""

    share: Annotated[Share, Short("arm_motion")] = 0.0
    """of commands during which they do"""

    def on_command(self, now: Stage) -> None:
        arms = now.memory.setdefault(self.name, _Wandering(now.robot.default_positions[now.layout.upper]))
        arms.goal = self._goal(now, arms) if now.rng.random() < self.share else None

    def on_targets(self, now: Stage, targets: list[float]) -> None:
        arms = now.memory.get(self.name)
        if arms is None or arms.goal is None:
            return
        if now.rng.random() < now.dt / arms.seconds:
            arms.goal = self._goal(now, arms)
        step = arms.speed * now.dt
        arms.at = arms.at + np.clip(arms.goal - arms.at, -step, step)
        for place, target in zip(now.layout.upper, arms.at.tolist(), strict=True):
            targets[place] = target

    def _goal(self, now: Stage, arms: _Wandering) -> Array:
        """Some joints near the resting pose, the others anywhere in their range; at a speed of their own."""
        upper, robot, rng = now.layout.upper, now.robot, now.rng
        lower, highest = 0.95 * robot.lower[upper], 0.95 * robot.upper[upper]
        arms.speed, arms.seconds = float(rng.uniform(*_ARM_SPEED)), float(rng.uniform(*_ARM_SECONDS))
        near = robot.default_positions[upper] + rng.normal(0, 0.8, len(upper))
        anywhere = rng.random(len(upper)) < rng.uniform(0.2, 1.0)
        return np.clip(np.where(anywhere, rng.uniform(lower, highest), near), lower, highest)


DEFAULT_EVENTS: tuple[Event, ...] = (
    *(Ground(), Friction(range=(0.5, 1.25)), Payload(), JointNoise(deviation=0.03), InitialVelocity()),
    *(Cue(), Latency(), Push(), Arms()),
)
"""of HumanoidEnv, in the order in which they draw; those of other packages come after"""
