"""The director's camera: what it shows of each step, where it cuts, and the measure of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from simonsays.assets import InputError
from simonsays.experiments.film import FilmSettings
from simonsays.experiments.film.drawing import with_cameras
from simonsays.experiments.film.framing import framing
from simonsays.experiments.say import run_instruction
from simonsays.sim.pictures.cameras import camera_path
from simonsays.sim.pictures.director import axes, crosses
from simonsays.sim.pictures.shots import shots
from simonsays.sim.pictures.subjects import moving
from simonsays.sim.specs import load_scene
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
