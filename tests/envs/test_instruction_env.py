"""The instruction environment: encoding, scenes, sentences, judge, and that only what is said leads to success."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simonsays.assets import InputError
from simonsays.envs.instruction.encoding import (
    ENCODED_VERBS,
    ENCODING_VERSION,
    GESTURES,
    PARTS,
    WIDTH,
    StepView,
    Target,
    encode,
)
from simonsays.envs.instruction.env import InstructionEnv
from simonsays.envs.instruction.odometry import STAND_OFF, Odometry, to_go
from simonsays.envs.instruction.sentences import draw_scene, gather, load_sentences, referred
from simonsays.envs.instruction.task import (
    DEAD_ZONE,
    DEFAULT_WEIGHTS,
    Transition,
    closeness,
    read_action,
    reward_terms,
)
from simonsays.envs.instruction.tracker import SuccessMonitor
from simonsays.envs.language import Instruction, ParseError, Step, parse
from simonsays.envs.language.instruction import DIRECTIONS, SIDES
from simonsays.envs.plan.grounding import find_object
from simonsays.envs.skills import GroundingError, skills
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import load_scene

ROBOT = get_robot("g1")
ACTIONS = 4 + len(GESTURES)

amounts = st.none() | st.floats(0.1, 50.0).map(lambda x: round(x, 1))
counts = st.none() | st.integers(1, 50)
numbers = st.floats(-1e6, 1e6)
steps = st.builds(
    Step,
    verb=st.sampled_from(ENCODED_VERBS),
    direction=st.none() | st.sampled_from(DIRECTIONS),
    angle_deg=st.none() | st.integers(1, 1080).map(float),
    distance_m=amounts,
    steps=counts,
    duration_s=amounts,
    count=counts,
    speed=st.none() | st.sampled_from(["slow", "normal", "fast"]),
    side=st.none() | st.sampled_from(SIDES),
)
targets = st.none() | st.builds(Target, numbers, numbers, st.floats(0, 10))
views = st.builds(
    StepView,
    step=steps,
    beside=st.none() | steps,
    steps_left=st.integers(0, 199),
    target=targets,
    target2=targets,
    walked=st.tuples(numbers, numbers),
    turned=numbers,
    touchdowns=st.integers(0, 10_000),
    time=st.floats(0, 1e5),
    time_limit=st.floats(1, 1e4),
    to_go=st.tuples(numbers, numbers, numbers),
)


@settings(deadline=None)
@given(views)
def test_encoding_is_finite_bounded_and_of_fixed_width(view: StepView) -> None:
    numbers = encode(view)
    assert len(numbers) == WIDTH == sum(len(part.numbers(view)) for part in PARTS)
    assert all(math.isfinite(number) and -1.0 <= number <= 1.0 for number in numbers)


@settings(deadline=None)
@given(steps, steps)
def test_other_meanings_have_other_encodings(first: Step, second: Step) -> None:
    same = np.array_equal(np.float32(encode(StepView(first))), np.float32(encode(StepView(second))))
    assert same == (first == second)


@settings(deadline=None)
@given(views)
def test_the_mirror_image_of_an_encoding_is_that_of_the_mirrored_step(view: StepView) -> None:
    swap = {"left": "right", "right": "left"}

    def mirrored(step: Step) -> Step:
        side, direction = (swap.get(str(value), value) for value in (step.side, step.direction))
        return replace(step, side=side, direction=direction)

    def across(target: Target | None) -> Target | None:
        return target and target._replace(left=-target.left)

    image = replace(
        view,
        step=mirrored(view.step),
        beside=view.beside and mirrored(view.beside),
        target=across(view.target),
        target2=across(view.target2),
        walked=(view.walked[0], -view.walked[1]),
        turned=-view.turned,
        to_go=(view.to_go[0], -view.to_go[1], -view.to_go[2]),
    )
    for part in PARTS:
        numbers = part.numbers(view)
        made = [sign * numbers[place] for place, sign in zip(part.places, part.signs, strict=True)]
        np.testing.assert_allclose(made, part.numbers(image), atol=1e-9, err_msg=part.name)


def test_version_1_keeps_its_numbers() -> None:
    """Bundles depend on them: a change here needs a new ENCODING_VERSION."""
    assert (ENCODING_VERSION, WIDTH, len(ENCODED_VERBS), len(DIRECTIONS), len(SIDES)) == (1, 103, 26, 5, 3)
    assert ENCODED_VERBS[:3] == ("walk", "run", "turn") and ENCODED_VERBS[-3:] == ("bow", "punch", "squat")
    assert " ".join(GESTURES) == "wave raise_arm lower_arm point reach punch push look nod bow"


def test_what_can_be_chosen_is_a_skill_that_has_a_number() -> None:
    """Skills that came after the encoding's version are not chosen."""
    assert set(GESTURES) <= set(ENCODED_VERBS) & set(skills())


@pytest.mark.parametrize(
    "text",
    [
        "go to the red ball",
        "go to the nearest box, then turn left and walk forward one metre",
        "go to the big ball and then to the small ball",
        "walk to the ball behind the blue cone",
        "turn to face the pillar on your left",
        "go to the red ball, then go to the blue ball and come back to where you started",
        "walk three metres",
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_drawn_scenes_have_what_is_said_and_no_overlap(text: str, seed: int) -> None:
    instruction = parse(text)
    scene = draw_scene(np.random.default_rng(seed), instruction, distractors=2)
    assert scene == draw_scene(np.random.default_rng(seed), instruction, distractors=2)
    SuccessMonitor(instruction, scene, ROBOT)  # grounds
    for ref in referred(instruction):
        find_object(ref, scene)
    for i, prop in enumerate(scene.props):
        assert math.dist(prop.position, scene.robot_position) - prop.radius > 0.8
        for other in scene.props[:i]:
            assert math.dist(prop.position, other.position) - prop.radius - other.radius > 0.5


def test_a_thing_that_there_is_no_prop_of_is_refused() -> None:
    with pytest.raises(GroundingError, match="chair"):
        draw_scene(np.random.default_rng(0), parse("go to the red chair"))


def test_shipped_sets_mean_what_the_parser_reads_and_do_not_overlap() -> None:
    sets = {name: load_sentences(name) for name in ("basic", "basic_held_out")}
    assert {"basic", "basic_held_out"} <= set(sets)
    for sentences in sets.values():
        assert len({sentence.text for sentence in sentences}) == len(sentences) > 90
        for sentence in sentences:
            assert parse(sentence.text) == sentence.instruction
            assert not sentence.trivial
        assert len(gather_all(sentences)) == len(sentences)
    train, held_out = sets["basic"], sets["basic_held_out"]
    meanings = {sentence.instruction for sentence in train}
    new = [sentence for sentence in held_out if sentence.instruction not in meanings]
    assert not {sentence.text for sentence in train} & {sentence.text for sentence in held_out}
    assert len(new) > 0.95 * len(held_out)


def gather_all(sentences: Any) -> Any:
    return gather(sentences, ROBOT, None, 200)


def test_sets_are_filtered_by_verbs_steps_and_skills(tmp_path: Path) -> None:
    file = tmp_path / "set.toml"
    said = ["turn left", "walk forward one metre, then turn right", "sit down", "stop", "wave"]
    file.write_text("".join(f'[[examples]]\ntext = "{text}"\n' for text in said))
    assert [each.text for each in gather(file, ROBOT, None, 9)] == ["turn left", said[1], "wave"]
    assert [each.text for each in gather(file, ROBOT, ("turn", "walk"), 9)] == ["turn left", said[1]]
    assert [each.text for each in gather(file, ROBOT, None, 1)] == ["turn left", "wave"]
    with pytest.raises(InputError, match=r"none of the 5 .*: they have other verbs, more than 9 steps"):
        gather(file, ROBOT, ("go_to",), 9)
    file.write_text('[[examples]]\ntext = "hop"\nexpect = {steps = [{verb = "dance"}]}\n')
    with pytest.raises(InputError, match=r"none of the 1 .*\n  'hop': 'dance' has no place in encoding 1.* 26 verbs"):
        gather(file, ROBOT, None, 9)
    with pytest.raises(GroundingError, match="sit"):
        gather(["turn left", "sit down"], ROBOT, None, 9)
    file.write_text('[[examples]]\ntext = "turn left"\n[[examples]]\ntext = "flumble"\n')
    with pytest.raises(InputError, match=r"set.toml \[\[examples\]\] 2"):
        gather(file, ROBOT, None, 9)


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: InstructionEnv.make_config("x", {"instruction": "basic"}), "instructions"),
        (lambda: InstructionEnv.make_config("x", {"reward_weights": {"aproach": 1.0}}), "approach"),
        (lambda: InstructionEnv.make_config("x", {"distractors": (3, 1)}), "distractors"),
        (lambda: InstructionEnv.make_config("x", {"control": "legs"}), "control"),
        (lambda: InstructionEnv(instructions="basics"), "basic"),
        (lambda: InstructionEnv(low_level="nobody"), "nobody"),
        (lambda: InstructionEnv(instructions=["turn left"]).reset(options={"command": [0, 0, 0]}), "option"),
        (lambda: InstructionEnv(instructions=["turn left"]).reset(options={"instruction": {"steps": []}}), "steps"),
        (lambda: InstructionEnv(instructions=["turn left"]).reconfigure(control="joints"), "control"),
    ],
)
def test_bad_settings_are_named(make: Any, word: str) -> None:
    with pytest.raises(InputError, match=word):
        make()


def test_actions_are_read_with_a_dead_zone() -> None:
    config = InstructionEnv.make_config("x", {})
    still = read_action([0.9 * DEAD_ZONE] * ACTIONS, config)
    assert still.velocity == (0.0, 0.0, 0.0) and still.depth == 0.0 and still.gesture is None
    full = read_action([1.0, -1.0, 1.0, -1.0, 0.5, 0.9, *[0.0] * (len(GESTURES) - 2)], config)
    assert full.velocity == (config.forward[1], config.sideways[0], config.yaw_rate[1])
    assert full.depth == 1.0 and full.gesture == GESTURES[1]
    assert read_action([-1.0, *[0.0] * (ACTIONS - 1)], config).velocity[0] == config.forward[0]


def test_reward_terms_have_the_sign_of_what_happened() -> None:
    calm = Transition((1.0, 0.0, 0.0), (1.0, 0.0, 0.0), 0.0, 0.0, 0, False, False, False, 0.2, 0.0, 0.0, None, None)
    assert set(reward_terms(calm)) == set(DEFAULT_WEIGHTS)
    assert {name for name, value in reward_terms(calm).items() if value} == {"time"}
    nearer = replace(calm, after=(0.5, 0.0, 0.0))
    assert reward_terms(nearer)["approach"] > 0.4
    back = replace(calm, before=nearer.after)
    assert reward_terms(nearer)["approach"] == pytest.approx(-reward_terms(back)["approach"])
    done = replace(calm, steps_done=1, success=True, after=(0.0, 0.0, 0.0))
    assert reward_terms(done)["approach"] == 0.0 and reward_terms(done)["step_done"] == 1.0
    assert reward_terms(replace(calm, gesture="wave"))["wrong_gesture"] > 0
    assert reward_terms(replace(calm, gesture="wave", wanted="wave"))["wrong_gesture"] == 0
    assert reward_terms(replace(calm, after=(0.0, 0.0, 0.0), speed=1.0))["restless"] > 0


@settings(deadline=None)
@given(st.floats(0, 5), st.floats(-3, 3), st.floats(0.05, 0.95))
def test_closeness_grows_on_the_way(metres: float, angle: float, share: float) -> None:
    here, nearer = closeness((metres, 0.0, angle)), closeness((share * metres, 0.0, share * angle))
    assert nearer >= here and here <= 1.0


@pytest.fixture(scope="module")
def env() -> Any:
    made = InstructionEnv(reset_mode="fast", friction=None)
    yield made
    made.close()


def episode(env: InstructionEnv, act: Any, **options: Any) -> tuple[dict[str, Any], float, bool]:
    env.reset(seed=1, options=options)
    total, ended = 0.0, False
    while not ended:
        observation, reward, terminated, truncated, info = env.step(act(env))
        assert env.observation_space.contains(observation)
        total, ended = total + reward, terminated or truncated
    return info, total, truncated


@pytest.mark.parametrize("text", [
    "turn left",
    "walk back half a metre, then wave your left hand once",
    "go to the red ball",
])  # fmt: skip
def test_what_is_said_succeeds_when_it_is_done(env: InstructionEnv, text: str) -> None:
    info, total, _ = episode(env, InstructionEnv.guide, instruction=text)
    assert info["is_success"] and info["instruction"] == text, info
    assert info["step"] == len(parse(text).steps) and total > 0.5


def test_an_arm_step_needs_its_gesture_and_goes_with_walking(env: InstructionEnv) -> None:
    def silent(env: InstructionEnv) -> np.ndarray:
        action = env.guide()
        action[4:] = 0.0
        return action

    def other(env: InstructionEnv) -> np.ndarray:
        action = env.guide()
        action[4:] = np.array(GESTURES) == "punch"
        return action

    text = "wave once while you walk forward one and a half metres"
    assert episode(env, InstructionEnv.guide, instruction=text)[0]["is_success"]
    for act in (silent, other):
        info, _, _ = episode(env, act, instruction="wave your right hand once")
        assert not info["is_success"] and info["step"] == 0


def test_a_gesture_that_is_let_go_starts_anew(env: InstructionEnv) -> None:
    env.reset(seed=1, options={"instruction": "wave your right hand once"})
    wave = np.zeros(ACTIONS)
    wave[4 + GESTURES.index("wave")] = 1.0
    for i in range(60):
        *_, terminated, _, info = env.step(wave if i % 12 else np.zeros(ACTIONS))
        assert not terminated and not info["is_success"]


def test_doing_nothing_or_something_else_fails(env: InstructionEnv) -> None:
    for text in ("turn right 60 degrees", "walk forward one metre"):
        info, total, truncated = episode(env, lambda _: np.zeros(ACTIONS), instruction=text)
        assert not info["is_success"] and total < 0 and (truncated or "timed out" in info["reason"])
    env.reset(seed=1, options={"instruction": "turn left"})

    def mirrored(env: InstructionEnv) -> np.ndarray:
        return env.guide() * np.array([1, -1, -1, *[1] * (ACTIONS - 3)])

    assert not episode(env, mirrored, instruction="turn left")[0]["is_success"]


def test_options_fix_instruction_and_scene(env: InstructionEnv) -> None:
    said = {"steps": [{"verb": "turn", "direction": "left"}]}
    _, info = env.reset(seed=0, options={"instruction": said, "scene": "playground"})
    assert info["instruction"] == "turn left" and env.world.scene.name == "playground"
    _, info = env.reset(seed=0, options={"scene": "playground"})
    assert "orange" not in info["instruction"] or "cone" in info["instruction"]
    with pytest.raises(ParseError):
        env.reset(options={"instruction": "flumble the wug"})
    with pytest.raises(GroundingError, match="purple"):
        env.reset(options={"instruction": "go to the purple ball", "scene": "playground"})


def test_fixed_instruction_is_an_instruction_too(env: InstructionEnv) -> None:
    instruction = Instruction((Step("turn", "right", angle_deg=45.0),))
    assert env.reset(seed=0, options={"instruction": instruction})[1]["instruction"] == "turn right 45 degrees"


def test_the_mirror_is_an_involution() -> None:
    mirror = InstructionEnv(instructions=["turn left"]).mirror
    assert mirror is not None
    for name in ("observation", "action"):
        place, sign = np.array(mirror[name], int), np.array(mirror[f"{name}_sign"])
        np.testing.assert_array_equal(place[place], np.arange(len(place)))
        np.testing.assert_array_equal(sign * sign[place], 1)
    assert len(mirror["observation"]) == InstructionEnv(instructions=["turn left"]).observation_space.shape[0]


def test_joints_are_controlled_at_fifty_hertz() -> None:
    env = InstructionEnv(control="joints", instructions=["wave your right hand once"])
    assert env.dt == pytest.approx(0.02) and env.mirror is None
    with pytest.raises(InputError, match="joints"):
        env.imagine(np.random.default_rng(0), 1)
    observation, _ = env.reset(seed=0)
    action = np.zeros(env.action_space.shape)
    upper = [env.robot.joint_names[i] for i in env.walker.layout.upper]
    action[12 + upper.index("right_elbow_joint")] = 1.0
    for _ in range(20):
        observation, *_ = env.step(action)
        assert env.observation_space.contains(observation)
    place = env.robot.joint_names.index("right_elbow_joint")
    assert env.state.joint_positions[place] > env.robot.default_positions[place] + 0.5


@pytest.mark.parametrize(("text", "wanted"), [
    ("walk forward two metres", (2.0, 0.0, 0.0)),
    ("walk left half a metre", (0.0, 0.5, 0.0)),
    ("walk", (1.0, 0.0, 0.0)),
    ("turn right 30 degrees", (0.0, 0.0, -math.radians(30))),
    ("turn around", (0.0, 0.0, math.pi)),
    ("wait three seconds", (0.0, 0.0, 0.0)),
])  # fmt: skip
def test_what_is_left_to_go_at_the_start(env: InstructionEnv, text: str, wanted: tuple[float, ...]) -> None:
    env.reset(seed=0, options={"instruction": text})
    step = parse(text).steps[0]
    assert to_go(step, None, Odometry.begin(env.walker.reading)) == pytest.approx(wanted, abs=1e-6)


def test_a_target_is_faced_from_where_going_to_it_ends(env: InstructionEnv) -> None:
    env.reset(seed=0, options={"instruction": "go to the red ball", "scene": "playground"})
    ball, step = load_scene("playground").props[0], parse("go to the red ball").steps[0]
    begun = Odometry.begin(env.walker.reading)
    distance = ball.radius + STAND_OFF
    assert to_go(step, Target(distance, 0.0, ball.radius), begun) == pytest.approx((0.0, 0.0, 0.0))
    assert f"{STAND_OFF:.2f} m from its surface" in env._tracker.monitor.runner.plan.steps[0].success


@pytest.mark.parametrize("seed", [0, 7])
def test_equal_seeds_draw_equal_episodes(seed: int) -> None:
    drawn = []
    for _ in range(2):
        env = InstructionEnv()
        observation, info = env.reset(seed=seed)
        drawn.append((info["instruction"], env.world.scene, observation.tobytes()))
        env.close()
    assert drawn[0] == drawn[1]


def test_imagined_moments_are_observations_with_what_the_guide_would_do(env: InstructionEnv) -> None:
    observations, actions = env.imagine(np.random.default_rng(0), 200)
    assert all(env.observation_space.contains(row) for row in observations)
    assert all(env.action_space.contains(row) for row in actions)
    again, _ = env.imagine(np.random.default_rng(0), 200)
    np.testing.assert_array_equal(observations, again)
    verb = observations[:, -WIDTH:][:, : len(ENCODED_VERBS)]
    waves = actions[:, 4 + GESTURES.index("wave")] > DEAD_ZONE
    assert waves.any() and not waves.all()
    assert (verb[waves].argmax(axis=1) == ENCODED_VERBS.index("wave")).all()


def test_another_instruction_can_be_told_than_is_judged(env: InstructionEnv) -> None:
    info, _, _ = episode(env, InstructionEnv.guide, instruction="turn left 90 degrees", told="turn right 45 degrees")
    assert not info["is_success"] and info["instruction"] == "turn left 90 degrees"
