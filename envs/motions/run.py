"""Run: what the gait does above a quick walk, by a policy of its own that also starts and stops."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from simonsays.envs.motions.base import Reference, Wish, register_motion
from simonsays.envs.motions.gait import Gait


@register_motion
class Run(Gait):
    """The reference gait up to a run, from a stand and back to a walk: it is over once it is slow enough to walk."""

    name = "run"
    does = "Follows a command up to a run ({command}): a residual on a reference gait"
    settings: ClassVar[Mapping[str, Any]] = {"forward": (-0.2, 2.1), "sideways": (-0.15, 0.15), "yaw_rate": (-0.6, 0.6)}
    served_by = "gait"
    busy = True

    def called_for(self, wish: Wish, before: Reference) -> bool:
        """Where it is told to go faster than it walks."""
        return wish.command[0] > self.spec.gait.walks_below

    def may_begin(self, before: Reference) -> bool:
        """At any speed: both know the walk."""
        return True

    def done(self, wish: Wish, reference: Reference) -> bool:
        """Once it is told to go no faster than it walks, and does not."""
        return max(wish.command[0], reference.follows[0]) <= self.spec.gait.walks_below
