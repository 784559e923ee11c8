"""Events: what happens to an episode. Each is a class with typed parameters, in one of the modules beside this one."""

from __future__ import annotations

from simonsays.envs.events.arms import Arms
from simonsays.envs.events.base import EVENTS, Event, Short, hooks, register_event, when
from simonsays.envs.events.blows import Blow, Push
from simonsays.envs.events.body import Hands, JointFriction, Latency, Motors, TorqueDelay
from simonsays.envs.events.start import Cue, Friction, Ground, InitialVelocity, JointNoise, Payload

__all__ = ["DEFAULT_EVENTS", "EVENTS", "Event", "Friction", "Push", "Short", "hooks", "register_event", "when"]

DEFAULT_EVENTS: tuple[Event, ...] = (
    *(Ground(), Friction(range=(0.5, 1.25)), Payload(), Hands(), Motors(), JointFriction(), TorqueDelay()),
    *(JointNoise(deviation=0.03), InitialVelocity(), Cue(), Latency(), Push(), Blow(), Arms()),
)
"""of HumanoidEnv, in the order in which they draw; those of other packages come after"""
