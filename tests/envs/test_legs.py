"""The skills of the legs: what a slot says is done and measured; in physics every skill's example is done."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simonsays.assets import InputError
from simonsays.envs.language import parse
from simonsays.envs.language.instruction import Instruction
from simonsays.envs.moves.amounts import Distance, Duration, Steps, Travelled
from simonsays.envs.moves.pace import Pace, fastest, pace, speeds
from simonsays.envs.moves.paths import footprint
from simonsays.envs.plan.plan import ground
from simonsays.envs.skills import GroundingError, skills
from simonsays.envs.skills.legs.walk import NORMAL
from simonsays.experiments.instruction_sets import SPLITS, load_split
from simonsays.experiments.say import run_instruction
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import PropSpec, SceneSpec, load_scene, scene_from_dict
from simonsays.sim.world import World
from simonsays.testing import do

LEGS = ("walk", "run", "turn", "go_to", "follow", "stop", "stand", "step", "crouch", "squat")


def ball(*place: float, **more: object) -> PropSpec:
    return PropSpec("ball", "red", place, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", SPLITS)
def test_every_step_of_the_instruction_sets_that_the_legs_do_is_ready_to_run(name: str) -> None:
    robot = get_robot("g1")
    for example in load_split(name):
        for step in example.instruction.steps:
            if step.verb in LEGS:
                ground(Instruction((replace(step, parallel_with_prev=False),)), example.scene, robot)


@pytest.mark.slow  # once more, with another seed than the contract of the judge's tests
@pytest.mark.parametrize("verb", LEGS)
def test_the_example_is_done_in_physics(verb: str) -> None:
    result = run_instruction(skills()[verb].example, seed=7)
    assert result.success, result.verdicts


def test_a_speed_that_is_said_is_shown_for_a_while() -> None:
    def caption(text: str) -> str:
        return ground(parse(text), SceneSpec(), get_robot("g1")).steps[0].text

    assert caption("walk at 1 m/s") == "walk forward 3 metres at 1 metre per second"
    assert caption("walk") == "walk forward 1 metre" and "2 metres" in caption("walk 2 m at 1 m/s")


def test_what_is_said_too_fast_is_done_as_fast_as_it_can_and_told() -> None:
    normal, most = speeds(get_robot("g1"), NORMAL), fastest(get_robot("g1"))
    assert normal == {"forward": 0.55, "backward": 0.25, "left": 0.2, "right": 0.2}
    assert most == {"forward": 1.2, "backward": 0.4, "left": 0.3, "right": 0.3}
    assert pace(normal, "right", 3.0, most) == Pace(0.3, " (at 0.3 m/s, as fast as it can)", 0.0, True)
    assert pace(normal, "forward", 0.01, most).note.endswith("as slowly as it can)")
    assert pace(normal, "forward", 0.5, most).note == ""
    runner, *_ = do("run at 3 m/s for 4 seconds", SceneSpec())
    assert "as fast as it can" in runner.verdicts[0].text and runner.succeeded


@pytest.mark.parametrize(("amount", "progress", "word"), [
    (Distance(2.0), Travelled(along=1.7), "2 m"), (Distance(2.0), Travelled(along=2.1), ""),
    (Steps(4), Travelled(steps=5), "5 steps"), (Steps(4), Travelled(steps=4), ""),
    (Steps(1), Travelled(steps=0), "0 steps"), (Steps(1), Travelled(steps=1), ""),
    (Duration(3.0), Travelled(time=3.0), ""),
])  # fmt: skip
def test_a_wrong_amount_is_a_failure(amount: Distance | Steps | Duration, progress: Travelled, word: str) -> None:
    missed = amount.missed(progress)
    assert (word in missed) if word else missed == ""


@pytest.mark.parametrize("direction", ["forward", "backward", "left"])
def test_its_last_steps_are_slower_and_it_is_told_to_stand_once_all_are_down(direction: str) -> None:
    speeds = [Steps(5, direction).speed(Travelled(steps=done), 0.5) for done in range(7)]
    assert speeds[0] == 0.5 and speeds[:5] == sorted(speeds[:5], reverse=True) and 0.1 < speeds[4] < 0.5
    assert speeds[5:] == [0.0, 0.0]


@pytest.mark.parametrize(("text", "said", "least"), [
    ("take 3 steps backward", 3, 0.05), ("walk 6 steps", 6, 0.15), ("walk 9 steps", 9, 0.2),
    ("take two steps to the left", 2, 0.1), ("run 6 steps", 6, 0.2),
])  # fmt: skip
def test_steps_are_as_many_as_was_said_and_touchdowns_that_close_the_feet(text: str, said: int, least: float) -> None:
    result = run_instruction(text, seed=3)
    swings = ["".join("01"[down] for down in side).split("1") for side in result.recording.foot_contacts.T.tolist()]
    touchdowns = sum(len(swing) >= 4 for side in swings for swing in side)  # 0.08 s in the air: no bounce
    assert result.success and said <= touchdowns <= 3 * said
    (x, y, _), (to_x, to_y, _) = result.recording.base_position[[0, -1]]
    assert math.hypot(to_x - x, to_y - y) > said * least


def test_a_wrong_speed_is_a_failure() -> None:
    said, run = Pace(0.5, said=True), Pace(1.0, least=0.6)
    assert said.missed(0.5) == said.missed(0.6) == run.missed(0.7) == ""
    assert "not 0.50 m/s" in said.missed(0.3) and "not 0.50 m/s" in said.missed(0.8)
    assert "not faster than 0.60" in run.missed(0.5)


@pytest.mark.parametrize(("text", "speed"), [("walk slowly 3 m", 0.33), ("walk 4 m at 0.7 m/s", 0.7),
                                             ("run 6 metres", 1.0), ("walk 3 m", 0.55)])  # fmt: skip
def test_the_speed_is_what_was_said(text: str, speed: float) -> None:
    runner, stand_in, _ = do(text, SceneSpec())
    verdict = runner.verdicts[0]
    assert runner.succeeded and verdict.ended is not None and verdict.started is not None
    assert stand_in.place[0] / (verdict.ended - verdict.started) < speed  # speeding up and stopping take time too
    assert stand_in.place[0] / speed > 0.4 * (verdict.ended - verdict.started)


@pytest.mark.parametrize("number", [1, 2, 3, 5, 9])
def test_steps_are_counted(number: int) -> None:
    runner, *_ = do(f"walk {number} steps", SceneSpec())
    assert runner.succeeded, runner.verdicts


@pytest.mark.parametrize("text", ["turn to face the start", "turn to face where you started"])
def test_a_place_is_faced(text: str) -> None:
    runner, stand_in, _ = do(f"walk left one metre, then {text}", SceneSpec())
    assert runner.succeeded and abs(stand_in.yaw + math.pi / 2) < math.radians(8)


def test_a_time_of_turning_and_its_speed() -> None:
    runner, stand_in, _ = do("turn left slowly for 3 seconds", SceneSpec())
    assert runner.succeeded and 0.8 < stand_in.yaw < 1.4
    runner, *_ = do("turn to face the start", SceneSpec())
    assert "stands on" in runner.verdicts[0].reason


def test_distances_of_go_to() -> None:
    scene = SceneSpec(props=(ball(3.0, 0.0),))
    runner, stand_in, _ = do("stop 1 m in front of the red ball", scene)
    assert runner.succeeded and stand_in.place[0] == pytest.approx(3.0 - 0.11 - 1.0, abs=0.25)
    runner, stand_in, _ = do("walk 1 m towards the red ball", scene)
    assert runner.succeeded and stand_in.place[0] == pytest.approx(1.0, abs=0.25)
    runner, *_ = do("walk 4 m towards the red ball", scene)
    assert "there are only" in runner.verdicts[0].reason


def wall(*centres: float, mass: float = 0.0) -> tuple[PropSpec, ...]:
    return tuple(PropSpec("box", "blue", (2.0, y), size=(0.3, 0.5, 0.5), mass=mass) for y in centres)


@pytest.mark.parametrize("seed", range(3))
def test_a_wall_of_boxes_is_passed_through_its_gap(seed: int) -> None:
    scene = SceneSpec(props=(ball(4.0, 0.0), *wall(-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.9, 2.4, 2.9)))
    runner, stand_in, nearest = do("go to the red ball", scene, seed=seed)
    assert runner.succeeded and nearest > 0.25, (runner.verdicts, nearest)
    assert stand_in.time < 25  # through the gap, not around the wall


def around(mass: float) -> tuple[PropSpec, ...]:
    return tuple(
        PropSpec("box", "blue", (4 + math.cos(a), math.sin(a)), size=(0.6, 0.6, 0.5), mass=mass)
        for a in (k * math.pi / 4 for k in range(8))
    )


def test_what_is_shut_off_is_refused_or_fails_at_once() -> None:
    with pytest.raises(GroundingError, match="no way leads to the red ball"):
        do("go to the red ball", SceneSpec(props=(ball(4.0, 0.0), *around(0.0))))
    runner, stand_in, _ = do("go to the red ball", SceneSpec(props=(ball(4.0, 0.0), *around(5.0))))
    assert "no way leads there" in runner.verdicts[0].reason and stand_in.time < 1


MOVING = SceneSpec(props=(ball(2.0, 0.0, path=((6.0, 0.0),), speed=0.4),))


def test_follow_keeps_near_what_moves_until_it_has_stopped() -> None:
    runner, stand_in, nearest = do("follow the red ball", MOVING)
    assert runner.succeeded and nearest > 0.2
    runner, stand_in, _ = do("follow the red ball at a distance of 1.5 m", MOVING)
    assert runner.succeeded and stand_in.place[0] < 5.0
    runner, stand_in, _ = do("follow the red ball", SceneSpec(props=(ball(3.0, 0.0),)))
    assert runner.succeeded and stand_in.place[0] == pytest.approx(3.0 - 0.11 - 0.8, abs=0.4)


def test_follow_fails_when_it_is_left_behind() -> None:
    fast = SceneSpec(props=(ball(2.0, 0.0, path=((200.0, 0.0),), speed=3.0),))
    runner, *_ = do("follow the red ball for 5 seconds", fast)
    assert not runner.succeeded


def test_crouch_stays_down_until_the_legs_are_wanted_again() -> None:
    runner, stand_in, _ = do("crouch for 2 seconds", SceneSpec())
    assert runner.succeeded and stand_in.height < 0.58
    assert runner.update(stand_in.context()).height == pytest.approx(0.54)
    runner, *_ = do("crouch slowly", SceneSpec())
    assert runner.succeeded, runner.verdicts
    runner, stand_in, _ = do("crouch, then wave, then stand up", SceneSpec())
    assert runner.succeeded and stand_in.height > 0.75
    runner, stand_in, _ = do("crouch twice", SceneSpec())
    assert runner.succeeded and stand_in.height > 0.72
    runner, stand_in, _ = do("squat 3 times", SceneSpec())
    assert runner.succeeded and stand_in.height > 0.72 and stand_in.time > 5


def test_a_robot_that_stays_up_does_not_crouch() -> None:
    runner, *_ = do("squat twice", SceneSpec(), frozen=True)
    assert "got down to 0.79 m" in runner.verdicts[0].reason


def test_a_prop_moves_along_its_path_and_stops_at_its_end() -> None:
    prop = ball(0.0, 0.0, path=((1.0, 0.0), (1.0, 1.0)), speed=0.5)
    assert prop.place_at(0) == (0, 0) and prop.place_at(1) == (0.5, 0) and prop.place_at(3) == (1, 0.5)
    assert prop.place_at(99) == (1, 1)
    world = World(SceneSpec(props=(prop,)))
    for _ in range(100):
        world.move_props(0.01)
        world.step()
    np.testing.assert_allclose(world.prop_positions()[0, :2], [0.5, 0.0], atol=1e-9)
    world.reset_props()
    np.testing.assert_allclose(world.prop_positions()[0, :2], [0.0, 0.0], atol=1e-9)
    world.close()
    assert not prop.fixed and footprint(prop, (1.0, 1.0)).centre == (1.0, 1.0)


@pytest.mark.parametrize(("entry", "word"), [
    ({"path": [[1.0]]}, "field path"), ({"path": 3}, "field path"), ({"path": [[1.0, "a"]]}, "field path"),
    ({"speed": 0.5}, "there is no path"), ({"path": [[1.0, 1.0]], "speed": -1.0}, "field speed"),
])  # fmt: skip
def test_a_wrong_path_is_refused(entry: dict[str, object], word: str) -> None:
    with pytest.raises(InputError, match=word):
        scene_from_dict({"props": [{"shape": "ball", "color": "red", "position": [0.0, 0.0], **entry}]})


def test_a_path_survives_the_scene_file(tmp_path: Path) -> None:
    file = tmp_path / "moving.toml"
    file.write_text("[[props]]\nshape = 'ball'\ncolor = 'red'\nposition = [2, 0]\npath = [[4, 0]]\nspeed = 0.5\n")
    scene = load_scene(file)
    assert scene.props[0].path == ((4.0, 0.0),) and scene.props[0].speed == 0.5
    again = scene_from_dict(scene.to_dict(), scene.name)
    assert again.props[0].path == scene.props[0].path and again.props[0].speed == 0.5
