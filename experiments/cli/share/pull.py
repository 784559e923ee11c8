"""``simon pull``: fetch a policy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def run(
    source: Annotated[str, typer.Argument(help="OWNER/NAME on the hub, or a folder such as ./shared/walk.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder of the bundle.", show_default="the source's last name")
    ] = None,
    revision: Annotated[str | None, typer.Option(help="Branch, tag or commit.", show_default="main")] = None,
    endpoint: Annotated[str | None, typer.Option(help="Another hub's address.", show_default="HF_ENDPOINT")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the folder if it is there.")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Fetch a policy bundle, check it, and put it in place: only policy.json, policy.safetensors and CARD.md."""
    from simonsays.envs.policy.policy import load_policy
    from simonsays.experiments.cli._common import answer
    from simonsays.experiments.exchange.hub import pull

    folder = pull(source, out or Path(Path(source).name), revision=revision, endpoint=endpoint, force=force)
    env_id = load_policy(folder).env_id
    data = {"source": source, "pulled": str(folder), "env_id": env_id}
    answer(json_output, data, f"pulled {folder}, a policy for {env_id}")
