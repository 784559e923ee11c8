"""Observation blocks and reward terms of one's own are checked when they are made, and named where they are wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from simonsays.assets import InputError
from simonsays.envs.context import StepContext
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.observations import BLOCKS, block
from simonsays.envs.rewards import REWARDS, reward
from simonsays.envs.terminations import TERMINATIONS, termination

SWAP = ([1, 0, 2, 3], [1.0, 1.0, -1.0, 1.0])


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    registries: tuple[Any, ...] = (BLOCKS, REWARDS)
    before = [set(registry) for registry in registries]
    yield
    for registry, names in zip(registries, before, strict=True):
        for name in set(registry) - names:
            registry.unregister(name)


def own_block(gives: Any, width: int = 4, mirror: Any = "scalar", scale: Any = 1.0, bound: float = 5.0) -> None:
    @block(width, scale, bound, mirror)
    def mine(ctx: StepContext) -> Any:
        return gives(ctx) if callable(gives) else gives


@pytest.mark.parametrize("gives", [[1.0, 2.0, 3.0, 4.0], np.arange(1.0, 5.0), np.arange(1, 5, dtype=np.float32)])
def test_a_block_of_any_width_gives_a_list_or_an_array(gives: Any) -> None:
    own_block(gives)
    env = HumanoidEnv(blocks=("mine", "gravity"), privileged=("mine",))
    observation, _ = env.reset(seed=0)
    np.testing.assert_array_equal(observation["observation"][:4], [1, 2, 3, 4])
    np.testing.assert_array_equal(observation["privileged"], [1, 2, 3, 4])
    assert env.mirror["observation"][:4] == [0, 1, 2, 3] and env.mirror["observation_sign"][:4] == [1.0] * 4
    env.close()


def test_a_block_may_give_its_own_mirror_image() -> None:
    own_block([1.0, 2.0, 3.0, 4.0], mirror=SWAP)
    env = HumanoidEnv(blocks=("gravity", "mine"))
    assert env.mirror["observation"][3:] == [4, 3, 5, 6] and env.mirror["observation_sign"][3:] == SWAP[1]
    env.close()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"mirror": "scaler"}, "mirror: no kind 'scaler'; did you mean 'scalar'"),
        ({"mirror": "vector"}, "of 3 numbers, the block of 4"),
        ({"mirror": "legs"}, "width 4"),
        ({"width": 0}, "width 0"),
        ({"mirror": ([1, 2, 3, 0], [1.0] * 4)}, "mirrored twice"),
        ({"mirror": ([0, 1, 2, 4], [1.0] * 4)}, "mirrored twice"),
        ({"mirror": ([0, 1, 2, 3], [1.0, 1.0, 1.0, 2.0])}, "mirrored twice"),
        ({"mirror": ([0, 1, 2, 3], [1.0] * 3)}, "of 3 numbers"),
        ({"scale": (1.0, 2.0)}, "scale: 2 numbers"),
        ({"bound": 0.0}, "bound 0"),
    ],
)
def test_a_block_that_cannot_be_is_refused_when_it_is_made(arguments: dict[str, Any], word: str) -> None:
    with pytest.raises(InputError, match=f"observation block 'mine'.*{word}"):
        own_block([0.0] * 4, **arguments)


@pytest.mark.parametrize(
    ("gives", "word"),
    [
        ([1.0, 2.0, 3.0], r"shape \(3,\), not 4"),
        (np.zeros((2, 2)), r"shape \(2, 2\)"),
        (1.0, "not 4"),
        (None, "not 4"),
        ([1.0, 2.0, np.nan, 4.0], "finite"),
        (lambda ctx: ["a", "b", "c", "d"], "not 4 numbers"),
    ],
)
def test_a_block_that_gives_something_else_is_named(gives: Any, word: str) -> None:
    own_block(gives)
    with pytest.raises(InputError, match=f"observation block 'mine': gives .*{word}"):
        HumanoidEnv(blocks=("gravity", "mine"))


def test_a_block_that_changes_its_width_is_named() -> None:
    own_block(lambda ctx: [0.0] * (4 if abs(ctx.state.gravity[0]) < 1e-3 else 5))
    env = HumanoidEnv(blocks=("gravity", "mine"), joint_noise=0.0)
    env.reset(seed=0, options={"command": (0.0, 0.0, 0.0)})
    with pytest.raises(InputError, match=r"observation block 'mine'.*shape \(5,\)"):
        for _ in range(100):
            env.step(np.full(12, 3.0))
    env.close()


@pytest.mark.parametrize("gives", [None, np.nan, np.zeros(2)])
def test_a_reward_that_gives_no_number_is_named_when_the_env_is_made(gives: Any) -> None:
    @reward
    def mine(ctx: StepContext) -> Any:
        return gives

    with pytest.raises(InputError, match="reward term 'mine': gives"):
        HumanoidEnv(reward_weights={"alive": 1.0, "mine": 1.0})


def test_a_termination_that_tells_something_else_later_is_named_then() -> None:
    @termination
    def mine(ctx: StepContext) -> Any:
        return "yes" if ctx.step == 3 else False

    try:
        env = HumanoidEnv(terminations={"mine": {}})
        env.reset(seed=0)
        with pytest.raises(InputError, match="termination 'mine' at control step 3: gives 'yes', not True or False"):
            for _ in range(4):
                env.step(np.zeros(12))
        env.close()
    finally:
        TERMINATIONS.unregister("mine")


def test_a_termination_that_tells_nothing_is_named_when_the_env_is_made() -> None:
    @termination
    def mine(ctx: StepContext) -> Any:
        return None

    try:
        with pytest.raises(InputError, match="termination 'mine': gives None, not True or False"):
            HumanoidEnv(terminations={"fall": {}, "mine": {}})
    finally:
        TERMINATIONS.unregister("mine")


def test_a_reward_that_becomes_nan_is_named_in_its_step() -> None:
    @reward
    def mine(ctx: StepContext, after: float = 0.1) -> float:
        return float("nan") if ctx.state.time > after else 1.0

    env = HumanoidEnv(reward_weights={"alive": 1.0, "mine": 1.0}, reward_params={"mine": {"after": 0.05}})
    env.reset(seed=0)
    env.step(np.zeros(12))
    env.step(np.zeros(12))
    with pytest.raises(InputError, match="'mine' at control step 3: gives nan, not a finite"):
        env.step(np.zeros(12))
    env.close()


def test_the_same_module_may_register_again_and_another_may_not() -> None:
    def cell(value: float) -> Callable[[StepContext], float]:
        @reward
        def mine(ctx: StepContext) -> float:
            return value

        return mine

    cell(1.0)
    again = cell(2.0)
    assert REWARDS["mine"] is again
    source = "from simonsays.envs.rewards import reward\n@reward\ndef mine(ctx):\n    return 0.0\n"
    with pytest.raises(InputError, match="'mine': registered by both"):
        exec(source, {"__name__": "another_package"})
    with pytest.raises(TypeError, match="'lost' needs a default"):

        @reward
        def bare(ctx: StepContext, lost: float) -> float:
            return lost
