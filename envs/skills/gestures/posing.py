"""What gestures of the arms share: how one that is told as poses becomes a skill."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.behavior import InOrder
from simonsays.envs.moves.gestures.limbs import held, missed, posture
from simonsays.envs.moves.gestures.roles import ARM
from simonsays.envs.moves.gestures.sequence import NEAR, Frame, Gesture, Posing
from simonsays.envs.moves.poses import times
from simonsays.envs.moves.skill import (
    GroundedStep,
    GroundingError,
    Skill,
    Surroundings,
    held_seconds,
    limbs,
    said_count,
    said_seconds,
)
from simonsays.envs.skills.legs.go_to import walk_up
from simonsays.envs.skills.legs.turn import turned_first
from simonsays.sim.specs import RobotSpec

_AT_HAND = 0.4  # m, from somebody's surface to the base, for a hand to be taken
_PACES = {"slow": 1.5, "normal": 1.0, "fast": 0.75}  # times as long as the gesture says


def gesture_skill(verb: str, example: str, gesture: Gesture, takes: tuple[str, ...] = (), **more: Any) -> Skill:
    """The skill of a gesture; it takes a duration, and a count where something in it is repeated.

    ``takes``: slots beside these; ``more``: other fields of the Skill: one that ``walks_up`` is done at arm's length
    from who stands there.
    """
    counts = ("count",) if gesture.beat else ()
    slots = (*takes, *counts, "duration")
    more = {"legs": False, "cameras": ("front",), **more}
    start = partial(_ground, gesture, bool(more.get("walks_up")))
    return Skill(verb, example, start, (ARM,), takes=slots, **more)


def _ground(gesture: Gesture, near: bool, step: Step, surroundings: Surroundings) -> GroundedStep:
    if gesture.arms == "pair" and step.side not in (None, "both"):
        message = f"{step.verb.replace('_', ' ')!r}: it takes both arms"
        raise GroundingError(message, "unsupported_skill")
    sides = surroundings.arms(replace(step, side=step.side or (None if gesture.arms == "one" else "both")))
    pace = said_seconds(step, _PACES)
    frames = [replace(frame, seconds=pace * frame.seconds) for frame in _frames(gesture, step, pace)]
    check_reach(step, surroundings.robot, sides, frames)
    stays = gesture.keeps and step.duration_s is None
    make = partial(Posing, surroundings.robot, sides, frames, stays=stays)
    start, legs, where = turned_first(step, surroundings, make)
    there = 15.0 * legs
    if near and surroundings.target is not None:
        go, there = walk_up(surroundings.target, surroundings, _AT_HAND)
        start, there = (lambda: InOrder(go(), make())), there + 5.0
    count = sum(frame is gesture.beat[0] for frame in _frames(gesture, step, pace)) if gesture.beat else 0
    text = gesture.text.format(arms=limbs(sides, "arm"), hands=limbs(sides, "hand"))
    text += f" {times(count)}" if count else f" for {step.duration_s:g} seconds" if step.duration_s else ""
    limit = 10.0 + sum(frame.seconds + frame.hold + 1.0 for frame in frames) + there
    success = gesture.success.format(count=times(count), hold=f"{max(frame.hold for frame in frames):g}")
    return GroundedStep(step.verb, text + where, limit, start, success, legs, arms=sides)


def _frames(gesture: Gesture, step: Step, pace: float) -> Iterator[Frame]:
    """The poses of a gesture as often, or the longest kept of them as long, as the step says."""
    yield from gesture.into if gesture.beat else ()
    if gesture.beat:
        for _ in range(said_count(step, pace * gesture.period, gesture.count)):
            yield from gesture.beat
    else:
        longest = max(gesture.into, key=lambda frame: frame.hold)
        for frame in gesture.into:
            yield replace(frame, hold=held_seconds(step, frame.hold)) if frame is longest else frame
    yield from gesture.out


def check_reach(step: Step, robot: RobotSpec, sides: tuple[str, ...], frames: Iterable[Frame]) -> None:
    """Find the poses of a robot's arms.

    Raises:
        GroundingError: one of them is out of its reach.
    """
    for side in sides:
        for limb in dict.fromkeys(frame.of(side) for frame in frames):
            if missed(robot, side, limb, posture(robot, side, held(robot, side, limb))) > NEAR:
                message = f"I cannot {step.verb.replace('_', ' ')}: my {side} arm cannot be held so"
                raise GroundingError(message, "unsupported_skill")
