"""The house's rules: imports point one way, no circle of files, rooms and functions of a habitable size."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ORDER = ["assets", "sim", "envs", "agents", "experiments", "__init__", "testing"]
FOLDERS = ORDER[:5]
FILES = [file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))]
FILES += [ROOT / "simonsays" / "__init__.py", *sorted((ROOT / "simonsays" / "testing").rglob("*.py"))]
PARSERS = {"lark", "opencc", "rapidfuzz", "spellchecker", "simonsays", "openai"}
LONGEST_FUNCTION, LONGEST_FILE, MOST_MODULES = 60, 350, 20


def label(file: Path) -> str:
    return str(file.relative_to(ROOT))


def module(file: Path) -> str:
    """``simonsays.sim.specs`` of ``sim/specs/__init__.py``."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(("simonsays", *parts) if parts[0] != "simonsays" else parts).removesuffix(".__init__")


MODULES = {module(file): file for file in FILES}
every_file = pytest.mark.parametrize("file", FILES, ids=label)


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


@cache
def imports(file: Path) -> tuple[str, ...]:
    """Modules that a file imports anywhere: in functions, for type checkers alone, and by import_module."""
    return tuple(_imports(file))


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, f"{file}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in MODULES else node.module for name in names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module") and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant):
                yield str(first.value)
            elif isinstance(first, ast.JoinedStr) and isinstance(first.values[0], ast.Constant):
                yield str(first.values[0].value).rstrip(".")


def room(name: str) -> str:
    """``sim`` of ``simonsays.sim.specs``; the facade is above them all."""
    return [*name.split("."), "__init__"][1]


@every_file
def test_imports_point_one_way(file: Path) -> None:
    here = room(module(file))
    for name in imports(file):
        assert name.split(".")[0] not in FOLDERS, f"{file}: bare import of {name}"
        if name.split(".")[0] == "simonsays":
            assert ORDER.index(room(name)) <= ORDER.index(here), f"{file}: {here} must not import {name}"
    if here not in ("agents", "testing"):
        assert not {"torch", "stable_baselines3", "sb3_contrib"} & {name.split(".")[0] for name in imports(file)}, file


def test_no_files_import_each_other_in_a_circle() -> None:
    graph = {name: {other for other in imports(file) if other in MODULES} for name, file in MODULES.items()}
    circles = [sorted(group) for group in strongly_connected(graph) if len(group) > 1]
    assert not circles


def strongly_connected(graph: dict[str, set[str]]) -> Iterator[set[str]]:
    """Tarjan's algorithm (SIAM J. Comput. 1, 1972)."""
    number, lowest, stack = dict[str, int](), dict[str, int](), list[str]()

    def visit(node: str) -> Iterator[set[str]]:
        number[node] = lowest[node] = len(number)
        stack.append(node)
        for other in sorted(graph[node]):
            if other not in number:
                yield from visit(other)
                lowest[node] = min(lowest[node], lowest[other])
            elif other in stack:
                lowest[node] = min(lowest[node], number[other])
        if lowest[node] == number[node]:
            place = stack.index(node)
            yield set(stack[place:])
            del stack[place:]

    for node in sorted(graph):
        if node not in number:
            yield from visit(node)


def test_circles_are_found() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set[str]()}
    assert sorted(map(sorted, strongly_connected(graph))) == [["a"], ["b", "c"], ["d"]]


def test_language_imports_the_standard_library_its_parsers_and_assets_alone() -> None:
    for file in (ROOT / "envs" / "language").rglob("*.py"):
        for name in imports(file):
            top = name.split(".")[0]
            assert top in sys.stdlib_module_names or top in PARSERS, f"{file}: {name}"
            if top == "simonsays":
                assert name.startswith(("simonsays.envs.language", "simonsays.assets")), f"{file}: {name}"


def test_no_text_is_executed_and_nothing_is_unpickled() -> None:
    for file in FILES:
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("eval", "exec", "print"), file
        assert not {"pickle", "cloudpickle", "joblib"} & set(imports(file)), file


@every_file
def test_files_and_functions_are_short(file: Path) -> None:
    lines = len(file.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_FILE, f"{lines} lines"
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            length = node.end_lineno - node.lineno + 1
            assert length <= LONGEST_FUNCTION, f"line {node.lineno}: {node.name} has {length} lines"


def test_rooms_are_not_crowded() -> None:
    files = [*FILES, *(ROOT / "tests").rglob("*.py")]
    crowd = Counter(file.parent for file in files if file.name != "__init__.py")
    assert not {label(room): count for room, count in crowd.items() if count > MOST_MODULES}


def literals(file: Path) -> Iterator[tuple[int, str]]:
    """The strings of a file that document nothing, with their lines."""
    documentation = {id(node.value) for node in ast.walk(tree(file)) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.lineno, node.value


@every_file
def test_words_of_a_language_stand_in_its_locale(file: Path) -> None:
    if label(file).startswith(("envs/language/en/", "envs/language/zh/", "assets/fonts/")):
        return
    for line, text in literals(file):
        assert not any("\u4e00" <= char <= "\u9fff" for char in text), f"line {line}: {text!r}"
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Attribute):
            assert node.attr != "isascii", f"line {node.lineno}"
