"""Language: text to a typed Instruction and back. Imports the standard library, assets, lark and rapidfuzz."""

from simonsays.envs.language.analysis import Analysis
from simonsays.envs.language.errors import ParseError
from simonsays.envs.language.instruction import Instruction, InstructionError, ObjectRef, Step
from simonsays.envs.language.known import detect, get_locale, locales, register_locale, register_verb
from simonsays.envs.language.locale import Locale
from simonsays.envs.language.parser import analyze, parse
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
    "register_verb",
    "render",
]
