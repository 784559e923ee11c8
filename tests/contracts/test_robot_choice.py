"""The robot is chosen: named, else the policy's, else the default one; and no other file names one robot."""

from __future__ import annotations

import ast
import json
import re
import sys
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import gymnasium
import pytest

from simonsays.agents.recipes.physics import with_robot
from simonsays.agents.recipes.recipe import load_recipe
from simonsays.assets import InputError, InputNote, plugins
from simonsays.assets.defaults import DEFAULT_ROBOT
from simonsays.envs import ENV_IDS, TASKS, register_tasks, task_id
from simonsays.envs.policy.choice import chosen, own_policy
from simonsays.envs.policy.policy import bundle_folder
from simonsays.experiments import cli
from simonsays.sim.robots import ROBOTS, SHIPPED, get_robot
from simonsays.sim.specs.urdf import read_urdf

ROOT = Path(__file__).resolve().parents[2]
OF_OLD = {"envs/policy/description.py"}
"""knows bundles of the first edition, which had one robot"""
OWN = """
from dataclasses import replace
from simonsays.sim.robots import get_robot, register_robot
register_robot(replace(get_robot("g1"), name="own-robot", title="Mine", policies=()))
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file that registers a robot without policies."""
    monkeypatch.setenv("SIMONSAYS_PLUGINS", "")
    monkeypatch.setattr(plugins, "_LOADED", replace(plugins._LOADED, labels=dict(plugins._LOADED.labels)))
    file = tmp_path / "own_robot_file.py"
    file.write_text(OWN)
    yield file
    if "own-robot" in ROBOTS:
        ROBOTS.unregister("own-robot")
    sys.modules.pop("own_robot_file", None)


def test_named_else_the_policys_else_the_default(own: Path, tmp_path: Path) -> None:
    assert chosen()[0].name == DEFAULT_ROBOT and chosen()[1] == own_policy(get_robot(DEFAULT_ROBOT))
    folder = tmp_path / "bundle"
    folder.mkdir()
    source = bundle_folder(own_policy(get_robot(DEFAULT_ROBOT)))
    said = json.loads((source / "policy.json").read_text())
    (folder / "policy.json").write_text(json.dumps({**said, "robot": "own-robot"}))
    (folder / "policy.safetensors").write_bytes((source / "policy.safetensors").read_bytes())
    with pytest.raises(InputError, match="no robot 'own-robot'"):
        chosen(policy=folder)
    assert get_robot(own).name == "own-robot"
    assert chosen(policy=folder)[0].name == "own-robot"
    assert chosen(str(own), folder)[0].name == "own-robot"
    with pytest.raises(InputError, match=r"own-robot.*no policy for the motion 'gait'.*--robot own-robot"):
        chosen(str(own))


def test_every_task_has_an_id_for_every_robot(own: Path) -> None:
    for robot in SHIPPED:
        assert {task_id(task, robot) for task in TASKS} <= set(ENV_IDS)
        assert get_robot(robot).name == robot
    register_tasks(get_robot(own).name)
    env = gymnasium.make(f"simonsays.envs:{task_id('Locomotion', 'own-robot')}")
    assert env.unwrapped.spec_robot.name == "own-robot"  # type: ignore[attr-defined]
    env.close()  # type: ignore[no-untyped-call]
    for task in TASKS:
        ENV_IDS.unregister(task_id(task, "own-robot"))


def test_robot_is_a_key_of_recipes(own: Path) -> None:
    recipe = with_robot(load_recipe("walk"), str(own))
    assert recipe.robot == str(own) and f'robot = "{own}"' in recipe.toml()
    from simonsays.agents.training.export import make_env

    env = make_env(recipe)
    assert env.spec_robot.name == "own-robot" == env.describe()["robot"]
    env.close()
    with pytest.raises(InputError, match="robot: no robot 'g2'"):
        load_recipe("walk", ["robot=g2"])


def test_a_robots_own_policy_goes_before_none(own: Path) -> None:
    spec = replace(get_robot(own), policies=(("gait", "some-bundle"),))
    assert own_policy(spec) == "some-bundle"


TAKE_IT = ["says", "live", "explain", "evaluate", "benchmark", "robustness", "transfer", "train", "sweep"]
TAKE_IT += ["recipe", "smoke", "bench", "collect", "engines"]


@pytest.mark.parametrize("name", TAKE_IT)
def test_commands_that_run_a_robot_take_one(name: str) -> None:
    options = {option for parameter in cli.simon().commands[name].params for option in parameter.opts}
    assert "--robot" in options


def test_an_unknown_robot_is_refused_before_anything_runs(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["says", "wave", "--no-video"], ["explain", "wave"], ["evaluate"]):
        with pytest.raises(InputError, match=r"no robot 'g2'.*g1"):
            cli.simon()([*words, "--robot", "g2"], standalone_mode=False)
    cli.simon()(["explain", "wave", "--robot", str(own), "--json"], standalone_mode=False)
    assert json.loads(capsys.readouterr().out)["plan"]
    with pytest.raises(InputError, match=r"own-robot.*no policy"):
        cli.simon()(["says", "wave", "--no-video", "--robot", str(own)], standalone_mode=False)


def literals(file: Path) -> Iterator[tuple[int, str]]:
    """The strings of a file that document nothing."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.lineno, node.value


def names() -> dict[str, str]:
    """Names of robots, joints and links, in small letters, with what they are."""
    found: dict[str, str] = {}
    for robot in SHIPPED:
        urdf = read_urdf(get_robot(robot).urdf)
        found |= {robot: "a robot"} | {joint.name: f"a joint of {robot}" for joint in urdf.joints}
        found |= {link.name: f"a link of {robot}" for link in urdf.links if "_" in link.name}
    return {name.lower(): what for name, what in found.items()}


FILES = [file for room in ("envs", "agents", "experiments") for file in sorted((ROOT / room).rglob("*.py"))]


def test_no_file_names_one_robot_its_joints_or_links() -> None:
    known, found = names(), dict[str, str]()
    for file in FILES:
        for line, text in literals(file):
            words = set(re.findall(r"[a-z0-9_]+(?:-[a-z0-9_]+)*|[a-z0-9_]+", text.lower()))
            words |= {part for word in words for part in word.split("-")}
            for word in words & known.keys():
                found[f"{file.relative_to(ROOT)}:{line}"] = f"{word!r}, {known[word]}"
    left = {place: what for place, what in found.items() if place.rpartition(":")[0] not in OF_OLD}
    assert not left


def test_a_model_stands_for_a_robot(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    g1 = get_robot(DEFAULT_ROBOT)
    (tmp_path / "meshes").symlink_to(g1.urdf.parent / "meshes")
    model = tmp_path / f"{DEFAULT_ROBOT}.urdf"
    model.write_text(g1.urdf.read_text())
    with pytest.warns(
        InputNote, match=r"drafted the robot 'g1-urdf' from .*guess: joints.kp.*`simon robot new"
    ) as said:
        spec = get_robot(model)
    assert len(said) == 1 and (spec.name, spec.feet) == ("g1-urdf", g1.feet)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # it is said once
        assert get_robot(str(model)) is spec is get_robot("g1-urdf")
        recipe = with_robot(load_recipe("walk"), str(model))
        assert recipe.robot == str(model)
        env = gymnasium.make(f"simonsays.envs:{task_id('Locomotion')}", robot=model)
        assert env.unwrapped.spec_robot is spec  # type: ignore[attr-defined]
        env.close()  # type: ignore[no-untyped-call]
    model.write_text(g1.urdf.read_text() + "\n<!-- changed -->")
    with pytest.raises(InputError, match=r"there is a robot 'g1-urdf' already.*start anew"):
        get_robot(model)
    for name, words in (("none.urdf", "no such file"), ("none.xml", "no such file")):
        with pytest.raises(InputError, match=words):
            get_robot(tmp_path / name)
    (tmp_path / "broken.urdf").write_text("<robot/>")
    with pytest.raises(InputError, match=r"broken"):
        get_robot(tmp_path / "broken.urdf")
    assert [each.name.rpartition("-")[0] for each in (tmp_path / "cache/simonsays/robots").iterdir()] == ["g1-urdf"] * 2
    ROBOTS.unregister("g1-urdf")
