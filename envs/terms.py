"""Terms: functions of a control step whose keyword parameters, with types and defaults, a recipe may change."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, create_model

from simonsays.assets import InputError
from simonsays.assets.plugins import told
from simonsays.assets.registry import Registry
from simonsays.envs.settings import checked

Function = TypeVar("Function", bound=Callable[..., Any])


def register_term(registry: Registry[Any], function: Function) -> Function:
    """Register a function of a StepContext under its name; TypeError where a parameter has no default."""
    _, *given = inspect.signature(function).parameters.values()
    for parameter in given:
        if parameter.default is parameter.empty:
            raise TypeError(f"{registry.kind} {function.__name__!r}: parameter {parameter.name!r} needs a default")
    registry.register(function.__name__, function)
    return function


@cache
def parameters(function: Callable[..., Any]) -> type[BaseModel]:
    """The model of a term's parameters."""
    hints = get_type_hints(function, include_extras=True)
    _, *given = inspect.signature(function).parameters.values()
    fields: dict[str, Any] = {each.name: (hints.get(each.name, float), each.default) for each in given}
    return create_model(function.__name__, __config__=ConfigDict(extra="forbid", frozen=True), **fields)


def check_parameters(registry: Registry[Any], where: str, tables: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse what a term does not have, or cannot be: InputError names it."""
    for name, changes in tables.items():
        checked(parameters(registry[name]), where, changes, f"{name}.")


def named(kind: str, name: str, step: int) -> str:
    """A term in messages, and the control step of an episode at which something is wrong with it."""
    return f"{kind} {name!r}" + (f" at control step {step}" if step else "")


def called(where: str, function: Callable[..., Any], *given: Any) -> Any:
    """What a term gives; InputError where it raises, in the words of the message."""
    try:
        return function(*given)
    except Exception as error:
        raise raised(where, error) from error


def raised(where: str, error: Exception) -> InputError:
    """What people are told of an error that a term has raised."""
    return InputError(f"{where}: raises {told(error)}")


def first_line(thing: Any) -> str:
    """The first line of what a docstring says, without its marks."""
    return (inspect.getdoc(thing) or "").partition("\n")[0].replace("``", "")
