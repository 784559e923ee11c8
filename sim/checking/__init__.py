"""What a robot's files say, what of it is simulated, and what is measured of it before anything is trained."""

from simonsays.sim.checking.check import Report, check_model, check_spec

__all__ = ["Report", "check_model", "check_spec"]
