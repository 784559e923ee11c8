"""``simon import``: policies of other trainers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer


def run(
    what: Annotated[Literal["sb3"], typer.Argument(help="sb3: a model that stable-baselines3 saved.")],
    file: Annotated[Path, typer.Argument(help="The .zip.")],
    env: Annotated[
        str | None, typer.Option(help="Env id that it was trained in.", show_default="that of walking")
    ] = None,
    algorithm: Annotated[str, typer.Option(help="That it was trained with.")] = "ppo",
    out: Annotated[Path | None, typer.Option(help="Folder of the bundle.", show_default="the file's name")] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="Load the file although that runs whatever its maker put in.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Make a bundle of a saved model, checked to act as the model does. docs/exchange.md says why it takes --trust."""
    from simonsays.assets import needs_extra
    from simonsays.experiments.cli._common import answer, walking_id

    with needs_extra("train", "the import"):
        from simonsays.agents.bundles.sb3_zip import import_zip
    env = env or walking_id()
    env_id = env if ":" in env else f"simonsays.envs:{env}"
    bundle = import_zip(file, env_id, algorithm, out or Path(file.stem), trust=trust)
    data = {"format": what, "file": str(file), "bundle": str(bundle), "env_id": env_id}
    answer(json_output, data, f"wrote {bundle}")
