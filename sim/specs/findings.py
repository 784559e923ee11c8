"""What is wrong with a robot, or worth knowing: where it stands, and how to mend it."""

from __future__ import annotations

from dataclasses import asdict, replace
from enum import StrEnum
from pathlib import Path

from simonsays.assets import InputError
from simonsays.assets.notes import dataclass


class Level(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    """it cannot be simulated as its files say"""
    WARNING = "warning"
    """it is simulated, maybe not as its author thinks"""


@dataclass(frozen=True)
class Finding:
    """One thing that a check of a robot found."""

    element: str
    """what it is of: ``link 'pelvis', inertial``, or a field of the spec"""
    what: str
    mend: str = ""
    """what to do about it"""
    level: Level = Level.ERROR
    file: str = ""

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.file, self.element, self.what, self.mend)))

    def to_json(self) -> dict[str, str]:
        """As plain data."""
        return {key: str(value) for key, value in asdict(self).items()}


class RobotFault(InputError):
    """A finding that a robot is refused for; ``finding`` has its parts."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding

    def of(self, file: Path | str) -> RobotFault:
        """The same, with the file that it is in."""
        return RobotFault(replace(self.finding, file=str(file)))


def fault(element: str, what: str, mend: str = "") -> RobotFault:
    """A fault to raise."""
    return RobotFault(Finding(element, what, mend))


def warning(file: Path | str, element: str, what: str, mend: str = "") -> Finding:
    """A finding that nothing is refused for."""
    return Finding(element, what, mend, Level.WARNING, str(file))
