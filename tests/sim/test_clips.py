"""Motion clips: what is read, what is refused and how, and what a robot does for them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from commands import simon
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from simonsays.assets import InputError
from simonsays.sim.clips.figure import POINTS, Figure, JointAngles, quaternions, rotations
from simonsays.sim.clips.marks import Marks
from simonsays.sim.clips.reading import named_clips, read_clip
from simonsays.sim.clips.retarget import closed, resampled, retarget
from simonsays.sim.clips.ways import FASTEST
from simonsays.sim.recording import Recording
from simonsays.sim.robots import ROBOTS
from simonsays.sim.rotations import quaternion_from_rpy

PERSON = (Path(__file__).parent.parent / "data" / "person.bvh").read_text()
"""8 frames of a T-pose that faces z, the left thigh lifted by 40 degrees; lengths in cm, names as Mixamo has them"""
OLD = {"Shoulder": "Collar", "ForeArm": "Elbow", "Arm": "Shoulder", "Hand": "Wrist", "UpLeg": "Hip", "Leg": "Knee",
       "Foot": "Ankle", "Spine": "Chest", "mixamorig:": ""}  # fmt: skip
CMU = {"mixamorig:": ""}
ORDERS = {"Zrotation Xrotation Yrotation": "0 -40 0", "Xrotation Yrotation Zrotation": "-40 0 0"}


@pytest.mark.parametrize("names", [{}, OLD, CMU], ids=["mixamo", "old", "cmu"])
@pytest.mark.parametrize("order", ORDERS)
def test_bvh_is_read_whatever_its_names_and_channels(tmp_path: Path, names: dict[str, str], order: str) -> None:
    (first, angles), text = next(iter(ORDERS.items())), PERSON
    for name, other in names.items():
        text = text.replace(name, other)
    file, size = tmp_path / "person.bvh", 100.0
    file.write_text(text.replace(first, order).replace(angles, ORDERS[order]))
    read = read_clip(file)
    assert isinstance(read, Figure)
    assert read.leg == pytest.approx(0.9 * size, rel=1e-6)
    hip, knee = (read.points[0, :, POINTS.index(name)] / size for name in ("hip", "knee"))
    lifted = np.radians(40.0)
    assert knee[0] - hip[0] == pytest.approx([0.45 * np.sin(lifted), 0.0, -0.45 * np.cos(lifted)], abs=1e-6)
    assert knee[1] - hip[1] == pytest.approx([0.0, 0.0, -0.45], abs=1e-6)
    elbow, shoulder = (read.points[0, :, POINTS.index(name)] / size for name in ("elbow", "shoulder"))
    assert elbow - shoulder == pytest.approx(np.array([[0.0, 0.3, 0.0], [0.0, -0.3, 0.0]]), abs=1e-6)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("LeftHand", "LeftPaw"), "HIERARCHY: no bone is the left wrist"),
        (("Frames: 8", "Frames: 9"), "9 frames of"),
        (("Frames: 8", "Frames: 90000"), "90,000 frames, at most"),
        (("Frame Time: 0.0333", "Frame Time: 0"), "Frame Time 0: 0.001 to 1 s"),
        (("OFFSET 10 -5 0", "OFFSET ten -5 0"), "'ten' is no finite number"),
        (("\n0 100 0", "\n0 nan 0"), "nan is not finite"),
        (("CHANNELS 6", "CHANNELS 7"), "7 channels"),
        (("-45 0", "0 45"), "legs do not hang down"),
        (("MOTION", "Motive"), "'Motive' where motion is expected"),
    ],
)
def test_bvh_that_is_none_is_refused_with_its_place(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    file = tmp_path / "person.bvh"
    file.write_text(PERSON.replace(*change))
    with pytest.raises(InputError, match=r"person\.bvh.*" + told.replace("(", r"\(")):
        read_clip(file)


def deepmimic(frames: int = 5) -> dict[str, object]:
    """A person who stands, moves ahead and turns to the left by a quarter; y is up there."""
    turn = np.linspace(0.0, np.pi / 2, frames)
    rows = []
    for i, angle in enumerate(turn.tolist()):
        quaternion = [1.0, 0.0, 0.0, 0.0]
        root = [float(np.cos(angle / 2)), 0.0, float(np.sin(angle / 2)), 0.0]
        limbs = [*quaternion * 3, -0.5, *quaternion * 2, 0.3, *quaternion, 0.0, *quaternion * 2, 0.0]
        rows.append([0.1, 0.1 * i, 0.85, 0.0, *root, *limbs])
    return {"Loop": "none", "Frames": rows}


def test_deepmimic_is_read_with_y_up(tmp_path: Path) -> None:
    file = tmp_path / "turn.json"
    file.write_text(json.dumps(deepmimic()))
    read = read_clip(file)
    assert isinstance(read, Figure)
    assert read.time == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4])
    assert read.hips[-1] == pytest.approx([0.4, 0.0, 0.85])
    assert read.pelvis[-1][:, 0] == pytest.approx([0.0, 1.0, 0.0], abs=1e-9)  # it faces to where its left was
    knee, ankle = (read.points[0, 1, POINTS.index(name)] for name in ("knee", "ankle"))
    assert ankle - knee == pytest.approx([-0.40987 * np.sin(0.5), 0.0, -0.40987 * np.cos(0.5)])
    left, right = read.points[0, :, POINTS.index("hip"), 1]
    assert left > 0 > right


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("Loop", "always", "field 'Loop'"),
        ("Frames", [], "field 'Frames' needs a list"),
        ("Frames", [[0.1] * 44], "it has 1 frame"),
        ("Frames", [[0.1] * 43] * 3, "frame 0: 43 numbers; of the humanoid it has 44"),
        ("Frames", [[0.1] * 44] * 3, r"numbers 4 to 7 \(root\): a quaternion"),
        ("Frames", [[0.0] * 44] * 3, "frame 0, number 0: 0 s"),
        ("Frames", [["a"] * 44] * 3, "frame 0: no numbers alone"),
    ],
)
def test_deepmimic_that_is_none_is_refused(tmp_path: Path, field: str, value: object, told: str) -> None:
    file = tmp_path / "bad.json"
    file.write_text(json.dumps({**deepmimic(), field: value}))
    with pytest.raises(InputError, match=r"bad\.json.*" + told):
        read_clip(file)


CSV = "time,left_knee_joint,base_x,base_y,base_z\n0,0.2,0,0,0.79\n0.5,0.4,0.1,0,0.79\n1,0.2,0.2,0,0.79\n"


def test_csv_of_the_robots_joints_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "knee.csv"
    file.write_text(CSV)
    made = retarget(read_clip(file), ROBOTS["g1"])
    knee = made.joint_positions[:, made.joint_names.index("left_knee_joint")]
    assert knee[[0, 25, 50]] == pytest.approx([0.2, 0.4, 0.2])
    assert made.base_position[-1] == pytest.approx([0.2, 0.0, 0.79])
    assert "left_hip_pitch_joint" in made.notes[0] and "base_orientation" in made.notes[1]


@pytest.mark.parametrize(
    ("text", "fps", "told"),
    [
        (CSV.replace("0.4", "a"), None, "line 3, column 'left_knee_joint': 'a' is no number"),
        (CSV.replace("0.4", "nan"), None, "frame 1, left_knee_joint: nan is not finite"),
        (CSV.replace("0.5,0.4,", "0.5,"), None, "line 3: 4 values under a header of 5 names"),
        (CSV.replace("0.5,", "0,"), None, "frame 1: at 0 s it is not later"),
        (CSV.replace("time,", "t,"), None, "no column 'time'"),
        (CSV, 30.0, "--fps, and a column 'time'"),
        (CSV.replace(",base_z", ",z"), None, "'base_x' needs base_z too"),
        (CSV.partition("\n")[2], None, "numbers where joint names are expected"),
        (CSV.replace("left_knee_joint", "left_knie_joint"), None, "no robot has the joint 'left_knie_joint'; did you"),
    ],
)
def test_csv_that_is_none_is_refused(tmp_path: Path, text: str, fps: float | None, told: str) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(text)
    with pytest.raises(InputError) as refused:
        retarget(read_clip(file, fps), ROBOTS["g1"])
    assert "bad.csv" in str(refused.value) and told in str(refused.value)


def angles(robot: str, seed: int, count: int = 12) -> tuple[Marks, np.ndarray]:
    """Smooth motions of a robot's joints, up to 0.3 of their ranges from standing; elbows and knees stay bent."""
    marks = Marks(ROBOTS[robot])
    tree, rng = marks.tree, np.random.default_rng(seed)
    reach = 0.3 * np.minimum(tree.upper - tree.standing, tree.standing - tree.lower)
    wave = np.sin(np.linspace(0.0, 2.0, count)[:, None] + rng.uniform(0, 6, len(tree.joints)))
    found = tree.standing + np.minimum(reach, 0.4) * wave
    for name in ("left_knee_joint", "right_knee_joint"):
        found[:, tree.joints.index(name)] += 0.5
    return marks, found


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(seed=st.integers(0, 10_000), robot=st.sampled_from(["g1", "g1-29", "h1"]))
def test_a_robots_own_angles_come_back(seed: int, robot: str) -> None:
    marks, given_angles = angles(robot, seed)
    time = np.arange(len(given_angles)) / 50.0
    clip = JointAngles("own", time, marks.tree.joints, given_angles)
    assert retarget(clip, marks.spec).joint_positions == pytest.approx(given_angles, abs=1e-9)


@pytest.mark.parametrize("robot", ["g1", pytest.param("h1", marks=pytest.mark.slow)])
def test_a_robots_figure_is_held_by_its_own_angles(robot: str) -> None:
    """By directions alone, as of a stranger's figure: limbs are where they were, whatever angles hold them there."""
    marks, given_angles = angles(robot, 3)
    time = np.arange(len(given_angles)) / 50.0
    clip = JointAngles("own", time, marks.tree.joints, given_angles)
    made = retarget(marks.figure(clip, given_angles), marks.spec, balance=False)
    told = [j for j, name in enumerate(marks.tree.joints) if any(word in name for word in ("elbow", "waist", "torso"))]
    assert made.joint_positions[:, told] == pytest.approx(given_angles[:, told], abs=0.05)
    before, after = (marks.positions(marks.tree.poses(each))[:, :, 3:] for each in (given_angles, made.joint_positions))
    assert np.abs(before - after).max() < 0.03


def test_quaternions_and_matrices_are_each_others_inverse() -> None:
    given = np.array([quaternion_from_rpy(*rpy) for rpy in np.random.default_rng(0).uniform(-3, 3, (50, 3))])
    found = quaternions(rotations(given))
    assert np.abs((found * given).sum(axis=1)) == pytest.approx(np.ones(50))
    assert ((found[1:] * found[:-1]).sum(axis=1) >= 0).all()


@pytest.mark.skipif(not named_clips(), reason="pybullet_data is not installed")
def test_a_clip_of_pybullets_is_walked_by_the_g1() -> None:
    clip = read_clip("walk")
    assert isinstance(clip, Figure) and clip.loops
    made = retarget(clip, ROBOTS["g1"])
    marks = Marks(ROBOTS["g1"])
    tree = marks.tree
    assert (made.joint_positions >= tree.lower - 1e-9).all() and (made.joint_positions <= tree.upper + 1e-9).all()
    around = np.concatenate([made.joint_positions, made.joint_positions[:1]])
    assert np.abs(np.diff(around, axis=0)).max() * made.hz <= FASTEST + 1e-6
    # By leg length, 1.24 m in 1.27 s are 0.97 m of the G1's.
    assert made.base_position[-1, 0] == pytest.approx(0.97, abs=0.08)
    base, poses = rotations(made.base_orientation), tree.poses(made.joint_positions)
    ankles = made.base_position[:, None] + np.einsum("tab,tsb->tsa", base, marks.positions(poses)[:, :, 2])
    for side in (0, 1):
        down = made.foot_down[:, side]
        assert 0.4 < down.mean() < 0.8
        both = down[1:] & down[:-1]
        slide = np.linalg.norm(np.diff(ankles[:, side, :2], axis=0)[both], axis=1) * made.hz
        assert np.median(slide) < 0.05  # m/s
        assert np.median(np.abs(ankles[down, side, 2] - ROBOTS["g1"].gait.sole_height)) < 0.01


@pytest.mark.skipif(not named_clips(), reason="pybullet_data is not installed")
def test_a_loop_is_closed() -> None:
    clip = read_clip("dance_b")
    assert isinstance(clip, Figure)
    figure = closed(resampled(clip, 50.0))
    whole = resampled(clip, 50.0)
    assert len(figure.time) == len(whole.time) - 1
    before, at_seam = (np.abs(figure.pelvis[i] - figure.pelvis[j]).max() for i, j in ((-2, -1), (-1, 0)))
    assert at_seam < 3 * before + 0.02
    assert np.abs(whole.pelvis[-1] - whole.pelvis[0]).max() > 0.05  # as it is in the file


def test_simon_clip_writes_a_recording_that_is_a_clip_again(tmp_path: Path) -> None:
    (tmp_path / "knee.csv").write_text(CSV)
    done = simon("clip", "knee.csv", "--out", "made.npz", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "knee.csv on g1: 1.00 s at 50 Hz" in done.stdout
    made = Recording.load(tmp_path / "made.npz")
    assert made.meta["clip"]["source"] == "knee.csv"
    again = retarget(read_clip(tmp_path / "made.npz"), ROBOTS["g1"])
    assert again.joint_positions == pytest.approx(made.joint_positions)
    assert again.base_position == pytest.approx(made.base_position)


@pytest.mark.slow
def test_simon_clip_films_the_reference_beside_the_figure(tmp_path: Path) -> None:
    (tmp_path / "knee.csv").write_text(CSV)
    done = simon("clip", "knee.csv", "--out", "made.png", "--out", "made.mp4", "--out", "made.gif", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "made.png") as strip:
        pixels = np.asarray(strip)
    assert pixels.shape == (440, 8 * 176, 3)
    assert (pixels[220:] == (196, 78, 60)).all(axis=-1).any()  # a left limb of the figure
    assert all((tmp_path / name).stat().st_size > 10_000 for name in ("made.mp4", "made.gif"))


def test_simon_clip_refuses_and_writes_nothing(tmp_path: Path) -> None:
    for words, told in (
        (("clip", "danse_b"), "did you mean 'dance_b'?"),
        (("clip", "dance_b", "--fps", "30"), "says how long it lasts"),
        (("clip", "dance_b", "--out", "a.txt"), "must end in .npz"),
    ):
        done = simon(*words, cwd=tmp_path)
        assert done.returncode == 2 and told in done.stderr
    assert not list(tmp_path.iterdir())
