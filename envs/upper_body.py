"""Waist and arms: the joints that a policy does not move follow what they are told, no faster than they may."""

from __future__ import annotations

from simonsays.envs.stage import Stage

# rad/s, at most, of arm targets, and of those of the trunk: thrown about faster, it makes the walk fall ten times as
# often.
_ARM_SPEED_LIMIT, _TRUNK_SPEED_LIMIT = 6.0, 1.5


class UpperBody:
    """Targets of the joints that are not legs; ``told``: rad by place, of those that the reference is not to move."""

    def __init__(self, stage: Stage) -> None:
        limits = {i: _TRUNK_SPEED_LIMIT if i in stage.robot.trunk else _ARM_SPEED_LIMIT for i in stage.layout.upper}
        self._step = {place: stage.dt * limit for place, limit in limits.items()}

    def start(self, targets: list[float]) -> None:
        """Begin an episode with targets (J,) rad."""
        self._now, self.told = {place: targets[place] for place in self._step}, dict[int, float]()

    def follow(self, targets: list[float], obeys: bool = True) -> None:
        """Change targets (J,) rad to what was told, if it ``obeys`` that, within the limits of speed."""
        for place, target in self.told.items() if obeys else ():
            targets[place] = target
        for place, before in self._now.items():
            step, target = self._step[place], targets[place]
            low, high = before - step, before + step
            self._now[place] = targets[place] = high if target > high else low if target < low else target
