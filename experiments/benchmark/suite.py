"""What is run: the cases of the instruction sets, those that the robot cannot do apart, in an order for any limit."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

from simonsays.assets import InputError
from simonsays.assets.notes import dataclass
from simonsays.assets.registry import INSTRUCTION_SETS
from simonsays.envs.plan.plan import ground
from simonsays.envs.skills import GroundingError
from simonsays.experiments.instruction_sets import SPLITS, Example
from simonsays.experiments.instruction_sets.loading import read_examples
from simonsays.sim.robots import get_robot

_ORDER_SEED = 0


@dataclass(frozen=True)
class Case:
    """A sentence of a suite; ``refusal`` is the code with which it must be refused, empty for what can be done."""

    suite: str
    place: int
    """1 for the first of its file"""
    example: Example
    refusal: str = ""

    @property
    def name(self) -> str:
        """Like ``train-0012``."""
        return f"{self.suite}-{self.place:04d}"


@dataclass(frozen=True)
class Episode:
    """A case in the scene of a seed."""

    case: Case
    seed: int

    @property
    def name(self) -> str:
        """Like ``train-0012-s1``: unique in a benchmark, and fit for a file's name."""
        return f"{self.case.name}-s{self.seed}"


def suite_files(names: Sequence[str]) -> dict[str, Path]:
    """The files of suites by name: sets, ``all`` that ship with scenes, or paths of TOML files; commas may part them.

    Raises:
        InputError: no such suite, or two of one name.
    """
    wanted = [part.strip() for name in names for part in name.split(",") if part.strip()]
    files: dict[str, Path] = {}
    for name in wanted:
        for file in map(_file, SPLITS if name == "all" else [name]):
            if files.get(file.stem, file) != file:
                raise InputError(f"--suite: {file} and {files[file.stem]} have one name; rename one of them")
            files[file.stem] = file
    if not files:
        raise InputError(f"--suite: name one of all, {', '.join(SPLITS)}, or a .toml file")
    return files


def _file(name: str) -> Path:
    try:
        return INSTRUCTION_SETS.find(name).resolve()
    except InputError as error:
        raise InputError(f"--suite: {error}") from error


def file_hash(file: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def load_cases(files: dict[str, Path], robot: str) -> tuple[Case, ...]:
    """Every sentence of the files; what the robot cannot do carries the code of the refusal that is due.

    Raises:
        InputError: a file is not a suite; the message names file and entry.
    """
    cases = []
    for suite, file in files.items():
        for place, example in enumerate(read_examples(file), start=1):
            cases.append(Case(suite, place, example, refusal_code(example, robot)))
    return tuple(cases)


def refusal_code(example: Example, robot: str) -> str:
    """The code of the error that grounding the meant Instruction gives; empty where it can be done."""
    try:
        ground(example.instruction, example.scene, get_robot(robot))
    except GroundingError as error:
        return error.code
    return ""


def episodes(cases: Sequence[Case], seeds: int, limit: int | None = None) -> tuple[Episode, ...]:
    """Every case on every seed (a refusal on the first alone): suites in turn, each in an order that is drawn once.

    The first ``limit`` of them are the same whatever the limit is.
    """
    queues: dict[str, list[Episode]] = {}
    for case in cases:
        for seed in range(1 if case.refusal else seeds):
            queues.setdefault(case.suite, []).append(Episode(case, seed))
    for queue in queues.values():
        random.Random(_ORDER_SEED).shuffle(queue)
    mixed = [episode for row in zip_longest(*queues.values()) for episode in row if episode is not None]
    return tuple(mixed[:limit])
