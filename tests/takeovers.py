"""Random take-overs in the middle of motions: how often the robot falls."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from simonsays.envs.skills import skills
from simonsays.experiments.live.jobs import Refusal
from simonsays.experiments.live.session import LiveSession

_ROUND = 20  # take-overs from a reset to the next: so that the robot stays among the things it is sent to
_AFTER = 3.0  # s, watched after the last take-over of a round
MORE = ("run forward 3 m", "walk backward 1 m", "walk left 1 m", "turn around", "jump forward", "crouch", "squat twice")


def random_takeovers(count: int, seed: int = 0) -> dict[str, Any]:
    """Break off skill after skill at a random moment by another, or by "stop", and count the falls.

    Returns:
        count, falls, and ``fell`` as a list of (what was broken off, what took over).
    """
    rng, session = np.random.default_rng(seed), LiveSession(seed=seed)
    texts = [skill.example for skill in skills().values()] + list(MORE)
    fell: list[tuple[str, str]] = []
    refused: Counter[str] = Counter()
    done = 0
    try:
        while done < count:
            session.reset()
            before, broken_off = "", 0
            while not session.fallen and broken_off < min(_ROUND, count - done):
                text = "stop" if before and rng.random() < 0.2 else str(rng.choice(texts))
                if isinstance(session.submit(text, now=True), Refusal):
                    refused[text] += 1
                    continue
                broken_off += bool(before)
                last = broken_off == min(_ROUND, count - done)
                seconds = float(rng.uniform(0.3, 4.0)) + (_AFTER if last else 0.0)
                for _ in range(round(seconds / session.env.dt)):
                    session.step()
                if session.fallen:
                    fell.append((before, text))
                before = text
            done += broken_off
    finally:
        session.close()
    return {"count": count, "falls": len(fell), "fell": fell, "refused": dict(refused), "seed": seed}
