"""Curves, the spot and manners: their geometry, and what walks them, on the stand-in and on the robot itself."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from simonsays.envs.language import Instruction, Step, parse
from simonsays.envs.language.instruction import STYLES as NAMES
from simonsays.envs.language.instruction import PathShape
from simonsays.envs.moves import curves
from simonsays.envs.moves.paths import path_length
from simonsays.envs.moves.styles import STYLES
from simonsays.envs.plan.plan import ground
from simonsays.envs.skills import GroundingError
from simonsays.envs.skills.gestures.wave import MANNERS
from simonsays.experiments.benchmark.aims import find_aims
from simonsays.experiments.benchmark.episodes import segments
from simonsays.experiments.benchmark.judge import judge
from simonsays.experiments.benchmark.routes import obstruction
from simonsays.experiments.benchmark.track import track
from simonsays.experiments.say import run_instruction
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import PropSpec, SceneSpec, load_scene
from simonsays.testing import do

G1 = get_robot("g1")
EMPTY, PLAYGROUND = SceneSpec(), load_scene("playground")


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_curves_have_the_lengths_and_the_ends_that_geometry_says(sign: float) -> None:
    circle, eight = curves.arc(1.5, math.tau, sign), curves.figure_eight(1.0, sign)
    assert path_length(circle) == pytest.approx(math.tau * 1.5, rel=0.005)
    assert path_length(eight) == pytest.approx(2 * math.tau, rel=0.01)
    for closed in (circle, eight, curves.polygon(4, 2.0, sign), curves.polygon(3, 2.0, sign)):
        assert math.dist(closed[0], closed[-1]) == pytest.approx(0.0, abs=1e-9)
    assert curves.winding(circle, (0.0, 1.5 * sign)) == pytest.approx(sign * math.tau)
    assert curves.zigzag(3.0, sign)[-1] == (3.0, 0.0) and curves.zigzag(3.0, sign)[1][1] * sign > 0.2
    assert {round(math.dist(a, b), 6) for a, b in pairwise(curves.polygon(3, 2.0, sign))} == {2.0}


def test_a_curve_is_laid_along_the_heading() -> None:
    (first, *_, last) = curves.laid(curves.zigzag(2.0), (1.0, -1.0), math.pi / 2)
    assert first == (1.0, -1.0) and last == (pytest.approx(1.0), pytest.approx(1.0))


@pytest.mark.parametrize("text", [
    "walk in a circle to the left", "walk a half circle", "walk in a figure eight with a radius of 70 cm",
    "walk in a triangle to the right", "walk in zigzag", "walk in a circle for 5 seconds", "run in a circle",
])  # fmt: skip
def test_curves_are_walked(text: str) -> None:
    runner, *_ = do(text, EMPTY)
    assert runner.succeeded, runner.verdicts


@pytest.mark.parametrize(("text", "thing"), [
    ("walk around the blue box to the right", "blue box"), ("walk half a circle around me", ""),
])  # fmt: skip
def test_what_is_walked_around_is_walked_around(text: str, thing: str) -> None:
    runner, stand_in, nearest = do(text, PLAYGROUND)
    assert runner.succeeded, runner.verdicts
    assert nearest > 0.3
    middle = stand_in.props[thing][:2] if thing else PLAYGROUND.viewer_position
    assert math.dist(stand_in.place, middle) < 1.2


@pytest.mark.parametrize(("text", "ahead", "left"), [
    ("walk diagonally forward to the left 2 metres", 1.41, 1.41),
    ("walk diagonally backward to the right", -0.71, -0.71),
])  # fmt: skip
def test_a_slant_goes_both_ways_at_once(text: str, ahead: float, left: float) -> None:
    runner, stand_in, _ = do(text, EMPTY)
    assert runner.succeeded
    assert stand_in.place.tolist() == [pytest.approx(ahead, abs=0.15), pytest.approx(left, abs=0.15)]


@pytest.mark.parametrize("text", ["walk on the spot for 4 seconds", "march on the spot", "walk ten steps on the spot"])
def test_the_spot_is_kept(text: str) -> None:
    runner, stand_in, _ = do(text, EMPTY)
    assert runner.succeeded, runner.verdicts
    assert np.hypot(*stand_in.place) < 0.2


@pytest.mark.parametrize("text", ["walk on the spot for 2 seconds", "walk in a circle for 2 seconds"])
def test_what_does_not_move_fails(text: str) -> None:
    runner, *_ = do(text, PLAYGROUND, frozen=True)
    assert not runner.succeeded


def test_back_and_forth_ends_where_it_began_and_between_things_at_the_first() -> None:
    runner, stand_in, _ = do("walk back and forth three metres once", EMPTY)
    assert runner.succeeded and np.hypot(*stand_in.place) < 0.3
    runner, stand_in, _ = do("walk back and forth between the red ball and the blue box twice", PLAYGROUND)
    assert runner.succeeded and math.dist(stand_in.place, stand_in.props["red ball"][:2]) < 0.6


@pytest.mark.parametrize(("table", "chair"), [
    ((2.6, 0.0), (2.6, 1.2)), ((-2.4, -1.2), (-2.4, 0.1)),  # the second where a way close to the table begins
])  # fmt: skip
def test_where_something_stands_close_beside_a_thing_the_way_goes_around_both(
    table: tuple[float, float], chair: tuple[float, float]
) -> None:
    scene = SceneSpec(props=(PropSpec("table", "white", table), PropSpec("chair", "black", chair, yaw_deg=-90)))
    runner, stand_in, nearest = do("walk around the table", scene)
    assert runner.succeeded and nearest > 0.3, runner.verdicts
    assert 1.5 < math.dist(stand_in.place, table) < 2.8


def test_a_way_that_is_blocked_fails_with_what_is_in_the_way() -> None:
    wall = tuple(PropSpec("pillar", "green", (1.4 * math.cos(a), 1.4 * math.sin(a))) for a in np.arange(0, 6.2, 0.5))
    runner, *_ = do("walk in a circle with a radius of 2 m", SceneSpec(props=wall))
    assert not runner.succeeded and "in the way" in runner.verdicts[0].reason
    instruction = parse("walk in a circle with a radius of 2 m")
    scene = SceneSpec(props=wall)
    assert "no room" in obstruction(instruction, find_aims(instruction, scene), scene)
    assert not obstruction(instruction, find_aims(instruction, EMPTY), EMPTY)


@pytest.mark.parametrize(("text", "said"), [
    ("walk in a circle with a radius of 20 cm", "radius of 0.2 m"), ("run on the spot", "only march"),
    ("walk backward in a circle", "forward only"), ("walk ten steps in a circle", "not steps"),
    ("run like an old person", "slower than running"), ("run happily", "or falls"),
    ("wave drunkenly", "it can be happy"),
    ("jump two metres on the spot", "not both"), ("walk quickly on the spot", "one cadence"),
    ("walk in a square around the red ball", "only a circle"), ("kick the blue box hard", "slides"),
])  # fmt: skip
def test_what_cannot_be_done_is_refused_with_a_reason(text: str, said: str) -> None:
    with pytest.raises(GroundingError, match=said):
        ground(parse(text), PLAYGROUND, G1)


def test_every_manner_of_an_instruction_has_its_figures() -> None:
    assert set(STYLES) == set(NAMES) and set(MANNERS) < set(NAMES)
    assert all(style.shows for style in STYLES.values())


def test_an_arm_that_is_raised_stays_up_in_a_manner() -> None:
    _, raised, _ = do("raise your left arm", EMPTY)
    _, walked, _ = do("raise your left arm, then walk half a metre proudly", EMPTY)
    arm = [name for name in raised.joints if name.startswith(("left_shoulder", "left_elbow"))]
    assert [walked.joints[name] for name in arm] == [pytest.approx(raised.joints[name], abs=0.05) for name in arm]


def run_and_judge(instruction: Instruction, scene: SceneSpec, seed: int, engine: str) -> list[str]:
    """What the runner and the judge find wrong."""
    done = run_instruction("", instruction=instruction, scene=scene, seed=seed, engine=engine)
    parts = segments(done.plan, done.verdicts, float(done.recording.time[-1]))
    found = judge(track(done.recording), instruction, find_aims(instruction, scene), parts)
    wrong = [verdict.reason or verdict.status for verdict in done.verdicts if verdict.status != "success"]
    return wrong + [step.fault for step in found.steps if not step.ok] + ["fell"] * found.fell


@pytest.mark.slow
@pytest.mark.parametrize("style", NAMES)
@pytest.mark.parametrize("engine", ["bullet", "mujoco"])
def test_the_robot_walks_in_every_manner(style: str, engine: str) -> None:
    assert not run_and_judge(Instruction((Step("walk", distance_m=3.0, style=style),)), EMPTY, 1, engine)


@pytest.mark.slow
@pytest.mark.parametrize("style", MANNERS)
def test_the_robot_waves_in_manners(style: str) -> None:
    assert not run_and_judge(Instruction((Step("wave", style=style),)), EMPTY, 1, "mujoco")


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["circle", "arc", "figure_eight", "square", "triangle", "zigzag"])
@pytest.mark.parametrize("engine", ["bullet", "mujoco"])
def test_the_robot_walks_every_curve(shape: str, engine: str) -> None:
    for side in ("left", "right"):
        step = Step("walk", path=PathShape(shape, side))
        assert not run_and_judge(Instruction((step,)), EMPTY, 2, engine)


@pytest.mark.slow
@pytest.mark.parametrize("text", [
    "walk around the red ball to the left", "run around the green pillar", "march on the spot for 4 seconds",
    "walk back and forth between the red ball and the blue box", "kick the red ball gently", "kick the red ball hard",
    "punch hard twice", "punch gently", "jump on the spot twice", "follow me", "wave to me", "point at the camera",
    "march two metres", "run to the green pillar", "push the blue box gently",
])  # fmt: skip
def test_the_robot_does_it_and_the_judge_sees_it(text: str) -> None:
    assert not run_and_judge(parse(text), PLAYGROUND, 3, "mujoco")


def test_the_robot_itself_walks_a_curve_in_a_manner() -> None:
    step = Step("walk", path=PathShape("arc", "left", 90.0, 0.8), style="robotic")
    assert not run_and_judge(Instruction((replace(step, speed="fast"),)), EMPTY, 0, "bullet")
