"""Settings with events, as tables or in their short forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny

from simonsays.assets import InputError, did_you_mean
from simonsays.assets.notes import Documented
from simonsays.envs.events import DEFAULT_EVENTS, EVENTS, Event, Short
from simonsays.envs.settings import checked


class WithEvents(Documented, BaseModel):
    """Settings with events: ``events`` has all of them by name, with their parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    default_events: ClassVar[tuple[Event, ...]] = DEFAULT_EVENTS

    events: dict[str, SerializeAsAny[Event]] = Field(default_factory=dict)
    """what happens to an episode, as ``{push = {speed = 0.3}}``; what a table does not say stays as it was"""


_Settings = TypeVar("_Settings", bound=WithEvents)


def short_forms() -> dict[str, tuple[str, str]]:
    """Event and parameter by the setting that is short for it."""
    parts = [(name, key, part) for name, kind in EVENTS.items() for key, part in kind.model_fields.items()]
    return {note.name: (name, key) for name, key, part in parts for note in part.metadata if isinstance(note, Short)}


def configured(model: type[_Settings], where: str, settings: Mapping[str, Any]) -> _Settings:
    """A configuration from plain values, short forms among them.

    Raises:
        InputError: an unknown key, or an impossible value; the message begins with ``where``.
    """
    base = {event.name: event for event in model.default_events}
    return checked(model, where, _gathered(model, where, settings, base))


def changed(config: _Settings, where: str, settings: Mapping[str, Any]) -> _Settings:
    """A configuration with some settings changed; of ``events`` only what is named. InputError as `configured`."""
    before = config.model_dump(exclude={"events"})
    return checked(type(config), where, before | _gathered(type(config), where, settings, config.events))


def _gathered(
    model: type[WithEvents], where: str, settings: Mapping[str, Any], base: Mapping[str, Event]
) -> dict[str, Any]:
    """The settings with all events as one table."""
    short, tables = short_forms(), settings.get("events", {})
    for key in settings:
        if key not in short and key not in model.model_fields:
            raise InputError(f"{where}: unknown key {key!r}{did_you_mean(key, [*model.model_fields, *short])}")
    if not isinstance(tables, Mapping) or not all(isinstance(each, Mapping | Event) for each in tables.values()):
        raise InputError(f"{where}: events: needs a table of events with a table of parameters each, not {tables!r}")
    for name in tables:
        if name not in EVENTS:
            raise InputError(f"{where}: events: no event {name!r}{did_you_mean(name, EVENTS)}")
    events = {**base, **{name: table for name, table in tables.items() if isinstance(table, Event)}}
    for name, kind in EVENTS.items():
        given = tables.get(name, {})
        said = {} if isinstance(given, Event) else dict(given)
        called = {field: key for key, (event, field) in short.items() if event == name and key in settings}
        for field, key in called.items():
            if field in said:
                raise InputError(f"{where}: {key} is short for events.{name}.{field}: give one of them")
            said[field] = settings[key]
        if said or name in tables:
            before = events[name].model_dump() if name in events else {}
            events[name] = checked(kind, where, {**before, **said}, f"events.{name}.", called)
    return {**{key: value for key, value in settings.items() if key not in short}, "events": events}
