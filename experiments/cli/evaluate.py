"""``simon evaluate``: measure a policy."""

from __future__ import annotations

from typing import Annotated

import typer


def run(
    policy: Annotated[str, typer.Argument(help="A shipped policy's name, or a bundle's folder.")] = "g1-locomotion",
    env: Annotated[str | None, typer.Option(help="Env id; that of its training by default.")] = None,
    episodes: Annotated[int, typer.Option(help="Of each protocol; of standing, a quarter.", min=1)] = 200,
    seed: Annotated[int, typer.Option(help="First seed.", min=0)] = 0,
    jobs: Annotated[int, typer.Option(help="Processes.", min=1)] = 2,
    write_card: Annotated[
        bool, typer.Option("--write-card", help="Write the figures into the bundle's CARD.md.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Measure a policy without any assistance, with 95% intervals: how it follows commands, or succeeds at a task."""
    from rich.table import Table
    from simonsays.agents.evaluate import card, evaluate, table
    from simonsays.envs import env_class
    from simonsays.envs.controllers import bundle_folder, load_policy
    from simonsays.experiments.cli._common import console, print_json, progress_bar
    from simonsays.sim.recording import write_atomically

    env_id = f"simonsays.envs:{env}" if env and ":" not in env else env
    if env_id:
        env_class(env_id)  # refuses an unknown one
    with progress_bar("evaluating") as update:
        results = evaluate(policy, env_id, episodes=episodes, seed=seed, jobs=jobs, progress=update)
    if write_card:
        text = card(load_policy(policy), results)
        write_atomically(bundle_folder(policy) / "CARD.md", text.encode())
    if json_output:
        print_json({"policy": policy, **results})
        return
    shown = Table("what", "figure [95%]", "episodes", title=f"{policy}, seeds from {seed}")
    for label, text, count in table(results):
        shown.add_row(label, text.replace("[", "\\["), str(count))
    console().print(shown)
