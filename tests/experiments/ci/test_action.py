"""The GitHub action: its shell parts are commands of the Makefile, and run where nothing of ours is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from commands import ROOT

yaml = pytest.importorskip("yaml")

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
SHELL = [step for step in STEPS if "run" in step]


def test_what_is_given_is_no_part_of_a_command() -> None:
    """What a workflow says reaches the shell as variables alone, and what is named is there."""
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for step in SHELL:
        assert step["shell"] == "bash" and "${{" not in step["run"]
        for command in re.findall(r"\bmake -C \S+ (\S+)", step["run"]):
            assert command in targets
    said = {
        name for text in re.findall(r"\$\{\{(.*?)\}\}", str(ACTION)) for name in re.findall(r"inputs\.([\w-]+)", text)
    }
    assert said == set(ACTION["inputs"])
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"]) for step in STEPS if "uses" in step)


@pytest.mark.slow
def test_it_works_in_an_empty_repository_of_somebody_else(tmp_path: Path) -> None:
    theirs, scratch = tmp_path / "their repository", tmp_path / "temp"
    installed = scratch / "simonsays" / "venv"  # what pip would bring is here already
    for folder in (theirs, installed / "bin"):
        folder.mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet"], cwd=theirs, check=True)
    (installed / "bin" / "python").symlink_to(sys.executable)
    simon = installed / "bin" / "simon"
    simon.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m simonsays.experiments.cli "$@"\n')
    simon.chmod(0o755)
    (installed / "base.stamp").touch()
    sentence = 'wave "twice" $(touch here)'
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_OUTPUT": str(scratch / "output"),
        "RUNNER_TEMP": str(scratch),
    }
    given = {"sentence": sentence, "engine": "bullet"}
    codes = []
    for step in SHELL:
        own = {
            name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda m: given[m[1]], text)
            for name, text in step.get("env", {}).items()
        }
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", step["run"]],
            cwd=theirs,
            env={**environment, **own},
            capture_output=True,
            text=True,
        )
        codes.append((done.returncode, done.stderr))
    assert codes[0][0] == 0, codes and re.fullmatch(r"digest=[0-9a-f]{16}\n", (scratch / "output").read_text())
    assert codes[1][0] != 0 and "error:" in codes[1][1]  # no such sentence, refused as a sentence
    suites = ET.parse(scratch / "simonsays" / "out" / "smoke.xml").getroot()
    assert int(suites.get("tests", "0")) > 5 and suites.get("failures") == "0"
    assert [each.name for each in theirs.iterdir()] == [".git"]
    own = {"SENTENCE": "wave twice", "ENGINE": "bullet"}
    done = subprocess.run(
        ["bash", "-c", SHELL[1]["run"]], cwd=theirs, env={**environment, **own}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert (scratch / "simonsays" / "out" / "demo.gif").read_bytes().startswith(b"GIF8")
