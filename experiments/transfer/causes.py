"""Why a policy breaks under a stress: what the robot's figures and the other cells say, in a sentence or two each.

A cause is a function of a :class:`Case`; ``Stress.cause`` names it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from simonsays.agents.measure.estimates import percent
from simonsays.assets.notes import dataclass
from simonsays.envs.policy.policy import Policy
from simonsays.experiments.transfer.places import Place, lighter_and_heavier
from simonsays.experiments.transfer.stresses import NONE, SOFT, STRESSES, Stress
from simonsays.sim.engines.rotors import with_rotors
from simonsays.sim.kinematics import Tree, effective_inertia
from simonsays.sim.specs import PD_RATE_HZ, RobotSpec


@dataclass(frozen=True)
class Case:
    """A broken cell, and what there is to look at."""

    policy: Policy
    place: Place
    stress: Stress
    cells: Mapping[str, Any]
    """of this place, by stress"""

    @property
    def spec(self) -> RobotSpec:
        """The robot."""
        return self.place.spec(str(self.policy.description["robot"]))

    def figure(self, stress: str, name: str) -> Any:
        """A figure of this place under another stress; None where it was not measured."""
        return self.cells.get(stress, {}).get("figures", {}).get(name)


class PD(NamedTuple):
    """The PD of a joint on what its torque turns, the foot in the air."""

    joint: str
    kp: float
    """N m/rad"""
    kd: float
    """N m s/rad"""
    rotor: float
    """kg m^2"""
    inertia: float
    """kg m^2, effective, rotor and all"""

    @property
    def stands(self) -> float:
        """s by which torque may come late: kd v / I, that late, oscillates ever more from pi/2 I / kd on (theory of
        delayed differential equations: v' = -a v(t - T) is stable where a T < pi/2)."""
        return math.pi / 2 * self.inertia / self.kd

    def kd_for(self, delay: float, dt: float) -> float:
        """The kd (N m s/rad) that stands a delay (s) of whole steps of ``dt`` s.

        v[k+1] = v[k] - a v[k-d] is stable where a < 2 sin(pi / (4 d + 2)) (Levin and May, Theor. Pop. Biol. 9, 1976).
        """
        steps = round(delay / dt)
        return 2 * math.sin(math.pi / (4 * steps + 2)) * self.inertia / dt

    def ratio(self, kd: float) -> float:
        """Damping ratio with another kd; below 1 the joint overshoots."""
        return kd / (2 * math.sqrt(self.kp * self.inertia))


def pds(spec: RobotSpec) -> list[PD]:
    """The PD of every joint that has a kd, in the standing pose, the one that stands least delay first."""
    tree = Tree(spec)
    rotors = np.array([joint.armature for joint in spec.joints])
    mass = with_rotors(tree.mass_matrix(tree.poses(tree.standing[None])), rotors)
    inertia = effective_inertia(mass)[0].tolist()
    found = [PD(j.name, j.kp, j.kd, j.armature, i) for j, i in zip(spec.joints, inertia, strict=True) if j.kd > 0]
    return sorted(found, key=lambda pd: pd.stands)


def why(case: Case) -> str:
    """The likely cause."""
    nominal = case.cells.get(NONE)
    if nominal and nominal["certain"] and case.stress.name != NONE:
        return f"It breaks here without any stress, too. {CAUSES[STRESSES[NONE].cause](case)}"
    return CAUSES[case.stress.cause](case)


def _motor_delay(case: Case) -> str:
    factor = float(case.stress.dynamics.get("damping_gain", 1.0))
    first = pds(case.spec)[0]
    weak, delay = first._replace(kd=factor * first.kd), case.stress.delay
    name, dt = weak.joint, 1 / PD_RATE_HZ
    text = (
        f"The PD of {name}: I = {weak.inertia:.4f} kg m^2 (rotor {weak.rotor:.4f}), kd = {weak.kd:.3g} N m s/rad, "
        f"alone stands a delay of I 1.57 / kd = {1e3 * weak.stands:.1f} ms; {1e3 * delay:.0f} ms "
    )
    allowed = weak.kd_for(delay, dt)
    if delay < weak.stands and weak.kd <= allowed:
        return text + "are within that: it is the policy that does not stand the delay. Train with motors that are late."
    beyond = "are beyond" if delay >= weak.stands else f"in whole steps of {1e3 * dt:.0f} ms are beyond"
    text += (
        f"{beyond} it: the joint shakes by itself, whatever the policy does. A kd of {allowed:.2g} would stand it; "
        f"its damping ratio falls from {weak.ratio(weak.kd):.2f} to {weak.ratio(allowed):.2f}, and the policy has to be "
        "trained with it."
    )
    soft, cost = case.figure("motor_delay_10ms_soft", "survival"), case.figure("soft", "velocity_error")
    if factor == 1.0 and soft is not None:
        text += f" Tried: as late with every kd x{SOFT:g}, {percent(soft)} stay up"
        text += f"; that kd alone costs a velocity error of {cost['value']:.3f} m/s." if cost else "."
    return text


def _late_targets(case: Case) -> str:
    trained = case.policy.description.get("training", {}).get("settings") or {}
    share = float(trained.get("latency", 0.0))
    return (
        "The latency of a control step: actions answer to what was 20 ms ago. In training "
        f"{100 * share:.0f}% of the episodes were late; train with more (latency, latency_steps)."
    )


def _velocity(case: Case) -> str:
    return (
        "The policy needs the base's velocity, and no robot measures it: it has to be estimated as well as that, or the "
        "policy trained without it (a history of observations, the velocity for the critic alone)."
    )


def _rate_text(figure: Any) -> str:
    return "not measured" if figure is None else f"{figure['value']:.2f} [{figure['low']:.2f}, {figure['high']:.2f}]"


def _hands(case: Case) -> str:
    tree = Tree(case.spec)
    own = float(tree.mass[tree.place[case.spec.hands[0]]])
    now, before = (_rate_text(case.figure(name, "arms_falls_per_minute")) for name in (case.stress.name, NONE))
    return (
        f"Hands of {own + case.stress.hands:.2f} instead of {own:.2f} kg: while the arms move it falls {now} times a minute, "
        f"{before} with its own hands. Train with loads on the hands and moving arms."
    )


def _friction(case: Case) -> str:
    loss = float(case.stress.dynamics["friction_loss"])
    weak = min((j for j in case.spec.joints if j.name in case.spec.leg_joints and j.kp > 0), key=lambda j: j.kp)
    return (
        f"Stiction: {loss:g} N m hold {weak.name} (kp {weak.kp:g}) up to {math.degrees(loss / weak.kp):.1f} degrees off "
        "its target. Train with joint friction."
    )


def _damping(case: Case) -> str:
    more = float(case.stress.dynamics["joint_damping"])
    weak = max((pd for pd in pds(case.spec) if pd.joint in case.spec.leg_joints), key=lambda pd: (pd.kd + more) / pd.kp)
    return (
        f"Slower joints: {weak.joint} follows its target with a time constant kd / kp of "
        f"{1e3 * (weak.kd + more) / weak.kp:.0f} instead of {1e3 * weak.kd / weak.kp:.0f} ms. Train with joint damping."
    )


def _gains(case: Case) -> str:
    factor = case.stress.dynamics
    kp, kd = factor.get("stiffness", 1.0), factor.get("damping_gain", 1.0)
    weak = next(pd for pd in pds(case.spec) if pd.joint in case.spec.leg_joints)
    ratio = kd / math.sqrt(kp)
    return (
        f"Other gains than it was trained with: kp x{kp:g}, kd x{kd:g}; the damping ratio of {weak.joint} is "
        f"{weak.ratio(weak.kd) * ratio:.2f} instead of {weak.ratio(weak.kd):.2f}. Train with gains that vary."
    )


def _rotors(case: Case) -> str:
    weak = pds(case.spec)[0]
    return (
        f"Rotors are {100 * weak.rotor / weak.inertia:.0f}% of what {weak.joint} turns: the PD there acts on another "
        "inertia than in training. Train with rotors that vary."
    )


def _rate(case: Case) -> str:
    return (
        f"The policy leans on a PD that acts {PD_RATE_HZ} times a second, each torque held for {1e3 / PD_RATE_HZ:.0f} ms: "
        "a motor's own is quicker. Train at physics_hz = 1000 for the last steps."
    )


def _model(case: Case) -> str:
    other = lighter_and_heavier(case.place, case.spec.name)
    if not other:
        return (
            f"Masses here are those of the URDF: it is the engine {case.place.engine}, its contacts and limits, that "
            "differs from the one of the training."
        )
    told = ", ".join(f"{name} {more:+.2f} kg" for name, more in sorted(other.items(), key=lambda item: -abs(item[1])))
    return f"The model's masses differ from the URDF's: {told}; so do its contact shapes."


CAUSES: Mapping[str, Callable[[Case], str]] = {
    "motor_delay": _motor_delay,
    "late_targets": _late_targets,
    "velocity": _velocity,
    "hands": _hands,
    "friction": _friction,
    "damping": _damping,
    "gains": _gains,
    "rotors": _rotors,
    "rate": _rate,
    "model": _model,
}
