"""``simon live``: a page with the robot that does what you type."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simonsays.experiments.cli._common import OneRobot, OwnPolicy, PhysicsEngine


def run(
    scene: Annotated[str, typer.Option(help="A shipped scene's name, or a TOML file.")] = "playground",
    robot: OneRobot = None,
    policy: OwnPolicy = None,
    engine: PhysicsEngine = "bullet",
    seed: Annotated[int, typer.Option(help="Of everything random.", min=0)] = 0,
    host: Annotated[
        str, typer.Option(help="Where to listen. Beyond this machine, pages need the token that is printed.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0: any that is free.", min=0, max=65535)] = 8765,
    out: Annotated[Path, typer.Option(help="Folder for recordings.")] = Path(),
    look: Annotated[str, typer.Option(help="light or dark.")] = "light",
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print the address as a JSON document.")] = False,
) -> None:
    """Show the robot in the browser: type, and it does it, in real time. Ctrl-C ends it."""
    import asyncio
    import contextlib
    import sys
    import webbrowser

    from simonsays.assets import InputError, did_you_mean, needs_extra
    from simonsays.experiments.cli._common import console, make_folder, print_json
    from simonsays.experiments.live.session import LiveSession
    from simonsays.sim.web.model import looks

    with needs_extra("live", "a live page"):
        from simonsays.experiments.live.server import LiveServer
    if look not in looks():
        raise InputError(f"--look {look!r}{did_you_mean(look, looks())}")
    make_folder("--out", out)
    screen = console(json_output)

    def ready(url: str) -> None:
        if json_output:
            print_json({"url": url})
            sys.stdout.flush()
        screen.print(url, style="bold", end="")
        screen.print("  (Ctrl-C ends it)")
        if open_page:
            webbrowser.open(url)

    with contextlib.closing(LiveSession(scene, robot=robot, policy=policy, engine=engine, seed=seed)) as session:
        session.warm_up()
        asyncio.run(LiveServer(session, host=host, port=port, folder=out, look=look).run(ready))
