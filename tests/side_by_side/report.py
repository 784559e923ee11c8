"""The report, for people and as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from compare import Difference, Outcome
from expected import EXPECTED
from trees import Side


def as_text(sides: list[Side], outcomes: list[Outcome], show: int) -> str:
    """The report for people: ``show`` examples of each kind of difference."""
    lines = [f"{side.name}: {side.said}" for side in sides]
    lines.append("")
    for outcome in outcomes:
        count = len({each.case for each in outcome.counted})
        said = "for information" if outcome.part == "bench" else f"{count} differ" if count else "equal"
        lines.append(f"{outcome.part:<11}{outcome.cases:>7,} cases   {said:<16}{outcome.seconds:>7.0f} s")
        lines += [f"    {note}" for note in outcome.notes]
    lines += _expected(outcomes) + _additional(outcomes)
    counted = [each for outcome in outcomes for each in outcome.counted]
    if counted:
        lines += ["", "Differences"]
        for kind, each in _grouped(counted).items():
            lines += ["", f"  {kind}: {_cases(each)}", *_examples(each, show)]
    lines += ["", f"{len(counted)} differences that nobody expected" if counted else "equal, save what is expected"]
    return "\n".join(lines)


def as_json(sides: list[Side], outcomes: list[Outcome]) -> str:
    """Everything, as one document."""
    parts = {
        outcome.part: {
            "cases": outcome.cases,
            "seconds": round(outcome.seconds, 1),
            "notes": outcome.notes,
            "additional": outcome.additional,
            "differences": [
                {**each._asdict(), "expected": each.expected.why if each.expected else None}
                for each in outcome.differences
            ],
        }
        for outcome in outcomes
    }
    data = {
        **{side.name: side.said for side in sides},
        "equal": not any(outcome.counted for outcome in outcomes),
        "parts": parts,
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _expected(outcomes: list[Outcome]) -> list[str]:
    """What was expected, and what of that was not seen."""
    run = {outcome.part for outcome in outcomes}
    lines = []
    for entry in EXPECTED:
        if entry.part not in run:
            continue
        seen = [each for outcome in outcomes for each in outcome.differences if each.expected == entry]
        lines += [f"  {entry.part}: {entry.field}: {_cases(seen) if seen else 'not seen'}: {entry.why}"]
        lines += _examples(seen, 1)
    return ["", "Expected (expected.py)", *lines] if lines else []


def _additional(outcomes: list[Outcome]) -> list[str]:
    """What only the new tree has."""
    counts: dict[str, int] = {}
    for outcome in outcomes:
        for name, count in outcome.additional.items():
            kind = f"{outcome.part}: {_general(name)}"
            counts[kind] = counts.get(kind, 0) + count
    return (
        ["", "New fields (information)", *(f"  {kind} ({count})" for kind, count in counts.items())] if counts else []
    )


def _grouped(differences: Iterable[Difference]) -> dict[str, list[Difference]]:
    """Differences by part and field, whatever the places in lists."""
    groups: dict[str, list[Difference]] = {}
    for each in differences:
        groups.setdefault(f"{each.part}: {_general(each.field)}", []).append(each)
    return groups


def _general(field: str) -> str:
    return re.sub(r"\.\d+(?=\.|$)", ".*", field)


def _cases(differences: list[Difference]) -> str:
    count = len({each.case for each in differences})
    return f"{count:,} case{'s' if count != 1 else ''}"


def _examples(differences: list[Difference], show: int) -> list[str]:
    lines = []
    for each in differences[:show]:
        lines += [f"    {each.case}", f"      {each.field}", f"        old {each.old}", f"        new {each.new}"]
    left = len(differences) - show
    return [*lines, f"    ... and {left:,} more"] if left > 0 and show > 1 else lines
