"""Random take-overs in the middle of motions: how often the robot falls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
from simonsays.envs.skills import skills
from simonsays.experiments.live.jobs import Refusal
from simonsays.experiments.live.session import LiveSession

_RESET_EVERY = 20  # take-overs: so that the robot stays among the things it is sent to
_AFTER = 3.0  # s, watched after the last take-over of a round
MORE = ("run forward 3 m", "walk backward 1 m", "walk left 1 m", "turn around", "jump forward", "crouch", "squat twice")


def random_takeovers(count: int, seed: int = 0, progress: Callable[[int, int], None] | None = None) -> dict[str, Any]:
    """Break off skill after skill at a random moment by another, or by "stop", and count the falls.

    Returns:
        count, falls, and ``fell`` as a list of (what was broken off, what took over).
    """
    rng, session = np.random.default_rng(seed), LiveSession(seed=seed)
    texts = [skill.example for skill in skills().values()] + list(MORE)
    fell: list[tuple[str, str]] = []
    refused: Counter[str] = Counter()
    before, done = "", 0
    try:
        while done < count:
            if done % _RESET_EVERY == 0 or session.fallen:
                session.reset()
                before = ""
            text = "stop" if before and rng.random() < 0.2 else str(rng.choice(texts))
            if isinstance(session.submit(text, now=True), Refusal):
                refused[text] += 1
                text = before or "stop"
                session.submit(text, now=True)
            last = (done + 1) % _RESET_EVERY == 0 or done + 1 == count
            seconds = float(rng.uniform(0.3, 4.0)) + (_AFTER if last else 0.0)
            for _ in range(round(seconds / session.env.dt)):
                session.step()
            if session.fallen:
                fell.append((before, text))
            done += bool(before)
            before = text
            if progress is not None:
                progress(done, count)
    finally:
        session.close()
    return {"count": count, "falls": len(fell), "fell": fell, "refused": dict(refused), "seed": seed}
