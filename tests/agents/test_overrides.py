"""Changes to recipes from the command line, ranges to search, recipes as TOML."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from tiny_runs import TINY, tiny

from simonsays.agents.recipes.overrides import parse_override
from simonsays.agents.recipes.recipe import load_recipe, recipe_from_dict, with_values
from simonsays.assets import InputError
from simonsays.assets.registry import RECIPES
from simonsays.envs.config import DEFAULT_WEIGHTS

RECIPE = tomli_w.dumps({key: value for key, value in TINY.items() if key != "name"})


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    file = tmp_path / "mine.toml"
    file.write_text(RECIPE)
    return file


def test_values_are_toml_or_one_bare_word() -> None:
    assert parse_override("ppo.n_steps=64") == ("ppo.n_steps", 64)
    assert parse_override("a = 1e-4") == ("a", 1e-4)
    assert parse_override("a=[64, 64]") == ("a", [64, 64])
    assert parse_override("a=tanh") == parse_override('a="tanh"') == ("a", "tanh")
    assert parse_override("a=simonsays.envs:G1-GoTo-v0") == ("a", "simonsays.envs:G1-GoTo-v0")
    assert parse_override("a=true") == ("a", True)
    for text in ("a", "=1", "a=", "a=[1", "a=two words", "a=1\nb = 2"):
        with pytest.raises(InputError, match="--set"):
            parse_override(text)


def test_any_key_can_be_set(recipe: Path) -> None:
    changes = ["ppo.n_steps=32", "env.push_speed=0.5", "stages.only.learning_rate=1e-4", "stages.0.steps=128"]
    changed = load_recipe(recipe, [*changes, "network.activation=tanh", "network.hidden=[4, 4]"])
    assert changed.hyperparameters.n_steps == 32 and changed.env == {"push_speed": 0.5}
    assert (changed.stages[0].learning_rate, changed.stages[0].steps) == (1e-4, 128)
    assert changed.network.activation == "tanh" and changed.network.hidden == (4, 4)
    assert load_recipe(recipe).hyperparameters.n_steps == 16


def test_one_weight_is_set_among_the_others(recipe: Path) -> None:
    changed = load_recipe(recipe, ["env.reward_weights.tilt=-3.5"])
    assert changed.env["reward_weights"] == {**DEFAULT_WEIGHTS, "tilt": -3.5}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("ppo.n_step=64", r"'ppo\.n_step'; did you mean 'ppo\.n_steps'"),
        ("pp.n_steps=64", "'pp'; did you mean 'ppo'"),
        ("stages.0.stesp=1", r"did you mean 'stages\.0\.steps'"),
        ("stages.onyl.steps=1", "no stage 'onyl'; did you mean 'only'"),
        ("stages.1.steps=1", "no stage '1'"),
        ("stages=1", "stages"),
        ("env.push_sped=1", "did you mean 'push_speed'"),
        ("env.reward_weights.tlit=1", "did you mean 'tilt'"),
        ("env.blocks=['gravty']", "env: blocks: unknown name 'gravty'; did you mean 'gravity'"),
        ("stages.0.env.push_sped=1", r"stages\.only\.env.*did you mean 'push_speed'"),
        ("ppo.n_steps=many", r"ppo\.n_steps.*integer"),
        ("ppo=3", "ppo"),
        ("seed.x=1", "seed.x"),
        ("algorithm=pop", "algorithm"),
    ],
)
def test_wrong_changes_name_the_whole_key(recipe: Path, change: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        load_recipe(recipe, [change])
    assert "Value error" not in str(refused.value)


def test_a_hint_is_a_key_of_the_same_table() -> None:
    with pytest.raises(InputError) as caught:
        tiny(sac={"n_epochs": 3})
    assert "n_epochs" in str(caught.value) and "did you mean" not in str(caught.value)


def test_recipes_survive_toml() -> None:
    for name in RECIPES.files():
        recipe = load_recipe(name)
        assert recipe_from_dict(tomllib.loads(recipe.toml()), name) == recipe


def test_a_recipe_as_toml_is_for_people_to_read() -> None:
    text = tiny(search={"ppo.n_epochs": {"low": 1, "high": 4}}).toml()
    assert '\n[[stages]]\nname = "only"\n' in text and '[search."ppo.n_epochs"]\nlow = 1\n' in text
    assert "cloning" not in text and "choices" not in text  # what is not said stays away


@pytest.mark.parametrize(
    ("search", "message"),
    [
        ({"ppo.n_epoch": {"low": 1, "high": 2}}, r"did you mean 'ppo\.n_epochs'"),
        ({"ppo.n_epochs": {"low": 2, "high": 1}}, "larger high"),
        ({"ppo.n_epochs": {"lo": 2, "high": 1}}, "did you mean .*low"),
        ({"ppo.n_epochs": {"low": 1, "high": 2, "choices": [1]}}, "either choices"),
        ({"stages.0.learning_rate": {"low": 0.0, "high": 1.0, "log": True}}, "over 0"),
        ({"network.activation": {"choices": ["elu", "tnh"]}}, "'tnh'"),
        ({"stages.0.steps": {"low": -5, "high": 5}}, "stages.0.steps"),
        ({"env.push_speed": {"low": -1.0, "high": 1.0}}, "push_speed"),
    ],
)
def test_ranges_are_checked_at_both_ends(search: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        tiny(search=search)


def test_values_of_a_search_make_a_recipe() -> None:
    recipe = tiny(search={"ppo.n_epochs": {"low": 1, "high": 4}})
    chosen = with_values(recipe, {"ppo.n_epochs": 3, "stages.only.learning_rate": 0.5})
    assert chosen.hyperparameters.n_epochs == 3 and chosen.stages[0].learning_rate == 0.5 and not chosen.search
