"""Instruction to a canonical sentence, by the templates of a language: ``parse(render(x)) == x``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from simonsays.assets import InputError
from simonsays.envs.language.instruction import PLACE, ROBOT, START, VIEWER, Instruction, ObjectRef, PathShape, Step
from simonsays.envs.language.known import get_locale
from simonsays.envs.language.locale import naming_faults
from simonsays.envs.language.vocabulary import FIELDS, verbs

OURS = "en"
"""the language in which skills write their captions, and messages name things"""
_AMOUNTS = {**FIELDS, "steps": "steps", "count": "count"}
_GROUP = re.compile(r"\[([^\[\]]*)\]")
_PART = re.compile(r"\{(\w+)\}")


def render(instruction: Instruction, language: str = OURS) -> str:
    """The canonical sentence of an instruction.

    Raises:
        InputError: a language that is not known, or has no template for a part of it.
    """
    locale, text = get_locale(language), ""
    with naming_faults(locale):
        joints = locale.templates["joints"]
        for i, step in enumerate(instruction.steps):
            joint = "at_once" if step.parallel_with_prev else "both" if instruction.unordered else "next"
            try:
                text += (joints[joint] if i else "") + render_step(step, language)
            except KeyError as error:
                message = f"language {language!r}: render.toml has no template {error} for {step.verb!r}"
                raise InputError(message) from error
        return text + (joints["unordered"] if instruction.unordered else "")


def render_step(step: Step, language: str = OURS) -> str:
    """One step: "walk forward 2 metres"."""
    locale = get_locale(language)
    templates, words = locale.templates["step"], verbs()[step.verb]
    table = locale.templates["words"]
    table = {**table, **{kind: {**table[kind], **own} for kind, own in table.get(step.verb, {}).items()}}
    amounts = {name: getattr(step, field) for name, field in _AMOUNTS.items()}
    parts = {name: _amount(templates[name], value) for name, value in amounts.items() if value is not None}
    if isinstance(step.speed, str):
        parts["speed"] = _word(table, "speed", step.speed)
    elif step.speed is not None:
        parts["speed"] = _amount(templates["speed"], step.speed)
    if step.direction:
        parts["direction"] = _word(table, "direction", step.direction)
    if words.needs_limb:
        parts["limb"] = _word(table, "limb", step.side or "none")
    elif step.side and words.limb is None:
        slant = templates["slant"][step.direction or "forward"]
        parts["direction"] = _fill(slant, {"side": _word(table, "side", step.side)})
    elif step.side:
        parts["hand"] = _word(table["hand"], str(words.limb), step.side)
    for name in ("style", "effort"):
        if (value := getattr(step, name)) is not None:
            parts[name] = _word(table, name, value)
    parts |= {name: templates[name] for name in ("in_place", "approx") if getattr(step, name)}
    parts |= {name: value for name in ("robot", "name") if (value := getattr(step, name))}
    if step.path is not None and step.path.shape != "through":
        parts["way"] = _way(step.path, templates, table)
    if language != OURS and not locale.verb_phrases(words):
        raise InputError(f"language {language!r}: verbs.toml [VERB] has no word for {step.verb!r}")
    if (naming := locale.naming(words, step.name)) is not None:
        del parts["name"]
    parts["verb"] = naming or locale.canonical(words)
    parts |= {name: render_object(ref, language) for name, ref in _things(step).items()}
    cores = {**locale.templates["core"], **locale.templates["core"].get(step.verb, {})}
    parts["core"], left = _filled(cores[_core(step, cores, words.needs_limb)], parts)  # "take 3 steps" has the steps
    return _fill(templates["step"], {name: parts[name] for name in ("core", "verb", *left)})


def _things(step: Step) -> dict[str, ObjectRef]:
    return {name: ref for name, ref in (("object", step.object), ("object2", step.object2)) if ref is not None}


def _core(step: Step, cores: Mapping[str, Any], limb: bool) -> str:
    """Which template a verb takes with its limb, its steps and its things."""
    if limb:
        return "limb"
    if step.object2 is not None:
        return "object2"
    if step.object is not None and step.path is not None:
        return "through" if step.path.shape == "through" else "around"
    if step.object is not None:
        return "place" if step.object.type == PLACE else "object"
    return "steps" if step.steps is not None and "steps" in cores else "alone"


def _way(path: PathShape, templates: Mapping[str, Any], table: Mapping[str, Any]) -> str:
    """The way of a walk: "in a circle to the left"."""
    parts = {"shape": _word(table, "shape", path.shape)}
    if path.side is not None:
        parts["side"] = _word(table, "side", path.side)
    for name, value in (("angle", path.angle_deg), ("radius", path.radius_m)):
        if value is not None:
            parts[name] = _amount(templates[name], value)
    return _fill(templates["way"], parts)


def render_object(ref: ObjectRef, language: str = OURS) -> str:
    """A thing: "the nearest red ball next to the box"."""
    locale = get_locale(language)
    table = locale.templates["thing"]
    if ref.type in (START, VIEWER):
        return str(table[ref.type])
    if ref.type == ROBOT:
        return str(table["robot"].format(ref.name))
    parts = {"definite": table["definite"][ref.definite]}
    if isinstance(ref.rank, int):
        listed = table["ordinals"][ref.rank - 1 : ref.rank]
        parts["rank"] = listed[0] if listed else table["rank"]["n"].format(ref.rank)
    elif ref.rank:
        parts["rank"] = table["rank"][ref.rank]
    if ref.size:
        parts["size"] = _word(table, "size", ref.size)
    places = [place for place in ("location", "placed") if ref.location in table.get(place, {})]
    parts |= {place: _word(table, place, ref.location) for place in places or ["location"] if ref.location}
    for name, kind, value in (("color", "colors", ref.color), ("type", "types", ref.type)):
        if value and language != OURS and value not in locale.things[kind] and (name, ref.type) != ("type", PLACE):
            raise InputError(f"language {language!r}: things.toml [{kind}] has no word for {value!r}")
        parts[name] = locale.things[kind].get(value, (value,))[0] if value else ""
    if ref.relation is not None and ref.object is not None:
        others = {"object": ref.object, **({"object2": ref.object2} if ref.object2 is not None else {})}
        said = {name: render_object(other, language) for name, other in others.items()}
        parts["relation"] = _fill(table["relation"][ref.relation], said)
    if ref.type == PLACE:
        del parts["definite"], parts["type"]
    return _fill(table["place" if ref.type == PLACE else "object"], parts)


def _word(table: Mapping[str, Any], kind: str, value: str) -> str:
    """What a language says for a value."""
    if value not in table.get(kind, {}):
        raise KeyError(f"{kind} {value}")
    return str(table[kind][value])


def _amount(template: str | list[str], value: float) -> str:
    """A number with its unit; of two templates the first is that of one."""
    said = template if isinstance(template, str) else template[value != 1]
    return said.format(f"{value:.12g}")


def _filled(template: str, parts: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """A template with its parts, and those that it leaves out; a group in brackets goes where one of its is missing."""
    kept = _GROUP.sub(lambda match: match[1] if all(map(parts.get, _PART.findall(match[1]))) else "", template)
    left = {name: part for name, part in parts.items() if part and name not in _PART.findall(kept)}
    return _PART.sub(lambda match: parts.get(match[1], ""), kept), left


def _fill(template: str, parts: Mapping[str, str]) -> str:
    """A template with its parts; KeyError where it leaves one out."""
    text, left = _filled(template, parts)
    for name in left.keys() - {"verb", "definite"}:
        raise KeyError(f"{{{name}}} in {template!r}")
    return text
