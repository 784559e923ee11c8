"""The contract of a skill: what the language, plans, films and other skills rely on."""

from __future__ import annotations

import math

import numpy as np

from simonsays.envs.language import Instruction, ParseError, locales, parse, render
from simonsays.envs.language.vocabulary import verbs
from simonsays.envs.moves.behavior import SkillOutput
from simonsays.envs.moves.gestures.roles import lacks
from simonsays.envs.moves.skill import GroundingError, Skill, skills
from simonsays.envs.plan.plan import Plan, PlanRunner, ground
from simonsays.sim.pictures.cameras import CAMERAS
from simonsays.sim.specs import RobotSpec, SceneSpec, load_scene
from simonsays.testing._holding import accepted, holds
from simonsays.testing.stand_in import StandIn, supple


def check_skill(
    verb: str, *, scene: SceneSpec | str = "playground", robot: RobotSpec | None = None, seeds: int = 3
) -> None:
    """Check a skill by its verb, on a stand-in for the robot (``simonsays.testing.StandIn``) in a scene.

    It has words, and shares none with another skill. Its example means it, survives JSON, and is understood again as
    rendered in each language that has words for it. It can be grounded, and what it is grounded to has a caption, a
    test in words and a time limit. What it wants is finite and of joints that the robot has. It is not done at once,
    succeeds with each of ``seeds`` seeds, twice the same, and not where nothing moves (unless it is ``at_rest``).

    Args:
        robot: by default the G1 with a neck and a waist that pitches.

    Raises:
        AssertionError: something does not hold; the message says what.
    """
    known = skills()
    holds(verb in known, f"no skill {verb!r}: register_skill has not been called, or for another verb")
    skill, robot = known[verb], robot or supple()
    with accepted(f"skill {verb!r}"):
        world = load_scene(scene) if isinstance(scene, str) else scene
    _check_words(skill)
    _check_traits(skill, robot)
    instruction = _check_example(skill)
    try:
        plan = ground(instruction, world, robot)
    except GroundingError as error:
        raise AssertionError(f"skill {verb!r}: its example {skill.example!r} cannot be done: {error}") from error
    for step in plan.steps:
        holds(step.text and step.success, f"skill {verb!r}: GroundedStep needs a text and, for people, a success")
        limit = step.time_limit
        holds(0 < limit < math.inf, f"skill {verb!r}: time_limit = {limit}: must be finite s, over 0")
    for seed in range(seeds):
        runner = _run(skill, plan, world, robot, seed)
        reasons = [f"{verdict.status}: {verdict.reason}" for verdict in runner.verdicts]
        holds(runner.succeeded, f"skill {verb!r}, seed {seed}: the stand-in does not succeed: {reasons}")
        again = _run(skill, plan, world, robot, seed)
        same = [verdict.ended for verdict in again.verdicts] == [verdict.ended for verdict in runner.verdicts]
        holds(same, f"skill {verb!r}, seed {seed}: a second run differs: start() must make anew what runs")
    frozen = _run(skill, plan, world, robot, 0, frozen=True)
    told = f"skill {verb!r}: it succeeds though nothing moves: judge what is measured, or set at_rest"
    holds(skill.at_rest or not frozen.succeeded, told)


def _check_words(skill: Skill) -> None:
    told = any(locale.verb_phrases(verbs()[skill.verb]) for locale in locales().values())
    holds(told, f"skill {skill.verb!r}: no words; give it some: words={{'en': ..., 'zh': ...}}")


def _check_traits(skill: Skill, robot: RobotSpec) -> None:
    lacking = [joint for joint in skill.joints if lacks(robot, joint)]
    holds(not lacking, f"skill {skill.verb!r}, field joints: robot {robot.name!r} has no {', '.join(lacking)}")
    unknown = [name for name in skill.cameras if name not in CAMERAS]
    holds(not unknown, f"skill {skill.verb!r}, field cameras: no camera {', '.join(unknown)}")
    words = verbs()[skill.verb]
    slant = ("side",) if words.limb is None and "direction" in words.slots else ()  # "diagonally to the left"
    odd = [slot for slot in skill.slots if slot not in (*words.slots, *slant, "count", "duration")]
    holds(not odd, f"skill {skill.verb!r}, field takes: its words have no slot {', '.join(odd)}")


def _check_example(skill: Skill) -> Instruction:
    what = f"skill {skill.verb!r}: its example {skill.example!r}"
    try:
        instruction = parse(skill.example)
    except ParseError as error:
        raise AssertionError(f"{what} is not understood: {error}") from error
    said = [step.verb for step in instruction.steps]
    holds(said == [skill.verb], f"{what} means {said}")
    holds(Instruction.from_json(instruction.to_json()) == instruction, f"{what} does not survive JSON")
    for language, locale in locales().items():
        if locale.verb_phrases(verbs()[skill.verb]):
            with accepted(what):
                text = render(instruction, language)
            try:
                heard = parse(text, language)
            except ParseError as error:
                raise AssertionError(f"{what} is rendered as {text!r}, which is not understood: {error}") from error
            holds(heard == instruction, f"{what} is rendered as {text!r}, which means {render(heard)!r}")
    return instruction


def _run(skill: Skill, plan: Plan, scene: SceneSpec, robot: RobotSpec, seed: int, frozen: bool = False) -> PlanRunner:
    stand_in, runner = StandIn(scene, robot=robot, seed=seed, frozen=frozen), PlanRunner(plan)
    limit = 5.0 + 2 * sum(step.time_limit for step in plan.steps)
    while not runner.done:
        with accepted(f"{stand_in.time:.2f} s"):
            output = runner.update(stand_in.context())
        holds(stand_in.time > 0 or not runner.done, f"skill {skill.verb!r}: done at its first control step")
        _check_output(skill, output, stand_in)
        stand_in.apply(output)
        holds(stand_in.time < limit, f"skill {skill.verb!r}: still running after {limit:.0f} s")
    return runner


def _check_output(skill: Skill, output: SkillOutput, stand_in: StandIn) -> None:
    where = f"skill {skill.verb!r}, {stand_in.time:.2f} s: SkillOutput"
    holds(len(output.command) == 3 and np.isfinite(output.command).all(), f"{where}.command is {output.command}")
    for field in ("joint_targets", "leg_offsets"):
        for joint, angle in getattr(output, field).items():
            holds(joint in stand_in.joints, f"{where}.{field}: robot {stand_in.robot.name!r} has no joint {joint!r}")
            holds(math.isfinite(angle), f"{where}.{field}: {joint} is {angle}")
    holds(output.height is None or math.isfinite(output.height), f"{where}.height is {output.height}")
