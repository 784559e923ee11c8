"""Sets of sentences that an environment draws from: a list, or a TOML file in the layout of the instruction sets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from simonsays.assets import InputError
from simonsays.assets.files import read_toml
from simonsays.assets.registry import INSTRUCTION_SETS
from simonsays.envs.instruction.encoding import check_encoded
from simonsays.envs.instruction.scenes import draw_scene
from simonsays.envs.language import Instruction, InstructionError, ParseError, parse, render
from simonsays.envs.moves.skill import GroundingError, skills
from simonsays.envs.plan.plan import ground
from simonsays.sim.specs import RobotSpec


@dataclass(frozen=True)
class Sentence:
    """A text and what it means."""

    text: str
    instruction: Instruction

    @property
    def verbs(self) -> frozenset[str]:
        """The verbs of its steps."""
        return frozenset(step.verb for step in self.instruction.steps)

    @property
    def trivial(self) -> bool:
        """Whoever does nothing does it; what an arm does must be chosen."""
        known = skills()
        return all(verb in known and known[verb].at_rest and known[verb].legs for verb in self.verbs)


def read_sentence(said: Any) -> Sentence:
    """A sentence from a text, an Instruction or its JSON.

    Raises:
        ParseError: the text was not understood. InputError: it is none of these, or breaks the contract.
    """
    if isinstance(said, Sentence):
        return said
    if isinstance(said, str):
        return Sentence(said, parse(said))
    try:
        instruction = said if isinstance(said, Instruction) else Instruction.from_json(said)
    except InstructionError as error:
        raise InputError(f"instruction: {error}") from error
    return Sentence(render(instruction), instruction)


def load_sentences(name_or_path: str | Path) -> list[Sentence]:
    """A set by its name, ours or a plug-in's, or by its file's path: [[examples]] with ``text``, and ``expect`` where
    they say what it means; other fields of the layout are not looked at.

    Raises:
        InputError: no such set, malformed TOML, or an entry that says no instruction; the message names the entry.
    """
    file = INSTRUCTION_SETS.find(name_or_path)
    data = read_toml(file)
    examples = data.get("examples")
    if not isinstance(examples, list) or not examples:
        raise InputError(f"{file}: needs [[examples]]")
    return [_example(entry, f"{file} [[examples]] {i + 1}") for i, entry in enumerate(examples)]


def _example(entry: Any, where: str) -> Sentence:
    if not isinstance(entry, dict) or not isinstance(entry.get("text"), str):
        raise InputError(f"{where}: needs a text")
    try:
        if "expect" in entry:
            return Sentence(entry["text"], Instruction.from_json(entry["expect"]))
        return read_sentence(entry["text"])
    except (InstructionError, ParseError) as error:
        raise InputError(f"{where}: {error}") from error


def gather(
    given: str | Path | Sequence[Any], robot: RobotSpec, verbs: Sequence[str] | None, most_steps: int
) -> list[Sentence]:
    """The sentences that can be drawn.

    Of a file, those that the skills can do and the encoding tells, that are not trivial, that have no other ``verbs``
    and at most ``most_steps`` steps. Of a list the same, but what cannot be done or is not understood is an error.

    Raises:
        InputError: a bad set, or nothing is left. GroundingError, ParseError: of a list.
    """
    strict = not isinstance(given, str | Path)
    found = [read_sentence(said) for said in given] if not isinstance(given, str | Path) else load_sentences(given)
    wanted = [
        sentence
        for sentence in found
        if (strict or not sentence.trivial)
        and (verbs is None or sentence.verbs <= set(verbs))
        and len(sentence.instruction.steps) <= most_steps
    ]
    left = list(_doable(wanted, robot, strict))
    if not left:
        where = "the list" if strict else given
        raise InputError(f"instructions: none of the {len(found)} sentences of {where} can be drawn here")
    return left


def _doable(sentences: Sequence[Sentence], robot: RobotSpec, strict: bool) -> Iterator[Sentence]:
    for sentence in sentences:
        try:
            for verb in sentence.verbs:
                check_encoded(verb)
            ground(sentence.instruction, draw_scene(np.random.default_rng(0), sentence.instruction), robot)
        except GroundingError:
            if strict:
                raise
        else:
            yield sentence
