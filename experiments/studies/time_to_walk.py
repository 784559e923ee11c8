"""``simon time-to-walk``: how soon a G1 walks without help, with each aid of the recipe switched off in turn.

A run trains until its recipe or the budget of env steps ends. Then each of its checkpoints is rolled out without
assistance on the same seeds. It walks from the first checkpoint on at which at least 90% of the episodes stay up for
20 s, and at the next one again: one lucky evaluation is not enough. One that never does is censored where it ended.
Only training counts as wall-clock. Trainings run one after another, so that each has the whole machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simonsays.agents.measure.checkpoints import evaluate_checkpoints, share
from simonsays.agents.recipes.recipe import Recipe, recipe_from_dict
from simonsays.assets import InputError
from simonsays.assets.files import write_atomically, write_json
from simonsays.assets.reading import read_json, read_table
from simonsays.experiments.jobs.pacing import measured_usage
from simonsays.experiments.jobs.seeds import Job, finished, run_job

SURVIVAL = 0.9
_SCHEDULED = ("contact_schedule", "foot_height", "standing_speed")
"""reward terms that mean nothing without the gait's clock"""
_TASK = "Locomotion-v0"
Data = dict[str, Any]


def _without_assistance(data: Data) -> Data:
    data["env"]["assistance"] = 0.0
    for stage in data["stages"]:
        stage["assisted"] = False
        stage["env"].pop("assistance", None)
    return data


def _without_reference(data: Data) -> Data:
    from simonsays.envs.config import DEFAULT_WEIGHTS

    data["env"]["reference"] = "standing"
    common = data["env"].pop("reward_weights", DEFAULT_WEIGHTS)
    for stage in data["stages"]:
        weights = stage["env"].get("reward_weights", common)
        stage["env"]["reward_weights"] = {key: weight for key, weight in weights.items() if key not in _SCHEDULED}
    return data


VARIANTS: dict[str, Callable[[Data], Data]] = {
    "full": lambda data: data,
    "no-assistance": _without_assistance,
    "no-mirror": lambda data: {**data, "network": {**data["network"], "mirror": False}},
    "no-reference-gait": _without_reference,
}
"""What each variant changes in a recipe's plain data."""


@dataclass(frozen=True)
class Settings:
    """What is measured, and how: ``budget`` and ``every`` in env steps, the latter between checkpoints.

    Raises:
        InputError: a recipe of another env, or without an assisted stage.
    """

    recipe: Recipe
    budget: int = 1_500_000
    every: int = 50_000
    episodes: int = 30
    jobs: int = 2

    def __post_init__(self) -> None:
        if not self.recipe.env_id.endswith(_TASK):
            raise InputError(
                f"recipe {self.recipe.name!r}: env_id: it trains in {self.recipe.env_id}, not in walking (...-{_TASK})"
            )
        if not any(stage.assisted for stage in self.recipe.stages):
            raise InputError(f"recipe {self.recipe.name!r}: stages: none is assisted, there is no aid to switch off")

    def variant(self, name: str, seed: int) -> Recipe:
        """The recipe of one run."""
        data = self.recipe.model_copy(update={"seed": seed, "checkpoint_steps": self.every}).model_dump(mode="json")
        return recipe_from_dict(VARIANTS[name](data), f"{self.recipe.name}, {name}")


def walks_at(points: Sequence[Mapping[str, Any]], threshold: float = SURVIVAL) -> int | None:
    """The place of the first point that survives in ``threshold`` of its episodes and whose next one does, too."""
    good = [share(dict(point), "survival") >= threshold for point in points]
    return next((i for i in range(len(good) - 1) if good[i] and good[i + 1]), None)


def spaced(points: Sequence[dict[str, Any]], steps: int) -> list[dict[str, Any]]:
    """The points without those that come less than ``steps`` after the one before: an interruption leaves such."""
    kept: list[dict[str, Any]] = []
    for point in points:
        if not kept or point["steps"] - kept[-1]["steps"] >= steps:
            kept.append(point)
    return kept


def result_file(out: Path, variant: str, seed: int) -> Path:
    """Where the result of a run is kept."""
    return out / "runs" / f"{variant}-seed_{seed}.json"


def measure_run(
    settings: Settings,
    variant: str,
    seed: int,
    work: Path,
    out: Path,
    report: Callable[[dict[str, Any]], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Train and measure one run in WORK/VARIANT-seed_N and write its result; what is there already is not done again.

    Raises:
        InputError: the result or the run folder there is of another recipe, budget or number of episodes.
    """
    from simonsays.agents.runs.sessions import machine, versions

    recipe = settings.variant(variant, seed)
    file, run = result_file(out, variant, seed), work / f"{variant}-seed_{seed}"
    about: dict[str, Any] = {
        "variant": variant,
        "seed": seed,
        "budget": settings.budget,
        "every": settings.every,
        "episodes": settings.episodes,
        "recipe": recipe.model_dump(mode="json"),
    }
    if file.exists():
        return _same(file, about)

    def go_on(checkpoint: Path) -> bool:
        return int(checkpoint.name.removeprefix("step_")) < settings.budget

    before = finished(run)
    more = before is not None and before["stopped"] and before["steps"] < settings.budget  # by a smaller budget
    trains = before is None or more
    with measured_usage(lambda usage: _keep_usage(run, usage) if trains else None):
        trained = run_job(Job(about["recipe"], str(run)), report, go_on, go_on=more)
    curve = evaluate_checkpoints(run, episodes=settings.episodes, jobs=settings.jobs, progress=progress)
    points = [
        {**point, **{key: [int(each) for each in point[key]] for key in ("survival", "success")}}
        for point in spaced(curve["points"], settings.every // 2)
    ]
    place = walks_at(points)
    result = {
        **about,
        "walks": None if place is None else {key: points[place][key] for key in ("steps", "wall_clock")},
        "trained": {key: trained[key] for key in ("steps", "wall_clock")},
        "machine": {**machine(), "sessions": _usage(run)},
        "versions": versions(),
        "curve": {**curve, "points": points},
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, _compact(result))
    return result


def _same(file: Path, about: Mapping[str, Any]) -> dict[str, Any]:
    result = read_table(file)
    there = recipe_from_dict(result.get("recipe", {}), str(file)).model_dump(mode="json")
    for key, value in about.items():
        if {**result, "recipe": there}.get(key) != value:
            raise InputError(f"{file}: made with another {key}; move it away, or use another --out")
    return result


def _usage(run: Path) -> list[dict[str, Any]]:
    file = run / "usage.json"
    found: list[dict[str, Any]] = read_json(file) if file.exists() else []
    return found


def _keep_usage(run: Path, usage: dict[str, Any]) -> None:
    """A training that was cut off and resumed has one entry for each of its sessions."""
    if run.is_dir():
        write_json(run / "usage.json", [*_usage(run), usage])


def _compact(result: Mapping[str, Any]) -> str:
    """JSON with a line for each point of the curve."""
    mark = "POINTS"
    head = json.dumps({**result, "curve": {**result["curve"], "points": mark}}, indent=1)
    points = ",\n".join("   " + json.dumps(point) for point in result["curve"]["points"])
    return head.replace(f'"{mark}"', f"[\n{points}\n  ]") + "\n"
