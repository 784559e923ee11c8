"""Crouch: hold any height of the base on both feet. Its policy takes over from the gait's when it is low."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from simonsays.envs.motions.base import CLOSE, STILL, Reference, Wish, register_motion
from simonsays.envs.motions.gait import Gait, approached
from simonsays.envs.motions.pattern import GaitClock
from simonsays.sim.state import Vector

# rad of ankle pitch for each m that the arms move the centre of mass ahead: more than tilts a stiff body back over its
# feet (1.7), as the ankles yield. Of 40 random 30 s with wild arms 15 fall without it, 2 with it.
_ARM_BALANCE = 4.0


@register_motion
class Crouch(Gait):
    """Standing on bent legs: begins once the feet stand, and ends once the robot has stood up."""

    name = "crouch"
    does = "Holds a height of the base, {height} m, on both feet: a residual on bent legs"
    home = "gait"
    settings: ClassVar[Mapping[str, Any]] = {
        "standing": 1.0,
        "crouching": 0.85,
        "height": (0.50, 0.76),
        "command_seconds": (1.5, 4.0),
    }
    travels = False

    def _low(self, height: float) -> bool:
        return height < self.spec.standing_height - CLOSE

    def called_for(self, wish: Wish, before: Reference) -> bool:
        """Where the base is to be low, or is."""
        return self._low(wish.height) or self._low(before.height)

    def may_begin(self, before: Reference) -> bool:
        """Once the feet stand."""
        return not before.running

    def advance(self, wish: Wish, before: Reference) -> Reference:
        """Towards the wanted height, leaning against arms that are stretched out; up again it is the gait."""
        height = approached(before.height, wish.height, self.stage.dt)
        if not self._low(height):
            return super().advance(wish, before)
        reference = self._reference(GaitClock(before.phase, False), height)
        tilt = _ARM_BALANCE * (self.stage.robot.arm_lever() - self.stage.arm_rest)
        for _, _, ankle in self.pitch_joints:
            reference.targets[ankle] += tilt
        return reference

    def done(self, wish: Wish, reference: Reference) -> bool:
        """Once it stands upright."""
        return not self._low(reference.height)

    def obeyed(self, command: Vector) -> Vector:
        """It stays where it is."""
        return STILL
