"""Physics engines: both keep the contract; where links are and what they weigh, mirrors, rotors; both side by side."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from simonsays.assets import InputError
from simonsays.sim.engines import ENGINES
from simonsays.sim.engines.base import Engine
from simonsays.sim.engines.checks import LARGEST_EIGENVALUE, largest_eigenvalue
from simonsays.sim.engines.native import pybullet
from simonsays.sim.kinematics import Poses, Tree, damping_eigenvalues, effective_inertia, mirror
from simonsays.sim.robots import get_robot
from simonsays.sim.rotations import matrix_from_quaternion, quaternion_from_rpy
from simonsays.sim.specs import PD_RATE_HZ, SceneSpec
from simonsays.sim.state import Reading
from simonsays.sim.world import World
from simonsays.testing import check_engine

G1 = get_robot("g1")
TREE = Tree(G1)
every_engine = pytest.mark.parametrize("engine", ENGINES)


@every_engine
def test_engines_keep_the_contract(engine: str) -> None:
    check_engine(engine)


def test_what_breaks_the_contract_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AssertionError, match="no engine 'nowhere'"):
        check_engine("nowhere")
    step = ENGINES["mujoco"].step

    def heavier(self: Engine) -> None:
        self.model.opt.gravity[2] = -9.7  # type: ignore[attr-defined]
        step(self)

    monkeypatch.setattr(ENGINES["mujoco"], "step", heavier)
    with pytest.raises(AssertionError, match="engine 'mujoco': a free fall"):
        check_engine("mujoco")


def test_a_bullet_client_goes_back_when_its_world_is_forgotten() -> None:
    world = World()
    client = world.client
    assert pybullet.getConnectionInfo(client)["isConnected"]
    world.spawn(G1)
    del world
    assert not pybullet.getConnectionInfo(client)["isConnected"]


# Kinematics: from the URDF alone.


def test_links_are_where_bullet_has_them() -> None:
    angles = TREE.sampled(5)
    poses = TREE.poses(angles)
    with World() as world:
        robot = world.spawn(G1)
        for i, pose in enumerate(angles):
            robot.reset([0.0] * 3, [0.0, 0.0, 0.0, 1.0], pose.tolist())
            origins, turns = robot.link_poses(TREE.links)
            np.testing.assert_allclose(origins, poses.position[i], atol=1e-6)
            found = [matrix_from_quaternion(turned) for turned in turns.tolist()]
            np.testing.assert_allclose(found, poses.rotation[i], atol=1e-6)


def _kinetic_energy(poses: Poses, later: Poses, tiny: float) -> float:
    """J, of links that went from here to there in ``tiny`` s: by differences, no Jacobian."""
    total = 0.0
    for link, (mass, own) in enumerate(zip(TREE.mass, TREE.inertia, strict=True)):
        before, after = poses.rotation[0, link], later.rotation[0, link]
        centres = [each.position[0, link] + each.rotation[0, link] @ TREE.centre[link] for each in (poses, later)]
        speed = (centres[1] - centres[0]) / tiny
        spin = (after - before) @ before.T / tiny
        omega = before.T @ np.array([spin[2, 1], spin[0, 2], spin[1, 0]])
        total += 0.5 * mass * speed @ speed + 0.5 * omega @ own @ omega
    return total


def test_the_mass_matrix_gives_the_kinetic_energy() -> None:
    rng, tiny = np.random.default_rng(0), 1e-7
    for angles in TREE.sampled(4):
        velocity = rng.normal(0, 1, 6 + len(angles))
        poses = TREE.poses(angles[None])
        moved = TREE.poses((angles + tiny * velocity[6:])[None])
        turned = matrix_from_quaternion(quaternion_from_rpy(*(tiny * velocity[3:6])))
        later = Poses(turned @ moved.rotation, moved.position @ turned.T + tiny * velocity[:3])
        mass = TREE.mass_matrix(poses)[0]
        np.testing.assert_allclose(mass, mass.T, atol=1e-12)
        wanted = _kinetic_energy(poses, later, tiny)
        assert 0.5 * velocity @ mass @ velocity == pytest.approx(wanted, rel=1e-4)


def test_links_of_another_mass_have_inertia_in_proportion() -> None:
    poses = TREE.poses(TREE.standing[None])
    np.testing.assert_allclose(TREE.mass_matrix(poses, 2 * TREE.mass), 2 * TREE.mass_matrix(poses), atol=1e-12)


def test_an_explicit_damper_is_unstable_from_two_on() -> None:
    """One joint of inertia 0.02 under a free base that is heavy: dt kd / I is the eigenvalue."""
    mass = np.diag([1e9] * 6 + [0.02])[None]
    assert damping_eigenvalues(mass, np.array([8.0]), 0.005)[0] == pytest.approx(2.0)
    assert effective_inertia(mass)[0, 0] == pytest.approx(0.02)


def test_the_mirror_of_the_g1_swaps_sides_and_turns_roll_and_yaw_around() -> None:
    image = mirror(TREE)
    for name, place, sign in zip(TREE.joints, image.place, image.sign, strict=True):
        swapped = name.replace("left", "?").replace("right", "left").replace("?", "right")
        assert TREE.joints[place] == swapped
        assert sign == (1.0 if "pitch" in name or "knee" in name or "elbow" in name else -1.0), name
    assert image.place[TREE.joints.index("waist_yaw_joint")] == TREE.joints.index("waist_yaw_joint")


def test_the_mirror_image_of_a_pose_is_the_pose_of_the_mirror_image() -> None:
    image, flip = mirror(TREE), np.array([1.0, -1.0, 1.0])
    angles = TREE.sampled(20)
    poses = TREE.poses(angles)
    other = TREE.poses(angles[:, image.place] * image.sign)
    left, right = (TREE.place[name] for name in G1.hands)
    np.testing.assert_allclose(poses.position[:, left] * flip, other.position[:, right], atol=0.01)
    left, right = (TREE.place[name] for name in G1.feet)
    np.testing.assert_allclose(poses.position[:, left] * flip, other.position[:, right], atol=0.01)


def _moved_urdf(folder: Path, joint: str, xyz: str) -> Tree:
    document = ET.parse(G1.urdf)
    origin = document.find(f"joint[@name='{joint}']/origin")
    assert origin is not None
    origin.set("xyz", xyz)
    for link in document.iter("link"):
        for shape in [*link.findall("visual"), *link.findall("collision")]:
            link.remove(shape)
    document.write(folder / "moved.urdf")
    return Tree(replace(G1, urdf=folder / "moved.urdf"))


def test_a_joint_without_a_partner_is_named(tmp_path: Path) -> None:
    tree = _moved_urdf(tmp_path, "left_shoulder_pitch_joint", "0 0.3 0.3")
    with pytest.raises(InputError, match=r"moved\.urdf.*'left_shoulder_roll_joint' has no mirror image"):
        mirror(tree)


# Rotors, and gains that shake.


def test_the_rotors_of_the_g1_in_bullet_are_as_published() -> None:
    with World() as world:
        errors = world.spawn(G1).rotor_errors
    assert list(errors) == list(TREE.joints)
    for name, (standing, least, most) in errors.items():
        assert 0.75 < standing < 1.35, name
        assert 0.6 < least <= standing <= most < 2.0, name


@every_engine
def test_the_gains_of_the_g1_do_not_shake(engine: str) -> None:
    most, joint = largest_eigenvalue(G1, engine, 1 / PD_RATE_HZ)
    assert 0.5 < most < LARGEST_EIGENVALUE and joint in TREE.joints
    assert largest_eigenvalue(G1, engine, 2 / PD_RATE_HZ) == (pytest.approx(2 * most), joint)


@every_engine
def test_a_rate_at_which_gains_shake_is_refused_and_the_one_that_would_do_is_told(engine: str) -> None:
    with (
        World(engine=engine, physics_dt=1 / 50) as world,
        pytest.raises(InputError, match="physics steps a second") as no,
    ):
        world.spawn(G1)
    rate = int(str(no.value).split(" physics steps")[0].split()[-1])
    with World(engine=engine, physics_dt=1 / rate) as world:
        world.spawn(G1)


# Side by side.


def test_equal_states_read_equal_in_both_engines() -> None:
    rng = np.random.default_rng(4)
    scene = SceneSpec()
    with World(scene) as one, World(scene, engine="mujoco") as other:
        robots = [world.spawn(G1) for world in (one, other)]
        for angles in TREE.sampled(6):
            turned = quaternion_from_rpy(*rng.uniform(-1, 1, 3)).tolist()
            linear, angular = rng.normal(0, 1, 3).tolist(), rng.normal(0, 1, 3).tolist()
            readings = []
            for robot in robots:
                robot.reset([0.3, -0.2, 2.0], turned, angles.tolist())
                robot.set_base_velocity(linear, angular)
                readings.append(robot.reading(0.5))
            for field in fields(Reading):
                found = [np.array(getattr(reading, field.name), float) for reading in readings]
                np.testing.assert_allclose(*found, atol=2e-6, err_msg=field.name)


def test_the_same_fall_in_both_engines_is_nearly_the_same() -> None:
    ends = []
    for engine in ENGINES:
        with World(engine=engine) as world:
            robot = world.spawn(G1)
            robot.reset([0.0, 0.0, 3.0], quaternion_from_rpy(0.2, 0.1, 0.0).tolist(), TREE.standing.tolist())
            robot.track((TREE.standing + 0.2).tolist(), 60)
            ends.append(robot.reading())
    np.testing.assert_allclose(ends[0].base_position, ends[1].base_position, atol=0.01)
    np.testing.assert_allclose(ends[0].joint_positions, ends[1].joint_positions, atol=0.05)
