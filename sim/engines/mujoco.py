"""MuJoCo behind the engine's interface: true rotors, one model and one data a world."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from simonsays.assets import InputError
from simonsays.sim.engines import register_engine
from simonsays.sim.engines.base import BaseState, Body, Capability, Contact, Engine, Feet, Support, Torques
from simonsays.sim.engines.mujoco_model import (
    add_mjcf,
    add_senses,
    add_urdf,
    ground_name,
    library,
    unwarned,
    world_spec,
    wxyz,
)
from simonsays.sim.kinematics import Tree
from simonsays.sim.rotations import rotation_rows
from simonsays.sim.specs import RobotSpec, SceneSpec
from simonsays.sim.state import Array, Vector


class MujocoBody(Body):
    """A robot in MuJoCo."""

    engine: MujocoEngine

    def __init__(self, engine: MujocoEngine, spec: RobotSpec, tree: Tree) -> None:
        super().__init__(engine, spec, tree)
        self.model = model = engine.model
        named = {model.body(i).name: i for i in range(model.nbody)}
        self.links: list[int] = []
        """MuJoCo's body of each link, by its place; of a link that the model lacks what its joint moves there, or what
        it hangs on"""
        for place, (name, parent) in enumerate(zip(tree.links, tree.parents, strict=True)):
            hung = tree.above(place)
            if name in named:
                self.links.append(named[name])
            else:
                self.links.append(int(model.joint(hung.name).bodyid[0]) if hung and hung.moves else self.links[parent])
        self.owners = _owners(model, self.links)
        joints = [model.joint(name) for name in tree.joints]
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
        if self.engine.model.body(self.links[place]).name == self.tree.links[place]:
            return self.links[place]
        parts = [body for body, owner in self.owners.items() if owner == place] or [self.links[place]]
        return max(parts, key=lambda body: float(self._masses[body]))

    def _set_inertias(self) -> None:
        model, added = self.engine.model, self.dynamics.added_mass
        model.body_mass[:], model.body_inertia[:] = self._masses, self._inertias
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

    def track(self, targets: Torques, steps: int, before_step: Callable[[], None] | None = None) -> list[Torques]:
        return super().track(np.array(targets), steps, before_step)

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
            data.xfrc_applied[:] = 0.0
            self._pushed = bool(self.forces)
            for place, (force, torque) in self.forces.items():
                data.xfrc_applied[self.links[place]] = (*force, *torque)

    def place(self, position: Sequence[float], orientation: Sequence[float], angles: Sequence[float]) -> None:
        data, at, dof = self.engine.data, self._root, self._root_dof
        data.qpos[at : at + 3], data.qpos[at + 3 : at + 7] = position, wxyz(orientation)
        data.qvel[dof : dof + 6] = 0.0
        data.qpos[self._angles], data.qvel[self._dofs] = angles, 0.0
        data.qfrc_applied[:], data.xfrc_applied[:], data.qacc_warmstart[:] = 0.0, 0.0, 0.0
        data.sensordata[:] = 0.0
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
        a, b, c, d, e, f, g, h, i, j, k, m, left, right = engine.data.sensordata.tolist()
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
            a, b = sorted((places[one], places[other]))
            if b < len(self.links) and distance < 0:
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


@register_engine
class MujocoEngine(Engine):
    """A world of MuJoCo, from 3.3 on.

    Attributes:
        model, data: MuJoCo's, None before the world is first stepped, read or given a robot.
        places: place of what each geom belongs to: links, props, ground, in this order.
    """

    name, title, package = "mujoco", "MuJoCo", "mujoco"
    capabilities: ClassVar[Mapping[str, Capability]] = {
        "rotors": Capability(Support.EXACT, "on the diagonal of the mass matrix (`armature`)"),
        "reset": Capability(Support.EXACT, "both modes: the model is kept, all state of the data is set anew"),
        "determinism": Capability(Support.EXACT, "bit for bit, on one machine and version"),
        "props": Capability(Support.EXACT, "boxes, balls, pillars, cones; moved ones push as if nothing held them"),
        "slopes": Capability(Support.EXACT, "a plane"),
        "bumps": Capability(Support.EXACT, "a height field of 60 m by 60 m"),
        "self-collision": Capability(Support.EXACT, "all pairs of links but those that overlap when standing"),
        "contact friction": Capability(
            Support.APPROXIMATE, "the ground's for feet, the product for props on the ground, 0.8 for robot and prop"
        ),
        "joint friction": Capability(Support.EXACT, "`frictionloss` and `damping`"),
        "pictures": Capability(Support.UNSUPPORTED, "films are drawn by Bullet, from a recording of either engine"),
        "mjcf": Capability(Support.EXACT, "`RobotSpec.mjcf`; joints that the spec does not name are locked"),
    }

    def __init__(self, dt: float, *, visuals: bool = False, window: bool = False) -> None:
        super().__init__(dt)
        if visuals or window:
            raise InputError("the engine mujoco draws no pictures: bullet draws them, from recordings of either")
        self._mj = library()
        self._compiled: dict[Any, Any] = {}  # the last one without a robot, and the last with one
        self.model: Any = None
        self.data: Any = None
        self._fresh, self._seen = False, list[Contact]()

    def _build(self, scene: SceneSpec, heights: Sequence[float]) -> None:
        self._scene, self._heights = scene, tuple(heights)
        self._compile(None, None, ())

    def _add_robot(self, spec: RobotSpec, tree: Tree, apart: Sequence[tuple[int, int]]) -> MujocoBody:
        self._compile(spec, tree, apart)
        body = MujocoBody(self, spec, tree)
        bodies = body.owners
        count = len(tree.links)
        props = {self.model.body(f"prop{i}").id: count + i for i in range(len(self._scene.props))}
        places = {**bodies, **props}
        self.places = [places.get(int(each), count + len(props)) for each in self.model.geom_bodyid]
        return body

    def _compile(self, spec: RobotSpec | None, tree: Tree | None, apart: Sequence[tuple[int, int]]) -> None:
        """A model as if freshly compiled; the one of before serves again where nothing differs."""
        key = (self._scene, self._heights, spec, tuple(apart))
        if key not in self._compiled:
            made = world_spec(self._scene, self._heights, self.dt)
            if spec is not None and tree is not None:
                _add_robot(made, spec, tree, apart)
            try:
                with unwarned():
                    self._compiled = {**dict([*self._compiled.items()][-1:]), key: made.compile()}
            except ValueError as error:
                what = self._scene.name if spec is None else spec.mjcf or spec.urdf
                raise InputError(f"{what}: MuJoCo cannot build it: {' '.join(str(error).split())}") from error
        self.model = copy.copy(self._compiled[key])
        self.data = self._mj.MjData(self.model)
        self._friction, self._seen = self._scene.ground.friction, []
        self._props = [self.model.body(f"prop{i}") for i in range(len(self._scene.props))]
        self.moved()

    def moved(self) -> None:
        """What follows from positions and velocities has to be worked out anew."""
        self._fresh = False

    def freshen(self) -> None:
        """Work out what follows from positions and velocities, where that is not done."""
        if not self._fresh:
            self._mj.mj_step1(self.model, self.data)
            self._fresh = True

    def refresh_constants(self) -> None:
        """After a change of masses or rotors."""
        kept = self.data.qpos.copy(), self.data.qvel.copy(), self.data.mocap_pos.copy(), self.data.mocap_quat.copy()
        self._mj.mj_setConst(self.model, self.data)
        self.data.qpos[:], self.data.qvel[:], self.data.mocap_pos[:], self.data.mocap_quat[:] = kept
        self.moved()

    def step(self) -> None:
        # The second half of a step, then the first half of the next: what follows from the new state is then at hand.
        model, data = self.model, self.data
        if not self._fresh:
            self._mj.mj_step1(model, data)
        self._mj.mj_step2(model, data)
        if self.measuring:
            self._seen = [*self._touching()]
        self._mj.mj_step1(model, data)
        self._fresh = True

    def _touching(self) -> Iterator[Contact]:
        model, data, force = self.model, self.data, np.empty(6)
        contact = data.contact
        frames = contact.frame.reshape(-1, 3, 3)
        for i, (one, other) in enumerate(contact.geom.tolist()):
            self._mj.mj_contactForce(model, data, i, force)
            if force[0] > 0:
                x, y, z = (-(force[:3] @ frames[i])).tolist()  # MuJoCo's is the force on the second
                yield self.places[one], self.places[other], (x, y, z)

    def contacts(self) -> Sequence[Contact]:
        return self._seen

    def set_friction(self, friction: float) -> None:
        self.model.geom(ground_name()).friction[0] = friction
        self.model.pair_friction[:, :2] *= friction / self._friction
        self._friction = friction

    def prop_poses(self) -> tuple[Array, Array]:
        positions, orientations = np.empty((len(self._props), 3)), np.empty((len(self._props), 4))
        for i, body in enumerate(self._props):
            if body.mocapid[0] >= 0:
                positions[i], turned = self.data.mocap_pos[body.mocapid[0]], self.data.mocap_quat[body.mocapid[0]]
            else:
                at = self.model.jnt_qposadr[body.jntadr[0]]
                positions[i], turned = self.data.qpos[at : at + 3], self.data.qpos[at + 3 : at + 7]
            orientations[i] = turned[[1, 2, 3, 0]]
        return positions, orientations

    def prop_velocity(self, place: int) -> Vector:
        body = self._props[place]
        if body.mocapid[0] >= 0:
            return (0.0, 0.0, 0.0)
        dof = self.model.jnt_dofadr[body.jntadr[0]]
        x, y, z = self.data.qvel[dof : dof + 3].tolist()
        return x, y, z

    def place_prop(self, place: int, position: Sequence[float], orientation: Sequence[float]) -> None:
        body, data = self._props[place], self.data
        if body.mocapid[0] >= 0:
            data.mocap_pos[body.mocapid[0]], data.mocap_quat[body.mocapid[0]] = position, wxyz(orientation)
        else:
            at, dof = self.model.jnt_qposadr[body.jntadr[0]], self.model.jnt_dofadr[body.jntadr[0]]
            data.qpos[at : at + 3], data.qpos[at + 3 : at + 7] = position, wxyz(orientation)
            data.qvel[dof : dof + 6] = 0.0
        self.moved()

    def _free(self) -> None:
        """Python's counting of references does."""


def _owners(model: Any, links: Sequence[int]) -> dict[int, int]:
    """Place of the link that each of a robot's bodies is; of a locked wrist's, which is none, that it is welded to."""
    found = dict(zip(reversed(links), reversed(range(len(links))), strict=True))
    welded = {int(model.body_weldid[body]): place for body, place in reversed(found.items())}
    root = int(model.body_rootid[links[0]])
    robot = (body for body in range(model.nbody) if int(model.body_rootid[body]) == root)
    return {body: found[body] if body in found else welded[int(model.body_weldid[body])] for body in robot}


def _add_robot(made: Any, spec: RobotSpec, tree: Tree, apart: Sequence[tuple[int, int]]) -> None:
    if spec.mjcf is None:
        add_urdf(made, spec, tree)
    else:
        add_mjcf(made, spec, tree, spec.mjcf)
    names = {body.name for body in made.bodies}
    add_senses(made, spec, names)
    for one, other in apart:
        a, b = tree.links[one], tree.links[other]
        if a in names and b in names:
            made.add_exclude(bodyname1=a, bodyname2=b)
