"""The one reader of URDFs: what it reads, what it and a robot's check refuse, and that no locale changes a number."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from simonsays.assets import InputError
from simonsays.sim.engines.native import pybullet
from simonsays.sim.robots import ROBOTS, get_robot
from simonsays.sim.specs.urdf import Origin, read_urdf
from simonsays.sim.world import World

G1 = get_robot("g1")
TEXT = G1.urdf.read_text()
FRAME = '<link name="imu"/><joint name="imu_joint" type="{}"><parent link="{}"/><child link="{}"/></joint></robot>'
KNEE = r'(<joint name="left_knee_joint".*?)'


@pytest.mark.parametrize("name", ROBOTS)
def test_what_is_read_is_what_bullet_simulates(name: str) -> None:
    spec = get_robot(name)
    urdf = read_urdf(spec.urdf)
    with World() as world:
        robot = world.spawn(spec)
        for i, joint in enumerate(spec.joints):
            read = urdf.above[next(j.child for j in urdf.joints if j.name == joint.name)]
            assert (read.lower, read.upper, read.effort) == (robot.lower[i], robot.upper[i], robot.effort[i])
        assert robot.mass == pytest.approx(sum(link.inertial.mass for link in urdf.links if link.inertial), abs=1e-9)
        bodies = [pybullet.getBodyInfo(robot.body, physicsClientId=world.client)[0].decode()]
        count = pybullet.getNumJoints(robot.body, physicsClientId=world.client)
        infos = [pybullet.getJointInfo(robot.body, i, physicsClientId=world.client) for i in range(count)]
        bodies += [info[12].decode() for info in infos]
    assert sorted(bodies) == sorted(link.name for link in urdf.links) and urdf.root.name == spec.base == bodies[0]
    assert [joint.child for joint in urdf.chain(spec.base, spec.feet[0])][-1] == spec.feet[0]


def test_every_part_of_a_link_is_read(tmp_path: Path) -> None:
    file = tmp_path / "one.urdf"
    file.write_text("""<robot name="one"><material name="teal"><color rgba="0 0.5 0.5 1"/></material><link name="a">
      <inertial><origin xyz="1 2 3" rpy="0.1 0.2 0.3"/><mass value="2e0"/>
        <inertia ixx="1" ixy=".1" ixz="0.2" iyy="2" iyz="-0.3" izz="+3."/></inertial>
      <visual><geometry><mesh filename="a.obj" scale="1 1 -1"/></geometry><material name="teal"/></visual>
      <collision><origin xyz="0 0 1"/><geometry><capsule radius="0.1" length="0.4"/></geometry></collision>
    </link></robot>""")
    (link,) = read_urdf(file).links
    assert link.inertial is not None and link.inertial.inertia == (1, 0.1, 0.2, 2, -0.3, 3)
    assert link.inertial.mass == 2 and link.inertial.origin == Origin((1, 2, 3), (0.1, 0.2, 0.3))
    (visual,), (collision,) = link.visuals, link.collisions
    assert (visual.kind, visual.mesh, visual.scale, visual.color) == ("mesh", "a.obj", (1, 1, -1), (0, 0.5, 0.5, 1))
    assert (collision.kind, collision.size, collision.origin.xyz) == ("capsule", (0.1, 0.4), (0, 0, 1))
    file.write_text('<robot><link name="other"/></robot>')
    assert read_urdf(file).root.name == "other"  # a changed file is read again


def _first(pattern: str, by: str) -> Callable[[str], str]:
    return lambda text: re.sub(pattern, by, text, count=1, flags=re.DOTALL)


@pytest.mark.parametrize(("change", "words"), [
    (_first('mass value="3.813"', 'mass value="3,813"'), "link 'pelvis', inertial, mass: value='3,813'.*point"),
    (_first('mass value="3.813"', 'mass value="${m}"'), "xacro"),
    (_first('mass value="3.813"', 'mass value="nan"'), "finite"),
    (_first('mass value="3.813"', 'mass value="-1"'), "negative"),
    (_first('mass value="3.813"', 'mass value="0"'), "in the air"),
    (_first('ixx="0.010549" ', ""), "ixx is missing"),
    (_first('sphere radius="0.085"', 'sphere radius="0"'), "no size"),
    (_first('sphere radius="0.085"', "torus"), "torus"),
    (_first(f'{KNEE}xyz="0 1 0"', r'\1xyz="0 0 0"'), "direction"),
    (_first(f'{KNEE}effort="139"', r'\1effort="0"'), "left_knee_joint.*largest torque"),
    (_first(f'{KNEE}lower="-0.087267"', r'\1lower="2.9"'), "left_knee_joint.*above"),
    (_first(f'{KNEE}lower="-0.087267"', r'\1lower="0.5"'), "left_knee_joint.*standing angle 0.17"),
    (_first(f'{KNEE}"revolute"', r'\1"continuous"'), "continuous.*6.28"),
    (_first(f'{KNEE}"revolute"', r'\1"prismatic"'), "prismatic.*revolute or fixed"),
    (_first(f"{KNEE}</joint>", r'\1<mimic joint="x"/></joint>'), "mimic"),
    (_first("</robot>", FRAME.format("floating", "imu", "pelvis")), "floating.*base floats"),
    (_first("</robot>", FRAME.format("fixed", "imu", "pelvis")), "link 'imu'.*no mass"),
    (_first("</robot>", FRAME.format("fixed", "imu", "imu")), "link 'imu'.*hangs on itself"),
    (_first("</robot>", FRAME.format("fixed", "pelvis", "head_link")), "child of several"),
    (_first("</robot>", '<link name="imu"/></robot>'), "both hang on nothing"),
    (_first("</robot>", '<link name="pelvis"/></robot>'), "two links are named 'pelvis'"),
    (_first('<child link="head_link"', '<child link="heat_link"'), "heat_link"),
    (_first('filename="meshes', 'filename="package://g1/meshes'), "package://"),
])  # fmt: skip
def test_what_would_be_simulated_otherwise_is_refused(tmp_path: Path, change: Callable[[str], str], words: str) -> None:
    text = change(TEXT)
    assert text != TEXT
    (tmp_path / "meshes").symlink_to(G1.urdf.parent / "meshes")
    (tmp_path / "mine.urdf").write_text(text)
    with pytest.raises(InputError, match=rf"(?s)mine\.urdf.*{words}"):
        replace(G1, urdf=tmp_path / "mine.urdf").validate()


@pytest.mark.parametrize("change", [{"kp": -1.0}, {"kd": float("nan")}, {"armature": float("inf")}])
def test_gains_that_cannot_be_are_refused(change: dict[str, float]) -> None:
    joints = (replace(G1.joints[0], **change), *G1.joints[1:])
    with pytest.raises(InputError, match=rf"left_hip_pitch_joint.*{next(iter(change))}"):
        replace(G1, joints=joints).validate()


_CHILD = """
import locale
locale.setlocale(locale.LC_ALL, "")
assert locale.localeconv()["decimal_point"] == ","
from simonsays.sim.robots import get_robot
from simonsays.sim.world import World
with World() as world:
    robot = world.spawn(get_robot("g1"))
    print(repr(robot.mass), robot.lower.tolist(), robot.link_positions(robot.spec.hands).tolist())
assert locale.localeconv()["decimal_point"] == ","
"""


def test_a_decimal_comma_changes_nothing(tmp_path: Path) -> None:
    if shutil.which("localedef") is None:
        pytest.skip("no localedef to make a locale with")
    made = subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", str(tmp_path / "de_DE.UTF-8")], check=False)
    if made.returncode > 1:  # 1: made, with warnings
        pytest.skip("this machine has no description of a German locale")
    german = {**os.environ, "LOCPATH": str(tmp_path), "LC_ALL": "de_DE.UTF-8"}
    child = subprocess.run([sys.executable, "-c", _CHILD], env=german, capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr
    with World() as world:
        robot = world.spawn(G1)
        hands = robot.link_positions(G1.hands).tolist()
        assert child.stdout.strip() == f"{robot.mass!r} {robot.lower.tolist()} {hands}"
