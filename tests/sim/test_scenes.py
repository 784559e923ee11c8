"""Scene files: what they may say, that they survive being written, and that docs/scenes.md says the same."""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simonsays.assets import InputError
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import (
    COLORS,
    SHAPES,
    GroundSpec,
    PropSpec,
    RobotStart,
    SceneSpec,
    load_scene,
    scene_from_dict,
)
from simonsays.sim.specs.scene_file import KEYS
from simonsays.sim.things import THINGS
from simonsays.sim.world import World

PAGE = Path(__file__).resolve().parents[2] / "docs" / "scenes.md"
BALL = {"shape": "ball", "color": "red", "position": [1.0, 0.0]}
TWO = [{"name": "ann", "robot": "g1"}, {"name": "bob", "robot": "h1", "position": [1.0, 2.0], "yaw_deg": 90.0}]

places = st.tuples(st.floats(-9, 9), st.floats(-9, 9))
props = st.builds(
    PropSpec,
    st.sampled_from(sorted(SHAPES)),
    st.sampled_from(sorted(COLORS)),
    places | st.tuples(st.floats(-9, 9), st.floats(-9, 9), st.floats(0, 3)),
    size=st.none() | st.tuples(*[st.floats(0.01, 10)] * 3),
    mass=st.none() | st.floats(0, 1000),
    yaw_deg=st.floats(-360, 360),
    path=st.lists(places, max_size=3).map(tuple),
)
robots = st.sampled_from([(), (RobotStart("bob", "h1", (1.0, 2.0), 90.0),)])


@given(places, st.floats(-180, 180), st.lists(props, max_size=4).map(tuple), st.none() | places, robots)
def test_a_scene_is_what_its_data_say(place, yaw, things, viewer, others) -> None:  # type: ignore[no-untyped-def]
    ground = GroundSpec(0.5, 3.0, 0.01, 7)
    named = ("ann", "g1", others) if others else ("", "", ())
    scene = SceneSpec("made", place, yaw, things, ground, viewer, *named)
    assert scene_from_dict(scene.to_dict(), "made") == scene


def test_the_viewer_is_ahead_of_the_start_unless_said_otherwise() -> None:
    assert SceneSpec(robot_position=(1.0, 1.0), robot_yaw_deg=90.0).viewer_position == pytest.approx((1.0, 4.0))
    assert scene_from_dict({"viewer": {"position": [5, -1]}}).viewer_position == (5, -1)
    assert "viewer" not in SceneSpec().to_dict()


def test_robots_have_names_and_are_those_that_are_spawned() -> None:
    scene = scene_from_dict({"robots": TWO}, "pair")
    assert scene.robots == (RobotStart("ann", "g1"), RobotStart("bob", "h1", (1.0, 2.0), 90.0))
    with World(scene) as world, pytest.raises(InputError, match=r"'pair' has 2 robots \(ann, bob\)"):
        world.spawn(get_robot("g1"))
    alone = scene_from_dict({"robots": TWO[1:]}, "alone")
    assert (alone.robot_position, alone.robot_yaw_deg) == ((1.0, 2.0), 90.0)
    moved = replace(alone, robot_position=(3.0, 3.0))
    assert moved.robots == (RobotStart("bob", "h1", (3.0, 3.0), 90.0),)
    with World(alone) as world, pytest.raises(InputError, match="'alone' is for the robot 'h1', not for 'g1'"):
        world.spawn(get_robot("g1"))
    alone.check_robots(["h1"])


NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(("data", "words"), [
    ({"robot": {"position": [NAN, 0]}}, r"\[robot\], field position.*finite"),
    ({"robot": {"position": [0, 10**400]}}, "position"),
    ({"robot": {"yaw_deg": INF}}, "yaw_deg"),
    ({"robot": {"name": "ann"}}, "unknown key 'name'"),
    ({"robot": {}, "robots": TWO}, "both"),
    ({"robots": []}, "empty"),
    ({"robots": {"name": "ann"}}, r"\[\[robots\]\]"),
    ({"robots": [{"name": "ann"}]}, r"\[\[robots\]\] 1: 'robot' is missing"),
    ({"robots": [TWO[0], TWO[0]]}, "name of its own"),
    ({"robots": [{"name": "", "robot": "g1"}]}, "name of its own"),
    ({"robots": [{"name": "a/b", "robot": "g1"}]}, "slash"),
    ({"robots": [{"name": 3, "robot": "g1"}]}, "name: needs text"),
    ({"robots": [{"name": "red ball", "robot": "g1"}], "props": [BALL]}, "'red ball' is a prop's name, too"),
    ({"viewer": {"position": [0, -INF]}}, r"\[viewer\], field position"),
    ({"viewer": {"place": [0, 0]}}, "unknown key 'place'"),
    ({"viewer": [0, 0]}, "table"),
    ({"ground": {"seed": -1}}, "seed"),
    ({"ground": {"seed": 0.5}}, "seed"),
    ({"ground": {"seed": NAN}}, "seed"),
    ({"ground": {"slope_deg": NAN}}, "slope_deg"),
    ({"ground": {"roughness": -0.1}}, "roughness"),
    ({"props": [{**BALL, "yaw_deg": NAN}]}, "yaw_deg"),
    ({"props": [{**BALL, "path": [[INF, 0]]}]}, "path"),
    ({"props": [{**BALL, "path": [[1, 0]], "speed": NAN}]}, "speed"),
    ({"props": [{**BALL, "mass": INF}]}, "mass"),
    ({"props": [{**BALL, "size": [1, -1, 1]}]}, "size"),
    ({"props": [{**BALL, "position": [0, 0, NAN]}]}, "position"),
    ({"props": [{**BALL, "color": 3}]}, "color: needs text"),
    ({"props": [3]}, "table"),
    ({"propz": []}, "did you mean 'props'"),
])  # fmt: skip
def test_what_no_scene_can_mean_is_refused(data: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=f"^my scene.*{words}"):
        scene_from_dict(data, where="my scene")


@pytest.mark.parametrize("make", [
    lambda: PropSpec("ball", "red", (0, 0), yaw_deg=NAN), lambda: SceneSpec(robot_yaw_deg=NAN),
    lambda: SceneSpec(robot_position=(INF, 0)), lambda: SceneSpec(viewer=(NAN, 0)), lambda: GroundSpec(seed=INF),
    lambda: SceneSpec(robot="g1"), lambda: RobotStart("ann", "g1", yaw_deg=NAN),
])  # fmt: skip
def test_specs_made_by_hand_are_checked_too(make: Any) -> None:
    with pytest.raises(InputError):
        make()


def test_the_page_says_what_a_scene_file_may_have(tmp_path: Path) -> None:
    page = PAGE.read_text()
    for table, keys in KEYS.items():
        heading = next(line for line in page.splitlines() if re.match(rf"## `\[+{table}\]+`", line))
        section = page.split(heading, 1)[1].split("| shape |")[0].split("\n## ")[0]
        assert tuple(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == keys, table
    shapes = re.findall(r"^\| `(\w+)` \| (\S+) × (\S+) × (\S+) \| (\S+) \|$", page, re.MULTILINE)
    known = SHAPES | {name: (thing.size, thing.mass) for name, thing in THINGS.items()}
    assert {name: (tuple(map(float, size)), float(mass)) for name, *size, mass in shapes} == known
    colours = next(line for line in page.splitlines() if line.startswith("Colours:"))
    assert re.findall(r"`(\w+)`", colours) == list(COLORS)
    file = tmp_path / "street.toml"
    file.write_text(page.split('```toml title="street.toml"\n')[1].split("```")[0])
    assert [prop.name for prop in load_scene(file).props] == ["red ball", "crate", "orange cone"]
    assert tomllib.loads(file.read_text()).keys() == KEYS.keys() - {"robots"}
