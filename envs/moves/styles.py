"""Manners of walking: pace, how deep the knees are bent, how high feet are lifted, how arms and waist are held.

A manner is laid over whatever walks: it adds to the reference of the legs, by the gait's clock, and holds the arms
where nothing else is wanted of them. The figures of each were tried on the shipped walker; what it shows is measured.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from types import MappingProxyType

import numpy as np

from simonsays.assets.notes import dataclass
from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.behavior import Behavior, SkillContext, SkillOutput
from simonsays.envs.moves.gestures.limbs import Limb, held_by
from simonsays.envs.moves.gestures.roles import joint_of
from simonsays.envs.moves.poses import BOTH, rest
from simonsays.envs.moves.skill import GroundedStep, GroundingError
from simonsays.envs.moves.steering import STILL, clip, to_heading
from simonsays.sim.specs import RobotSpec
from simonsays.sim.state import Array

_FADE = 0.7  # s, to take a manner on; and twice as fast to leave it
_CENTRED = 3.0  # s, over which the middle of what sways is taken
_RESTS = 0.1  # m/s: a hand that is slower rests
_LEAST = 1.0  # s of walking in a manner, at least: less shows nothing, and is not judged


@dataclass(frozen=True)
class Style:
    """A manner. Angles in rad."""

    share: float = 1.0
    """of the usual speed"""
    crouch: float = 0.0
    """that hips and ankles bend, and half of what knees do"""
    lift: float = 0.0
    """the same in the middle of a foot's swing"""
    arms: Limb | None = None
    """how they are held; None: at rest"""
    other: Limb | None = None
    """the same of the right arm alone, where it differs"""
    swing: float | None = None
    """of the shoulders, forward and back, with the legs; None: as the gait does"""
    twist: float = 0.0
    """of the waist, with the legs"""
    sway: float = 0.0
    """m/s, to the left and the right in turn"""
    sway_seconds: float = 3.0
    runs: bool = False
    """it may be run in: in others a run is no run any more, or falls"""
    shows: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """what is measured of it (see ``Looks``), at least and at most"""


PLAIN = Style()
_ANY = math.inf
STYLES: Mapping[str, Style] = MappingProxyType({
    "cautious": Style(
        0.5, crouch=0.1, arms=Limb((0.22, 0.83, -0.52), fore=(0.56, 0.66, -0.5)), swing=0.0,
        shows={"out": (0.18, _ANY), "swing": (0.0, 0.1)},
    ),
    "sneaky": Style(
        0.5, crouch=0.15, lift=0.2, arms=Limb((0.5, 0.38, -0.78), fore=(0.99, -0.05, 0.1)), swing=0.1,
        shows={"low": (0.015, _ANY), "step": (0.17, _ANY), "ahead": (0.15, _ANY)},
    ),
    "proud": Style(
        0.9, lift=0.2, arms=Limb((0.08, 0.37, -0.92), fore=(0.13, 0.16, -0.98)), swing=0.6, runs=True,
        shows={"swing": (0.25, _ANY), "step": (0.16, _ANY), "low": (-_ANY, 0.02)},
    ),
    "tired": Style(
        0.5, crouch=0.2, arms=Limb((0.08, 0.35, -0.93), fore=(0.03, 0.13, -0.99)), swing=0.05, twist=0.12,
        shows={"low": (0.025, _ANY), "swing": (0.0, 0.12), "hang": (0.25, _ANY)},
    ),
    "drunk": Style(
        0.7, crouch=0.05, arms=Limb((0.08, 0.57, -0.82), fore=(0.33, 0.37, -0.87)), swing=0.2, twist=0.2,
        sway=0.16, sway_seconds=3.6, shows={"sway": (0.1, _ANY), "out": (0.1, _ANY)},
    ),
    "happy": Style(
        1.05, lift=0.1, arms=Limb((0.08, 0.49, -0.87), fore=(0.8, 0.18, -0.57)), swing=0.6,
        shows={"swing": (0.22, _ANY), "ahead": (0.07, _ANY)},
    ),
    "robotic": Style(
        0.7, lift=0.15, arms=Limb((0.08, 0.33, -0.94), fore=(1.0, 0.01, -0.04)), swing=0.0,
        shows={"stops": (0.4, _ANY), "swing": (0.0, 0.08), "step": (0.145, _ANY), "low": (-_ANY, 0.015)},
    ),
    "elderly": Style(
        0.4, crouch=0.22, arms=Limb((-0.41, 0.38, -0.83), fore=(0.34, 0.48, -0.81)),
        other=Limb((0.62, 0.34, -0.71), fore=(0.97, 0.26, -0.04)), swing=0.0,
        shows={"low": (0.03, _ANY), "swing": (0.0, 0.1), "uneven": (0.15, _ANY)},
    ),
})  # fmt: skip
"""by the name that an Instruction has for it"""


class Looks:
    """What is to be seen of a manner, as measured: m, or a share.

    ``out``, ``ahead``, ``hang``: the hands from the shoulders, to their side, forward and down, on average; ``swing``:
    forward and back, between the tenths at the ends; ``uneven``: the right one ahead of the left; ``stops``: the share
    of time in which a hand that swings rests; ``low``: the base under its height at a stand; ``step``: how high a foot
    comes above the other; ``sway``: of the base to its sides, between the tenths at the ends.
    """

    def __init__(self, standing: float, sole: float) -> None:
        self._standing, self._sole = standing, sole
        self._rows: list[tuple[float, ...]] = []

    def see(self, ctx: SkillContext) -> None:
        """One control step."""
        yaw = ctx.state.yaw
        hands = [to_heading((x, y), yaw) for x, y in (ctx.hands - ctx.shoulders)[:, :2].tolist()]
        (ahead, out), (other_ahead, other_out) = hands
        hang = float((ctx.shoulders - ctx.hands)[:, 2].mean())
        feet = [foot[2] for foot in ctx.state.foot_positions]
        low = self._standing - (ctx.state.base_position[2] - min(feet) + self._sole)
        self._rows.append(
            (ahead, other_ahead, 0.5 * (out - other_out), hang, low, max(feet) - min(feet), *ctx.position, yaw)
        )

    def measured(self, dt: float) -> dict[str, float]:
        """Each of them by its name; nothing where it was seen too briefly. ``dt``: s, of a control step."""
        if len(self._rows) * dt < _LEAST:
            return {}
        ahead, other, out, hang, low, step, x, y, yaw = np.array(self._rows).T
        span = max(1, round(_CENTRED / dt))
        away = [place - _smoothed(place, span) for place in (x, y)]
        aside = np.cos(yaw) * away[1] - np.sin(yaw) * away[0]
        quick = np.abs(np.gradient(ahead, dt))
        return {
            "out": float(out.mean()),
            "ahead": float((ahead + other).mean() / 2),
            "hang": float(hang.mean()),
            "swing": 0.5 * (_spread(ahead) + _spread(other)),
            "uneven": float((other - ahead).mean()),
            "stops": float((quick < _RESTS).mean()),
            "low": float(low.mean()),
            "step": float(np.percentile(step, 90)),
            "sway": _spread(aside),
        }


def _smoothed(values: Array, span: int) -> Array:
    """(T,) the mean over ``span`` values around each."""
    padded = np.pad(values, (span // 2, span - 1 - span // 2), "edge")
    return np.convolve(padded, np.full(span, 1.0 / span), "valid")


def _spread(values: Array) -> float:
    low, high = np.percentile(values, (10, 90))
    return float(high - low)


class Styled:
    """Another behavior in a manner, while that one moves the base; it fails where the manner was not to be seen."""

    def __init__(self, inner: Behavior, style: Style, robot: RobotSpec) -> None:
        self._inner, self._style = inner, style
        self._down = rest(robot, BOTH)
        held = zip(("left", "right"), (style.arms, style.other or style.arms), strict=True)
        self._own = {k: v for side, limb in held if limb is not None for k, v in held_by(robot, (side,), limb).items()}
        self._gait, self._waist = robot.gait, joint_of(robot, "waist_yaw")
        self._looks = Looks(robot.standing_height, robot.gait.sole_height)
        self._shown = 0.0

    def update(self, ctx: SkillContext) -> SkillOutput:
        output = self._inner.update(ctx)
        moves = output.command != STILL and ctx.motion == "gait"
        self._shown = clip(self._shown + (ctx.dt if moves else -2.0 * ctx.dt) / _FADE, 1.0)
        self._shown = max(0.0, self._shown)
        if self._shown == 1.0:
            self._looks.see(ctx)
        if output.status == "success" and (missed := self._missed(ctx.dt)):
            return replace(output, status="failure", reason=missed)
        if self._shown == 0.0:
            return output
        forward, sideways, turn = output.command
        sway = self._style.sway * math.sin(math.tau * ctx.time / self._style.sway_seconds) if moves else 0.0
        return replace(
            output,
            command=(forward, sideways + self._shown * sway, turn),
            leg_offsets={**self._legs(ctx), **output.leg_offsets},
            idle_targets=self._upper(ctx),
        )

    def _legs(self, ctx: SkillContext) -> dict[str, float]:
        """rad, on top of the gait's reference: knees bent, and feet lifted in their swings."""
        found = {}
        roles = (self._gait.hip_pitch, self._gait.knee, self._gait.ankle_pitch)
        for i in (0, 1):
            swung = max(0.0, math.sin(math.tau * (ctx.phase - 0.5 * i))) if ctx.stepping else 0.0
            bent = self._shown * (self._style.crouch + self._style.lift * swung)
            for pair, share in zip(roles, (-1.0, 2.0, -1.0), strict=True):
                found[pair[i]] = share * bent
        return found if self._style.crouch or self._style.lift else {}

    def _upper(self, ctx: SkillContext) -> dict[str, float]:
        """rad, of the arms and the waist; what is not told stays as the gait has it."""
        style, wave = self._style, math.cos(math.tau * ctx.phase)
        targets = {
            name: self._down[name] + self._shown * (angle - self._down[name]) for name, angle in self._own.items()
        }
        if style.swing is not None and self._gait.arm_swing is not None:
            for name, sign in zip(self._gait.arm_swing, (-1.0, 1.0), strict=True):
                targets[name] = targets.get(name, self._down[name]) - self._shown * sign * style.swing * wave
        if style.twist and self._waist:
            targets |= self._waist.to(self._shown * style.twist * wave)
        return targets

    def _missed(self, dt: float) -> str:
        seen = self._looks.measured(dt)
        for name, (least, most) in self._style.shows.items():
            if seen and not least <= seen[name] <= most:
                return f"it did not look so: {name} {seen[name]:.2f}, not {_bounds(least, most)}"
        return ""


def _bounds(least: float, most: float) -> str:
    low = "" if least == -_ANY else f"{least:g} or more"
    high = "" if most == _ANY else f"{most:g} or less"
    return " and ".join(filter(None, (low, high)))


def style_of(step: Step, usual: Style, *, runs: bool) -> Style:
    """The manner of a step, or the usual one.

    Raises:
        GroundingError: it would be no run any more.
    """
    if step.style is None:
        return usual
    style = STYLES[step.style]
    if runs and not style.runs:
        message = f"{step.verb!r}: {step.style} it is slower than running, or falls; say walk"
        raise GroundingError(message, "contradiction", suggestions=("walk",))
    return style


def in_style(made: GroundedStep, style: Style, robot: RobotSpec) -> GroundedStep:
    """A step of the legs in a manner."""
    if style == PLAIN:
        return made
    shows = ", ".join(f"{name} {_bounds(*bounds)}" for name, bounds in style.shows.items())
    start: Callable[[], Behavior] = made.start
    return replace(
        made, start=lambda: Styled(start(), style, robot), success=made.success + (f"; {shows}" if shows else "")
    )
