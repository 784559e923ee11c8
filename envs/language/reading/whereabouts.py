"""What a clause means by where the robot then is, and how: the way back, up from the floor, the way that it faces."""

from __future__ import annotations

from dataclasses import replace

from simonsays.envs.language.instruction import START, ObjectRef, Step
from simonsays.envs.language.reading.heard import Heard, is_bare, turned
from simonsays.envs.language.reading.source import tokens


def faces_already(heard: Heard) -> bool:
    """Whether only the way is told that it faces after half a turn."""
    faces = any(heard.reader.says("faces", token) for token in tokens(heard.item.node) if token.type == "VERB")
    return faces and heard.item.gerund and heard.last is not None and turned(heard.last) and turned(heard.steps[0])


def returns(heard: Heard) -> bool:
    """Backwards would lead away; not so in "walk forward and walk back"."""
    if heard.last is None or heard.steps[0].verb not in ("walk", "run"):
        return False
    if not any(t.type == "DIRECTION" and heard.reader.says("backwards", t) for t in tokens(heard.item.node)):
        return False
    travels = [heard.reader.is_a("travels", step.verb) for one in heard.kept for step in one.steps]
    return turned(heard.last) or (any(travels[:-1]) and not travels[-1])


def go_back(heard: Heard) -> None:
    """To the start; with a distance ("turn around and run back four metres") the way that the robot then faces."""
    step = heard.steps[0]
    if step.distance_m is None and step.steps is None and step.duration_s is None:
        step = Step("go_to", object=ObjectRef(START), speed=step.speed, span=step.span)
    elif heard.last is not None and turned(heard.last) and step.distance_m is not None:
        step = replace(step, direction="forward")
    heard.item = replace(heard.item, steps=(step, *heard.steps[1:]))


def gets_up(heard: Heard) -> bool:
    """Whether it stands up from where it lies."""
    if heard.steps[0].verb != "stand" or not is_bare(heard.steps):
        return False
    if not any(heard.reader.says("rises", token) for token in tokens(heard.item.node) if token.type == "VERB"):
        return False
    down = [step.verb for item in heard.kept for step in item.steps if heard.reader.is_a("posture", step.verb)]
    return down[-1:] == ["lie_down"]


def get_up(heard: Heard) -> None:
    heard.item = replace(heard.item, steps=(replace(heard.steps[0], verb="get_up"),))
