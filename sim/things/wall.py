"""wall: upright and thin along x, so that it is faced."""

from __future__ import annotations

from simonsays.sim.things import Part, Thing, register_thing

THING = register_thing(Thing("wall", (0.1, 2.0, 1.2), lambda x, y, z: (Part("box", (x, y, z)),)))
