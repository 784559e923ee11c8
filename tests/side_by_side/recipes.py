"""The old tree's recipes, cut down to a training of a few seconds."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import NamedTuple

STEPS, WORKERS, ENVS = 2000, 2, 4
INIT = {"crouch": "g1-locomotion", "jump": "g1-locomotion"}
"""where a recipe says that it starts from another policy"""
SMALLER = {
    "ppo": ("ppo.batch_size=256",),
    "sac": ("sac.learning_starts=1000", "sac.gradient_steps=4", "sac.batch_size=64"),
    "cloning": ("cloning.moments=2000", "cloning.epochs=2"),
}
"""by the algorithm, or the table"""
QUICK = ("walk", "goto")


class Training(NamedTuple):
    """A recipe and the options of ``simon train`` that make it short."""

    name: str
    options: list[str]


def trainings(tree: Path, quick: bool) -> list[Training]:
    """One training for each of a tree's recipes; every stage has at least one iteration."""
    made = []
    for file in sorted((tree / "experiments" / "recipes").glob("*.toml")):
        if quick and file.stem not in QUICK:
            continue
        recipe = tomllib.loads(file.read_text(encoding="utf-8"))
        stages, algorithm = recipe["stages"], recipe.get("algorithm", "ppo")
        steps = math.ceil(STEPS / len(stages))
        changes = [f"workers={WORKERS}", f"envs_per_worker={ENVS}", "checkpoint_steps=100000"]
        changes += [f"stages.{i}.steps={steps}" for i in range(len(stages))]
        changes += [*SMALLER[algorithm], *(SMALLER["cloning"] if "cloning" in recipe else ())]
        options = ["--threads", "1"]
        for change in changes:
            options += ["--set", change]
        if file.stem in INIT:
            options += ["--init", INIT[file.stem]]
        made.append(Training(file.stem, options))
    return made
