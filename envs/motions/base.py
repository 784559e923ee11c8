"""What a motion of the legs is: everything that HumanoidEnv asks of the one that runs now.

ONE module of this folder is one motion, and so is a class of another package that is marked with ``@register_motion``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, TypeVar

from numpy.random import Generator

from simonsays.assets.notes import documented
from simonsays.assets.registry import Registry
from simonsays.envs.stage import Stage
from simonsays.sim.specs import RobotSpec
from simonsays.sim.state import Vector

DEFAULT = "gait"
"""the motion of an env that does not say which"""
STILL: Vector = (0.0, 0.0, 0.0)
STANDS = (-1.0, -1.0)
"""no foot swings"""
CLOSE = 1e-6  # m, of heights that are the same


@documented
class Wish(NamedTuple):
    """What the legs are told."""

    command: Vector
    """(3,) forward m/s, sideways m/s (left positive), yaw rate rad/s, in the heading frame"""
    height: float
    """m, of the base above the ground"""
    motion: str | None = None
    """the motion that is asked for by its name"""


@documented
class Reference(NamedTuple):
    """What a motion wants of a control step."""

    targets: list[float]
    """(J,) rad, which the policy's action is added to"""
    phase: float
    """0 to 1, what the policy is shown of it"""
    running: bool
    """False while the legs stand: the policy is then shown no phase"""
    height: float
    """m, of the base above the ground"""
    lean: float = 0.0
    """rad, forward pitch of the base that goes with it"""
    time: float | None = None
    """s since a timed motion began; None of others, and while it does not run"""
    velocity: Vector = STILL
    """(3,) as a command: what helping forces pull towards"""
    begun: float = 0.5
    """periods since a gait began, no more than 0.5"""
    drift: tuple[float, float] = (0.0, 0.0)
    """m/s, forward and sideways, of the base over the feet of a gait, lately"""
    follows: Vector = STILL
    """(3,) the command as a gait follows it, on its way to what is told"""
    swing: tuple[float, float] = STANDS
    """left and right foot: 1 in the middle of its swing, negative while it should be down"""
    memory: Any = None
    """what else a motion keeps from step to step"""


class Motion(ABC):
    """One motion of one robot's legs. Made once an env; what lasts from step to step stands in the Reference."""

    name: ClassVar[str]
    does: ClassVar[str]
    """what its policy does, for CARD.md; ``{command}`` and ``{height}`` stand for the ranges"""
    settings: ClassVar[Mapping[str, Any]] = {}
    """of the env with ``motion`` set to this one: defaults beside LocomotionConfig's, and those of its base classes"""
    home: ClassVar[str | None] = None
    """the motion that an env for this one begins with and goes back to; None: itself"""
    served_by: ClassVar[str | None] = None
    """another motion, whose policy serves where this one has none of its own, and is not shown the phase of a timed
    one; None: it has its own, as RobotSpec.policies or ``bundles`` say"""
    bundles: ClassVar[Mapping[str, str]] = {}
    """policy by robot, a bundle's name or path, of a motion that the robot's own spec does not know"""
    measured_as: ClassVar[str | None] = None
    """another motion, whose protocols measure it; None: its own, else success alone (agents/measure/protocols.py)"""
    travels: ClassVar[bool] = False
    """it goes where the command says"""
    unaided: ClassVar[bool] = False
    """no policy acts while it runs: its reference alone moves every joint"""
    low: ClassVar[bool] = False
    """the base may be low or tilted in it: that is no fall"""
    busy: ClassVar[bool] = True
    """no other motion may begin until it is done"""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.spec, self.standing = stage, stage.spec, stage.standing
        gait, place = stage.spec.gait, stage.layout.place
        self.pitch_joints = [
            (place[gait.hip_pitch[i]], place[gait.knee[i]], place[gait.ankle_pitch[i]]) for i in (0, 1)
        ]
        """places of hip, knee and ankle, left and right"""

    def start(self, wish: Wish, rng: Generator) -> Reference:
        """Where an episode of its env begins: the pose at reset. By default standing."""
        return Reference(self.standing.copy(), 0.0, False, self.spec.standing_height)

    def called_for(self, wish: Wish, before: Reference) -> bool:
        """Whether what is wanted calls for it, without its name."""
        return False

    def may_begin(self, before: Reference) -> bool:
        """Whether it may begin after a step of another motion."""
        return True

    def idle(self, reference: Reference) -> bool:
        """Whether it waits, in its own env, to be begun."""
        return False

    def begin(self, before: Reference) -> Reference:
        """How it takes over from another motion: what the policy is shown before the first step."""
        return before

    @abstractmethod
    def advance(self, wish: Wish, before: Reference) -> Reference:
        """The next control step, from the one before."""

    def done(self, wish: Wish, reference: Reference) -> bool:
        """Whether it is over with this step: by default once it is no longer asked for."""
        return wish.motion != self.name

    def frees_arms(self, reference: Reference) -> bool:
        """Whether waist and arms are where they are told to be, not where it has them."""
        return not self.unaided

    def obeyed(self, command: Vector) -> Vector:
        """What it takes of a command, which the policy is shown."""
        return command


class TimedMotion(Motion):
    """A motion that runs once, for its duration, when it is asked for; in its own env it stands before and after."""

    duration: ClassVar[float]
    """s"""
    settings: ClassVar[Mapping[str, Any]] = {"events": {"cue": {"seconds": (0.1, 0.5)}}}

    @abstractmethod
    def targets(self, time: float, command: Vector) -> list[float]:
        """(J,) rad at a time (s) of the motion."""

    def helped(self, time: float, command: Vector) -> Vector:
        """(3,) the velocity that helping forces pull towards at a time (s). By default they hold it in its place."""
        return STILL

    def idle(self, reference: Reference) -> bool:
        """While it has no time."""
        return reference.time is None

    def begin(self, before: Reference) -> Reference:
        """At time 0, which the policy sees; the targets are the last ones until the next step."""
        return before._replace(phase=0.0, running=self.served_by is None, time=0.0)

    def advance(self, wish: Wish, before: Reference) -> Reference:
        """By its time; without one it stands."""
        if before.time is None:
            return Reference(self.standing.copy(), 0.0, False, before.height, before.lean)
        time = before.time + self.stage.dt
        targets, here = self.targets(time, wish.command), (before.height, before.lean)
        if time >= self.duration:
            return Reference(targets, 0.0, False, *here)
        shown = self.served_by is None
        return Reference(targets, time / self.duration, shown, *here, time, self.helped(time, wish.command))

    def done(self, wish: Wish, reference: Reference) -> bool:
        """Once its time is over."""
        return reference.time is None


MOTIONS: Registry[type[Motion]] = Registry("motion", "simonsays.envs.motions")
_Kind = TypeVar("_Kind", bound=type[Motion])


def register_motion(kind: _Kind) -> _Kind:
    """Make a class known by its ``name``: ``HumanoidEnv(motion=name)``, ``SkillOutput(motion=name)``."""
    MOTIONS.register(kind.name, kind)
    return kind


def motion_bundles(spec: RobotSpec, instead: Mapping[str, str | Path] | None = None) -> dict[str, str | Path]:
    """The bundle that serves each motion of a robot, by motion, but those without; ``instead``: some of one's own."""
    given = {name: kind.bundles[spec.name] for name, kind in MOTIONS.items() if spec.name in kind.bundles}
    known: dict[str, str | Path] = {**given, **spec.motions, **(instead or {})}
    served = {name: known[kind.served_by] for name, kind in MOTIONS.items() if kind.served_by in known}
    return {**served, **known}
