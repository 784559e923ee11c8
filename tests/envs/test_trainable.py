"""What training can make of an env is asked in one place."""

from __future__ import annotations

import gymnasium
import pytest

from simonsays.envs import env_class
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.trainable import TrainableEnv, capabilities
from simonsays.testing.envs import one_each


@pytest.mark.parametrize("name", one_each())
def test_classes_of_ours_say_what_training_needs_before_any_is_made(name: str) -> None:
    offers = capabilities(env_class(f"simonsays.envs:{name}"))
    assert offers.make_config and offers.reconfigure and offers.describe and offers.space_settings
    assert offers.make_config("here", {}) is not None
    assert (offers.mirror, offers.steps_per_episode, offers.trained_motion) == (None, None, None)


def test_an_env_that_was_made_offers_more_and_its_wrappers_the_same() -> None:
    env = gymnasium.make("simonsays.envs:G1-Locomotion-v0", episode_seconds=3.0)
    offers = capabilities(env)
    assert isinstance(env.unwrapped, HumanoidEnv)
    assert offers == capabilities(env.unwrapped)
    assert (offers.steps_per_episode, offers.trained_motion) == (150, "gait")
    assert offers.mirror == env.unwrapped.mirror
    assert offers.describe is not None and offers.describe() == env.unwrapped.describe()
    env.close()


def test_an_env_of_another_package_offers_nothing() -> None:
    assert capabilities(env_class("CartPole-v1")) == TrainableEnv()
    assert capabilities(gymnasium.make("CartPole-v1")) == TrainableEnv()
