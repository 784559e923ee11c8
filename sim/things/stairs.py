"""stairs: steps that rise along +x."""

from __future__ import annotations

from simonsays.sim.things import Part, Thing, block, register_thing

_RISE, _MOST = 0.15, 40  # m, about, of a step; steps


def _parts(x: float, y: float, z: float) -> tuple[Part, ...]:
    a, b, c = x / 2, y / 2, z / 2
    count = min(_MOST, max(1, round(z / _RISE)))
    return tuple(
        block((i * x / count - a, -b, -c), ((i + 1) * x / count - a, b, (i + 1) * z / count - c)) for i in range(count)
    )


THING = register_thing(Thing("stairs", (0.9, 0.8, 0.45), _parts, rises=True))
