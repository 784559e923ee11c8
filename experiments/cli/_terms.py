"""The table of what a training draws, shows, rewards and ends."""

from __future__ import annotations

from typing import Any


def term_rows(recipe: Any) -> list[dict[str, Any]]:
    """The terms of a recipe's env in its first stage, as plain values; none of an env that does not tell them."""
    import gymnasium

    from simonsays.envs import env_spec
    from simonsays.envs.trainable import capabilities

    env_spec(recipe.env_id)  # loads plug-ins
    env = gymnasium.make(recipe.env_id, disable_env_checker=True, **{**recipe.env, **recipe.stages[0].env})
    terms = capabilities(env).terms
    rows = [row._asdict() for row in terms()] if terms else []
    env.close()  # type: ignore[no-untyped-call]
    return rows


def print_terms(recipe: Any, error: bool) -> None:
    """Print them as a table, on standard error if ``error``."""
    from rich.console import Console
    from rich.table import Table

    screen = Console(stderr=error, highlight=False, markup=False)
    if not screen.is_terminal:
        screen.width = 160
    table = Table("kind", "name", "weight, width or when", "parameters", "what", title=recipe.env_id)
    for row in term_rows(recipe):
        told = ", ".join(f"{name} {_plain(value)}" for name, value in row["parameters"].items())
        table.add_row(row["kind"], row["name"], row["amount"], told, row["about"])
    if table.row_count:
        screen.print(table)


def _plain(value: Any) -> str:
    return f"{value[0]:g} to {value[1]:g}" if isinstance(value, tuple) else f"{value}"
