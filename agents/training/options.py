"""How a training is begun and followed, beside its recipe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from simonsays.assets.notes import dataclass

Report = Callable[[dict[str, Any]], None]
"""called after every rollout with the figures of a progress display"""


@dataclass(frozen=True)
class TrainOptions:
    """What one training may be told."""

    init: str | Path | None = None
    """a bundle to start the weights from"""
    resume: bool = False
    """go on from the newest checkpoint of the run's folder, or from the one named ``checkpoint``"""
    checkpoint: str | None = None
    """``step_N``"""
    threads: int | None = None
    """of torch; by default those of train.learner_threads"""
    report: Report | None = None
    on_checkpoint: Callable[[Path], bool] | None = None
    """called with the folder of each regular checkpoint; False ends the training there"""
    log: tuple[str, ...] = ()
    """services that get the figures, too (agents/runs/loggers.py)"""


DEFAULT = TrainOptions()
