"""Lie down on the back, from standing: a chain of poses (RobotSpec.rising, ``down``), balanced while the feet carry it.

It squats, sits down behind its feet on to its bottom, leans back on its arms and stretches out. It then lies until it
is to get up.
"""

from __future__ import annotations

from typing import ClassVar

from simonsays.envs.motions.base import Reference, Wish, register_motion
from simonsays.envs.motions.keyframed import Keyframed, Way
from simonsays.envs.stage import Stage


@register_motion
class LieDown(Keyframed):
    """From standing to lying on the back."""

    name = "lie_down"
    does = "Lies down on its back: poses in order, without a policy"
    low: ClassVar[bool] = True
    busy: ClassVar[bool] = False

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        rising = stage.spec.rising
        if rising is not None and rising.down:
            self.over, self.parts = rising.over, {"down": self.frames(rising.down)}

    def may_begin(self, before: Reference) -> bool:
        """Once the feet stand, where the robot has poses for it."""
        return bool(self.parts) and not before.running

    def begin(self, before: Reference) -> Reference:
        """From the pose that it stands in."""
        return before._replace(memory=Way("down", 0, 0.0, before.targets))

    def advance(self, wish: Wish, before: Reference) -> Reference:
        """Down, and there it stays."""
        return self.shown(self.onward(before.memory) or before.memory)

    def frees_arms(self, reference: Reference) -> bool:
        """Once it lies."""
        return self.onward(reference.memory) is None

    def done(self, wish: Wish, reference: Reference) -> bool:
        """Never: it lies until another motion, which gets it up, begins."""
        return False
