"""The options of the commands that can run over a cluster."""

from typing import Annotated

import typer

EngineOption = Annotated[str, typer.Option(help="local processes, or ray: tasks over a cluster.")]
RayAddress = Annotated[
    str | None, typer.Option(help="HOST:PORT of a Ray cluster, or auto; by default Ray is started here.")
]
