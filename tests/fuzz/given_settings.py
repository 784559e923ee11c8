"""Settings that are none, of films and envs, as arguments and from a recipe's table; and damaged scenes as tables."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import damage
from hypothesis import strategies as st

from simonsays.agents.recipes.overrides import parse_override
from simonsays.envs import env_class
from simonsays.experiments.film.settings import film_settings, size_of
from simonsays.sim.specs import load_scene, scene_from_dict

FILM = {
    "size": [640, 360],
    "fps": 25,
    "speed": 1.0,
    "start": 0.5,
    "end": 2.0,
    "cameras": ["follow", "side"],
    "layout": "auto",
    "look": "light",
    "renderer": "tiny",
    "captions": True,
    "story": False,
    "labels": ["a"],
}
_WALK: dict[str, Any] = {
    "blocks": ["gravity", "command", "leg_positions"],
    "reward_weights": {"alive": 1.0},
    "reward_params": {"track_velocity": {"width": 0.3}},
    "terminations": {"fall": {}},
    "events": {"push": {"speed": 0.3}},
    "forward": [0.0, 1.0],
    "friction": [0.5, 0.8],
    "history": 2,
    "episode_seconds": 10.0,
}
_DONE: dict[str, Any] = {
    "instructions": ["wave", {"steps": [{"verb": "walk", "distance_m": 2.0}]}],
    "verbs": ["walk", "wave"],
    "most_steps": 3,
    "reward_weights": {"success": 1.0},
    "low_level": "g1-locomotion",
}
ENVS = {
    "G1-Locomotion-v0": _WALK,
    "G1-GoTo-v0": {"distance": [1.0, 2.0], "control": "commands"},
    "G1-Instruction-v0": _DONE,
}
_DEEP = "a.b=" + damage.nested(damage.DEEP)
SCENE = load_scene("playground").to_dict()


def films() -> st.SearchStrategy[Any]:
    """Settings of a film, and sizes as they are typed."""
    return damage.documents(FILM) | st.sampled_from(["640x360", "0x0", "9" * 5000 + "x2", "٣x٣"]) | st.text(max_size=9)


def envs() -> st.SearchStrategy[tuple[str, Any]]:
    """An env, and its settings."""
    return st.sampled_from(sorted(ENVS)).flatmap(lambda name: st.tuples(st.just(name), damage.documents(ENVS[name])))


def tables() -> st.SearchStrategy[Any]:
    """Scenes as tables."""
    return damage.documents(SCENE)


def changes() -> st.SearchStrategy[str]:
    """What is typed after ``--set``."""
    typed = st.sampled_from(["seed=1", "ppo.n_steps=64", "env.forward=[0,1]", 'stages.walk.env={a="b"}', _DEEP])
    return typed.flatmap(damage.texts)


def read_film(_: Path, said: Any) -> None:
    """As of ``simonsays.render``."""
    if isinstance(said, str):
        size_of(said)
    elif isinstance(said, dict):
        film_settings(said)


def read_env(_: Path, given: tuple[str, Any]) -> None:
    """As of ``gymnasium.make``; what is taken can be told as JSON."""
    name, settings = given
    if isinstance(settings, dict) and all(isinstance(key, str) for key in settings):
        made = env_class(f"simonsays.envs:{name}").make_config("environment", settings)
        json.dumps(made.model_dump(mode="json"))


def read_table(_: Path, table: Any) -> None:
    """As an env's ``scene``."""
    scene_from_dict(table).to_dict()


def read_change(_: Path, text: str) -> None:
    """As of ``simon train --set``."""
    parse_override(text)


KINDS: dict[str, tuple[Callable[[], st.SearchStrategy[Any]], Callable[[Path, Any], None], Any]] = {
    "film settings": (films, read_film, FILM),
    "env settings": (envs, read_env, ("G1-Locomotion-v0", _WALK)),
    "scene table": (tables, read_table, SCENE),
    "change": (changes, read_change, "seed=1"),
}
