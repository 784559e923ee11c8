"""gSCAN: every command of its grammar; its adverbs are the ways in which something is done.

Ruis et al., "A Benchmark for Systematic Generalization in Grounded Language Understanding", NeurIPS 2020. The rules
and words are those of their generator (MIT) with adverbs: VP is "walk to", "push" or "pull" a noun phrase, and may have
an adverb; a noun may have a colour and a size, here in either order. Its meaning there is a walk over a grid. Here it
is asked whether what was said has been kept: the verb, the colour, the size and the adverb, "cautiously" as a style
("hesitantly" too: its nearest), "while zigzagging" as a path, "while spinning" as a turn at the same time. Which thing
a circle, a square or a cylinder is, is not asked: there are no such things here. Nor is there a verb for "pull" among
those of Instructions: of these commands nothing is asked.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

from simonsays.assets import InputError
from simonsays.assets.reading import opened
from simonsays.envs.language.instruction import Instruction, Step
from simonsays.experiments.exams.exam import Exam, Question, register_exam, sentences

COLORS, SIZES = ("red", "green", "blue", "yellow"), ("big", "small")
NOUNS = ("circle", "square", "cylinder")
VERBS: Mapping[str, tuple[str, ...]] = {"walk to": ("go_to", "walk"), "push": ("push",), "pull": ()}
"""words to the verbs of an Instruction that may mean them"""
MANNERS: Mapping[str, Mapping[str, Any]] = {
    "": {},
    "cautiously": {"style": "cautious"},
    "hesitantly": {"style": "cautious"},
    "while zigzagging": {"path": "zigzag"},
    "while spinning": {"with": "turn"},
}
"""adverb to what says it: a style, the shape of a path, or a verb that is done at the same time"""
_COMMAND = re.compile(rb'"command":\s*"([a-z, ]+)"')


def _draw(random: Random) -> Iterator[Question]:
    pairs = list(product(COLORS, SIZES))
    adjectives = ["", *COLORS, *SIZES, *map(" ".join, pairs), *(f"{size} {color}" for color, size in pairs)]
    for verb, said, noun, manner in product(VERBS, adjectives, NOUNS, MANNERS):
        yield _question(" ".join(filter(None, (verb, "a", said, noun, manner))))


def _question(text: str) -> Question:
    """A command with what has to be kept of it."""
    words = text.split()
    verb = next((verb for verb in VERBS if text.startswith(f"{verb} ")), "")
    manner = next((manner for manner in MANNERS if manner and text.endswith(f" {manner}")), "")
    known = ((name, next((word for word in words if word in of), None)) for name, of in _ADJECTIVES.items())
    kept = {name: word for name, word in known if word}
    verbs = VERBS.get(verb)
    meant = {"verb": list(verbs), **kept, **MANNERS[manner]} if verbs else None
    return Question(text, meant, manner or "no adverb")


_ADJECTIVES = {"color": COLORS, "size": SIZES}


def kept(read: Instruction, meant: Mapping[str, Any]) -> bool:
    """Whether what was said is in an Instruction: verb, colour, size and manner, and nothing else is done."""
    first, *others = read.steps
    if first.verb not in meant["verb"] or first.object is None:
        return False
    if any(getattr(first.object, name) != meant.get(name) for name in _ADJECTIVES):
        return False
    return _manner(first, others) == {name: meant[name] for name in ("style", "path", "with") if name in meant}


def _manner(step: Step, others: list[Step]) -> dict[str, Any]:
    told = {"style": step.style, "path": step.path.shape if step.path else None}
    if others:
        told["with"] = " ".join(other.verb if other.parallel_with_prev else f"then {other.verb}" for other in others)
    return {name: value for name, value in told.items() if value}


def _data_set(file: Path) -> Iterator[Question]:
    """The commands of a data set as its generator writes it, each once: it is JSON, and may have a gigabyte."""
    with opened(file) as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        said = dict.fromkeys(found[1].decode() for found in _COMMAND.finditer(data))
    if not said:
        raise InputError(f'{file}, line 1: no \'"command": "walk,to,a,..."\' in it, as gSCAN\'s generator writes them')
    return (_question(" ".join(command.split(","))) for command in said)


def _read(file: Path) -> Iterator[Question]:
    """The data set's ``dataset.txt``, or a command a line."""
    with opened(file) as stream:
        is_json = stream.read(1) == b"{"
    if is_json:
        return _data_set(file)
    return (_question(question.text) for question in sentences(file))


register_exam(
    Exam(
        "gscan",
        "gSCAN: every command of its grammar; adverbs are styles and paths",
        "Ruis et al., NeurIPS 2020; generator and data set: MIT",
        _draw,
        formats={".txt": _read},
        same=kept,
    )
)
