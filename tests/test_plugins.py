"""Registries, and the plug-ins that they load: entry points, files, modules, in this process and in others."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from simonsays.assets import InputError
from simonsays.assets.registry import SCENES, Registry, Shelf, UnknownName

ROOT = Path(__file__).resolve().parent.parent
PLUGIN = """
from pathlib import Path
from simonsays.assets.plugins import register_assets

register_assets(Path(__file__).parent / "data")
"""


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, **environment}, timeout=60
    )


def test_a_registry_is_a_mapping_in_order_of_names() -> None:
    things = Registry[int]("thing")
    things.register("b", 2)
    things.register("a", 1)
    assert list(things) == ["a", "b"] and dict(things) == {"a": 1, "b": 2}
    assert "c" not in things and things.get("c") is None and len(things) == 2
    things.register("a", 3)  # the same module: a cell that is run again
    assert things["a"] == 3
    things.unregister("a")
    assert list(things) == ["b"]


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    things = Registry[int]("reward term")
    things.register("alive", 1)
    with pytest.raises(UnknownName, match=r"^no reward term 'alice'; did you mean 'alive'\?; if a plug-in has it, "):
        things["alice"]
    with pytest.raises(InputError, match="'alice'"):
        things.origin("alice")


def test_two_modules_cannot_register_one_name() -> None:
    things = Registry[int]("thing")
    things.register("a", 1)
    other = {"__name__": "somebody.else", "things": things}
    with pytest.raises(InputError, match=f"thing 'a': registered by both {__name__} and somebody.else; rename one"):
        exec("things.register('a', 2)", other)
    assert things["a"] == 1


def test_a_registry_says_where_a_thing_is_from() -> None:
    things = Registry[int]("thing")
    exec("things.register('ours', 1)", {"__name__": "simonsays.sim.robots.g1", "things": things})
    exec("def f(): things.register('called', 1)\nf()", {"__name__": "elsewhere.mod", "things": things})
    assert things.origin("ours") == "simonsays"
    assert things.origin("called") == "elsewhere"


def test_a_script_and_the_module_of_its_file_are_one(tmp_path: Path) -> None:
    """Its envs are imported by its name, and worker processes import it as their main."""
    file = tmp_path / "own.py"
    file.write_text(
        "from simonsays.envs.rewards import REWARDS, reward\n@reward\ndef mine(ctx): return 0.0\n"
        "if __name__ == '__main__':\n    import own\n    print(REWARDS['mine'] is own.mine, REWARDS.origin('mine'))\n"
    )
    done = subprocess.run([sys.executable, file], capture_output=True, text=True, env=os.environ, check=True)
    assert done.stdout == f"True {file}\n"


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    file = tmp_path / "own_things.py"
    file.write_text(PLUGIN)
    (tmp_path / "data" / "scenes").mkdir(parents=True)
    (tmp_path / "data" / "scenes" / "field.toml").write_text(
        '[[props]]\nshape = "ball"\ncolor = "red"\nposition = [1, 0]'
    )
    return file


def test_a_plugin_brings_a_language(tmp_path: Path) -> None:
    file = tmp_path / "green_star.py"
    file.write_text(
        "from simonsays.envs.language import register_locale\n"
        f"register_locale({str(ROOT / 'tests' / 'data' / 'esperanto')!r})\n"
    )
    told = simon("parse", "turnu vin maldekstren 90 gradojn", "--json", "--plugin", str(file))
    assert json.loads(told.stdout)["steps"] == [{"verb": "turn", "direction": "left", "angle_deg": 90.0}]
    assert json.loads(simon("list", "--json", "--plugin", str(file)).stdout)["locales"]["eo"]["about"]
    code = "import simonsays; print(simonsays.parse('turnu vin maldekstren 90 gradojn').steps[0].verb)"
    assert run(code, SIMONSAYS_PLUGINS=str(file)).stdout == "turn\n"


ASK = """
from simonsays.assets.registry import SCENES
import json
print(json.dumps([sorted(SCENES.files()), SCENES.origin("field")]))
"""


def test_a_file_named_in_the_environment_is_loaded_when_a_registry_is_asked(plugin: Path) -> None:
    names, origin = json.loads(run(ASK, SIMONSAYS_PLUGINS=str(plugin)).stdout)
    assert "field" in names and "playground" in names
    assert origin == "own_things.py"


def test_use_plugin_reaches_child_processes(plugin: Path) -> None:
    code = f"""
import subprocess, sys
from simonsays.assets.plugins import use_plugin
use_plugin({str(plugin)!r}); use_plugin({str(plugin)!r})
subprocess.run([sys.executable, "-c", '''{ASK}'''], check=True)
"""
    assert "field" in run(code).stdout


def test_a_package_is_loaded_by_its_file_and_known_by_its_code(tmp_path: Path) -> None:
    package = tmp_path / "own_package"
    (package / "deep").mkdir(parents=True)
    (package / "__init__.py").write_text("from own_package import part\n")
    (package / "part.py").write_text("")
    code = "from simonsays.assets.plugins import plugin_digests; print(plugin_digests())"
    told = []
    for text in ("x = 1", "x = 1", "x = 2"):
        (package / "deep" / "other.py").write_text(text)
        told.append(run(code, SIMONSAYS_PLUGINS=str(package / "__init__.py")).stdout)
    assert told[0] == told[1] != told[2] and "own_package/__init__.py" in told[0], told


def test_a_plugin_that_fails_is_named_with_the_cause_each_time(tmp_path: Path) -> None:
    file = tmp_path / "broken.py"
    file.write_text("x = 1\n1 / 0\n")
    code = """
from simonsays.assets.registry import SCENES
for _ in range(2):
    try:
        SCENES.files()
    except ValueError as error:
        print(error)
"""
    lines = run(code, SIMONSAYS_PLUGINS=str(file)).stdout.splitlines()
    wanted = f"plug-in broken.py: cannot be loaded: ZeroDivisionError: division by zero ({file}, line 2)"
    assert lines == [wanted, wanted]


def test_a_missing_plugin_is_refused(tmp_path: Path) -> None:
    code = "from simonsays.assets.registry import SCENES; SCENES.files()"
    assert (
        "plug-in no_such_module: cannot be loaded: ModuleNotFoundError"
        in run(code, SIMONSAYS_PLUGINS="no_such_module").stderr
    )
    clash = tmp_path / "random.py"
    clash.write_text("")
    assert "there is another module 'random'; rename" in run(code, SIMONSAYS_PLUGINS=str(clash)).stderr


def test_two_files_of_one_name_are_refused(plugin: Path) -> None:
    scenes = plugin.parent / "data" / "scenes"
    (scenes / "field.toml").rename(scenes / "empty.toml")
    told = run(ASK, SIMONSAYS_PLUGINS=str(plugin)).stderr
    assert "scene 'empty': both " in told and "rename one" in told


def test_a_shelf_finds_by_name_and_by_path(tmp_path: Path) -> None:
    assert SCENES.find("empty").is_file()
    file = tmp_path / "mine.toml"
    with pytest.raises(InputError, match="no such scene file"):
        SCENES.find(file)
    file.write_text("")
    assert SCENES.find(file) == file
    with pytest.raises(InputError, match="no scene 'playgroud'; did you mean 'playground'"):
        SCENES.find("playgroud")
    assert {"g1-locomotion", "g1-jump"} <= set(Shelf("policy", "policies/*/policy.json").files())


def simon(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    code = f"import sys; sys.argv = {['simon', *words]!r}; from simonsays.experiments.cli import main; main()"
    return run(code, **environment)


COMMAND = '''
from typing import Annotated
import typer
from simonsays.experiments.cli import register_command

@register_command
def greet_all(loud: Annotated[bool, typer.Option(help="Shout.")] = False) -> None:
    """Greet everybody."""
    print("HELLO" if loud else "hello")
'''


def test_a_plugin_adds_a_command(tmp_path: Path) -> None:
    file = tmp_path / "greeting.py"
    file.write_text(COMMAND)
    assert simon("--plugin", str(file), "greet-all", "--loud").stdout == "HELLO\n"
    told = simon("--help", SIMONSAYS_PLUGINS=str(file)).stdout
    assert "greet-all" in told and "greeting.py" in told and told.index("Look around") < told.index("greet-all")
    assert "'greet-all'" in simon("greet-all").stderr
    file.write_text(COMMAND.replace("@register_command", "").replace("greet_all(", "says(") + "register_command(says)")
    refused = simon("--plugin", str(file), "list")
    assert refused.returncode == 2 and "command 'says': simon has one" in refused.stderr


@pytest.mark.parametrize("words", [["--plugin", "FILE", "list", "--json"], ["list", "--json", "--plugin", "FILE"]])
def test_every_command_takes_plugins(words: list[str], plugin: Path) -> None:
    found = json.loads(simon(*(word.replace("FILE", str(plugin)) for word in words)).stdout)
    assert found["scenes"]["field"] == {"from": "own_things.py"}
    assert found["scenes"]["playground"] == {"from": "simonsays"}
    assert "field (from own_things.py)" in simon("list", SIMONSAYS_PLUGINS=str(plugin)).stdout


def test_a_bad_plugin_is_bad_input() -> None:
    for words in (["--plugin", "nosuch", "doctor"], ["list", "--plugin", "nosuch.py"]):
        told = simon(*words)
        assert told.returncode == 2 and "plug-in nosuch" in told.stderr and not told.stdout


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a process that has examples/plugin installed."""
    place = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--no-build-isolation", "--target", place, ROOT / "examples" / "plugin"], check=True)
    return {"PYTHONPATH": os.pathsep.join([str(place), str(ROOT)])}


def test_an_installed_package_is_found_without_being_named(package: dict[str, str]) -> None:
    found = json.loads(simon("list", "--json", **package).stdout)
    source = "simonsays-facepalm 1.0 (entry point 'facepalm')"
    for kind, name in (("skills", "facepalm"), ("scenes", "corner"), ("recipes", "quiet_walk")):
        assert found[kind][name]["from"] == source, kind
    assert found["skills"]["facepalm"]["words"]["zh"] == ["捂脸", "捂住脸"]
    assert found["skills"]["wave"]["from"] == "simonsays"
    code = "import simonsays; print(simonsays.parse('捂脸').steps[0].verb)"
    assert run(code, **package).stdout == "facepalm\n"


@pytest.mark.slow  # `make plugin-example` runs them
def test_the_example_s_own_tests_pass(package: dict[str, str]) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        command, cwd=ROOT / "examples" / "plugin", env={**os.environ, **package}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
