"""goal: two posts and a bar, open along x, for a ball to go between, or a robot."""

from __future__ import annotations

from simonsays.sim.things import Part, Thing, posts, register_thing

_BAR = 0.08  # m


def _parts(x: float, y: float, z: float) -> tuple[Part, ...]:
    return posts(x, y, z, min(x, y / 4), min(_BAR, z / 4))


THING = register_thing(Thing("goal", (0.1, 2.0, 1.7), _parts, gate=True, color="white"))
