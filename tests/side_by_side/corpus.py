"""The sentences: what the old tree's tests and instruction sets, SCAN and BabyAI say, and what is recorded."""

from __future__ import annotations

import json
import random
import sys
import tomllib
from pathlib import Path
from typing import Any

from sentences import SENTENCES
from trees import HERE, ROOT

sys.path.insert(0, str(ROOT))  # whose exams make the sentences; the sides run in processes that do not see this

Case = dict[str, Any]
"""text, and the scene: a shipped one's name, a file or a table"""


def cases(tree: Path, quick: bool) -> list[Case]:
    """Everything to be parsed and planned, without doubles."""
    found = [*_data(tree), *_instruction_sets(tree)]
    found += [{"text": text, "scene": "playground"} for text in (*scan_commands(2000), *missions(quick))]
    found += [{"text": text, "scene": "playground"} for text, _ in SENTENCES]
    return list({json.dumps([case["text"], case["scene"]]): case for case in found}.values())


def recorded_cases(quick: bool) -> list[Case]:
    """Everything to be done and recorded."""
    listed = SENTENCES[::5] if quick else SENTENCES
    own = {file.stem: str(file) for file in sorted((HERE / "scenes").glob("*.toml"))}
    return [{"text": text, "scene": own.get(scene, scene)} for text, scene in listed]


def _data(tree: Path) -> list[Case]:
    """The texts of the tests."""
    found = []
    for file in sorted((tree / "tests").rglob("data/*.jsonl")):
        lines = file.read_text(encoding="utf-8").splitlines()
        found += [{"text": json.loads(line)["text"], "scene": "playground"} for line in lines if line.strip()]
    return found


def _instruction_sets(tree: Path) -> list[Case]:
    """The texts of the instruction sets, each in its scene."""
    found = []
    for folder in ("assets/instructions", "experiments/instructions"):
        for file in sorted((tree / folder).glob("*.toml")):
            data = tomllib.loads(file.read_text(encoding="utf-8"))
            scenes = data.get("scenes", {})
            for entry in data["examples"]:
                scene = entry.get("scene", "playground")
                found.append(
                    {"text": entry["text"], "scene": scenes.get(scene, scene) if isinstance(scene, str) else scene}
                )
    return found


def scan_commands(count: int) -> list[str]:
    """A sample of SCAN's commands, the same every time."""
    from simonsays.experiments.exams.public.scan import commands

    return random.Random(0).sample([text for text, _ in commands()], count)


def missions(quick: bool) -> list[str]:
    """BabyAI's missions: two of every level, more of the rich ones; none where minigrid is not installed."""
    from simonsays.assets import InputError
    from simonsays.experiments.exams.public import babyai_levels

    try:
        levels = babyai_levels.levels()
    except InputError:
        return []
    found = list[str]()
    for level in levels[::8] if quick else levels:
        rich = any(word in level for word in ("Boss", "Synth", "Loc"))
        found += [mission.text for mission in babyai_levels.missions(level, range(30 if rich else 2))]
    return found
