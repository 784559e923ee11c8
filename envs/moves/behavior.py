"""A skill while it runs: what it sees at a control step, what it answers, and parts that behaviors share."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Any, Literal, Protocol

from simonsays.assets.notes import dataclass
from simonsays.envs.moves.steering import STILL, Command, Point
from simonsays.sim.rotations import wrap_angle
from simonsays.sim.state import Array, Reading

_SMOOTH, _RINGING = 0.03, 0.15  # a control step, of velocities: without the gait's sway, and without ringing
SHORTLY = 1.5
"""s, in which one who has arrived has come to rest, feet closed; what goes on then need not wait for it"""
Status = Literal["pending", "running", "success", "failure"]


@dataclass(frozen=True, eq=False)
class SkillContext:
    """What a skill sees at one control step."""

    time: float
    """s since the run began"""
    state: Reading
    hands: Array
    """(2, 3) m, world: left, right"""
    shoulders: Array
    """(2, 3) m, world: left, right"""
    props: Mapping[str, Array]
    """(3,) m, world, by the prop's name"""
    dt: float
    """s, one control step"""
    motion: str = "gait"
    """what the legs do now: gait (which includes standing), crouch or jump"""
    joints: Mapping[str, int] = field(default_factory=dict)
    """place of each joint in the state's joint arrays, by name"""
    phase: float = 0.0
    """0 to 1, of the gait's clock: the left foot swings in the first half, the right one in the second"""
    stepping: bool = False
    """the gait's clock runs"""
    seed: int = 0
    """of the episode, for what a skill draws by chance"""
    follows: Command = STILL
    """the command as the legs follow it now, on their way to the one that they were told"""
    walks: float = math.inf
    """m/s ahead, that it is told to walk at most; what is faster is a run"""
    viewer: Point | None = None
    """(x, y) m, world, of whoever watches, where they move about; None: they stay where the scene has them"""

    def joint(self, name: str) -> float:
        """rad, position of a joint."""
        return self.state.joint_positions[self.joints[name]]

    @property
    def position(self) -> Point:
        """(x, y) m, world, of the base."""
        return self.state.base_position[0], self.state.base_position[1]

    def place_of(self, goal: str | Point) -> Point:
        """(x, y) m, world, of a prop now, by its name; a place stays what it is."""
        if not isinstance(goal, str):
            return goal
        x, y = self.props[goal][:2].tolist()
        return x, y

    def bearing(self, place: Point) -> float:
        """rad, left positive: where a place (x, y) m, world, is, seen from the base along its heading."""
        (x, y), (there_x, there_y) = self.position, place
        return wrap_angle(math.atan2(there_y - y, there_x - x) - self.state.yaw)


@dataclass(frozen=True)
class SkillOutput:
    """What a skill wants now, and how it stands.

    What a step still wants of joints and height when it succeeds stays so until a later step wants something else:
    a raised arm stays up while the robot walks, and a crouching robot waves where it is.
    """

    command: Command = STILL
    joint_targets: Mapping[str, float] = field(default_factory=dict)
    """rad, of waist and arms; the others rest"""
    height: float | None = None
    """m, of the base above the ground; None: standing, or as it was for a skill without legs"""
    leg_offsets: Mapping[str, float] = field(default_factory=dict)
    """rad, added to the reference gait's targets of legs: a kick"""
    motion: str = "gait"
    """a motion to begin now that is neither gait nor crouch: jump"""
    status: Status = "running"
    reason: str = ""
    idle_targets: Mapping[str, float] = field(default_factory=dict)
    """rad, as ``joint_targets``, where nothing else is wanted of a joint: arms of a manner of walking"""
    leave: Callable[[Any], Any] | None = None
    """what makes of a GroundedStep one that comes out of this motion first: only at rest does the motion go on"""


class Behavior(Protocol):
    """A skill while it runs; made anew for each run."""

    def update(self, ctx: SkillContext) -> SkillOutput:
        """One control step."""
        ...


class InOrder:
    """One behavior after another; it fails with the first that fails."""

    def __init__(self, *behaviors: Behavior) -> None:
        self._behaviors = list(behaviors)

    def update(self, ctx: SkillContext) -> SkillOutput:
        output = self._behaviors[0].update(ctx)
        if not isinstance(output, SkillOutput) or output.status != "success" or len(self._behaviors) == 1:
            return output
        del self._behaviors[0]
        return replace(output, status="running")

    @property
    def lies(self) -> bool:
        """Whether the one that runs may lie on the ground."""
        return getattr(self._behaviors[0], "lies", False)


class Speedometer:
    """How fast the base goes over the ground, without the gait's sway; ``fastest``: m/s, so far."""

    def __init__(self) -> None:
        self._velocity, self.fastest = (0.0, 0.0), 0.0

    def update(self, ctx: SkillContext) -> float:
        """One control step: m/s."""
        (vx, vy), (x, y, _) = self._velocity, ctx.state.base_linear_velocity
        self._velocity = vx + _SMOOTH * (x - vx), vy + _SMOOTH * (y - vy)
        now = math.hypot(*self._velocity)
        self.fastest = max(self.fastest, now)
        return now


class Settled:
    """Tells when the robot has come to rest: slow for ``hold`` seconds, or ``limit`` seconds over.

    Velocities are smoothed: feet that are closed, and a body that rings out, are no going on.
    """

    def __init__(self, hold: float = 0.3, limit: float = 2.5) -> None:
        self._hold, self._limit = hold, limit
        self._slow = self._total = 0.0
        self._velocity: tuple[float, float, float] | None = None

    def update(self, ctx: SkillContext) -> bool:
        """One control step at rest."""
        (x, y, _), turning = ctx.state.base_linear_velocity, ctx.state.base_angular_velocity[2]
        before = self._velocity or (x, y, turning)
        x, y, turning = (old + _RINGING * (new - old) for old, new in zip(before, (x, y, turning), strict=True))
        self._velocity = x, y, turning
        slow = math.hypot(x, y) < 0.12 and abs(turning) < 0.3
        self._slow = self._slow + ctx.dt if slow else 0.0
        self._total += ctx.dt
        return self._slow >= self._hold or self._total >= self._limit
