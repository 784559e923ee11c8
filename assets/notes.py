"""Notes on fields, the texts that stand beneath them, as part of their class's help.

The ``dataclass`` of this module is the usual one, and ``help`` of what it makes has the notes too; ``documented`` does
that for any other class. The source is read when somebody asks for the docstring, not before.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import textwrap
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

if not TYPE_CHECKING:

    def dataclass(cls: type | None = None, /, **options: Any) -> Any:
        """As of the standard library, with the fields' notes in the docstring."""
        if cls is None:
            return lambda each: dataclass(each, **options)
        return documented(dataclasses.dataclass(cls, **options))

else:
    from dataclasses import dataclass as dataclass

__all__ = ["Documented", "dataclass", "documented", "field_notes"]
Class = TypeVar("Class", bound=type)


class _Docstring(str):
    """A docstring that is put together when it is looked at."""

    owner: type

    def __get__(self, instance: object, owner: type) -> str:
        return self.expandtabs()

    def expandtabs(self, tabsize: Any = 8) -> str:
        """The whole text: ``help`` calls this even where a metaclass, as pydantic's, keeps ``__get__`` from it."""
        classes = [each for each in reversed(self.owner.__mro__) if isinstance(vars(each).get("__doc__"), _Docstring)]
        notes = {name: note for each in classes for name, note in field_notes(each).items()}
        listed = "\n".join(f"{name}: {note}" for name, note in notes.items())
        return "\n\n".join(filter(None, (inspect.cleandoc(str(self)), listed)))


def documented(cls: Class) -> Class:
    """Have the docstring of a class tell the notes on its fields, and on those that documented classes hand down."""
    docstring = _Docstring(vars(cls).get("__doc__") or "")
    cls.__doc__, docstring.owner = docstring, cls
    return cls


class Documented:
    """A base, as of pydantic models, whose subclasses are all documented."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        documented(cls)


def field_notes(cls: type) -> dict[str, str]:
    """Each note of a class's own fields, on one line; none where the source cannot be had, as of what was typed in."""
    try:
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    except (OSError, TypeError, SyntaxError, ValueError):
        return {}
    body = tree.body if isinstance(tree, ast.ClassDef) else []
    return {
        ast.unparse(field.target): " ".join(note.value.value.split())
        for field, note in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(note, ast.Expr)
        if isinstance(note.value, ast.Constant) and isinstance(note.value.value, str)
    }
