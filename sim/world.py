"""World: a scene's ground and props, and the robots in it, in an engine of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simonsays.assets.notes import dataclass
from simonsays.sim.engines import DEFAULT, ENGINES
from simonsays.sim.engines.base import Engine
from simonsays.sim.engines.checks import check_damping, neighbours, overlapping
from simonsays.sim.engines.owning import Owned
from simonsays.sim.engines.quantities import Member
from simonsays.sim.kinematics import Tree
from simonsays.sim.robot import Robot
from simonsays.sim.rotations import quaternion_from_rpy
from simonsays.sim.specs import PD_RATE_HZ, PropSpec, RobotSpec, SceneSpec
from simonsays.sim.state import Array, Vector


@dataclass(frozen=True)
class Prop:
    """A prop that stands in a world."""

    spec: PropSpec
    place: int
    """among the scene's props"""
    body: int
    """PyBullet's id, -1 with another engine"""


class World(Owned):
    """A physics engine of its own; worlds never disturb each other. Close it, or use it in ``with``.

    It can be neither copied nor pickled. After :meth:`close` all that is asked of it, or of a robot in it, is refused;
    after :meth:`reset`, of robots of before. A world that is forgotten gives back what it holds.

    Attributes:
        robots: those that were spawned, in the scene's order.

    Args:
        scene: what stands in it.
        engine: name of a physics engine; see docs/engines.md.
        physics_dt: s, one physics step.
        visuals: load visual meshes (for pictures); physics is the same without them, and loads faster.
        window: show it in PyBullet's own window; see sim/pictures/live_view.py, which checks that there can be one.

    Raises:
        InputError: no such engine, or its package is missing.
    """

    def __init__(
        self,
        scene: SceneSpec | None = None,
        *,
        engine: str = DEFAULT,
        physics_dt: float = 1 / PD_RATE_HZ,
        visuals: bool = False,
        window: bool = False,
    ):
        self.scene = scene or SceneSpec()
        self.physics_dt = physics_dt
        shown = {"visuals": visuals, "window": window} if visuals or window else {}
        self.engine: Engine = ENGINES[engine](physics_dt, **shown)
        self._build()

    def _build(self) -> None:
        scene = self.scene
        self.engine.build(scene, [self._centre(prop)[2] for prop in scene.props])
        ids = getattr(self.engine, "props", [-1] * len(scene.props))
        self._time = 0.0
        self.robots: tuple[Robot, ...] = ()
        self.props: dict[str, Prop] = {
            spec.name: Prop(spec, i, body) for i, (spec, body) in enumerate(zip(scene.props, ids, strict=True))
        }

    @property
    def client(self) -> int:
        """PyBullet's id of the physics client. Raises AttributeError with another engine."""
        number: int = self.engine.client  # type: ignore[attr-defined]
        return number

    def spawn(self, spec: RobotSpec) -> Robot:
        """Add the robot of a scene that has one, standing in its default pose at the scene's start.

        Raises:
            InputError, RuntimeError: as :meth:`spawn_all`.
        """
        return self.spawn_all((spec,))[0]

    def spawn_all(self, specs: Sequence[RobotSpec]) -> tuple[Robot, ...]:
        """Add all robots, in the scene's order, each standing in its default pose where the scene has it.

        Raises:
            InputError: a spec names something that its URDF does not have, the engine cannot load it, its joints
                would shake, or the scene is for other robots or for another number of them.
            RuntimeError: the world has robots since it was made or reset, or it was closed.
        """
        starts, engine = self.scene.robots, self.engine
        self.scene.check_robots([spec.name for spec in specs])
        members = []
        for spec, start in zip(specs, starts, strict=True):
            spec.validate()
            tree = Tree(spec)
            apart = (*neighbours(tree), *overlapping(spec, engine.name))
            members.append(Member(spec, tree, apart, start.name if len(starts) > 1 else ""))
        made = []
        for place, body in enumerate(engine.add_robots(members)):
            check_damping(body)
            robot = Robot(body, starts[place].name)
            robot.reset(*self.start_pose(body.spec.base_height, place), robot.default_positions.tolist())
            made.append(robot)
        self.robots = tuple(made)
        return self.robots

    def start_pose(self, height: float, place: int = 0) -> tuple[list[float], list[float]]:
        """Base position (3,) m and orientation (4,) xyzw, world, of a robot where the scene has it.

        ``place``: of the robot among the scene's.
        """
        start = self.scene.robots[place]
        x, y = start.position
        orientation = quaternion_from_rpy(0, 0, math.radians(start.yaw_deg))
        return [x, y, height + self.ground_height(x)], orientation.tolist()

    @property
    def bodies(self) -> list[str]:
        """Names of all that can touch, in the engine's order: links, props, the ground.

        Where there are several robots, a link's name stands after that of its robot and a slash.
        """
        several = len(self.robots) > 1
        links = [f"{each.name}/{link}" if several else link for each in self.robots for link in each.link_names]
        return [*links, *self.props, "ground"]

    def ground_height(self, x: float) -> float:
        """m, world: height of the ground's plane at ``x`` m, its bumps left out."""
        return self.scene.ground.gradient * x

    def _centre(self, spec: PropSpec) -> list[float]:
        x, y, z = spec.centre
        return [x, y, z + self.ground_height(x)]

    def reset(self) -> None:
        """Build the world anew, exactly as a fresh one: robots are gone, spawn them again."""
        self._build()

    def reset_props(self) -> None:
        """Put every prop back where the scene has it, at rest."""
        self._time = 0.0
        for prop in self.props.values():
            turned = quaternion_from_rpy(0, 0, math.radians(prop.spec.yaw_deg)).tolist()
            self.engine.place_prop(prop.place, self._centre(prop.spec), turned)

    def move_props(self, dt: float) -> None:
        """Carry the props that have a path along it for ``dt`` s; nothing pushes them off it."""
        self._time += dt
        for prop in self.props.values():
            if prop.spec.path:
                x, y, yaw = prop.spec.pose_at(self._time)
                z = prop.spec.centre[2] + self.ground_height(x)
                self.engine.place_prop(prop.place, [x, y, z], quaternion_from_rpy(0, 0, yaw).tolist())

    def track(self, steps: int) -> None:
        """Some physics steps in which every robot follows its targets; :meth:`Robot.tracked` takes over what it did."""
        self.engine.track(steps)

    def step(self) -> None:
        """One physics step of ``physics_dt``."""
        self.engine.step()

    def set_friction(self, friction: float) -> None:
        """Set the ground's coefficient of friction; it is multiplied with the other body's (feet: 1)."""
        self.engine.set_friction(friction)

    def prop_poses(self) -> tuple[Array, Array]:
        """Positions (P, 3) m and orientations (P, 4) xyzw, world, in the order of ``props``."""
        return self.engine.prop_poses()

    def prop_positions(self) -> Array:
        """(P, 3) m, world."""
        return self.prop_poses()[0]

    def prop_velocity(self, place: int) -> Vector:
        """(3,) m/s, world, of the centre of a prop by its place."""
        return self.engine.prop_velocity(place)

    def set_prop_poses(self, positions: Array, orientations: Array) -> None:
        """Place the props, at rest: (P, 3) m and (P, 4) xyzw, world, in the order of ``props``."""
        for place, (position, orientation) in enumerate(zip(positions, orientations, strict=True)):
            self.engine.place_prop(place, position.tolist(), orientation.tolist())

    def close(self) -> None:
        """Give back what the engine holds; a second call does nothing."""
        self.engine.close()

    def __enter__(self) -> World:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
