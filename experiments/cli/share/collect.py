"""``simon collect``: a policy's episodes as a data set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simonsays.experiments.cli._common import OneRobot, PhysicsEngine


def run(
    env: Annotated[
        str | None, typer.Argument(help="Env id, such as MODULE:NAME-v0.", show_default="that of walking")
    ] = None,
    robot: OneRobot = None,
    policy: Annotated[
        str | None,
        typer.Option(help="A shipped policy's name, a bundle's folder, or random.", show_default="the robot's own"),
    ] = None,
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
    from simonsays.envs.policy.choice import chosen
    from simonsays.experiments.cli._common import answer, progress_bar, walking_id
    from simonsays.experiments.exchange.minari_data import collect_dataset

    env = env or walking_id(robot)
    env_id = env if ":" in env else f"simonsays.envs:{env}"
    policy = policy or str(chosen(robot)[1])
    with progress_bar("collecting") as update:
        found = collect_dataset(env_id, policy, episodes, seed, stochastic, dataset_id, out, update, engine)
    text = "wrote {written}: {episodes} episodes, {steps:,} steps, mean return {mean_return:.1f}, success {success:.0%}"
    answer(json_output, found, text.format(**found))
