"""Contract tests as functions, for plug-ins under pytest: each raises AssertionError that says what does not hold.

    from simonsays.testing import check_skill

    def test_facepalm() -> None:
        check_skill("facepalm")

Beside them what makes such tests quick: a stand-in for the robot, and recordings that no physics made.
"""

from simonsays.testing.bodies import check_recording
from simonsays.testing.engines import check_engine
from simonsays.testing.envs import check_env
from simonsays.testing.exams import check_exam
from simonsays.testing.judges import check_judge
from simonsays.testing.languages import check_locale
from simonsays.testing.motions import check_motion
from simonsays.testing.policies import check_policy
from simonsays.testing.robots import check_robot
from simonsays.testing.skills import check_skill
from simonsays.testing.stand_in import DT, StandIn, do, supple
from simonsays.testing.terms import check_block, check_event, check_reward, check_termination

__all__ = [
    "DT",
    "StandIn",
    "check_block",
    "check_engine",
    "check_env",
    "check_event",
    "check_exam",
    "check_judge",
    "check_locale",
    "check_motion",
    "check_policy",
    "check_recording",
    "check_reward",
    "check_robot",
    "check_skill",
    "check_termination",
    "do",
    "supple",
]
