"""A robot in MuJoCo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from simonsays.sim.engines.base import Body
from simonsays.sim.engines.mujoco_model import library, wxyz
from simonsays.sim.engines.quantities import BaseState, Feet, Member, Torques
from simonsays.sim.rotations import rotation_rows
from simonsays.sim.state import Array

_SENSES = 14  # numbers that the sensors of a robot's feet give


def prefix_of(member: Member) -> str:
    """What stands before the names of a robot's bodies and joints in MuJoCo's model."""
    return member.name and f"{member.name}/"


class MujocoBody(Body):
    """A robot in MuJoCo; ``place``: among the robots of its world."""

    engine: Any  # a MujocoEngine, whose file imports this one

    def __init__(self, engine: Any, member: Member, place: int) -> None:
        spec, tree, prefix = member.spec, member.tree, prefix_of(member)
        super().__init__(engine, spec, tree)
        self._prefix, self._senses = prefix, slice(_SENSES * place, _SENSES * (place + 1))
        self.model = model = engine.model
        named = {model.body(i).name: i for i in range(model.nbody)}
        self.links: list[int] = []
        """MuJoCo's body of each link, by its place; of a link that the model lacks what its joint moves there, or what
        it hangs on"""
        for place, (name, parent) in enumerate(zip(tree.links, tree.parents, strict=True)):
            hung = tree.above(place)
            if prefix + name in named:
                self.links.append(named[prefix + name])
            elif hung and hung.moves:
                self.links.append(int(model.joint(prefix + hung.name).bodyid[0]))
            else:
                self.links.append(self.links[parent])
        self.owners = _owners(model, self.links)
        self._own = np.array([*self.owners])
        joints = [model.joint(prefix + name) for name in tree.joints]
        self._angles = np.array([int(joint.qposadr[0]) for joint in joints])
        self._dofs = np.array([int(joint.dofadr[0]) for joint in joints])
        self._masses, self._inertias = model.body_mass.copy(), model.body_inertia.copy()
        self._armature = model.dof_armature[self._dofs].copy()
        root = model.body(self.links[0])
        self._root, self._root_dof = int(model.jnt_qposadr[root.jntadr[0]]), int(model.jnt_dofadr[root.jntadr[0]])
        self._pushed = False
        self.read()

    def masses(self) -> Array:
        found = np.zeros(len(self.links))
        for body, place in self.owners.items():
            found[place] += self.engine.model.body_mass[body]
        return found

    def _heaviest(self, place: int) -> int:
        """The body that a load on a link goes to: the heaviest of those that are one with it there, as a hand's."""
        if self.engine.model.body(self.links[place]).name == self._prefix + self.tree.links[place]:
            return self.links[place]
        parts = [body for body, owner in self.owners.items() if owner == place] or [self.links[place]]
        return max(parts, key=lambda body: float(self._masses[body]))

    def _set_inertias(self) -> None:
        model, added = self.engine.model, self.dynamics.added_mass
        own = self._own
        model.body_mass[own], model.body_inertia[own] = self._masses[own], self._inertias[own]
        for name, mass in added.items():
            body = self._heaviest(self.tree.place[name])
            model.body_inertia[body] *= (model.body_mass[body] + mass) / model.body_mass[body]
            model.body_mass[body] += mass
        model.dof_armature[self._dofs] = self.dynamics.armature * self._armature
        self.engine.refresh_constants()

    def _set_friction(self) -> None:
        model = self.engine.model
        model.dof_damping[self._dofs] = self.dynamics.joint_damping
        model.dof_frictionloss[self._dofs] = self.dynamics.friction_loss

    @property
    def positions(self) -> list[float]:
        return list(self._positions.tolist())

    @property
    def velocities(self) -> list[float]:
        return list(self._velocities.tolist())

    def _set_gains(self) -> None:
        super()._set_gains()
        self._kp, self._kd, self._limit = np.array(self._gains).T.copy()

    def follow(self, targets: Torques) -> None:
        super().follow(np.array(targets))

    def _pd(self, targets: Torques) -> Torques:
        torques: Array = self._kp * (targets - self._positions) - self._kd * self._velocities
        np.minimum(torques, self._limit, out=torques)
        np.maximum(torques, -self._limit, out=torques)
        return torques

    def read(self) -> None:
        data = self.engine.data
        self._positions, self._velocities = data.qpos[self._angles], data.qvel[self._dofs]

    def _apply(self, torques: Torques) -> None:
        data = self.engine.data
        data.qfrc_applied[self._dofs] = torques
        if self.forces or self._pushed:
            data.xfrc_applied[self._own] = 0.0
            self._pushed = bool(self.forces)
            for place, (force, torque) in self.forces.items():
                data.xfrc_applied[self.links[place]] = (*force, *torque)

    def place(self, position: Sequence[float], orientation: Sequence[float], angles: Sequence[float]) -> None:
        data, at, dof = self.engine.data, self._root, self._root_dof
        data.qpos[at : at + 3], data.qpos[at + 3 : at + 7] = position, wxyz(orientation)
        data.qvel[dof : dof + 6] = 0.0
        data.qpos[self._angles], data.qvel[self._dofs] = angles, 0.0
        data.qfrc_applied[self._dofs], data.xfrc_applied[self._own], data.qacc_warmstart[:] = 0.0, 0.0, 0.0
        data.sensordata[self._senses] = 0.0
        self.engine.moved()
        self.rest()
        self.read()

    def set_base_velocity(self, linear: Sequence[float], angular: Sequence[float]) -> None:
        data, dof = self.engine.data, self._root_dof
        rows = np.array(self.base().rows)
        data.qvel[dof : dof + 3], data.qvel[dof + 3 : dof + 6] = linear, rows.T @ np.array(angular)
        self.engine.moved()

    def base(self) -> BaseState:
        data, at, dof = self.engine.data, self._root, self._root_dof
        px, py, pz, w, x, y, z = data.qpos[at : at + 7].tolist()
        vx, vy, vz, p, q, r = data.qvel[dof : dof + 6].tolist()
        rows = (ax, bx, cx), (ay, by, cy), (az, bz, cz) = rotation_rows((x, y, z, w))
        angular = (ax * p + bx * q + cx * r, ay * p + by * q + cy * r, az * p + bz * q + cz * r)
        return BaseState((px, py, pz), (x, y, z, w), rows, (vx, vy, vz), angular)

    def feet(self) -> Feet:
        engine = self.engine
        engine.freshen()
        a, b, c, d, e, f, g, h, i, j, k, m, left, right = engine.data.sensordata[self._senses].tolist()
        return Feet(((a, b, c), (d, e, f)), ((g, h, i), (j, k, m)), (left, right))

    def link_poses(self, links: Sequence[int]) -> tuple[Array, Array]:
        self.engine.freshen()
        bodies, data = [self.links[place] for place in links], self.engine.data
        return data.xpos[bodies].copy(), data.xquat[bodies][:, [1, 2, 3, 0]]

    def centres(self, links: Sequence[int]) -> Array:
        self.engine.freshen()
        found: Array = self.engine.data.xipos[[self.links[place] for place in links]]
        return found

    def depths(self) -> dict[tuple[int, int], float]:
        self.engine.freshen()
        places, found = self.engine.places, dict[tuple[int, int], float]()
        contact = self.engine.data.contact
        for (one, other), distance in zip(contact.geom.tolist(), contact.dist.tolist(), strict=True):
            a, b = sorted((places[one] - self.first, places[other] - self.first))
            if a >= 0 and b < len(self.links) and distance < 0:
                found[a, b] = max(found.get((a, b), 0.0), -distance)
        return found

    def mass_matrix(self, angles: Array) -> Array:
        mj, model = library(), self.engine.model
        data, order = mj.MjData(model), [*range(self._root_dof, self._root_dof + 6), *self._dofs.tolist()]
        found, column = np.empty((len(angles), len(order), len(order))), np.empty(model.nv)
        for matrix, pose in zip(found, angles, strict=True):
            data.qpos[self._angles] = pose
            mj.mj_forward(model, data)
            for i, dof in enumerate(order):
                mj.mj_mulM(model, data, column, np.eye(model.nv)[dof])
                matrix[:, i] = column[order]
        return found


def _owners(model: Any, links: Sequence[int]) -> dict[int, int]:
    """Place of the link that each of a robot's bodies is; of a locked wrist's, which is none, that it is welded to."""
    found = dict(zip(reversed(links), reversed(range(len(links))), strict=True))
    welded = {int(model.body_weldid[body]): place for body, place in reversed(found.items())}
    root = int(model.body_rootid[links[0]])
    robot = (body for body in range(model.nbody) if int(model.body_rootid[body]) == root)
    return {body: found[body] if body in found else welded[int(model.body_weldid[body])] for body in robot}
