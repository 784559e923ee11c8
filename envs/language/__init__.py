"""Language: text to a typed Instruction and back. Imports nothing but the standard library, lark and rapidfuzz."""

from simonsays.envs.language.errors import ParseError
from simonsays.envs.language.instruction import Instruction, InstructionError, ObjectRef, Step
from simonsays.envs.language.parser import Analysis, analyze, detect, parse
from simonsays.envs.language.render import render

__all__ = [
    "Analysis",
    "Instruction",
    "InstructionError",
    "ObjectRef",
    "ParseError",
    "Step",
    "analyze",
    "detect",
    "parse",
    "render",
]
