"""Get up from the ground: a chain of poses (RobotSpec.rising), the ankles balancing once the feet carry it.

From any pose the limbs go straight first; then the body lies on its back, its front or a side. From front and side it
rolls over; on the back it sits up, draws the feet in, leans over them and rises. It begins anew where that fails.
"""

from __future__ import annotations

from typing import ClassVar

from simonsays.envs.motions.base import Reference, Wish, register_motion
from simonsays.envs.motions.keyframed import Keyframed, Way
from simonsays.envs.stage import Stage
from simonsays.envs.terminations import fallen
from simonsays.sim.specs import Keyframe

# cosines, of an axis of the base with the vertical
_LYING, _ON_A_SIDE, _TOPPLES, _UPRIGHT = 0.7, 0.5, 0.5, 0.9
_HIGH = 0.85  # of standing height: it stands
_STRAIGHTEN = (Keyframe(0.32), Keyframe(0.12))


@register_motion
class GetUp(Keyframed):
    """From lying on the ground to standing."""

    name = "get_up"
    does = "Gets up from the ground: poses in order, without a policy"
    low: ClassVar[bool] = True

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        rising = stage.spec.rising
        if rising is not None:
            self.over = rising.over
            for part, frames in {"straighten": _STRAIGHTEN, "front": rising.front, "back": rising.back}.items():
                self.parts[part] = self.frames(frames)
            self.parts["front mirrored"] = self.mirrored(self.parts["front"])

    def may_begin(self, before: Reference) -> bool:
        """Where it lies on the ground."""
        stage = self.stage
        return bool(self.parts) and fallen(stage.reading, self.spec, stage.world.scene.ground.gradient)

    def begin(self, before: Reference) -> Reference:
        """From the pose that it lies in."""
        here = Way("straighten", 0, 0.0, list(self.stage.reading.joint_positions))
        return Reference(here.origin, 0.0, False, self.spec.standing_height, memory=here)

    def advance(self, wish: Wish, before: Reference) -> Reference:
        """Towards the pose of this frame, and on to the next one once its time is over."""
        way = self._next(before.memory)
        return self.shown(way) if way.part in self.parts else before._replace(memory=way)

    def _next(self, way: Way) -> Way:
        """The way a control step later."""
        if self.parts[way.part][way.frame][0].balance and -self.stage.reading.gravity[2] < _TOPPLES:
            return self._again(way)
        on = self.onward(way)
        if on is not None:
            return on
        on = way._replace(time=self.stage.dt, origin=self.pose_of(way))
        if way.part == "straighten":
            return on._replace(part=self._lies(way.tries), frame=0, tries=way.tries + 1)
        return on._replace(part="") if self._stands() else self._again(on)

    def _again(self, way: Way) -> Way:
        return Way("straighten", 0, self.stage.dt, list(self.stage.reading.joint_positions), way.tries)

    def _lies(self, tries: int) -> str:
        """The part that it goes on with, from how it lies; on its front by turns over either side."""
        ahead, aside, _ = self.stage.reading.gravity
        if -ahead > _LYING:
            return "back"
        over_left = aside > 0 if abs(aside) > _ON_A_SIDE else tries % 2 == 0
        return "front" if over_left else "front mirrored"

    def _stands(self) -> bool:
        reading = self.stage.reading
        lowest = min(foot[2] for foot in reading.foot_positions)
        high = reading.base_position[2] - lowest > _HIGH * self.spec.standing_height - self.spec.gait.sole_height
        return high and -reading.gravity[2] > _UPRIGHT

    def done(self, wish: Wish, reference: Reference) -> bool:
        """Once it stands, or is not wanted any more."""
        return reference.memory.part not in self.parts or super().done(wish, reference)
