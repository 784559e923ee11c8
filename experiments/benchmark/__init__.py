"""The benchmark: every sentence of a suite in scenes of its own, done, judged twice, and told with intervals."""

from __future__ import annotations

from simonsays.experiments.benchmark.report import write_report
from simonsays.experiments.benchmark.running import Options, run_benchmark

__all__ = ["Options", "run_benchmark", "write_report"]
