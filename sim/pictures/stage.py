"""Stage: draws any instant of a recording, without words."""

from __future__ import annotations

import tempfile
from pathlib import Path

from simonsays.assets import InputError
from simonsays.sim.engines.native import pybullet, silenced
from simonsays.sim.pictures.camera import Camera, Frame, Picture
from simonsays.sim.pictures.cameras import camera_path, smooth_way
from simonsays.sim.pictures.frame import compose
from simonsays.sim.pictures.ground_textures import Trail
from simonsays.sim.pictures.looks import LOOKS
from simonsays.sim.pictures.renderers import FLAGS, choose_renderer, fineness, shoot, use_egl
from simonsays.sim.recording import Recording
from simonsays.sim.robots import get_robot
from simonsays.sim.shapes import prop_mesh
from simonsays.sim.specs import COLORS, PropSpec, RobotSpec, scene_from_dict
from simonsays.sim.storyline import Storyline, actors
from simonsays.sim.world import World


class Stage:
    """Draws any instant of a recording, in any order; frees its world with :meth:`close`.

    Args:
        renderer: auto, tiny or egl. look: one of LOOKS.

    Attributes:
        renderer: with ``name`` and ``reason``.

    Raises:
        InputError: an unknown robot, joints that are not the robot's, a bad scene, or EGL that does not work.
    """

    def __init__(self, recording: Recording, *, renderer: str = "auto", look: str = "light") -> None:
        self._recording, self._look = recording, LOOKS[look]
        self._members = (recording, *recording.others)
        specs = [_robot_of(each) for each in self._members]
        self.renderer = choose_renderer(renderer)
        self._world = World(scene_from_dict(recording.meta.get("scene", {})), visuals=True)
        try:
            self._stand_ins: dict[int, int] = {}
            if self.renderer.name == "egl":
                with silenced():
                    use_egl(self._world)
                    self._stand_ins = egl_props(self._world)
            self._robots = self._world.spawn_all(specs)
            if self.renderer.name == "egl":
                with silenced():  # it says something at its first picture
                    shoot(self._world.client, Camera((0.0, 0.0, 0.5)), (32, 32), FLAGS["egl"], self._look)
        except BaseException:
            self._world.close()
            raise
        self._trails, self._actors = [Trail(smooth_way(each)) for each in self._members], actors(recording)
        self._story = Storyline.of(recording)

    def cameras(self, name: str, frame: Frame | None = None) -> list[Camera]:
        """The camera of that name at each instant (T)."""
        return camera_path(name, self._recording, frame)

    def draw(self, index: int, camera: Camera, size: tuple[int, int]) -> Picture:
        """(height, width, 3) uint8 of instant ``index``."""
        rec, actor = self._recording, int(self._actors[index])
        for robot, each in zip(self._robots, self._members, strict=True):
            base = each.base_position[index].tolist(), each.base_orientation[index].tolist()
            robot.reset(*base, each.joint_positions[index].tolist())
        position = self._members[actor].base_position[index].tolist()
        self._world.set_prop_poses(rec.prop_positions[index], rec.prop_orientations[index])
        for place, shape in self._stand_ins.items():
            at = rec.prop_positions[index, place].tolist(), rec.prop_orientations[index, place].tolist()
            pybullet.resetBasePositionAndOrientation(shape, *at, physicsClientId=self._world.client)
        return compose(
            self._world,
            camera,
            size,
            renderer=FLAGS[self.renderer.name],
            look=self._look,
            fine=fineness(self.renderer.name, size),
            trail=(self._trails[actor], index),
            goal=self._story.goal_at(index),
            focus=(position[0], position[1], position[2]),
        )

    def close(self) -> None:
        """Free the world; a second call does nothing."""
        with silenced():
            self._world.close()


def _robot_of(recording: Recording) -> RobotSpec:
    """The robot of a recording. Raises InputError: it is not known, or the joints are not its own."""
    spec = get_robot(recording.meta.get("robot", "g1"))
    if recording.joint_names.tolist() != [joint.name for joint in spec.joints]:
        raise InputError(
            f"the recording's {len(recording.joint_names)} joints are not those of the robot {spec.name!r}"
        )
    return spec


def egl_props(world: World) -> dict[int, int]:
    """Bodies that EGL shows in the place of props that are meshes of vertices, which it cannot, by prop's place."""
    made = {}
    with tempfile.TemporaryDirectory() as folder:
        for place, prop in enumerate(world.props.values()):
            visual = _egl_shape(prop.spec, Path(folder) / f"{place}.obj")
            color = COLORS[prop.spec.color]
            shape = pybullet.createVisualShape(rgbaColor=color, physicsClientId=world.client, **visual)
            made[place] = pybullet.createMultiBody(0, -1, shape, physicsClientId=world.client)
    return made


def _egl_shape(spec: PropSpec, file: Path) -> dict[str, object]:
    """An OBJ of what TinyRenderer draws: EGL shades its own boxes as if they were round."""
    mesh = prop_mesh(spec)
    lines = ["v {:.5f} {:.5f} {:.5f}".format(*vertex) for vertex in mesh["vertices"]]
    lines += ["vn {:g} {:g} {:g}".format(*normal) for normal in mesh["normals"]]
    corners = [f"{i + 1}//{i + 1}" for i in mesh["indices"]]
    lines += [f"f {' '.join(corners[i : i + 3])}" for i in range(0, len(corners), 3)]
    file.write_text("\n".join(lines) + "\n")
    return {"shapeType": pybullet.GEOM_MESH, "fileName": str(file)}
