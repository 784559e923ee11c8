"""What one part of a robot's check gives."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from simonsays.assets.notes import dataclass
from simonsays.sim.specs.findings import Finding


@dataclass(frozen=True)
class Part:
    """Findings, and what was measured, by name."""

    findings: list[Finding] = field(default_factory=list)
    measured: dict[str, Any] = field(default_factory=dict)
