"""Instruction: do what a sentence says, step by step; its settings, its reward terms and how actions are read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field, model_validator

from simonsays.assets import did_you_mean
from simonsays.assets.notes import dataclass
from simonsays.envs.events import Event
from simonsays.envs.hierarchy import HierarchyConfig, with_friction
from simonsays.envs.instruction.encoding import GESTURES
from simonsays.envs.settings import Range

Weight = Annotated[float, Field(allow_inf_nan=False)]

DEFAULT_WEIGHTS: dict[str, float] = {
    "approach": 2.0,
    "gesture_progress": 0.6,
    "step_done": 3.0,
    "success": 5.0,
    "failure": -3.0,
    "fall": -8.0,
    "time": -0.15,
    "wrong_gesture": -0.6,
    "restless": -0.5,
    "low": -0.5,
}

DEAD_ZONE, HEIGHT_DEAD_ZONE = 0.2, 0.5
"""an action this near to 0 means 0: standing still, and upright, are within easy reach"""


class InstructionConfig(HierarchyConfig):
    """What the task draws, how it is acted, rewarded and ended. The friction is drawn where the scene is drawn."""

    default_events: ClassVar[tuple[Event, ...]] = with_friction((0.6, 1.25))

    forward: Range = (-0.3, 0.7)
    """m/s, at actions of -1 and 1"""
    sideways: Range = (-0.25, 0.25)
    """m/s"""
    yaw_rate: Range = (-0.8, 0.8)
    """rad/s"""
    instructions: str | Path | tuple[Any, ...] = "basic"
    """a shipped set, a TOML file in the layout of the instruction sets, or texts, Instructions or their JSON"""
    verbs: tuple[str, ...] | None = None
    """draw only sentences that have no other verbs; None: any"""
    most_steps: int = Field(200, gt=0)
    """draw only sentences of at most so many steps"""
    distractors: tuple[int, int] = (0, 2)
    """things beside those that the sentence names, at least and at most"""
    patience: float = Field(1.0, gt=0, le=1)
    """the episode ends after this share of the time limits of all steps together"""
    reward_weights: dict[str, Weight] = Field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    reward_scale: float = 0.2

    @model_validator(mode="after")
    def _names_exist(self) -> InstructionConfig:
        for name in self.reward_weights:
            if name not in DEFAULT_WEIGHTS:
                raise ValueError(f"reward_weights: unknown name {name!r}{did_you_mean(name, DEFAULT_WEIGHTS)}")
        if not 0 <= self.distractors[0] <= self.distractors[1] <= 8:
            raise ValueError("distractors: needs two numbers in order, 0 to 8")
        return self


SLOWEST, SLOWEST_TURN = 0.08, 0.15
"""m/s and rad/s of an action just beyond the dead zone: a slower command would mean nothing to the legs"""


def beyond(value: float, dead_zone: float) -> float:
    """0 to 1: how far a number of -1 to 1 is beyond the dead zone, whatever its sign."""
    return max(0.0, min(1.0, abs(value)) - dead_zone) / (1.0 - dead_zone)


def speed(value: float, slowest: float, ends: Range) -> float:
    """m/s or rad/s that an action of -1 to 1 means: 0 in the dead zone, then from the slowest to the end."""
    share, fastest = beyond(value, DEAD_ZONE), abs(ends[1] if value > 0 else ends[0])
    return math.copysign(slowest + share * (fastest - slowest), value) if share > 0.0 else 0.0


@dataclass(frozen=True)
class HighCommand:
    """What an action of the hierarchy means."""

    velocity: tuple[float, float, float]
    """forward m/s, left m/s, yaw rate rad/s"""
    depth: float
    """0 standing to 1 as low as the robot goes"""
    gesture: str | None


def read_action(action: Sequence[float], config: InstructionConfig) -> HighCommand:
    """The command of an action (4 + number of GESTURES): forward, left, yaw rate and height in -1 to 1, then logits.

    The largest logit above the dead zone chooses its gesture. A height below -0.5 crouches.
    """
    forward, left, yaw, height = action[:4]
    logits = list(action[4:])
    best = max(range(len(logits)), key=logits.__getitem__)
    return HighCommand(
        (
            speed(forward, SLOWEST, config.forward),
            speed(left, SLOWEST, config.sideways),
            speed(yaw, SLOWEST_TURN, config.yaw_rate),
        ),
        beyond(height, HEIGHT_DEAD_ZONE) if height < 0 else 0.0,
        GESTURES[best] if logits[best] > DEAD_ZONE else None,
    )


@dataclass(frozen=True)
class Transition:
    """What happened in one step of the env, as the reward sees it."""

    before: tuple[float, float, float]
    """to_go of the step that ran, at the start: forward m, left m, angle rad"""
    after: tuple[float, float, float]
    """to_go of the same step at the end"""
    held_before: float
    """s that the arms had been doing what they should, at the start"""
    held_after: float
    steps_done: int
    """steps of the instruction that ended well meanwhile"""
    success: bool
    failed: bool
    fell: bool
    seconds: float
    speed: float
    """share of the highest speed that was commanded, the most of the three"""
    depth: float
    gesture: str | None
    wanted: str | None
    """the gesture that should have been chosen"""


def closeness(to_go: tuple[float, float, float]) -> float:
    """Potential of an approach: falls with metres and radians left, steeply near the end. At most 1."""
    metres, angle = math.hypot(to_go[0], to_go[1]), abs(to_go[2])
    return math.exp(-metres / 0.15 - angle / 0.2) - metres - 0.7 * angle


def reward_terms(now: Transition) -> dict[str, float]:
    """Each term's value before its weight; approach and gesture_progress are differences of a potential."""
    there = math.hypot(now.after[0], now.after[1]) < 0.06 and abs(now.after[2]) < 0.06
    goes_on = not now.steps_done
    return {
        "approach": closeness(now.after) - closeness(now.before) if goes_on else 0.0,
        "gesture_progress": now.held_after - now.held_before if goes_on else 0.0,
        "step_done": float(now.steps_done),
        "success": float(now.success),
        "failure": float(now.failed),
        "fall": float(now.fell),
        "time": now.seconds,
        "wrong_gesture": float(now.gesture != now.wanted) * now.seconds,
        "restless": now.speed * now.seconds if there else 0.0,
        "low": now.depth * now.seconds,
    }
