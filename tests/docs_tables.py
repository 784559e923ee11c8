"""The tables of docs/ that are made from the code.

``python tests/docs_tables.py`` writes them anew, ``--check`` tells which are not as the code has them now.
They stand between ``<!-- made: MAKER ARGUMENTS -->`` and ``<!-- end -->``, so that they can be read without the site.
Where the code has no note on a field, the one that a page has stays.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
_MADE = re.compile(r"(<!-- made: (.+?) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
_ROW = re.compile(r"^(\| `\w+` \|.*\| )(.*) \|$", re.MULTILINE)


def with_tables(text: str) -> str:
    """A page with its tables as the code has them now."""
    return _MADE.sub(lambda found: f"{found[1]}\n{_make(found[3], *found[2].split())}\n\n{found[4]}", text)


def _make(before: str, maker: str, *arguments: str) -> str:
    """A table anew, with the notes that the one before has and the code has not."""
    notes = dict(_ROW.findall(before))
    return _ROW.sub(lambda row: f"{row[1]}{row[2] or notes.get(row[1], '')} |", MAKERS[maker](*arguments))


def named(dotted: str) -> Any:
    """The object of a dotted name."""
    module, _, name = dotted.rpartition(".")
    return getattr(importlib.import_module(module), name)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    lines = [list(head), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def noted_fields(kind: type) -> dict[str, tuple[str, str, str]]:
    """Type, default and note (beneath it, or in the docstring) of each field of a dataclass or model, as written."""
    found = {}
    for cls in reversed(kind.__mro__):
        if "__annotations__" not in vars(cls) or cls.__module__.partition(".")[0] != "simonsays":
            continue
        try:
            (tree,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
        except OSError:  # made by a call, as by pydantic's create_model
            continue
        assert isinstance(tree, ast.ClassDef)
        section = (ast.get_docstring(tree) or "").partition("Attributes:\n")[2]
        attributes = dict(re.findall(r"^ {4}(\w+): (.+(?:\n {8}.+)*)", section, re.MULTILINE))
        for node, after in zip(tree.body, [*tree.body[1:], None], strict=True):
            if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
                continue
            if ast.unparse(node.annotation).startswith("ClassVar"):
                continue
            said = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and after.value.value
            said = said or attributes.get(node.target.id, "")
            found[node.target.id] = (
                re.sub(r"Annotated\[(\w+), [^]]*\]", r"\1", ast.unparse(node.annotation)).replace(" | ", " or "),
                _default(node.value),
                " ".join(str(said or "").split()),
            )
    return found


_EMPTY = {"dict": "{}", "tuple": "()", "list": "[]"}


def _default(node: ast.expr | None) -> str:
    """As it is written, out of ``field(default=...)`` and ``Field(...)``; empty where there is none."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("field", "Field"):
        given = {word.arg: word.value for word in node.keywords}
        if "default_factory" in given:
            factory = ast.unparse(given["default_factory"])
            return f"{factory}()" if factory[0].isupper() else _EMPTY.get(factory, "those of the env")
        node = given.get("default", node.args[0] if node.args else None)
    return "" if node is None else ast.unparse(node)


def fields(dotted: str, *without: str) -> str:
    """The fields of a dataclass or model, but those ``without``."""
    rows = [
        (f"`{name}`", f"`{kind}`", f"`{default}`" if default else "", note)
        for name, (kind, default, note) in noted_fields(named(dotted)).items()
        if name not in without
    ]
    return table(("field", "type", "default", "what"), rows)


def commands() -> str:
    """The commands and what each is for."""
    from simonsays.experiments.cli import simon

    told = {name: (made.help or "").split("\n\n")[0].replace("\n", " ") for name, made in simon().commands.items()}
    return table(("command", "what it does"), sorted((f"`simon {name}`", text) for name, text in told.items()))


def words() -> str:
    """The fields of an instruction whose values are words, and those words."""
    from simonsays.envs.language import instruction as contract
    from simonsays.envs.language.vocabulary import contract_verbs, verbs

    later = {verb: f"{verb}` (since {verbs()[verb].since})" for verb in contract_verbs() if verbs()[verb].since > 2}
    values = {
        "verb": contract_verbs(),
        "direction": contract.DIRECTIONS,
        "side": contract.SIDES,
        "speed": contract.SPEEDS,
        "location": contract.LOCATIONS,
        "size": contract.SIZES,
        "relation": contract.RELATIONS,
        "shape": contract.SHAPES,
        "style": contract.STYLES,
        "effort": contract.EFFORTS,
    }
    said = {name: ", ".join("`" + later.get(one, f"{one}`") for one in them) for name, them in values.items()}
    return table(("field", "values"), [(f"`{name}`", them) for name, them in said.items()])


def kinds() -> str:
    """Kinds of tokens, and the keys of their tables."""
    from simonsays.envs.language.tokens import KINDS

    named = {"number": "a number", "whole": "a whole number", "limb:side": "`limb:side`", "each": "what it stands for"}
    rows = []
    for kind, told in KINDS.items():
        values = told.get("values", "")
        keys = (
            "" if told.get("made") else named.get(values) or ", ".join(f"`{key}`" for key in ["any", *values.split()])
        )
        rows.append((f"`{kind}`", keys, told["what"]))
    return table(("kind", "keys", "what"), rows)


def templates() -> str:
    """What a render.toml may have."""
    from simonsays.envs.language.known import _TEMPLATES

    rows = []
    for name, keys in _TEMPLATES.items():
        for key, told in keys.items():
            parts = [f"{{{part}}}" for part in told.get("parts", "").split()] or ["{}"] * told.get("amount", False)
            braces = " ".join(f"`{part}`" for part in parts)
            if told.get("parts") == "step":
                braces = "those of `step`"
            what = told["what"] + (" (needed)" if told.get("needed") else "")
            rows.append((f"`[{name}]` `{key}`", what, braces))
    return table(("template", "what", "parts"), rows)


def registered() -> str:
    """All that ``simon list`` names, with the first sentences of docstrings."""
    from simonsays.experiments.cli.list_command import inventory

    parts = []
    for kind, entries in inventory().items():
        told = {name: entry["about"] for name, entry in sorted(entries.items()) if entry.get("about")}
        rows = [(f"`{name}`", about) for name, about in told.items()]
        listed = table(("name", "what"), rows) if rows else ", ".join(f"`{name}`" for name in sorted(entries)) + "."
        if entries:
            parts.append(f"## {kind.capitalize()}\n\n{listed}")
    return "\n\n".join(parts)


def events() -> str:
    """Events with their parameters, and what is short for these among the env's settings."""
    from simonsays.envs.event_settings import short_forms
    from simonsays.envs.events import DEFAULT_EVENTS

    short, rows = {place: f"`{key}`" for key, place in short_forms().items()}, []
    for event in DEFAULT_EVENTS:
        about = (type(event).__doc__ or "").partition("\n")[0]
        for name, (_, _, note) in noted_fields(type(event)).items():
            place, default = (event.name, name), f"`{getattr(event, name)}`"
            rows.append((f"`{'.'.join(place)}`", short.get(place, ""), default, f"{about} {note}".strip()))
            about = ""
    return table(("event and parameter", "short form", "default", "what"), rows)


def joints(name: str) -> str:
    """The joints of a robot in its order: their limits, where they stand, and who moves them."""
    from simonsays.sim.robots import get_robot
    from simonsays.sim.specs.urdf import read_urdf

    robot = get_robot(name)
    limits = {joint.name: joint for joint in read_urdf(robot.urdf).joints}
    rows = [
        (
            f"`{joint.name}`",
            f"{limits[joint.name].lower:g} to {limits[joint.name].upper:g}",
            f"{joint.default:g}",
            "its policy" if joint.name in robot.leg_joints else "skills",
        )
        for joint in robot.joints
    ]
    return table(("joint", "limits, rad", "standing, rad", "moved by"), rows)


def capabilities() -> str:
    """What each of our engines can do, and how well."""
    from simonsays.sim.engines import ENGINES

    ours = [kind for name, kind in ENGINES.items() if ENGINES.origin(name) == "simonsays"]
    able = list(dict.fromkeys(each for kind in ours for each in kind.capabilities))
    cells = [[kind.capabilities.get(each) for kind in ours] for each in able]
    rows = [
        (each, *(f"**{can.support}**. {can.about}" if can else "" for can in row))
        for each, row in zip(able, cells, strict=True)
    ]
    return table(("", *(f"`{kind.name}` ({kind.title})" for kind in ours)), rows)


def rotors(name: str) -> str:
    """By joint, a robot's effective inertia over the true one in Bullet."""
    from simonsays.sim.engine_choice import robot_told
    from simonsays.sim.robots import get_robot

    told = robot_told(get_robot(name), "bullet")["rotors"]
    rows = [
        (f"`{joint}`", *(f"{found[each]:.2f}" for each in ("standing", "least", "most")))
        for joint, found in told.items()
    ]
    return table(("joint", "standing", "least", "most"), rows)


def abstract(dotted: str) -> str:
    """The methods and properties that a class leaves to those beneath it."""
    kind = named(dotted)
    rows = [
        (f"`{name}{_arguments(method)}`", " ".join((inspect.getdoc(method) or "").split("\n\n")[0].split()))
        for name, method in vars(kind).items()
        if getattr(method, "__isabstractmethod__", False)
    ]
    return table(("method or property", "what"), rows)


def _arguments(method: Any) -> str:
    """As it is called; nothing of a property."""
    if isinstance(method, property):
        return ""
    return "(" + ", ".join(name for name in inspect.signature(method).parameters if name != "self") + ")"


MAKERS: dict[str, Callable[..., str]] = {
    maker.__name__: maker
    for maker in (abstract, capabilities, commands, events, fields, joints, kinds, registered, rotors, templates, words)
}


if __name__ == "__main__":
    texts = {page: page.read_text(encoding="utf-8") for page in PAGES}
    stale = {page: made for page, text in texts.items() if (made := with_tables(text)) != text}
    for page, made in stale.items():
        sys.stdout.write(f"{page.relative_to(DOCS.parent)}\n")
        if "--check" not in sys.argv:
            page.write_text(made, encoding="utf-8")
    sys.exit("--check" in sys.argv and bool(stale))
