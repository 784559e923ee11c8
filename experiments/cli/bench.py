"""``simon bench``: what things cost, as ratios measured side by side."""

from __future__ import annotations

from typing import Annotated, Literal

import typer


def run(
    what: Annotated[Literal["env"], typer.Argument(help="env: one env step against the bare physics loop.")] = "env",
    rounds: Annotated[int, typer.Option(help="Measured pairs.", min=3)] = 60,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Measure an env step against the bare loop of the same four torque-PD physics steps."""
    from simonsays.experiments.bench import bench_env
    from simonsays.experiments.cli._common import console, print_json, progress_bar

    with progress_bar("measuring") as update:
        result = bench_env(rounds, update)
    if json_output:
        print_json(result)
        return
    low, high = result["ratio_quartiles"]
    console().print(
        f"env step {result['env_us']:.0f} µs, bare loop {result['bare_us']:.0f} µs: "
        f"ratio [bold]{result['ratio']:.2f}[/] (quartiles {low:.2f} to {high:.2f}, {rounds} pairs)"
    )
