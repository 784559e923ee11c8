"""door: a door's frame, open along x; one walks through it."""

from __future__ import annotations

from simonsays.sim.things import Part, Thing, posts, register_thing

_POST = 0.08  # m


def _parts(x: float, y: float, z: float) -> tuple[Part, ...]:
    return posts(x, y, z, min(_POST, y / 4), min(_POST, z / 4))


THING = register_thing(Thing("door", (0.12, 1.2, 2.0), _parts, gate=True, color="brown"))
