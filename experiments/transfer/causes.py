"""Why a policy breaks under a stress: what the robot's figures and the other cells say, in a sentence or two each.

A cause is a function of a :class:`Case`; ``Stress.cause`` names it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any, NamedTuple

import numpy as np

from simonsays.assets.notes import dataclass, documented
from simonsays.envs.policy.policy import Policy
from simonsays.experiments.transfer.places import Place, lighter_and_heavier
from simonsays.experiments.transfer.stresses import NONE, Stress
from simonsays.sim.engines import DEFAULT
from simonsays.sim.engines.rotors import with_rotors
from simonsays.sim.kinematics import Tree, effective_inertia
from simonsays.sim.specs import PD_RATE_HZ, RobotSpec, SceneSpec
from simonsays.sim.world import World


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


@documented
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
    def damper_stands(self) -> float:
        """s by which torque may come late without kp: v' = -a v(t - T) is stable where a T < pi/2, a = kd / I."""
        return math.pi / 2 * self.inertia / self.kd

    @property
    def stands(self) -> float:
        """s by which torque may come late: the phase left where (kd s + kp) / (I s^2) is 1, over its frequency."""
        square = self.kd**2 + math.sqrt(self.kd**4 + 4 * (self.inertia * self.kp) ** 2)
        crossing = math.sqrt(square / 2) / self.inertia
        return math.atan2(self.kd * crossing, self.kp) / crossing

    def stable(self, kp: float, kd: float, steps: int, dt: float) -> bool:
        """Whether the PD settles with other gains, its torque ``steps`` physics steps of ``dt`` s late.

        x and v of semi-implicit Euler and the torques on their way are a linear system, its eigenvalues inside of 1.
        """
        size = steps + 2
        moves, torque = np.eye(size, k=1), np.zeros(size)
        torque[:2] = -kp, -kd
        applied = np.eye(size)[2] if steps else torque
        moves[1] = np.eye(size)[1] + dt / self.inertia * applied
        moves[0] = np.eye(size)[0] + dt * moves[1]
        if steps:
            moves[-1] = torque
        return bool(np.abs(np.linalg.eigvals(moves)).max() < 1.0)

    def gains_for(self, steps: int, dt: float) -> tuple[float, float, float] | None:
        """The largest tenths of kp with which some kd stands ``steps``, and the lowest and highest such kd."""
        for tenth in range(10, 0, -1):
            tried = np.linspace(0.02, 1.5, 75) * self.kd
            good = [kd for kd in tried.tolist() if self.stable(0.1 * tenth * self.kp, kd, steps, dt)]
            if good:
                return 0.1 * tenth, good[0], good[-1]
        return None


def pds(spec: RobotSpec) -> list[PD]:
    """The PD of every joint that has a kd, in the standing pose, the one that stands least delay first."""
    tree = Tree(spec)
    rotors = np.array([joint.armature for joint in spec.joints])
    mass = with_rotors(tree.mass_matrix(tree.poses(tree.standing[None])), rotors)
    inertia = effective_inertia(mass)[0].tolist()
    found = [PD(j.name, j.kp, j.kd, j.armature, i) for j, i in zip(spec.joints, inertia, strict=True) if j.kd > 0]
    return sorted(found, key=lambda pd: pd.stands)


def shaking(case: Case) -> dict[str, float]:
    """rad/s by joint, the largest after half a second in which the robot falls freely and holds its standing pose.

    It starts with its joints 0.02 rad off, without policy or ground: joints that move in the end shake by themselves.
    """
    world = World(SceneSpec(), engine=case.place.engine, physics_dt=1 / case.stress.physics_hz)
    with closing(world):
        robot = world.spawn(case.spec)
        off = np.where(np.arange(len(robot.joint_names)) % 2, 0.02, -0.02)
        pose = np.clip(robot.default_positions + off, robot.lower, robot.upper)
        robot.reset([0.0, 0.0, 100.0], [0.0, 0.0, 0.0, 1.0], pose.tolist())
        robot.dynamics = case.stress.body(robot)
        robot.track(robot.default_positions.tolist(), round(0.4 * case.stress.physics_hz))
        fastest = np.zeros(len(robot.joint_names))
        for _ in range(round(0.1 * case.stress.physics_hz)):
            robot.track(robot.default_positions.tolist(), 1)
            fastest = np.maximum(fastest, np.abs(robot.joint_velocities))
        return dict(zip(robot.joint_names, fastest.tolist(), strict=True))


def why(case: Case) -> str | None:
    """The likely cause; None where it is no worse than without the stress."""
    now, nominal = case.cells[case.stress.name], case.cells[NONE]
    if case.stress.name == NONE:
        return CAUSES[case.stress.cause](case)
    lower = [name for name in now["broken"] if now["figures"][name]["value"] < nominal["figures"][name]["value"]]
    if not lower:
        return None
    chance = min(by_chance(now["figures"][name], nominal["figures"][name]) for name in lower)
    doubt = "" if chance < _CHANCE else "Perhaps by chance no worse than without the stress. "
    return doubt + CAUSES[case.stress.cause](case)


def by_chance(now: Mapping[str, float], before: Mapping[str, float]) -> float:
    """Probability of a share as low as this if it were that of before: Fisher's exact test, one-sided."""
    n, m = int(now["count"]), int(before["count"])
    up = round(now["value"] * n)
    both = up + round(before["value"] * m)
    fewest = max(0, both - m)
    return sum(math.comb(n, k) * math.comb(m, both - k) for k in range(fewest, up + 1)) / math.comb(n + m, both)


_CHANCE = 0.05


_SHAKES = 1.0
"""rad/s, faster than this a joint that should be at rest shakes"""


def _told(pd: PD) -> str:
    return (
        f"{pd.joint}, I {pd.inertia:.4f} kg m^2 (rotor {pd.rotor:.4f}), kp {pd.kp:g}, kd {pd.kd:g}: its damping alone "
        f"stands I 1.57 / kd = {1e3 * pd.damper_stands:.1f} ms, with kp {1e3 * pd.stands:.1f} ms"
    )


def _motor_delay(case: Case) -> str:
    found, dt = shaking(case), 1 / case.stress.physics_hz
    fast = [name for name, speed in found.items() if speed > _SHAKES]
    weak, steps = pds(case.spec)[0], round(case.stress.delay / dt)
    if not fast:
        return (
            f"Not the PD: held without policy or ground no joint shakes. The weakest is {_told(weak)}. It is the "
            "policy that does not stand the delay: train with motors that are late."
        )
    gains = weak.gains_for(steps, dt)
    mend = "No gains stand it." if gains is None else _mended(weak, *gains)
    return (
        f"The PD itself: without policy or ground {len(fast)} joints shake. The weakest is {_told(weak)}; "
        f"{1e3 * case.stress.delay:.0f} ms ({steps} whole steps) are beyond it. {mend}"
    )


def _mended(weak: PD, share: float, low: float, high: float) -> str:
    range_of = f"a kd of {low:.2g} to {high:.2g}"
    cost = "the policy has to be trained with the new gains"
    if share == 1:
        return f"{range_of[0].upper()}{range_of[1:]} would stand it; {cost}."
    return (
        f"At kp {weak.kp:g} no kd stands it; kp {share * weak.kp:.3g} with {range_of} does. The price: the joint gives "
        f"{1 / share:.1f} times as far under the same torque, and {cost}."
    )


def _late_targets(case: Case) -> str:
    trained = case.policy.description.get("training", {}).get("settings") or {}
    share = float(trained.get("latency", 0.0))
    return (
        "The latency of a control step: actions answer to what was 20 ms ago. In training "
        f"{100 * share:.0f}% of the episodes were late; train with more (latency, latency_steps)."
    )


def _velocity(case: Case) -> str:
    return (
        "The policy needs the base's velocity, and no robot measures it: it has to be estimated as well as that, or "
        "the policy trained without it (a history of observations, the velocity for the critic alone)."
    )


def _rate_text(figure: Any) -> str:
    return "not measured" if figure is None else f"{figure['value']:.2f} [{figure['low']:.2f}, {figure['high']:.2f}]"


def _hands(case: Case) -> str:
    tree = Tree(case.spec)
    own = float(tree.mass[tree.place[case.spec.hands[0]]])
    now, before = (_rate_text(case.figure(name, "arms_falls_per_minute")) for name in (case.stress.name, NONE))
    return (
        f"Hands of {own + case.stress.hands:.2f} instead of {own:.2f} kg: while the arms move it falls {now} times a "
        f"minute, {before} with its own hands. Train with loads on the hands and moving arms."
    )


def _friction(case: Case) -> str:
    loss = float(case.stress.dynamics["friction_loss"])
    weak = min((j for j in case.spec.joints if j.name in case.spec.leg_joints and j.kp > 0), key=lambda j: j.kp)
    return (
        f"Stiction: {loss:g} N m hold {weak.name} (kp {weak.kp:g}) up to {math.degrees(loss / weak.kp):.1f} degrees "
        "off its target. Train with joint friction."
    )


def _damping(case: Case) -> str:
    more, found = float(case.stress.dynamics["joint_damping"]), shaking(case)
    fast = max(found, key=lambda name: found[name])
    if found[fast] > _SHAKES:
        return (
            f"The engine, not the policy: {case.place.engine} damps explicitly, and {fast} shakes by itself at "
            f"{case.stress.physics_hz} steps a second, without policy or ground. Judge by the other engine."
        )
    legs = (joint for joint in case.spec.joints if joint.name in case.spec.leg_joints and joint.kp > 0)
    slow = max(legs, key=lambda joint: (joint.kd + more) / joint.kp)
    return (
        f"Slower joints: {slow.name} follows its target with a time constant kd / kp of "
        f"{1e3 * (slow.kd + more) / slow.kp:.0f} instead of {1e3 * slow.kd / slow.kp:.0f} ms. Train with joint damping."
    )


def _gains(case: Case) -> str:
    factor = case.stress.dynamics
    kp, kd = factor.get("stiffness", 1.0), factor.get("damping_gain", 1.0)
    soft = min((joint for joint in case.spec.joints if joint.name in case.spec.leg_joints), key=lambda joint: joint.kp)
    return (
        f"Other gains than it was trained with: kp x{kp:g}, kd x{kd:g}; {soft.name} gives {1 / kp:.2f} times as far "
        "under the same torque, so that the same actions are other torques. Train with gains that vary."
    )


def _rotors(case: Case) -> str:
    weak = pds(case.spec)[0]
    return (
        f"Rotors are {100 * weak.rotor / weak.inertia:.0f}% of what {weak.joint} turns: the PD there acts on another "
        "inertia than in training. Train with rotors that vary."
    )


def _rate(case: Case) -> str:
    return (
        f"The policy leans on a PD that acts {PD_RATE_HZ} times a second, each torque held for {1e3 / PD_RATE_HZ:.0f} "
        "ms: a motor's own is quicker. Train at physics_hz = 1000 for the last steps."
    )


def _model(case: Case) -> str:
    if case.place.engine == DEFAULT and case.place.mjcf is None:
        return "Engine and model are the default ones of trainings: it is the policy itself that falls."
    other = lighter_and_heavier(case.place, case.spec.name)
    if not other:
        return f"Masses are those of the URDF: the engine {case.place.engine} differs in contacts and joint limits."
    heavier = ", ".join(
        f"{name} {more:+.2f} kg" for name, more in sorted(other.items(), key=lambda item: -abs(item[1]))
    )
    return f"The model's masses differ from the URDF's: {heavier}; so do its contact shapes."


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
