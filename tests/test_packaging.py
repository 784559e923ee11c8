"""Wheel, sdist, editable install and checkouts without links hold the same package, and nothing shadows it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from simonsays.assets import InputError

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("agents", "assets", "envs", "experiments", "sim")


def call(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Standard output and error of a command that must succeed, without the PYTHONPATH of the tests."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | environment
    done = subprocess.run(list(map(str, command)), cwd=cwd, env=env, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def build(kind: str, tree: Path, out: Path) -> Path:
    call(sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", out, cwd=tree)
    (made,) = out.iterdir()
    return made


def contents(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return sorted(name for name in archive.namelist() if ".dist-info/" not in name)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def no_links(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist, unpacked, with the links as Git writes them on Windows: files that hold where they lead."""
    place = tmp_path_factory.mktemp("sdist")
    with tarfile.open(build("sdist", ROOT, place / "made")) as archive:
        archive.extractall(place, filter="data")
    (tree,) = (each for each in place.iterdir() if each.name != "made")
    for folder in FOLDERS:
        assert not (tree / "simonsays" / folder).exists()
        (tree / "simonsays" / folder).write_text(f"../{folder}")
    return tree


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the wheel in it, which borrows all other packages."""
    return environment(tmp_path_factory.mktemp("venv"), wheel)


def environment(folder: Path, *what: str | Path) -> Path:
    venv.create(folder)
    python = folder / "bin" / "python"
    site = call(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    # The folder of a .pth line has its own .pth files left alone: an editable simonsays does not come along.
    Path(site, "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    call(*pip, "install", "--no-deps", "--no-index", "--no-build-isolation", *what, cwd=folder)
    return python


def tree_files() -> Iterator[str]:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    for name in listed.stdout.splitlines():
        if name.startswith(tuple(f"{folder}/" for folder in FOLDERS)):
            yield f"simonsays/{name}"
        elif name.startswith("simonsays/") and not (ROOT / name).is_symlink():
            yield name


def test_packages_are_found_and_not_listed() -> None:
    target = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert set(target["sources"]) == set(FOLDERS)
    assert {name for name in target["only-include"] if not name.startswith("simonsays/")} == set(FOLDERS)


def test_the_wheel_has_the_files_of_the_tree(wheel: Path) -> None:
    assert contents(wheel) == sorted(tree_files())


def test_without_links_the_same_wheel_comes_out(wheel: Path, no_links: Path, tmp_path: Path) -> None:
    assert contents(build("wheel", no_links, tmp_path)) == contents(wheel)


def test_without_links_the_tree_is_importable(no_links: Path) -> None:
    code = "import simonsays, simonsays.sim.recording as r; print(simonsays.parse('wave').steps[0].verb, r.__file__)"
    told = call(sys.executable, "-c", code, cwd=no_links)
    assert told.startswith("wave") and str(no_links) in told


def test_the_wheel_alone_does_the_main_job(python: Path, tmp_path: Path) -> None:
    told = call(python.with_name("simon"), "says", "wave", "--no-video", cwd=tmp_path)
    assert "✓" in told and not list(tmp_path.iterdir())


@pytest.mark.slow  # `make test` itself runs in one
def test_an_editable_install_is_the_tree(tmp_path: Path) -> None:
    python = environment(tmp_path / "venv", "-e", ROOT)
    code = "import simonsays, simonsays.sim.specs as specs; print(simonsays.__file__, specs.__file__)"
    assert str(ROOT) in call(python, "-c", code, cwd=tmp_path)
    assert "Warning" not in call(python, "-c", code, cwd=ROOT)


def test_a_folder_of_that_name_does_not_shadow_the_package(python: Path, tmp_path: Path) -> None:
    (tmp_path / "simonsays").mkdir()
    (tmp_path / "script.py").write_text("import simonsays; print(simonsays.__version__, simonsays.parse('wave'))")
    told = call(python, "script.py", cwd=tmp_path)
    assert "verb='wave'" in told and "Warning" not in told


def test_a_clone_beside_the_script_is_told_of(python: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "simonsays", tmp_path / "simonsays", symlinks=True)
    (tmp_path / "script.py").write_text("import simonsays")
    told = call(python, "script.py", cwd=tmp_path)
    assert f"simonsays is imported from {tmp_path}, the folder of the script, not from {python.parent.parent}" in told
    assert "Warning" not in call(python, "script.py", cwd=tmp_path, PYTHONPATH=str(tmp_path))  # that is meant


def test_no_module_is_loaded_twice_where_gymnasium_came_between() -> None:
    code = (
        "import simonsays, gymnasium; from simonsays.assets import InputError; from simonsays.assets import registry;"
        "assert registry.InputError is InputError; gymnasium.make('simonsays:G1-Locomotion-v0').close()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


@pytest.mark.parametrize("imports", ["import gymnasium, simonsays", "import simonsays, gymnasium", "import gymnasium"])
def test_gymnasium_makes_our_ids_whichever_is_imported_first(imports: str, tmp_path: Path) -> None:
    code = f"{imports}; print(gymnasium.make('simonsays:G1-Locomotion-v0').unwrapped)"
    assert "HumanoidEnv" in call(sys.executable, "-c", code, cwd=tmp_path, PYTHONPATH=str(ROOT))


def test_the_facade_imports_nothing_before_it_is_used(tmp_path: Path) -> None:
    code = "import sys, simonsays; print(sorted({name.split('.')[0] for name in sys.modules})); print(dir(simonsays))"
    loaded, names = call(sys.executable, "-c", code, cwd=tmp_path, PYTHONPATH=str(ROOT)).splitlines()
    assert not {"numpy", "gymnasium", "typer", "pydantic"} & set(eval(loaded))
    assert set(__import__("simonsays").__all__) <= set(eval(names))


def test_the_facade_has_what_it_says() -> None:
    import simonsays

    for name in simonsays.__all__:
        assert getattr(simonsays, name).__doc__
    assert simonsays.parse("walk left", reading="scan").steps[0].verb == "turn"
    with pytest.raises(InputError, match="no setting 'siz' of a film; did you mean 'size'"):
        simonsays.say("wave", siz=(320, 180))
    with pytest.raises(AttributeError, match="no attribute 'shout'"):
        simonsays.shout  # noqa: B018
