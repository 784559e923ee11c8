"""``simon robot check``: what is wrong with a robot is named, and nothing of it loads in silence."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from simonsays.assets import InputError
from simonsays.experiments import cli
from simonsays.sim.checking import Report, check_model, check_spec
from simonsays.sim.drafting import draft
from simonsays.sim.robots import ROBOTS, get_robot
from simonsays.sim.solids import corners
from simonsays.sim.specs import RobotSpec
from simonsays.sim.specs.urdf import Origin, Shape
from simonsays.testing import check_robot

G1 = get_robot("g1")
TEXT = G1.urdf.read_text()
FRAME = '<link name="imu"/><joint name="imu_joint" type="{}"><parent link="{}"/><child link="{}"/></joint></robot>'
KNEE = r'(<joint name="left_knee_joint".*?)'
ROOT = '<link name="b"/><joint name="b_joint" type="fixed"><parent link="b"/><child link="pelvis"/></joint>'
SOLE = """<link name="l_sole"/><joint name="l_sole_joint" type="fixed"><parent link="left_ankle_roll_link"/>
<child link="l_sole"/></joint></robot>"""
Change = Callable[[str], str]


def first(pattern: str, by: str) -> Change:
    """The text with the first match replaced."""
    return lambda text: re.sub(pattern, by, text, count=1, flags=re.DOTALL)


def changed(folder: Path, change: Change, **fields: Any) -> RobotSpec:
    """The G1 with a changed URDF."""
    text = change(TEXT)
    assert text != TEXT or fields
    if not (folder / "meshes").exists():
        (folder / "meshes").symlink_to(G1.urdf.parent / "meshes")
    (folder / "mine.urdf").write_text(text, encoding="utf-8")
    return replace(G1, name="mine", urdf=folder / "mine.urdf", **fields)


def told(report: Report) -> str:
    return "\n".join(map(str, report.errors))


@pytest.mark.parametrize("name", ROBOTS)
def test_every_shipped_robot_passes(name: str) -> None:
    report = check_robot(name)
    spec = get_robot(name)
    assert report.measured["base_height_m"] == pytest.approx(spec.base_height, abs=1e-3)
    assert report.measured["sole_height_m"] == pytest.approx(spec.gait.sole_height, abs=1e-3)
    told_of = (
        "passed over",
        "have no <inertial>",
    )  # as frames have none: heads and hands that weigh with what they are on
    assert [each.what for each in report.warnings if not any(words in each.what for words in told_of)] == []
    for told in report.measured["engines"].values():
        assert told["mass_kg"] == pytest.approx(report.measured["mass_kg"], abs=1e-6)
    for joint, (other, sign) in report.measured["mirror"].items():
        assert report.measured["mirror"][other] == [joint, sign]


@pytest.mark.parametrize(
    ("change", "element", "words"),
    [
        (first('mass value="3.813"', 'mass value="1e-9"'), "link 'pelvis', inertial", "reach .* m far.*unit"),
        (first('ixx="0.010549"', 'ixx="10.5"'), "link 'pelvis', inertial", "more than both others"),
        (first('ixy="-?[0-9.e-]+"', 'ixy="3"'), "link 'pelvis', inertial", "negative"),
        (first('<link name="pelvis">', ROOT + '<link name="pelvis">'), "link 'b'", "no mass.*robot new"),
        (first(rf'{KNEE} lower="[^"]*" upper="[^"]*"', r"\1"), "joint 'left_knee_joint'", "limits are missing"),
        (first(rf'{KNEE} effort="[^"]*"', r"\1"), "joint 'left_knee_joint'", "effort 0, or none.*largest torque"),
        (first(f'{KNEE}"revolute"', r'\1"spherical"'), "joint 'left_knee_joint'", "three revolute"),
        (first(f'{KNEE}"revolute"', r'\1"planar"'), "joint 'left_knee_joint'", "planar"),
        (first(f"{KNEE}</joint>", r'\1<mimic joint="right_knee_joint"/></joint>'), "left_knee_joint", "of 'right_knee"),
        (first("</robot>", FRAME.format("revolute", "head_link", "imu")), "imu_joint", "nothing that has a mass"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_named(tmp_path: Path, change: Change, element: str, words: str) -> None:
    spec = changed(tmp_path, change)
    report = check_model(spec.urdf)
    named = [each for each in report.errors if element in each.element and re.search(words, str(each), re.DOTALL)]
    assert named, told(report)
    assert named[0].mend and named[0].file == str(spec.urdf)
    with pytest.raises(InputError, match=re.escape(str(spec.urdf))):
        spec.validate()  # nothing loads in silence


def test_all_errors_are_listed_at_once(tmp_path: Path) -> None:
    text = first('mass value="3.813"', 'mass value="3,813"')(TEXT)
    text = first(f'{KNEE}xyz="0 1 0"', r'\1xyz="0 0 0"')(text)
    text = first("</robot>", '<link name="loose"/></robot>')(text)
    (tmp_path / "mine.urdf").write_text(text)
    assert [each.element for each in check_model(tmp_path / "mine.urdf").errors] == [
        "link 'pelvis', inertial, mass",
        "joint 'left_knee_joint'",
        "links 'pelvis' and 'loose'",
    ]


def swapped(pair: tuple[str, str]) -> tuple[str, str]:
    return pair[1], pair[0]


@pytest.mark.parametrize(
    ("fields", "element", "words"),
    [
        ({"feet": swapped(G1.feet)}, "field feet", "swapped"),
        ({"gait": replace(G1.gait, knee=swapped(G1.gait.knee))}, "field gait.knee", "swapped"),
        ({"gait": replace(G1.gait, knee=G1.gait.hip_yaw)}, "field gait.knee", "not about y"),
        ({"leg_joints": (*G1.leg_joints[6:], *G1.leg_joints[:6])}, "field leg_joints", "left leg's joints first"),
        ({"base_height": 0.9}, "field base_height", "measured 0.789"),
        ({"gait": replace(G1.gait, sole_height=0.06)}, "field gait.sole_height", "write 0.035"),
        ({"feet": ("left_foot", "right_foot")}, "field feet", "no link 'left_foot'"),
        ({"joints": (replace(G1.joints[0], kd=40.0), *G1.joints[1:])}, "engine bullet", "left_hip_pitch_joint.*shakes"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_spec_is_named(fields: dict[str, Any], element: str, words: str) -> None:
    report = check_spec(replace(G1, name="mine", **fields))
    named = [each for each in report.errors if element in each.element]
    assert named and re.search(words, str(named[0]), re.DOTALL), told(report)


def test_links_before_their_parents_do_not_end_the_process(tmp_path: Path) -> None:
    text = re.sub(r'(<link name="pelvis">.*?</link>)(.*)</robot>', r"\2\1</robot>", TEXT, count=1, flags=re.DOTALL)
    report = check_spec(changed(tmp_path, lambda _: text))
    assert [each.element for each in report.errors] == ["engine bullet"]
    assert "stands before its parent" in report.errors[0].what
    assert draft(tmp_path / "mine.urdf").changed == (
        "links stood before their parents, 'left_hip_pitch_link' for one: parents stand first",
    )


def test_feet_that_touch_nothing_are_an_error(tmp_path: Path) -> None:
    spec = changed(tmp_path, first("</robot>", SOLE), feet=("l_sole", G1.feet[1]))
    (found,) = check_spec(spec).errors
    assert "touches nothing" in found.what and "'left_ankle_roll_link'" in found.mend


def test_a_pose_that_falls_and_overlaps_is_warned_of() -> None:
    bent = {"left_shoulder_roll_joint": -0.6, "left_elbow_joint": 0.0, "waist_yaw_joint": 0.0}
    joints = tuple(replace(joint, default=bent.get(joint.name, joint.default)) for joint in G1.joints)
    joints = tuple(replace(j, default=0.4) if "ankle_pitch" in j.name else j for j in joints)
    listed = "\n".join(map(str, check_spec(replace(G1, name="mine", joints=joints)).findings))
    assert "not flat on its sole" in listed and "overlap and never touch" in listed


def test_what_is_passed_over_and_weightless_is_listed(tmp_path: Path) -> None:
    more = '<transmission name="t"/><gazebo/></robot>'
    text = first("</robot>", FRAME.format("fixed", "pelvis", "imu").replace("</robot>", more))(TEXT)
    text = first('<lateral_friction value="1.0" />', '<lateral_friction value="0.3"/>')(text)
    report = check_model(changed(tmp_path, lambda _: text).urdf)
    assert not report.errors
    assert report.measured["passed_over"] == {"<contact>": 1, "<gazebo>": 1, "<transmission>": 1, "limit velocity": 23}
    assert report.measured["links_without_inertial"] == ["imu"]
    assert any("weigh nothing" in each.what for each in report.warnings)


def test_corners_are_those_of_the_shapes(tmp_path: Path) -> None:
    def shape(kind: str, *size: float, mesh: str = "") -> Shape:
        return Shape(kind, size, Origin((0, 0, 1), (0, 0, 0)), mesh, (2, 2, 2), "", None)

    for one, low, high in (
        (shape("box", 0.2, 0.4, 0.6), 0.7, 1.3),
        (shape("sphere", 0.1), 0.9, 1.1),
        (shape("cylinder", 0.1, 0.4), 0.8, 1.2),
        (shape("capsule", 0.1, 0.4), 0.7, 1.3),
    ):
        points = corners(one, tmp_path)
        assert points[:, 2].min() == pytest.approx(low) and points[:, 2].max() == pytest.approx(high)
    triangle = "facet normal 0 0 1\nouter loop\nvertex 0 0 0\n vertex 1 0 0\nvertex 0 0 0.5\nendloop\n"
    (tmp_path / "a.stl").write_text(f"solid a\n{triangle}endsolid a\n")
    (tmp_path / "a.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 0 0.5\nf 1 2 3\n")
    for name in ("a.stl", "a.obj"):
        assert corners(shape("mesh", mesh=name), tmp_path)[:, 2].max() == pytest.approx(2.0)
    (tmp_path / "a.ply").write_text("")
    with pytest.raises(InputError, match="convert it"):
        corners(shape("mesh", mesh="a.ply"), tmp_path)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        code = cli.simon()(["robot", *arguments], standalone_mode=False)
        return code, capsys.readouterr().out

    code, out = run("check", "g1", "--json", "--picture", str(tmp_path / "g1.png"))
    assert code == 0 and len(json.loads(out)["findings"]) == 1 and (tmp_path / "g1.png").stat().st_size > 1000
    broken = changed(tmp_path, first(f'{KNEE}"revolute"', r'\1"planar"'))
    code, out = run("check", str(broken.urdf))
    assert code == 2 and "left_knee_joint" in out and "errors: 1" in out
    own = tmp_path / "own_robot.py"
    own.write_text("from simonsays.sim.robots import get_robot\n")
    with pytest.raises(InputError, match="register_robot"):
        run("check", str(own))
