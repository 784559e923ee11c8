"""The package list equals the tree, and imports point one way."""

from __future__ import annotations

import ast
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ORDER = ["assets", "sim", "envs", "agents", "experiments"]
FILES = [file for folder in ORDER for file in sorted((ROOT / folder).rglob("*.py"))]
PARSERS = {"lark", "opencc", "rapidfuzz", "spellchecker", "simonsays"}


def imports(file: Path, top_level_only: bool = False) -> list[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    nodes = tree.body if top_level_only else list(ast.walk(tree))
    found = []
    for node in nodes:
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            found.append(node.module or "")
    return found


def test_every_folder_with_code_is_a_listed_package() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    tree = {
        ".".join(("simonsays", *file.parent.relative_to(ROOT).parts)) for file in FILES if file.name == "__init__.py"
    }
    assert set(settings["packages"]) == tree == set(settings["package-dir"])
    for name, folder in settings["package-dir"].items():
        assert name == "simonsays." + folder.replace("/", ".")
        assert (ROOT / folder / "py.typed").is_file()


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_point_one_way(file: Path) -> None:
    layer = file.relative_to(ROOT).parts[0]
    for name in imports(file):
        assert name.split(".")[0] not in ORDER, f"{file}: bare import of {name}"
        if name.startswith("simonsays."):
            other = name.split(".")[1]
            assert ORDER.index(other) <= ORDER.index(layer), f"{file}: {layer} must not import {name}"
    if layer != "agents":
        assert not {"torch", "stable_baselines3"} & {name.split(".")[0] for name in imports(file)}, file


def test_language_imports_the_standard_library_and_its_parsers_alone() -> None:
    for file in (ROOT / "envs" / "language").rglob("*.py"):
        for name in imports(file):
            top = name.split(".")[0]
            assert top in sys.stdlib_module_names or top in PARSERS, f"{file}: {name}"
            if top == "simonsays":
                assert name.startswith("simonsays.envs.language"), f"{file}: {name}"


def test_no_text_is_executed_and_nothing_is_unpickled() -> None:
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("eval", "exec", "print"), file
        assert not {"pickle", "cloudpickle", "joblib"} & set(imports(file)), file
