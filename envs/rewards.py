"""Reward terms: pure functions of a StepContext that return a float; a task gives each a weight.

To add one, write a function and mark it with ``@reward``. Costs are positive here and get negative weights. Keyword
parameters are what ``reward_params = {track_velocity = {width = 0.3}}`` of a recipe changes.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from simonsays.assets.registry import Registry
from simonsays.envs.context import StepContext
from simonsays.envs.settings import Positive
from simonsays.envs.terminations import fallen
from simonsays.envs.terms import register_term

RewardTerm = Callable[..., float]
"""of a StepContext, with parameters that have defaults"""
REWARDS: Registry[RewardTerm] = Registry("reward term", "simonsays.envs.motions")
"""by name: those below, those of the motions, and those of other packages"""


def reward(term: RewardTerm) -> RewardTerm:
    """Register a term under its function's name.

    Raises:
        TypeError: a parameter without a default. InputError: another module has a term of the name.
    """
    return register_term(REWARDS, term)


@reward
def track_velocity(ctx: StepContext, width: Positive = 0.12) -> float:
    """exp(-e^2 / width) of the velocity error now, m/s; ``width`` in m^2/s^2. In (0, 1]."""
    return math.exp(-ctx.plane_error / width)


@reward
def track_yaw_rate(ctx: StepContext, width: Positive = 0.25) -> float:
    """exp(-e^2 / width) of the yaw-rate error now, rad/s; ``width`` in rad^2/s^2. In (0, 1]."""
    return math.exp(-((ctx.velocity[2] - ctx.command[2]) ** 2) / width)


@reward
def track_mean_velocity(ctx: StepContext, width: Positive = 0.04) -> float:
    """exp(-e^2 / width) of the filtered velocity error, m/s: the gait's own sway is left out. In (0, 1]."""
    vx, vy, _ = ctx.filtered_velocity
    cx, cy, _ = ctx.command
    return math.exp(-((vx - cx) ** 2 + (vy - cy) ** 2) / width)


@reward
def mean_velocity_error(ctx: StepContext) -> float:
    """Error of the filtered velocity, m/s; its slope is the same however far off the robot is. >= 0."""
    vx, vy, _ = ctx.filtered_velocity
    cx, cy, _ = ctx.command
    return math.hypot(vx - cx, vy - cy)


@reward
def mean_yaw_rate_error(ctx: StepContext) -> float:
    """Error of the filtered yaw rate, rad/s. >= 0."""
    return abs(ctx.filtered_velocity[2] - ctx.command[2])


@reward
def track_mean_yaw_rate(ctx: StepContext, width: Positive = 0.08) -> float:
    """exp(-e^2 / width) of the filtered yaw-rate error, rad/s. In (0, 1]."""
    return math.exp(-((ctx.filtered_velocity[2] - ctx.command[2]) ** 2) / width)


@reward
def alive(ctx: StepContext) -> float:
    """1 for every step."""
    return 1.0


@reward
def contact_schedule(ctx: StepContext, lifted: float = 0.25) -> float:
    """Share of feet that touch the ground when they should and only then. 0, 0.5 or 1.

    ``lifted``: ``ctx.swing`` from which on a foot should be up.
    """
    left, right = ctx.state.foot_contacts
    swing_left, swing_right = ctx.swing
    return 0.5 * ((swing_left < lifted) == left) + 0.5 * ((swing_right < lifted) == right)


@reward
def foot_height(ctx: StepContext, lifted: float = 0.25) -> float:
    """Squared error (m^2) of the swinging feet's height against the arc that is wanted. >= 0.

    ``lifted``: ``ctx.swing`` from which on a foot should be up.
    """
    total, gait = 0.0, ctx.spec.gait
    for (x, _, z), swing in zip(ctx.state.foot_positions, ctx.swing, strict=True):
        if swing >= lifted:
            total += (z - ctx.gradient * x - gait.sole_height - gait.foot_lift * swing) ** 2
    return total


@reward
def foot_slip(ctx: StepContext) -> float:
    """Squared speed (m^2/s^2) in the plane of the feet that touch the ground. >= 0."""
    total = 0.0
    for (x, y, _), touching in zip(ctx.state.foot_velocities, ctx.state.foot_contacts, strict=True):
        if touching:
            total += x * x + y * y
    return total


@reward
def tilt(ctx: StepContext) -> float:
    """Squared sine of the base's tilt, the lean of a crouch left out. In [0, 4]."""
    x, y, _ = ctx.state.gravity
    return (x - math.sin(ctx.lean)) ** 2 + y * y


@reward
def base_height(ctx: StepContext) -> float:
    """Squared error (m^2) of the base's height above the ground. >= 0."""
    return ctx.height_error**2


@reward
def track_height(ctx: StepContext, width: Positive = 0.003) -> float:
    """exp(-e^2 / width) of the error of the base's height above the ground, m; ``width`` in m^2. In (0, 1]."""
    return math.exp(-(ctx.height_error**2) / width)


@reward
def vertical_velocity(ctx: StepContext) -> float:
    """Squared vertical velocity of the base, m^2/s^2. >= 0."""
    return ctx.state.base_linear_velocity[2] ** 2


@reward
def tilt_rate(ctx: StepContext) -> float:
    """Squared roll and pitch rates of the base, rad^2/s^2. >= 0."""
    x, y, _ = ctx.state.local_angular_velocity
    return x * x + y * y


@reward
def action_rate(ctx: StepContext) -> float:
    """Squared change of the action since the last step. >= 0."""
    return math.dist(ctx.action, ctx.previous_action) ** 2


@reward
def action_jerk(ctx: StepContext) -> float:
    """Squared second difference of the action. >= 0."""
    actions = zip(ctx.action, ctx.previous_action, ctx.earlier_action, strict=True)
    return sum([(d := now - 2 * before + earlier) * d for now, before, earlier in actions])


@reward
def torque(ctx: StepContext) -> float:
    """Squared torques of the legs, N^2 m^2, mean over the physics steps. >= 0."""
    return ctx.torque_squared


@reward
def joint_acceleration(ctx: StepContext) -> float:
    """Squared accelerations of all joints, rad^2/s^4. >= 0."""
    return (math.dist(ctx.state.joint_velocities, ctx.previous_state.joint_velocities) / ctx.dt) ** 2


@reward
def hip_posture(ctx: StepContext) -> float:
    """Squared distance (rad^2) of hip roll and yaw from the reference gait. >= 0."""
    positions, reference = ctx.state.joint_positions, ctx.reference
    return sum([(d := positions[i] - reference[i]) * d for i in ctx.layout.hips])


@reward
def leg_posture(ctx: StepContext) -> float:
    """Squared distance (rad^2) of the legs' joints from the reference gait. >= 0."""
    positions, reference = ctx.state.joint_positions, ctx.reference
    return sum([(d := positions[i] - reference[i]) * d for i in ctx.layout.legs])


@reward
def bearing_knees(ctx: StepContext) -> float:
    """Squared distance (rad^2) from the reference of the knees whose foot should be down. >= 0."""
    positions, reference, place, total = ctx.state.joint_positions, ctx.reference, ctx.layout.place, 0.0
    for name, swing in zip(ctx.spec.gait.knee, ctx.swing, strict=True):
        if swing < 0:
            total += (positions[place[name]] - reference[place[name]]) ** 2
    return total


@reward
def standing_speed(ctx: StepContext, turning: float = 0.3) -> float:
    """Speed (m/s) plus ``turning`` (m) times the yaw rate (rad/s) while the legs stand still, else 0. >= 0."""
    return 0.0 if ctx.stepping else ctx.speed(turning)


@reward
def spin(ctx: StepContext) -> float:
    """Squared yaw rate, rad^2/s^2. >= 0."""
    return ctx.velocity[2] ** 2


@reward
def fall(ctx: StepContext) -> float:
    """1 in the step in which the robot falls, else 0."""
    return float(fallen(ctx.state, ctx.spec, ctx.gradient))
