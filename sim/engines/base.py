"""What World and Robot ask of a physics engine; one file beside this one for each engine that answers.

An engine owns its world: nobody else has its handles, so a world cannot be copied, pickled or used after it is closed,
and one that is forgotten gives back what it holds. All of that is tested by ``simonsays.testing.check_engine``.
"""

from __future__ import annotations

import weakref
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from typing import ClassVar

from simonsays.assets import InputError, did_you_mean
from simonsays.assets.notes import dataclass
from simonsays.sim.engines.capabilities import Capability
from simonsays.sim.engines.owning import Owned, retire
from simonsays.sim.engines.quantities import BaseState, Contact, Feet, Member, Torques
from simonsays.sim.kinematics import Tree
from simonsays.sim.specs import RobotSpec, SceneSpec
from simonsays.sim.state import Array, Vector


@dataclass(frozen=True)
class Dynamics:
    """How a robot's body differs from what its files say; what is not named is as they say."""

    added_mass: Mapping[str, float] = field(default_factory=dict)
    """kg on a link, by its name, its inertia in proportion; none becomes lighter than a tenth of what it is"""
    stiffness: float = 1.0
    """factor on every kp"""
    damping_gain: float = 1.0
    """factor on every kd"""
    armature: float = 1.0
    """factor on every rotor's inertia"""
    joint_damping: float = 0.0
    """N m s/rad, of every joint"""
    friction_loss: float = 0.0
    """N m, dry friction of every joint"""
    torque_delay: int = 0
    """physics steps by which the torques of the PD come late"""


class Body(Owned, ABC):
    """A robot in an engine, driven by joint torques. ``tree`` has its names; every (J,) is in the order of its spec.

    What is read is fresh after each physics step and each change of pose, but for contact forces: they are those of the
    last physics step, and zero after a reset.

    Attributes:
        first: place of its first link among the bodies of all robots; its other links follow.
        targets: (J,) rad, what it follows in every physics step of :meth:`Engine.track`: to begin with, and after a
            reset, the standing pose.
        applied: (steps, J) N m, the torques of the physics steps of the last :meth:`Engine.track`.
        torques: (J,) N m, applied in the last physics step.
        forces: by a link's place, force (N) and torque (N m), world, at its centre of mass, in every physics step until
            they are taken out.
        after_step: called after each of those, if there is something: a recorder measures then.
    """

    first = 0

    def __init__(self, engine: Engine, spec: RobotSpec, tree: Tree) -> None:
        self.engine, self.spec, self.tree = engine, spec, tree
        self.forces: dict[int, tuple[Vector, Vector]] = {}
        self.after_step: Callable[[], None] | None = None
        self.torques: Torques = [0.0] * len(tree.joints)
        self.targets: Torques = tree.standing.tolist()
        self.applied: list[Torques] = []
        self._late: deque[Torques] = deque()
        self.dynamics = Dynamics()
        self._set_gains()

    def _set_gains(self) -> None:
        now, limits = self.dynamics, self.tree.effort.tolist()
        self._gains = [
            (now.stiffness * joint.kp, now.damping_gain * joint.kd, limit)
            for joint, limit in zip(self.spec.joints, limits, strict=True)
        ]

    def change(self, dynamics: Dynamics) -> None:
        """Make the body differ from its files in this way, and in no other.

        Raises:
            InputError: a link that is not there, or one that would weigh less than a tenth of what it does.
        """
        for name, mass in dynamics.added_mass.items():
            if name not in self.tree.place:
                raise InputError(f"added_mass: no link {name!r}{did_you_mean(name, self.tree.links)}")
            own = float(self.tree.mass[self.tree.place[name]])
            if own + mass < 0.1 * own or own == 0:
                raise InputError(f"added_mass: {mass} kg on {name!r}, which weighs {own:g} kg itself")
        before, self.dynamics = self.dynamics, dynamics
        self._set_gains()
        if dynamics.torque_delay != before.torque_delay:
            self.rest()
        if (dynamics.added_mass, dynamics.armature) != (before.added_mass, before.armature):
            self._set_inertias()
        if (dynamics.joint_damping, dynamics.friction_loss) != (before.joint_damping, before.friction_loss):
            self._set_friction()

    def rest(self) -> None:
        """Forget torques, forces and targets of what was before."""
        self.follow(self.tree.standing.tolist())
        self.torques = [0.0] * len(self.torques)
        self._late = deque([self.torques] * self.dynamics.torque_delay)
        self.forces.clear()

    def masses(self) -> Array:
        """(L,) kg, of the links as they are now."""
        found = self.tree.mass.copy()
        for name, mass in self.dynamics.added_mass.items():
            found[self.tree.place[name]] += mass
        return found

    def drive(self, targets: Torques) -> Torques:
        """Torques kp (target - position) - kd velocity, cut at the effort limits, for the next physics step.

        ``targets``: (J,) rad. Returns what is applied, (J,) N m: late ones where the body's ``dynamics`` say so.
        """
        torques = self._pd(targets)
        if self._late:
            self._late.append(torques)
            torques = self._late.popleft()
        self.torques = torques
        self._apply(torques)
        return torques

    def follow(self, targets: Torques) -> None:
        """Follow joint targets (J,) rad from now on."""
        self.targets = targets

    @property
    @abstractmethod
    def positions(self) -> list[float]:
        """(J,) rad, now."""

    @property
    @abstractmethod
    def velocities(self) -> list[float]:
        """(J,) rad/s, now."""

    @abstractmethod
    def read(self) -> None:
        """Bring positions and velocities up to date after a physics step."""

    @abstractmethod
    def _pd(self, targets: Torques) -> Torques:
        """What a PD would apply now, of targets (J,) rad, cut at the effort limits."""

    @abstractmethod
    def _apply(self, torques: Torques) -> None:
        """Let torques (J,) N m, and ``forces``, act in the next physics step."""

    @abstractmethod
    def _set_inertias(self) -> None:
        """Give the links the masses and rotors that ``dynamics`` say."""

    @abstractmethod
    def _set_friction(self) -> None:
        """Give the joints the damping and friction that ``dynamics`` say."""

    @abstractmethod
    def place(self, position: Sequence[float], orientation: Sequence[float], angles: Sequence[float]) -> None:
        """Put the robot at rest: the base link's frame, (3,) m and (4,) xyzw, world; joints (J,) rad."""

    @abstractmethod
    def set_base_velocity(self, linear: Sequence[float], angular: Sequence[float]) -> None:
        """Set the velocity of the base link: linear (3,) m/s of its frame's origin, angular (3,) rad/s, world."""

    @abstractmethod
    def base(self) -> BaseState:
        """The base link."""

    @abstractmethod
    def feet(self) -> Feet:
        """Both feet."""

    @abstractmethod
    def link_poses(self, links: Sequence[int]) -> tuple[Array, Array]:
        """Frames of links by their places: origins (n, 3) m and orientations (n, 4) xyzw, world."""

    @abstractmethod
    def centres(self, links: Sequence[int]) -> Array:
        """(n, 3) m, world: centres of mass of links by their places."""

    @abstractmethod
    def depths(self) -> dict[tuple[int, int], float]:
        """How deep (m) links are in each other now, by their places, the lower one first; those apart are left out.

        Pairs that never touch are left out, too.
        """

    @abstractmethod
    def mass_matrix(self, angles: Array) -> Array:
        """(N, 6 + J, 6 + J) kg m^2 ...: what this engine simulates in poses (N, J) rad, rotors and all."""


class Engine(Owned, ABC):
    """A physics world of its own: ground, props and robots.

    Attributes:
        name, title: what it is called in settings, and in sentences.
        capabilities: what it can do, by name; see docs/engines.md.
        package: the distribution that brings it.
        closed: whether it was closed.
        measuring: whether contact forces are wanted after each physics step: an engine may find them cheaper at once.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    package: ClassVar[str]
    capabilities: ClassVar[Mapping[str, Capability]]
    measuring = False

    def __init__(self, dt: float) -> None:
        self.dt, self.closed = dt, False
        self._bodies: list[weakref.ref[Body]] = []  # strong ones would make a circle of a world that is forgotten

    def build(self, scene: SceneSpec, heights: Sequence[float]) -> None:
        """Empty the world, whatever was in it, and put a scene's ground and props there.

        ``heights``: (P,) m, world, of the props' centres.
        """
        self._forget("this robot's world was built anew: spawn it again")
        self._build(scene, heights)

    def add_robots(self, members: Sequence[Member]) -> list[Body]:
        """Add the robots, all that there are to be.

        Raises:
            RuntimeError: the world has its robots since it was built.
        """
        if self._bodies:
            raise RuntimeError("this world has its robot: reset it before another is spawned")
        made, first = self._add_robots(members), 0
        for body in made:
            body.first, first = first, first + len(body.tree.links)
        self._bodies = [weakref.ref(body) for body in made]
        return made

    def add_robot(self, spec: RobotSpec, tree: Tree, apart: Sequence[tuple[int, int]] = ()) -> Body:
        """The same of one that is alone; ``apart``: pairs of links, by their places, that never touch."""
        return self.add_robots((Member(spec, tree, apart),))[0]

    def track(self, steps: int, before_step: Callable[[], None] | None = None) -> None:
        """Some physics steps, in each of which every robot follows its targets; ``before_step`` comes before each."""
        bodies, step = self._held(), self.step
        for body in bodies:
            body.applied = []
        for _ in range(steps):
            if before_step is not None:
                before_step()
            for body in bodies:
                body.applied.append(body.drive(body.targets))
            step()
            for body in bodies:
                body.read()
            for body in bodies:
                if body.after_step is not None:
                    body.after_step()

    def measure(self) -> None:
        """Find contact forces after each physics step as long as somebody looks on: see :attr:`Body.after_step`."""
        self.measuring = any(body.after_step is not None for body in self._held())

    def _held(self) -> list[Body]:
        return [body for each in self._bodies if (body := each()) is not None]

    def _forget(self, why: str) -> None:
        for body in self._held():
            retire(body, why)
        self._bodies = []

    @abstractmethod
    def _build(self, scene: SceneSpec, heights: Sequence[float]) -> None:
        """As :meth:`build`."""

    @abstractmethod
    def _add_robots(self, members: Sequence[Member]) -> list[Body]:
        """As :meth:`add_robots`."""

    @abstractmethod
    def step(self) -> None:
        """One physics step of ``dt`` s."""

    @abstractmethod
    def set_friction(self, friction: float) -> None:
        """Set the ground's coefficient of friction: a foot's is 1, a prop's 0.8; of two that touch the product."""

    @abstractmethod
    def prop_poses(self) -> tuple[Array, Array]:
        """Positions (P, 3) m and orientations (P, 4) xyzw, world, in the scene's order."""

    @abstractmethod
    def prop_velocity(self, place: int) -> Vector:
        """(3,) m/s, world, of a prop's centre."""

    @abstractmethod
    def place_prop(self, place: int, position: Sequence[float], orientation: Sequence[float]) -> None:
        """Put a prop, at rest, somewhere: (3,) m and (4,) xyzw, world."""

    @abstractmethod
    def contacts(self) -> Iterable[Contact]:
        """Who touched whom in the last physics step, a pair as often as it has points; where ``measuring`` is set."""

    @abstractmethod
    def _free(self) -> None:
        """Give back what the world holds."""

    def close(self) -> None:
        """Give back what the world holds; a second call does nothing."""
        why = "this world was closed: make another"
        self._forget(why)
        self._free()
        retire(self, why)
