"""``simon soak``: does it hold for a long time, and hold on to nothing?"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from simonsays.experiments.cli._common import PhysicsEngine


def run(
    minutes: Annotated[float, typer.Option(help="How long; growth is judged after seven.", min=0.1)] = 15.0,
    engine: PhysicsEngine = "bullet",
    seed: Annotated[int, typer.Option(help="Of sentences, scenes and pushes.", min=0)] = 0,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Let a live robot and batch runs work at once, on sentences drawn in both languages, and watch what they hold.

    Exit code 1 where a recording is lost or not finite, or where memory, descriptors or threads grow by more than 2%
    after the first five minutes.
    """
    from simonsays.assets import needs_extra
    from simonsays.experiments.cli._common import console, interruptible, print_json, progress_bar

    with needs_extra("live", "a live robot"):
        import aiohttp  # noqa: F401
    from simonsays.experiments.soak.running import soak

    with interruptible("nothing was judged"), progress_bar("soaking") as update:
        found = soak(minutes, engine, seed, update)
    if json_output:
        print_json(found)
    else:
        _tell(console(), found)
    raise typer.Exit(0 if found["ok"] else 1)


def _tell(screen: Any, found: dict[str, Any]) -> None:
    for name, task in found["tasks"].items():
        screen.print(name, style="bold")
        for what, count in task.get("done", {}).items():
            screen.print(f"  {what}: {count}")
        for what in ("memory", "descriptors", "threads"):
            series, share = task[what]["over_time"] or [0], task[what]["growth"]
            scale, unit = (1 << 20, " MiB") if what == "memory" else (1, "")
            grown = "" if share is None else f", {share:+.2%} after it settled"
            screen.print(f"  {what}: {series[0] / scale:.0f} to {series[-1] / scale:.0f}{unit}{grown}")
    if not found["growth_judged"]:
        screen.print("growth is not judged: that needs more than seven minutes", style="dim")
    for fault in found["faults"]:
        screen.print(f"✗ {fault}", style="red")
