"""Settings of a task from plain values, checked with messages that name the place."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from simonsays.assets import InputError, did_you_mean

Range = tuple[float, float]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
AtLeastOne = Annotated[int, Field(ge=1)]
Model = TypeVar("Model", bound=BaseModel)


def checked(
    model: type[Model],
    where: str,
    settings: Mapping[str, Any],
    table: str = "",
    names: Mapping[str, str] = MappingProxyType({}),
) -> Model:
    """A configuration from plain values; ``table``: what its fields are called after; ``names``: what some are called.

    Raises:
        InputError: an unknown key, or an impossible value; the message begins with ``where``.
    """
    for key in settings:
        if key not in model.model_fields:
            raise InputError(f"{where}: unknown key {table + key!r}{did_you_mean(key, model.model_fields)}")
    try:
        return model(**settings)
    except ValidationError as error:
        first = error.errors()[0]
        place = [str(part) for part in first["loc"]]
        field = ".".join([names.get(place[0], table + place[0]), *place[1:]]) + ": " if place else ""
        raise InputError(f"{where}: {field}{reason(first)}") from error


def reason(error: Any) -> str:
    """What one of pydantic's errors says; of a check of ours without "Value error, " in front."""
    return str(error.get("ctx", {}).get("error", error["msg"]))
