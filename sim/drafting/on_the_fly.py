"""A robot's model, a URDF or an MJCF, in place of the file that registers a robot: drafted once for what it is."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from simonsays.assets import InputError
from simonsays.assets.files import code_digest, fresh_folder
from simonsays.assets.reading import parse_xml, read_bytes
from simonsays.sim.drafting.draft import Draft, draft
from simonsays.sim.drafting.writing import source

_SAID = "said.txt"


def drafted_file(file: Path, taken: Collection[str]) -> tuple[str, Path, str]:
    """The name of the robot drafted from a model, the ``.py`` file that registers it, and in a line what is doubtful.

    The name is the model's; one of those that are ``taken`` gets the kind of the file after it, as ``h1-urdf``. Drafts
    are kept in the user's folder of caches, by the content of the model and of this code, and the times of its meshes.

    Raises:
        InputError: there is no such file, or nothing can be drafted from it.
    """
    if not file.is_file():
        raise InputError(f"robot {file}: no such file")
    name = re.sub(r"[\W_]+", "-", file.stem.lower()).strip("-") or "robot"
    name += f"-{file.suffix[1:]}" if name in taken else ""
    digest = _digest(file.resolve())
    folder = _cache() / f"{name}-{digest}"
    module = folder / f"drafted_{name.replace('-', '_')}_{digest}.py"
    if not module.is_file():
        with fresh_folder(folder) as scratch:
            made = draft(file.resolve(), scratch, name)
            (scratch / module.name).write_text(source(made, scratch / module.name), encoding="utf-8")
            (scratch / _SAID).write_text(_said(made), encoding="utf-8")
    said = (folder / _SAID).read_text(encoding="utf-8")
    return name, module, f"drafted the robot {name!r} from {file}: {said}; `simon robot new {file}` writes it down"


def _said(made: Draft) -> str:
    unsure = {how: [each.field for each in made.guesses if each.sure == how] for how in ("likely", "guess")}
    parts = [f"changed in the model: {len(made.changed)}"] if made.changed else []
    return "; ".join([*parts, *(f"{how}: {', '.join(fields)}" for how, fields in unsure.items() if fields)])


def _cache() -> Path:
    """As of the XDG base directory specification."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "simonsays" / "robots"


def _digest(file: Path) -> str:
    here = Path(__file__).parent
    code = [*sorted(here.glob("*.py")), here.parent / "specs" / "gait.py"]
    digest = hashlib.sha256(f"{file} {code_digest(here.parent, code)}".encode())
    for each in _files(file, []):
        status = each.stat()
        digest.update(f"{each} {status.st_size} {status.st_mtime_ns}".encode())
    digest.update(read_bytes(file))
    return digest.hexdigest()[:12]


def _files(model: Path, folders: list[Path], within: tuple[Path, ...] = ()) -> Iterator[Path]:
    """The files that a model names and that are where it says, those of an MJCF's includes among them.

    ``within``: the models that include it; what includes itself has no end, which its reader says.
    """
    if (here := model.resolve()) in within:
        return
    try:
        root = parse_xml(read_bytes(model))
    except ValueError:
        return  # the reader says what is wrong
    folders = [*folders, model.parent]
    for compiler in root.iter("compiler"):
        named = [compiler.get(key) for key in ("meshdir", "assetdir", "texturedir")]
        folders += [model.parent / each for each in named if each]
    for element in root.iter():
        named = [element.get(key, "") for key in ("file", "filename")]
        found = next((path for each in named if each for top in folders if (path := top / each).is_file()), None)
        if found is not None:
            yield found
            if element.tag == "include":
                yield from _files(found, folders, (*within, here))
