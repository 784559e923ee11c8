"""VisionObservation: what a camera on the robot sees, added to an env's observation, for policies that see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.utils import RecordConstructorArgs

from simonsays.assets import InputError, did_you_mean
from simonsays.sim.pictures.sight import FAR, Sight

Sees = dict[str, Any]

_KINDS = ("rgb", "depth", "segmentation")


class VisionObservation(gymnasium.Wrapper[Sees, Any, Any, Any], RecordConstructorArgs):
    """Adds pictures to the observation, which becomes a Dict.

    The env's own observation stands under ``"observation"``, or under its own keys where it is a Dict already. With it
    come, each if asked for:

    - ``"rgb"`` (H, W, 3) uint8
    - ``"depth"`` (H, W) float32, m along the camera's axis, at most 10 (the sky, too)
    - ``"segmentation"`` (H, W) uint8: 0 ground and sky, 1 the robot, 2, 3, ... the props in the scene's order

    The physics is the same with it, bit for bit. It costs some 8 ms a step at 84x84 with TinyRenderer, mostly for the
    robot's meshes and whichever kinds are asked for; a step of HumanoidEnv without it is under 1 ms.

    Args:
        env: any env of this package.
        camera: "head", ahead from the face, or "front", "side", "behind", "top" beside the robot.
        size: width, height in pixels.
        kinds: which of the three.

    Raises:
        InputError: an unknown camera or kind, an impossible size, a key that the observation has already, or an env
            without a robot.
    """

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        *,
        camera: str = "head",
        size: tuple[int, int] = (84, 84),
        kinds: Sequence[str] = _KINDS,
    ) -> None:
        RecordConstructorArgs.__init__(self, camera=camera, size=size, kinds=kinds)
        super().__init__(env)
        for kind in kinds:
            if kind not in _KINDS:
                raise InputError(f"kinds: {kind!r}{did_you_mean(kind, _KINDS)}")
        self._kinds = tuple(kind for kind in _KINDS if kind in kinds)
        inner: Any = env.unwrapped
        if not hasattr(inner, "world") or not hasattr(inner, "robot"):
            raise InputError(f"{type(inner).__name__}: has no robot in a world to look with")
        self._inner, self._sight = inner, Sight(inner.robot.spec, camera, (size[0], size[1]))
        self.observation_space = self._space(env.observation_space, *size)

    def _space(self, space: Any, width: int, height: int) -> spaces.Dict:
        known = dict(space.spaces) if isinstance(space, spaces.Dict) else {"observation": space}
        seen = {
            "rgb": spaces.Box(0, 255, (height, width, 3), dtype=np.uint8),
            "depth": spaces.Box(0.0, FAR, (height, width), dtype=np.float32),
            "segmentation": spaces.Box(0, 255, (height, width), dtype=np.uint8),
        }
        for kind in self._kinds:
            if kind in known:
                raise InputError(f"the observation has {kind!r} already")
        return spaces.Dict({**known, **{kind: seen[kind] for kind in self._kinds}})

    def _observe(self, observation: Any) -> Sees:
        seen = self._sight.see(self._inner.world, self._inner.state)
        own = observation if isinstance(observation, dict) else {"observation": observation}
        return {**own, **{kind: getattr(seen, kind) for kind in self._kinds}}

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Sees, dict[str, Any]]:
        """As the env's, with what the camera sees."""
        observation, info = self.env.reset(seed=seed, options=options)
        return self._observe(observation), info

    def step(self, action: Any) -> tuple[Sees, Any, bool, bool, dict[str, Any]]:
        """As the env's, with what the camera sees."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        return self._observe(observation), reward, terminated, truncated, info

    def close(self) -> None:
        """Close the env and free the camera's world; a second call does nothing."""
        self._sight.close()
        super().close()  # type: ignore[no-untyped-call]
