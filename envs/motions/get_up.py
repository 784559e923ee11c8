"""Get up from the ground: a chain of poses (RobotSpec.rising), the ankles balancing once the feet carry it.

From any pose the limbs go straight first; then the body lies on its back, its front or a side. From front and side it
rolls over; on the back it sits up, draws the feet in, leans over them and rises. It begins anew where that fails.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from simonsays.assets.notes import documented
from simonsays.envs.motions.base import Motion, Reference, Wish, register_motion
from simonsays.envs.stage import Stage
from simonsays.envs.terminations import fallen
from simonsays.sim.kinematics import mirror
from simonsays.sim.specs import Keyframe

# rad of ankle pitch for each m, and m/s, that the centre of mass is ahead. Gravity topples a G1 with m g = 315 N m/m;
# both its ankles hold 80 N m/rad: less than 4 rad/m could not.
_LEAD_GAIN, _LEAD_DAMPING, _MOST = 7.0, 1.5, 0.6
_LYING, _ON_A_SIDE, _TOPPLES, _UPRIGHT = (
    0.7,
    0.5,
    0.5,
    0.9,
)  # cosines, of an axis of the base with the vertical
_HIGH = 0.85  # of standing height: it stands
_STRAIGHTEN = (Keyframe(0.45), Keyframe(0.2))


@documented
class Way(NamedTuple):
    """How far it has come."""

    part: str
    frame: int
    time: float
    """s since the frame began"""
    origin: list[float]
    """(J,) rad, where the frame begins"""
    tries: int
    lead: float | None = None
    """m, of the centre of mass before the place that the ankles hold it over, in the last step that they did"""


@register_motion
class GetUp(Motion):
    """From lying on the ground to standing."""

    name = "get_up"
    does = "Gets up from the ground: poses in order, without a policy"
    home = "gait"
    served_by = "gait"
    unaided: ClassVar[bool] = True

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        rising, self._image = stage.spec.rising, mirror(stage.robot.tree)
        self._parts: dict[str, list[tuple[Keyframe, list[float]]]] = {}
        if rising is not None:
            self._over = rising.over
            for part, frames in {"straighten": _STRAIGHTEN, "front": rising.front, "back": rising.back}.items():
                self._parts[part] = [(frame, self._pose(frame)) for frame in frames]
            self._parts["front mirrored"] = [(frame, self._mirrored(pose)) for frame, pose in self._parts["front"]]

    def _pose(self, frame: Keyframe) -> list[float]:
        told, pose = {self.stage.layout.place[joint]: angle for joint, angle in frame.pose}, self.standing.copy()
        for place, (other, sign) in enumerate(zip(self._image.place, self._image.sign.tolist(), strict=True)):
            if place in told or other in told:
                pose[place] = told[place] if place in told else sign * told[other]
        return pose

    def _mirrored(self, pose: list[float]) -> list[float]:
        return [float(sign) * pose[other] for other, sign in zip(self._image.place, self._image.sign, strict=True)]

    def may_begin(self, before: Reference) -> bool:
        """Where it lies on the ground."""
        stage = self.stage
        return bool(self._parts) and fallen(stage.reading, self.spec, stage.world.scene.ground.gradient)

    def begin(self, before: Reference) -> Reference:
        """From the pose that it lies in."""
        here = Way("straighten", 0, 0.0, list(self.stage.reading.joint_positions), 0)
        return Reference(here.origin, 0.0, False, self.spec.standing_height, memory=here)

    def advance(self, wish: Wish, before: Reference) -> Reference:
        """Towards the pose of this frame, and on to the next one once its time is over."""
        way = self._next(before.memory)
        if way.part not in self._parts:
            return before._replace(memory=way)
        frame, pose = self._parts[way.part][way.frame]
        share = min(1.0, way.time / frame.seconds)
        share *= share * (3.0 - 2.0 * share)
        targets = [start + share * (end - start) for start, end in zip(way.origin, pose, strict=True)]
        if frame.balance:
            lead = self.stage.robot.lead() - self._over
            speed = 0.0 if way.lead is None else (lead - way.lead) / self.stage.dt
            tilt = max(-_MOST, min(_MOST, _LEAD_GAIN * lead + _LEAD_DAMPING * speed))
            for _, _, ankle in self.pitch_joints:
                targets[ankle] += tilt
            way = way._replace(lead=lead)
        return Reference(targets, 0.0, False, self.spec.standing_height, memory=way)

    def _next(self, way: Way) -> Way:
        """The way a control step later."""
        frames, up = self._parts[way.part], -self.stage.reading.gravity[2]
        frame, pose = frames[way.frame]
        if frame.balance and up < _TOPPLES:
            return self._again(way)
        if way.time < frame.seconds - 0.5 * self.stage.dt:
            return way._replace(time=way.time + self.stage.dt)
        on = way._replace(time=self.stage.dt, origin=pose)
        if way.frame + 1 < len(frames):
            return on._replace(frame=way.frame + 1)
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
        return reference.memory.part not in self._parts or super().done(wish, reference)
