"""The project's functions by name, wherever a tree keeps them: modules move, names stay."""

from __future__ import annotations

import importlib
import os
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

HOMES: dict[str, tuple[str, ...]] = {
    "analyze": ("simonsays.envs.language",),
    "parse": ("simonsays.envs.language",),
    "render": ("simonsays.envs.language",),
    "load_policy": ("simonsays.envs",),
    "get_robot": ("simonsays.sim.robots",),
    "run_instruction": ("simonsays.experiments.say",),
    "ground": ("simonsays.envs.plan",),
}
"""Where to look first, where several modules have a function of that name."""


class NotFound(Exception):
    """A name that no module of the tree defines, or several do."""


@cache
def find(name: str) -> Any:
    """A function or class of the tree that is imported as ``simonsays``.

    Raises:
        NotFound: no module of the tree defines it, or several do.
    """
    for home in HOMES.get(name, ()):
        try:
            return getattr(importlib.import_module(home), name)
        except (ImportError, AttributeError):
            continue
    root = Path(os.environ["SIDE_ROOT"])
    defined = re.compile(rf"^(def|class) {name}\b", re.MULTILINE)
    found = []
    for folder in ("sim", "envs", "agents", "experiments"):
        for file in sorted((root / folder).rglob("*.py")):
            if defined.search(file.read_text(encoding="utf-8")):
                parts = file.relative_to(root).with_suffix("").parts
                found.append(".".join(("simonsays", *(parts[:-1] if parts[-1] == "__init__" else parts))))
    if len(found) != 1:
        raise NotFound(f"{name}: defined by {', '.join(found) or 'no module'}; name its home in finding.py")
    return getattr(importlib.import_module(found[0]), name)


def check_origin() -> None:
    """Make sure that nothing came from another tree, such as the installed one.

    Raises:
        RuntimeError: a module did.
    """
    root = Path(os.environ["SIDE_ROOT"])
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if not name.startswith("simonsays.") or file is None:
            continue  # of the package itself the __init__.py may be ours
        if not Path(file).resolve().is_relative_to(root):
            raise RuntimeError(f"{name} comes from {file}, not from {root}")
