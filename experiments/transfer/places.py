"""Where a policy is tried: engines, and models of its robot in them."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from simonsays.assets import InputError, did_you_mean
from simonsays.assets.notes import dataclass
from simonsays.sim.engines import ENGINES
from simonsays.sim.engines.capabilities import Support
from simonsays.sim.kinematics import Tree
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import PD_RATE_HZ, RobotSpec, SceneSpec
from simonsays.sim.world import World


@dataclass(frozen=True)
class Place:
    """An engine and a model of the robot."""

    engine: str
    mjcf: Path | None = None
    """None: the robot's own URDF"""

    @property
    def title(self) -> str:
        """As ``mujoco, g1.xml``."""
        return f"{self.engine}, {'own URDF' if self.mjcf is None else self.mjcf.name}"

    def spec(self, robot: str) -> RobotSpec:
        """The robot as this place has it."""
        found = get_robot(robot)
        return found if self.mjcf is None else replace(found, mjcf=self.mjcf)

    def masses(self, robot: str) -> dict[str, float]:
        """kg by link, as this engine simulates them.

        Raises:
            InputError: the engine cannot build the model.
        """
        world = World(SceneSpec(), engine=self.engine, physics_dt=1 / PD_RATE_HZ)
        with closing(world):
            body = world.spawn(self.spec(robot)).physics
            return dict(zip(body.tree.links, body.masses().tolist(), strict=True))


def lighter_and_heavier(place: Place, robot: str) -> dict[str, float]:
    """kg by link: by how much more than 0.1 kg it is heavier here (negative: lighter) than the robot's URDF says.

    Links that the model has as part of another are left out, and that one counts with what it has of them.
    """
    tree, here = Tree(get_robot(robot)), place.masses(robot)
    own = dict(zip(tree.links, tree.mass.tolist(), strict=True))
    for place_of, name in reversed([*enumerate(tree.links)]):
        parent = tree.parents[place_of]
        if here[name] == 0 and parent >= 0:
            own[tree.links[parent]] += own.pop(name)
    found = {name: here[name] - mass for name, mass in own.items()}
    return {name: round(more, 3) for name, more in found.items() if abs(more) > 0.1}


def why_missing(engine: str) -> str | None:
    """What an engine lacks here; None where it is installed."""
    package = ENGINES[engine].package
    if importlib.util.find_spec(package) is None:
        return f"the package {package} is not installed"
    return None


def places(robot: str, engines: Sequence[str] = (), mjcf: Sequence[Path] = ()) -> tuple[list[Place], dict[str, str]]:
    """Every engine with every model that it can take, and why engines that were asked for are not among them.

    Raises:
        InputError: an unknown engine, none that is installed, or a file that no engine can build.
    """
    wanted = list(engines) or list(ENGINES)
    for name in wanted:
        if name not in ENGINES:
            raise InputError(f"--engines: no engine {name!r}{did_you_mean(name, ENGINES)}")
    missing = {name: why for name in wanted if (why := why_missing(name)) is not None}
    there = [name for name in wanted if name not in missing]
    if not there:
        raise InputError(f"no engine to try it in: {'; '.join(missing.values())}")
    takes = [name for name in there if ENGINES[name].capabilities["mjcf"].support is not Support.UNSUPPORTED]
    for file in mjcf:
        if not file.is_file():
            raise InputError(f"--mjcf {file}: no such file")
        if not takes:
            told = "; ".join(missing.values()) or f"{', '.join(there)} cannot"
            raise InputError(f"--mjcf {file}: needs an engine that takes MJCF: {told}")
    if len({file.name for file in mjcf}) < len({file.resolve() for file in mjcf}):
        raise InputError("--mjcf: two files of one name: cells are told by it; rename one")
    found = [Place(name) for name in there]
    found += [Place(name, file.resolve()) for name in takes for file in dict.fromkeys(mjcf)]
    for place in found:
        place.masses(robot)
    return found, missing
