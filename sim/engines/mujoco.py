"""MuJoCo behind the engine's interface: true rotors, one model and one data a world."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from simonsays.assets import InputError
from simonsays.sim.engines import register_engine
from simonsays.sim.engines.base import Body, Engine
from simonsays.sim.engines.capabilities import COMMON, Capability, Support
from simonsays.sim.engines.mujoco_body import MujocoBody, prefix_of
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
from simonsays.sim.engines.quantities import Contact, Member
from simonsays.sim.specs import SceneSpec
from simonsays.sim.state import Array, Vector


@register_engine
class MujocoEngine(Engine):
    """A world of MuJoCo, from 3.3 on.

    Attributes:
        model, data: MuJoCo's, None before the world is first stepped, read or given a robot.
        places: place of what each geom belongs to: links, props, ground, in this order.
    """

    name, title, package = "mujoco", "MuJoCo", "mujoco"
    capabilities: ClassVar[Mapping[str, Capability]] = COMMON | {
        "rotors": Capability(Support.EXACT, "on the diagonal of the mass matrix (`armature`)"),
        "reset": Capability(Support.EXACT, "both modes: the model is kept, all state of the data is set anew"),
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
        self._compile(())

    def _add_robots(self, members: Sequence[Member]) -> list[Body]:
        self._compile(members)
        made = [MujocoBody(self, member, place) for place, member in enumerate(members)]
        places, count = dict[int, int](), 0
        for body in made:
            places |= {each: count + place for each, place in body.owners.items()}
            count += len(body.links)
        props = {self.model.body(f"prop{i}").id: count + i for i in range(len(self._scene.props))}
        places |= props
        self.places = [places.get(int(each), count + len(props)) for each in self.model.geom_bodyid]
        return [*made]

    def _compile(self, members: Sequence[Member]) -> None:
        """A model as if freshly compiled; the one of before serves again where nothing differs."""
        key = (self._scene, self._heights, *((each.name, each.spec, tuple(each.apart)) for each in members))
        if key not in self._compiled:
            made = world_spec(self._scene, self._heights, self.dt)
            for member in members:
                _add_robot(made, member)
            try:
                with unwarned():
                    self._compiled = {**dict([*self._compiled.items()][-1:]), key: made.compile()}
            except ValueError as error:
                what = ", ".join(str(each.spec.mjcf or each.spec.urdf) for each in members) or self._scene.name
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


def _add_robot(made: Any, member: Member) -> None:
    spec, tree, prefix = member.spec, member.tree, prefix_of(member)
    if spec.mjcf is None:
        add_urdf(made, spec, tree, prefix)
    else:
        add_mjcf(made, spec, tree, spec.mjcf, prefix)
    names = {body.name for body in made.bodies}
    add_senses(made, spec, names, prefix)
    for one, other in member.apart:
        a, b = prefix + tree.links[one], prefix + tree.links[other]
        if a in names and b in names:
            made.add_exclude(bodyname1=a, bodyname2=b)
