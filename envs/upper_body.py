"""Waist and arms: the joints that a policy does not move follow what they are told, no faster than they may."""

from __future__ import annotations

from collections.abc import Container

from simonsays.envs.context import JointLayout

# rad/s, at most, of arm targets, and of those of the trunk: thrown about faster, it makes the walk fall ten times as
# often.
_ARM_SPEED_LIMIT, _TRUNK_SPEED_LIMIT = 6.0, 1.5


class UpperBody:
    """Targets of the joints that are not legs; ``trunk``: places of those that carry the torso; ``dt``: s."""

    def __init__(self, layout: JointLayout, trunk: Container[int], dt: float) -> None:
        self._step = {
            place: dt * (_TRUNK_SPEED_LIMIT if place in trunk else _ARM_SPEED_LIMIT) for place in layout.upper
        }
        self._now: dict[int, float] = {}
        self.told: dict[int, float] = {}
        """rad by place, which the reference is not to move"""

    def start(self, targets: list[float]) -> None:
        """Begin an episode with targets (J,) rad."""
        self._now, self.told = {place: targets[place] for place in self._step}, {}

    def follow(self, targets: list[float]) -> None:
        """Change targets (J,) rad to what was told, within the limits of speed."""
        for place, target in self.told.items():
            targets[place] = target
        for place, before in self._now.items():
            step = self._step[place]
            targets[place] = max(before - step, min(before + step, targets[place]))
            self._now[place] = targets[place]
