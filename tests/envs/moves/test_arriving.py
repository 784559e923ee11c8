"""Arriving: no small steps at the end, and what of it a recording of the robot itself shows."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simonsays.envs.language import parse
from simonsays.envs.moves.steering import coasting, peak
from simonsays.envs.plan.plan import PlanRunner, ground
from simonsays.experiments.say import run_instruction
from simonsays.sim.recording import Recording
from simonsays.sim.specs import PropSpec, SceneSpec
from simonsays.testing import StandIn

AHEAD = SceneSpec(props=(PropSpec("cone", "yellow", (5.0, 0.4)),))


@pytest.mark.parametrize("text", ["walk three metres", "run eight metres", "go to the cone", "run to the cone",
                                  "walk in a half circle"])  # fmt: skip
def test_who_arrives_is_told_to_go_or_to_stand_and_nothing_between(text: str) -> None:
    runner, stand_in = PlanRunner(ground(parse(text), AHEAD, StandIn(AHEAD).robot)), StandIn(AHEAD)
    told = []
    while not runner.done:
        output = runner.update(stand_in.context())
        told.append(output.command[0])
        stand_in.apply(output)
    assert runner.succeeded, runner.verdicts
    stood = max(i for i, speed in enumerate(told) if speed > 0.0)
    assert min(told[stood - 25 : stood + 1]) > 0.3  # half a second before, it was told to go on
    assert len(told) - stood < 50 * (max(told) / 0.6 + 1.6)  # what it needs to slow down, and a rest


def test_coasting_is_slowing_down_and_closing_the_feet() -> None:
    assert coasting(1.7) == pytest.approx(1.7**2 / 1.2) and coasting(0.0) == pytest.approx(0.02)
    assert peak(4.0) == pytest.approx(math.sqrt(0.6 * 4.0))
    assert all(coasting(a) < coasting(a + 0.05) for a in np.arange(0.0, 2.0, 0.05).tolist())


def legs_that_touch(run: Recording, name: str) -> set[str]:
    assert run.contact_pairs is not None
    pairs = [tuple(pair) for pair in run.contact_pairs.tolist() if name in pair]
    return {one for pair in pairs for one in pair if any(leg in one for leg in ("hip", "knee", "ankle"))}


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["bullet", "mujoco"])
def test_the_robot_itself_runs_there_pushes_soon_and_touches_with_its_hand_alone(engine: str) -> None:
    run = run_instruction("run to the cone, then turn around", scene=AHEAD, engine=engine)
    assert run.success, run.verdicts
    assert np.hypot(*run.recording.base_linear_velocity[:, :2].T).max() > 1.3
    assert (run.verdicts[1].ended or math.inf) - (run.verdicts[1].started or 0.0) < 5.0
    crate = SceneSpec(props=(PropSpec("box", "blue", (1.2, 0.8)),))
    run = run_instruction("push the box half a metre", scene=crate, engine=engine)
    assert run.success and (run.verdicts[0].ended or math.inf) < 20.0
    pillar = SceneSpec(props=(PropSpec("pillar", "green", (1.5, 0.5)),))
    run = run_instruction("touch the pillar", scene=pillar, engine=engine)
    assert run.success and not legs_that_touch(run.recording, "green pillar")
    assert any("hand" in one for pair in np.asarray(run.recording.contact_pairs).tolist() for one in pair)
