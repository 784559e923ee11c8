"""simonsays.testing: what holds passes, and what does not is named."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.spaces import Box

from simonsays.assets import path
from simonsays.envs.language import vocabulary
from simonsays.envs.language.vocabulary import verb_words
from simonsays.envs.motions.base import MOTIONS
from simonsays.envs.moves.behavior import SkillContext, SkillOutput
from simonsays.envs.moves.skill import SKILLS, GroundedStep, Skill, register_skill
from simonsays.testing import check_env, check_motion, check_policy, check_robot, check_skill


class Drift(gymnasium.Env[Any, Any]):
    """A number that drifts; one defect at a time can be chosen."""

    observation_space = Box(-10.0, 10.0, (1,), np.float32)
    action_space = Box(-1.0, 1.0, (1,), np.float32)

    def __init__(self, defect: str = "") -> None:
        self.defect, self.place, self.times, self.steps = defect, 0.0, 0, 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self.times, self.steps = self.times + 1, 0
        self.place = 0.0 if self.defect == "seedless" else float(self.np_random.normal())
        self.place += 0.1 * self.times if self.defect == "remembers" else 0.0
        return self._observation(), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self.place += 0.1 * float(action[0]) * (self.defect != "seedless")
        reward = float("nan") if self.defect == "nan" else 1.0
        terms = {"one": 0.5} if self.defect == "terms" else {"one": reward}
        self.steps += 1
        both = self.defect == "both" and self.steps == 5
        return self._observation(), reward, both, both, {"reward_terms": terms}

    def _observation(self) -> Any:
        width = 2 if self.defect == "width" else 1
        return np.full(width, np.clip(self.place, -10, 10), np.float32)


gymnasium.register("Drift-v0", Drift)


def test_a_good_env_passes() -> None:
    check_env("Drift-v0", steps=50)


@pytest.mark.parametrize(
    ("defect", "words"),
    [
        ("seedless", "seeds 3 and 4 give one trajectory"),
        ("remembers", "non-deterministic"),
        ("nan", "rewards are not equivalent"),
        ("terms", "its reward_terms make 0.5"),
        ("both", "both terminated and truncated"),
        ("width", "Gymnasium's checker"),
    ],
)
def test_a_defect_of_an_env_is_named(defect: str, words: str) -> None:
    with pytest.raises(AssertionError, match=f"Drift-v0.*({words})"):
        check_env("Drift-v0", steps=50, defect=defect)


def test_an_unknown_env_is_named() -> None:
    with pytest.raises(AssertionError, match="no environment 'Drif-v0'"):
        check_env("Drif-v0")


def test_a_defect_of_a_policy_or_a_robot_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(path("policies", "g1-locomotion"), folder)
    (folder / "model.zip").write_bytes(b"")
    with pytest.raises(AssertionError, match=r"model\.zip: a bundle holds nothing that has to be unpickled"):
        check_policy(folder)
    (folder / "CARD.md").unlink()
    with pytest.raises(AssertionError, match=r"CARD\.md is missing"):
        check_policy(folder)
    with pytest.raises(AssertionError, match="no robot 'g2'"):
        check_robot("g2")


class Rest:
    """A behavior that is done after so many control steps, whatever the robot does."""

    def __init__(self, steps: int, output: SkillOutput) -> None:
        self.left, self.output = steps, output

    def update(self, ctx: SkillContext) -> SkillOutput:
        self.left -= 1
        return replace(self.output, status="success") if self.left <= 0 else self.output


@pytest.mark.parametrize(
    ("steps", "output", "changes", "words"),
    [
        (1, {}, {}, "done at its first control step"),
        (5, {}, {}, "succeeds though nothing moves"),
        (5, {}, {"at_rest": True}, None),
        (5, {"joint_targets": {"left_wing_joint": 1.0}}, {}, "no joint 'left_wing_joint'"),
        (5, {"command": (float("nan"), 0.0, 0.0)}, {}, "command is"),
        (10**9, {}, {}, "timed out"),
        (5, {}, {"example": "wave"}, "means .'wave'"),
        (5, {}, {"example": "grimace"}, "is not understood"),
        (5, {}, {"joints": ("tail_joint",)}, "has no tail_joint"),
        (5, {}, {"cameras": ("drone",)}, "no camera drone"),
        (5, {}, {"takes": ("speed",), "words": verb_words("blink", en="blink")}, "have no slot speed"),
    ],
)
def test_a_defect_of_a_skill_is_named(steps: int, output: Any, changes: dict[str, Any], words: str | None) -> None:
    def ground(*_: object) -> GroundedStep:
        return GroundedStep("blink", "blink", 2.0, lambda: Rest(steps, SkillOutput(**output)), "it blinked", legs=False)

    usual = {"example": "blink", "ground": ground, "legs": False, "words": {"en": "blink", "zh": "眨眼"}}
    skill = Skill("blink", **{**usual, **changes})
    try:
        register_skill(skill)
        if words is None:
            check_skill("blink")
        else:
            with pytest.raises(AssertionError, match=f"skill 'blink'.*{words}"):
                check_skill("blink")
    finally:
        SKILLS.unregister("blink")
        vocabulary._REGISTERED.pop("blink", None)


def test_a_skill_that_is_not_registered_is_named() -> None:
    with pytest.raises(AssertionError, match="no skill 'blink': register_skill"):
        check_skill("blink")


def test_a_defect_of_a_motion_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AssertionError, match="no motion 'hop': mark its class"):
        check_motion("hop")
    jump = MOTIONS["jump"]
    for attribute, value, words in (("does", "", "say what its policy does"), ("home", "hop", "no motion 'hop'")):
        with monkeypatch.context() as patch:
            patch.setattr(jump, attribute, value)
            with pytest.raises(AssertionError, match=f"motion 'jump'.*{words}"):
                check_motion("jump", steps=5)
    right = jump.advance
    for change, words in (
        (lambda made: {"phase": 1.5}, "phase is 1.5"),
        (lambda made: {"targets": [*made.targets[:-1], float("nan")]}, "targets: .*nan"),
        (lambda made: {"targets": made.targets[1:]}, "has shape"),
        (lambda made: {"targets": [9.0, *made.targets[1:]]}, "beyond the limits"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(jump, "advance", lambda *now, c=change: (made := right(*now))._replace(**c(made)))
            with pytest.raises(AssertionError, match=f"(?s)motion 'jump'.*{words}"):
                check_motion("jump", steps=5)
