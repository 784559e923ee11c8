"""The checks of a robot together."""

from __future__ import annotations

from dataclasses import field
from pathlib import Path
from typing import Any

from simonsays.assets.notes import dataclass
from simonsays.sim.checking.efforts import too_weak
from simonsays.sim.checking.model import model_told, model_warnings
from simonsays.sim.checking.physics import in_engines
from simonsays.sim.checking.standing import standing
from simonsays.sim.kinematics import Tree
from simonsays.sim.specs import RobotSpec
from simonsays.sim.specs.faults import model_faults
from simonsays.sim.specs.findings import Finding, Level
from simonsays.sim.specs.urdf import Urdf, survey


@dataclass(frozen=True)
class Report:
    """What was found of a robot."""

    robot: str
    """its name, or that of its file"""
    urdf: Path
    findings: tuple[Finding, ...]
    """errors first"""
    measured: dict[str, Any] = field(default_factory=dict)
    """by name; see docs/robots.md"""

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What it is refused for."""
        return tuple(each for each in self.findings if each.level is Level.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What is simulated, maybe not as its author thinks."""
        return tuple(each for each in self.findings if each.level is Level.WARNING)

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        findings = [each.to_json() for each in self.findings]
        return {"robot": self.robot, "urdf": str(self.urdf), "findings": findings, "measured": self.measured}


def check_model(file: Path) -> Report:
    """Check a URDF alone, without a spec."""
    urdf, faults = survey(file)
    found = [each.finding for each in (faults if urdf is None else model_faults(urdf))]
    return _report(file.stem, file, urdf, found, {})


def check_spec(spec: RobotSpec) -> Report:
    """Check a robot: its URDF, its spec, how it stands, and how each engine that is installed has it.

    What needs a robot that can be loaded is measured where there are no errors before.
    """
    urdf = survey(spec.urdf)[0]
    found, measured = [each.finding for each in spec.faults()], dict[str, Any]()
    if not found:
        tree = Tree(spec)
        found += too_weak(spec, tree)
        for part in (standing(spec, tree), in_engines(spec, tree)):
            found += part.findings
            measured |= part.measured
    return _report(spec.name, spec.urdf, urdf, found, measured)


def _report(name: str, file: Path, urdf: Urdf | None, found: list[Finding], measured: dict[str, Any]) -> Report:
    if urdf is not None:
        found = [*found, *model_warnings(urdf)]
        measured = {**model_told(urdf), **measured}
    ordered = sorted(dict.fromkeys(found), key=lambda each: each.level is Level.WARNING)
    return Report(name, file, tuple(ordered), measured)
