"""Things by name, ours and those of plug-ins: registries of what Python makes, and files by kind."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from simonsays.assets import InputError, did_you_mean, is_file
from simonsays.assets.plugins import LOCK, asset_roots, load_plugins, origin, registering_module

Thing = TypeVar("Thing")
PLUGIN = "; if a plug-in has it, install that or name it with --plugin"
"""said of all that may be a plug-in's and is not there"""


class UnknownName(InputError, KeyError):
    """A name that is not registered: bad input, and for a mapping's ``get`` and ``in`` a missing key."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class _Entry(Generic[Thing]):
    thing: Thing
    module: str


class Registry(Mapping[str, Thing]):
    """Things of one kind by name, in order of names. Who first asks it loads the plug-ins.

    ``REGISTRY[name]`` raises UnknownName, an InputError that suggests the nearest name.

    Args:
        kind: what one is called in messages, such as ``reward term``.
        package: whose modules are all imported when it is first asked, as each registers its own.
    """

    def __init__(self, kind: str, package: str | None = None) -> None:
        self.kind = kind
        self._package, self._entries = package, dict[str, _Entry[Thing]]()

    def register(self, name: str, thing: Thing) -> Thing:
        """Make a thing known by a name. The same module may do so again: a notebook's cell that is run twice.

        Raises:
            InputError: another module has registered the name.
        """
        module = registering_module()
        other = self._entries.get(name)
        if other is not None and other.module != module:
            raise InputError(f"{self.kind} {name!r}: registered by both {other.module} and {module}; rename one")
        self._entries[name] = _Entry(thing, module)
        return thing

    def unregister(self, name: str) -> None:
        """Forget a thing, as a test does with its own."""
        del self._entries[name]

    def origin(self, name: str) -> str:
        """Where a thing comes from: ``simonsays``, ``mypkg 1.2 (entry point 'mypkg')``, ``own.py``."""
        self[name]
        return origin(self._entries[name].module)

    def of_module(self, module: str) -> list[str]:
        """Names of what a module registered."""
        return [name for name, entry in sorted(self._filled().items()) if entry.module == module]

    def _filled(self) -> dict[str, _Entry[Thing]]:
        with LOCK:
            package, self._package = self._package, None  # first, since a module may ask while it is imported
            try:
                if package is not None:
                    import_modules(package)
            except BaseException:
                self._package = package
                raise
            load_plugins()
        return self._entries

    def __getitem__(self, name: str) -> Thing:
        entries = self._filled()
        if name not in entries:
            raise UnknownName(f"no {self.kind} {name!r}{did_you_mean(str(name), entries)}{PLUGIN}")
        return entries[name].thing

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._filled()))

    def __len__(self) -> int:
        return len(self._filled())


def import_modules(package: str) -> None:
    """Import all modules of a package and of its folders, in order of their own names."""
    found = pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}.")
    for name in sorted((module.name for module in found), key=lambda name: name.rpartition(".")[2]):
        importlib.import_module(name)


@dataclass(frozen=True)
class Shelf:
    """Files of one kind by name, found in the assets and in the folders that plug-ins registered.

    ``pattern`` says where: ``scenes/*.toml``, or ``policies/*/policy.json`` for folders; the star is the name.
    """

    kind: str
    pattern: str

    def files(self) -> dict[str, Path]:
        """All files by name.

        Raises:
            InputError: two of one name.
        """
        found = dict[str, Path]()
        for root in asset_roots():
            for file in sorted(root.glob(self.pattern)):
                name = file.relative_to(root).with_suffix("").parts[1]
                if name in found:
                    raise InputError(f"{self.kind} {name!r}: both {found[name]} and {file}; rename one")
                found[name] = file
        return dict(sorted(found.items()))

    def origin(self, name: str) -> str:
        """Where a file comes from: ``simonsays`` or a plug-in."""
        file = self.files()[name]
        return next(label for root, label in asset_roots().items() if file.is_relative_to(root))

    def find(self, name_or_path: str | Path) -> Path:
        """The file of a name, or of a path that ends as the kind's files do.

        Raises:
            InputError: there is none; the message suggests the nearest name.
        """
        file, suffix = Path(name_or_path), Path(self.pattern).suffix
        if file.suffix == suffix:
            if not is_file(file):
                raise InputError(f"no such {self.kind} file: {file}")
            return file
        files = self.files()
        if str(name_or_path) not in files:
            hint = did_you_mean(str(name_or_path), files)
            raise InputError(
                f"no {self.kind} {str(name_or_path)!r}{hint} (or give the path of a {suffix} file){PLUGIN}"
            )
        return files[str(name_or_path)]


SCENES = Shelf("scene", "scenes/*.toml")
RECIPES = Shelf("recipe", "recipes/*.toml")
INSTRUCTION_SETS = Shelf("instruction set", "instructions/*.toml")
PERFORMANCES = Shelf("performance", "performances/*.toml")
POLICIES = Shelf("policy", "policies/*/policy.json")
