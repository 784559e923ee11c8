"""What is taken where nothing is said. The one place that names a robot outside of sim/robots."""

DEFAULT_ROBOT = "g1"
