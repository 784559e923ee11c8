"""Trajectory: what happened in a run, as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simonsays.assets.notes import dataclass
from simonsays.sim.state import Array


@dataclass(frozen=True, eq=False)
class Trajectory:
    """A run at T instants of a robot with J joints among P props. World frame; quaternions are xyzw.

    Whatever is said to be of a control step is of the one that ended at the instant: 0 at the first. What a recording
    of an older format lacks is None: ``joint_targets``, ``motion`` and what the policy saw and did came with format 2,
    ``to_go`` with format 3; with format 4 came all from ``torque_limit_share`` on. Up to format 3 ``joint_torques`` are
    those of the control step's last physics step.
    """

    time: Array
    """(T,) s since the run began"""
    base_position: Array
    """(T, 3) m"""
    base_orientation: Array
    """(T, 4)"""
    base_linear_velocity: Array
    """(T, 3) m/s"""
    base_angular_velocity: Array
    """(T, 3) rad/s"""
    joint_names: NDArray[np.str_]
    """(J,)"""
    joint_positions: Array
    """(T, J) rad"""
    joint_velocities: Array
    """(T, J) rad/s"""
    joint_torques: Array
    """(T, J) N m, applied, mean over the physics steps of the control step"""
    foot_contacts: NDArray[np.bool_]
    """(T, 2) left, right: the foot presses on something with more than 5 N"""
    prop_names: NDArray[np.str_]
    """(P,)"""
    prop_positions: Array
    """(T, P, 3) m"""
    prop_orientations: Array
    """(T, P, 4)"""
    step_index: NDArray[np.int64]
    """(T,) which step of the plan ran"""
    meta: dict[str, Any]
    """format, robot, robot_name (of several robots), robots (the kind of each by name), engine, policy, scene,
    scene_name, instruction (the text), instruction_json, notes (what a reading passed over), seed, versions, verdict,
    steps (robot, text, verb, things (of the scene, by name), status, reason, started s, ended s, goal, falls,
    rose), env"""
    joint_targets: Array | None = None
    """(T, J) rad, what the PD controllers followed from this instant on; NaN where the robot had fallen"""
    motion: NDArray[np.str_] | None = None
    """(T,) the motion whose policy acted; empty where none did"""
    policy_observations: NDArray[np.float32] | None = None
    """(T, N) what it saw; NaN where none acted, and after what it saw where another motion's policy sees more"""
    policy_actions: NDArray[np.float32] | None = None
    """(T, L) what it did; NaN where none acted"""
    to_go: Array | None = None
    """(T, 3) forward m, left m, angle rad in the robot's heading frame: what is left of the step; NaN: nothing is"""
    torque_limit_share: Array | None = None
    """(T, J) 0 to 1, share of the control step's physics steps in which the torque was at the joint's limit"""
    velocity_reversals: NDArray[np.int64] | None = None
    """(T, J) how often the velocity changed its sign from a physics step to the next, however small it was"""
    contact_pairs: NDArray[np.str_] | None = None
    """(K, 2) names of the two bodies that touched at any instant: links of the robot, props, ground, in that order"""
    contact_forces: Array | None = None
    """(T, K, 3) N, on the first of the two, mean over the control step; 0 where they do not touch"""
    others: tuple[Any, ...] = ()
    """the other robots of the same world at the same instants; ``meta["robot_name"]`` says which one each is"""

    def __len__(self) -> int:
        return len(self.time)

    def contacts(self, index: int) -> list[tuple[str, str, Array]]:
        """What touched at an instant: two bodies, and the force (3,) N, world, on the first.

        Empty where the recording does not know.
        """
        if self.contact_pairs is None or self.contact_forces is None:
            return []
        forces = self.contact_forces[index]
        return [(*self.contact_pairs[k].tolist(), forces[k]) for k in np.flatnonzero(forces.any(axis=1))]
