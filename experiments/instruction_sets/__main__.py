"""``python -m simonsays.experiments.instruction_sets``: write every split's file anew, each whole or not at all."""

from simonsays.experiments.instruction_sets import FOLDER
from simonsays.experiments.instruction_sets.writing import write

if __name__ == "__main__":
    write(FOLDER)
