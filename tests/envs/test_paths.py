"""The planner: paths keep their clearance, and are found whenever a search on a grid finds one."""

from __future__ import annotations

import math
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simonsays.envs.moves.paths import (
    Footprint,
    distance_to_line,
    footprint,
    outline,
    path_length,
    point_along,
    shortest_path,
)
from simonsays.envs.moves.steering import Point
from simonsays.sim.specs import PropSpec

CLEARANCE = 0.4
CELL, SIDE = 0.1, 50  # m; cells a side: 5 m

coordinates = st.floats(0.0, CELL * SIDE).map(lambda x: round(x, 3))
rounded = st.builds(Footprint, st.tuples(coordinates, coordinates), rounding=st.floats(0.05, 0.4))
boxes = st.builds(
    Footprint, st.tuples(coordinates, coordinates), st.tuples(st.floats(0.05, 1.2), st.floats(0.05, 0.4)),
    st.floats(-3.2, 3.2),
)  # fmt: skip
shapes = st.lists(rounded | boxes, max_size=8)


def slack(shape: Footprint) -> float:
    """What a polygon around a shape takes more than the shape, and half of a cell's side."""
    return 0.04 * (shape.rounding + CLEARANCE) + CELL / 2 + 0.01


def clear_of(path: list[Point], obstacles: list[Footprint]) -> float:
    """m, how near a path comes to any of the obstacles, looked at every centimetre of it."""
    every = [point_along(path, 0.01 * i) for i in range(math.ceil(100 * path_length(path)) + 1)]
    return min((shape.distance(point) for shape in obstacles for point in every), default=math.inf)


def on_grid(start: Point, goal: Point, obstacles: list[Footprint]) -> bool:
    """Whether a search over the cells' centres finds a way; it keeps a little more clearance."""

    def free(cell: tuple[int, int]) -> bool:
        point = (cell[0] * CELL, cell[1] * CELL)
        inside = all(0 <= index <= SIDE for index in cell)
        return inside and all(shape.distance(point) >= CLEARANCE + slack(shape) for shape in obstacles)

    first, last = ((round(start[0] / CELL), round(start[1] / CELL)), (round(goal[0] / CELL), round(goal[1] / CELL)))
    if not (free(first) and free(last)):
        return False
    seen, queue = {first}, deque([first])
    while queue:
        x, y = queue.popleft()
        if (x, y) == last:
            return True
        for cell in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
            if cell not in seen and free(cell):
                seen.add(cell)
                queue.append(cell)
    return False


@settings(max_examples=150, deadline=None)
@given(obstacles=shapes, start=st.tuples(coordinates, coordinates), goal=st.tuples(coordinates, coordinates))
def test_a_path_keeps_its_clearance_and_is_found_where_a_grid_finds_one(
    obstacles: list[Footprint], start: Point, goal: Point
) -> None:
    path = shortest_path(start, [goal], obstacles, CLEARANCE)
    if path is None:
        assert not on_grid(start, goal, obstacles)
        return
    assert path[0] == pytest.approx(start) and path[-1] == pytest.approx(goal)
    assert path_length(path) >= math.dist(start, goal) - 1e-9
    for shape in obstacles:
        ends = min(shape.distance(start), shape.distance(goal))
        assert clear_of(path, [shape]) >= min(CLEARANCE, max(ends, -shape.rounding)) - 1e-5


@settings(max_examples=50, deadline=None)
@given(shape=rounded | boxes, point=st.tuples(coordinates, coordinates))
def test_distances_agree_with_each_other(shape: Footprint, point: Point) -> None:
    assert clear_of([point, point], [shape]) == pytest.approx(shape.distance(point), abs=1e-6)
    for around in outline(shape, CLEARANCE):
        assert CLEARANCE - 1e-9 <= shape.distance(around) <= 1.04 * (shape.rounding + CLEARANCE) + 0.01


def wall(gap: float) -> list[Footprint]:
    """Boxes side by side across the way at x = 2 m, with a gap (m) around y = 1 m, closed off far away."""
    return [Footprint((2.0, 1.0 + side * (gap / 2 + 20.0)), (0.15, 20.0)) for side in (-1, 1)]


def test_a_wall_is_passed_through_its_gap_and_nowhere_else() -> None:
    path = shortest_path((0, 0), [(4, 0)], wall(0.9), CLEARANCE)
    assert path is not None and any(abs(y - 1.0) < 0.1 and 1.4 < x < 2.6 for x, y in path)
    assert path_length(path) < 4.8


def test_a_gap_that_is_too_narrow_is_gone_around() -> None:
    path = shortest_path((0, 0), [(4, 0)], wall(0.6), CLEARANCE)
    assert path is not None and path_length(path) > 70


def test_a_closed_ring_lets_nobody_in_and_a_start_too_near_gets_out() -> None:
    ring = [
        Footprint((math.cos(a) * 1.5, math.sin(a) * 1.5), rounding=0.3) for a in (math.pi * k / 5 for k in range(10))
    ]
    assert shortest_path((4, 0), [(0, 0)], ring, CLEARANCE) is None
    assert shortest_path((0, 0), [(0.3, 0)], ring, CLEARANCE) is not None
    near = Footprint((0.4, 0.0), rounding=0.1)
    path = shortest_path((0, 0), [(2, 0)], [near], CLEARANCE)
    assert path is not None and clear_of(path, [near]) >= near.distance((0, 0)) - 1e-5


def test_the_nearest_goal_that_can_be_reached_is_taken() -> None:
    ring = [
        Footprint((math.cos(a) * 1.5, math.sin(a) * 1.5), rounding=0.3) for a in (math.pi * k / 5 for k in range(10))
    ]
    path = shortest_path((4, 0), [(0, 0), (9, 0), (4, 3)], ring, CLEARANCE)
    assert path is not None and path[-1] == (4, 3)
    assert shortest_path((4, 0), [], ring, CLEARANCE) is None


def test_points_along_a_path() -> None:
    path = [(0.0, 0.0), (1.0, 0.0), (1.0, 2.0)]
    assert path_length(path) == 3.0
    assert point_along(path, 0.5) == (0.5, 0.0) and point_along(path, 2.0) == (1.0, 1.0)
    assert point_along(path, 9.0) == (1.0, 2.0)


def test_a_box_that_was_moved_takes_the_circle_around_it() -> None:
    box = PropSpec("box", "red", (1.0, 2.0), size=(0.6, 0.2, 0.3), yaw_deg=90.0)
    assert footprint(box).distance((1.0, 2.5)) == pytest.approx(0.2)
    assert footprint(box, (3.0, 2.0)).distance((3.0, 2.5)) == pytest.approx(0.5 - box.radius)
    assert footprint(PropSpec("ball", "red", (0.0, 0.0))).distance((1.0, 0.0)) == pytest.approx(0.89)


def test_a_way_round_a_thing_keeps_clear_and_goes_on_from_within() -> None:
    def way(start: Point, *things: Footprint) -> list[Point]:
        path = shortest_path(start, [(3, 0)], things, 0.4)
        assert path is not None and path[-1] == (3, 0)
        return path

    assert way((0, 0)) == way((0, 0), Footprint((1.5, 2.0), rounding=0.1)) == [(0, 0), (3, 0)]
    thing = Footprint((1.5, 0.1), rounding=0.1)
    assert path_length(way((0, 0), thing)) < 3.5 and clear_of(way((0, 0), thing), [thing]) > 0.39
    assert len(way((1.4, 0.1), thing)) > 2  # from within, not across


def test_the_distance_to_a_line_counts_its_ends() -> None:
    assert distance_to_line((1.0, 2.0), (0.0, 0.0), (3.0, 0.0)) == 2.0
    assert distance_to_line((-3.0, 4.0), (0.0, 0.0), (3.0, 0.0)) == distance_to_line((-3.0, 4.0), (0, 0), (0, 0)) == 5.0
