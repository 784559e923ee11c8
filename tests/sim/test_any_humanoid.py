"""Bodies of other builds: without arms, with y up, weak, in other units; and the worked example of docs/robots.md."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import commands
import numpy as np
import pytest

from simonsays.assets import InputError, plugins
from simonsays.sim.checking import check_model
from simonsays.sim.checking.efforts import leg_torques, too_weak
from simonsays.sim.drafting.limbs import find_limbs, stands
from simonsays.sim.drafting.model import tree_of
from simonsays.sim.kinematics import Tree
from simonsays.sim.robots import ROBOTS, get_robot
from simonsays.sim.specs import GaitSpec
from simonsays.sim.specs.urdf import numbers

G1 = get_robot("g1")
TEXT = G1.urdf.read_text()
KNEE = r'(<joint name="left_knee_joint".*?)'


def model(folder: Path, text: str) -> Path:
    """A URDF beside the G1's meshes."""
    if not (folder / "meshes").exists():
        (folder / "meshes").symlink_to(G1.urdf.parent / "meshes")
    (folder / "mine.urdf").write_text(text)
    return folder / "mine.urdf"


def test_a_gait_follows_from_the_leg() -> None:
    """At the G1's leg it is nearly the G1's; four times the leg takes twice the time at twice the speed."""
    told = {name: getattr(G1.gait, name) for name in ("hip_pitch", "hip_roll", "hip_yaw", "knee", "ankle_pitch")}
    one, four = (
        GaitSpec(**told, leg_length=scale * G1.gait.leg_length, hip_width=0.1, lift=0.45, sole_height=0.03)
        for scale in (1, 4)
    )
    for name in ("period", "idle_period", "lately", "walk_speed", "walks_below", "runs_above", "start_speed", "sway"):
        assert getattr(one, name) == pytest.approx(getattr(G1.gait, name), rel=0.02), name
        assert getattr(four, name) / getattr(one, name) == pytest.approx(4 if name == "sway" else 2, rel=0.01), name
    np.testing.assert_allclose(one.acceleration, G1.gait.acceleration, rtol=0.02)
    np.testing.assert_allclose(four.acceleration, np.array(one.acceleration) * [1, 1, 0.25], rtol=0.01)


def test_a_body_without_arms_has_a_torso_for_hands(tmp_path: Path) -> None:
    arms = r'(<joint name="(?:left|right)_(?:shoulder|elbow|wrist)[a-z_]*" type=)"revolute"'
    tree = tree_of(model(tmp_path, re.sub(arms, r'\1"fixed"', TEXT)))
    limbs = find_limbs(tree, tree.urdf.file)
    assert limbs.arms == ((), ()) and limbs.hands == limbs.shoulders == (limbs.torso,) * 2
    assert "arm_swing" not in limbs.roles and limbs.roles["knee"] == G1.gait.knee


def test_a_model_that_lies_is_seen(tmp_path: Path) -> None:
    root = ET.fromstring(TEXT)
    assert stands(tree_of(model(tmp_path, TEXT)))
    for joint in root.findall("joint"):
        origin = joint.find("origin")
        if joint.find("parent[@link='pelvis']") is not None and origin is not None:
            x, y, z = map(float, origin.get("xyz", "").split())
            origin.set("xyz", numbers([x, z, -y]))  # y points up
    assert not stands(tree_of(model(tmp_path, ET.tostring(root, encoding="unicode"))))


def test_knees_that_bend_different_ways_are_refused(tmp_path: Path) -> None:
    text = re.sub(KNEE + r'xyz="0 1 0"', r'\1xyz="0 -1 0"', TEXT, count=1, flags=re.DOTALL)
    tree = tree_of(model(tmp_path, text))
    with pytest.raises(InputError, match=r"knees that bend different ways: 'left_knee_joint'.*-y and .*\+y.*round"):
        find_limbs(tree, tree.urdf.file)


def test_weight_asks_for_torques_that_statics_tells() -> None:
    tree = Tree(G1)
    assert not list(too_weak(G1, tree))
    tree.effort[tree.joints.index("left_knee_joint")] = 2.0
    (found,) = too_weak(G1, tree)
    assert "left_knee_joint" in found.what and "of 2 N m" in found.what and found.mend
    knee = tree.joint_links[tree.joints.index("left_knee_joint")]
    hinge = tree.poses(tree.standing[None]).position[0, knee]
    ahead = leg_torques(tree, G1.feet[0], 1.0, hinge + np.array([0.1, 0, 0]))["left_knee_joint"]
    under = leg_torques(tree, G1.feet[0], 1.0, hinge)["left_knee_joint"]  # of what hangs on it alone
    assert ahead + under == pytest.approx(0.1 * tree.mass.sum() * 9.81, rel=0.05)


@pytest.mark.parametrize(
    ("pattern", "by", "words"),
    [
        (r"(<inertial>.*?</inertial>)", r"\1\1", "2 of <inertial>.*leave one"),
        (r'<mesh filename="([^"]*)"', r'<mesh filename="\1" scale="0 1 1"', "a mesh of no size"),
        (r'<mesh filename="([^"]*)"', r'<mesh filename="\1" scale="1000 1000 1000"', "m long.*0.001"),
        (KNEE + r"<axis[^>]*/>", r"\1", "have no <axis>.*left_knee_joint"),
        (KNEE + r'rpy="[^"]*"', r'\1rpy="0 90 0"', "turned by 90 rad.*degrees"),
        (r'mass value="3.813"', 'mass value="3813"', "weighs 3841 kg.*in g"),
        (r'(<joint name="left_hip_pitch_joint".*?)xyz="[^"]*"', r'\1xyz="0 64 -103"', "reach .* m.*in mm"),
        (r'<mass value="3.813" ?/>', "", "value is missing"),
    ],
)
def test_parts_and_units_that_cannot_be_meant_are_told(tmp_path: Path, pattern: str, by: str, words: str) -> None:
    text = re.sub(pattern, by, TEXT, count=1, flags=re.DOTALL)
    assert text != TEXT
    told = [str(each) for each in check_model(model(tmp_path, text)).findings]
    assert any(re.search(words, each) for each in told), told


@pytest.mark.slow
def test_the_worked_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec("jvrc_description")
    if found is None or found.origin is None:
        pytest.skip("jvrc-description, the example of docs/robots.md, is not installed")
    monkeypatch.setenv("SIMONSAYS_PLUGINS", "")
    shutil.copytree(Path(found.origin).parent, tmp_path / "jvrc")
    page = (commands.ROOT / "docs" / "robots.md").read_text().partition("### A worked example")[2]
    lines = re.findall(r"^simon (robot .*|recipe .*)$", page.partition("### ")[0], re.MULTILINE)
    assert len(lines) == 3
    try:
        for line in lines:
            done = commands.simon(*line.split(), cwd=tmp_path)
            assert done.returncode == 0, done.stderr + done.stdout
        assert get_robot(tmp_path / "jvrc1.py").gait.leg_length == pytest.approx(0.748, abs=0.01)
    finally:
        if "jvrc1" in ROBOTS:
            ROBOTS.unregister("jvrc1")
        sys.modules.pop("jvrc1", None)
        plugins._LOADED.labels.pop("jvrc1", None)
