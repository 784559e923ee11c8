"""Going along a curve: pure pursuit of a point ahead on it, and what is measured of the way that was gone."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate, pairwise

from simonsays.assets.notes import dataclass
from simonsays.envs.moves.behavior import SHORTLY, Settled, SkillContext, SkillOutput, Speedometer
from simonsays.envs.moves.curves import CORNER, winding
from simonsays.envs.moves.pace import SLOWEST
from simonsays.envs.moves.paths import distance_to_line
from simonsays.envs.moves.steering import Command, Point, braking, clip, coasting, turning_rate
from simonsays.sim.rotations import wrap_angle

OFF, END, WOUND = 0.3, 0.25, math.radians(30)
"""m, from the way at most; m, from its end; rad, that laps around a middle may miss or exceed"""
FASTEST_BEND = 0.65  # rad/s, of the heading along a bend: what is left of the walker's 0.85 corrects
_AHEAD, _AHEAD_SECONDS = 0.3, 0.3  # m, and s at its speed, of the point that is pursued
_CORNER_SPEED, _AT_CORNER = 0.15, 0.1  # m/s, and m before it, at which the next edge counts
_TURN_FIRST = math.radians(40)
_MOST_RATE = 0.85  # rad/s
_WINDOW = 0.8  # m, along the way, in which the nearest point is looked for
_LEAST = 0.05  # m/s, on average, of what goes on for a time
_NEAR, _SHORT = 0.06, 0.15  # m, from its end; what is left at rest, from which on it goes on


@dataclass(frozen=True)
class Route:
    """Points (x, y) m, world, one after the other, and the middle that they go around, if they do, from a point on."""

    points: tuple[Point, ...]
    middle: Point | None = None
    first: int = 0
    """place of the point where it begins to go around the middle: before it, it only leads there"""

    @property
    def winding(self) -> float:
        """rad, left positive, around its middle."""
        return 0.0 if self.middle is None else winding(self.points[self.first :], self.middle)


class Pursuit:
    """Walks along the route that ``lay`` makes of what is seen first; a text of it is why it cannot be gone.

    ``speed``: m/s where the way is straight. ``seconds``: it ends where it is by then, not at the end. ``judged``: m/s,
    that it must have been as fast as for a while, and must not exceed.
    """

    def __init__(
        self,
        lay: Callable[[SkillContext], Route | str],
        speed: float,
        seconds: float | None = None,
        judged: tuple[float, float] = (0.0, math.inf),
    ) -> None:
        self._lay, self._speed, self._seconds, self._judged = lay, speed, seconds, judged
        self._pace = Speedometer()
        self._route: Route | None = None
        self._resting: Settled | None = None
        self._stopping = False
        self._at = self._off = 0.0
        self._gone: list[Point] = []

    def update(self, ctx: SkillContext) -> SkillOutput:
        if self._route is None:
            laid = self._lay(ctx)
            if isinstance(laid, str):
                return SkillOutput(status="failure", reason=laid)
            self._began = ctx.time
            self._plan(laid)
        assert self._route is not None
        self._measure(ctx.position, self._route)
        self._pace.update(ctx)
        if self._resting is not None:
            if not self._resting.update(ctx):
                return SkillOutput()
            if self._seconds is None and self._length[-1] - self._at > _SHORT:
                self._resting, self._stopping = None, False
                return SkillOutput()
            missed = self._missed(ctx.position)
            return SkillOutput(status="failure", reason=missed) if missed else SkillOutput(status="success")
        self._stopping = self._stopping or self._over(ctx)
        if self._stopping and (ctx.follows[0] < SLOWEST or self._seconds is not None):
            self._resting = Settled(limit=SHORTLY)
            return SkillOutput()
        return SkillOutput(self._command(ctx))

    def _plan(self, route: Route) -> None:
        """How far along each point is, and how fast (m/s) it may be passed."""
        points = self._points = route.points
        self._route = route
        self._length = [0.0, *accumulate(math.dist(a, b) for a, b in pairwise(points))]
        edges = [math.atan2(b[1] - a[1], b[0] - a[0]) for a, b in pairwise(points)]
        turns = [0.0, *(abs(wrap_angle(b - a)) for a, b in pairwise(edges)), 0.0]
        self._corners = [turn > CORNER for turn in turns]
        self._passes = [math.inf] * len(points)
        for i in range(len(points) - 2, 0, -1):
            bend = 0.5 * (self._length[i + 1] - self._length[i - 1])
            most = _CORNER_SPEED if self._corners[i] else FASTEST_BEND * bend / max(turns[i], 1e-6)
            ahead = self._length[i + 1] - self._length[i]
            self._passes[i] = min(most, math.hypot(self._passes[i + 1], braking(ahead)))

    def _measure(self, here: Point, route: Route) -> None:
        """How far along the way it is, never back, and how far off."""
        first = max(0, bisect_right(self._length, self._at) - 1)
        best = math.inf
        for i in range(first, len(self._points) - 1):
            a, b = self._points[i], self._points[i + 1]
            if self._length[i] > self._at + _WINDOW:
                break
            off = distance_to_line(here, a, b)
            if off < best:
                best, edge = off, i
            if self._corners[i + 1] and self._length[i + 1] - self._at > _AT_CORNER:
                break  # not past a corner that it has not come to
        if best is math.inf:
            return
        a, b = self._points[edge], self._points[edge + 1]
        length = self._length[edge + 1] - self._length[edge]
        along = ((here[0] - a[0]) * (b[0] - a[0]) + (here[1] - a[1]) * (b[1] - a[1])) / max(length, 1e-9)
        self._at = max(self._at, self._length[edge] + min(length, max(0.0, along)))
        self._off = max(self._off, best)
        if edge >= route.first and (not self._gone or math.dist(here, self._gone[-1]) > 0.02):
            self._gone.append(here)

    def _over(self, ctx: SkillContext) -> bool:
        if self._seconds is not None:
            return ctx.time - self._began >= self._seconds - 0.5
        return self._length[-1] - self._at < max(_NEAR, coasting(ctx.follows[0]))

    def _command(self, ctx: SkillContext) -> Command:
        """Towards a point ahead, on the circle that leads there along the heading (Coulter, 1992)."""
        i = min(bisect_right(self._length, self._at), len(self._points) - 1)
        while i < len(self._points) - 1 and self._corners[i] and self._length[i] - self._at < _AT_CORNER:
            self._at = self._length[i]
            i += 1
        speed = min(self._speed, math.hypot(self._passes[i], braking(self._length[i] - self._at)))
        speed = max(SLOWEST + 0.02, min(speed, ctx.follows[0]) if self._stopping else speed)
        target = self._point(self._at + _AHEAD + _AHEAD_SECONDS * speed)
        bearing = ctx.bearing(target)
        if abs(bearing) > _TURN_FIRST:
            return 0.0, 0.0, turning_rate(bearing, _MOST_RATE)
        away = max(0.15, math.dist(ctx.position, target))
        ahead = 0.0 if self._stopping else speed * math.cos(bearing)
        return ahead, 0.0, clip(2.0 * speed * math.sin(bearing) / away + 0.5 * bearing, _MOST_RATE)

    def _point(self, along: float) -> Point:
        """The point so far along the way; no farther than the next corner, but straight on beyond the end."""
        i = min(bisect_right(self._length, self._at), len(self._points) - 1)
        while i < len(self._points) - 1 and self._length[i] < along and not self._corners[i]:
            i += 1
        (ax, ay), (bx, by) = self._points[i - 1], self._points[i]
        share = (along - self._length[i - 1]) / max(1e-9, self._length[i] - self._length[i - 1])
        share = min(1.0, share) if self._corners[i] else share
        return ax + share * (bx - ax), ay + share * (by - ay)

    def _missed(self, here: Point) -> str:
        """What is wrong with the way that was gone, or nothing."""
        assert self._route is not None
        if self._off > OFF:
            return f"came {self._off:.2f} m off its way"
        least, most = self._judged
        if not least <= self._pace.fastest <= most:
            wanted = f"{least:.2f} m/s" if least else f"{most:.2f} m/s or less"
            return f"went at {self._pace.fastest:.2f} m/s, not {wanted}"
        if self._seconds is not None:
            return "" if self._at > _LEAST * self._seconds else "did not move the way it was told"
        if (away := math.dist(here, self._points[-1])) > END:
            return f"ended {away:.2f} m from the end of its way"
        if self._route.middle is not None:
            wound = winding(self._gone, self._route.middle)
            if abs(wound - self._route.winding) > WOUND:
                return f"went {math.degrees(wound):.0f}° around, not {math.degrees(self._route.winding):.0f}°"
        return ""
