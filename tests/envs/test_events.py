"""Events: their parameters, their short forms, one of one's own, and the table of what an env draws and rewards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from simonsays.agents.recipes.recipe import load_recipe
from simonsays.assets import InputError
from simonsays.envs import env_class
from simonsays.envs.config import make_config
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.event_settings import short_forms
from simonsays.envs.events import DEFAULT_EVENTS, EVENTS, Event, Push, register_event, when
from simonsays.envs.goals.goto import GoToEnv
from simonsays.envs.instruction.env import InstructionEnv
from simonsays.envs.stage import Stage
from simonsays.testing.envs import one_each

SHORT = {
    "push_speed": 0.3,
    "push_seconds": 0.4,
    "payload": (-1.0, 2.0),
    "latency": 0.5,
    "latency_steps": (1, 2),
    "arm_motion": 0.7,
    "initial_velocity": True,
    "slope_deg": (0.0, 4.0),
    "joint_noise": 0.02,
}
TABLES: dict[str, dict[str, Any]] = {
    "push": {"speed": 0.3, "seconds": 0.4},
    "payload": {"mass": (-1.0, 2.0)},
    "latency": {"share": 0.5, "steps": (1, 2)},
    "arms": {"share": 0.7},
    "initial_velocity": {"on": True},
    "ground": {"slope_deg": (0.0, 4.0)},
    "joint_noise": {"deviation": 0.02},
}


@pytest.fixture
def gust() -> Iterator[type[Event]]:
    @register_event("gust")
    class Gust(Event):
        """Wind from behind in every step."""

        speed: float = 0.0

        def on_step(self, now: Stage) -> None:
            now.memory["gusts"] = now.memory.get("gusts", 0) + 1
            now.robot.push_velocity(self.speed * now.dt, 0.0)

    yield Gust
    EVENTS.unregister("gust")


def rollout(env: HumanoidEnv) -> np.ndarray:
    rng, seen = np.random.default_rng(0), []
    for seed in range(3):
        seen.append(env.reset(seed=seed)[0])
        for _ in range(40):
            seen.append(env.step(rng.normal(0, 0.2, 12))[0])
    env.close()
    return np.array(seen)


def test_short_forms_and_tables_mean_the_same_and_draw_the_same() -> None:
    assert make_config("here", SHORT) == make_config("here", {"events": TABLES})
    common = {"command_seconds": (0.2, 0.4)}
    np.testing.assert_array_equal(
        rollout(HumanoidEnv(**SHORT, **common)), rollout(HumanoidEnv(events=TABLES, **common))
    )


def test_every_event_of_the_house_is_listed_once_and_draws_in_that_order() -> None:
    ours = [name for name in EVENTS if EVENTS.origin(name) == "simonsays"]
    assert sorted(event.name for event in DEFAULT_EVENTS) == ours
    assert list(make_config("here", {}).events) == [event.name for event in DEFAULT_EVENTS]
    assert len(short_forms()) == 13 and not set(short_forms()) & set(type(make_config("here", {})).model_fields)
    assert (when(EVENTS["push"]), when(EVENTS["friction"]), when(EVENTS["arms"])) == ("step", "reset", "command, step")


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"push_speed": -1.0}, "here: push_speed: "),
        ({"events": {"push": {"speed": -1.0}}}, "here: events.push.speed: "),
        ({"events": {"push": {"sped": 1.0}}}, "unknown key 'events.push.sped'; did you mean 'speed'"),
        ({"events": {"pusch": {}}}, "did you mean 'push'"),
        ({"events": {"push": 3}}, "events: needs a table"),
        ({"events": ["push"]}, "events: needs a table"),
        ({"push_speed": 0.1, "events": {"push": {"speed": 0.2}}}, "push_speed is short for events.push.speed"),
        ({"latency_steps": (3, 1)}, "latency_steps: .*fewest 3"),
        ({"reward_params": {"track_velocity": {"widht": 1.0}}}, "did you mean 'width'"),
        ({"reward_params": {"track_velocity": {"width": 0.0}}}, "reward_params: track_velocity.width"),
        ({"reward_params": {"track_velocty": {}}}, "did you mean 'track_velocity'"),
        ({"terminations": {"fal": {}}}, "did you mean 'fall'"),
        ({"terminations": {"fall": {"lowest": "low"}}}, "terminations: fall.lowest"),
    ],
)
def test_wrong_terms_are_named(settings: dict[str, Any], word: str) -> None:
    with pytest.raises(InputError, match=word):
        make_config("here", settings)


def test_what_a_table_does_not_name_stays_as_it_was() -> None:
    env = HumanoidEnv(events={"push": {"speed": 0.3, "seconds": 2.0}}, payload=(0.0, 1.0))
    env.reconfigure(events={"push": {"speed": 0.5}})
    env.reconfigure(latency=0.25)
    push, payload, latency = (env.config.events[name] for name in ("push", "payload", "latency"))
    assert push == Push(speed=0.5, seconds=2.0) and payload.mass == (0.0, 1.0) and latency.share == 0.25
    env.close()


def test_an_event_of_ones_own_happens_and_is_listed(gust: type[Event]) -> None:
    env = HumanoidEnv(events={"gust": {"speed": 2.0}}, friction=None, joint_noise=0.0)
    speeds, gusts = [], []
    for speed in (2.0, 0.0):
        env.reconfigure(events={"gust": {"speed": speed}})
        env.reset(seed=0, options={"command": (0.0, 0.0, 0.0)})
        for _ in range(10):
            env.step(np.zeros(12))
        speeds.append(env.state.base_linear_velocity[0])
        gusts.append(env.stage.memory.get("gusts", 0))
    assert gusts == [10, 0] and speeds[0] > speeds[1] + 0.1
    env.close()


def test_tasks_above_a_walker_have_the_events_too() -> None:
    env = GoToEnv(events={"payload": {"mass": (1.0, 1.0)}})
    env.reset(seed=0)
    assert env.stage.payload == 1.0 and env.walker.config.events["friction"].range is None
    env.reconfigure(payload=(2.0, 2.0))
    env.reset(seed=0)
    assert env.stage.payload == 2.0
    told = InstructionEnv.make_config("here", {})
    assert told.events["friction"].range == (0.6, 1.25)
    env.close()


@pytest.mark.parametrize("name", one_each())
def test_every_env_tells_its_terms(name: str) -> None:
    import gymnasium

    env: Any = gymnasium.make(f"simonsays.envs:{name}", disable_env_checker=True, push_speed=0.2).unwrapped
    terms = env.terms()
    assert {"event", "reward", "observation"} <= set(terms)
    about = (Push.__doc__ or "").partition("\n")[0]
    assert terms["event"]["push"] == {"when": "step", "speed": 0.2, "seconds": 4.0, "about": about}
    widths = sum(part["width"] for part in terms["observation"].values())
    space = env.observation_space
    assert widths == (sum(part.shape[0] for part in space.values()) if hasattr(space, "values") else space.shape[0])
    env.close()


def test_parameters_of_terms_change_what_they_give() -> None:
    def first(**settings: Any) -> Any:
        env = HumanoidEnv(friction=None, joint_noise=0.0, reward_weights={"track_velocity": 1.0}, **settings)
        env.reset(seed=0, options={"command": (0.3, 0.0, 0.0)})
        result = env.step(np.zeros(12))
        env.close()
        return result

    plain, narrow = first()[1], first(reward_params={"track_velocity": {"width": 1e-5}})[1]
    assert narrow < 0.2 < plain < 0.25
    assert not first()[2] and first(terminations={"fall": {"lowest": 1.0}})[2]
    rewards = HumanoidEnv(reward_params={"alive": {}, "track_velocity": {"width": 2}}).terms()["reward"]
    assert rewards["track_velocity"]["width"] == 2.0 and rewards["track_velocity"]["weight"] == 0.5
    assert set(rewards["alive"]) == {"weight", "about"}


def test_a_recipe_and_its_search_reach_every_parameter() -> None:
    recipe = load_recipe(
        "walk",
        [
            "env.events.arms.share=0.5",
            "stages.tracking.env.events.payload.mass=[-1.0, 1.0]",
            "env.reward_params.track_mean_velocity.width=0.1",
            'search={"env.reward_params.track_mean_velocity.width" = {low = 0.01, high = 0.2}, '
            '"env.events.arms.share" = {low = 0.0, high = 1.0}}',
        ],
    )
    assert recipe.env["events"] == {"arms": {"share": 0.5}} and recipe.env["push_speed"] == 0.35
    config = env_class(recipe.env_id).make_config("here", {**recipe.env, **recipe.stages[1].env})
    assert config.events["arms"].share == 0.5 and config.events["payload"].mass == (-1.0, 1.0)
    with pytest.raises(InputError, match="push_speed is short for"):
        load_recipe("walk", ["env.events.push.speed=0.5"])
    with pytest.raises(InputError, match="did you mean 'share'"):
        load_recipe("walk", ["env.events.arms.shard=0.5"])


@pytest.mark.parametrize("going", [False, True])
def test_an_episode_begins_only_as_fast_as_the_robot_is(going: bool) -> None:
    env = HumanoidEnv(initial_velocity=going)
    strides, speeds = 0, []
    for seed in range(30):
        env.reset(seed=seed, options={"command": (1.0, 0.0, 0.2)})
        ahead, _, around = env.legs.follows
        speeds.append(ahead)
        strides += env.legs.reference.running
        assert env.reading.heading_velocity[0] == pytest.approx(ahead, abs=1e-6)
        assert env.reading.heading_velocity[2] == pytest.approx(around, abs=1e-6)
    env.close()
    assert 5 < strides < 30  # others begin standing
    assert (max(speeds) > 0.5) == going


@pytest.mark.parametrize("robot", ["g1", "h1"])
def test_a_load_in_a_hand_is_felt_where_the_hand_weighs_nothing(robot: str) -> None:
    env = HumanoidEnv(robot, events={"hands": {"mass": (0.5, 0.5)}})
    env.reset(seed=0)
    body, tree = env.stage.robot.physics, env.stage.robot.tree
    assert body.masses().sum() == pytest.approx(tree.mass.sum() + 1.0)
    for hand in env.spec_robot.hands:
        bearer = tree.bearer(hand)
        assert body.masses()[tree.place[bearer]] == pytest.approx(tree.mass[tree.place[bearer]] + 0.5)
        assert (bearer == hand) == (robot == "g1")
    env.close()
