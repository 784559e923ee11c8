"""``simon list``: what there is."""

from __future__ import annotations

from typing import Annotated, Any

import typer


def inventory() -> dict[str, Any]:
    """Names of everything that is registered or shipped."""
    from simonsays.agents.recipes.hyperparameters import HYPERPARAMETERS
    from simonsays.assets.registry import POLICIES, RECIPES, SCENES
    from simonsays.envs import ENV_IDS
    from simonsays.envs.skills import skills
    from simonsays.sim.robots import robot_names

    return {
        "robots": robot_names(),
        "envs": [f"simonsays.envs:{name}" for name in ENV_IDS],
        "skills": {verb: {"words": _words(verb), "example": skill.example} for verb, skill in skills().items()},
        "scenes": list(SCENES.files()),
        "policies": list(POLICIES.files()),
        "recipes": list(RECIPES.files()),
        "algorithms": sorted(HYPERPARAMETERS),
    }


def _words(verb: str) -> list[str]:
    from simonsays.envs.language.vocabulary import verbs

    return [phrase for phrase, _ in verbs()[verb].phrases("en")]


def run(
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List robots, environments, skills with their words, scenes, policies, recipes and algorithms."""
    from simonsays.experiments.cli._common import console, print_json

    found = inventory()
    if json_output:
        print_json(found)
        return
    screen = console()
    for kind, names in found.items():
        screen.print(kind, style="bold")
        for name in names:
            more = (
                f"  {', '.join(names[name]['words'])}; e.g. “{names[name]['example']}”"
                if isinstance(names, dict)
                else ""
            )
            screen.print(f"  {name}", end="")
            screen.print(more, style="dim")
