"""The contract of a physics engine: what World, Robot and all that is built on them rely on."""

from __future__ import annotations

from simonsays.sim.engines import ENGINES
from simonsays.testing._engine import body, dynamics, ends, ground, robots, things, worlds
from simonsays.testing._holding import accepted, holds

_PARTS = (body, dynamics, ground, things, worlds, robots, ends)
_CHECKS = [check for part in _PARTS for check in part.CHECKS]


def check_engine(name: str) -> None:
    """Check a physics engine by its name, with the robot g1 and physics steps of 5 ms.

    The body: joint torques are those of the PD; it falls as bodies fall, and answers torques and forces as its mass
    matrix says, rotors within what its capability promises; what is set reads back, and what is read is fresh.
    Its dynamics: each field of Dynamics does what it says, and nothing once it is taken back. The ground and the
    props: contact forces carry what they must, friction, slopes and bumps are the scene's, props fall, roll, push and
    are pushed, and links do not pass through each other; things of several parts are touched where they are drawn.
    Worlds: exact resets, equal runs, no world disturbs another, none is copied or used after its end, and none costs
    memory once it is gone. Robots: several in a world are driven each by itself, touch each other, and are exact again
    after a reset.

    Raises:
        AssertionError: something does not hold; the message says what.
    """
    holds(name in ENGINES, f"no engine {name!r}: mark its class with @register_engine")
    kind = ENGINES[name]
    holds(kind.name == name, f"engine {name!r}: registered as {kind.name!r}")
    holds(kind.title and kind.package, f"engine {name!r}: say its title and its package")
    for check in _CHECKS:
        with accepted(f"engine {name!r}"):
            check(name)
