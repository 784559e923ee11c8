"""What a policy that is told an instruction feels of its body, as numbers, and their mirror image."""

from __future__ import annotations

from simonsays.envs.env import HumanoidEnv
from simonsays.envs.instruction.encoding import GESTURES, PARTS, WIDTH
from simonsays.envs.moves.behavior import SkillContext
from simonsays.envs.moves.steering import to_heading


class BodyLayout:
    """The parts of the observation and their mirror image: the body, then the encoding."""

    def __init__(self, low: HumanoidEnv, flat: bool) -> None:
        self._flat, joints = flat, len(low.robot.joint_ids)
        self.widths = {"height": 1, "gravity": 3, "velocity": 3, "tilt_rate": 2, "feet": 2, "hands": 6}
        last = joints if flat else 4 + len(GESTURES)
        self.widths |= {"joint_positions": joints, "joint_velocities": joints} if flat else {}
        self.widths |= {"last_action": last, "encoding": WIDTH}

    def body(self, ctx: SkillContext, low: HumanoidEnv, action: list[float]) -> list[float]:
        """The body's numbers, scaled: base height above the ground against standing (0.3 m), gravity in the base
        frame, velocity in the heading frame (1 m/s, 1 m/s, 1.5 rad/s), roll and pitch rate (5 rad/s), foot contacts,
        hands from their shoulders in the heading frame (0.6 m), in control="joints" all joints relative to standing
        (3 rad) and their velocities (20 rad/s); the last action.
        """
        state, spec = ctx.state, low.spec_robot
        forward, left, yaw_rate = state.heading_velocity
        ground = low.world.scene.ground.gradient * state.base_position[0]
        numbers = [(state.base_position[2] - ground - spec.standing_height) / 0.3, *state.gravity]
        numbers += [forward, left, yaw_rate / 1.5]
        numbers += [rate / 5.0 for rate in state.local_angular_velocity[:2]]
        numbers += [float(touches) for touches in state.foot_contacts]
        for hand, shoulder in zip(ctx.hands.tolist(), ctx.shoulders.tolist(), strict=True):
            x, y, z = (a - b for a, b in zip(hand, shoulder, strict=True))
            numbers += [value / 0.6 for value in (*to_heading((x, y), state.yaw), z)]
        if self._flat:
            standing = low.robot.default_positions.tolist()
            numbers += [(q - rest) / 3.0 for q, rest in zip(state.joint_positions, standing, strict=True)]
            numbers += [velocity / 20.0 for velocity in state.joint_velocities]
        return [*numbers, *action]

    def mirror(self) -> tuple[list[float], list[float]]:
        """Places and signs of the mirror image, of the hierarchy's observation."""
        parts: list[tuple[tuple[int, ...], tuple[float, ...]]] = [
            ((0,), (1.0,)),
            ((0, 1, 2), (1.0, -1.0, 1.0)),
            ((0, 1, 2), (1.0, -1.0, -1.0)),
            ((0, 1), (-1.0, 1.0)),
            ((1, 0), (1.0, 1.0)),
            ((3, 4, 5, 0, 1, 2), (1.0, -1.0, 1.0) * 2),
            (tuple(range(4 + len(GESTURES))), (1.0, -1.0, -1.0, *[1.0] * (1 + len(GESTURES)))),
            *((part.places, part.signs) for part in PARTS),
        ]
        places: list[float] = []
        signs: list[float] = []
        for local, sign in parts:
            start = len(places)
            places += [start + place for place in local]
            signs += sign
        return places, signs
