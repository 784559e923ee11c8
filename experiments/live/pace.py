"""Keeping real time: when the next control step is due, and how fast the session really goes."""

from __future__ import annotations

from collections import deque

_WINDOW = 2.0  # s of wall time, over which the factor is measured
_LATE = 0.25  # s: later than that, the steps that were missed are given up


class Pace:
    """Says how long to wait; times are s of a monotonic clock and s of the session."""

    def __init__(self, dt: float) -> None:
        self._dt, self._due = dt, 0.0
        self._seen: deque[tuple[float, float]] = deque()

    def restart(self, now: float) -> None:
        """Begin anew, after a pause or a reset."""
        self._due = now
        self._seen.clear()

    def wait(self, now: float, session_time: float, speed: float) -> float:
        """s to wait, after a step, until the next one; ``speed`` 1 is real time."""
        self._seen.append((now, session_time))
        while now - self._seen[0][0] > _WINDOW:
            self._seen.popleft()
        self._due += self._dt / speed
        if now - self._due > _LATE:
            self._due = now
        return max(0.0, self._due - now)

    @property
    def factor(self) -> float:
        """Session time over wall time of the last two seconds; 0 before there is any."""
        if len(self._seen) < 2:
            return 0.0
        (first, began), (last, ended) = self._seen[0], self._seen[-1]
        return (ended - began) / max(last - first, 1e-9)
