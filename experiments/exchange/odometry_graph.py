"""Leg odometry as nodes of a graph: how fast the base moves over each foot, from joints and gyroscope."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simonsays.experiments.exchange.onnx_graph import Graph, Symbol, onnx_arrays
from simonsays.sim.kinematics import Tree, skew
from simonsays.sim.rotations import matrix_from_quaternion, quaternion_from_rpy
from simonsays.sim.state import Array


def leg_odometry(graph: Graph, tree: Tree, feet: Sequence[str], signals: dict[str, Symbol]) -> Symbol:
    """(batch, 6) m/s, base frame: RobotState.leg_odometry, left foot first.

    Along the chain of joints to a foot: where its centre of mass is in the base's frame, and how fast it moves there.
    """
    return graph.concatenate([_Chain(graph, tree, foot, signals).over() for foot in feet], -1)


class _Chain:
    """Rotation (batch, 3, 3), place, velocity and turning (batch, 3) of a foot in the base's frame."""

    def __init__(self, graph: Graph, tree: Tree, foot: str, signals: dict[str, Symbol]) -> None:
        self._graph, self._xp, self._gyro = graph, onnx_arrays(graph), signals["angular_velocity"]
        nothing = self._gyro * 0.0
        self._turned = nothing[..., None] + np.eye(3)
        self._place = self._speed = self._turning = nothing
        links, place = list[int](), tree.place[foot]
        while place > 0:
            links.append(place)
            place = tree.parents[place]
        for link in reversed(links):
            joint = tree.above(link)
            assert joint is not None
            self._go(np.array(joint.origin.xyz))
            self._turned = self._times(matrix_from_quaternion(quaternion_from_rpy(*joint.origin.rpy)))
            if joint.moves:
                at = tree.joints.index(joint.name)
                self._turn(tree.own_axes[at], *(signals[f"joint_{s}"][..., at : at + 1] for s in _STATES))
        self._go(tree.centre[tree.place[foot]])

    def _times(self, matrix: Array | Symbol) -> Symbol:
        return self._graph.node("MatMul", self._turned.name, self._graph.named(matrix))

    def _seen(self, vector: Array) -> Symbol:
        """A vector of the link's frame, in the base's."""
        found: Symbol = self._xp.sum(self._turned * vector, -1)
        return found

    def _go(self, step: Array) -> None:
        if step.any():
            way = self._seen(step)
            self._place, self._speed = self._place + way, self._speed + _cross(self._turning, way)

    def _turn(self, axis: Array, angle: Symbol, speed: Symbol) -> None:
        cross = skew(axis.tolist())
        sine, cosine = (angle.apply(function)[..., None] for function in ("Sin", "Cos"))
        self._turned = self._times(sine * cross + (1.0 - cosine) * (cross @ cross) + np.eye(3))
        self._turning = self._turning + self._seen(axis) * speed

    def over(self) -> Symbol:
        """(batch, 3) m/s: minus the foot's velocity, were the base to turn without moving."""
        found: Symbol = (self._speed + _cross(self._gyro, self._place)) * -1.0
        return found


_STATES = ("positions", "velocities")


def _cross(a: Symbol, b: Symbol) -> Symbol:
    found: Symbol = a.take([1, 2, 0]) * b.take([2, 0, 1]) - a.take([2, 0, 1]) * b.take([1, 2, 0])
    return found
