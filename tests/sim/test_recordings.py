"""Recordings: what is measured between two instants, and files of one robot or several, of this format and older."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import made_recording
import numpy as np
import pytest

from simonsays.assets import InputError
from simonsays.sim.recorder import Meter, RecordingWriter
from simonsays.sim.recording import FORMAT, Recording, save_together
from simonsays.sim.robot import Robot
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import load_scene, scene_from_dict
from simonsays.sim.storyline import Storyline
from simonsays.sim.world import World
from simonsays.testing import check_recording
from simonsays.testing import recordings as synthetic

NEW = ("torque_limit_share", "velocity_reversals", "contact_pairs", "contact_forces")
G1 = get_robot("g1")


@pytest.fixture
def world() -> Iterator[World]:
    boxes = [
        {"shape": "box", "color": color, "position": [0, -3, z], "mass": 2}
        for color, z in (("red", 0.15), ("blue", 0.45))
    ]
    with World(scene_from_dict({"props": boxes, "ground": {"slope_deg": 3.0}})) as made:
        yield made


def fallen(world: World, seconds: float = 0.4, targets: Callable[[int], Any] | None = None) -> Recording:
    robot = world.spawn(G1)
    writer = RecordingWriter(world, robot)
    for i in range(int(seconds * 50) + 1):
        writer.append(robot.reading(i * 0.02), 0)
        robot.track((targets(i) if targets else robot.default_positions).tolist(), 4)
    return writer.finish({"instruction": "fall"})


def stepwise(robot: Robot, targets: Any) -> tuple[list[Any], list[Any]]:
    """Torques and velocities of the four physics steps of a control step, and before them."""
    torques, velocities = [], [robot.joint_velocities]
    for _ in range(4):
        robot.track(targets, 1)
        torques.append(robot.joint_torques)
        velocities.append(robot.joint_velocities)
    return torques, velocities


def test_nothing_hides_between_two_instants(world: World) -> None:
    shaken = np.random.default_rng(0).uniform(-1.5, 1.5, (20, len(G1.joints)))
    recording = fallen(world, 0.4, lambda i: shaken[i % 20])
    world.reset()
    robot = world.spawn(G1)
    for i in range(20):
        torques, velocities = map(np.array, stepwise(robot, shaken[i].tolist()))
        np.testing.assert_array_equal(recording.joint_positions[i + 1], robot.joint_positions)  # the same physics
        np.testing.assert_allclose(recording.joint_torques[i + 1], torques.mean(axis=0), rtol=1e-12)
        assert recording.torque_limit_share is not None and recording.velocity_reversals is not None
        np.testing.assert_array_equal(recording.torque_limit_share[i + 1], (abs(torques) == robot.effort).mean(axis=0))
        turned = (velocities[1:] * velocities[:-1] < 0).sum(axis=0)
        np.testing.assert_array_equal(recording.velocity_reversals[i + 1], turned)
    assert recording.torque_limit_share.max() == 1 and recording.velocity_reversals.max() > 1
    assert not recording.joint_torques[0].any() and not recording.torque_limit_share[0].any()


def test_the_forces_of_contacts_carry_the_weights(world: World) -> None:
    robot = world.spawn(G1)
    meter = Meter(world, robot)
    robot.after_step = meter.step
    for _ in range(300):
        robot.track(robot.default_positions.tolist(), 4)
    meter.take()
    for _ in range(50):
        robot.track(robot.default_positions.tolist(), 4)
    forces = {(meter.names[a], meter.names[b]): force for (a, b), force in meter.take()[1].items()}
    weight = sum(force for (one, other), force in forces.items() if one in robot.link_names and other == "ground")
    np.testing.assert_allclose(weight, [0, 0, 9.81 * robot.mass], atol=1.0)  # friction holds it on the slope
    np.testing.assert_allclose(forces["red box", "blue box"], [0, 0, -2 * 9.81], atol=0.1)
    np.testing.assert_allclose(forces["red box", "ground"], [0, 0, 4 * 9.81], atol=0.1)
    assert not meter.take()[1]  # no physics step since


def test_contacts_have_names(world: World) -> None:
    recording = fallen(world)
    assert recording.contact_pairs is not None and recording.contact_forces is not None
    pairs = [tuple(pair) for pair in recording.contact_pairs.tolist()]
    assert pairs[-2:] == [("red box", "blue box"), ("red box", "ground")]
    found = {(one, other): force for one, other, force in recording.contacts(10)}
    assert (
        found["left_ankle_roll_link", "ground"][2] > 20
        and ("red box", "blue box") in found
        and found.keys() <= set(pairs)
    )
    assert recording.contacts(0) == [] and synthetic.record(0.1).contacts(2) == []


def test_a_recorder_changes_nothing_and_leaves_nothing_behind(world: World) -> None:
    ends = []
    for recorded in (False, True):
        world.reset()
        robot = world.spawn(G1)
        writer = RecordingWriter(world, robot) if recorded else None
        for i in range(30):
            if writer is not None:
                writer.append(robot.reading(i * 0.02), 0)
            robot.track(robot.default_positions.tolist(), 4)
        ends.append((robot.reading(), world.prop_poses()[0].tolist()))
        if writer is not None:
            writer.finish({})
            assert robot.after_step is None
    (plain, props), (watched, props_too) = ends
    assert plain.joint_positions == watched.joint_positions and props == props_too
    assert plain.base_position == watched.base_position and plain.joint_torques == watched.joint_torques


def test_a_file_has_every_field_and_says_what_it_is(world: World, tmp_path: Path) -> None:
    recording = fallen(world)
    file = recording.save(tmp_path / "run.npz")
    loaded = Recording.load(file)
    with np.load(file, allow_pickle=False) as raw:
        given = {field.name for field in fields(Recording)} - {"joint_targets", "motion", "to_go", "others"}
        assert set(raw.files) == given - {"policy_observations", "policy_actions"}
    for field in fields(Recording):
        np.testing.assert_array_equal(getattr(loaded, field.name), getattr(recording, field.name))
    meta = loaded.meta
    assert (meta["format"], meta["engine"], meta["robot"], meta["robots"]) == (FORMAT, "bullet", "g1", {"g1": "g1"})
    assert meta["scene"] == world.scene.to_dict() and {"python", "simonsays", "numpy"} <= meta["versions"].keys()


@pytest.mark.parametrize("version", [1, 2, 3])
def test_older_formats_are_read(tmp_path: Path, version: int) -> None:
    old = synthetic.record(0.2)
    loaded = Recording.load(replace(old, meta={**old.meta, "format": version}).save(tmp_path / "old.npz"))
    assert all(getattr(loaded, name) is None for name in (*NEW, "to_go", "motion"))
    np.testing.assert_array_equal(loaded.joint_positions, old.joint_positions)


def test_an_array_of_a_stranger_makes_no_robot(tmp_path: Path) -> None:
    file = made_recording.recording(0.1).save(tmp_path / "run.npz")
    with np.load(file) as sound:
        np.savez(file, **sound, **{"../../evil": sound["time"]})
    read = Recording.load_all(file)
    assert not read.others and read.meta["robot"] == Recording.load(file).meta["robot"] == "g1"


def test_several_robots_share_a_file(world: World, tmp_path: Path) -> None:
    ann = fallen(world)
    bob = replace(ann, base_position=ann.base_position + 1.0, meta={**ann.meta, "robot": "nao"})
    file = save_together(tmp_path / "pair.npz", {"ann": ann, "bob": bob})
    with np.load(file, allow_pickle=False) as raw:
        assert {"ann/base_position", "bob/base_position", "ann/joint_names", "time", "prop_positions"} <= set(raw.files)
        assert not {"base_position", "ann/time", "bob/prop_names"} & set(raw.files)
        assert json.loads(str(raw["meta"]))["robots"] == {"ann": "g1", "bob": "nao"}
    read = Recording.load(file, robot="bob")
    np.testing.assert_array_equal(read.base_position, bob.base_position)
    assert read.meta["robot"] == "nao" and read.contacts(5) and Storyline.of(read).robot == "nao"
    with pytest.raises(InputError, match=r"robots ann, bob: say which"):
        Recording.load(file)
    with pytest.raises(InputError, match=r"say which; did you mean 'bob'\?"):
        Recording.load(file, robot="bobb")
    with pytest.raises(InputError, match="one robot"):
        Recording.load(ann.save(tmp_path / "one.npz"), robot="ann")
    with pytest.raises(InputError, match="'time' differs"):
        save_together(tmp_path / "no.npz", {"ann": ann, "bob": replace(bob, time=ann.time + 1)})
    assert len(Recording.load(save_together(tmp_path / "alone.npz", {"ann": ann}))) == len(ann)


def _with(name: str, change: Callable[[Any], Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda arrays: {**arrays, name: change(arrays[name])}


def _meta(**changes: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return _with("meta", lambda meta: np.array(json.dumps({**json.loads(str(meta)), **changes})))


def _nan(array: Any) -> Any:
    spoiled = array.copy()
    spoiled[7] = np.nan
    return spoiled


@pytest.mark.parametrize(("damage", "words"), [
    (_with("base_position", lambda a: a[:, :2]), r"'base_position' has shape \(21, 2\), needs \(T, 3\); T = 21"),
    (_with("joint_velocities", lambda a: a[:-1]), "'joint_velocities' has shape"),
    (_with("prop_names", lambda a: a[:1]), r"'prop_positions'.*P = 1"),
    (_with("joint_names", lambda a: np.arange(len(a))), "'joint_names' has int64, needs"),
    (_with("foot_contacts", lambda a: a.astype(float)), "'foot_contacts' has float64"),
    (_with("joint_positions", _nan), "'joint_positions' is not finite, or cannot be, from entry 7 on"),
    (_with("time", lambda a: a[::-1]), "'time' goes back"),
    (_with("contact_pairs", lambda a: a[1:]), r"'contact_forces'.*K = "),
    (_with("meta", lambda _: np.array("{")), "'meta', line 1: not valid JSON"),
    (_with("meta", lambda _: np.array("[1]")), "'meta': not a JSON object"),
    (_meta(format=FORMAT + 1), "newer"),
])  # fmt: skip
def test_what_cannot_be_is_refused(world: World, tmp_path: Path, damage: Any, words: str) -> None:
    with np.load(fallen(world).save(tmp_path / "run.npz")) as raw:
        arrays = {name: raw[name] for name in raw.files}
    np.savez(tmp_path / "run.npz", **damage(arrays))
    with pytest.raises(InputError, match=rf"run\.npz.*{words}"):
        Recording.load(tmp_path / "run.npz")


def test_a_scene_that_names_its_robot_is_recorded_by_that_name() -> None:
    scene = scene_from_dict({"robots": [{"name": "ann", "robot": "g1"}]})
    with World(scene) as world:
        assert fallen(world, 0.04).meta["robots"] == {"ann": "g1"}
    with World(load_scene("empty")) as world:
        assert fallen(world, 0.04).meta["robots"] == {"g1": "g1"}


def test_a_body_that_shakes_strains_or_presses_on_itself_is_told() -> None:
    calm = synthetic.record(2.0, joints=lambda t: {"left_elbow": 0.9 + 0.3 * np.sin(3 * t)})
    count, joints = calm.joint_positions.shape
    spec = get_robot("g1")
    check_recording(calm)
    shaking = replace(calm, joint_velocities=np.where(np.arange(joints) == 3, 5.0, 0.0) + np.zeros((count, 1)))
    strained = replace(calm, torque_limit_share=np.where(np.arange(joints) == 4, 0.04, 0.0) + np.zeros((count, 1)))
    touching = replace(calm, contact_pairs=np.array([spec.hands]), contact_forces=np.full((count, 1, 3), 50.0))
    for recording, told in (
        (shaking, f"{calm.joint_names[3]} shakes"),
        (strained, f"{calm.joint_names[4]}: .* 4.0%"),
        (touching, " and ".join(spec.hands)),
    ):
        with pytest.raises(AssertionError, match=told):
            check_recording(recording)
    check_recording(touching, ("hands",))
    check_recording(replace(touching, contact_forces=np.full((count, 1, 3), 3.0)))
