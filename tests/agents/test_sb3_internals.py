"""Private names of stable-baselines3 stand in one file."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch")

ROOT = Path(__file__).resolve().parents[2]
OURS = ROOT / "agents" / "sb3_internals.py"
CALLED = {"_on_step", "_on_rollout_start", "_on_rollout_end"}  # what BaseCallback asks to be overridden
ELSEWHERE = {"os._exit", "ray._private.worker._worker_logs_enabled", "ray._private", "group._learner"}
ELSEWHERE |= {"tuner._local_tuner", "tuner._local_tuner._run_config"}
MODULES = (
    "policies.policies",
    "policies.symmetry",
    "training.normalize",
    "training.callbacks",
    "vec.vec",
    "runs.loggers",
)


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def attributes(tree: ast.AST, *owners: str) -> Iterator[str]:
    """Private attributes of ``self`` and so on."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in owners and is_private(node.attr):
            yield node.attr


def others(tree: ast.Module) -> Iterator[str]:
    """Private attributes of things that are not the file's own classes."""
    own = set(attributes(tree, "self", "cls"))
    own |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr) and node.attr not in own:
            yield ast.unparse(node)
        named = isinstance(node, ast.Call) and ast.unparse(node.func) in ("getattr", "setattr", "hasattr")
        if named and isinstance(node.args[1], ast.Constant) and is_private(node.args[1].value):
            yield ast.unparse(node)


def test_no_other_file_touches_a_private_name_of_somebody_else() -> None:
    assert {"model._last_obs", "model._n_updates"} <= set(others(ast.parse(OURS.read_text(encoding="utf-8"))))
    for room in ("agents", "experiments"):
        for file in sorted((ROOT / room).rglob("*.py")):
            if file != OURS:
                touched = set(others(ast.parse(file.read_text(encoding="utf-8"))))
                assert touched <= ELSEWHERE, f"{file}: {touched - ELSEWHERE}"


@pytest.mark.parametrize("name", MODULES)
def test_our_classes_use_no_private_name_of_their_bases_in_stable_baselines3(name: str) -> None:
    module = importlib.import_module(f"simonsays.agents.{name}")
    for _, kind in inspect.getmembers(
        module, lambda each: inspect.isclass(each) and each.__module__ == module.__name__
    ):
        bases = [base for base in kind.__mro__ if base.__module__.startswith(("stable_baselines3", "sb3_contrib"))]
        theirs = {attr for base in bases for attr in attributes(ast.parse(inspect.getsource(base)), "self")}
        theirs |= {attr for base in bases for attr in vars(base) if is_private(attr)}
        tree = ast.parse(inspect.getsource(kind))
        used = {*attributes(tree, "self", "super()"), *filter(is_private, vars(kind))}
        assert not used & theirs - CALLED - {"_abc_impl"}, f"{kind.__name__}: {used & theirs}"


def test_versions_are_capped() -> None:
    told = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert all(f'"{name}>=2.7,<2.10"' in told for name in ("stable-baselines3", "sb3-contrib"))
