"""Contract tests as functions, for plug-ins under pytest: each raises AssertionError that says what does not hold.

from simonsays.testing import check_env

def test_my_env() -> None:
    check_env("mypkg:Own-v0")
"""

from simonsays.testing.envs import check_env
from simonsays.testing.policies import check_policy, check_robot

__all__ = ["check_env", "check_policy", "check_robot"]
