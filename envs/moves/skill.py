"""What a skill is, how a step of it is made ready to run, and which skills there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from simonsays.assets import InputError
from simonsays.assets.notes import dataclass
from simonsays.assets.registry import Registry
from simonsays.envs.language.errors import Refusal
from simonsays.envs.language.instruction import Instruction, ObjectRef, Step
from simonsays.envs.language.known import register_verb
from simonsays.envs.language.render import render_object
from simonsays.envs.language.vocabulary import VerbWords, verbs
from simonsays.envs.moves.behavior import Behavior
from simonsays.envs.moves.steering import Point
from simonsays.sim.specs import PropSpec, RobotSpec

GoalKind = Literal["line", "heading", "object"]
Touching = Literal["hands", "head", "torso"]
LONGEST_HOLD, MOST_TIMES = 120.0, 50  # s, and of what arms, waist and head do


class GroundingError(Refusal):
    """An instruction that makes sense, but not for this scene or this robot."""


@dataclass(frozen=True, kw_only=True)
class Objects:
    """What the objects of a step mean in a scene."""

    target: PropSpec | None = None
    """the prop that its object means"""
    goal: Point | None = None
    """the place (x, y) m, world, that its object means"""
    target2: PropSpec | None = None
    """the prop that its second object means"""
    goal2: Point | None = None
    """the place (x, y) m, world, that its second object means"""
    marks: tuple[PropSpec, ...] = ()
    """the things that the place of its object is told by, two where it lies between them"""


@dataclass(frozen=True)
class GroundedStep(Objects):
    """A step that is ready to run: its caption, its time limit (s) and what makes its behavior."""

    verb: str
    text: str
    time_limit: float
    start: Callable[[], Behavior]
    success: str = ""
    """how it is judged, in words"""
    legs: bool | None = None
    """it moves the base, so that no other such step can be done at the same time; None: as its skill says"""
    stays: bool = False
    """it does not mind how high the base is: no need to stand up for it"""
    rises: bool = False
    """it may begin lying on the ground; while it does its behavior's ``lies`` is true"""
    tracks: bool = False
    """it goes along with whoever watches: its goal is where they are now"""
    arms: tuple[str, ...] = ()
    """sides of the arms that it moves"""
    parallel_with_prev: bool = False
    said: Step | None = None
    """the step of an instruction that it was made from"""
    source: int = 0
    """place, in the plan's instruction, of the step that it is a part of"""
    meant: Step | None = None
    """the same with the amount that it takes where none was said; None: as it was said"""


@dataclass(frozen=True)
class Part:
    """A part of a step that is made of others: what is to be done, and what it is called in messages."""

    instruction: Instruction
    where: str
    text: str = ""
    """of what is waited for before it"""
    wait: Callable[[], Behavior] | None = None
    """what is waited for before it"""
    patience: float = 0.0
    """s, at most, that it waits"""


@dataclass(frozen=True)
class Surroundings(Objects):
    """What a skill is grounded in, and what the step's objects mean there."""

    robot: RobotSpec
    props: tuple[PropSpec, ...]
    parallel: bool = False
    """another step is done at the same time"""
    robot_position: Point = (0.0, 0.0)
    """where the robot starts, (x, y) m, world"""
    legs_taken: bool = False
    """another step that is done at the same time moves the base"""
    busy_arms: frozenset[str] = frozenset()
    """sides of the arms that are moved by others at the same time"""

    @property
    def by_name(self) -> dict[str, PropSpec]:
        """The props by name."""
        return {prop.name: prop for prop in self.props}

    def arms(self, step: Step, usual: str = "right") -> tuple[str, ...]:
        """Sides of the arms that a step moves: those that it says, else the usual one or the one that is free.

        Raises:
            GroundingError: something else that is done at the same time takes that arm.
        """
        sides: tuple[str, ...] = ("left", "right") if step.side == "both" else (step.side or usual,)
        if step.side is None and usual in self.busy_arms:
            sides = tuple({"left", "right"} - self.busy_arms) or sides
        if self.busy_arms.intersection(sides):
            arm = sides[0] if len(sides) == 1 else "other"
            message = f"two things at the same time take the {arm} arm: {step.verb.replace('_', ' ')!r} is one of them"
            raise GroundingError(message, "contradiction")
        return sides


@dataclass(frozen=True)
class Skill:
    """One skill: its verb, an example sentence, the joints that it needs, and how a step of it is grounded.

    ``ground(step, surroundings)`` raises GroundingError for an impossible step. It gives a step that is ready to run,
    or the parts that a step is made of, which are grounded in their turn.
    """

    verb: str
    """of the Instruction contract, or a new one, which needs ``words``"""
    example: str
    ground: Callable[[Step, Surroundings], GroundedStep | Sequence[Part]]
    joints: tuple[str, ...] = ()
    """that it needs, by what they do: ``arms``, ``waist_yaw``, ``waist_pitch``, ``neck_pitch``; or by their names"""
    takes: tuple[str, ...] | None = None
    """the slots that it can do; None: all that its verb takes. A count that it does not take repeats it."""
    legs: bool = True
    """it moves or stills the base; False for what only arms do, which goes with any other"""
    stays: bool = False
    """it can be done crouching: no need to stand up for it; so can all that has no legs"""

    motions: tuple[str, ...] = ()
    """motions beside the gait that the robot must have a policy for"""
    words: VerbWords | Mapping[str, str] | None = None
    """words of its own, by language, as {"en": "salute|give a salute", "zh": "敬礼"}; None: those of the locales"""
    goal: GoalKind | None = None
    """what it comes to, so that what is left can be told meanwhile: the end of a straight "line", a "heading", its
    "object" or place; None: nothing like that"""
    straight: tuple[float, float] | None = None
    """m where no amount is said, and m/s where a time is, of one that goes straight: what a scene must leave free"""
    walks_up: bool = False
    """it begins by walking up to its object"""
    faces: bool = False
    """to face its object is all that is asked of the base: nothing, where it does so already"""
    moves: Literal["away", "along"] | None = None
    """what it does to its object: sends it "away", nobody knows where exactly, or takes it "along" to its mark"""
    touching: tuple[Touching, ...] = ()
    """parts of the body that it means to touch each other: no other may, in any skill"""
    at_rest: bool = False
    """a robot that stands and does nothing does it"""
    raises: bool = False
    """it raises a robot that lies on the ground: what is done after a fall, where a plan recovers"""
    looks_like: str | None = None
    """another verb that may look the same to who sees it alone"""
    cameras: tuple[str, ...] = ("follow",)
    """names of the cameras that show it well, by turns where it is done again"""

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots that it can do."""
        return verbs()[self.verb].slots if self.takes is None else self.takes


SKILLS: Registry[Skill] = Registry("skill", "simonsays.envs.skills")


def register_skill(skill: Skill) -> Skill:
    """Make a skill and its words known.

    Raises:
        InputError: another module has registered a skill for its verb, a word is another verb's, or there is none.
    """
    SKILLS.register(skill.verb, skill)
    try:
        register_verb(skill.verb, skill.words, skill.takes or ())
    except InputError:
        SKILLS.unregister(skill.verb)
        raise
    return skill


def skills() -> Mapping[str, Skill]:
    """All skills by verb: one module of envs/skills each, and those of plug-ins."""
    return SKILLS


def at_once(steps: Sequence[Step | GroundedStep], place: int) -> range:
    """Places of the steps that are done at the same time as the one at a place, itself among them."""
    first, end = place, place + 1
    while steps[first].parallel_with_prev and first:
        first -= 1
    while end < len(steps) and steps[end].parallel_with_prev:
        end += 1
    return range(first, end)


def goal_of(step: Step) -> GoalKind | None:
    """What a step comes to (see :attr:`Skill.goal`); None too where no skill does it, or it goes another way."""
    skill = skills().get(step.verb)
    return None if skill is None or step.path is not None or step.in_place else skill.goal


def said_seconds(step: Step, usual: Mapping[str, float]) -> float:
    """s that a motion of arms, waist or head takes, out of those for slow, normal and fast.

    Raises:
        GroundingError: its speed was said in m/s.
    """
    if isinstance(step.speed, float | int):
        raise GroundingError(f"{step.verb.replace('_', ' ')!r}: its speed can be slow, normal or fast, not m/s")
    return usual[step.speed or "normal"]


def held_seconds(step: Step, usual: float) -> float:
    """s that something is held: what was said, or as usual.

    Raises:
        GroundingError: it is too long.
    """
    seconds = step.duration_s or usual
    if seconds > LONGEST_HOLD:
        message = f"{step.verb.replace('_', ' ')!r}: {seconds:g} s is too much; at most {LONGEST_HOLD:g} s"
        raise GroundingError(message, "impossible_amount")
    return seconds


def said_count(step: Step, period: float, usual: int = 1, least: int = 1) -> int:
    """How often something is done that takes ``period`` s: as was said, as fits in the said seconds, or as usual.

    Raises:
        GroundingError: it is too often or too long, or both were said.
    """
    if step.count is not None and step.duration_s is not None:
        raise GroundingError(f"{step.verb!r}: say how often or how long, not both", "contradiction")
    return checked_count(step, step.count or max(least, round(held_seconds(step, usual * period) / period)))


def checked_count(step: Step, count: int) -> int:
    """A count that is not too much.

    Raises:
        GroundingError: it is.
    """
    if count > MOST_TIMES:
        message = f"{step.verb.replace('_', ' ')!r}: {count} times is too much; at most {MOST_TIMES}"
        raise GroundingError(message, "impossible_amount")
    return count


def called(ref: ObjectRef | None, target: PropSpec | None) -> str:
    """What an object of a step is, for its caption: "the red ball", "behind the blue box"."""
    if target is not None:
        return target.called
    return "" if ref is None else render_object(ref)


def limbs(sides: tuple[str, ...], limb: str) -> str:
    """Like ``the left hand`` or ``both hands``: what a step moves, for its caption."""
    return f"both {limb}s" if len(sides) == 2 else f"the {sides[0]} {limb}"
