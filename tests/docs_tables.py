"""The tables of docs/ that are made from the code. ``python tests/docs_tables.py`` writes them anew.

They stand between ``<!-- made: MAKER ARGUMENTS -->`` and ``<!-- end -->``, so that they can be read without the site.
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
_MADE = re.compile(r"(<!-- made: (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)


def with_tables(text: str) -> str:
    """A page with its tables as the code has them now."""
    return _MADE.sub(lambda found: f"{found[1]}\n{_make(*found[2].split())}\n\n{found[3]}", text)


def _make(maker: str, *arguments: str) -> str:
    return MAKERS[maker](*arguments)


def named(dotted: str) -> Any:
    """The object of a dotted name."""
    module, _, name = dotted.rpartition(".")
    return getattr(importlib.import_module(module), name)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    lines = [list(head), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def first_sentence(thing: Any) -> str:
    """Of a docstring, on one line."""
    text = " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())
    return re.split(r"(?<=\.)\s+(?=[A-Z])", text)[0]


def noted_fields(kind: type) -> dict[str, tuple[str, str, str]]:
    """Type, default and note (the text that stands under it) of each field of a dataclass or model, as written."""
    found = {}
    for cls in reversed(kind.__mro__):
        if "__annotations__" not in vars(cls) or cls.__module__.partition(".")[0] != "simonsays":
            continue
        try:
            (tree,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
        except OSError:  # made by a call, as by pydantic's create_model
            continue
        assert isinstance(tree, ast.ClassDef)
        for node, after in zip(tree.body, [*tree.body[1:], None], strict=True):
            if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
                continue
            if ast.unparse(node.annotation).startswith("ClassVar"):
                continue
            said = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and after.value.value
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
            return _EMPTY.get(ast.unparse(given["default_factory"]), "those of the env")
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
    import typer

    from simonsays.experiments import cli

    if not cli.app.registered_commands:
        cli._register()
    found = typer.main.get_command(cli.app).commands  # type: ignore[attr-defined]
    rows = [
        (f"`simon {name}`", (command.help or "").split("\n\n")[0].replace("\n", " ")) for name, command in found.items()
    ]
    return table(("command", "what it does"), sorted(rows))


def words() -> str:
    """The fields of an instruction whose values are words, and those words."""
    from simonsays.envs.language import instruction as contract

    values = {
        "verb": contract.VERBS,
        "direction": contract.DIRECTIONS,
        "side": contract.SIDES,
        "speed": contract.SPEEDS,
        "location": contract.LOCATIONS,
        "size": contract.SIZES,
        "relation": contract.RELATIONS,
    }
    return table(
        ("field", "values"), [(f"`{name}`", ", ".join(map("`{}`".format, them))) for name, them in values.items()]
    )


def skills() -> str:
    """The skills and a sentence for each."""
    from simonsays.envs.skills import skills as known

    return table(("skill", "for example"), [(f"`{verb}`", f"“{skill.example}”") for verb, skill in known().items()])


def registered(dotted: str) -> str:
    """A registry of functions or classes: their names and the first sentences of their docstrings."""
    return table(("name", "what"), [(f"`{name}`", first_sentence(it)) for name, it in sorted(named(dotted).items())])


def blocks() -> str:
    """The observation blocks."""
    from simonsays.envs.observations import BLOCKS

    rows = [(f"`{name}`", first_sentence(it.function), it.mirror) for name, it in sorted(BLOCKS.items())]
    return table(("name", "what", "mirror image"), rows)


def envs() -> str:
    """The env ids and their classes."""
    from simonsays.envs import ENV_IDS, env_class

    ids = [f"simonsays.envs:{name}" for name in ENV_IDS]
    return table(("id", "what"), [(f"`{name}`", first_sentence(env_class(name))) for name in ids])


def algorithms() -> str:
    """The algorithms."""
    from simonsays.agents.recipes.hyperparameters import HYPERPARAMETERS

    rows = [(f"`{name}`", it.title, first_sentence(it)) for name, it in sorted(HYPERPARAMETERS.items())]
    return table(("name", "from", "what"), rows)


def shipped() -> str:
    """Files that come with the package, by kind."""
    from simonsays.experiments.cli.list_command import inventory

    found = inventory()
    rows = [(kind, ", ".join(f"`{name}`" for name in found[kind])) for kind in ("policies", "recipes", "scenes")]
    return table(("kind", "names"), rows)


MAKERS: dict[str, Callable[..., str]] = {
    maker.__name__: maker for maker in (algorithms, blocks, commands, envs, fields, registered, shipped, skills, words)
}


if __name__ == "__main__":
    for page in PAGES:
        old = page.read_text(encoding="utf-8")
        if (new := with_tables(old)) != old:
            page.write_text(new, encoding="utf-8")
            sys.stdout.write(f"{page.relative_to(DOCS.parent)}\n")
