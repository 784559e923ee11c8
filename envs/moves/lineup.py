"""Lining up: walk round the things of a scene to a place and a heading there, touching nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from simonsays.envs.moves.approach import Guide, footprints
from simonsays.envs.moves.behavior import SkillContext, SkillOutput
from simonsays.envs.moves.steering import Command, Point, clip, hold_heading, seen_from
from simonsays.sim.rotations import wrap_angle
from simonsays.sim.specs import PropSpec

_NEAR = 0.35  # m: from here on the robot turns to the wanted heading and steps into place
_PLACE, _HEADING = 0.05, math.radians(6)
_TURN_FIRST = math.radians(35)


@dataclass(frozen=True)
class Stance:
    """Where to stand, (x, y) m, world, and where to look, rad."""

    place: Point
    yaw: float


class LineUp:
    """Walks round all ``props`` to a stance, at most ``speed`` m/s; a success once the robot stands there."""

    def __init__(self, speed: float, props: Mapping[str, PropSpec]) -> None:
        self._guide, self._props = Guide(speed, props), props

    def update(self, ctx: SkillContext, stance: Stance) -> SkillOutput:
        """One control step; a failure where no way leads there."""
        turn = wrap_angle(stance.yaw - ctx.state.yaw)
        distance = math.dist(ctx.position, stance.place)
        if distance < _PLACE and abs(turn) < _HEADING:
            return SkillOutput(status="success")
        if distance < _NEAR:
            return SkillOutput(_step_into(ctx, stance, turn))
        return self._guide.walk(ctx, [stance.place], list(footprints(self._props, ctx).values()))


def _step_into(ctx: SkillContext, stance: Stance, turn: float) -> Command:
    """Turn on the spot first, then step in any direction, holding the heading."""
    if abs(turn) > _TURN_FIRST:
        return 0.0, 0.0, math.copysign(0.8, turn)
    ahead, left = seen_from(ctx.position, ctx.state.yaw, stance.place)
    return clip(1.2 * ahead, 0.22), clip(1.2 * left, 0.2), hold_heading(ctx.state.yaw, stance.yaw)
