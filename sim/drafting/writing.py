"""A draft as the file that registers its robot."""

from __future__ import annotations

import os
from dataclasses import MISSING, fields
from pathlib import Path

from simonsays.sim.drafting.draft import Draft

_HEAD = '''"""{title}: drafted from {urdf} by `simon robot new`. Guesses are to be tried: `simon robot check {file}`."""

from pathlib import Path

from simonsays.sim.robots import register_robot
from simonsays.sim.specs import GaitSpec, JointSpec, RobotSpec

# How sure a field is, and why:
{guesses}
{changes}
# kp (N m/rad), kd (N m s/rad), armature (kg m^2), standing angle (rad)
JOINTS = (
{joints}
)

ROBOT = RobotSpec(
    urdf=Path(__file__).parent / {path!r},
    joints=JOINTS,
    gait=GaitSpec(
{gait}
    ),
{fields}
)

register_robot(ROBOT)
'''
_APART = ("urdf", "joints", "gait", "body", "policies", "mjcf", "rising")


def source(draft: Draft, file: Path) -> str:
    """Python that registers the robot, for a file beside which its URDF is found."""
    spec = draft.spec
    changes = "".join(f"#   {each}\n" for each in draft.changed)
    gait = [
        f"        {each.name}={getattr(spec.gait, each.name)!r},"
        for each in fields(spec.gait)
        if each.default is MISSING or getattr(spec.gait, each.name) != each.default
    ]
    own = [f"    {each.name}={getattr(spec, each.name)!r}," for each in fields(spec) if each.name not in _APART]
    joints = [
        f"    JointSpec({joint.name!r}, {joint.kp}, {joint.kd}, {joint.armature}, {joint.default}),"
        for joint in spec.joints
    ]
    return _HEAD.format(
        title=spec.title,
        urdf=spec.urdf.name,
        file=file.name,
        guesses="\n".join(f"#   {each.field}: {each.sure}; {each.why}" for each in draft.guesses),
        changes=f"# Changed in the copy of the URDF:\n{changes}" if changes else "",
        joints="\n".join(joints),
        path=_relative(spec.urdf, file.parent),
        gait="\n".join(gait),
        fields="\n".join(own),
    )


def _relative(file: Path, folder: Path) -> str:
    return os.path.relpath(file.absolute(), folder.absolute())
