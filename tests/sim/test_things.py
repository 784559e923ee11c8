"""Things of several parts: what is drawn is what is touched, and lies within the extents that are told."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simonsays.assets import InputError
from simonsays.sim.robots import get_robot
from simonsays.sim.shapes import hull, prop_mesh
from simonsays.sim.specs import PropSpec, SceneSpec, scene_from_dict
from simonsays.sim.things import SOLIDS, THINGS
from simonsays.sim.web.model import scene_model

SIZES = [None, (2.0, 0.5, 1.0), (0.2, 3.0, 2.5), (0.05, 0.05, 0.05)]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", list(THINGS))
def test_parts_and_meshes_lie_within_the_extents_and_fill_them(
    name: str, size: tuple[float, float, float] | None
) -> None:
    prop = PropSpec(name, "red", (0.0, 0.0), size=size)
    for part in prop.parts:
        assert part.kind in SOLIDS and min(part.size) > 0
        reach = np.abs(part.centre) + np.array(part.size) / 2
        assert (reach <= np.array(prop.extents) / 2 + 1e-9).all(), part
    vertices = np.array(prop_mesh(prop)["vertices"])
    half = np.array(prop.extents) / 2
    assert vertices.max(axis=0)[2] == pytest.approx(half[2]) and vertices.min(axis=0)[2] == pytest.approx(-half[2])
    assert (np.abs(vertices) <= half + 1e-6).all()
    assert np.linalg.norm(prop_mesh(prop)["normals"], axis=1) == pytest.approx(1.0, abs=0.01)


def test_a_wedge_rises_along_x() -> None:
    points = np.array(hull(PropSpec("ramp", "red", (0, 0)).parts[0]))
    assert points[points[:, 2] > 0, 0].min() > 0 and points[:, 2].max() == pytest.approx(0.15)


def test_gates_have_a_way_through_and_others_have_none() -> None:
    widths = {name: PropSpec(name, "red", (0, 0)).gate for name in THINGS}
    assert {name for name, width in widths.items() if width} == {"door", "goal"}
    assert widths["door"] == pytest.approx(1.04) and widths["goal"] == pytest.approx(1.8)


def test_a_person_looks_where_it_walks_and_a_box_does_not() -> None:
    path = ((2.0, 0.0), (2.0, 3.0))
    person = PropSpec("person", "red", (0.0, 0.0), yaw_deg=30.0, path=path, speed=1.0)
    assert person.pose_at(1.0) == pytest.approx((1.0, 0.0, 0.0))
    assert person.pose_at(3.0) == pytest.approx((2.0, 1.0, math.pi / 2))
    assert person.pose_at(9.0) == pytest.approx((2.0, 3.0, math.pi / 2))
    assert PropSpec("box", "red", (0.0, 0.0), yaw_deg=30.0, path=path).pose_at(3.0)[2] == pytest.approx(math.pi / 6)


def test_the_only_person_is_who_watches_unless_the_scene_says_where() -> None:
    person = PropSpec("person", "red", (1.0, 2.0))
    assert SceneSpec(props=(person,)).person == SceneSpec(props=(person,)).props[0]
    assert SceneSpec(props=(person,)).viewer_position == (1.0, 2.0)
    assert SceneSpec(props=(person,), viewer=(5.0, 0.0)).person is None
    assert SceneSpec(props=(person, PropSpec("person", "blue", (3.0, 0.0)))).person is None


def test_the_pages_draw_what_films_draw() -> None:
    props = tuple(PropSpec(name, "red", (1.0 + i, 0.0)) for i, name in enumerate(THINGS))
    for prop, told in zip(props, scene_model(get_robot("g1"), SceneSpec(props=props))["props"], strict=True):
        mesh, extents = told["mesh"], np.array(prop.extents)
        assert told["shape"] == prop.shape and 2 * mesh["unit"] * 32767 <= extents.max() + 1e-6


def test_an_unknown_shape_names_all() -> None:
    with pytest.raises(InputError, match="'dor'; did you mean 'door'"):
        scene_from_dict({"props": [{"shape": "dor", "color": "red", "position": [1, 0]}]})
