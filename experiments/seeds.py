"""One recipe trained with several seeds: a run folder for each, RUN/seed_0, RUN/seed_1 and so on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simonsays.agents.recipe import Recipe, recipe_from_dict


@dataclass(frozen=True)
class Job:
    """A training, as plain data that another process can be given."""

    recipe: dict[str, Any]
    run: str
    """absolute path of the run folder"""
    init: str | None = None


def seed_runs(recipe: Recipe, run: Path, seeds: Sequence[int], init: str | None = None) -> list[Job]:
    """The jobs of a training with several seeds, each in a folder of ``run``."""
    return [
        Job({**recipe.model_dump(mode="json"), "seed": seed}, str((run / f"seed_{seed}").resolve()), init)
        for seed in seeds
    ]


def run_job(job: Job) -> str:
    """Train, or go on from the newest checkpoint that the folder has; the folder of the bundle."""
    from simonsays.agents.run_dir import newest_checkpoint
    from simonsays.agents.train import train

    folder = Path(job.run)
    begun = any((folder / "checkpoints").glob("step_*"))
    if not begun:
        (folder / "run.json").unlink(missing_ok=True)
    else:
        newest_checkpoint(folder)
    recipe = recipe_from_dict(job.recipe, job.run)
    return str(train(recipe, folder, init=None if begun else job.init, resume=begun))
