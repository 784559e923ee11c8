"""Worlds, robots and scenes: what is loaded is what was published, and bad input is named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simonsays.assets import InputError, path
from simonsays.sim.engines.native import pybullet
from simonsays.sim.engines.quantities import GRAVITY
from simonsays.sim.robots import ROBOTS, get_robot
from simonsays.sim.rotations import (
    conjugate,
    matrix_from_quaternion,
    multiply,
    quaternion_from_rpy,
    wrap_angle,
)
from simonsays.sim.specs import JointSpec, PropSpec, RobotSpec, SceneSpec, load_scene
from simonsays.sim.specs.urdf import read_urdf
from simonsays.sim.world import World

FIGURES = json.loads(path("robots", "g1", "figures.json").read_text())


@pytest.fixture(params=ROBOTS)
def spec(request: pytest.FixtureRequest) -> RobotSpec:
    return get_robot(request.param)


def test_every_robot_is_valid_and_hangs_together(spec: RobotSpec) -> None:
    spec.validate()
    with World() as world:
        robot = world.spawn(spec)
        state = robot.state()
        assert len(robot.joint_names) == len(spec.joints) == len(state.joint_positions)
        assert (robot.lower < robot.upper).all() and (robot.effort > 0).all()
        assert (robot.default_positions >= robot.lower).all() and (robot.default_positions <= robot.upper).all()
        assert abs(state.foot_positions[:, 2].min() - spec.gait.sole_height) < 0.01
        np.testing.assert_allclose(state.base_position, [0, 0, spec.base_height], atol=1e-9)
        assert state.gravity[2] < -0.999


def test_every_robot_stands_on_pd_while_its_base_is_held(spec: RobotSpec) -> None:
    """Torque PD with reflected inertia is stable: no joint runs away when the robot hangs for two seconds."""
    with World() as world:
        robot = world.spawn(spec)
        robot.reset([0, 0, 2], [0, 0, 0, 1], robot.default_positions.tolist())
        robot.push([0, 0, GRAVITY * robot.mass])
        for _ in range(400):
            robot.set_base_velocity([0, 0, 0], [0, 0, 0])
            robot.track(robot.default_positions.tolist(), 1)
        assert np.abs(robot.joint_velocities).max() < 1.0
        assert np.abs(robot.joint_positions - robot.default_positions).max() < 0.2


def test_g1_has_the_published_masses_axes_limits_and_armature() -> None:
    spec = get_robot("g1")
    with World() as world:
        robot = world.spawn(spec)
        count = pybullet.getNumJoints(robot.body, physicsClientId=world.client)
        masses = {}
        for link in range(-1, count):
            name = spec.base
            if link >= 0:
                name = pybullet.getJointInfo(robot.body, link, physicsClientId=world.client)[12].decode()
            masses[name] = pybullet.getDynamicsInfo(robot.body, link, physicsClientId=world.client)[0]
        for link in FIGURES["links"]:
            assert masses[link["name"]] == pytest.approx(link["mass"], rel=1e-6)
        assert sum(masses.values()) == pytest.approx(FIGURES["total_mass"], abs=1e-3)
        moving = {joint["name"]: joint for joint in FIGURES["joints"] if joint["type"] != "fixed"}
        assert set(robot.joint_names) == set(moving)
        for i, joint in enumerate(spec.joints):
            published = moving[joint.name]
            assert robot.lower[i] == pytest.approx(published["lower"])
            assert robot.upper[i] == pytest.approx(published["upper"])
            assert robot.effort[i] == pytest.approx(published["effort"])
            for figure in ("kp", "kd", "armature"):
                lower = 0.6 if figure == "kd" and "ankle" in joint.name else 1.0  # see SOURCE.md
                assert getattr(joint, figure) == pytest.approx(lower * published[figure])


def test_every_robots_urdf_has_its_published_figures(spec: RobotSpec) -> None:
    figures, urdf = json.loads((spec.urdf.parent / "figures.json").read_text()), read_urdf(spec.urdf)
    for link in figures["links"]:
        own = urdf.link(link["name"]).inertial
        assert own is not None and own.mass == pytest.approx(link["mass"])
        told = [link["inertia"][key] for key in ("ixx", "ixy", "ixz", "iyy", "iyz", "izz")]
        np.testing.assert_allclose([*own.origin.xyz, *own.inertia], [*link["com"], *told], atol=1e-9)
    joints = {joint.name: joint for joint in urdf.joints}
    for joint in figures["joints"]:
        own_joint = joints[joint["name"]]
        np.testing.assert_allclose(own_joint.origin.xyz, joint["xyz"], atol=1e-9)
        if joint["type"] != "fixed":
            told = [joint[key] for key in ("lower", "upper", "effort")]
            np.testing.assert_allclose([own_joint.lower, own_joint.upper, own_joint.effort], told)
    armature = {joint["name"]: joint["armature"] for joint in figures["joints"] if joint["type"] != "fixed"}
    for each in spec.joints:
        assert each.armature == pytest.approx(armature[each.name], abs=1e-5)


def test_the_larger_g1_walks_as_the_smaller_one_does() -> None:
    small, large = get_robot("g1"), get_robot("g1-29")
    legs = [joint for joint in small.joints if joint.name in small.leg_joints]
    assert [joint for joint in large.joints if joint.name in large.leg_joints] == legs
    assert (large.leg_joints, large.gait, large.base_height) == (small.leg_joints, small.gait, small.base_height)
    assert dict(large.policies).keys() == dict(small.policies).keys() - {"run"} and len(large.joints) == 29


def test_effort_limits_hold() -> None:
    with World() as world:
        robot = world.spawn(get_robot("g1"))
        robot.track((robot.default_positions + 100.0).tolist(), 4)
        np.testing.assert_array_equal(np.abs(robot.joint_torques), robot.effort)


def test_base_velocity_is_that_of_the_base_position() -> None:
    with World() as world:
        robot = world.spawn(get_robot("g1"))
        robot.reset([0, 0, 3], quaternion_from_rpy(0.3, 0.2, 1.0).tolist(), robot.default_positions.tolist())
        robot.set_base_velocity([0.3, 0, 0], [0.5, 1.0, 2.0])
        before = robot.state()
        world.step()
        after = robot.state()
        measured = (after.base_position - before.base_position) / world.physics_dt
        np.testing.assert_allclose(measured, after.base_linear_velocity, atol=0.03)


def test_worlds_do_not_disturb_each_other() -> None:
    def fall(other: bool) -> np.ndarray:
        with World() as world:
            robot = world.spawn(get_robot("g1"))
            stranger = World(SceneSpec(props=(PropSpec("box", "red", (0.3, 0.0)),))) if other else None
            for _ in range(100):
                robot.track(robot.default_positions.tolist(), 1)
                if stranger is not None:
                    stranger.step()
            if stranger is not None:
                stranger.close()
            return robot.state().base_position

    np.testing.assert_array_equal(fall(other=False), fall(other=True))


def test_world_closes_twice_and_props_stand_still() -> None:
    props = tuple(PropSpec(shape, "red", (i, 0.0)) for i, shape in enumerate(("ball", "box", "cone", "pillar")))
    world = World(SceneSpec(props=props), visuals=True)
    start = world.prop_positions()
    for _ in range(200):
        world.step()
    np.testing.assert_allclose(world.prop_positions(), start, atol=0.01)
    assert list(world.props) == ["red ball", "red box", "red cone", "red pillar"]
    world.close()
    world.close()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"leg_joints": ("left_hip_pich_joint",)},
            ["leg_joints", "left_hip_pich_joint", "g1.urdf", "did you mean"],
        ),
        ({"feet": ("left_foot", "right_foot")}, ["feet", "left_foot"]),
        ({"urdf": Path("/nowhere/robot.urdf")}, ["/nowhere/robot.urdf"]),
        ({"joints": (JointSpec("waist_yaw_joint", 1, 1, 0),)}, ["joints", "left_hip_pitch_joint"]),
    ],
)
def test_a_wrong_spec_names_the_file_and_the_field(change: dict[str, object], words: list[str]) -> None:
    with pytest.raises(InputError) as error:
        replace(get_robot("g1"), **change).validate()
    for word in words:
        assert word in str(error.value)


@pytest.mark.parametrize("text", ["", "<robot", "<model/>", "<robot><joint name='a'/></robot>"])
def test_a_malformed_urdf_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "bad.urdf"
    file.write_text(text)
    with pytest.raises(InputError, match=r"bad\.urdf"):
        replace(get_robot("g1"), urdf=file).validate()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[robot", "TOML"),
        ("[robott]\nposition = [0, 0]", "robott"),
        ("[[props]]\nshape = 'ball'\ncolor = 'red'", "position"),
        ("[[props]]\nshape = 'bal'\ncolor = 'red'\nposition = [1, 0]", "ball"),
        ("[[props]]\nshape = 'ball'\ncolor = 'redd'\nposition = [1, 0]", "red"),
        ("[[props]]\nshape = 'ball'\ncolor = 'red'\nposition = [1, 'a']", "position"),
        ("[[props]]\nshape = 'ball'\ncolor = 'red'\nposition = [nan, 0]", "position"),
        ("[[props]]\nshape = 'ball'\ncolor = 'red'\nposition = [1, 0]\nweight = 3", "weight"),
        ("[[props]]\nshape = 'ball'\ncolor = 'red'\nposition = [1, 0]\nmass = -1", "mass"),
        ("[ground]\nfriction = 'slippery'", "friction"),
        ("[ground]\nfriction = -1", "friction"),
    ],
)
def test_a_bad_scene_names_the_file_and_the_field(tmp_path: Path, text: str, word: str) -> None:
    file = tmp_path / "scene.toml"
    file.write_text(text)
    with pytest.raises(InputError) as error:
        load_scene(file)
    assert str(file) in str(error.value) and word in str(error.value)


def test_shipped_scenes_load() -> None:
    names = sorted(file.stem for file in path("scenes").glob("*.toml"))
    assert names
    for name in names:
        with World(load_scene(name)) as world:
            world.step()


def test_a_missing_scene_suggests_one() -> None:
    with pytest.raises(InputError, match="playground"):
        load_scene("playgroud")


angles = st.floats(-3, 3)


@given(angles, angles, angles)
def test_rotations_agree(roll: float, pitch: float, yaw: float) -> None:
    quaternion = quaternion_from_rpy(roll, pitch, yaw)
    matrix = matrix_from_quaternion(quaternion)
    np.testing.assert_allclose(matrix, np.reshape(pybullet.getMatrixFromQuaternion(quaternion), (3, 3)), atol=1e-9)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-9)
    np.testing.assert_allclose(multiply(quaternion, conjugate(quaternion)), [0, 0, 0, 1], atol=1e-9)


@given(st.floats(-100, 100))
def test_wrapped_angles_are_the_same_angle(angle: float) -> None:
    wrapped = wrap_angle(angle)
    assert -np.pi <= wrapped < np.pi + 1e-9
    assert np.cos(wrapped) == pytest.approx(np.cos(angle), abs=1e-6)
