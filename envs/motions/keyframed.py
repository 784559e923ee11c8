"""What motions of keyframed poses share: the poses of a robot, the way from one to the next, ankles that balance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from simonsays.assets.notes import documented
from simonsays.envs.motions.base import Motion, Reference
from simonsays.envs.stage import Stage
from simonsays.sim.kinematics import mirror
from simonsays.sim.specs import Keyframe

# rad of ankle pitch for each m, and m/s, that the centre of mass is ahead. Gravity topples a G1 with m g = 315 N m/m;
# both its ankles hold 80 N m/rad: less than 4 rad/m could not.
_GAINS, _MOST = ((7.0, 1.5), (2.0, 0.5)), 0.6  # ahead; aside, where two feet apart hold it too


@documented
class Way(NamedTuple):
    """How far it has come."""

    part: str
    frame: int
    time: float
    """s since the frame began"""
    origin: list[float]
    """(J,) rad, where the frame begins"""
    tries: int = 0
    lead: tuple[float, float] | None = None
    """m, ahead and to the left, of the centre of mass before where the ankles hold it; None: they do not"""


Frames = list[tuple[Keyframe, list[float]]]


class Keyframed(Motion):
    """Poses in order, part by part, in ``parts``; ``over``: m ahead of the feet, where the ankles balance."""

    home = "gait"
    served_by = "gait"
    unaided: ClassVar[bool] = True

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._image, self.over = mirror(stage.robot.tree), 0.0
        gait, place = stage.spec.gait, stage.layout.place
        rolls = zip(gait.hip_roll or (), gait.ankle_roll or (), strict=False)
        self._roll_joints = [(place[hip], place[ankle]) for hip, ankle in rolls]
        self.parts: dict[str, Frames] = {}

    def frames(self, frames: Sequence[Keyframe]) -> Frames:
        """Each with its pose, (J,) rad."""
        return [(frame, self._pose(frame)) for frame in frames]

    def mirrored(self, frames: Frames) -> Frames:
        """The mirror images of poses."""
        image = [*zip(self._image.place, self._image.sign, strict=True)]
        return [(frame, [float(sign) * pose[other] for other, sign in image]) for frame, pose in frames]

    def _pose(self, frame: Keyframe) -> list[float]:
        told, pose = {self.stage.layout.place[joint]: angle for joint, angle in frame.pose}, self.standing.copy()
        for place, (other, sign) in enumerate(zip(self._image.place, self._image.sign.tolist(), strict=True)):
            if place in told or other in told:
                pose[place] = told[place] if place in told else sign * told[other]
        return pose

    def shown(self, way: Way) -> Reference:
        """The reference at a point of the way."""
        frame, pose = self.parts[way.part][way.frame]
        share = min(1.0, way.time / frame.seconds)
        share *= share * (3.0 - 2.0 * share)
        targets = [start + share * (end - start) for start, end in zip(way.origin, pose, strict=True)]
        lead = self.balanced(targets, way.lead) if frame.balance else None
        return Reference(targets, 0.0, False, self.spec.standing_height, memory=way._replace(lead=lead))

    def balanced(self, targets: list[float], before: tuple[float, float] | None) -> tuple[float, float]:
        """Turn ankles and hips of targets (J,) so that the centre of mass stays over the feet.

        Returns how far ahead and to the left of that it is, m; ``before``: the same a control step earlier, if they
        balanced then.
        """
        ahead, aside = self.stage.robot.lead()
        lead = ahead - self.over, aside
        speed = [(new - old) / self.stage.dt for new, old in zip(lead, before or lead, strict=True)]
        tilt, roll = (
            max(-_MOST, min(_MOST, gain * each + damping * fast))
            for (gain, damping), each, fast in zip(_GAINS, lead, speed, strict=True)
        )
        for _, _, ankle in self.pitch_joints:
            targets[ankle] += tilt
        for hip, ankle in self._roll_joints:
            targets[hip] += roll
            targets[ankle] -= roll
        return lead

    def onward(self, way: Way) -> Way | None:
        """The way a control step later, in the same part; None: the part is over."""
        frames = self.parts[way.part]
        frame, pose = frames[way.frame]
        if way.time < frame.seconds - 0.5 * self.stage.dt:
            return way._replace(time=way.time + self.stage.dt)
        if way.frame + 1 < len(frames):
            return way._replace(time=self.stage.dt, origin=pose, frame=way.frame + 1)
        return None

    def pose_of(self, way: Way) -> list[float]:
        """(J,) rad, where the frame that it is in ends."""
        return self.parts[way.part][way.frame][1]
