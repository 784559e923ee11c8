"""The table of what a training draws, shows, rewards and ends."""

from __future__ import annotations

from typing import Any


def terms_of(recipe: Any) -> dict[str, Any]:
    """The terms of a recipe's env in its first stage; none of an env that does not tell them."""
    from simonsays.agents.vec.worker import make_env
    from simonsays.envs.trainable import capabilities

    env = make_env(recipe.env_id, {**recipe.env, **recipe.stages[0].env})
    terms = capabilities(env).terms
    found = terms() if terms else {}
    env.close()
    return found


def print_terms(recipe: Any, error: bool) -> None:
    """Print them as a table, on standard error if ``error``."""
    from rich.console import Console
    from rich.table import Table

    screen = Console(stderr=error, highlight=False, markup=False)
    if not screen.is_terminal:
        screen.width = 160
    table = Table("kind", "name", "parameters", "what", title=recipe.env_id)
    for kind, terms in terms_of(recipe).items():
        for name, given in terms.items():
            told = ", ".join(f"{key} {_plain(value)}" for key, value in given.items() if key != "about")
            table.add_row(kind, name, told, given.get("about", ""))
    if table.row_count:
        screen.print(table)


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return f"{value[0]:g} to {value[1]:g}"
    return f"{value:g}" if isinstance(value, float) else f"{value}"
