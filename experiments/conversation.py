"""Session: a robot that is talked to, sentence by sentence, in one world that goes on."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from simonsays.envs.policy.policy import Policy
from simonsays.experiments.live.jobs import ENDED, Job, Refusal
from simonsays.experiments.live.session import LiveSession
from simonsays.sim.engines import DEFAULT
from simonsays.sim.recording import Recording
from simonsays.sim.specs import SceneSpec

_REST = 25  # control steps of standing still after a sentence


class Session:
    """A conversation with a robot: each sentence is done before the next one is heard, and all is recorded.

        with simonsays.Session("two_balls") as session:
            session.say("kick the red ball")  # Refusal: 'the red ball': which? ...
            session.say("the left one")  # Job, with a status and a verdict for each step
            session.say("again")

    "It", "there", "again", "the other one", "faster" and "no, the blue one" refer to what was done; what lies left or
    behind is told from where the robot then is.

    Args:
        scene: a scene, a shipped one's name, or a TOML file. robot: a name or a file. policy: a bundle for the gait.
        engine: of the physics. seed: of everything random; equal sentences give equal recordings.

    Raises:
        InputError: no such scene, robot, policy or engine.
    """

    def __init__(
        self,
        scene: SceneSpec | str | Path = "playground",
        *,
        robot: str | None = None,
        policy: str | Path | Policy | None = None,
        engine: str = DEFAULT,
        seed: int = 0,
    ) -> None:
        self._live = LiveSession(scene, policy=policy, robot=robot, engine=engine, seed=seed)
        self._live.start_recording()

    def say(self, text: str) -> Job | Refusal:
        """Do what a sentence says; its Job once that is over, or a Refusal that says why not and may ask."""
        job = self._live.submit(text)
        if isinstance(job, Refusal):
            return job
        while job.status not in ENDED:
            self._live.step()
        for _ in range(_REST):
            self._live.step()
        return job

    @property
    def asks(self) -> bool:
        """Whether the last sentence left something open, which the next one may answer."""
        return self._live.context.question is not None

    def recording(self) -> Recording | None:
        """All that was done since the beginning, or since this was asked for last; None where nothing was."""
        self._live.stop_recording()
        made = self._live.take_recording()
        self._live.start_recording()
        return made

    def close(self) -> None:
        """Free the physics client; a second call does nothing."""
        self._live.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
