"""Sentences that say a plan."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Sequence

from simonsays.experiments.instruction_sets.inflection import Spoken
from simonsays.experiments.instruction_sets.lexicon import lexicon
from simonsays.experiments.instruction_sets.plans import Clause, Plan
from simonsays.experiments.instruction_sets.speaker import Speaker
from simonsays.experiments.instruction_sets.usage import verbs_as


def say(plan: Plan, pool: int, rng: random.Random) -> str:
    """A sentence with the words of a pool: 0 is that of train, 1 that of paraphrase."""
    speaker = Speaker(lexicon(plan.language), pool, rng)
    said = [Spoken(speaker.clause(clause), speaker.lexicon.inflection) for clause in plan.clauses]
    options = [frame for frame in _frames(plan, speaker) if _fits(frame, plan.clauses, said)]
    text = rng.choice(options).format(*said)
    return _with_capitals(text, rng) if plan.language == "en" else text


def _frames(plan: Plan, speaker: Speaker) -> tuple[str, ...]:
    frames = speaker.lexicon.frames
    count = len(plan.clauses)
    name = str(count) if count > 2 else "one" if count == 1 else plan.kind
    found = tuple(speaker.ways(frames[name]))
    goals = all(clause.step.verb in verbs_as("goal") for clause in plan.clauses)
    if name == "order" and "swapped" in frames and not goals and not any(c.pronoun for c in plan.clauses):
        found += tuple(speaker.ways(frames["swapped"]))
    return found


def _fits(frame: str, clauses: Sequence[Clause], said: Sequence[Spoken]) -> bool:
    """Not "before kicking it, go to the ball", nor "once you have done two squats", nor "once you have reached"."""
    done = [i for i in range(len(said)) if f"{{{i}:ed}}" in frame]
    if any(said[i].phrase.startswith(("do ", "give ", "make ", "reach ", "take ", "touch ")) for i in done):
        return False
    return "Before" not in frame or not any(clause.pronoun for clause in clauses)


def _with_capitals(text: str, rng: random.Random) -> str:
    """More sentences than one with capitals and stops, one with or without."""
    parts = text.split(". ")
    if len(parts) > 1 or rng.random() < 0.5:
        text = ". ".join(part[0].upper() + part[1:] for part in parts)
    return text + ("." if text[0].isupper() and text[-1] not in ".?" else "")


def normalised(text: str) -> str:
    """A text without case, width, marks and extra spaces: what two sentences are compared by."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(c if c.isalnum() or c in "°'." else " " for c in folded)
    words = (word.strip(".'") for word in kept.split())
    return " ".join(word for word in words if word)
