"""Language: text to a typed Instruction and back. Imports nothing but the standard library, lark and rapidfuzz."""

from simonsays.envs.language.errors import ParseError
from simonsays.envs.language.instruction import Instruction, InstructionError, ObjectRef, Step
from simonsays.envs.language.locale import Locale, detect, get_locale, locales, register_locale
from simonsays.envs.language.parser import Analysis, analyze, parse
from simonsays.envs.language.render import render

__all__ = [
    "Analysis",
    "Instruction",
    "InstructionError",
    "Locale",
    "ObjectRef",
    "ParseError",
    "Step",
    "analyze",
    "detect",
    "get_locale",
    "locales",
    "parse",
    "register_locale",
    "render",
]
