"""The guide, a hand-written law for the instruction task's hierarchy, and imagined moments to clone it from."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from simonsays.envs.instruction.encoding import GESTURES, StepView, Target, encode
from simonsays.envs.instruction.odometry import NOTHING, ToGo
from simonsays.envs.instruction.sentences import Sentence
from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.skill import at_once, skills

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
