"""``python -m simonsays.experiments.instruction_sets``."""

from simonsays.experiments.instruction_sets import main

if __name__ == "__main__":
    main()
