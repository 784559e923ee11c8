"""Of check_engine: the ground, props, and what touches what."""

from __future__ import annotations

import math

import numpy as np

from simonsays.sim.engines import ENGINES
from simonsays.sim.engines.checks import neighbours, overlapping
from simonsays.sim.engines.quantities import GRAVITY
from simonsays.sim.kinematics import Tree
from simonsays.sim.recorder import Meter
from simonsays.sim.robots import get_robot
from simonsays.sim.rotations import quaternion_from_rpy
from simonsays.sim.shapes import BUMP_SPACING, BUMPS, bump_heights
from simonsays.sim.specs import GroundSpec, PropSpec, SceneSpec
from simonsays.sim.state import Array
from simonsays.sim.world import World
from simonsays.testing._engine.body import DT, HIGH, TILTED, UPRIGHT, centre_of_mass, close, standing
from simonsays.testing._holding import holds

_BOX = PropSpec("box", "blue", (0.0, 3.0), size=(0.4, 0.4, 0.1), mass=5.0)


def _check_contacts(engine: str) -> None:
    """Of a robot that comes down: forces make its centre of mass move as it does. Of a box that lies: its weight."""
    with standing(engine, SceneSpec(props=(_BOX,))) as (world, robot):
        targets, steps = robot.default_positions.tolist(), 200
        holds(sum(robot.physics.feet().forces) == 0, f"engine {engine!r}: contact forces before the first step")
        meter = Meter(world, robot)
        robot.after_step = meter.step
        places = [centre_of_mass(robot)]
        for count in (1, steps - 2, 1):
            robot.track(targets, count)
            places.append(centre_of_mass(robot))
        _, forces = meter.take()
        ground = meter.names.index("ground")
        own, box = range(len(robot.link_names)), len(robot.link_names)
        pressed = sum((forces.get((link, ground), np.zeros(3)) for link in own), np.zeros(3))
        speed = (places[3] - places[2] - places[1] + places[0]) / DT
        wanted = robot.mass * (speed / (DT * (steps - 1)) + [0.0, 0.0, GRAVITY])
        message = f"engine {engine!r}: what the ground bears (Meter) is not what holds the robot up"
        close(pressed, wanted, 0.02 * robot.mass * GRAVITY, message)
        weight = np.array([0.0, 0.0, _BOX.weight * GRAVITY])
        message = f"engine {engine!r}: the force of the ground on a box that lies is not its weight"
        close(forces.get((box, ground), np.zeros(3)), weight, 0.02 * weight[2], message)
        robot.track(targets, 1)
        _, forces = meter.take()
        feet = [forces.get((robot.tree.place[name], ground), np.zeros(3))[2] for name in robot.spec.feet]
        message = f"engine {engine!r}: Feet.forces is not what presses on the feet"
        close(robot.physics.feet().forces, feet, 0.02 * robot.mass * GRAVITY, message)
        robot.reset(HIGH, UPRIGHT, targets)
        robot.track(targets, 1)
        message = f"engine {engine!r}: feet in the air are pressed"
        close(robot.physics.feet().forces, 0.0, 0.0, message)


def _slid(engine: str, degrees: float, friction: float, later: float | None = None) -> float:
    """m down a slope in a second, of a box whose friction is 0.8; ``later``: set the ground's to that first."""
    scene = SceneSpec(ground=GroundSpec(friction=friction, slope_deg=degrees), props=(_BOX,))
    with World(scene, engine=engine) as world:
        if later is not None:
            world.set_friction(later)
        slope, half = math.radians(degrees), _BOX.extents[2] / 2
        up = np.array([-math.sin(slope), 0.0, math.cos(slope)])
        turned = quaternion_from_rpy(0.0, -slope, 0.0)
        world.set_prop_poses((half * up + [0.0, 3.0, 0.0])[None], turned[None])
        start = world.prop_positions()[0]
        for _ in range(round(1 / DT)):
            world.step()
        return float(np.linalg.norm(world.prop_positions()[0] - start))


def _check_friction(engine: str) -> None:
    degrees = 15.0
    critical = math.tan(math.radians(degrees)) / 0.8
    slides = GRAVITY * math.sin(math.radians(degrees)) * (1 - 0.85) / 2
    for friction, later in ((1.15 * critical, None), (3.0, 1.15 * critical)):
        far = _slid(engine, degrees, friction, later)
        holds(far < 0.02, f"engine {engine!r}: a box slides {far:.3f} m though friction is 1.15 times what holds it")
    for friction, later in ((0.85 * critical, None), (3.0, 0.85 * critical)):
        far = _slid(engine, degrees, friction, later)
        right = 0.8 * slides < far < 1.2 * slides
        holds(right, f"engine {engine!r}: a box slides {far:.3f} m, not {slides:.3f}, where friction is 0.85 of that")


def _check_slope(engine: str) -> None:
    """A robot that falls down on uneven ground that rises lies on it."""
    ground = GroundSpec(slope_deg=8.0, roughness=0.05)
    with standing(engine, SceneSpec(ground=ground)) as (_, robot):
        robot.track(robot.default_positions.tolist(), 600)
        places = robot.link_centres(robot.link_names)[robot.tree.mass > 0]
        above = places[:, 2] - ground.gradient * places[:, 0]
        holds(np.isfinite(above).all(), f"engine {engine!r}: the robot is nowhere after a fall on a slope with bumps")
        holds(above.min() > 0.0, f"engine {engine!r}: a link's centre is {-above.min():.3f} m in a slope with bumps")
        holds(above.max() < 1.0, f"engine {engine!r}: the robot floats {above.max():.2f} m over a slope with bumps")


def _check_bumps(engine: str) -> None:
    """Balls that fall on tops of bumps meet them where ``bump_heights`` has them."""
    ground, radius = GroundSpec(roughness=0.2, seed=3), 0.05
    heights, middle = bump_heights(ground), (BUMPS - 1) // 2
    around = range(middle - 6, middle + 7)
    tops = [(r, c) for r in around for c in around if heights[r, c] == heights[r - 1 : r + 2, c - 1 : c + 2].max()][:4]
    spots = [((c - middle) * BUMP_SPACING, (r - middle) * BUMP_SPACING, heights[r, c]) for r, c in tops]
    size = (2 * radius,) * 3
    props = tuple(
        PropSpec("ball", "red", (x, y, z + radius + 0.1), name=f"ball {i}", size=size)
        for i, (x, y, z) in enumerate(spots)
    )
    with World(SceneSpec(ground=ground, props=props), engine=engine) as world:
        lowest = np.full(len(props), np.inf)
        for _ in range(round(0.2 / DT)):
            world.step()
            lowest = np.minimum(lowest, world.prop_positions()[:, 2])
        close(lowest - radius, [z for _, _, z in spots], 0.02, f"engine {engine!r}: tops of bumps are elsewhere")


def _check_props(engine: str) -> None:
    shapes = ("box", "ball", "pillar", "cone")
    props = tuple(PropSpec(shape, "green", (i, 3.0), mass=2.0) for i, shape in enumerate(shapes))
    with World(SceneSpec(props=props), engine=engine) as world:
        positions, orientations = world.prop_poses()
        close(
            positions, [prop.centre for prop in props], 1e-9, f"engine {engine!r}: props are not where the scene says"
        )
        for _ in range(100):
            world.step()
        close(world.prop_positions(), positions, 0.01, f"engine {engine!r}: props that stand do not stay")
        high, turned = np.add(positions, [0.0, 0.0, 5.0]), np.array([TILTED] * len(props))
        world.set_prop_poses(high, turned)
        read, seen = world.prop_poses()
        close(read, high, 1e-9, f"engine {engine!r}: positions of props read back after they were set")
        close(seen, turned, 1e-9, f"engine {engine!r}: orientations of props read back after they were set")
        steps = 60
        for _ in range(steps):
            before = world.prop_positions()
            world.step()
        after = world.prop_positions()
        speeds, rates = [world.prop_velocity(i) for i in range(len(props))], (after - before) / DT
        falling = [[0.0, 0.0, -GRAVITY * DT * steps]] * len(props)
        close(speeds, rates, 0.01, f"engine {engine!r}: velocities of props are not how their places change")
        close(speeds, falling, 0.15, f"engine {engine!r}: props do not fall as bodies fall")
        world.reset_props()
        close(world.prop_positions(), positions, 1e-9, f"engine {engine!r}: World.reset_props")
        still = [world.prop_velocity(i) for i in range(len(props))]
        close(still, 0.0, 1e-9, f"engine {engine!r}: props that were put back still move")
        orientations_now = world.prop_poses()[1]
        close(orientations_now, orientations, 1e-9, f"engine {engine!r}: World.reset_props, orientations")


def _check_pushing(engine: str) -> None:
    """A box on a path pushes a ball, which rolls on and comes to rest where rolling friction lets it."""
    ball = PropSpec("ball", "red", (1.0, 3.0))
    box = PropSpec("box", "blue", (0.0, 3.0), path=((0.9, 3.0),), speed=0.6)
    with World(SceneSpec(props=(ball, box)), engine=engine) as world:

        def run(seconds: float) -> tuple[Array, float]:
            for _ in range(round(seconds / 0.02)):
                world.move_props(0.02)
                for _ in range(round(0.02 / DT)):
                    world.step()
            return world.prop_positions(), world.prop_velocity(0)[0]

        places, speed = run(1.8)
        close(places[1], [0.9, 3.0, 0.15], 1e-6, f"engine {engine!r}: a prop on a path is not at its end")
        holds(places[0, 0] > 1.1, f"engine {engine!r}: a box on a path goes through a ball")
        holds(0.4 < speed < 1.2, f"engine {engine!r}: a ball rolls at {speed:.2f} m/s after a push at 0.6 m/s")
        slowing = 0.003 * GRAVITY / (ball.extents[0] / 2) / 1.4  # m/s^2, a ball with a rolling resistance of 3 mm
        goal, start = speed * speed / 2 / slowing, places[0, 0]
        places, rest = run(1.3 * speed / slowing)
        far = places[0, 0] - start
        holds(abs(rest) < 0.02, f"engine {engine!r}: a ball that should lie still rolls at {rest:.3f} m/s")
        holds(0.75 * goal < far < 1.25 * goal, f"engine {engine!r}: a ball rolls {far:.2f} m, not {goal:.2f}")
        close(places[0, 1:], [3.0, ball.extents[2] / 2], 0.02, f"engine {engine!r}: a ball leaves its line")


def _check_self_collision(engine: str) -> None:
    spec = get_robot("g1")
    with standing(engine) as (_, robot):
        torso = robot.tree.place[spec.torso]
        targets = dict(zip(robot.joint_names, robot.default_positions.tolist(), strict=True))
        for side, sign in (("left", -1.0), ("right", 1.0)):
            targets[f"{side}_shoulder_roll_joint"], targets[f"{side}_shoulder_yaw_joint"] = sign, sign
        robot.reset(HIGH, UPRIGHT, robot.default_positions.tolist())
        deepest, hit = 0.0, set[int]()
        away = np.array([*targets.values()]) - robot.default_positions
        for i in range(80):
            robot.track((robot.default_positions + min(1.0, i / 25) * away).tolist(), 4)  # as fast as arms are moved
            for pair, depth in robot.physics.depths().items():
                deepest, hit = max(deepest, depth), hit | {*pair}
        holds(torso in hit, f"engine {engine!r}: arms that are driven into the torso touch nothing")
        holds(deepest < 0.01, f"engine {engine!r}: arms are {1000 * deepest:.0f} mm in the torso")
    tree, found = Tree(spec), []
    apart = {*neighbours(tree), *overlapping(spec, engine)}
    for pairs in ((), (*apart,)):
        world = ENGINES[engine](DT)
        world.build(SceneSpec(), [])
        body, seen = world.add_robot(spec, tree, pairs), set[tuple[int, int]]()
        for angles in tree.sampled(100, seed=5):
            body.place(HIGH, UPRIGHT, angles.tolist())
            seen |= body.depths().keys()
        found.append(seen)
        world.close()
    names = [(tree.links[a], tree.links[b]) for a, b in found[0] - apart ^ found[1]]
    holds(
        not names, f"engine {engine!r}: pairs of links that touch though left out, or not though they should: {names}"
    )
    holds(found[1], f"engine {engine!r}: no links touch in any of 100 poses")


CHECKS = (
    _check_contacts,
    _check_friction,
    _check_slope,
    _check_bumps,
    _check_props,
    _check_pushing,
    _check_self_collision,
)
