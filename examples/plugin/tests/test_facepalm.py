"""The package is installed; nothing here imports it: simonsays finds it."""

from __future__ import annotations

from pathlib import Path

import simonsays
from simonsays.agents.recipes.recipe import load_recipe
from simonsays.envs.language import render
from simonsays.envs.rewards import REWARDS
from simonsays.testing import check_judge, check_reward, check_skill


def test_the_skill_keeps_its_contract() -> None:
    check_skill("facepalm")


def test_the_reward_and_the_judge_s_test_keep_theirs() -> None:
    check_reward("quiet_feet")
    check_judge("facepalm")


def test_both_languages_say_it() -> None:
    said = simonsays.parse("walk to the white pillar, then facepalm twice with your left hand")
    assert [step.verb for step in said.steps] == ["go_to", "facepalm"]
    assert simonsays.parse(render(said, "zh")) == said
    assert simonsays.parse("捂脸").steps[0].verb == "facepalm"


def test_the_robot_does_it_in_the_scene(tmp_path: Path) -> None:
    result = simonsays.say("facepalm", scene="corner", out=tmp_path / "facepalm.npz")
    assert result.success and result.recording.meta["scene_name"] == "corner"
    assert (tmp_path / "facepalm.npz").is_file()


def test_the_recipe_weighs_the_reward() -> None:
    recipe = load_recipe("quiet_walk", ["workers=1"])
    assert recipe.env["reward_weights"]["quiet_feet"] < 0 and "quiet_feet" in REWARDS
