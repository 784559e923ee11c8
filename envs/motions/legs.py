"""Legs: which motion runs, and the one after it."""

from __future__ import annotations

import math

from numpy.random import Generator

from simonsays.assets import InputError
from simonsays.envs.motions.base import CLOSE, MOTIONS, STILL, Motion, Reference, Wish
from simonsays.envs.stage import Stage
from simonsays.sim.state import Vector


class Legs:
    """The motions of the legs on a stage, one at a time; ``home``: the motion that the env is for."""

    def __init__(self, stage: Stage, home: str) -> None:
        self._stage, self._motions = stage, dict[str, Motion]()
        self._eager = [self._get(name) for name, kind in MOTIONS.items() if kind.called_for is not Motion.called_for]
        self.return_to(home)
        self.motion = self.home
        """what they do now"""
        self.wish = Wish(STILL, stage.spec.standing_height)
        self.reference = Reference(stage.standing, 0.0, False, stage.spec.standing_height)
        """of the last control step"""
        self._begun = True  # a motion whose first reference is to be checked

    def _get(self, name: str) -> Motion:
        if name not in self._motions:
            self._motions[name] = MOTIONS[name](self._stage)
        return self._motions[name]

    def return_to(self, name: str) -> None:
        """Have an env for another motion from now on."""
        self.home = self._get(MOTIONS[name].home or name)
        """what an episode begins with, and they go back to"""

    @property
    def command(self) -> Vector:
        """(3,) what is obeyed of the command."""
        return self.motion.obeyed(self.wish.command)

    @property
    def follows(self) -> Vector:
        """(3,) the command as it is followed by now."""
        return self.reference.follows if self.motion.travels else self.command

    def tell(self, command: Vector, height: float | None, motion: str | None = None) -> None:
        """Take a command (3,) and a height of the base (m; None: standing), and begin a motion if it may begin now.

        A robot that is to be low stands still. InputError: no such motion.
        """
        standing = self._stage.spec.standing_height
        wanted = standing if height is None else height
        self.wish = Wish(command if wanted >= standing - CLOSE else STILL, wanted, motion)
        if motion is not None:
            self._begin(self._get(motion))

    def _begin(self, motion: Motion) -> None:
        before, now = self.reference, self.motion
        if motion.idle(before) if motion is now else not now.busy and motion.may_begin(before):
            self.motion, self.reference, self._begun = motion, motion.begin(before), True

    def start(self, rng: Generator) -> Reference:
        """The reference at the start of an episode, with what was told."""
        self.motion, self.reference = self.home, self.home.start(self.wish, rng)
        self._check()
        self.motion, self._begun = self._settled(), True
        return self.reference

    def _check(self) -> None:
        """Refuse a motion's first reference where it has other joints than the robot: InputError."""
        given, joints, self._begun = len(self.reference.targets), len(self._stage.standing), False
        if given != joints:
            told = f"robot {self._stage.spec.name!r} has {joints} joints, in the order of stage.layout.place"
            raise InputError(f"motion {self.motion.name!r}: its reference has {given} targets; {told}")

    def _settled(self) -> Motion:
        """What they are in by themselves: the home motion, or what their height calls for."""
        here = Wish(STILL, self.reference.height)
        eager = () if self.home.busy else self._eager
        return next((each for each in eager if each.called_for(here, self.reference)), self.home)

    def advance(self) -> Reference:
        """The next control step."""
        self._stage.cue -= self._stage.dt
        if self._stage.cue <= 0:
            self._stage.cue = math.inf
            self._begin(self.home)
        for motion in self._eager:
            if motion is not self.motion and motion.called_for(self.wish, self.reference):
                self._begin(motion)
        self.reference = self.motion.advance(self.wish, self.reference)
        if self._begun:
            self._check()
        if self.motion.done(self.wish, self.reference):
            self.motion = self._settled()
        return self.reference
