"""Damaged TOML files: scenes, recipes, instruction sets; and what reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import damage
import tomli_w
from hypothesis import strategies as st

import simonsays.experiments
from simonsays.agents.recipes.recipe import load_recipe
from simonsays.assets.reading import read_toml
from simonsays.envs.instruction.sentences import load_sentences
from simonsays.envs.moves.performances import load_performance
from simonsays.experiments.instruction_sets.loading import read_examples
from simonsays.sim.specs import load_scene

SCENE: dict[str, Any] = {
    "robots": [{"name": "ann", "robot": "g1", "position": [0, 0.5], "yaw_deg": 10}, {"name": "bob", "robot": "g1"}],
    "viewer": {"position": [3, 1.0]},
    "ground": {"friction": 0.9, "slope_deg": 2, "roughness": 0.01, "seed": 3},
    "props": [
        {"shape": "ball", "color": "red", "position": [1, 2], "name": "b", "size": 0.3, "mass": 1, "yaw_deg": 5},
        {"shape": "box", "color": "blue", "position": [1, -2, 0.2], "size": [0.1, 0.2, 0.3]},
        {"shape": "cone", "color": "red", "position": [2, -2], "path": [[0, 1.0]], "speed": 1},
    ],
}  # fmt: skip
SET: dict[str, Any] = {
    "scenes": {"hall": SCENE},
    "examples": [
        {
            "text": "wave",
            "language": "en",
            "scene": "hall",
            "expect": {"steps": [{"verb": "wave", "side": "left", "count": 2, "object": {"type": "ball", "rank": 1}}]},
        },
        {"text": "挥手", "language": "zh", "scene": SCENE, "expect": {"steps": [{"verb": "walk", "distance_m": 2.0}]}},
    ],
}
SCRIPT: dict[str, Any] = {
    "title": "hello",
    "language": "en",
    "pause": 0.5,
    "repeat": 2,
    "sentences": [{"say": "wave twice", "pause": 1, "times": 2}, {"say": "turn left"}],
    "film": {"size": "320x240", "fps": 25, "camera": "front", "look": "light", "story": True},
}
_RECIPES = Path(simonsays.experiments.__file__ or "").parent / "recipes"
DEEP = b"a = " + damage.nested(damage.DEEP).encode()


RECIPE = read_toml(_RECIPES / "locomotion.toml")


def dumped(data: Any) -> bytes:
    """As TOML where it can be said so."""
    if not isinstance(data, dict):
        return str(data).encode(errors="replace")
    try:
        return tomli_w.dumps(data).encode()
    except (TypeError, ValueError, AttributeError):  # None, or a half character
        return repr(data).encode(errors="replace")


_said = st.recursive(
    damage.values.filter(lambda value: value is not None), lambda inner: st.lists(inner, max_size=2), max_leaves=2
)


def _files(sound: dict[str, Any]) -> st.SearchStrategy[bytes]:
    whole = damage.documents(sound, _said).map(dumped)
    return st.one_of(whole, whole, whole, damage.spoiled(dumped(sound)), st.just(DEEP))


def scenes() -> st.SearchStrategy[bytes]:
    """Scene files."""
    return _files(SCENE)


def recipes() -> st.SearchStrategy[bytes]:
    """Recipes: any of ours."""
    return st.sampled_from(sorted(_RECIPES.glob("*.toml"))).flatmap(lambda file: _files(read_toml(file)))


def sets() -> st.SearchStrategy[bytes]:
    """Instruction sets."""
    return _files(SET)


def read_scene(folder: Path, data: bytes) -> None:
    """A scene, which says what it is."""
    (folder / "a.toml").write_bytes(data)
    load_scene(folder / "a.toml").to_dict()


def read_recipe(folder: Path, data: bytes) -> None:
    """A recipe, which can be written again."""
    (folder / "a.toml").write_bytes(data)
    load_recipe(folder / "a.toml").toml()


def scripts() -> st.SearchStrategy[bytes]:
    """Performances."""
    return _files(SCRIPT)


def read_script(folder: Path, data: bytes) -> None:
    """A performance, which says what is to be done."""
    (folder / "a.toml").write_bytes(data)
    load_performance(folder / "a.toml").parts()


def read_set(folder: Path, data: bytes) -> None:
    """A set, as a suite and as what an env draws from."""
    (folder / "a.toml").write_bytes(data)
    read_examples(folder / "a.toml")
    load_sentences(folder / "a.toml")
