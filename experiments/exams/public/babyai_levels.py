"""BabyAI's levels: the missions of the public minigrid package, with the goals of its instruction trees.

Chevalier-Boisvert et al., "BabyAI: A Platform to Study the Sample Efficiency of Grounded Language Learning", ICLR 2019;
minigrid (Apache-2.0) has its levels. A mission is said of the rooms that a level has drawn: "a ball" where there are
several, "the ball" where there is one.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator
from random import Random
from typing import Any

from simonsays.assets import needs_extra
from simonsays.experiments.exams.exam import Exam, Question, register_exam
from simonsays.experiments.exams.public.babyai import described, meaning

VERBS = {"GoToInstr": "go_to", "PickupInstr": "pickup", "OpenInstr": "open", "PutNextInstr": "put_next"}


def levels() -> list[str]:
    """Ids of BabyAI's levels.

    Raises:
        InputError: minigrid is not installed.
    """
    import gymnasium

    with needs_extra("exams", "BabyAI's levels"):
        import minigrid  # noqa: F401  registers them
    return sorted(name for name in gymnasium.registry if name.startswith("BabyAI-"))


def _thing(desc: Any) -> dict[str, str]:
    return described(desc.type or "object", desc.color, desc.loc)


def _steps(tree: Any) -> list[dict[str, Any]]:
    """The steps of a level's instruction tree, in the order in which they are to be done."""
    kind = type(tree).__name__
    if kind in ("BeforeInstr", "AndInstr"):
        return _steps(tree.instr_a) + _steps(tree.instr_b)
    if kind == "AfterInstr":
        return _steps(tree.instr_b) + _steps(tree.instr_a)
    if kind == "PutNextInstr":
        return [{"verb": VERBS[kind], "object": _thing(tree.desc_move), "object2": _thing(tree.desc_fixed)}]
    return [{"verb": VERBS[kind], "object": _thing(tree.desc)}]


def missions(level: str, seeds: range) -> list[Question]:
    """The missions of a level, one a seed."""
    import gymnasium

    found = []
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.closing(gymnasium.make(level)) as env:
            rooms: Any = env.unwrapped
            for seed in seeds:
                env.reset(seed=seed)
                free = type(rooms.instrs).__name__ == "AndInstr"
                found.append(Question(rooms.mission, meaning(_steps(rooms.instrs), free), level))
    return found


def _draw(random: Random) -> Iterator[Question]:
    """One of each level in turn, without an end."""
    every, seed = levels(), random.randrange(2**30)
    while True:
        for level in every:
            yield from missions(level, range(seed, seed + 1))
        seed += 1


register_exam(
    Exam(
        "babyai-levels",
        "BabyAI: missions of minigrid's levels, with their goals",
        "Chevalier-Boisvert et al., ICLR 2019; minigrid's licence is Apache-2.0",
        _draw,
        usual=500,
    )
)
