"""``simon robot new``: a spec from a model alone, with other names, axes and signs than the robots here have."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from simonsays.assets import InputError, plugins
from simonsays.experiments import cli
from simonsays.sim.checking import check_spec
from simonsays.sim.drafting import draft
from simonsays.sim.robots import ROBOTS, get_robot
from simonsays.sim.specs import RobotSpec

G1 = get_robot("g1")
TURNED = ("left_knee_joint", "right_hip_pitch_joint", "left_ankle_roll_joint", "right_hip_yaw_joint")


def strange(folder: Path) -> tuple[Path, dict[str, str]]:
    """The G1 as a stranger's, and the new name of each part.

    Some axes are turned round, it looks along -x, hangs on a root without a mass, its wrists mimic the waist, and its
    meshes are named by ``package://``.
    """
    root = ET.parse(G1.urdf).getroot()
    names = {each.get("name", ""): f"part{i}" for i, each in enumerate(root) if each.tag in ("link", "joint")}
    for joint in root.findall("joint"):
        if joint.get("name") in TURNED:
            axis, limit = joint.find("axis"), joint.find("limit")
            assert axis is not None and limit is not None
            axis.set("xyz", " ".join(str(-float(word)) for word in axis.get("xyz", "").split()))
            low, high = limit.get("lower", ""), limit.get("upper", "")
            limit.attrib.update(lower=str(-float(high)), upper=str(-float(low)))
        if "wrist" in joint.get("name", ""):
            ET.SubElement(joint, "mimic", joint="waist_yaw_joint")
    for each in root.iter():
        for key in ("name", "link", "joint"):
            each.set(key, names.get(each.get(key, ""), each.get(key, ""))) if each.get(key) in names else None
    _look_back(root, names[G1.base])
    for mesh in root.iter("mesh"):
        mesh.set("filename", f"package://strange/{mesh.get('filename')}")
    ET.SubElement(root, "link", name="footprint")
    hung = ET.SubElement(root, "joint", name="footprint_joint", type="fixed")
    ET.SubElement(hung, "parent", link="footprint")
    ET.SubElement(hung, "child", link=names[G1.base])
    (folder / "meshes").symlink_to(G1.urdf.parent / "meshes")
    (folder / "strange.urdf").write_text(ET.tostring(root, encoding="unicode"))
    return folder / "strange.urdf", names


def _look_back(root: ET.Element, base: str) -> None:
    """Turn the root's frame by half a turn."""
    placed = [each for link in root.findall("link") if link.get("name") == base for each in link]
    placed += [joint for joint in root.findall("joint") if joint.find(f"parent[@link='{base}']") is not None]
    for origin in (each.find("origin") for each in placed):
        if origin is not None:
            x, y, z = map(float, origin.get("xyz", "0 0 0").split())
            roll, pitch, yaw = map(float, origin.get("rpy", "0 0 0").split())
            origin.attrib.update(xyz=f"{-x} {-y} {z}", rpy=f"{roll} {pitch} {yaw + math.pi}")


def renamed(names: dict[str, str], of_old: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(names[name] for name in of_old)


def test_a_strangers_g1_is_the_g1(tmp_path: Path) -> None:
    file, names = strange(tmp_path)
    made = draft(file, tmp_path)
    spec = made.spec
    assert (spec.base, spec.torso) == (names[G1.base], names[G1.torso])
    for field in ("feet", "shoulders", "leg_joints"):
        assert getattr(spec, field) == renamed(names, getattr(G1, field)), field
    for role in ("hip_pitch", "hip_roll", "hip_yaw", "knee", "ankle_pitch", "ankle_roll", "arm_swing"):
        assert getattr(spec.gait, role) == renamed(names, getattr(G1.gait, role)), role
    assert spec.gait.leg_length == pytest.approx(G1.gait.leg_length, abs=0.01)
    assert spec.gait.sole_height == pytest.approx(G1.gait.sole_height, abs=1e-3)
    assert spec.base_height == pytest.approx(G1.base_height, abs=0.01)
    for joint, own in ((joint, {names[each.name]: each for each in G1.joints}[joint.name]) for joint in spec.joints):
        if own.name in G1.leg_joints:
            assert 0.5 < joint.kp / own.kp < 2 and 0.5 < joint.armature / own.armature < 2, own
    turned = [line for line in made.changed if "turned round" in line]
    assert all(any(repr(names[name]) in line for line in turned) for name in TURNED) and len(turned) == len(TURNED)
    for words in ("half a turn", "root without a mass", "mimicked", "paths of meshes"):
        assert any(words in line for line in made.changed), words
    report = check_spec(spec)
    assert not report.errors, "\n".join(map(str, report.errors))
    assert report.measured["overhang_m"] == 0 and report.measured["mass_kg"] == pytest.approx(32.105, abs=1e-3)


def test_a_clean_model_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "meshes").symlink_to(G1.urdf.parent / "meshes")
    (tmp_path / "g1.urdf").write_text(G1.urdf.read_text())
    made = draft(tmp_path / "g1.urdf")
    assert not made.changed and made.spec.urdf == tmp_path / "g1.urdf"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["g1.urdf", "meshes"]
    assert {each.sure for each in made.guesses} == {"sure", "likely", "guess"}


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    text = re.sub(r'(<joint name="(?:left|right)_hip_yaw_joint" type=)"revolute"', r'\1"fixed"', G1.urdf.read_text())
    (tmp_path / "meshes").symlink_to(G1.urdf.parent / "meshes")
    (tmp_path / "mine.urdf").write_text(text)
    with pytest.raises(InputError, match=r"mine\.urdf: no hip_yaw in left_hip_pitch_joint.*turns about z"):
        draft(tmp_path / "mine.urdf")
    (tmp_path / "mine.urdf").write_text(G1.urdf.read_text().replace("meshes/", "package://nowhere/none/"))
    with pytest.raises(InputError, match=r"no mesh 'package://nowhere.*copy it beside"):
        draft(tmp_path / "mine.urdf")


@pytest.fixture
def drafted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file that the command writes for the stranger's robot."""
    monkeypatch.setenv("SIMONSAYS_PLUGINS", "")
    yield tmp_path / "strange_robot.py"
    if "strange-robot" in ROBOTS:
        ROBOTS.unregister("strange-robot")
    sys.modules.pop("strange_robot", None)
    plugins._LOADED.labels.pop("strange_robot", None)


def test_the_command_writes_a_robot_that_loads(drafted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, _ = strange(drafted.parent)
    cli.simon()(["robot", "new", str(file), "--out", str(drafted), "--json"], standalone_mode=False)
    told = json.loads(capsys.readouterr().out)
    assert told["changed"] and {"field", "sure", "why"} == set(told["fields"][0])
    spec: RobotSpec = get_robot(drafted)
    assert spec.name == "strange-robot" and not spec.faults()
    assert spec == draft(file, drafted.parent, "strange-robot").spec
