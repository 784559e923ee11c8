"""kick: line up behind a thing and swing a leg at it, harder than a step."""

from __future__ import annotations

import math
from collections.abc import Mapping

from simonsays.assets.notes import dataclass
from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.aim import Aim, Way, check_mass, choose_way, gap_between, grounded_aim, said_way
from simonsays.envs.moves.approach import LineUp, Stance
from simonsays.envs.moves.behavior import Settled, SkillContext, SkillOutput
from simonsays.envs.moves.gates import Mouth, mouth
from simonsays.envs.moves.poses import BOTH
from simonsays.envs.moves.skill import GroundedStep, GroundingError, Skill, Surroundings, register_skill
from simonsays.envs.moves.steering import Point, clip, hold_heading, to_heading
from simonsays.sim.rotations import wrap_angle
from simonsays.sim.specs import PropSpec

ROLLS, SLIDES = 1.0, 0.1  # m, that a ball, or a thing without wheels, must go at least
FARTHEST = 2.5  # m, that a ball can be asked to go
TOLERANCE = math.radians(25)  # between where it should go and where it went
ANYWHERE = math.radians(60)  # the same, where nothing was said of where to
HEAVIEST = 3.0  # kg
_RUN_UP = 0.30  # m, of slow walking before the kick
_REACH = 0.29  # m, from the base to the thing's surface when the swing may begin
LANE = 0.14
"""m, from the base to the foot that kicks, sideways"""
_CREEP = 0.25  # m/s, of the run-up
_BEGIN = 0.12  # of a swing: later than this it is too late to kick with it
SWING_FROM = 0.45
"""of a swing: from here on the leg is thrown forward"""
_TRIES = 3
_WATCH = 6.0  # s, for the thing to come so far
_ROLLS_OUT = 5.0  # s, for the thing to have come as far as it does
_WALK = 0.5  # m/s
_OVER, _STEADY = 0.5, 1.5  # m, that a ball is to go behind the line of a goal; and at most in one kick, to be steady
_SPEEDS = {"slow": 0.85, "normal": 1.0, "fast": 1.2}
GENTLE, HARD = (0.1, 1.0), 2.0
"""m, that a ball which is kicked gently goes, at least and at most, and that one which is kicked hard does at least"""
_GENTLE_SWING, _HARD_SWING, _MOST_SWING = 0.04, 0.36, 0.4  # rad: with 0.48 it falls in a fifth to a half of its kicks


@dataclass(frozen=True)
class KickPlan:
    """What is kicked where: the thing's name, the foot (None: the better one), m to go and the swing's size (rad)."""

    thing: str
    aim: Aim
    side: str | None
    distance: float
    swing: float
    props: Mapping[str, PropSpec]
    hips: Mapping[str, str]
    """the joint that swings the leg of a side"""
    surface: float
    """m, from the thing's centre to the surface that the foot meets"""
    most: float = math.inf
    """m, that it may go"""
    goal: Mouth | None = None
    """what it is to go through"""

    @property
    def tolerance(self) -> float:
        """rad, off its way: only away from the robot where nothing more was said."""
        return ANYWHERE if self.aim == Aim() else TOLERANCE

    @property
    def stand_off(self) -> float:
        """m, from the base to the thing's centre before the run-up."""
        return self.surface + _REACH + _RUN_UP


def swing_share(phase: float, side: str) -> float:
    """0 to 1 while a foot swings, 1 to 2 while it stands."""
    return 2.0 * ((phase - (0.0 if side == "left" else 0.5)) % 1.0)


class Kick:
    """Lines up, walks up slowly, kicks, and watches where the thing goes from where it lay before the swing."""

    def __init__(self, plan: KickPlan) -> None:
        self._plan = plan
        self._way: Way | None = None
        self._stage = self._line_up
        self._side = plan.side or "right"
        self._tries = 0
        self._scored = False
        self._seen: Point | None = None

    def update(self, ctx: SkillContext) -> SkillOutput:
        if self._way is None:
            plan = self._plan
            way = choose_way(ctx, plan.thing, plan.aim, plan.distance, plan.stand_off, plan.props)
            if isinstance(way, str):
                return SkillOutput(status="failure", reason=f"the {way} is in the way")
            self._way, self._walk = way, LineUp(_WALK, plan.props)
            if plan.side is None:
                self._side = "right" if way.measure(ctx.position)[1] >= 0.0 else "left"  # its lane need not be crossed
        return self._stage(ctx, self._way)

    def _lane(self) -> float:
        """m, to the left: the base beside the way, so that the foot is on it."""
        return -LANE if self._side == "left" else LANE

    def _place(self, ctx: SkillContext) -> Point:
        return ctx.place_of(self._plan.thing)

    def _line_up(self, ctx: SkillContext, way: Way) -> SkillOutput:
        if math.dist(self._place(ctx), way.start) > 0.05:
            self._way = None  # something moved it: begin anew from where it is
            return SkillOutput()
        x, y = way.point(-self._plan.stand_off)
        left = self._lane()
        stance = Stance((x - left * math.sin(way.yaw), y + left * math.cos(way.yaw)), way.yaw)
        output = self._walk.update(ctx, stance)
        if output.status != "success":
            return output
        self._stage = self._run_up
        return SkillOutput()

    def _run_up(self, ctx: SkillContext, way: Way) -> SkillOutput:
        if math.dist(self._place(ctx), way.start) > 0.05:
            self._way, self._stage = None, self._line_up
            return SkillOutput()
        here = ctx.position
        along, left = way.measure(here)
        gap = -along - self._plan.surface
        if gap < _REACH and ctx.stepping and swing_share(ctx.phase, self._side) < _BEGIN:
            self._struck, self._stage = ctx.time, self._swing
            self._origin = self._seen = self._place(ctx)
            return self._swing(ctx, way)
        if gap < 0.1:  # past it
            self._stage = self._line_up
            return SkillOutput()
        ahead, sideways = to_heading((0.0, clip(0.8 * (self._lane() - left), 0.15)), ctx.state.yaw - way.yaw)
        return SkillOutput((_CREEP + ahead, sideways, hold_heading(ctx.state.yaw, way.yaw)))

    def _swing(self, ctx: SkillContext, way: Way) -> SkillOutput:
        share = swing_share(ctx.phase, self._side)
        if share >= 1.0 or ctx.time - self._struck > 0.5:
            self._stage, self._resting = self._watch, Settled()
            self._still = False
            return SkillOutput()
        offsets = {self._plan.hips[self._side]: -self._plan.swing} if share >= SWING_FROM else {}
        return SkillOutput((_CREEP, 0.0, hold_heading(ctx.state.yaw, way.yaw)), leg_offsets=offsets)

    def _watch(self, ctx: SkillContext, way: Way) -> SkillOutput:
        """Success once it went far enough the right way, or through its goal, and the robot stands."""
        self._still = self._still or self._resting.update(ctx)
        if self._plan.goal is not None:
            return self._score(ctx, self._plan.goal)
        went, angle = self.measure(ctx, way)
        touched = self._touches_goal(ctx)
        if went > self._plan.most:
            return SkillOutput(status="failure", reason=f"it went {went:.2f} m, not {self._plan.most:g} m or less")
        gone = ctx.time - self._struck > _ROLLS_OUT or self._plan.most == math.inf
        if self._still and gone and (went >= self._plan.distance or touched):
            if abs(angle) <= self._plan.tolerance:
                return SkillOutput(status="success")
            reason = f"it went {math.degrees(abs(angle)):.0f}° to the {'left' if angle > 0 else 'right'} of its way"
            return SkillOutput(status="failure", reason=reason)
        if ctx.time - self._struck > _WATCH:
            return self._again(went)
        return SkillOutput()

    def _score(self, ctx: SkillContext, goal: Mouth) -> SkillOutput:
        """Success once the ball has gone through its goal; where it fell short of it, it is kicked on."""
        before, self._seen = self._seen or self._origin, self._place(ctx)
        self._scored = self._scored or goal.crossed(before, self._seen)
        if self._scored:
            return SkillOutput(status="success") if self._still else SkillOutput()
        if goal.side(self._origin) * goal.side(self._seen) < 0.0:
            return SkillOutput(status="failure", reason="it went past the goal")
        if ctx.time - self._struck > _WATCH:
            return self._again(self.measure(ctx, self._way or Way(self._origin, 0.0))[0])
        return SkillOutput()

    def measure(self, ctx: SkillContext, way: Way) -> tuple[float, float]:
        """How far (m) the thing is from where it lay before the swing, and the angle (rad) off its way."""
        place, origin = self._place(ctx), self._origin
        dx, dy = place[0] - origin[0], place[1] - origin[1]
        return math.hypot(dx, dy), wrap_angle(math.atan2(dy, dx) - way.yaw)

    def _touches_goal(self, ctx: SkillContext) -> bool:
        towards, plan = self._plan.aim.towards, self._plan
        if not isinstance(towards, str) or math.dist(self._place(ctx), self._origin) < SLIDES:
            return False
        return gap_between(ctx, plan.props[plan.thing], plan.props[towards]) < 0.1

    def _again(self, went: float) -> SkillOutput:
        self._tries += 1
        if self._tries >= _TRIES and self._plan.goal is not None:
            return SkillOutput(status="failure", reason=f"it is not in the goal after {_TRIES} kicks")
        if self._tries >= _TRIES:
            reason = f"it went {went:.2f} m, not {self._plan.distance:g} m, at the last of {_TRIES} kicks"
            return SkillOutput(status="failure", reason=reason)
        self._way, self._stage = None, self._line_up
        return SkillOutput()


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    thing, aim = grounded_aim(step, surroundings)
    check_mass("kick", thing, HEAVIEST)
    if step.side == "both":
        raise GroundingError("'kick': one foot at a time: left or right", "impossible_amount")
    if isinstance(step.speed, float | int):
        raise GroundingError("'kick': say slow or fast, not metres per second")
    distance, size, most = _force(step, thing)
    goal = mouth(surroundings.target2) if surroundings.target2 is not None and thing.shape == "ball" else None
    if goal is not None:
        size, most = _to_score(step, thing, goal, size), math.inf
    hips, surface = dict(zip(BOTH, surroundings.robot.gait.hip_pitch, strict=True)), min(thing.extents[:2]) / 2
    plan = KickPlan(thing.name, aim, step.side, distance, size, surroundings.by_name, hips, surface, most, goal)
    travel = math.dist(thing.position[:2], surroundings.robot_position) + 6.0
    foot = f" with the {step.side} foot" if step.side else ""
    manner = {"gentle": " gently", "full": " hard"}.get(str(step.effort), "")
    text = f"kick the {thing.name}{said_way(aim, step.distance_m)}{foot}{manner}"
    no_more = f", and no more than {most:g} m," if most < math.inf else ""
    success = (
        f"it went {distance:g} m or more{no_more} from where it lay "
        f"before the swing, within {math.degrees(plan.tolerance):.0f}° of its way, and the robot stands"
    )
    if goal is not None:
        text = text.replace(" towards ", " into ", 1)
        success = f"it went through the goal, between its posts, in {_TRIES} kicks or fewer, and the robot stands"
    return GroundedStep("kick", text, 40.0 + _TRIES * (10.0 + 3.0 * travel / _WALK), lambda: Kick(plan), success)


def _force(step: Step, thing: PropSpec) -> tuple[float, float, float]:
    """How far a thing is to go at least (m), the size of the swing (rad), and how far it may go (m).

    Raises:
        GroundingError: it does not go so far; or the force is told twice.
    """
    rolls = thing.shape == "ball"
    least, farthest = (ROLLS, FARTHEST) if rolls else (SLIDES, SLIDES)
    distance = least if step.distance_m is None else step.distance_m
    if distance > farthest:
        hint = "" if rolls else "; push it instead"
        message = f"I cannot kick the {thing.name} {distance:g} m far: at most {farthest:g} m{hint}"
        raise GroundingError(message, "impossible_amount")
    if step.effort in (None, "normal"):
        return distance, _swing_size(distance if rolls else FARTHEST) * _SPEEDS[str(step.speed or "normal")], math.inf
    if step.distance_m is not None or step.speed is not None:
        raise GroundingError("'kick': say how hard, how far or how fast, not several of them", "contradiction")
    if not rolls:
        message = f"'kick': how hard can be told by what rolls alone; the {thing.name} slides"
        raise GroundingError(message, "unsupported_skill")
    return (GENTLE[0], _GENTLE_SWING, GENTLE[1]) if step.effort == "gentle" else (HARD, _HARD_SWING, math.inf)


def _to_score(step: Step, ball: PropSpec, goal: Mouth, size: float) -> float:
    """rad, the swing for a ball to get into a goal; as hard as was said, where that was.

    Raises:
        GroundingError: it is too far away, or already in it.
    """
    far = math.dist(goal.middle, ball.position[:2])
    if far > _TRIES * ROLLS:
        message = f"the goal is {far:.1f} m from the {ball.name}: at most {_TRIES * ROLLS:g} m"
        raise GroundingError(f"I cannot score: {message}", "impossible_amount")
    if abs(goal.side((ball.position[0], ball.position[1]))) < ball.radius and far < goal.width / 2:
        raise GroundingError(f"I cannot score: the {ball.name} lies in the goal already", "contradiction")
    return size if step.effort or step.speed else _swing_size(min(far + _OVER, _STEADY))


def _swing_size(distance: float) -> float:
    """rad, added to the hip for a ball to roll so far: 0.32 rad send it 1.5 to 2.9 m, 0.44 rad 2.2 to 3.8 m."""
    return min(_MOST_SWING, 0.32 + 0.12 * max(0.0, distance - 1.2))


SKILL = register_skill(
    Skill(
        "kick",
        "kick the red ball",
        _ground,
        takes=("object", "side", "direction", "object2", "distance", "speed", "effort"),
        walks_up=True,
        moves="away",
        looks_like="push",
        cameras=("side",),
    )
)
