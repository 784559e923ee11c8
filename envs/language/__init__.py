"""Language: text to a typed Instruction and back. Imports nothing but the standard library, lark and rapidfuzz."""

from simonsays.envs.language.instruction import Instruction, InstructionError, ObjectRef, Step
from simonsays.envs.language.parser import ParseError, parse
from simonsays.envs.language.render import render

__all__ = ["Instruction", "InstructionError", "ObjectRef", "ParseError", "Step", "parse", "render"]
