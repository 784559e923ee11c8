"""Events: what happens to an episode. Terms with typed parameters, as rewards are.

To add one, write a class with the parameters as fields, override the moments at which it does something, and mark it
with ``@register_event(name)``. A recipe lists events as ``[env.events.push]``; some parameters have a short form
among the env's own settings: ``push_speed = 0.35`` is ``events.push.speed``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict

from simonsays.assets.notes import Documented, dataclass
from simonsays.assets.registry import Registry
from simonsays.envs.stage import Stage
from simonsays.envs.terms import named, raised


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
