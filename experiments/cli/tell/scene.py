"""``simon scene``: scenes told in words, written as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_ACTIONS = ("new",)


def run(
    action: Annotated[str, typer.Argument(help="new: write the scene that a text tells of.")],
    text: Annotated[str, typer.Argument(help='Like "a red ball two metres ahead and a chair on the left".')],
    out: Annotated[Path, typer.Option(help="The scene file.", metavar="FILE.toml")] = Path("scene.toml"),
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Write a scene file from a description, in any language that is known.

    The robot starts at the origin and looks along +x; things are placed as it sees them.
    """
    from simonsays.assets import InputError, did_you_mean
    from simonsays.assets.files import check_writable, write_atomically
    from simonsays.experiments.cli._common import console, print_json, print_table
    from simonsays.experiments.scene_text import scene_of, toml_of

    if action not in _ACTIONS:
        raise InputError(f"simon scene {action}: no such action{did_you_mean(action, _ACTIONS)}")
    check_writable(out, (".toml",))
    if out.exists() and not force:
        raise InputError(f"{out} is there already: give another --out, or --force")
    scene = scene_of(text)
    write_atomically(out, toml_of(scene, text))
    if json_output:
        print_json({"file": str(out), **scene.to_dict()})
        return
    rows = [(prop.name, f"{prop.position[0]:g}, {prop.position[1]:g}", f"{prop.yaw_deg:g}") for prop in scene.props]
    print_table(("thing", "x, y (m)", "turned (°)"), rows)
    console().print(f'wrote {out}; next: simon says "go to the {scene.props[0].name}" --scene {out}', style="dim")
