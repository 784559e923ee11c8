"""chair: a seat on four legs with a back; it faces +x."""

from __future__ import annotations

from simonsays.sim.things import Part, Thing, block, register_thing

_SEAT, _LEG = 0.53, 0.12  # of the height, up to the seat's top; of the width, a leg
_THIN = 0.05  # of the height, the seat


def _parts(x: float, y: float, z: float) -> tuple[Part, ...]:
    a, b, c, leg = x / 2, y / 2, z / 2, _LEG * min(x, y)
    seat, under = _SEAT * z - c, (_SEAT - _THIN) * z - c
    back = block((-a, -b, seat), (leg - a, b, c))
    legs = (block((i, j, -c), (i + leg, j + leg, under)) for i in (-a, a - leg) for j in (-b, b - leg))
    return (back, block((-a, -b, under), (a, b, seat)), *legs)


THING = register_thing(Thing("chair", (0.42, 0.42, 0.85), _parts, color="brown"))
