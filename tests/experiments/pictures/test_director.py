"""The director's camera: what it shows of each step, where it cuts, and the measure of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from simonsays.assets import InputError
from simonsays.envs.language.parser import parse
from simonsays.envs.plan.plan import PlanRunner, captioned, ground
from simonsays.experiments.film import FilmSettings
from simonsays.experiments.film.drawing import with_cameras
from simonsays.experiments.film.framing import framing
from simonsays.experiments.say import run_instruction
from simonsays.sim.pictures.cameras import camera_path
from simonsays.sim.pictures.director import axes, crosses
from simonsays.sim.pictures.shots import shots
from simonsays.sim.pictures.subjects import body_points, extremities, figure, moving, prop_points
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import RobotStart, load_scene, scene_from_dict
from simonsays.sim.stand_in import stand_in
from simonsays.testing import recordings as synthetic

SIZES = [(640, 360), (360, 640), (480, 480)]


def test_the_director_cuts_by_step_and_not_too_often() -> None:
    steps = [{"verb": "walk", "started": 0.2, "ended": 4.0}, {"verb": "nod", "started": 4.0, "ended": 4.5},
             {"verb": "wave", "started": 4.5, "ended": 9.0}, {"verb": "wave", "started": 9.0, "ended": 12.0},
             {"verb": "turn", "started": 12.0, "ended": 29.0}]  # fmt: skip
    told = with_cameras(replace(synthetic.record(30.0), meta={"steps": steps}))
    plan = shots(told)
    assert [(shot.verb, shot.start // 50) for shot in plan] == [("walk", 0), ("wave", 4), ("turn", 12), ("turn", 21)]
    assert [shot.start for shot in plan[1:]] == [shot.end for shot in plan[:-1]] and plan[-1].end == len(told)
    assert [shot.half for shot in plan] == [False, True, False, False]
    assert np.diff([*(told.time[shot.start] for shot in plan), told.time[-1]]).min() >= 1.5
    odd = replace(told, meta={"steps": [{**steps[0], "cameras": ["frunt"]}]})
    with pytest.raises(InputError, match="front"):
        camera_path("director", odd)


def test_a_cut_waits_for_what_rolls_and_crosses_no_axis() -> None:
    scene = load_scene("playground")
    ball = lambda t: (2.6 + 0.8 * min(max(t - 3.0, 0.0), 2.5), 1.2)  # noqa: E731
    run = synthetic.record(9.0, scene=scene, moves={"red ball": ball})
    steps = [{"verb": "kick", "things": ["red ball"], "started": 0.2, "ended": 3.6},
             {"verb": "wave", "started": 3.6, "ended": 8.5}]  # fmt: skip
    told = with_cameras(replace(run, meta={**run.meta, "steps": steps}))
    plan, path = shots(told), camera_path("director", told)
    assert told.time[plan[1].start] == pytest.approx(5.5, abs=0.05)
    for line in axes(told, plan[0].things, plan[1], 0.0):
        assert not crosses(path[plan[1].start - 1], path[plan[1].start], line)
    far = replace(path[0], yaw_deg=path[0].yaw_deg + 180.0)
    assert crosses(path[0], far, np.array([path[0].axes()[0, 0], path[0].axes()[0, 1]]))


def test_words_over_a_picture_leave_room_for_it() -> None:
    run = synthetic.record(3.0, synthetic.walking(0.4), scene=load_scene("playground"))
    step = {"verb": "go_to", "things": ["red ball"], "text": "go", "started": 0.0, "ended": 3.0}
    told = replace(run, meta={**run.meta, "instruction": "go to the red ball", "steps": [step]})
    for size in SIZES:
        (seen,) = framing(told, FilmSettings(size))
        assert seen.things > 0.99 and seen.robot > 0.99 and seen.named == ("red ball",)
    (followed,) = framing(told, FilmSettings(cameras=("follow",)))
    assert followed.things < 0.5  # the measure can tell a bad camera


@pytest.mark.parametrize(("name", "high"), [("g1", 1.31), ("g1-29", 1.31), ("h1", 1.77)])
def test_a_head_is_where_the_robot_has_it_even_if_it_weighs_nothing(name: str, high: float) -> None:
    run = replace(synthetic.record(0.1), meta={"robot": name})
    spec = get_robot(name)
    assert figure(run)[1] == stand_in(RobotStart("it", name), spec).extents[2] == pytest.approx(high, abs=0.02)
    head, left, right = (body_points(run)[0, place] for place in extremities(run))
    assert head[2] - synthetic.STANDING == pytest.approx(high - spec.base_height, abs=0.13)
    assert left[1] > 0.1 > -0.1 > right[1]
    eye = camera_path("first-person", run)[0].eye()
    assert eye[2] == pytest.approx(head[2], abs=0.02) and eye[0] > head[0] + 0.1


def test_a_way_between_things_is_about_them() -> None:
    pillars = [{"shape": "pillar", "color": "green", "position": [2.0, y]} for y in (-0.8, 0.8)]
    plan = ground(parse("go between the two pillars"), scene_from_dict({"props": pillars}), get_robot("g1"))
    (told,) = captioned(plan, PlanRunner(plan).verdicts, "en")
    assert told["things"] == ["green pillar", "green pillar 2"]


@pytest.mark.parametrize("place", [(1.0, -0.5), (0.9, 0.6), (1.1, 0.1)])
def test_what_the_film_is_not_about_does_not_fill_the_picture(place: tuple[float, float]) -> None:
    person = {"shape": "person", "color": "purple", "position": [*place]}
    run = synthetic.record(4.0, scene=scene_from_dict({"props": [person]}))
    told = with_cameras(replace(run, meta={**run.meta, "steps": [{"verb": "wave", "started": 0.0, "ended": 4.0}]}))
    for camera in camera_path("director", told)[::50]:
        seen, depth = camera.project(prop_points(told, 0)[0], 16 / 9)
        (wide, tall) = seen.clip(0, 1).max(axis=0) - seen.clip(0, 1).min(axis=0)
        away = np.linalg.norm(camera.eye() - told.base_position[0])
        assert depth.min() > away or wide * tall < 0.2, (camera, wide, tall)


@pytest.mark.slow
@pytest.mark.parametrize(
    "said",
    ["point at the red ball, then at the blue box", "kick the red ball", "push the blue box forward",
     "go to the orange cone, then wave", "走到绿色的柱子旁边，然后挥挥手"],
)  # fmt: skip
def test_real_runs_are_seen(said: str) -> None:
    recording = run_instruction(said, seed=0).recording
    for size in SIZES:
        for step in framing(recording, FilmSettings(size)):
            assert step.robot >= 0.9 and step.things >= 0.9, step
    told = with_cameras(recording)
    plan, path = shots(told), camera_path("director", told)
    for before, after in pairwise(plan):
        for line in axes(told, after.things, after, 0.0) if after.things else ():
            assert not crosses(path[after.start - 1], path[after.start], line), (before, after)


@pytest.mark.slow
def test_a_run_goes_on_until_what_was_kicked_lies_still() -> None:
    recording = run_instruction("kick the red ball", seed=0).recording
    ball, ended = recording.prop_names.tolist().index("red ball"), recording.meta["steps"][0]["ended"]
    still = ~moving(recording, ball, faster=0.03)
    assert still[-1] and not still[np.searchsorted(recording.time, ended)]
    assert 1.0 <= recording.time[-1] - ended <= 6.1
