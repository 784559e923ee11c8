"""Legs: which motion runs, and the one after it."""

from __future__ import annotations

import math

from numpy.random import Generator

from simonsays.envs.context import Episode
from simonsays.envs.motions.base import CLOSE, MOTIONS, STILL, Body, Motion, Reference, Wish
from simonsays.sim.state import Vector


class Legs:
    """The motions of one robot's legs, one at a time.

    Args:
        home: the motion that the env is for.

    Raises:
        InputError: no motion of that name.
    """

    def __init__(self, body: Body, home: str) -> None:
        self.body = body
        self._motions: dict[str, Motion] = {}
        self._eager = [self._get(name) for name, kind in MOTIONS.items() if kind.called_for is not Motion.called_for]
        self.return_to(home)
        self.motion = self.home
        """what they do now"""
        self.wish = Wish(STILL, body.spec.standing_height)
        self.reference = Reference(body.standing, 0.0, False, body.spec.standing_height, 0.0)
        """of the last control step"""

    def _get(self, name: str) -> Motion:
        if name not in self._motions:
            self._motions[name] = MOTIONS[name](self.body)
        return self._motions[name]

    def return_to(self, name: str) -> None:
        """Have an env for another motion from now on."""
        self.home = self._get(MOTIONS[name].home or name)
        """what an episode begins with, and they go back to"""

    @property
    def command(self) -> Vector:
        """(3,) what is obeyed of the command."""
        return self.motion.obeyed(self.wish.command)

    def tell(self, command: Vector, height: float | None, motion: str | None = None) -> None:
        """Take a command (3,) and a height of the base (m; None: standing), and begin a motion if it may begin now.

        A robot that is to be low stands still.

        Raises:
            InputError: no such motion.
        """
        standing = self.body.spec.standing_height
        wanted = standing if height is None else height
        self.wish = Wish(command if wanted >= standing - CLOSE else STILL, wanted, motion)
        if motion is not None:
            self._begin(self._get(motion))

    def _begin(self, motion: Motion) -> None:
        before, now = self.reference, self.motion
        if motion.idle(before) if motion is now else not now.busy and motion.may_begin(before):
            self.motion, self.reference = motion, motion.begin(before)

    def start(self, rng: Generator) -> Reference:
        """The reference at the start of an episode, with what was told."""
        self.motion = self.home
        self.reference = self.home.start(self.wish, rng)
        self.motion = self._settled()
        return self.reference

    def _settled(self) -> Motion:
        """What they are in by themselves: the home motion, or what their height calls for."""
        here = Wish(STILL, self.reference.height)
        eager = () if self.home.busy else self._eager
        return next((each for each in eager if each.called_for(here, self.reference)), self.home)

    def advance(self, now: Episode) -> Reference:
        """The next control step."""
        now.cue -= now.dt
        if now.cue <= 0:
            now.cue = math.inf
            self._begin(self.home)
        for motion in self._eager:
            if motion is not self.motion and motion.called_for(self.wish, self.reference):
                self._begin(motion)
        self.reference = self.motion.advance(now, self.wish, self.reference)
        if self.motion.done(self.wish, self.reference):
            self.motion = self._settled()
        return self.reference
