"""A suite of a few short sentences, for the tests of what runs benchmarks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

BALL = '{ shape = "ball", color = "red", position = [1.3, 0.4] }'
PILLAR = '{ shape = "pillar", color = "green", position = [1.2, -0.5] }'
TINY = [
    ("turn left 30 degrees", "empty", '{ verb = "turn", direction = "left", angle_deg = 30.0 }'),
    ("wave", "empty", '{ verb = "turn", direction = "left" }'),  # what is expected is not what is said: a misreading
    ("nod", "empty", '{ verb = "nod" }'),
    ("wave twice", "empty", '{ verb = "nod" }'),  # to be refused, but it would be done
    ("go to the red ball", "near", '{ verb = "go_to", object = { type = "ball", color = "red" } }'),
    ("go to the pillar, then walk two metres", "near",
     '{ verb = "go_to", object = { type = "pillar" } }, { verb = "walk", distance_m = 2.0 }'),
    ("stop", "empty", '{ verb = "stop" }'),
]  # fmt: skip


def write_suite(folder: Path, cases: Sequence[tuple[str, str, str]] = TINY) -> Path:
    """A suite, if not said otherwise all of it, as a file in a folder."""
    text = f"[scenes.near]\nprops = [{BALL}, {PILLAR}]\n"
    for said, scene, steps in cases:
        text += f'[[examples]]\ntext = "{said}"\nlanguage = "en"\nscene = "{scene}"\nexpect = {{ steps = [{steps}] }}\n'
    (folder / "tiny.toml").write_text(text, encoding="utf-8")
    return folder / "tiny.toml"
