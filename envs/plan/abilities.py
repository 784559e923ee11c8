"""What a robot is able to do of what is said, and what it offers instead."""

from __future__ import annotations

import re
from dataclasses import replace

from simonsays.envs.language.instruction import Step
from simonsays.envs.language.render import render_step
from simonsays.envs.language.telling import called
from simonsays.envs.language.vocabulary import FIELDS, SLOTS, verbs
from simonsays.envs.motions.base import motion_bundles
from simonsays.envs.moves.gestures.roles import lacks
from simonsays.envs.moves.skill import GroundingError, Skill, skills
from simonsays.sim.specs import RobotSpec

_JOINT = re.compile("_joint$")


def able(step: Step, robot: RobotSpec) -> Skill:
    """The skill that does a step.

    Raises:
        GroundingError: there is none, or the robot lacks a joint or a motion that it needs; it says which, and
            offers the nearest that the robot does.
    """
    known, verb = skills(), step.verb
    if verb not in known:
        why = verbs()[verb].why
        raise _unable(step, robot, f"I cannot {called(verb)}: {why}." if why else f"I cannot {called(verb)}.")
    skill = known[verb]
    missing = _missing_joints(skill, robot)
    if missing:
        named = ", ".join(_JOINT.sub("", joint).replace("_", " ") for joint in missing)
        raise _unable(step, robot, f"I cannot {called(verb)}: I have no {named}.")
    for motion in skill.motions:
        if motion not in motion_bundles(robot):
            raise _unable(step, robot, f"I cannot {called(verb)}: I have not learned it.")
    return skill


def _unable(step: Step, robot: RobotSpec, message: str) -> GroundingError:
    """The error for a verb that the robot does not do, with those that are nearest in meaning and that it does."""
    done = {name for name, skill in skills().items() if not _missing_joints(skill, robot)}
    plain = (replace(step, verb=near) for near in verbs()[step.verb].near if near in done)
    error = GroundingError(message, "unsupported_skill", step.span)
    # by its verb alone it is said where it needs no thing
    alone = [(one, "" if "goal" in verbs()[one.verb].traits else called(one.verb)) for one in plain]
    error.suggestions = tuple(dict.fromkeys(said for one, bare in alone for said in (_said(one), bare) if said))
    error.hint = "Nearest to it: {}."
    return error


def _said(step: Step) -> str:
    """A step in words, where its verb takes what is said of it."""
    taken = verbs()[step.verb].slots
    said = (slot for slot in SLOTS if getattr(step, FIELDS.get(slot, slot)) not in (None, False))
    fits = all(slot in (*taken, "count", "duration") for slot in said)
    return render_step(replace(step, parallel_with_prev=False)) if fits else ""


def _missing_joints(skill: Skill, robot: RobotSpec) -> list[str]:
    return [name for name in skill.joints if lacks(robot, name)]
