"""BabyAI's missions, from the levels of the public minigrid package: read into the objects and order of their trees."""

from __future__ import annotations

import contextlib
import io
import warnings
from typing import Any

import gymnasium
import pytest

from simonsays.envs.language import parse

pytest.importorskip("minigrid", reason="minigrid is not installed")
import minigrid  # noqa: F401  registers the levels

LEVELS = sorted(name for name in gymnasium.registry if name.startswith("BabyAI-"))
VERBS = {"GoToInstr": "go_to", "PickupInstr": "pickup", "OpenInstr": "open", "PutNextInstr": "put_next"}


def described(desc: Any) -> dict[str, str]:
    found = {"type": desc.type or "object", "color": desc.color, "location": desc.loc}
    return {name: value for name, value in found.items() if value is not None}


def wanted(instr: Any) -> list[dict[str, Any]]:
    """The steps of a level's instruction tree, in the order in which they are to be done."""
    kind = type(instr).__name__
    if kind == "BeforeInstr" or kind == "AndInstr":
        return wanted(instr.instr_a) + wanted(instr.instr_b)
    if kind == "AfterInstr":
        return wanted(instr.instr_b) + wanted(instr.instr_a)
    if kind == "PutNextInstr":
        return [{"verb": "put_next", "object": described(instr.desc_move), "object2": described(instr.desc_fixed)}]
    return [{"verb": VERBS[kind], "object": described(instr.desc)}]


def missions(level: str, seeds: range) -> list[tuple[str, list[dict[str, Any]], bool]]:
    """(mission, steps, whether any order will do) of a level, one a seed."""
    found = []
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        env = gymnasium.make(level)
        for seed in seeds:
            env.reset(seed=seed)
            tree = env.unwrapped.instrs
            found.append((env.unwrapped.mission, wanted(tree), type(tree).__name__ == "AndInstr"))
        env.close()
    return found


@pytest.mark.parametrize("level", LEVELS)
def test_a_mission_of_every_level(level: str) -> None:
    for mission, steps, free in missions(level, range(2)):
        data = parse(mission).to_json()
        assert data["steps"] == steps, mission
        assert data.get("unordered", False) is free, mission


@pytest.mark.parametrize("level", [name for name in LEVELS if "Boss" in name or "Synth" in name or "Loc" in name])
def test_many_missions_of_the_rich_levels(level: str) -> None:
    for mission, steps, _ in missions(level, range(100, 180)):
        assert parse(mission).to_json()["steps"] == steps, mission
