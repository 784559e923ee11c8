"""A first spec of a robot, from its model alone; each field says how sure it is, and why."""

from simonsays.sim.drafting.draft import Draft, draft
from simonsays.sim.drafting.writing import source

__all__ = ["Draft", "draft", "source"]
