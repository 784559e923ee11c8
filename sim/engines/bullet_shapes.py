"""What stands in a world, as PyBullet's shapes and bodies; and the one window that PyBullet opens."""

from __future__ import annotations

import contextlib
import math
from typing import Any

from simonsays.assets import InputError
from simonsays.sim.engines.native import pybullet, silenced
from simonsays.sim.rotations import quaternion_from_rpy
from simonsays.sim.shapes import BUMP_SPACING, BUMPS, bump_heights, hull, inertia, prop_mesh
from simonsays.sim.specs import COLORS, GroundSpec, PropSpec
from simonsays.sim.things import Part


def open_window() -> int:
    """A physics client with a window of its own.

    Raises:
        InputError: this process has such a window already; Bullet allows one.
    """
    client = -1
    with silenced(), contextlib.suppress(pybullet.error):
        client = pybullet.connect(pybullet.GUI)
    if client < 0:
        raise InputError("PyBullet opens one window a process: close the env that has it first")
    return client


def nothing(client: int) -> int:
    """A visual shape for the ground that is not seen: pictures draw their own floor, Bullet would draw tiles."""
    shape: int = pybullet.createVisualShape(
        pybullet.GEOM_BOX,
        halfExtents=[1e-3] * 3,
        visualFramePosition=[0, 0, -5],
        rgbaColor=[0, 0, 0, 0],
        physicsClientId=client,
    )
    return shape


def bumps(client: int, ground: GroundSpec) -> int:
    """Collision shape of uneven ground: heights (m) drawn evenly from 0 to ``roughness``."""
    shape: int = pybullet.createCollisionShape(
        pybullet.GEOM_HEIGHTFIELD,
        meshScale=[BUMP_SPACING, BUMP_SPACING, 1.0],
        heightfieldTextureScaling=BUMPS,
        heightfieldData=bump_heights(ground).ravel().tolist(),
        numHeightfieldRows=BUMPS,
        numHeightfieldColumns=BUMPS,
        physicsClientId=client,
    )
    return shape


def create_prop(client: int, spec: PropSpec, centre: list[float], visuals: bool) -> int:
    """PyBullet's id of a prop, its centre there (m, world); ``visuals``: as it is drawn, too."""
    visual = -1
    if visuals:
        drawn = {"shapeType": pybullet.GEOM_MESH, **prop_mesh(spec)}
        visual = pybullet.createVisualShape(rgbaColor=COLORS[spec.color], physicsClientId=client, **drawn)
    body: int = pybullet.createMultiBody(
        spec.weight,
        _touched(client, spec),
        visual,
        centre,
        quaternion_from_rpy(0, 0, math.radians(spec.yaw_deg)).tolist(),
        physicsClientId=client,
    )
    rolling = 0.003 if spec.shape == "ball" else 0.0
    pybullet.changeDynamics(
        body, -1, lateralFriction=0.8, rollingFriction=rolling, spinningFriction=rolling, physicsClientId=client
    )
    if len(spec.parts) > 1 and spec.weight:
        pybullet.changeDynamics(body, -1, localInertiaDiagonal=inertia(spec), physicsClientId=client)
    return body


def _touched(client: int, spec: PropSpec) -> int:
    """What a prop touches with."""
    made = [_solid(part) for part in spec.parts]
    if len(made) == 1:
        return int(pybullet.createCollisionShape(physicsClientId=client, **made[0]))
    many = {"shapeTypes": "shapeType", "radii": "radius", "halfExtents": "halfExtents", "lengths": "height"}
    usual = {"radius": 1.0, "halfExtents": [1.0] * 3, "height": 1.0}
    return int(
        pybullet.createCollisionShapeArray(
            **{name: [each.get(one, usual.get(one)) for each in made] for name, one in many.items()},
            collisionFramePositions=[part.centre for part in spec.parts],
            physicsClientId=client,
        )
    )


def _solid(part: Part) -> dict[str, Any]:
    x, y, z = part.size
    if part.kind == "box":
        return {"shapeType": pybullet.GEOM_BOX, "halfExtents": [x / 2, y / 2, z / 2]}
    if part.kind == "ball":
        return {"shapeType": pybullet.GEOM_SPHERE, "radius": x / 2}
    if part.kind == "pillar":
        return {"shapeType": pybullet.GEOM_CYLINDER, "radius": x / 2, "height": z}
    return {"shapeType": pybullet.GEOM_MESH, "vertices": hull(part)}
