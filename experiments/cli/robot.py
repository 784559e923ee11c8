"""``simon robot``: is a robot what its files say, and can it be simulated?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

_ACTIONS = ("check", "new", "adapt")
_LISTED = 20  # findings of one level; JSON has them all


def run(
    action: Annotated[
        str,
        typer.Argument(
            help="check: find what is wrong with it. new: draft the spec of a URDF or MJCF into --out. "
            "adapt: write --policy, of a robot with the same legs, for it into --out."
        ),
    ],
    robot: Annotated[
        str, typer.Argument(metavar="NAME|FILE", help="Its name, its .py file, a URDF or an MJCF (.xml).")
    ],
    picture: Annotated[
        Path | None, typer.Option(help="Of check: draw the standing pose into this .png.", metavar="FILE.png")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Of new: the file; of adapt: the folder.", metavar="PATH", show_default="the model's name"),
    ] = None,
    policy: Annotated[str | None, typer.Option(help="Of adapt: a bundle of another robot, its name or folder.")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Check a robot: its file, masses, limits, feet, sides, heights, mirror image, engines. Or draft one.

    Exit code 2 where there are errors: each names the file, the element and a mend. Warnings are listed.
    """
    from simonsays.assets import InputError, did_you_mean
    from simonsays.assets.files import check_writable
    from simonsays.experiments.cli._common import print_json

    if action not in _ACTIONS:
        raise InputError(f"simon robot {action}: no such action{did_you_mean(action, _ACTIONS)}")
    if action == "new":
        _new(Path(robot), out, json_output)
        return
    if action == "adapt":
        _adapt(robot, policy, out, json_output)
        return
    if picture is not None:
        check_writable(picture, (".png",))
    report, spec = _checked(robot)
    if json_output:
        print_json(report.to_json())
    else:
        _show(report)
    if picture is not None and not report.errors and spec is not None:
        _draw(spec, picture)
    raise typer.Exit(2 if report.errors else 0)


def _adapt(robot: str, policy: str | None, out: Path | None, json_output: bool) -> None:
    """Write a policy for another robot with the same legs."""
    from simonsays.agents.bundles.adapt import adapt
    from simonsays.agents.bundles.bundle import check_replaceable
    from simonsays.assets import InputError
    from simonsays.experiments.cli._common import console, print_json

    if policy is None or out is None:
        raise InputError(f"simon robot adapt {robot}: name --policy, what it is to act by, and --out, the new folder")
    check_replaceable(out)
    folder = adapt(policy, robot, out)
    if json_output:
        print_json({"bundle": str(folder)})
        return
    console().print(f"wrote {folder}; not trained on {robot}: measure it, simon evaluate {folder}", style="dim")


def _new(urdf: Path, out: Path | None, json_output: bool) -> None:
    """Draft a spec, and say how sure each field is."""
    import re

    from simonsays.assets import InputError
    from simonsays.assets.files import check_writable, write_atomically
    from simonsays.experiments.cli._common import console, print_json, print_table
    from simonsays.sim.drafting import draft, source
    from simonsays.sim.robots import MODELS

    if urdf.suffix not in MODELS:
        raise InputError(f"simon robot new {urdf}: it takes a {' or a '.join(MODELS)} (MJCF)")
    file = out or Path(re.sub(r"\W", "_", urdf.stem) + ".py")
    check_writable(file, (".py",))
    made = draft(urdf, file.parent, file.stem.replace("_", "-"))
    write_atomically(file, source(made, file))
    if json_output:
        guesses = [vars(each) for each in made.guesses]
        print_json({"file": str(file), "urdf": str(made.spec.urdf), "fields": guesses, "changed": list(made.changed)})
        return
    print_table(("field", "how sure", "why"), [(each.field, each.sure, each.why) for each in made.guesses])
    for line in made.changed:
        console().print(f"  changed in {made.spec.urdf.name}: {line}", style="yellow")
    console().print(f"wrote {file}; next: simon robot check {file}", style="dim")


def _checked(robot: str) -> tuple[Any, Any]:
    """The report, and the robot's spec; None for a URDF, which is checked as it is."""
    from simonsays.sim.checking import check_model, check_spec
    from simonsays.sim.robots import get_robot

    if robot.endswith(".urdf"):
        return check_model(Path(robot)), None
    spec = get_robot(robot)
    return check_spec(spec), spec


def _show(report: Any) -> None:
    from simonsays.experiments.cli._common import console

    screen = console()
    screen.print(f"{report.robot}  {report.urdf}", style="bold")
    for name, value in _figures(report.measured):
        screen.print(f"  {name}: {value}", style="dim")
    for findings, mark, style in ((report.errors, "✗", "red"), (report.warnings, "!", "yellow")):
        for each in findings[:_LISTED]:
            screen.print(f"  {mark} {each.element}: {each.what}{f': {each.mend}' if each.mend else ''}", style=style)
        if len(findings) > _LISTED:
            screen.print(f"  {mark} and {len(findings) - _LISTED} more: --json lists all", style=style)
    screen.print(f"errors: {len(report.errors)}, warnings: {len(report.warnings)}")


def _figures(measured: dict[str, Any]) -> list[tuple[str, str]]:
    """What was measured, in lines for people."""
    units = {"mass_kg": "kg in the file", "base_height_m": "m", "sole_height_m": "m", "overhang_m": "m"}
    lines = [
        (name.rpartition("_")[0].replace("_", " "), f"{measured[name]:.4g} {unit}")
        for name, unit in units.items()
        if name in measured
    ]
    for engine, told in measured.get("engines", {}).items():
        if told:
            worst = told["eigenvalue"]
            damping = f"dt M^-1 Kd {worst['largest']:.2f} ({worst['joint']}; at most {worst['bound']:g})"
            lines.append((engine, f"{told['mass_kg']:.4g} kg, {damping}, {len(told['left_out'])} overlaps"))
    table, places = measured.get("mirror", {}), list(measured.get("mirror", {}))
    pairs = [each for each in table.items() if places.index(each[0]) <= places.index(each[1][0])]
    signs = [f"{name} = {'-' if sign < 0 else ''}{other}" for name, (other, sign) in pairs]
    return [*lines, ("mirror", ", ".join(signs))] if signs else lines


def _draw(spec: Any, file: Path) -> None:
    """The standing pose, from its front quarter."""
    from contextlib import closing

    from PIL import Image

    from simonsays.experiments.cli._common import console
    from simonsays.sim.pictures.live_view import LiveView
    from simonsays.sim.world import World

    with World() as world, closing(LiveView(spec)) as view:
        Image.fromarray(view.picture(world, world.spawn(spec).reading())).save(file)
    console(True).print(f"wrote {file}", style="dim")
