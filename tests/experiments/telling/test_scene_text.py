"""Scenes told in words: what is where, what is refused, and the file that is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import simon

from simonsays.assets import InputError
from simonsays.experiments.scene_text import scene_of
from simonsays.sim.specs import load_scene

PLACES = [
    ("a red ball two metres ahead and a chair on the left", {"red ball": (2, 0), "brown chair": (0, 2)}),
    ("a goal 4 metres ahead, a ball 2 metres ahead and half a metre to the right",
     {"white goal": (4, 0), "red ball": (2, -0.5)}),
    ("a person three metres in front of you, a table 2 m to the right, a small blue box behind the table",
     {"blue person": (3, 0), "brown table": (0, -2), "blue box": (0, -3.492)}),
    ("two chairs 2.5 metres ahead", {"brown chair": (2.5, 0), "red chair": (2.5, 1.094)}),
    ("a green pillar behind you", {"green pillar": (-2, 0)}),
    ("前面两米有一个红色的球，左边有一把椅子", {"red ball": (2, 0), "brown chair": (0, 2)}),
    ("一个人在前方三米，右边一张桌子", {"blue person": (3, 0), "brown table": (0, -2)}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "places"), PLACES, ids=[text for text, _ in PLACES])
def test_things_stand_where_they_are_told_to(text: str, places: dict[str, tuple[float, float]]) -> None:
    found = {prop.name: prop.position for prop in scene_of(text).props}
    assert found.keys() == places.keys()
    for name, place in places.items():
        assert found[name] == pytest.approx(place, abs=0.01), name


def test_people_walk_and_face_the_robot() -> None:
    (person,) = scene_of(
        "a man two metres ahead and one metre to the left, walking slowly three metres to the right"
    ).props
    assert person.position == (2.0, 1.0) and person.path == ((2.0, -2.0),) and person.speed == 0.2
    (chair,) = scene_of("a chair on the left").props
    assert chair.yaw_deg == pytest.approx(-90.0)


@pytest.mark.parametrize(("text", "words"), [
    ("a purple dragon ahead", r"'dragon' \(position 9\)"), ("a red ball qwzx", r"'qwzx' \(position 11\)"),
    ("a lamp ahead", "no scene can have a lamp"), ("two metres ahead", "of which thing"), ("", "no thing is told"),
    ("a ball 0.1 metres ahead", "it would stand in the robot"), ("a red blue ball ahead", "another colour"),
    ("a ball a chair", "another thing in the same phrase"), ("fifty balls ahead", "how many"),
])  # fmt: skip
def test_what_says_nothing_of_a_scene_is_refused_with_its_place(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        scene_of(text)


def test_the_command_writes_a_file_once(tmp_path: Path) -> None:
    file = tmp_path / "room.toml"
    done = simon(
        "scene", "new", "a red ball two metres ahead and a chair on the left", "--out", str(file), cwd=tmp_path
    )
    assert done.returncode == 0 and "wrote" in done.stdout
    assert [prop.name for prop in load_scene(file).props] == ["red ball", "brown chair"]
    before = file.read_text()
    again = simon("scene", "new", "a table ahead", "--out", str(file), cwd=tmp_path)
    assert again.returncode == 2 and "--force" in again.stderr and file.read_text() == before
    wrong = simon("scene", "new", "a table qwzx", "--out", str(tmp_path / "other.toml"), cwd=tmp_path)
    assert wrong.returncode == 2 and not (tmp_path / "other.toml").exists()
    forced = simon("scene", "new", "a table ahead", "--out", str(file), "--force", cwd=tmp_path)
    assert forced.returncode == 0 and load_scene(file).props[0].shape == "table"
