"""One unassisted episode of a policy, as a recording: what a film of a checkpoint shows."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simonsays.agents.measure.protocols import motion_of
from simonsays.agents.measure.rollout import prepare_task
from simonsays.envs.policy.policy import acting
from simonsays.sim.engines import DEFAULT
from simonsays.sim.recorder import RecordingWriter
from simonsays.sim.recording import Recording
from simonsays.sim.state import Reading, Vector
from simonsays.sim.world import World

COMMANDS: tuple[tuple[str, float, Vector], ...] = (
    ("stand still", 1.0, (0.0, 0.0, 0.0)),
    ("walk forward at 0.5 m/s", 3.0, (0.5, 0.0, 0.0)),
    ("walk and turn left", 3.0, (0.3, 0.0, 0.5)),
    ("walk forward at 0.8 m/s", 2.0, (0.8, 0.0, 0.0)),
    ("stand still", 1.0, (0.0, 0.0, 0.0)),
)
"""what a policy that follows commands is told in every film: words, s, and forward m/s, left m/s, yaw rate rad/s"""
SEED = 0


@dataclass
class _Recorder:
    """A viewer of an env that keeps what it is shown, at the control rate whatever an action's length is."""

    writer: RecordingWriter
    step: int = 0
    times: list[float] = field(default_factory=list)

    def show(self, world: World, reading: Reading) -> None:
        """Keep an instant."""
        self.writer.append(reading, self.step)
        self.times.append(reading.time)

    def close(self) -> None:
        """Nothing is open."""


def record_episode(bundle: Path, env_id: str, title: str, seconds: float = 20.0, engine: str = DEFAULT) -> Recording:
    """An episode of a bundle, always the same one: COMMANDS where it follows commands, else the env's seed 0.

    It ends with the episode, a fall, or after ``seconds``. ``title`` is what a film calls it.
    ``engine``: of the physics.

    Raises:
        InputError: the bundle cannot be read, or does not fit the env.
    """
    env, policy = prepare_task(str(bundle), env_id, engine)
    inner: Any = env.unwrapped
    with closing(env):
        motion = motion_of(env_id)
        told = _Commands(inner) if motion is not None and motion.travels else None
        observation, info = env.reset(seed=SEED, options={"command": [0.0, 0.0, 0.0]} if told else None)
        recorder = _Recorder(RecordingWriter(inner.world, inner.robot))
        recorder.show(inner.world, inner.state)
        inner.viewers.append(recorder)
        act, over, ended = acting(policy), False, False
        while not (over or ended or recorder.times[-1] >= seconds):
            if told is not None and (found := told.at(recorder.times[-1])) is not None:
                recorder.step, observation = found
            observation, _, ended, cut, info = env.step(act(observation))
            over = cut or (told is not None and recorder.times[-1] >= told.seconds)
        success = bool(info.get("is_success", False))
        fell = bool(info.get("fell", ended and not success))
        steps = told.steps(recorder.times[-1], fell) if told else [_whole(info, recorder.times[-1], fell, success)]
        good = all(step["status"] == "success" for step in steps)
        meta = {"policy": policy.name, "instruction": title, "seed": SEED, "steps": steps}
        return recorder.writer.finish({**meta, "verdict": "success" if good else "failure"})


class _Commands:
    """Gives COMMANDS one after the other, without anything random."""

    def __init__(self, env: Any) -> None:
        env.reconfigure(friction=None, joint_noise=0.0, episode_seconds=1e6)
        self._env, self._given = env, -1
        ends = [sum(length for _, length, _ in COMMANDS[: i + 1]) for i in range(len(COMMANDS))]
        self._starts, self.seconds = [0.0, *ends[:-1]], ends[-1]

    def at(self, time: float) -> tuple[int, Any] | None:
        """Place of the command that begins now, and the observation with it; None where none does."""
        place = sum(start <= time + 1e-6 for start in self._starts) - 1
        if place == self._given:
            return None
        self._given = place
        return place, self._env.set_command(COMMANDS[place][2])

    def steps(self, end: float, fell: bool) -> list[dict[str, Any]]:
        """What a recording's meta has of each; ``end`` s: when it ended."""
        found = []
        for i, (start, (text, length, _)) in enumerate(zip(self._starts, COMMANDS, strict=True)):
            begun, last = i <= self._given, i == self._given
            failed = fell and last
            status = "failure" if failed else "success" if begun else "pending"
            found.append(
                {
                    "text": text,
                    "status": status,
                    "reason": "fell" if failed else "",
                    "started": start if begun else None,
                    "ended": min(start + length, end) if begun else None,
                }
            )
        return found


def _whole(info: dict[str, Any], end: float, fell: bool, success: bool) -> dict[str, Any]:
    """The only step of an episode that is not made of commands."""
    reason = "" if success else "fell" if fell else str(info.get("reason") or "")
    text = str(info.get("instruction") or "the task")
    return {"text": text, "status": "success" if success else "failure", "reason": reason, "started": 0.0, "ended": end}
