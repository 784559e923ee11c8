"""``simon clip``: a motion clip on a robot."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from simonsays.assets.defaults import DEFAULT_ROBOT
from simonsays.experiments.cli._common import AnyRobot

_LISTED = 12  # losses; JSON has them all


def run(
    clip: Annotated[
        str,
        typer.Argument(metavar="NAME|FILE", help="A clip of PyBullet's by name (dance_b), or .bvh, .json, .csv, .npz."),
    ],
    robot: AnyRobot = DEFAULT_ROBOT,
    out: Annotated[
        list[Path] | None,
        typer.Option(help="The reference (.npz), a film of it (.mp4, .gif) or a strip (.png); may be given again."),
    ] = None,
    fps: Annotated[float | None, typer.Option(help="Frames a second, of a file that does not say it.")] = None,
    balance: Annotated[
        bool, typer.Option("--balance/--no-balance", help="Shift the base so that it keeps over the feet.")
    ] = True,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Bring a motion clip on to a robot, and say what is lost: joints at their limits, limbs off their directions.

    A film shows the robot as the reference has it, without physics, beside the clip's own figure. An .npz is a
    recording: simon render draws it, and it is a clip again.
    """
    from simonsays.assets.files import check_writable
    from simonsays.experiments.cli._common import console, print_json
    from simonsays.experiments.film.clip_film import FILMS, film_clip
    from simonsays.sim.clips.reading import read_clip
    from simonsays.sim.clips.retarget import retarget
    from simonsays.sim.robots import ROBOTS

    for file in out or ():
        check_writable(file, (".npz", *FILMS))
    reference = retarget(read_clip(clip, fps), ROBOTS[robot], balance=balance)
    for file in out or ():
        if file.suffix.lower() == ".npz":
            reference.recording().save(file)
        else:
            film_clip(reference, file)
    if json_output:
        print_json({"robot": reference.robot, **reference.told(), "files": [str(file) for file in out or ()]})
        return
    _show(reference)
    for file in out or ():
        console().print(f"wrote {file}", style="dim")


def _show(reference: Any) -> None:
    from simonsays.experiments.cli._common import console, print_table

    screen, down = console(), reference.foot_down.mean(axis=0)
    loop = ", a loop" if reference.loops else ""
    screen.print(f"{reference.source} on {reference.robot}: {reference.seconds:.2f} s at {reference.hz:g} Hz{loop}")
    screen.print(f"  left foot down {down[0]:.0%} of the time, right foot {down[1]:.0%}", style="dim")
    for note in reference.notes:
        screen.print(f"  note: {note}")
    rows = [
        (
            each.part,
            each.what,
            f"{each.most:.2f}",
            f"{each.mean:.2f}",
            "m" if each.what == "away" else "rad",
            f"{each.share:.0%}",
        )
        for each in sorted(reference.losses, key=lambda loss: -loss.most)
    ]
    if not rows:
        screen.print("  nothing is lost")
        return
    print_table(("part", "lost", "at most", "mean", "unit", "of the time"), rows[:_LISTED])
    if len(rows) > _LISTED:
        screen.print(f"  and {len(rows) - _LISTED} more, all of them smaller: --json lists all", style="dim")
