"""Sky, ground and edges of pictures: geometry against formulas, and what must be seen in them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simonsays.sim.engines.native import pybullet
from simonsays.sim.pictures.backdrop import backdrop, ground_depth
from simonsays.sim.pictures.camera import Camera
from simonsays.sim.pictures.frame import compose
from simonsays.sim.pictures.ground_textures import Trail
from simonsays.sim.pictures.looks import LOOKS
from simonsays.sim.pictures.renderers import FLAGS, fineness, shoot
from simonsays.sim.pictures.shading import ground_light
from simonsays.sim.specs import GroundSpec, PropSpec, SceneSpec
from simonsays.sim.world import World

SIZE = (96, 64)
cameras = st.builds(
    Camera,
    st.tuples(st.floats(-5, 5), st.floats(-5, 5), st.just(0.7)),
    st.floats(1.0, 6.0),
    st.floats(-360, 360),
    st.floats(-89, -5),
    st.floats(20, 90),
)


@given(cameras)
@settings(max_examples=60, deadline=None)
def test_the_view_matrix_is_bullets(camera: Camera) -> None:
    theirs = pybullet.computeViewMatrixFromYawPitchRoll(
        camera.target, camera.distance, camera.yaw_deg, camera.pitch_deg, 0, 2
    )
    assert np.allclose(camera.view_matrix(), theirs, atol=2e-5)


@given(cameras, st.floats(-12, 12))
@settings(max_examples=60, deadline=None)
def test_what_a_pixel_sees_of_the_ground_lies_on_the_ground(camera: Camera, slope: float) -> None:
    ground = GroundSpec(slope_deg=slope)
    if camera.eye()[2] - ground.gradient * camera.eye()[0] < 0.2:
        return
    depth = ground_depth(camera, SIZE, ground)
    half = math.tan(math.radians(camera.fov_deg) / 2)
    right, up, back = camera.axes()
    for row, column in ((0, 0), (40, 30), (63, 95)):
        across = ((column + 0.5) / SIZE[0] * 2 - 1) * half * SIZE[0] / SIZE[1]
        ray = across * right + (1 - (row + 0.5) / SIZE[1] * 2) * half * up - back
        if not 0 < depth[row, column] < 200:
            assert ray[2] - ground.gradient * ray[0] > -0.1 or depth[row, column] < np.inf
            continue
        point = camera.eye() + depth[row, column] * ray
        assert point[2] == pytest.approx(ground.gradient * point[0], abs=0.02)


def test_a_camera_in_the_ground_still_sees_something() -> None:
    camera = Camera((0.0, 0.0, -0.3), 0.4, 10.0, 20.0)  # of a robot that lies on its face
    with np.errstate(all="raise"):
        depth = ground_depth(camera, SIZE, GroundSpec())
        picture = backdrop(LOOKS["light"], camera, SIZE, GroundSpec(roughness=0.05))
    assert not np.isnan(depth).any() and picture.std() > 0


def test_the_depth_of_a_box_is_measured_in_metres() -> None:
    box = PropSpec("box", "red", (0.0, 0.0), size=(0.6, 0.6, 0.6))
    with World(SceneSpec(props=(box,)), visuals=True) as world:
        shot = shoot(world.client, Camera((0.0, 0.0, 0.3), 3.0, 0.0, 0.0), (65, 65))
    assert shot.seen[32, 32] == next(iter(world.props.values())).body and shot.seen[0, 0] == -1
    assert shot.depth()[32, 32] == pytest.approx(2.7, abs=0.01)


@pytest.mark.parametrize("look", sorted(LOOKS))
def test_the_sky_is_above_the_ground_and_tiles_alternate(look: str) -> None:
    picture = backdrop(LOOKS[look], Camera((0.0, 0.0, 0.6), 3.0, 20.0, -15.0), (320, 180), GroundSpec()).astype(int)
    top, bottom = picture[0].mean(axis=0), picture[-1]
    assert np.abs(top - LOOKS[look].sky_horizon).max() > 5 and picture[0].std(axis=0).max() < 2
    bright, dark = (np.array(color) for color in LOOKS[look].floor)
    for color in (bright, dark):
        least = 0.01 if LOOKS[look].pattern == "lines" else 0.1
        assert LOOKS[look].pool or (np.abs(bottom - color).max(axis=1) < 6).mean() > least


def test_a_spot_lights_the_middle_of_a_stage() -> None:
    camera = Camera((0.0, 0.0, 0.0), 6.0, 0.0, -60.0)
    lit, away = (backdrop(LOOKS["stage"], camera, SIZE, GroundSpec(), spot=(x, 0.0)).astype(int) for x in (0.0, 40.0))
    assert lit[32, 48].mean() > 4 * away[32, 48].mean() and lit[32, 48].mean() > 1.3 * lit[60, 4].mean()


def test_things_shade_things_and_darken_the_ground_that_they_touch() -> None:
    low, high = (PropSpec("box", "white", (0.0, 0.0, z), size=(0.4, 0.4, 0.2)) for z in (0.1, 1.2))
    camera, pictures = Camera((0.0, 0.0, 0.1), 3.0, 0.0, -35.0), []
    for props in ((low,), (replace(low, name="a"), replace(high, name="b", position=(0.4, -0.55, 1.2)))):
        with World(SceneSpec(props=props), visuals=True) as world:
            pictures.append(compose(world, camera, (160, 120), fine=2).astype(int))
    top = np.s_[54:58, 72:88]  # of the lower box
    assert pictures[1][top].mean() < 0.85 * pictures[0][top].mean()
    with World(SceneSpec(props=(low,)), visuals=True) as world:
        light = ground_light(world, camera, FLAGS["tiny"], LOOKS["light"], True)
        far = ground_light(world, camera, FLAGS["tiny"], LOOKS["light"], False)
    assert (light <= far + 1e-6).all() and (light < far - 0.2).any()


@pytest.mark.parametrize("slope", [0.0, 8.0])
def test_uneven_ground_is_seen_and_nothing_overflows(slope: float) -> None:
    camera = Camera((0.0, 0.0, 0.6), 3.0, 20.0, -30.0)
    smooth, rough, roughest = (
        backdrop(LOOKS["light"], camera, (320, 180), GroundSpec(roughness=height, slope_deg=slope)).astype(int)
        for height in (0.0, 0.03, 0.2)
    )
    assert np.abs(rough - smooth)[120:].mean() > 2
    assert roughest[120:].min() > 60  # a colour beyond white would begin anew at black


def test_a_trail_is_seen_from_its_instant_on() -> None:
    trail = Trail(np.stack([np.linspace(-1, 1, 101), np.zeros(101), np.zeros(101)], axis=1))
    camera, blue = Camera((0.0, 0.0, 0.0), 3.0, 0.0, -60.0), []
    for index in (0, 50, 100):
        picture = backdrop(LOOKS["light"], camera, SIZE, GroundSpec(), trail=(trail, index)).astype(int)
        blue.append(int((picture[..., 2] - picture[..., 0] > 60).sum()))
    assert blue[0] < blue[1] < blue[2] and blue[2] > 40


@pytest.mark.parametrize("fine", [1, 2])
def test_edges_are_soft(fine: int) -> None:
    box = PropSpec("pillar", "red", (0.0, 0.0), size=(0.8, 0.8, 0.8))
    with World(SceneSpec(props=(box,)), visuals=True) as world:
        picture = compose(world, Camera((0.0, 0.0, 0.4), 3.0, 10.0, -20.0), (160, 120), fine=fine).astype(int)
    red = picture[50, :, 0] - picture[50, :, 1]
    inside = red > 0.9 * red.max()
    between = (red > 0.2 * red.max()) & ~inside
    assert inside.sum() > 5 and 1 <= between[:80].sum() <= 8


def test_small_pictures_are_drawn_larger() -> None:
    assert [fineness("tiny", (1920, 1080)), fineness("tiny", (3840, 2160))] == [2, 1]
    assert [fineness("egl", (480, 270)), fineness("egl", (1280, 720))] == [2, 1]
