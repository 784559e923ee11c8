"""Files of the first edition still open, and mean and do what they did (fixtures/first_edition/README.md)."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from commands import simon

from simonsays.assets import InputError
from simonsays.envs import load_policy
from simonsays.envs.language import Instruction

FILES = next(folder for folder in Path(__file__).resolve().parents if folder.name == "tests") / "fixtures/first_edition"
BUNDLES = sorted(file.parent.name for file in FILES.glob("bundles/*/policy.json"))
DOCUMENTS = (FILES / "instructions.jsonl").read_text(encoding="utf-8").splitlines()


def without_definite(data: Any) -> Any:
    """A document less what the first edition read and did not write."""
    if isinstance(data, dict):
        return {name: without_definite(value) for name, value in data.items() if name != "definite"}
    return [without_definite(value) for value in data] if isinstance(data, list) else data


@pytest.mark.parametrize("name", ["english", "mandarin"])
def test_a_recording_becomes_a_picture_and_a_page(tmp_path: Path, name: str) -> None:
    picture = simon(
        *("render", FILES / f"{name}.npz", "--out", "sheet.png", "--pictures", 1, "--size", "160x90"),
        *("--renderer", "tiny", "--jobs", 1, "--json"),
        cwd=tmp_path,
    )
    assert picture.returncode == 0, picture.stderr
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")
    page = simon("render", FILES / f"{name}.npz", "--out", "page.html", cwd=tmp_path)
    assert page.returncode == 0, page.stderr
    assert {"english": "wave at the red ball", "mandarin": "指着蓝色的箱子"}[name] in (
        tmp_path / "page.html"
    ).read_text()


@pytest.mark.parametrize("name", BUNDLES)
def test_a_bundle_acts_as_it_did(name: str) -> None:
    policy = load_policy(FILES / "bundles" / name)
    with np.load(FILES / "bundles" / name / "expected.npz") as expected:
        seen = {part: expected[part] for part in expected.files}
    wanted, state = seen.pop("action"), None
    for i in range(len(wanted)):
        now: Any = {part: values[i] for part, values in seen.items()}
        action, state = policy.predict(now if len(now) > 1 else now["observation"], state, deterministic=True)
        np.testing.assert_allclose(action, wanted[i], rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", BUNDLES)
def test_a_bundle_is_refused_for_the_gains_that_have_changed_since(name: str) -> None:
    policy = load_policy(FILES / "bundles" / name)
    env = gymnasium.make(policy.env_id)
    with pytest.raises(InputError, match=r"robot_parts\.gains"):
        policy.check(env)
    env.close()


def test_an_interrupted_run_is_refused_for_the_gains_that_have_changed_since(tmp_path: Path) -> None:
    shutil.copytree(FILES / "run", tmp_path / "run")
    before = (tmp_path / "run/logs/progress.csv").read_text()
    resumed = simon("train", "--resume", "run", "--steps", 10_000, "--threads", 1, "--json", cwd=tmp_path)
    assert resumed.returncode == 2 and "robot_parts.gains: the run has" in resumed.stderr
    assert (tmp_path / "run/logs/progress.csv").read_text() == before


def test_a_scene_with_every_key(tmp_path: Path) -> None:
    ran = simon(
        *("says", "stop for one second", "--scene", FILES / "scene.toml", "--no-video", "--record", "x.npz", "--json"),
        cwd=tmp_path,
    )
    assert ran.returncode == 0, ran.stderr
    made = json.loads(ran.stdout)["scene"]
    written = tomllib.loads((FILES / "scene.toml").read_text())
    assert made["robot"] == written["robot"] and made["ground"] == written["ground"]
    assert len(made["props"]) == len(written["props"])
    for prop, said in zip(made["props"], written["props"], strict=True):
        sized = {**said, "size": [said["size"]] * 3} if isinstance(said.get("size"), float) else said
        assert {key: prop[key] for key in sized} == sized
    assert [prop["name"] for prop in made["props"]][1::4] == ["the parcel", "red ball 2"]


@pytest.mark.parametrize("line", DOCUMENTS, ids=range(1, len(DOCUMENTS) + 1))
def test_a_document_of_version_1_means_the_same(line: str) -> None:
    document = json.loads(line)
    instruction = Instruction.from_json(document)
    written = instruction.to_json()
    wanted = {name: value for name, value in document.items() if value is not False}
    wanted["steps"] = [{k: v for k, v in step.items() if v is not False} for step in document["steps"]]
    assert without_definite(written) == without_definite(wanted)
    assert without_definite(Instruction.from_json(written).to_json()) == without_definite(wanted)


def test_whether_an_object_must_be_one_is_read() -> None:
    said = {"type": "ball", "definite": False}
    step = Instruction.from_json({"steps": [{"verb": "pickup", "object": said}]}).steps[0]
    other = Instruction.from_json({"steps": [{"verb": "pickup", "object": {"type": "ball"}}]}).steps[0]
    assert step.object is not None and not step.object.definite
    assert other.object is not None and other.object.definite


def test_an_instruction_set_is_run(tmp_path: Path) -> None:
    ran = simon(
        *("benchmark", "--suite", FILES / "instructions.toml", "--policy", "zero", "--seeds", 1, "--jobs", 1),
        *("--limit", 1, "--out", "out", "--json"),
        cwd=tmp_path,
    )
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "out" / "report.md").is_file()


def test_an_instruction_set_says_what_is_parsed(tmp_path: Path) -> None:
    examples = tomllib.loads((FILES / "instructions.toml").read_text(encoding="utf-8"))["examples"]
    (tmp_path / "texts").write_text("\n".join(each["text"] for each in examples), encoding="utf-8")
    read = simon("parse", "--batch", "texts", cwd=tmp_path)
    assert read.returncode == 0, read.stderr
    lines = [json.loads(line)["instruction"]["steps"] for line in read.stdout.splitlines()]
    assert lines == [each["expect"]["steps"] for each in examples]
