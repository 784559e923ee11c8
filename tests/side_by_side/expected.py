"""Differences that are meant. Each is reported under its own heading, and does not count.

To add one, write a line: the part and the field as the report prints them (``*`` stands for anything), a ``case`` if it
is meant of some cases alone, and why. An entry that nothing matched is named in the report, so that it can go.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import NamedTuple


class Expected(NamedTuple):
    """A difference that is meant."""

    part: str
    """parses, recordings, onnx or training"""
    field: str
    why: str
    case: str = "*"

    def covers(self, part: str, case: str, field: str) -> bool:
        """Whether a difference is this one."""
        return part == self.part and fnmatchcase(field, self.field) and fnmatchcase(case, self.case)


EXPECTED = [
    Expected("parses", "instruction.notes*", "Instruction 2 tells what a reading passed over"),
    Expected("parses", "error.*", "a word that is not known is not called known", "*streches*"),
    *(
        Expected("parses", f"error.{field}*", "suggestions are words: no 'bing', 'feeled', 'keeped'", f"*{word}*")
        for word in ("[Ss]ing ", " zig ", "weekend")
        for field in ("suggestions", "message")
    ),
    Expected("recordings", "meta.instruction_json.notes*", "Instruction 2 tells what a reading passed over"),
    Expected("recordings", "meta.format", "recordings of the second edition say that they are of a newer format"),
    Expected("recordings", "meta.env.robot_hash", "bundles of format 2 hash what physics and actions mean, no more"),
    Expected("recordings", "joint_torques", "the mean over the control step, no longer what the last physics step had"),
    *(
        Expected("recordings", "*", "kicks and pushes walk round things by the one planner of ways", f"*{word}*")
        for word in ("kick", "push", "踢", "推")
    ),
    Expected("recordings", "*", "physics itself was mended: rotors, gains that do not shake, links that touch"),
    Expected("training", "*", "as recordings: trees of before the engines simulate other rotors and gains"),
]
