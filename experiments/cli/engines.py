"""``simon engines``: what can simulate."""

from __future__ import annotations

from typing import Annotated, Any

import typer

_MARKS = {"exact": "✓", "approximate": "~", "unsupported": "–"}


def run(
    robot: Annotated[str | None, typer.Option(help="How each engine has this robot, by its name.")] = None,
    physics_hz: Annotated[
        int, typer.Option(help="Of --robot: physics steps a second.", show_default="200", min=50)
    ] = 200,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List the physics engines, whether they are installed, and what each can do; or how they have a robot."""
    from simonsays.experiments.cli._common import print_json
    from simonsays.sim.engine_choice import engines_told, robot_told
    from simonsays.sim.robots import get_robot

    engines = engines_told()
    if robot is None:
        if json_output:
            print_json(engines)
        else:
            _show_engines(engines)
        return
    spec = get_robot(robot)
    told = [robot_told(spec, engine["name"], physics_hz) for engine in engines if not engine["missing"]]
    if json_output:
        print_json(told)
    else:
        _show_robot(told)


def _show_engines(engines: list[dict[str, Any]]) -> None:
    from simonsays.experiments.cli._common import console, print_table

    screen = console()
    for engine in engines:
        origin = "" if engine["from"] == "simonsays" else f" (from {engine['from']})"
        screen.print(engine["name"], style="bold", end="")
        screen.print(f"  {engine['missing'] or engine['title'] + ' ' + engine['version']}{origin}")
    names = [engine["name"] for engine in engines]
    able = list(dict.fromkeys(name for engine in engines for name in engine["capabilities"]))
    rows = [(name, *(_cell(engine["capabilities"].get(name)) for engine in engines)) for name in able]
    print_table(("", *names), rows)
    screen.print("✓ exact, ~ approximate, – unsupported (docs/engines.md)", style="dim")


def _cell(can: dict[str, str] | None) -> str:
    return "" if can is None else f"{_MARKS[can['support']]} {can['about']}"


def _show_robot(told: list[dict[str, Any]]) -> None:
    from simonsays.experiments.cli._common import console, print_table
    from simonsays.sim.engine_choice import in_words

    screen = console()
    for one in told:
        worst, pairs = one["eigenvalue"], [" and ".join(pair) for pair in one["left_out"]]
        screen.print(f"{one['robot']} in {in_words(one)}, {one['physics_hz']} steps a second", style="bold")
        screen.print(
            f"  largest eigenvalue of dt M^-1 Kd: {worst['largest']:.2f} ({worst['joint']}); at most {worst['bound']:g}"
        )
        screen.print(f"  never touch, as they overlap when it stands: {'; '.join(pairs) or 'none'}")
    rows = [(joint, *(_error(one["rotors"][joint]) for one in told)) for joint in told[0]["rotors"]]
    title = "effective inertia over the true one: standing (least to most over the range of motion)"
    print_table(("joint", *(one["engine"] for one in told)), rows, title)


def _error(found: dict[str, float]) -> str:
    return f"{found['standing']:.2f} ({found['least']:.2f} to {found['most']:.2f})"
