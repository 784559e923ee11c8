"""stand: stand up, if it crouches, and stand still for a while."""

from __future__ import annotations

from simonsays.envs.language.instruction import Step
from simonsays.envs.language.vocabulary import verb_words
from simonsays.envs.moves.skill import GroundedStep, GroundingError, Skill, Surroundings, register_skill
from simonsays.envs.skills.legs.crouch import RATES
from simonsays.envs.skills.legs.stop import Upright, ground_rest


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    robot = surroundings.robot
    said = step.speed or "normal"
    if not isinstance(said, str):
        message = "'stand': say slowly or quickly, not metres per second"
        raise GroundingError(message, "unsupported_skill", suggestions=("slowly", "quickly"))
    upright = Upright(robot.standing_height, RATES[said], robot.gait.sole_height)
    return ground_rest(
        step, "stand still" + {"slow": ", rising slowly", "fast": ", rising quickly"}.get(said, ""), upright
    )


SKILL = register_skill(
    Skill(
        verb_words(
            "stand",
            "speed",
            "stand|stand (still|up|back up|upright|straight|up straight|tall|up tall|motionless)|get (back |)up|"
            "rise|(get |jump |)(back |)(to|on|onto) your feet|up you (get|come|go)|straighten up|"
            "(remain|stay|keep) standing|(stand to|stand at) attention|raise yourself|"
            "(return|go back|come back|get back) to (standing|(a|the|your) (standing|upright) (position|posture|pose))",
            "站|站着不动|站着别动|站着|站起来|站好|站立|起立|站直|站起",
            with_object="go_to",
        ),
        "stand still for 2 seconds",
        _ground,
        takes=("duration", "speed"),
    )
)
