"""What several robots are told, made ready: a plan whose steps know whose they are, and the acts that it is done in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from simonsays.assets.notes import dataclass
from simonsays.envs.language.instruction import Instruction, Step
from simonsays.envs.moves.skill import GroundedStep, GroundingError, at_once
from simonsays.envs.plan.plan import Plan, ground
from simonsays.sim.specs import RobotSpec, SceneSpec
from simonsays.sim.stand_in import seen_by


@dataclass(frozen=True)
class Act:
    """Steps of a plan that one robot does, one after the other or together."""

    robot: str
    places: range
    """of its steps in the plan"""
    steps: tuple[GroundedStep, ...]


def ground_together(instruction: Instruction, scene: SceneSpec, specs: Sequence[RobotSpec]) -> Plan:
    """As :func:`~simonsays.envs.plan.plan.ground`, of a scene with several robots: each step by the robot it names.

    ``specs``: of the scene's robots, in its order. To each robot the others are things, and stand where the scene has
    them.

    Raises:
        GroundingError: as of ``ground``, and for a step that names no robot, or one that is not there.
    """
    names = [start.name for start in scene.robots]
    views = {name: seen_by(scene, place, specs) for place, name in enumerate(names)}
    bodies = dict(zip(names, specs, strict=True))
    steps: list[GroundedStep] = []
    busy: set[str | None] = set()
    for places in _turns(instruction.steps):
        said = [instruction.steps[place] for place in places]
        name, busy = _named(said[0], names), busy if said[0].parallel_with_prev else set()
        if name in busy:
            raise GroundingError(f"{name} is busy with something else at that time", "contradiction", said[0].span)
        busy = {*busy, name}
        first, *more = (replace(step, robot=None) for step in said)
        own = Instruction((replace(first, parallel_with_prev=False), *more))
        made = [_of(name, one, places) for one in ground(own, views[name], bodies[name]).steps]
        made[0] = replace(made[0], parallel_with_prev=first.parallel_with_prev)
        steps += made
    return Plan(instruction, tuple(steps))


def _of(name: str, step: GroundedStep, places: range) -> GroundedStep:
    """A step as that of a robot; ``places``: of the steps that it was grounded with, in the instruction."""
    said, meant = (each and replace(each, robot=name) for each in (step.said, step.meant))
    return replace(step, text=f"{name}: {step.text}", source=places[step.source], said=said, meant=meant)


def grounded(instruction: Instruction, scene: SceneSpec, specs: Sequence[RobotSpec]) -> Plan:
    """The plan of an instruction for the robots of a scene, be there one or several.

    Raises:
        GroundingError: as of :func:`ground_together`.
    """
    if scene.others:
        return ground_together(instruction, scene, specs)
    return ground(instruction, scene, specs[0])


def view_of(step: Step, scene: SceneSpec, specs: Sequence[RobotSpec]) -> SceneSpec:
    """The scene as the robot has it that a step is for; as it is where that is not one of several."""
    names = [start.name for start in scene.robots]
    return seen_by(scene, names.index(step.robot), specs) if scene.others and step.robot in names else scene


def _named(step: Step, names: Sequence[str]) -> str:
    if step.robot is None:
        listed = ", ".join(names)
        raise GroundingError(f"no robot is named: the robots here are {listed}", "ambiguous_object", step.span)
    if step.robot not in names:
        message = f"there is no robot {step.robot!r}: the robots here are {', '.join(names)}"
        raise GroundingError(message, "no_such_object", step.span, tuple(names))
    return step.robot


def _turns(steps: Sequence[Step]) -> list[range]:
    """Places of the steps that follow each other and are for the same robot."""
    begins = [i for i, step in enumerate(steps) if i == 0 or step.robot != steps[i - 1].robot]
    return [range(begin, end) for begin, end in zip(begins, [*begins[1:], len(steps)], strict=True)]


def acts(plan: Plan) -> list[list[Act]]:
    """What is done one after the other; acts of several robots that stand together are done at the same time."""
    owners = [plan.instruction.steps[step.source].robot or "" for step in plan.steps]
    made: list[list[Act]] = []
    begin = 0
    while begin < len(plan.steps):
        end = next((i for i in range(begin, len(owners)) if owners[i] != owners[begin]), len(owners))
        joins = plan.steps[begin].parallel_with_prev and bool(made)
        if joins:
            made[-1:] = _ready(made[-1])
            made[-1].append(_act(plan, owners[begin], range(begin, end)))
        else:
            made.append([_act(plan, owners[begin], range(begin, end))])
        begin = end
    return made


def _ready(group: list[Act]) -> list[list[Act]]:
    """The acts of before, with what another robot's begins beside by itself: the last steps of one that is alone."""
    last = group[-1]
    beside = at_once(last.steps, len(last.steps) - 1)
    if len(group) > 1 or beside.start == 0:
        return [group]
    cut = last.places.start + beside.start
    first = Act(last.robot, range(last.places.start, cut), last.steps[: beside.start])
    return [[first], [Act(last.robot, range(cut, last.places.stop), last.steps[beside.start :])]]


def _act(plan: Plan, robot: str, places: range) -> Act:
    steps = [plan.steps[place] for place in places]
    return Act(robot, places, (replace(steps[0], parallel_with_prev=False), *steps[1:]))


def part_of(plan: Plan, act: Act) -> Plan:
    """A plan of an act alone."""
    said = plan.instruction.steps
    return Plan(Instruction(tuple(said[step.source] for step in act.steps)), act.steps)
