"""The main job: a sentence goes in, the simulated robot does it, a Recording comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from simonsays.assets import InputError
from simonsays.assets.defaults import DEFAULT_ROBOT
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.language import Analysis, Instruction, detect
from simonsays.envs.language.context import Context
from simonsays.envs.language.dialogue import hear
from simonsays.envs.moves.skill import GroundingError
from simonsays.envs.plan.acts import grounded
from simonsays.envs.plan.cast import Cast
from simonsays.envs.plan.execution import Execution, load_policies, recovery_plan
from simonsays.envs.plan.plan import Plan, PlanRunner, StepVerdict, captioned
from simonsays.envs.plan.talk import explained
from simonsays.envs.plan.together import Together
from simonsays.envs.policy.choice import chosen, own_policy
from simonsays.envs.policy.policy import Policy
from simonsays.envs.stage import CONTROL_HZ
from simonsays.sim.engines import DEFAULT as DEFAULT_ENGINE
from simonsays.sim.recorder import RecordingWriter
from simonsays.sim.recording import Recording
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import RobotSpec, SceneSpec, load_scene
from simonsays.sim.state import Array
from simonsays.sim.world import World

_STAND_AFTER, _ROLL_AFTER = 1.0, 6.0  # s of standing still after the plan, at most while a thing still rolls
_RESTS = 0.02  # m/s: what is slower lies still
DEFAULT_SCENE = "playground"

Watch = Callable[[float, PlanRunner | Together], None]


@dataclass(frozen=True)
class SayResult:
    """What came of an instruction."""

    recording: Recording
    plan: Plan
    verdicts: tuple[StepVerdict, ...]
    success: bool


def robots_of(scene: SceneSpec, robot: str | Path | None = None) -> tuple[RobotSpec, ...]:
    """The robots of a scene: those that it names, or the one that is said.

    Raises:
        InputError: there is no such robot.
    """
    return tuple(get_robot(start.robot or robot or DEFAULT_ROBOT) for start in scene.robots)


def understand(said: str | Instruction | Analysis, scene: SceneSpec, robot: str = DEFAULT_ROBOT) -> Plan:
    """Parse and ground a sentence, or ground what was read.

    Raises:
        ParseError: the sentence was not understood. GroundingError: it cannot be done here; in the language of the
            sentence, where that is known.
    """
    bodies = robots_of(scene, robot)
    if isinstance(said, Instruction):
        return grounded(said, scene, bodies)
    read = hear(said, Context(names=scene.names)) if isinstance(said, str) else said
    try:
        return grounded(read.instruction, scene, bodies)
    except GroundingError as error:
        raise explained(error, read, scene, bodies) from error


def run_instruction(
    text: str,
    *,
    instruction: Instruction | Analysis | None = None,
    scene: SceneSpec | str | Path = DEFAULT_SCENE,
    seed: int = 0,
    policy: str | Path | Policy | None = None,
    robot: str | None = None,
    engine: str = DEFAULT_ENGINE,
    recover: bool = False,
    begin: Callable[[Plan], None] | None = None,
    watch: Watch | None = None,
) -> SayResult:
    """Do what a sentence says and record it at the control rate.

    ``instruction`` is what the text means, where somebody else has read it. ``policy``: a bundle for the gait, or a
    Policy for every motion, by default the robot's own. ``robot``: a name or a file, by default the one that the policy
    is for. ``engine``: of the physics (docs/engines.md). ``recover``: where it falls it gets up and begins the step
    anew, which its verdict's ``falls`` count. Equal arguments give equal recordings, bit for bit. ``begin(plan)`` is
    called when nothing can be refused any more, ``watch(time, runner)`` after every control step.

    Raises:
        ParseError, GroundingError, InputError: bad text, scene, robot, policy or engine, or it cannot get up and is to
            recover; nothing has been simulated then.
    """
    spec = scene if isinstance(scene, SceneSpec) else load_scene(scene)
    if spec.others:
        if robot is not None or policy is not None:
            raise InputError(
                f"scene {spec.name!r} says which robots it has, and each walks by its own policy: leave "
                "robot and policy out"
            )
        if recover:
            raise InputError(
                f"scene {spec.name!r} has several robots, and one that falls ends the run: leave recover out"
            )
        return _run_together(text, instruction, spec, seed, engine, begin, watch)
    body, policy = chosen(robot, policy)
    plan = understand(instruction or text, spec, body.name)
    recovery = recovery_plan(spec, body) if recover else None
    env = HumanoidEnv(body, engine=engine, scene=spec, friction=None, episode_seconds=1e6)
    with closing(env):
        policies = load_policies(env, policy)
        runner = PlanRunner(plan)
        if begin is not None:
            begin(plan)
        writer = _run(env, policies, runner, seed, watch, recovery)
        meta = {**_meta(text, seed, policies["gait"], runner), "env": env.describe(env.legs.home.name)}
        return SayResult(writer.finish(meta), plan, tuple(runner.verdicts), runner.succeeded)


def _run_together(
    text: str,
    said: Instruction | Analysis | None,
    scene: SceneSpec,
    seed: int,
    engine: str,
    begin: Callable[[Plan], None] | None,
    watch: Watch | None,
) -> SayResult:
    """As :func:`run_instruction`, of a scene with several robots."""
    plan, specs = understand(said or text, scene), robots_of(scene)
    for spec in specs:
        own_policy(spec)
    with closing(Cast(specs, scene, engine=engine)) as cast:
        policies = {name: load_policies(env) for name, env in cast.envs.items()}
        if begin is not None:
            begin(plan)
        cast.reset(seed)
        run = Together(cast, policies, plan)
        writers = {name: RecordingWriter(cast.world, env.robot) for name, env in cast.envs.items()}
        for _ in _instants(cast.world, run):
            for name, each in run.executions.items():
                writers[name].append(each.env.reading, run.step_index)
            if not run.step():
                break
            for name, each in run.executions.items():
                if each.act is not None:
                    writers[name].act(each.act)
            if watch is not None:
                watch(run.time, run)
        made = []
        for name, env in cast.envs.items():
            told = _meta(text, seed, policies[name]["gait"], run)
            made.append(writers[name].finish({**told, "env": env.describe(env.legs.home.name)}))
        recording = replace(made[0], others=tuple(made[1:]))
        return SayResult(recording, plan, tuple(run.verdicts), run.succeeded)


def _run(
    env: HumanoidEnv,
    policies: Mapping[str, Policy],
    runner: PlanRunner,
    seed: int,
    watch: Watch | None,
    recovery: Plan | None,
) -> RecordingWriter:
    env.reset(seed=seed, options={"command": [0.0, 0.0, 0.0], "scene": env.world.scene})
    writer = RecordingWriter(env.world, env.robot)
    execution = Execution(env, policies, runner, recovery=recovery)
    for _ in _instants(env.world, execution):
        writer.append(env.reading, runner.step_index)
        if not execution.step():
            break
        assert execution.act is not None
        writer.act(execution.act)
        if watch is not None:
            watch(env.reading.time, runner)
    return writer


def _instants(world: World, run: Execution | Together) -> Iterator[None]:
    """Once a control step, until the plan is done, what it leaves stands, and nothing rolls, or for long enough."""
    places = world.prop_poses()[0]
    while run.done_at is None or run.time < run.done_at + _STAND_AFTER or _rolls(world, places):
        if run.done_at is not None and run.time >= run.done_at + _ROLL_AFTER:
            break
        places = world.prop_poses()[0]
        yield


def _rolls(world: World, before: Array) -> bool:
    """Whether a thing that is not carried along a path moves; ``before``: (P, 3) m, where things were a step ago."""
    free = [bool(prop.weight) for prop in world.scene.props]
    way = np.linalg.norm(world.prop_poses()[0] - before, axis=1)[free]
    return bool((way > _RESTS / CONTROL_HZ).any())


def _meta(text: str, seed: int, policy: Policy, runner: PlanRunner | Together) -> dict[str, Any]:
    read = runner.plan.instruction.to_json()
    return {
        "policy": policy.name,
        "instruction": text,
        "instruction_json": read,
        "notes": read.get("notes", []),
        "seed": seed,
        "verdict": "success" if runner.succeeded else "failure",
        "steps": captioned(runner.plan, runner.verdicts, detect(text)),
    }
