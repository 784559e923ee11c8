"""push: walk round to the far side of where a thing must go, and walk it there along a straight line."""

from __future__ import annotations

import math
from collections.abc import Mapping

from simonsays.assets.notes import dataclass
from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.aim import Aim, Way, check_mass, choose_way, gap_between, grounded_aim, said_way
from simonsays.envs.moves.approach import LineUp, Stance
from simonsays.envs.moves.behavior import Settled, SkillContext, SkillOutput
from simonsays.envs.moves.gestures.limbs import Limb, held_by
from simonsays.envs.moves.gestures.roles import ARM
from simonsays.envs.moves.poses import BOTH
from simonsays.envs.moves.skill import GroundedStep, GroundingError, Skill, Surroundings, register_skill
from simonsays.envs.moves.steering import Command, Point, clip, hold_heading, seen_from, to_heading
from simonsays.envs.skills.things.kick import LANE, SWING_FROM, swing_share
from simonsays.sim.rotations import wrap_angle
from simonsays.sim.specs import PropSpec

DEFAULT_DISTANCE = 0.5  # m
FARTHEST = 5.0  # m
ALONG, ACROSS = 0.15, 0.2  # m, of where a thing that slides must come to rest
ROLL_ANGLE = math.radians(30)  # a ball rolls on: it must go so far at least, this near to its way
NEAR = 0.25  # m, of the place that it is pushed to
NEAR_ROLLING = 0.5  # m, for a ball, which rolls on
GAP = 0.1  # m, between the surfaces of the thing and of what it is pushed to; "near" more is good enough
HEAVIEST = 5.0  # kg
_STAND_OFF = 0.42  # m, from the thing's surface to the base before it begins
_SPEEDS = {"slow": 0.22, "normal": 0.28, "fast": 0.4}  # m/s
_EFFORTS: Mapping[str | None, str] = {"gentle": "slow", "full": "fast"}  # what is pushed hard goes fast
_ASTRAY = 0.15  # m, of the thing beside its way: from here on the robot stops and lines up anew
_LOST = 0.16  # m, sideways, of the thing before the robot: from here on it is lined up anew
_TOO_NEAR = (0.02, 0.0)  # m, from the thing's surface to the base: the legs are about to climb on it; narrow: beside it
_NARROW = 0.18  # m, half of the width of what one foot pushes, the other one going beside it
_REACH, _KEEP, _CREEP = 0.3, 0.14, 0.05  # m, from the base to its surface, where feet reach for it, and kept; m/s
_THRUST, _LEAST, _A_METRE = (1.25, 0.4), 0.15, 1.0  # rad of the hip: a m/s, at most; at the end, and a m before it
_BEFORE = 0.04  # m: it stops so early, the swinging foot pushes on
_BACK = 0.25  # m, of the step back between two pushes
_PUSHES, _PUSHES_A_METRE = 6, 4  # it lines up so often at most
_WALK = 0.5  # m/s
_REACHING = Limb((0.74, 0.24, -0.63), fore=(0.97, -0.14, 0.18))


@dataclass(frozen=True)
class PushPlan:
    """What is pushed where: the thing's name, m to go (None: up to what it is aimed at), m/s, and the arms."""

    thing: str
    aim: Aim
    distance: float | None
    speed: float
    rolls: bool
    props: Mapping[str, PropSpec]
    surface: float
    """m, from the thing's centre to its nearest side"""
    arms: Mapping[str, float]
    hips: Mapping[str, str]
    """the joint that swings the leg of a side"""

    @property
    def near(self) -> float:
        """m, of the mark that it is pushed to: good enough."""
        return NEAR_ROLLING if self.rolls else NEAR

    @property
    def narrow(self) -> bool:
        """It fits before one foot, which then pushes its middle, and the other one goes beside it: it does not turn."""
        return self.surface <= _NARROW

    @property
    def stand_off(self) -> float:
        """m, from the base to the thing's centre before the push."""
        return self.props[self.thing].radius + _STAND_OFF


class Push:
    """Pushes a thing along the line from where it was to its mark; lines up anew when it slips off to a side."""

    def __init__(self, plan: PushPlan) -> None:
        self._plan = plan
        self._line: Way | None = None
        self._way: Way | None = None
        self._stage = self._line_up
        self._pushes, self._walk = 0, LineUp(_WALK, plan.props)
        self._lane = 0.0

    def update(self, ctx: SkillContext) -> SkillOutput:
        if self._line is None:
            plan = self._plan
            way = choose_way(ctx, plan.thing, plan.aim, plan.distance or 0.0, plan.stand_off, plan.props)
            if isinstance(way, str):
                return SkillOutput(status="failure", reason=f"the {way} is in the way")
            self._line, self._length = way, self._length_of(ctx, way)
            if self._length <= 0.0:
                return SkillOutput(status="success")
        return self._stage(ctx, self._line)

    def _length_of(self, ctx: SkillContext, way: Way) -> float:
        """m to go: what was said, or up to the thing or the place that it is aimed at."""
        plan, towards = self._plan, self._plan.aim.towards
        if plan.distance is not None:
            return plan.distance
        if isinstance(towards, str):
            return gap_between(ctx, plan.props[plan.thing], plan.props[towards]) - GAP
        assert towards is not None
        return math.dist(way.start, towards)

    def _place(self, ctx: SkillContext) -> Point:
        return ctx.place_of(self._plan.thing)

    def _line_up(self, ctx: SkillContext, line: Way) -> SkillOutput:
        """Behind the thing as it is now, on the line from there to the mark."""
        if self._pushes and self._is_there(ctx, line):  # rolled on, say
            self._stage, self._resting = self._rest, Settled()
            return SkillOutput()
        place, mark = self._place(ctx), line.point(self._length)
        way = Way(place, math.atan2(mark[1] - place[1], mark[0] - place[0]))
        if self._plan.narrow and not self._lane:
            self._lane = math.copysign(LANE, way.measure(ctx.position)[1])
        x, y = way.point(-self._plan.stand_off)
        beside = (x - self._lane * math.sin(way.yaw), y + self._lane * math.cos(way.yaw))
        output = self._walk.update(ctx, Stance(beside, way.yaw))
        if output.status != "success":
            return output
        self._pushes += 1
        most = _PUSHES + math.ceil(_PUSHES_A_METRE * self._length)
        if self._pushes > most:
            return SkillOutput(status="failure", reason=f"not there after {most} pushes")
        self._way, self._stage = way, self._push
        return SkillOutput()

    def _push(self, ctx: SkillContext, line: Way) -> SkillOutput:
        assert self._way is not None
        place, here, mark = self._place(ctx), ctx.position, line.point(self._length)
        ahead, left = seen_from(here, self._way.yaw, place)
        left += self._lane
        along, off = self._way.measure(place)
        to_go = self._way.measure(mark)[0] - along
        if to_go <= _BEFORE or (abs(off) > _ASTRAY and to_go > 2 * _ASTRAY):
            self._stage, self._resting = self._rest, Settled()
            return SkillOutput()
        nearest = self._plan.surface + _TOO_NEAR[self._plan.narrow]
        if abs(left) > _LOST or not nearest <= ahead <= self._plan.stand_off + 0.6:
            self._stage = self._back
            return SkillOutput()
        gap = ahead - self._plan.surface
        return SkillOutput(
            self._steer(ctx, line, left, to_go, gap), self._plan.arms, leg_offsets=self._thrust(ctx, gap, to_go)
        )

    def _thrust(self, ctx: SkillContext, gap: float, to_go: float) -> dict[str, float]:
        """rad: a foot that swings before the thing reaches forward, so that it, and not the knee, meets the thing."""
        if self._plan.rolls or gap > _REACH or not ctx.stepping:
            return {}
        sides = BOTH if not self._lane else ("right",) if self._lane > 0.0 else ("left",)
        a_speed, most = _THRUST
        size = min(most, a_speed * self._plan.speed, _LEAST + _A_METRE * to_go)
        return {self._plan.hips[side]: -size for side in sides if SWING_FROM <= swing_share(ctx.phase, side) < 1.0}

    def _steer(self, ctx: SkillContext, line: Way, left: float, to_go: float, gap: float) -> Command:
        """Stay behind the thing; to bring it back to its line, push from the side that it has slipped to."""
        assert self._way is not None
        off = self._way.measure(self._place(ctx))[1]
        sideways = clip(1.2 * (left + 0.6 * clip(off, 0.12)), 0.15)
        yaw = wrap_angle(self._way.yaw - clip(1.2 * off, 0.25))
        speed = max(0.18, min(self._plan.speed, 1.0 * to_go + 0.1))
        if not self._plan.rolls:
            speed = max(_CREEP, min(speed, 1.5 * (gap - _KEEP)))
        ahead, aside = to_heading((speed, sideways), ctx.state.yaw - self._way.yaw)
        return ahead, aside, hold_heading(ctx.state.yaw, yaw)

    def _back(self, ctx: SkillContext, line: Way) -> SkillOutput:
        """Away from the thing, so that walking round it does not touch it."""
        place, here = self._place(ctx), ctx.position
        if math.dist(place, here) > self._plan.stand_off - 0.05:
            self._stage, self._walk = self._line_up, LineUp(_WALK, self._plan.props)
            return SkillOutput()
        ahead, left = seen_from(place, ctx.state.yaw, here)
        length = math.hypot(ahead, left) or 1.0
        return SkillOutput((clip(ahead / length, 0.25), clip(0.15 * left / length, 0.15), 0.0))

    def _rest(self, ctx: SkillContext, line: Way) -> SkillOutput:
        if not self._resting.update(ctx):
            return SkillOutput()
        if self._is_there(ctx, line):
            return SkillOutput(status="success")
        self._stage = self._back
        return SkillOutput()

    def _is_there(self, ctx: SkillContext, line: Way) -> bool:
        plan, towards = self._plan, self._plan.aim.towards
        if isinstance(towards, str):  # where it is now: it may have been pushed along
            return gap_between(ctx, plan.props[plan.thing], plan.props[towards]) <= GAP + plan.near
        along, across = line.measure(self._place(ctx))
        beyond = along - self._length
        if towards is not None:
            return math.hypot(beyond, across) <= plan.near
        if self._plan.rolls:
            return beyond >= -ALONG and abs(math.atan2(across, along)) <= ROLL_ANGLE
        return abs(beyond) <= ALONG and abs(across) <= ACROSS


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    thing, aim = grounded_aim(step, surroundings)
    check_mass("push", thing, HEAVIEST)
    distance = step.distance_m
    if distance is None and aim.towards is None:
        distance = DEFAULT_DISTANCE
    if distance is not None and distance > FARTHEST:
        message = f"'push': {distance:g} m is too much; at most {FARTHEST:g} m"
        raise GroundingError(message, "impossible_amount")
    said = step.speed or _EFFORTS.get(step.effort)
    if step.effort is not None and step.speed not in (None, said):
        raise GroundingError("'push': say how hard or how fast, not both", "contradiction")
    speed = min(float(said), _SPEEDS["fast"]) if isinstance(said, float | int) else _SPEEDS[said or "normal"]
    sides = ("left", "right") if step.side in (None, "both") else (str(step.side),)
    rolls, surface = thing.shape == "ball", min(thing.extents[:2]) / 2
    arms = held_by(surroundings.robot, sides, _REACHING)
    hips = dict(zip(BOTH, surroundings.robot.gait.hip_pitch, strict=True))
    plan = PushPlan(thing.name, aim, distance, speed, rolls, surroundings.by_name, surface, arms, hips)
    goal = surroundings.target2.position if surroundings.target2 is not None else surroundings.goal2
    far = distance if distance is not None else math.dist(thing.position[:2], (goal or thing.position)[:2])
    travel = math.dist(thing.position[:2], surroundings.robot_position) + 4.0
    limit = 80.0 + 3.0 * travel / _WALK + 10.0 * far / speed
    hand = f" with the {step.side} hand" if step.side in ("left", "right") else ""
    manner = {"gentle": " gently", "full": " hard"}.get(str(step.effort), "")
    text = f"push the {thing.name}{said_way(aim, distance)}{hand}{manner}"
    return GroundedStep("push", text, limit, lambda: Push(plan), _success(aim, distance, rolls))


def _success(aim: Aim, distance: float | None, rolls: bool) -> str:
    if aim.towards is not None:
        near = NEAR_ROLLING if rolls else NEAR
        if isinstance(aim.towards, str):
            return f"its side is within {GAP + near:g} m of the {aim.towards}'s; the robot stands"
        return f"it is within {near:g} m of the place; the robot stands"
    if rolls:
        angle = math.degrees(ROLL_ANGLE)
        return f"it rolled {distance:g} m or farther, within {angle:.0f}° of its line; the robot stands"
    return f"it is within {ALONG:g} m of {distance:g} m along its line, and {ACROSS:g} m across; the robot stands"


SKILL = register_skill(
    Skill(
        "push",
        "push the blue box",
        _ground,
        (ARM,),
        takes=("object", "side", "direction", "object2", "distance", "speed", "effort"),
        walks_up=True,
        moves="along",
        cameras=("side",),
    )
)
