"""Instruction to a canonical sentence: ``parse(render(x)) == x``."""

from __future__ import annotations

from simonsays.envs.language.instruction import Instruction, ObjectRef, Step
from simonsays.envs.language.vocabulary import COLOR_WORDS, OBJECT_TYPES, verbs

_SPEED = {"slow": "slowly", "normal": "normally", "fast": "quickly"}


def render(instruction: Instruction, language: str = "en") -> str:
    """The canonical sentence of an instruction.

    Raises:
        ValueError: another language than "en".
    """
    if language != "en":
        raise ValueError(f"language {language!r}: this version speaks 'en'")
    joint = " and " if instruction.unordered else ", then "
    return joint.join(render_step(step) for step in instruction.steps)


def render_step(step: Step) -> str:
    """One step in words: "walk forward 2 metres"."""
    parts = [verbs()[step.verb].words["en"][0]]
    if step.direction:
        parts.append(step.direction)
    if step.side:
        parts.append("both hands" if step.side == "both" else f"the {step.side} hand")
    if step.object:
        parts.append(render_object(step.object))
    if step.distance_m is not None:
        parts.append(f"{step.distance_m:.10g} metre{'' if step.distance_m == 1 else 's'}")
    if step.angle_deg is not None:
        parts.append(f"{step.angle_deg:.10g} degrees")
    if step.steps is not None:
        parts.append(f"{step.steps} step{'' if step.steps == 1 else 's'}")
    if step.duration_s is not None:
        parts.append(f"for {step.duration_s:.10g} seconds")
    if step.count is not None:
        parts.append(f"{step.count} times")
    if isinstance(step.speed, str):
        parts.append(_SPEED[step.speed])
    return " ".join(parts)


def render_object(ref: ObjectRef) -> str:
    """A thing in words: "to the red ball" without the "to"."""
    words = ["the" if ref.definite else "a"]
    if ref.location:
        words.append(ref.location)
    if ref.color:
        words.append(COLOR_WORDS["en"][ref.color][0])
    return " ".join([*words, OBJECT_TYPES["en"][ref.type][0]])
