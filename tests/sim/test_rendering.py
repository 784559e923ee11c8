"""Envs that show themselves: pictures, videos, PyBullet's window, and what a robot sees."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.wrappers import HumanRendering, RecordVideo

from simonsays.assets import InputError
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.vision import VisionObservation
from simonsays.sim.pictures.live_view import SIZE, Follower
from simonsays.sim.pictures.sight import FAR, PROPS, ROBOT, Sight
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import scene_from_dict
from simonsays.sim.world import World
from simonsays.testing.envs import one_each

BALL = {"props": [{"shape": "ball", "color": "red", "position": [2.0, 0.0], "size": 0.6}]}


def make(env_id: str, **arguments: Any) -> Any:
    return gymnasium.make(f"simonsays.envs:{env_id}", disable_env_checker=True, **arguments)


@pytest.mark.parametrize("env_id", one_each())
def test_every_env_draws_itself_at_its_own_rate(env_id: str) -> None:
    env = make(env_id, render_mode="rgb_array")
    assert set(env.metadata["render_modes"]) == {"human", "rgb_array"}
    assert env.metadata["render_fps"] == round(1 / env.unwrapped.dt)
    env.reset(seed=0)
    picture = env.render()
    assert picture.shape == (SIZE[1], SIZE[0], 3) and picture.dtype == np.uint8
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 500, "a picture of something"
    env.step(env.action_space.sample())
    assert not np.array_equal(env.render(), picture)
    env.close()
    env.close()


def test_drawing_does_not_touch_the_physics() -> None:
    states = []
    for drawn in (False, True):
        env = HumanoidEnv(render_mode="rgb_array" if drawn else None, scene=BALL)
        env.reset(seed=3)
        for _ in range(10):
            env.step(np.zeros(12))
            if drawn:
                env.render()
        states.append(np.concatenate([env.state.base_position, env.state.joint_positions]))
        env.close()
    np.testing.assert_array_equal(*states)


def test_a_camera_follows_without_jerks_and_starts_anew_after_a_reset() -> None:
    env, follower = HumanoidEnv(), Follower()
    env.reset(seed=0, options={"command": [0.8, 0.0, 0.0]})
    places = []
    for _ in range(40):
        places.append(follower.at(env.reading).target)
        env.step(np.zeros(12))
    assert np.abs(np.diff(places, axis=0)).max() < 0.03
    env.reset(seed=0, options={"scene": {"robot": {"position": [5.0, 0.0]}}})
    assert follower.at(env.reading).target[0] == pytest.approx(env.reading.base_position[0])
    env.close()


def test_gymnasium_records_a_video(tmp_path: Path) -> None:
    imageio = pytest.importorskip("imageio.v2")
    pytest.importorskip("moviepy")
    env = RecordVideo(make("G1-GoTo-v0", render_mode="rgb_array"), str(tmp_path), disable_logger=True)
    env.reset(seed=0)
    for _ in range(4):
        env.step(env.action_space.sample())
    env.close()
    with imageio.get_reader(tmp_path / "rl-video-episode-0.mp4") as film:
        assert film.get_meta_data()["fps"] == 5.0
        assert film.count_frames() in (4, 5)


def test_gymnasium_shows_its_pictures_in_a_window_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pygame")
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    env = HumanRendering(make("G1-Locomotion-v0", render_mode="rgb_array"))
    env.reset(seed=0)
    env.step(env.action_space.sample())
    assert env.window.get_size() == SIZE
    env.close()


def test_a_window_without_a_display_is_refused_before_anything_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    for env_id in one_each():
        with pytest.raises(InputError, match=r"DISPLAY is not set.*rgb_array"):
            make(env_id, render_mode="human")
    monkeypatch.setenv("DISPLAY", ":6789")
    with pytest.raises(InputError, match=r"no window on :6789: cannot connect.*xvfb-run"):
        make("G1-Locomotion-v0", render_mode="human")


_WINDOW = """
import gymnasium, numpy as np, time
from simonsays.assets import InputError
from simonsays.sim.engines.native import pybullet
env = gymnasium.make("simonsays.envs:G1-GoTo-v0", render_mode="human", disable_env_checker=True)
plain = gymnasium.make("simonsays.envs:G1-GoTo-v0", disable_env_checker=True)
began = time.monotonic()
for each in (env, plain):
    each.reset(seed=1, options={"goal": [1.0, 0.0]})
    assert each.render() is None
    for _ in range(3):
        each.step(np.array([1.0, 0.0, 0.0]))
    if each is env:
        assert time.monotonic() - began > 0.5, "in real time: 3 steps are 0.6 s"
np.testing.assert_array_equal(env.unwrapped.state.joint_positions, plain.unwrapped.state.joint_positions)
client = env.unwrapped.viewers[0]._mirror.client
assert pybullet.getConnectionInfo(client)["connectionMethod"] == pybullet.GUI
view, projection = pybullet.getDebugVisualizerCamera(physicsClientId=client)[2:4]
try:
    gymnasium.make("simonsays.envs:G1-Locomotion-v0", render_mode="human", disable_env_checker=True).reset()
except InputError as error:
    print("second:", error)
env.close()
env.close()
print("shown")
"""


@pytest.mark.slow
def test_a_window_shows_the_robot_where_there_is_a_display(tmp_path: Path) -> None:
    assert shutil.which("Xvfb"), "Xvfb is missing: make packages installs it"
    script = tmp_path / "window.py"
    script.write_text(_WINDOW)
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "640x480x24", "-nolisten", "tcp"]
    display = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert display.stdout is not None
        environment = {**os.environ, "DISPLAY": f":{display.stdout.readline().strip()}"}
        done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120, env=environment)
    finally:
        display.terminate()
        display.wait()
    assert done.returncode == 0, done.stderr
    assert "shown" in done.stdout and "one window a process" in done.stdout


def test_a_head_sees_what_stands_before_it() -> None:
    spec = get_robot("g1")
    with World(scene_from_dict(BALL)) as world:
        robot = world.spawn(spec)
        sight = Sight(spec, size=(64, 48))
        seen = sight.see(world, robot.reading())
        ball = seen.segmentation == PROPS
        assert seen.rgb.shape == (48, 64, 3) and seen.depth.shape == seen.segmentation.shape == (48, 64)
        assert ball.sum() > 30
        red, green, blue = seen.rgb[ball].mean(axis=0)
        assert red > 2 * max(green, blue)
        eye = float(robot.link_positions([spec.head])[0, 0]) + 0.13
        nearest = float(seen.depth[ball].min())
        assert nearest == pytest.approx(np.hypot(2.0 - eye, 0.9) - 0.3, abs=0.2)
        assert seen.depth[0].min() == FAR, "the sky"
        rows = seen.depth[:, 5]
        assert (np.diff(rows) <= 0).all() and rows[-1] < 2.5, "the floor comes nearer, row by row"
        robot.reset([0.0, 0.0, 0.778], [0.0, 0.0, 1.0, 0.0], robot.default_positions.tolist())
        assert not (sight.see(world, robot.reading()).segmentation == PROPS).any(), "it is behind now"
        sight.close()
        sight.close()


def test_depth_on_a_slope_is_that_of_the_slope() -> None:
    spec = get_robot("g1")
    depths = []
    for slope in (0.0, 10.0):
        with World(scene_from_dict({"ground": {"slope_deg": slope}})) as world:
            robot = world.spawn(spec)
            sight = Sight(spec, size=(32, 24))
            depths.append(sight.see(world, robot.reading()).depth)
            sight.close()
    flat, uphill = depths
    assert (uphill[-1] < flat[-1]).all()


@pytest.mark.parametrize("camera", ["front", "side", "behind", "top"])
def test_cameras_beside_the_robot_see_it_in_the_middle(camera: str) -> None:
    spec = get_robot("g1")
    with World() as world:
        robot = world.spawn(spec)
        sight = Sight(spec, camera, (40, 40))
        seen = sight.see(world, robot.reading()).segmentation == ROBOT
        sight.close()
    assert 8 < seen.sum() < 800
    assert abs(np.argwhere(seen).mean(axis=0) - 19.5).max() < 5


@pytest.mark.parametrize("env_id", ["G1-Locomotion-v0", "G1-Push-v0", "G1-Instruction-v0"])
def test_envs_with_vision_are_envs(env_id: str) -> None:
    env = VisionObservation(make(env_id), size=(24, 16))
    check_env(env, skip_render_check=True)
    own = make(env_id).observation_space
    assert {"rgb", "depth", "segmentation"} < set(env.observation_space.spaces)
    assert env.observation_space["rgb"].shape == (16, 24, 3)
    assert all(
        env.observation_space[key] == space for key, space in getattr(own, "spaces", {"observation": own}).items()
    )


def test_vision_is_the_same_every_time_and_leaves_the_physics_alone() -> None:
    ends = []
    for seeing in (True, True, False):
        env: Any = HumanoidEnv(scene=BALL)
        env = VisionObservation(env, kinds=("depth",), size=(20, 20)) if seeing else env
        observation, _ = env.reset(seed=5)
        for _ in range(5):
            observation = env.step(np.zeros(12))[0]
        ends.append(observation if seeing else {"observation": observation})
        env.close()
    assert set(ends[0]) == {"observation", "depth"}
    for key in ends[0]:
        np.testing.assert_array_equal(ends[0][key], ends[1][key])
    np.testing.assert_array_equal(ends[0]["observation"], ends[2]["observation"])


def test_vision_in_many_envs_at_a_time() -> None:
    envs = gymnasium.vector.SyncVectorEnv(
        [lambda: VisionObservation(make("G1-Locomotion-v0"), size=(16, 12), kinds=("rgb",)) for _ in range(2)]
    )
    observation, _ = envs.reset(seed=0)
    assert observation["rgb"].shape == (2, 12, 16, 3)
    observation = envs.step(envs.action_space.sample())[0]
    assert observation["observation"].shape == (2, *make("G1-Locomotion-v0").observation_space.shape)
    envs.close()


def test_a_policy_that_sees_learns_a_few_steps() -> None:
    sb3 = pytest.importorskip("stable_baselines3")
    env = VisionObservation(make("G1-Locomotion-v0"), size=(36, 36))
    model = sb3.PPO("MultiInputPolicy", env, n_steps=16, batch_size=8, n_epochs=1, seed=0, device="cpu")
    before = [value.clone() for value in model.policy.parameters()]
    model.learn(16)
    assert any((old != new).any() for old, new in zip(before, model.policy.parameters(), strict=True))
    env.close()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"camera": "haed"}, "'haed'.*head"),
        ({"size": (0, 10)}, "size"),
        ({"kinds": ("rbg",)}, "kinds: 'rbg'.*rgb"),
    ],
)
def test_wrong_cameras_are_refused(arguments: dict[str, Any], words: str) -> None:
    env = HumanoidEnv()
    with pytest.raises(InputError, match=words):
        VisionObservation(env, **arguments)
    env.close()


def test_an_env_without_a_robot_has_nothing_to_see() -> None:
    with pytest.raises(InputError, match="CartPole"):
        VisionObservation(gymnasium.make("CartPole-v1"))
