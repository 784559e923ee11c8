"""What differs between two results: plain data, arrays, tables."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from expected import EXPECTED, Expected
from numpy.typing import NDArray

MISSING = "(missing)"


class Difference(NamedTuple):
    """One field of one case that is not as it was."""

    part: str
    case: str
    field: str
    old: str
    new: str

    @property
    def expected(self) -> Expected | None:
        """The exception that covers it."""
        return next((each for each in EXPECTED if each.covers(self.part, self.case, self.field)), None)


@dataclass
class Outcome:
    """What came of a part."""

    part: str
    cases: int = 0
    differences: list[Difference] = field(default_factory=list)
    additional: dict[str, int] = field(default_factory=dict)
    """fields that only the new tree has, and in how many cases: information"""
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def counted(self) -> list[Difference]:
        """The differences that nobody expected."""
        return [each for each in self.differences if each.expected is None]

    def add(self, case: str, where: str, old: Any, new: Any) -> None:
        """Note a difference."""
        self.differences.append(Difference(self.part, case, where, _short(old), _short(new)))

    def add_new(self, where: str) -> None:
        """Note a field that the old tree has not."""
        self.additional[where] = self.additional.get(where, 0) + 1

    def failed(self, failures: Mapping[str, str]) -> bool:
        """Note sides that could not be run; whether there were any."""
        for side, said in failures.items():
            self.add(f"the {side} side", "did not run", *(("", said) if side == "new" else (said, "")))
        return bool(failures)

    def data(self, case: str, old: Any, new: Any, where: str = "", grows: bool = False) -> None:
        """Compare plain data; ``grows``: what only the new one has is information."""
        for place, before, after in _differences(old, new, where):
            if grows and before is MISSING:
                self.add_new(place)
            else:
                self.add(case, place, before, after)

    def array(
        self, case: str, where: str, old: NDArray[Any], new: NDArray[Any], tolerance: float | None = None
    ) -> None:
        """Compare arrays: bit by bit, or within a tolerance."""
        if old.shape != new.shape or (old.dtype != new.dtype and tolerance is None):
            self.add(case, where, f"{old.dtype}{list(old.shape)}", f"{new.dtype}{list(new.shape)}")
            return
        if tolerance is None:
            same = old.tobytes() == new.tobytes()
        else:
            same = np.allclose(old, new, rtol=0, atol=tolerance, equal_nan=True)
        if not same:
            self.add(case, where, *_first(old, new))

    def arrays(
        self,
        case: str,
        old: Mapping[str, NDArray[Any]],
        new: Mapping[str, NDArray[Any]],
        tolerance: float | None = None,
    ) -> None:
        """Compare arrays by name; those that only the new one has are information."""
        for name in old:
            if name not in new:
                self.add(case, name, f"{old[name].dtype}{list(old[name].shape)}", MISSING)
            else:
                self.array(case, name, old[name], new[name], tolerance)
        for name in new:
            if name not in old:
                self.add_new(name)


def _differences(old: Any, new: Any, where: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            place = f"{where}.{key}" if where else str(key)
            yield from _differences(old.get(key, MISSING), new.get(key, MISSING), place)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for i, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _differences(before, after, f"{where}.{i}")
    elif not _same(old, new):
        yield where, old, new


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, float) and isinstance(new, float) and math.isnan(old) and math.isnan(new):
        return True
    return type(old) is type(new) and bool(old == new)


def _first(old: NDArray[Any], new: NDArray[Any]) -> tuple[str, str]:
    """The first element that differs, and by how much all of them do at most."""
    if old.dtype.kind in "fc":
        other = ~((old == new) | (np.isnan(old) & np.isnan(new)))
        apart = np.abs(old.astype(float) - new.astype(float))
        most = f"; {other.sum()} of {old.size} differ, by at most {np.nanmax(apart):.3g}" if apart.size else ""
    else:
        other = np.asarray(old != new)
        most = f"; {other.sum()} of {old.size} differ"
    if not other.any():
        return "", "the same numbers, but not the same bits (a sign of zero, or another NaN)"
    place = tuple(int(i) for i in np.argwhere(other)[0])
    return f"{list(place)}: {old[place]!s}", f"{new[place]!s}{most}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 600 else text[:597] + "..."
