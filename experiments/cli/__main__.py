"""``python -m simonsays.experiments.cli``."""

from simonsays.experiments.cli import main

main()
