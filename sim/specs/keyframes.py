"""Poses on a robot's way up from the ground and down to it, one after the other."""

from __future__ import annotations

from collections.abc import Iterator

from simonsays.assets.notes import dataclass


@dataclass(frozen=True)
class Keyframe:
    """A pose, and how it is gone to; see envs/motions/keyframed.py."""

    seconds: float
    """s, from the pose before it, smoothly"""
    pose: tuple[tuple[str, float], ...] = ()
    """rad, by joint; of the others those whose partner on the other side is named are its mirror image, the rest are
    as in the standing pose"""
    balance: bool = False
    """the feet carry it: its ankles hold the centre of mass over them"""


@dataclass(frozen=True)
class Rising:
    """How a robot gets up from the ground, and down to it."""

    back: tuple[Keyframe, ...]
    """from lying on its back, straight, to standing"""
    front: tuple[Keyframe, ...]
    """from lying on its front over its left side on to its back; the mirror image of it goes over the right"""
    down: tuple[Keyframe, ...] = ()
    """from standing to lying on its back; none: it does not lie down"""
    over: float = 0.0
    """m, how far ahead of the foot links' origins the ankles hold the centre of mass"""

    def keyframes(self) -> tuple[Keyframe, ...]:
        """All of them."""
        return (*self.back, *self.front, *self.down)

    def wrong(self, limits: dict[str, tuple[float, float]]) -> Iterator[tuple[str, str, str]]:
        """What cannot be, each as (which, what, mend); ``limits``: rad, lower and upper, by joint."""
        for i, frame in enumerate(self.keyframes()):
            if not 0.0 < frame.seconds < 60.0:
                what = f"{frame.seconds} is not more than 0 and less than 60"
                yield f"keyframe {i}, field seconds", what, "give it s"
            for joint, angle in frame.pose:
                if joint not in limits:
                    yield f"keyframe {i}, field pose", f"no joint {joint!r}", "name a joint of the spec"
                elif not limits[joint][0] <= angle <= limits[joint][1]:
                    low, high = limits[joint]
                    yield f"keyframe {i}, joint {joint!r}", f"{angle} is outside {low} to {high} rad", "change it"
