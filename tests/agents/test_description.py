"""What policy.json says: the robot's hash, bundles of the first format, mismatches field by field, abilities."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simonsays.agents.measure.rollout import prepare
from simonsays.assets import InputError, path
from simonsays.envs.config import DEFAULT_BLOCKS
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.plan.execution import load_policies
from simonsays.envs.policy.description import FORMAT, differences, read_description
from simonsays.envs.policy.policy import load_policy
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import RobotSpec

G1 = get_robot("g1")
FIRST = Path(__file__).resolve().parents[1] / "fixtures" / "first_edition" / "bundles" / "tiny"


def with_joint(**changes: float) -> RobotSpec:
    return replace(G1, joints=(replace(G1.joints[0], **changes), *G1.joints[1:]))


def with_urdf(folder: Path, change: Callable[[str], str]) -> RobotSpec:
    text = G1.urdf.read_text(encoding="utf-8")
    assert change(text) != text
    file = folder / "robot.urdf"
    file.write_text(change(text), encoding="utf-8")
    return replace(G1, urdf=file)


@dataclass(frozen=True)
class Wider(RobotSpec):
    nickname: str = "Gigi"
    sizes: dict[str, float] = field(default_factory=lambda: {"reach": 0.6})


def test_the_hash_is_not_of_what_physics_and_actions_do_not_depend_on(tmp_path: Path) -> None:
    wider = Wider(**{each.name: getattr(G1, each.name) for each in fields(G1)})
    gait = replace(G1.gait, period=9.0, foot_lift=0.2)
    for other in (wider, replace(G1, title="Other", policies=(), gait=gait, head="pelvis")):
        assert other.identity() == G1.identity()
    spelt = with_urdf(tmp_path, lambda text: text.replace('xyz="0 0 0"', 'xyz="0.0 -0 0.00"').replace("rgba", "rgba2"))
    assert spelt.identity() == G1.identity()


@pytest.mark.parametrize("change", [{"kp": 1.0}, {"kd": 1.0}, {"armature": 0.5}, {"default": 0.3}])
def test_gains_armature_and_pose_change_the_hash(change: dict[str, float]) -> None:
    other = with_joint(**change)
    changed = {name for name, digest in other.parts().items() if digest != G1.parts()[name]}
    assert changed == {"pose" if "default" in change else "gains"} and other.identity() != G1.identity()


@pytest.mark.parametrize(("word", "part"), [("<mass value=", "links"), (" effort=", "joints"), (" upper=", "joints")])
def test_masses_and_limits_change_the_hash(tmp_path: Path, word: str, part: str) -> None:
    other = with_urdf(tmp_path, lambda text: text.replace(f'{word}"', f'{word}"1', 1))
    assert {name for name, digest in other.parts().items() if digest != G1.parts()[name]} == {part}


def test_a_bundle_of_the_first_format_is_understood_as_the_second() -> None:
    written = json.loads((FIRST / "policy.json").read_text(encoding="utf-8"))
    said = read_description(FIRST)
    assert written["format"] == 1 and said["format"] == FORMAT and said["robot_parts"].keys() == G1.parts().keys()
    shown = [each["block"] for each in said["observation"]]  # by default then, and no longer
    told = {"robot_parts": said["robot_parts"], "settings": {**written.get("settings", {}), "blocks": shown}}
    assert {**said, "format": 1} == {**written, **told}
    with pytest.raises(InputError, match=r"robot_parts\.gains") as refused:  # the G1 has other gains and pose since
        load_policy(FIRST).check(HumanoidEnv())
    assert "robot_parts.pose" in str(refused.value) and "links" not in str(refused.value)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return Path(shutil.copytree(path("policies", "g1-locomotion"), tmp_path / "copy"))


def refusal(bundle: Path, change: Callable[[dict[str, Any]], Any]) -> list[str]:
    said = json.loads((bundle / "policy.json").read_text(encoding="utf-8"))
    change(said)
    (bundle / "policy.json").write_text(json.dumps(said), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load_policy(bundle).check(HumanoidEnv())
    return str(refused.value).splitlines()[1:]


def test_a_mismatch_is_told_by_field_and_nothing_else(bundle: Path) -> None:
    gone = {"block": "last_action", "width": 12}
    assert refusal(bundle, lambda said: said["observation"].pop()) == [
        f"  observation: policy [], environment [{gone}]"
    ]
    last = len(DEFAULT_BLOCKS) - 1
    assert refusal(bundle, lambda said: said["observation"].append({**gone, "width": 3})) == [
        f"  observation.{last}.width: policy 3, environment 12"
    ]


def test_of_a_robot_the_parts_are_named_and_of_another_robot_it_alone(bundle: Path) -> None:
    other = with_joint(kp=1.0)
    with pytest.raises(InputError) as refused:
        load_policy(bundle).check(HumanoidEnv(other))
    lines = str(refused.value).splitlines()[1:]
    assert len(lines) == 1 and lines[0].startswith("  robot_parts.gains: policy ")
    assert refusal(bundle, lambda said: said.update(robot="h1", robot_hash="0", control_rate_hz=40)) == [
        "  robot: policy 'h1', environment 'g1'"
    ]


def test_what_a_plugin_would_have_to_provide_is_named(tmp_path: Path) -> None:
    """Whoever asks: a trunk when the bundle is loaded, a block when an env is made for it or shows it what it takes."""
    hint = "if a plug-in has it, install that or name it with --plugin"
    folder = Path(shutil.copytree(path("policies", "g1-locomotion"), tmp_path / "mine"))
    said = json.loads((folder / "policy.json").read_text(encoding="utf-8"))
    (folder / "policy.json").write_text(json.dumps({**said, "settings": {"blocks": ["gravty"]}}), encoding="utf-8")
    told = f"^policy 'mine': settings.blocks: no observation block 'gravty'; did you mean 'gravity'.; {hint}$"
    for ask in (lambda: prepare(str(folder), {}), lambda: load_policies(HumanoidEnv(), folder)):
        with pytest.raises(InputError, match=told):
            ask()
    network = {**said["network"], "trunk": "mpl"}
    (folder / "policy.json").write_text(json.dumps({**said, "network": network}), encoding="utf-8")
    with pytest.raises(InputError, match=f"policy.json: network.trunk: no trunk 'mpl'; did you mean 'mlp'.; {hint}$"):
        load_policy(folder)


def test_each_motion_s_policy_is_shown_the_blocks_that_it_was_trained_on() -> None:
    env, mine = HumanoidEnv(friction=None), load_policy("g1-locomotion")
    blocks = ["gravity", "command", "foot_heights"]
    env.reset(seed=0, options={"command": [0.0, 0.0, 0.0]})
    said = env.describe()
    seen = [{"block": name, "width": width} for name, width in zip(blocks, (3, 3, 2), strict=True)]
    mine.description = {**mine.description, "settings": {"blocks": blocks}, "observation": seen}
    env.show("gait", mine)
    assert env.describe("gait") == {**said, "observation": seen, "settings": {"blocks": blocks}}
    assert env.describe() == env.describe("crouch") == said
    assert env.set_command((0.1, 0.0, 0.0))[3:6] == pytest.approx((0.0, 0.0, 0.0))
    shown, *_ = env.step(np.zeros(12))
    assert len(shown) == 8 and shown[3:6] == pytest.approx((2 * 0.6 * env.dt, 0.0, 0.0))  # on its way to 0.1 m/s
    env.reset(seed=0, options={"command": [0.0, 0.0, 0.0]})
    own = sum(each["width"] for each in said["observation"])
    assert len(env.set_command((0.0, 0.0, 0.0), motion="jump")) == own > 50 and env.motion == "jump"
    with pytest.raises(InputError, match="does not fit the environment"):
        env.show("gait", changed(mine, observation=seen[:2]))


def changed(policy: Any, **said: Any) -> Any:
    policy.description = {**policy.description, **said}
    return policy


def test_differences_of_nested_descriptions() -> None:
    one = {"a": {"b": 1, "c": [1, 2]}, "d": "x", "e": [1, 2, 3]}
    other = {"a": {"b": 1, "c": [1, 3]}, "e": [3, 1, 4, 5]}
    assert differences(one, other) == [("a.c.1", 2, 3), ("d", "x", None), ("e", [2], [4, 5])]


def test_what_was_measured_is_kept_as_abilities(tmp_path: Path) -> None:
    import typer
    from typer.testing import CliRunner

    from simonsays.experiments.cli.learn import evaluate

    folder = Path(shutil.copytree(path("policies", "g1-jump"), tmp_path / "jump"))
    said = json.loads((folder / "policy.json").read_text(encoding="utf-8"))
    (folder / "policy.json").write_text(json.dumps({**said, "abilities": {"other": 1.0}}), encoding="utf-8")
    app = typer.Typer()
    app.command()(evaluate.run)
    engine = said["training"].get("engine", "bullet")  # abilities are of the engine that it was trained in
    asked = [str(folder), "--episodes", "1", "--jobs", "1", "--engine", engine, "--write-card", "--json"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    clearance = json.loads(done.stdout)["jump_clearance"]["value"]
    assert load_policy(folder).abilities == {"other": 1.0, "jump_clearance": round(clearance, 4)}
    assert load_policy("g1-locomotion").abilities["forward"] == pytest.approx(1.17, abs=0.04)
    assert not load_policy("g1-goto").abilities
