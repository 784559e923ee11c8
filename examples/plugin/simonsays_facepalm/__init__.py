"""A skill, its judge, a reward, a recipe and a scene for simonsays: ``simon says "facepalm twice" --scene corner``."""

from __future__ import annotations

from pathlib import Path

from simonsays.assets.plugins import register_assets
from simonsays.envs.context import StepContext
from simonsays.envs.language.instruction import Step
from simonsays.envs.language.vocabulary import verb_words
from simonsays.envs.moves.behavior import SkillContext
from simonsays.envs.moves.gestures.limbs import Limb, held_by
from simonsays.envs.moves.gestures.roles import ARM
from simonsays.envs.moves.poses import BOTH, MoveArms
from simonsays.envs.moves.skill import (
    GroundedStep,
    Skill,
    Surroundings,
    held_seconds,
    limbs,
    register_skill,
)
from simonsays.envs.rewards import reward
from simonsays.experiments.benchmark.aims import Aim
from simonsays.experiments.benchmark.judge import Finding, register_test, require
from simonsays.experiments.benchmark.track import Track

register_assets(Path(__file__).parent)  # scenes/*.toml and recipes/*.toml

POSE = Limb((0.99, 0.02, 0.12), fore=(-0.3, -0.51, 0.8))
"""upper arm and forearm, forward, outward and up: the hand before the face"""
HIGH = 0.05  # m, the hand above the shoulder


@reward
def quiet_feet(ctx: StepContext) -> float:
    """Squared vertical speed (m^2/s^2) of both feet. >= 0."""
    return sum(z * z for _, _, z in ctx.state.foot_velocities)


def ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    """Plan one facepalm: refused where the arm is busy."""
    sides, hold = surroundings.arms(step), held_seconds(step, usual=1.0)
    goal = held_by(surroundings.robot, sides, POSE)

    def hidden(ctx: SkillContext) -> bool:
        above = ctx.hands[:, 2] - ctx.shoulders[:, 2]  # (2,) m: left, right
        return all(above[BOTH.index(side)] > HIGH for side in sides)

    return GroundedStep(
        "facepalm",
        f"facepalm with {limbs(sides, 'hand')}",
        time_limit=8.0 + hold,
        start=lambda: MoveArms(goal, 0.8, hidden, hold=hold, keep=False),
        success=f"the hand is {HIGH:g} m above the shoulder for {hold:g} s",
        arms=sides,
    )


def judged(part: Track, step: Step, aim: Aim) -> Finding:
    """By ``simon benchmark``: a hand comes above its shoulder."""
    highest = float((part.hands[..., 2] - part.shoulders[..., 2]).max())
    return require(highest > 0.0, f"no hand came above its shoulder: {highest:.2f} m")


register_test("facepalm", judged)
register_skill(
    Skill(
        "facepalm",
        example="facepalm",
        ground=ground,
        joints=(ARM,),
        takes=("side", "duration"),
        legs=False,
        words=verb_words("facepalm", "side", en="facepalm|cover your face", zh="捂脸|捂住脸", limb="arm"),
    )
)
