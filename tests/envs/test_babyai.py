"""BabyAI's missions, from the levels of the public minigrid package: read into the objects and order of their trees."""

from __future__ import annotations

import pytest

from simonsays.envs.language import parse
from simonsays.experiments.exams.exam import same_steps
from simonsays.experiments.exams.public.babyai_levels import levels, missions

pytest.importorskip("minigrid", reason="minigrid is not installed")


@pytest.mark.parametrize("level", levels())
def test_a_mission_of_every_level(level: str) -> None:
    for mission in missions(level, range(2)):
        assert same_steps(parse(mission.text), mission.meant), mission.text


@pytest.mark.parametrize("level", [name for name in levels() if "Boss" in name or "Synth" in name or "Loc" in name])
def test_many_missions_of_the_rich_levels(level: str) -> None:
    for mission in missions(level, range(100, 180)):
        assert same_steps(parse(mission.text), mission.meant), mission.text
