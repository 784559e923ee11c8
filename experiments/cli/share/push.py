"""``simon push``: publish a policy."""

from __future__ import annotations

from typing import Annotated

import typer


def run(
    policy: Annotated[str, typer.Argument(help="A shipped policy's name, a bundle's folder or a run's.")],
    target: Annotated[str, typer.Argument(help="OWNER/NAME on the hub, or a folder such as ./shared/walk.")],
    private: Annotated[bool, typer.Option("--private", help="A repository that is made here is private.")] = False,
    revision: Annotated[str | None, typer.Option(help="Branch to push to.", show_default="main")] = None,
    endpoint: Annotated[str | None, typer.Option(help="Another hub's address.", show_default="HF_ENDPOINT")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Push a policy bundle to a Hugging Face hub or into a folder. The token is that of HF_TOKEN or `hf auth login`."""
    from simonsays.agents.measure.checkpoints import bundle_of
    from simonsays.experiments.cli._common import answer
    from simonsays.experiments.exchange.hub import push

    where = push(bundle_of(policy), target, private=private, revision=revision, endpoint=endpoint)
    answer(json_output, {"policy": policy, "pushed": where}, f"pushed to {where}")
