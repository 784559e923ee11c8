"""``simon collect``: a policy's episodes as a data set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simonsays.experiments.cli._common import PhysicsEngine


def run(
    env: Annotated[str, typer.Argument(help="Env id, such as G1-Locomotion-v0.")] = "G1-Locomotion-v0",
    policy: Annotated[
        str, typer.Option(help="A shipped policy's name, a bundle's folder, or random.")
    ] = "g1-locomotion",
    episodes: Annotated[int, typer.Option(help="How many.", min=1)] = 10,
    seed: Annotated[int, typer.Option(help="Of the first episode.", min=0)] = 0,
    stochastic: Annotated[
        bool, typer.Option("--stochastic", help="Draw the actions from the policy instead of taking its means.")
    ] = False,
    dataset_id: Annotated[
        str, typer.Option("--id", help="Name of the data set, NAME-v0 or GROUP/NAME-v0.")
    ] = "simonsays/collected-v0",
    out: Annotated[
        Path | None, typer.Option(help="Folder in which data sets lie.", show_default="where Minari looks for them")
    ] = None,
    engine: PhysicsEngine = "bullet",
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Run a policy in an env and keep observations, actions and rewards, as the env saw them, in a Minari data set."""
    from simonsays.experiments.cli._common import answer, progress_bar
    from simonsays.experiments.exchange.minari_data import collect_dataset

    env_id = env if ":" in env else f"simonsays.envs:{env}"
    with progress_bar("collecting") as update:
        found = collect_dataset(env_id, policy, episodes, seed, stochastic, dataset_id, out, update, engine)
    text = "wrote {written}: {episodes} episodes, {steps:,} steps, mean return {mean_return:.1f}, success {success:.0%}"
    answer(json_output, found, text.format(**found))
