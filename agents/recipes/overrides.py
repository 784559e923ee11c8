"""Changes to a recipe in the form of ``simon train --set``: ``ppo.n_steps=64``, ``stages.assisted.steps=1000``."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args, get_origin

from simonsays.agents.recipes.hyperparameters import Frozen
from simonsays.assets import InputError, did_you_mean
from simonsays.assets.reading import parse_toml

_BARE = re.compile(r"[A-Za-z][\w.:/+-]*")
Change = tuple[str, Any]
"""a key such as ``stages.0.steps``, and its value"""


def parse_override(text: str) -> Change:
    """The key and the value of ``key=value``: a value of TOML, or one word without quotes.

    Raises:
        InputError: another form.
    """
    key, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not key or not value:
        raise InputError(f"--set {text!r}: write it as KEY=VALUE, like ppo.n_steps=64")
    try:
        data = parse_toml(f"value = {value}", f"--set {text[:60]!r}")
        if list(data) == ["value"]:
            return key, data["value"]
    except InputError:
        if _BARE.fullmatch(value):
            return key, value
    raise InputError(f"--set {text!r}: {value[:60]!r} is no value of TOML; quote text, and write lists like [1, 2]")


def table_model(model: type[Frozen], place: Iterable[Any]) -> type[Frozen] | None:
    """The model of the table at ``place`` of a model's data; None where its keys are free, or it is no table."""
    found: type[Frozen] | None = model
    named = False  # the next part is a name that the data gives
    for part in place:
        if isinstance(part, int) or named:
            named = False
            continue
        keys = found.keys() if found else {}
        if part not in keys:
            return None
        annotation = keys[part]
        found, named = next(_models(annotation), None), get_origin(annotation) is dict
    return None if named else found


def unknown_key(key: str, table: type[Frozen] | None) -> str:
    """``unknown key 'ppo.n_step'; did you mean 'ppo.n_steps'?``"""
    before, dot, last = key.rpartition(".")
    hint = did_you_mean(last, table.keys() if table else ())
    return f"unknown key {key!r}" + hint.replace("; did you mean '", f"; did you mean '{before}{dot}")


def _models(annotation: Any) -> Iterator[type[Frozen]]:
    if isinstance(annotation, type) and issubclass(annotation, Frozen):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def changed(data: dict[str, Any], changes: Iterable[Change], model: type[Frozen], env: Any = None) -> dict[str, Any]:
    """A copy of a recipe's plain data with some keys set; ``model`` is the recipe's.

    ``env``: the class of the env, whose defaults complete a table of settings that the recipe does not have.

    Raises:
        InputError: an unknown key; the message has the whole of it.
    """
    data = copy.deepcopy(data)
    for key, value in changes:
        place = _place(key, data)
        _check(key, place, model)
        table = data
        for i, part in enumerate(place[:-1]):
            if isinstance(part, str) and table.get(part) is None:
                table[part] = _start(data, place[: i + 1], env)
            table = table[part]
            if not isinstance(table, dict | list):
                raise InputError(f"{key}: {'.'.join(str(p) for p in place[: i + 1])} is a value, not a table")
        table[place[-1]] = value
    return data


def _place(key: str, data: dict[str, Any]) -> list[Any]:
    """The parts of a key; a stage, which may be named, becomes its place."""
    parts: list[Any] = key.split(".")
    if parts[0] == "stages" and len(parts) > 1:
        stages: Sequence[Any] = data.get("stages", [])
        names = [str(stage.get("name")) for stage in stages]
        known = [*names, *(str(i) for i in range(len(names)))]
        if len(parts) < 3:
            raise InputError(f"{key}: say which key of the stage, like stages.{names[0]}.steps")
        if parts[1] not in known:
            raise InputError(f"{key}: no stage {parts[1]!r}{did_you_mean(parts[1], known)}")
        parts[1] = names.index(parts[1]) if parts[1] in names else int(parts[1])
    return parts


def _check(key: str, place: Sequence[Any], model: type[Frozen]) -> None:
    for i, part in enumerate(place):
        table = table_model(model, place[:i])
        if table is None:
            return
        known = table.keys()
        if isinstance(part, str) and part not in known:
            raise InputError(unknown_key(".".join(key.split(".")[: i + 1]), table))


def _start(data: dict[str, Any], place: Sequence[Any], env: Any) -> dict[str, Any]:
    """What a table that the recipe does not have begins with."""
    if "env" not in place or place[-1] == "env" or not hasattr(env, "make_config"):
        return {}
    setting = place[-1]
    common = data.get("env", {}).get(setting)
    inherited = common if common is not None else getattr(env.make_config("environment", {}), setting, None)
    if not isinstance(inherited, dict):
        return {}
    if common is None and not all(isinstance(value, int | float | str) for value in inherited.values()):
        return {}  # events, say, of which a table changes only what it names
    return copy.deepcopy(inherited)


def flat(table: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Tables within tables as ``a.b``."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        found |= flat(value, f"{before}{key}.") if isinstance(value, Mapping) else {f"{before}{key}": value}
    return found
