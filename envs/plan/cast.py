"""Cast: several robots in one world, each in an env of its own with its own policies, stepped together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simonsays.envs.base import Action
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.stage import Seat
from simonsays.sim.engines import DEFAULT
from simonsays.sim.specs import PD_RATE_HZ, RobotSpec, SceneSpec
from simonsays.sim.world import World


class Cast:
    """The robots of a scene in one world, which it owns, resets and steps. Close it when done.

    Args:
        scene: with as many robots as there are specs, in their order, each with a name.
        engine, physics_hz: as of HumanoidEnv.

    Attributes:
        envs: by the robot's name; none of them is reset or stepped by itself.

    Raises:
        InputError: the scene is for other robots, or one cannot be simulated.
    """

    def __init__(
        self,
        specs: Sequence[RobotSpec],
        scene: SceneSpec,
        *,
        engine: str = DEFAULT,
        physics_hz: int = PD_RATE_HZ,
    ) -> None:
        self._specs = tuple(specs)
        self.world = World(scene, engine=engine, physics_dt=1 / physics_hz)
        self.world.spawn_all(self._specs)
        how: dict[str, Any] = {"engine": engine, "physics_hz": physics_hz, "scene": scene}
        self.envs = {
            start.name: HumanoidEnv(spec, **how, seat=Seat(self.world, place), friction=None, episode_seconds=1e6)
            for place, (spec, start) in enumerate(zip(specs, scene.robots, strict=True))
        }

    def reset(self, seed: int) -> None:
        """Build the world anew, and let every robot stand where the scene has it; equal seeds give equal runs."""
        self.world.reset()
        self.world.spawn_all(self._specs)
        for env in self.envs.values():
            env.reset(seed=seed, options={"command": [0.0, 0.0, 0.0], "scene": self.world.scene})

    def step(self, actions: Mapping[str, Action]) -> dict[str, Any]:
        """One control step of 0.02 s, by the action of each robot; returns what each observes then, by its name."""
        first = next(iter(self.envs.values()))
        for name, env in self.envs.items():
            env.robot.follow(env.act(actions[name]))
        self.world.move_props(first.dt)
        self.world.track(first.stage.substeps)
        return {name: env.settle(env.robot.tracked())[0] for name, env in self.envs.items()}

    def close(self) -> None:
        """Free the world; a second call does nothing."""
        self.world.close()
