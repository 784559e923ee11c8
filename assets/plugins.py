"""Plug-ins: modules of other packages, and files, that register what is theirs. Imported once in a process.

Who names them: installed packages (entry points of the group ``simonsays``), the environment variable
``SIMONSAYS_PLUGINS`` and :func:`use_plugin` (``simon --plugin``), which writes into that variable: the environment is
what spawned processes and Ray's workers inherit, so that they know the same things. Registries load plug-ins when they
are first asked; nothing has to import one by hand.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import field
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from simonsays.assets import InputError, is_file, path
from simonsays.assets.notes import dataclass

GROUP, VARIABLE = "simonsays", "SIMONSAYS_PLUGINS"
_PACKAGE = "__init__.py"
_APART = re.compile(f"[,{os.pathsep}]")
Task = TypeVar("Task")
Result = TypeVar("Result")
_HOUSE = __name__.partition(".")[0]
LOCK = threading.RLock()
"""held while modules are imported for their registrations: who asks in another thread waits until all are there"""


@dataclass
class _Loaded:
    """What has been loaded in this process."""

    named: str | None = None
    """of VARIABLE, whose plug-ins have been loaded; None: nothing has"""
    labels: dict[str, str] = field(default_factory=dict)
    """module of a plug-in, and where it comes from as people say it"""
    roots: dict[Path, str] = field(default_factory=dict)
    """folders of assets, and the module that registered each"""


_LOADED = _Loaded()


def load_plugins() -> None:
    """Import the plug-ins that have not been imported yet.

    Raises:
        InputError: one is not there or raises; the message names it, the cause and the line. So does every later call.
    """
    named = os.environ.get(VARIABLE, "")
    if named == _LOADED.named:
        return
    with LOCK:
        before, _LOADED.named = _LOADED.named, named  # before the imports, which may ask registries themselves
        try:
            if before is None:
                from importlib.metadata import entry_points

                for entry in entry_points(group=GROUP):
                    label = f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.name
                    _load(re.split(r"[:\[]", entry.value)[0].strip(), f"{label} (entry point {entry.name!r})")
            for name in filter(None, map(str.strip, _APART.split(named))):
                _load(name, Path(name).name.replace(_PACKAGE, f"{Path(name).parent.name}/{_PACKAGE}"))
        except BaseException:
            _LOADED.named = before
            raise


def use_plugin(name: str | Path) -> bool:
    """Have a plug-in, a module's name or a ``.py`` file, in this process and in those that it starts.

    Whether it was not had before.

    Raises:
        InputError: no such file, or a path that ``SIMONSAYS_PLUGINS`` cannot hold.
    """
    given = str(name)
    if given.endswith(".py"):
        given = str(Path(name).resolve())
        if not is_file(Path(given)):
            raise InputError(f"plug-in {name}: no such file")
    if _APART.search(given):
        raise InputError(f"plug-in {given}: a comma or {os.pathsep!r} parts plug-ins in {VARIABLE}; rename it")
    named = os.environ.get(VARIABLE, "")
    new = given not in _APART.split(named)
    if new:
        os.environ[VARIABLE] = f"{named},{given}" if named else given
    return new


def _load(name: str, label: str) -> None:
    try:
        module = _import_file(Path(name)) if name.endswith(".py") else importlib.import_module(name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # one that ends the process, too
        raise InputError(f"plug-in {label}: cannot be loaded: {told(error)}") from error
    _LOADED.labels.setdefault(module.__name__, label)


def told(error: BaseException) -> str:
    """What an error says, its kind where that is not bad input, and where in others' code it was raised."""
    theirs = [f" ({file}, line {line})" for module, file, line in _frames(error) if module != _HOUSE]
    kind = "" if isinstance(error, InputError) else f"{type(error).__name__}: "
    return f"{kind}{error}{next(iter(theirs), '')}"


def _frames(error: BaseException) -> list[tuple[str, str, int]]:
    """Package, file and line of each frame of a traceback, the innermost first, without those of Python's own."""
    found = [(str(f.f_globals.get("__name__")), f, line) for f, line in traceback.walk_tb(error.__traceback__)]
    tops = [(name.partition(".")[0], frame.f_code.co_filename, line) for name, frame, line in reversed(found)]
    return [each for each in tops if each[0] not in sys.stdlib_module_names]


def blamed(error: BaseException) -> str | None:
    """What people are to be told of bad input, or of an error that a plug-in's code raised; None of our own errors."""
    if isinstance(error, InputError):
        return str(error)
    labels = {name.partition(".")[0]: label for name, label in _LOADED.labels.items()}
    first = next((module for module, _, _ in _frames(error) if module in (_HOUSE, *labels)), _HOUSE)
    return None if first == _HOUSE else f"plug-in {labels[first]}: {told(error)}"


def blaming(function: Callable[[Task], Result], task: Task) -> Result:
    """The result of a task in a process that others wait for: they do not get to see where in it an error was raised.

    Raises:
        InputError: what :func:`blamed` tells of an error. All other errors are raised as they are.
    """
    try:
        return function(task)
    except Exception as error:
        if (said := blamed(error)) is None or isinstance(error, InputError):
            raise
        raise InputError(said) from error


def _import_file(file: Path) -> ModuleType:
    """The module of a file, by the file's name, so that ``own:Own-v0`` names an env of own.py; or a package."""
    name = file.parent.name if file.name == _PACKAGE else file.stem
    found = importlib.util.find_spec(name) if name not in sys.modules else sys.modules[name].__spec__
    if found is not None and found.origin is not None and Path(found.origin).resolve() == file.resolve():
        return importlib.import_module(name)
    if found is not None or name in sys.modules:
        raise InputError(f"there is another module {name!r}; rename {file}")
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def registering_module() -> str:
    """Name of the module that is registering something: that of the first frame outside of ours, or at its top.

    A script has the name that it is imported by, since it may be, too: for its envs, or as another process's main.
    """
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_name != "<module>":
        if str(frame.f_globals.get("__name__", "")).partition(".")[0] != _HOUSE:
            break
        frame = frame.f_back
    name, file = str(frame.f_globals.get("__name__", "?")), frame.f_globals.get("__file__")
    return Path(file).stem if file and name in ("__main__", "__mp_main__") else name


def origin(module: str) -> str:
    """Where a module's things come from: ``simonsays``, ``mypkg 1.2 (entry point 'mypkg')``, ``own.py``.

    Of a module that is no plug-in's: its package, or its file.
    """
    top = module.partition(".")[0]
    if top == _HOUSE:
        return _HOUSE
    named = {name: label for name, label in _LOADED.labels.items() if name.partition(".")[0] == top}
    file = getattr(sys.modules.get(top), "__file__", None)
    alone = file if file and not file.endswith("__init__.py") else top
    return named.get(module) or next(iter(named.values()), alone)


def plugins() -> dict[str, str]:
    """The plug-ins that are loaded: where each comes from, by its module."""
    load_plugins()
    return dict(_LOADED.labels)


def plugin_digests() -> dict[str, str]:
    """Of the code and tables of each plug-in that is loaded, 16 hexadecimal digits, by where it comes from."""
    from simonsays.assets.files import code_digest

    found = {}
    for module, label in plugins().items():
        file = Path(sys.modules[module].__file__ or "")
        files = sorted(file.parent.rglob("*.*")) if file.name == _PACKAGE else [file]
        code = [each for each in files if each.suffix in (".py", ".toml", ".lark") and each.is_file()]
        found[label] = code_digest(file.parent, code)
    return found


def register_assets(folder: str | Path) -> None:
    """Let names be found in a plug-in's folder too: scenes/*.toml, performances/*.toml, recipes/*.toml and so on.

    Raises:
        InputError: no such folder.
    """
    root = Path(folder).resolve()
    if not root.is_dir():
        raise InputError(f"assets {folder}: no such folder")
    _LOADED.roots[root] = registering_module()


def asset_roots() -> dict[Path, str]:
    """The folders that assets are found in, ours first, each with where it comes from."""
    load_plugins()
    ours = path()
    # The recipes and instruction sets of the experiments stand beside them, as data.
    house = {ours: _HOUSE, ours.parent / "experiments": _HOUSE}
    return {**house, **{root: origin(module) for root, module in _LOADED.roots.items()}}
