"""ramp: a wedge that rises along +x."""

from __future__ import annotations

from simonsays.sim.things import Part, Thing, register_thing

THING = register_thing(
    Thing("ramp", (1.2, 0.8, 0.3), lambda x, y, z: (Part("wedge", (x, y, z)),), color="yellow", rises=True)
)
