"""person: a mannequin that stands, its right hand a little ahead; along a path it faces where it goes."""

from __future__ import annotations

from simonsays.sim.things import Part, Thing, block, register_thing

# Shares of the extents: a grown-up's proportions, arms at its sides (Drillis and Contini, 1966, rounded).
_HIP, _CHIN, _ELBOW, _WRIST = 0.48, 0.87, 0.63, 0.46
_HEAD, _NECK = 0.135, 0.06  # of the height: the head's and the neck's width


def _parts(x: float, y: float, z: float) -> tuple[Part, ...]:
    c = z / 2
    hip, chin, head = _HIP * z - c, _CHIN * z - c, min(_HEAD * z, 0.8 * x, y)
    neck = min(_NECK * z, 0.5 * head)
    leg, arm = min(0.34 * y, 0.6 * x), min(0.2 * y, 0.4 * x)
    made = [
        block((-0.3 * x, -0.3 * y, hip), (0.3 * x, 0.3 * y, _CHIN * z - 0.03 * z - c)),
        Part("ball", (head, head, head), (0.0, 0.0, c - head / 2)),
        Part("pillar", (neck, neck, 0.06 * z), (0.0, 0.0, chin - 0.02 * z)),
        Part("box", (0.1 * x, 0.2 * head, 0.18 * head), (head / 2, 0.0, c - 0.52 * head)),  # the nose: where it faces
    ]
    for side in (1, -1):
        made.append(Part("pillar", (leg, leg, _HIP * z), (0.0, side * 0.15 * y, hip - _HIP * z / 2)))
        made.append(
            block((-0.2 * x, side * 0.15 * y - leg / 2, -c), (0.5 * x, side * 0.15 * y + leg / 2, 0.045 * z - c))
        )
        shoulder = (_CHIN - 0.04) * z - c
        made.append(Part("ball", (arm, arm, arm), (0.0, side * (y - arm) / 2, shoulder)))
        low = _WRIST * z - c if side > 0 else _ELBOW * z - c
        made.append(Part("pillar", (arm, arm, shoulder - low), (0.0, side * (y - arm) / 2, (shoulder + low) / 2)))
    elbow, middle = _ELBOW * z - c, -(y - arm) / 2
    made.append(block((-arm / 2, middle - arm / 2, elbow - arm), (0.5 * x, middle + arm / 2, elbow)))
    return tuple(made)


THING = register_thing(Thing("person", (0.5, 0.52, 1.7), _parts, walks=True, color="blue"))
