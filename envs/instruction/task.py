"""Instruction: do what a sentence says, step by step; its settings, its reward terms and how actions are read.

And the guide: a hand-written law for its hierarchy, with imagined moments to clone it from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field, model_validator

from simonsays.assets import did_you_mean
from simonsays.assets.notes import dataclass
from simonsays.envs.events import Event
from simonsays.envs.hierarchy import HierarchyConfig, with_friction
from simonsays.envs.instruction.encoding import GESTURES, StepView, Target, encode
from simonsays.envs.instruction.odometry import NOTHING, ToGo
from simonsays.envs.instruction.sentences import Sentence
from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.skill import at_once, skills
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


_TURN_FIRST = 0.7  # rad: with more than this to turn it does not walk


def guided_action(to_go: tuple[float, float, float], wanted: str | None) -> list[float]:
    """(4 + number of GESTURES) in -1 to 1: towards what is left to go (m, m, rad), with the wanted gesture."""
    forward, left, angle = to_go
    share = max(0.0, 1.0 - abs(angle) / _TURN_FIRST)
    logits = [0.8 if gesture == wanted else -0.8 for gesture in GESTURES]
    return [share * _pull(forward), share * _pull(left), _pull(angle), 0.0, *logits]


def _pull(value: float) -> float:
    """Leaves the dead zone at 0.03 m or rad; slower, the less is left."""
    size = abs(value)
    return math.copysign(min(1.0, 7.0 * size, 0.25 + 0.75 * size), value)


_BODY = 0.3  # standard deviation of the body's numbers, which the law does not look at
_SIZES = 0.003, 4.0  # m and rad


def imagine(
    rng: np.random.Generator, sentences: Sequence[Sentence], body: int, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Observations (count, N) of steps of sentences at random moments, and the guide's actions (count, A) there.

    What is left to go is drawn log-uniformly, so that the last centimetres and degrees are seen as often as the way
    there. ``body``: how many numbers come before the encoding; they are noise.
    """
    observations, actions = [], []
    for _ in range(count):
        view, wanted = _moment(rng, sentences[int(rng.integers(len(sentences)))].instruction.steps)
        noise = np.clip(_BODY * rng.standard_normal(body), -1.0, 1.0)
        observations.append([*noise.tolist(), *encode(view)])
        actions.append(guided_action(view.to_go, wanted))
    return np.clip(np.array(observations, dtype=np.float32), -1.0, 1.0), np.array(actions, dtype=np.float32)


def _moment(rng: np.random.Generator, steps: Sequence[Step]) -> tuple[StepView, str | None]:
    """A view of one of the steps, and the gesture that is wanted then."""
    starts = [i for i, step in enumerate(steps) if not step.parallel_with_prev]
    place = int(rng.integers(len(starts)))
    group = [steps[i] for i in at_once(steps, starts[place])]
    main = next((step for step in group if skills()[step.verb].legs), group[0])
    beside = next((step for step in group if step is not main), None)
    arms = [step.verb for step in group if not skills()[step.verb].legs and step.verb in GESTURES]
    target, to_go = _goal(rng, main)
    limit = float(rng.uniform(8.0, 40.0))
    view = StepView(
        step=main,
        beside=beside,
        steps_left=len(starts) - 1 - place,
        target=target,
        walked=(float(rng.normal()), float(rng.normal())),
        turned=float(rng.normal()),
        touchdowns=int(rng.integers(30)),
        time=float(rng.uniform(0.0, limit)),
        time_limit=limit,
        to_go=to_go,
    )
    done = beside is not None and rng.random() < 0.2  # the arms may be ready before the legs are
    return view, arms[0] if arms and not done else None


def _goal(rng: np.random.Generator, step: Step) -> tuple[Target | None, ToGo]:
    """A target where one is said, and what is left to go: independent of each other, as the law looks at the latter."""
    skill = skills()[step.verb]
    if not skill.legs or skill.at_rest:
        return None, NOTHING
    forward, left, angle = (_signed(rng) * float(rng.random() < 0.7) for _ in range(3))
    seen = Target(_signed(rng), _signed(rng), float(rng.uniform(0.08, 0.3)))
    return seen if step.object is not None else None, (forward, left, min(math.pi, max(-math.pi, angle)))


def _signed(rng: np.random.Generator) -> float:
    """m or rad, log-uniform, of either sign."""
    return float(rng.choice((-1.0, 1.0)) * math.exp(rng.uniform(*np.log(_SIZES))))
