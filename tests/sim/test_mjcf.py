"""An MJCF becomes a robot that weighs, turns and reaches as MuJoCo has compiled it."""

from __future__ import annotations

import math
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from simonsays.assets import InputError
from simonsays.sim.checking import check_spec
from simonsays.sim.checking.standing import centre_of_mass
from simonsays.sim.drafting import Draft, draft
from simonsays.sim.drafting.mjcf import compiled, effort_of, joint_name
from simonsays.sim.kinematics import Tree
from simonsays.sim.meshes import read_mesh

HUMANOID = Path(__file__).parent.parent / "fixtures" / "humanoid.xml"


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Draft:
    return draft(HUMANOID, tmp_path_factory.mktemp("drafted"), "small")


def test_mass_inertia_axes_limits_efforts_and_armature_are_mujocos(drafted: Draft) -> None:
    mujoco = pytest.importorskip("mujoco")
    model, data = compiled(HUMANOID)
    mujoco.mj_comPos(model, data)
    tree = Tree(drafted.spec)
    base = model.body("pelvis").id
    own = np.flatnonzero(model.body_rootid == base)
    assert tree.mass.sum() == pytest.approx(model.body_subtreemass[base], rel=1e-9)
    angles = np.zeros((1, len(tree.joints)))
    poses, turned = tree.poses(angles), [each for each in drafted.changed if "turned round" in each]
    axes, places = tree.axes(poses)[0], poses.position[0, tree.joint_links] + data.xpos[base]
    assert set(tree.joints) == {joint_name(model, j) for j in range(model.njnt)} - {"joint0"} - {""}
    for j, name in enumerate(tree.joints):
        theirs = model.joint(name).id
        sign = -1 if any(repr(name) in each for each in turned) else 1
        np.testing.assert_allclose(sign * axes[j], data.xaxis[theirs], atol=1e-6)
        np.testing.assert_allclose(places[j], data.xanchor[theirs], atol=1e-6)
        limits = sorted(sign * (model.jnt_range[theirs] - model.qpos0[model.jnt_qposadr[theirs]]))
        np.testing.assert_allclose([tree.lower[j], tree.upper[j]], limits, atol=1e-6)
        assert tree.effort[j] == pytest.approx(effort_of(model, theirs))
        assert drafted.spec.joints[j].armature == pytest.approx(0.01)
    assert tree.effort[tree.joints.index("left_ankle_roll")] == 40 and tree.effort[0] == 60

    # The whole robot's inertia about its centre of mass, in MuJoCo's standing pose.
    centre = centre_of_mass(tree, poses)[0]
    np.testing.assert_allclose(centre + data.xpos[base], data.subtree_com[base], atol=1e-6)
    ours = tree.mass_matrix(poses)[0, 3:6, 3:6] - tree.mass.sum() * _about(centre)
    theirs_all = np.zeros((3, 3))
    for body in own:
        turn = data.ximat[body].reshape(3, 3)
        offset = data.xipos[body] - data.subtree_com[base]
        theirs_all += turn @ np.diag(model.body_inertia[body]) @ turn.T + model.body_mass[body] * _about(offset)
    np.testing.assert_allclose(ours, theirs_all, atol=2e-3 * np.trace(theirs_all))


def _about(offset: np.ndarray) -> np.ndarray:
    """(3, 3) of a kilogram there, about the origin."""
    return np.asarray(offset @ offset * np.eye(3) - np.outer(offset, offset))


def test_it_stands_in_both_engines_and_says_what_was_left_out(drafted: Draft) -> None:
    report = check_spec(drafted.spec)
    assert not report.errors, "\n".join(map(str, report.errors))
    assert set(report.measured["engines"]) == {"bullet", "mujoco"} and report.measured["overhang_m"] == 0
    said = "\n".join(drafted.changed)
    for words in ("written as a URDF", "several joints on one body, 'left_arm'", "bodies of the world: 'table'"):
        assert words in said, said
    assert "damping of joints" in said and "left_foot box" in said
    assert [each.sure for each in drafted.guesses if each.field == "joints.armature"] == ["sure"]
    for soles in report.measured["soles_m"].values():
        np.testing.assert_allclose(soles, [0.19, 0.07], atol=0.002)
    files = [Path(mesh.get("filename", "")) for mesh in ET.parse(drafted.spec.urdf).iter("mesh")]
    assert files and all(len(read_mesh(drafted.spec.urdf.parent / file).triangles) for file in files)
    assert {each.name for each in (drafted.spec.urdf.parent / "small.meshes").iterdir()} == {f.name for f in files}


def test_what_cannot_be_drafted_leaves_nothing_behind(tmp_path: Path) -> None:
    for text, words in (
        ("<mujoco><worldbody/></mujoco>", "no body of it has a mass"),
        ("<mujoco><worldbody><body><geom size='1'/></body></worldbody></mujoco>", "no joint of it moves"),
        ("<mujoco><worldbod/></mujoco>", "MuJoCo cannot read it"),
        ("<mujoco>", "MuJoCo cannot read it"),
    ):
        (tmp_path / "mine.xml").write_text(text)
        with pytest.raises(InputError, match=words):
            draft(tmp_path / "mine.xml")
        assert [each.name for each in tmp_path.iterdir()] == ["mine.xml"]


def test_efforts_that_nothing_tells_are_guessed_by_what_is_held(tmp_path: Path) -> None:
    text = (
        HUMANOID.read_text()
        .replace(' actuatorfrcrange="-60 60"', "")
        .replace('joint="right_ankle_roll"', 'joint="waist"')
    )
    (tmp_path / "mine.xml").write_text(text)
    made = draft(tmp_path / "mine.xml")
    assert any("no effort is told of 17 joints" in each and "guessed" in each for each in made.changed)
    tree = Tree(made.spec)
    effort = dict(zip(tree.joints, tree.effort.tolist(), strict=True))
    assert effort["left_knee"] == effort["right_ankle_roll"] > 3 * effort["left_elbow"] > 0
    assert math.isclose(effort["left_ankle_roll"], 40)
