"""table: a top on four legs."""

from __future__ import annotations

from simonsays.sim.things import Part, Thing, block, register_thing

_TOP, _LEG = 0.07, 0.09  # of the height, the top; of the shorter side, a leg


def _parts(x: float, y: float, z: float) -> tuple[Part, ...]:
    a, b, c, leg = x / 2, y / 2, z / 2, _LEG * min(x, y)
    under = c - _TOP * z
    legs = (block((i, j, -c), (i + leg, j + leg, under)) for i in (-a, a - leg) for j in (-b, b - leg))
    return (block((-a, -b, under), (a, b, c)), *legs)


THING = register_thing(Thing("table", (0.7, 1.1, 0.72), _parts, color="brown"))
