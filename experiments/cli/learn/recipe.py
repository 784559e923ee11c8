"""``simon recipe``: a recipe with all its defaults."""

from __future__ import annotations

from typing import Annotated

import typer

from simonsays.experiments.cli._common import Changes, RecipesRobot


def run(
    recipe: Annotated[str, typer.Argument(help="A shipped recipe's name, or a TOML file.")] = "locomotion",
    set_: Changes = None,
    robot: RecipesRobot = None,
    terms: Annotated[
        bool, typer.Option("--terms", help="What its env draws, shows, rewards and ends, as a table.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Print a recipe, with every default and change, as TOML that `simon train` takes."""
    from simonsays.agents.recipes.physics import with_robot
    from simonsays.agents.recipes.recipe import load_recipe
    from simonsays.experiments.cli._common import print_json
    from simonsays.experiments.cli._terms import print_terms, terms_of

    resolved = with_robot(load_recipe(recipe, set_ or ()), robot)
    if terms and json_output:
        print_json(terms_of(resolved))
    elif terms:
        print_terms(resolved, error=False)
    elif json_output:
        print_json(resolved.model_dump(mode="json"))
    else:
        typer.echo(resolved.toml(), nl=False)
