"""Whatever an env is made with goes through JSON, into other processes and into a run's record, and comes back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec

from simonsays.agents.recipes.recipe import load_recipe, recipe_from_dict
from simonsays.agents.vec.vec import WorkerVecEnv
from simonsays.assets import InputError, path
from simonsays.envs.events import Push
from simonsays.envs.language import parse
from simonsays.envs.plain import plain, read_robot, read_scene
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import GroundSpec, PropSpec, SceneSpec, load_scene

G1 = get_robot("g1")
STIFF = replace(G1, joints=tuple(replace(joint, kp=1.1 * joint.kp) for joint in G1.joints))
BALL = PropSpec("ball", "red", (1.0, np.float64(0.5)), path=((2.0, 1.0),))
SCENE = SceneSpec("mine", props=(BALL,), ground=GroundSpec(friction=0.7), viewer=(1.0, 2.0))
GIVEN: dict[str, tuple[str, dict[str, Any]]] = {
    "a scene": ("Locomotion", {"scene": SCENE}),
    "a table that cannot be copied": ("GoTo", {"scene": MappingProxyType({"props": []})}),
    "a file": ("Locomotion", {"scene": path("scenes", "playground.toml")}),
    "a spec": ("Locomotion", {"robot": STIFF}),
    "numbers of NumPy": (
        "Locomotion",
        {"push_speed": np.float32(0.25), "physics_hz": np.int64(400), "forward": np.r_[0.0, 1.0]},
    ),
    "an event": ("GoTo", {"events": {"push": Push(speed=0.2)}}),
    "an instruction": ("Instruction", {"instructions": (parse("walk two metres"), "wave")}),
}


@pytest.mark.parametrize("given", GIVEN)
def test_an_env_is_told_as_json_and_made_of_it_again(given: str) -> None:
    task, arguments = GIVEN[given]
    env = gymnasium.make(f"simonsays:G1-{task}-v0", **arguments)
    assert env.spec is not None
    again = gymnasium.make(EnvSpec.from_json(env.spec.to_json()))
    one: Any = env.unwrapped
    other: Any = again.unwrapped
    assert (other.spec_robot, other.world.scene, other.spec) == (one.spec_robot, one.world.scene, one.spec)
    still = np.zeros(one.action_space.shape, np.float32)
    for seen, found in zip(
        *([*flat(each.reset(seed=3)[0]), *flat(each.step(still)[0])] for each in (env, again)), strict=True
    ):
        np.testing.assert_array_equal(seen, found)
    env.close()
    again.close()


def flat(seen: Any) -> list[Any]:
    return [*seen.values()] if isinstance(seen, dict) else [seen]


@pytest.mark.slow
def test_workers_take_what_a_process_cannot_be_given() -> None:
    given = {"robot": STIFF, "scene": MappingProxyType(plain(SCENE))}
    envs = WorkerVecEnv("simonsays:G1-Locomotion-v0", given, 1, 1)
    envs.seed(3)
    alone = gymnasium.make("simonsays:G1-Locomotion-v0", **given)
    np.testing.assert_array_equal(envs.reset()[0], alone.reset(seed=3)[0])
    envs.close()
    alone.close()


def test_recipes_hold_plain_values() -> None:
    data = load_recipe("walk").model_dump(mode="json")
    told = {name: table for name, table in data.items() if name != "hyperparameters" and table is not None}
    told["env"] = {"forward": np.array([0.0, 0.5]), "friction": (np.float32(0.5), 1), "push_speed": np.float64(0.25)}
    kept = recipe_from_dict(told, "made here").model_dump(mode="json")
    assert json.loads(json.dumps(kept))["env"] == {"forward": [0.0, 0.5], "friction": [0.5, 1], "push_speed": 0.25}


def test_scenes_and_robots_come_back_from_their_tables(tmp_path: Path) -> None:
    for scene in (SCENE, load_scene("playground")):
        assert read_scene(json.loads(json.dumps(plain(scene)))) == scene
    table = plain(STIFF)
    assert read_robot(json.loads(json.dumps(table))) == STIFF
    with pytest.raises(InputError, match=r"robot, field joints\.0\.kp: .*number"):
        read_robot({**table, "joints": [{"name": "waist_yaw_joint", "kp": "x", "kd": 1, "armature": 0}]})
    with pytest.raises(InputError, match="robot, field urdf"):
        read_robot({key: value for key, value in table.items() if key != "urdf"})
    with pytest.raises(InputError, match="scene, field name: needs text"):
        read_scene({"name": 3})
