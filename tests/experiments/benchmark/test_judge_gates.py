"""The judge of ways through and of goals: by where the base, or the ball, came through."""

from __future__ import annotations

import pytest

from simonsays.envs.language import parse
from simonsays.experiments.benchmark.aims import find_aims
from simonsays.experiments.benchmark.judge import Segment, judge
from simonsays.experiments.benchmark.track import track
from simonsays.sim.recording import Recording
from simonsays.sim.specs import PropSpec, SceneSpec
from simonsays.testing.recordings import STANDING, ramp, record, walking

HALL = SceneSpec("hall", props=(
    PropSpec("door", "brown", (1.0, 0.0)), PropSpec("goal", "white", (3.0, 1.0)), PropSpec("ball", "red", (2.0, 1.0)),
    PropSpec("wall", "grey", (2.5, -1.0)),
))  # fmt: skip


def says(said: str, recording: Recording) -> bool:
    """What the judge says of a recording as one step."""
    instruction = parse(said)
    end = [Segment(0.0, float(recording.time[-1]))]
    return judge(track(recording), instruction, find_aims(instruction, HALL), end).success


def rolled(x: float, y: float) -> Recording:
    """The ball rolls by (x, y) m, from a robot that stands behind it."""
    ball = {"red ball": lambda t: (2.0 + x * ramp(t, 1.0, 1.4), 1.0 + y * ramp(t, 1.0, 1.4))}
    return record(3, lambda t: (1.6 * ramp(t, 0, 0.8), 1.1, STANDING, 0.0), scene=HALL, moves=ball)


@pytest.mark.parametrize(("said", "x", "y", "right"), [
    ("walk through the door", 2.0, 0.0, True), ("walk through the door", 0.6, 0.0, False),
    ("walk through the door", 2.0, 1.6, False),
    ("walk through the space between the red ball and the wall", 3.6, 0.0, True),
    ("walk through the space between the red ball and the wall", 1.6, 0.0, False),
])  # fmt: skip
def test_through_is_in_at_one_side_and_out_at_the_other(said: str, x: float, y: float, right: bool) -> None:
    assert says(said, record(4, walking(x, y), scene=HALL)) is right


@pytest.mark.parametrize(("x", "y", "right"), [(1.6, 0.0, True), (0.8, 0.0, False), (1.6, 1.9, False)])
def test_a_goal_is_scored_where_the_ball_went_between_the_posts(x: float, y: float, right: bool) -> None:
    assert says("score a goal", rolled(x, y)) is right
