"""The contract of a robot: what physics, envs and training rely on."""

from __future__ import annotations

from pathlib import Path

from simonsays.sim.checking import Report, check_spec
from simonsays.sim.robots import get_robot
from simonsays.testing._holding import accepted, holds


def check_robot(name_or_file: str | Path) -> Report:
    """Check a robot, by its name or the ``.py`` file that registers it, as ``simon robot check`` does.

    Its URDF can be simulated as it says, its spec fits the URDF, it stands on its soles at the height that it says, its
    sides and axes are what their roles say, every joint has a mirror image, and every engine that is installed has its
    mass and keeps its joints calm. Warnings are in the report that is returned.

    Raises:
        AssertionError: something does not hold; the message lists all that does not.
    """
    with accepted(f"robot {name_or_file}"):
        report = check_spec(get_robot(name_or_file))
    listed = "".join(f"\n  {each}" for each in report.errors)
    holds(not report.errors, f"robot {report.robot}: {len(report.errors)} errors:{listed}")
    return report
