"""Settings with events, as tables or in their short forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, ValidationError

from simonsays.assets import InputError, did_you_mean
from simonsays.envs.events import DEFAULT_EVENTS, EVENTS, Event, Short
from simonsays.envs.settings import checked


class WithEvents(BaseModel):
    """Settings with events: ``events`` has all of them by name, with their parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    default_events: ClassVar[tuple[Event, ...]] = DEFAULT_EVENTS

    events: dict[str, SerializeAsAny[Event]] = Field(default_factory=dict)
    """what happens to an episode, as ``events.push = {speed = 0.3}``; what a table does not say stays as it was"""


_Settings = TypeVar("_Settings", bound=WithEvents)


def short_forms() -> dict[str, tuple[str, str]]:
    """Event and parameter by the setting that is short for it."""
    return {
        note.name: (name, key)
        for name, kind in EVENTS.items()
        for key, part in kind.model_fields.items()
        for note in part.metadata
        if isinstance(note, Short)
    }


def configured(model: type[_Settings], where: str, settings: Mapping[str, Any]) -> _Settings:
    """A configuration from plain values, short forms among them.

    Raises:
        InputError: an unknown key, or an impossible value; the message begins with ``where``.
    """
    base = {event.name: event for event in model.default_events}
    return checked(model, where, _gathered(model, where, settings, base))


def changed(config: _Settings, where: str, settings: Mapping[str, Any]) -> _Settings:
    """A configuration with some settings changed; of ``events`` only what is named.

    Raises:
        InputError: as :func:`configured`.
    """
    before = config.model_dump(exclude={"events"})
    return checked(type(config), where, before | _gathered(type(config), where, settings, config.events))


def _gathered(
    model: type[WithEvents], where: str, settings: Mapping[str, Any], base: Mapping[str, Event]
) -> dict[str, Any]:
    """The settings with all events as one table."""
    short, tables = short_forms(), settings.get("events", {})
    if not isinstance(tables, Mapping):
        raise InputError(f"{where}: events: needs a table of events, not {tables!r}")
    plain, said = {key: value for key, value in settings.items() if key not in short}, dict[str, dict[str, Any]]()
    for key in plain:
        if key not in model.model_fields:
            raise InputError(f"{where}: unknown key {key!r}{did_you_mean(key, [*model.model_fields, *short])}")
    events = dict(base)
    for name, table in tables.items():
        if name not in EVENTS:
            raise InputError(f"{where}: events: no event {name!r}{did_you_mean(name, EVENTS)}")
        if isinstance(table, Event):
            events[name] = table
        elif isinstance(table, Mapping):
            said[name] = dict(table)
        else:
            raise InputError(f"{where}: events.{name}: needs a table of parameters, not {table!r}")
    for key in settings:
        if key in short:
            name, field = short[key]
            if field in said.setdefault(name, {}):
                raise InputError(f"{where}: {key} is short for events.{name}.{field}: give one of them")
            said[name][field] = settings[key]
    called = {place: key for key, place in short.items() if key in settings}
    for name, table in said.items():
        known, before = EVENTS[name].model_fields, events.get(name)
        for key in table:
            if key not in known:
                raise InputError(f"{where}: events.{name}: unknown key {key!r}{did_you_mean(key, known)}")
        try:
            events[name] = EVENTS[name](**{**(before.model_dump() if before else {}), **table})
        except ValidationError as error:
            first = error.errors()[0]
            parameter, *rest = first["loc"] or ("",)
            place = [called.get((name, str(parameter)), f"events.{name}.{parameter}"), *map(str, rest)]
            raise InputError(f"{where}: {'.'.join(place)}: {first['msg']}") from error
    return {**plain, "events": events}
