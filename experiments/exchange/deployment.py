"""The deployment contract: a walking policy as a graph from a robot's raw signals to joint targets.

The graph holds all that lies between: observation blocks with scales and history, network, reference motion and its
clock. It takes ``gravity`` and ``angular_velocity`` (base frame), ``joint_positions``, ``joint_velocities`` and
``command``, and what it remembers: ``phase`` and ``history``; it gives ``joint_targets``, ``next_phase`` and
``next_history``. The metadata entry ``deployment`` is one JSON document with the rest: joint order, standing pose,
gains, limits of torque, rotors, rates, first values of what is remembered. examples/deploy_onnx.py uses nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from simonsays.assets import InputError, did_you_mean
from simonsays.envs.context import JointLayout
from simonsays.envs.motions.gait import Gait
from simonsays.envs.motions.pattern import GaitClock, Maths, following, over_feet, pace, strides, ticked
from simonsays.envs.motions.run import Run
from simonsays.envs.observations import BLOCKS
from simonsays.envs.policy.policy import Policy
from simonsays.envs.stage import CONTROL_HZ
from simonsays.experiments.exchange.odometry_graph import leg_odometry
from simonsays.experiments.exchange.onnx_graph import Graph, Symbol
from simonsays.sim.kinematics import Tree
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import PD_RATE_HZ, RobotSpec

Outputs = dict[str, tuple[Symbol, int]]
_TWO_PI = 6.283185307179586
_CLOCK = len(GaitClock(0.0, False))
_SIGNALS = {
    "gravity": "unit vector of gravity, base frame: (0, 0, -1) when upright",
    "angular_velocity": "rad/s, base frame (x forward, y left, z up)",
    "joint_positions": "rad, in the order of joint_names",
    "joint_velocities": "rad/s, in the order of joint_names",
    "command": "forward m/s, sideways m/s (left positive), yaw rate rad/s",
}
_RULES = (
    "Call the graph control_hz times a second with batches of one, all float32; pass next_phase and next_history back "
    "as phase and history at the next call, and begin with what `memory` says. Between calls apply, pd_hz times a "
    "second, the torques kp (joint_targets - joint_positions) - kd joint_velocities, cut at plus or minus effort. The "
    "robot starts standing: joints as standing_pose, base base_height m above the ground. Add armature to each joint's "
    "inertia where a simulator's model has no rotors."
)


class Seen(NamedTuple):
    """What blocks are made from."""

    graph: Graph
    signals: dict[str, Symbol]
    clock: GaitClock
    legs: list[int]
    upper: list[int]
    standing: list[float]
    last_action: Symbol
    odometry: Symbol
    follows: Symbol


def _drift_error(seen: Seen) -> Symbol:
    drift = seen.graph.concatenate([seen.clock.forward, seen.clock.sideways], -1)
    off: Symbol = drift - seen.follows[..., 0:2]
    return off


def _bent(seen: Seen, joints: list[int]) -> Symbol:
    off: Symbol = seen.signals["joint_positions"].take(joints) - [seen.standing[place] for place in joints]
    return off


def _phase(seen: Seen) -> Symbol:
    graph, angle = seen.graph, seen.clock.phase * _TWO_PI
    turned = graph.concatenate([angle.apply("Sin"), angle.apply("Cos")], -1)
    return graph.choose(seen.clock.stepping, turned, 0.0)


BLOCK_GRAPHS: dict[str, Callable[[Seen], Symbol]] = {
    "gravity": lambda seen: seen.signals["gravity"],
    "base_angular_velocity": lambda seen: seen.signals["angular_velocity"],
    "leg_odometry": lambda seen: seen.odometry,
    "drift_error": _drift_error,
    "command": lambda seen: seen.follows,
    "height_command": lambda seen: seen.signals["gravity"][..., 0:1] * 0.0,  # it always stands at its full height
    "gait_phase": _phase,
    "leg_positions": lambda seen: _bent(seen, seen.legs),
    "leg_velocities": lambda seen: seen.signals["joint_velocities"].take(seen.legs),
    "upper_positions": lambda seen: _bent(seen, seen.upper),
    "upper_velocities": lambda seen: seen.signals["joint_velocities"].take(seen.upper),
    "last_action": lambda seen: seen.last_action,
}
"""observation blocks that can be made from a robot's signals"""


def deployed(graph: Graph, policy: Policy, act: Callable[[Symbol], Symbol]) -> tuple[Outputs, dict[str, Any]]:
    """The outputs of a walking policy's graph, and what its metadata say.

    ``act``: from features to the action.

    Raises:
        InputError: it is no policy of the gait, has a memory of its own, or sees what no robot measures.
    """
    said = policy.description
    spec, blocks = get_robot(said["robot"]), [each["block"] for each in said["observation"]]
    _check(policy, blocks)
    places = {joint.name: i for i, joint in enumerate(spec.joints)}
    legs, standing = [places[name] for name in said["action"]["joints"]], [joint.default for joint in spec.joints]
    tree = Tree(spec)
    upper = JointLayout.of(spec, tree).upper
    widths = {
        "gravity": 3,
        "angular_velocity": 3,
        **dict.fromkeys(("joint_positions", "joint_velocities"), len(places)),
    }
    signals = {name: graph.input(name, width) for name, width in {**widths, "command": 3}.items()}
    phase = graph.input("phase", _CLOCK)
    frame_width = sum(each["width"] for each in said["observation"])
    history = graph.input("history", 1 + policy.history * frame_width + len(legs))
    ticks = [phase[..., i : i + 1] for i in range(_CLOCK)]
    clock = GaitClock(ticks[0], ticks[1] > 0.5, *ticks[2:])
    last = history[..., 1 + policy.history * frame_width : None]
    odometry = leg_odometry(graph, tree, spec.feet, signals)
    follows = graph.concatenate([*clock.follows], -1)
    frame = _frame(Seen(graph, signals, clock, legs, upper, standing, last, odometry, follows), blocks)
    frames = frame
    if policy.history > 1:
        kept, first = history[..., 1 + frame_width : 1 + policy.history * frame_width], [frame] * (policy.history - 1)
        before = graph.choose(history[..., 0:1] > 0.5, kept, graph.concatenate(first, -1))
        frames = graph.concatenate([before, frame], -1)
    action = act(frames)
    after, offsets = _reference(graph, spec, clock, signals, odometry)
    order = [places[name] for name in (joint.name for joint in spec.joints)]
    residual = graph.concatenate([action * said["action"]["scale"], signals["gravity"][..., 0:1] * 0.0], -1)
    spots = [legs.index(place) if place in legs else len(legs) for place in order]
    targets = offsets + residual.take(spots) + standing
    one = signals["gravity"][..., 0:1] * 0.0 + 1.0
    stepping = graph.choose(after.stepping, one, one * 0.0)
    next_phase = graph.concatenate([after.phase, stepping, *after[2:]], -1)
    outputs = {
        "joint_targets": (targets, len(places)),
        "next_phase": (next_phase, _CLOCK),
        "next_history": (graph.concatenate([one, frames, action], -1), 1 + policy.history * frame_width + len(legs)),
    }
    return outputs, _about(policy, spec, blocks, 1 + policy.history * frame_width + len(legs))


def deployable(policy: Policy) -> bool:
    """Whether a policy walks on nothing but what a robot measures."""
    try:
        _check(policy, [each["block"] for each in policy.description["observation"]])
    except InputError:
        return False
    return True


def _check(policy: Policy, blocks: list[str]) -> None:
    said = policy.description
    if (
        said.get("motion") not in (Gait.name, Run.name)
        or "lstm" in said["network"]
        or said.get("settings", {}).get("reference")
    ):
        raise InputError(
            f"policy {policy.name!r}: only a policy of the gait without a state can be deployed: --network"
        )
    for name in blocks:
        if name not in BLOCK_GRAPHS:
            told = "is nothing that a robot measures" if name in BLOCKS else "is not known"
            raise InputError(f"policy {policy.name!r}: its block {name!r} {told}{did_you_mean(name, BLOCK_GRAPHS)}")


def _frame(seen: Seen, blocks: list[str]) -> Symbol:
    """One observation: the blocks, scaled and cut."""
    parts = []
    for name in blocks:
        block = BLOCKS[name]
        parts.append((BLOCK_GRAPHS[name](seen) * block.scale).clip(-block.bound, block.bound))
    return seen.graph.concatenate(parts, -1)


def onnx_maths(graph: Graph) -> Maths:
    """What the reference gait calculates with (envs/motions/pattern.py), as nodes of a graph."""

    def two(kind: str) -> Callable[[Any, Any], Symbol]:
        return lambda one, other: graph.node(kind, graph.named(one), graph.named(other))

    def one(kind: str) -> Callable[[Any], Symbol]:
        return lambda value: graph.node(kind, graph.named(value))

    logic = two("And"), two("Or"), one("Not")
    return Maths(one("Sin"), one("Cos"), one("Sqrt"), one("Floor"), two("Min"), two("Max"), graph.choose, *logic)


def _reference(
    graph: Graph, spec: RobotSpec, clock: GaitClock, signals: dict[str, Symbol], odometry: Symbol
) -> tuple[GaitClock, Symbol]:
    """The clock a control step later, and what the reference then adds to the standing pose, (batch, J) rad."""
    m, gait = onnx_maths(graph), spec.gait
    places = {joint.name: i for i, joint in enumerate(spec.joints)}
    command, gravity = ([signals[name][..., i : i + 1] for i in range(3)] for name in ("command", "gravity"))
    feet = [[odometry[..., i : i + 1] for i in (side, side + 1)] for side in (0, 3)]
    clock = following(m, gait, clock, command, 1 / CONTROL_HZ)
    now = pace(m, gait, clock.ahead, clock.aside)
    moves = over_feet(m, clock, feet, now.duty)
    after = ticked(m, gait, clock, 1 / CONTROL_HZ, now, command, moves, gravity[:2])
    nothing = signals["gravity"][..., 0:1] * 0.0
    found: list[Symbol] = [nothing] * len(places)
    for side, offsets in enumerate(strides(m, gait, after, after.follows, now)):
        roles = (gait.hip_pitch, gait.knee, gait.ankle_pitch, gait.hip_roll, gait.hip_yaw, gait.ankle_roll)
        for role, offset in zip((*roles, gait.arm_swing), offsets, strict=True):
            if role is not None:
                found[places[role[side]]] = graph.choose(after.stepping, offset, 0.0)
    return after, graph.concatenate(found, -1)


def _about(policy: Policy, spec: RobotSpec, blocks: list[str], history_width: int) -> dict[str, Any]:
    tree = Tree(spec)
    return {
        "rules": _RULES,
        "inputs": _SIGNALS,
        "robot": spec.title,
        "joint_names": [joint.name for joint in spec.joints],
        "standing_pose": [joint.default for joint in spec.joints],
        "kp": [joint.kp for joint in spec.joints],
        "kd": [joint.kd for joint in spec.joints],
        "effort": tree.effort.tolist(),
        "armature": [joint.armature for joint in spec.joints],
        "lower": tree.lower.tolist(),
        "upper": tree.upper.tolist(),
        "base": spec.base,
        "base_height": spec.base_height,
        "control_hz": CONTROL_HZ,
        "pd_hz": PD_RATE_HZ,
        "observation": [{"block": name, "scale": BLOCKS[name].scale, "bound": BLOCKS[name].bound} for name in blocks],
        "history": policy.history,
        "action": policy.description["action"],
        "command_ranges": policy.description.get("command", {}),
        "memory": {"phase": [0.0, 0.0, 0.5, *[0.0] * (_CLOCK - 3)], "history": [0.0] * history_width},
    }
