"""``simon export``: recordings and policies in other people's formats."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer


def run(
    what: Annotated[
        Literal["minari", "lerobot", "onnx"], typer.Argument(help="minari and lerobot: recordings; onnx: a policy.")
    ],
    sources: Annotated[
        list[str],
        typer.Argument(help="Recordings (.npz), or a policy: a shipped one's name, a bundle's folder or a run's."),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            help="lerobot: a new folder. onnx: a file. minari: where data sets lie.", show_default="Minari's own folder"
        ),
    ] = None,
    dataset_id: Annotated[
        str, typer.Option("--id", help="minari: name of the data set, NAME-v0 or GROUP/NAME-v0.")
    ] = "simonsays/recordings-v0",
    network: Annotated[
        bool,
        typer.Option(
            "--network", help="onnx: from observation to action, not from a robot's signals to joint targets."
        ),
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Write recordings as a Minari or LeRobot data set, or a policy as an ONNX model (docs/exchange.md)."""
    from simonsays.experiments.cli._common import answer

    written = _export(what, sources, out, dataset_id, network)
    answer(json_output, {"format": what, "written": str(written)}, f"wrote {written}")


def _export(what: str, sources: list[str], out: Path | None, dataset_id: str, network: bool) -> Any:
    from simonsays.assets import InputError

    if what == "minari":
        from simonsays.experiments.exchange.minari_data import write_recordings

        return write_recordings(sources, dataset_id, out)
    if what == "lerobot":
        from simonsays.experiments.exchange.lerobot_data import write_lerobot

        return write_lerobot(sources, out or Path("lerobot"))
    from simonsays.agents.measure.checkpoints import bundle_of
    from simonsays.experiments.exchange.onnx_export import export_onnx

    if len(sources) != 1:
        raise InputError(f"export onnx: one policy at a time, not {len(sources)}")
    signals = False if network else None
    return export_onnx(bundle_of(sources[0]), out or Path(f"{Path(sources[0]).name}.onnx"), signals)
