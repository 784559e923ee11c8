"""Let a robot walk in MuJoCo on an exported policy, with nothing of simonsays: what a robot's own computer would run.

    simon export onnx g1-locomotion walk.onnx
    python examples/deploy_onnx.py walk.onnx assets/robots/g1/g1.urdf --command 0.5 0 0.2 --seconds 20

Needs numpy, onnxruntime and mujoco. The policy's file tells the rest in its metadata: the order of the joints, gains,
limits of torque, rotors, standing pose, rates. The model may be a URDF or a MuJoCo XML; joints that the policy does
not know are locked.
"""

import argparse
import json

import mujoco
import numpy as np
import onnxruntime


class Walker:
    """A policy as its ONNX file has it: raw signals in, joint targets out.

    What it remembers (the gait's clock, earlier observations) goes in and comes out at each call.
    """

    def __init__(self, file):
        self.session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        self.about = json.loads(self.session.get_modelmeta().custom_metadata_map["deployment"])
        self.reset()

    def reset(self):
        """Forget what was."""
        self.memory = {name: np.array([first], np.float32) for name, first in self.about["memory"].items()}

    def targets(self, gravity, angular_velocity, positions, velocities, command):
        """Joint targets (J,) rad, to be asked for at ``control_hz``."""
        signals = {
            "gravity": gravity,
            "angular_velocity": angular_velocity,
            "joint_positions": positions,
            "joint_velocities": velocities,
            "command": command,
        }
        inputs = {name: np.asarray(value, np.float32)[None] for name, value in signals.items()} | self.memory
        found = dict(
            zip([each.name for each in self.session.get_outputs()], self.session.run(None, inputs), strict=True)
        )
        self.memory = {name: found[f"next_{name}"] for name in self.memory}
        return found["joint_targets"][0]


def load(file, about):
    """A model of the robot on a floor: the base floating, rotors as told, joints of others locked."""
    spec = mujoco.MjSpec.from_file(file)
    armature = dict(zip(about["joint_names"], about["armature"], strict=True))
    for kind in (spec.actuators, spec.sensors, spec.keys):
        for thing in list(kind):
            spec.delete(thing)
    for joint in list(spec.joints):
        if joint.name in armature:
            joint.armature = armature[joint.name]
        elif joint.type != mujoco.mjtJoint.mjJNT_FREE:
            spec.delete(joint)
    root = spec.worldbody.first_body()
    if not list(root.joints):
        root.add_freejoint()
    floor = spec.worldbody.add_geom(name="a floor", type=mujoco.mjtGeom.mjGEOM_PLANE, size=[0, 0, 1])
    floor.priority, floor.friction = 1, [1.0, 0.005, 0.0001]
    spec.option.timestep = 1 / about["pd_hz"]
    return spec.compile()


def main():
    """Walk, and say where the robot came to."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("policy")
    arguments.add_argument("model")
    arguments.add_argument("--command", type=float, nargs=3, default=[0.5, 0.0, 0.0], metavar=("X", "Y", "YAW"))
    arguments.add_argument("--seconds", type=float, default=10.0)
    said = arguments.parse_args()
    walker = Walker(said.policy)
    about = walker.about
    model = load(said.model, about)
    data = mujoco.MjData(model)
    joints = [model.joint(name) for name in about["joint_names"]]
    at, dof = np.array([(joint.qposadr[0], joint.dofadr[0]) for joint in joints]).T
    kp, kd, effort, standing = (np.array(about[key]) for key in ("kp", "kd", "effort", "standing_pose"))
    data.qpos[:7] = [0, 0, about["base_height"], 1, 0, 0, 0]
    data.qpos[at] = standing
    mujoco.mj_forward(model, data)
    steps = about["pd_hz"] // about["control_hz"]
    for _ in range(round(said.seconds * about["control_hz"])):
        turned = np.empty(9)
        mujoco.mju_quat2Mat(turned, data.qpos[3:7])
        gravity = -turned.reshape(3, 3)[2]  # the world's down, as the base sees it
        targets = walker.targets(gravity, data.qvel[3:6], data.qpos[at], data.qvel[dof], said.command)
        for _ in range(steps):
            torques = kp * (targets - data.qpos[at]) - kd * data.qvel[dof]
            data.qfrc_applied[dof] = np.clip(torques, -effort, effort)
            mujoco.mj_step(model, data)
        if gravity[2] > -0.5:
            print(f"fell after {data.time:.1f} s")
            return 1
    x, y, z = data.qpos[:3]
    print(f"after {data.time:.1f} s at x {x:.2f} m, y {y:.2f} m, base {z:.2f} m high")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
