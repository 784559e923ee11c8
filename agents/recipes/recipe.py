"""Recipes: how a policy is trained, as frozen, validated data read from a TOML file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import tomli_w
from pydantic import Field, SerializeAsAny, ValidationError, field_validator, model_serializer, model_validator

from simonsays.agents.recipes.env_check import check_env
from simonsays.agents.recipes.hyperparameters import HYPERPARAMETERS, Frozen, Hyperparameters
from simonsays.agents.recipes.overrides import Change, changed, parse_override, table_model, unknown_key
from simonsays.assets import InputError, did_you_mean
from simonsays.assets.reading import read_toml
from simonsays.assets.registry import RECIPES
from simonsays.envs.plain import plain
from simonsays.envs.policy.trunk import TRUNKS
from simonsays.envs.settings import NotNegative, Positive, Share, reason

Model = TypeVar("Model", bound=Frozen)


class Network(Frozen):
    """Layers of actor and critic."""

    hidden: tuple[Annotated[int, Field(gt=0)], ...] = (256, 128)
    """widths of the layers; of a trunk with residual streams the width of those, then the inner width of each block"""
    activation: Literal["elu", "relu", "tanh"] = "elu"
    trunk: str = "mlp"
    """plain layers, a "residual" network, one with "hyper"-connections, plain or manifold-constrained ("mhc"), or
    a plug-in's (envs/policy/trunk.py); off-policy: of the actor, critics are plain"""
    streams: int = Field(default=4, gt=0)
    """residual streams of "hyper" and "mhc" """
    log_std: float = Field(default=-0.7, ge=-10, le=3)
    """natural logarithm of the first standard deviation of the actions (on-policy)"""
    mirror: bool | None = None
    """mirror-symmetric; by default PPO, A2C and TRPO wherever the env knows its mirror image. Off-policy: the actor"""
    features: Literal["flat", "relative_goal"] = "flat"
    """what is computed from a dict observation first (envs/policy/features.py)"""

    @model_validator(mode="after")
    def _fits_the_trunk(self) -> Network:
        if TRUNKS[self.trunk].needs_hidden and not self.hidden:
            raise ValueError(f"hidden: trunk {self.trunk!r} needs a width")
        return self


class Her(Frozen):
    """Hindsight experience replay (Andrychowicz et al., NeurIPS 2017): transitions are replayed with reached goals."""

    n_sampled_goal: int = Field(default=4, gt=0)
    """replayed goals for each real one"""
    goal_selection_strategy: Literal["future", "final", "episode"] = "future"


class Normalize(Frozen):
    """Running normalisation (stable-baselines3's VecNormalize): frozen in bundles, so in every evaluation."""

    observation: bool = True
    """to mean 0 and deviation 1; flat observations, and dicts of flat parts, each by itself"""
    reward: bool = True
    """divided by the deviation of the discounted return"""
    clip: float = Field(10.0, gt=0)
    """of both, after it"""


class Cloning(Frozen):
    """What a policy imitates before the first stage (see agents/training/cloning.py): moments or a data set.

    PPO, A2C and TRPO.
    """

    moments: int | None = Field(None, gt=0)
    """imagined observations with the action of a hand-written law"""
    dataset: str | tuple[str, ...] | None = None
    """recordings (.npz, or a folder of them) or a Minari data set (its folder or id); or several"""
    motion: str = "gait"
    """whose steps to take of recordings"""
    epochs: int = Field(30, gt=0)
    batch_size: int = Field(256, gt=0)
    learning_rate: float = Field(2e-3, gt=0)
    """falls to a twentieth"""

    @model_validator(mode="after")
    def _has_one_source(self) -> Cloning:
        if (self.moments is None) == (not self.sources):
            raise ValueError("needs either moments or a dataset")
        return self

    @property
    def sources(self) -> tuple[str, ...]:
        """The data sets."""
        return (self.dataset,) if isinstance(self.dataset, str) else self.dataset or ()


class LearningRate(Frozen):
    """Adaptive: raised while the policy's KL divergence an update is low, lowered while it is high."""

    lowest: Positive = 5e-5
    highest: Positive = 1.5e-3
    factor: float = Field(default=1.3, ge=1)
    kl_low: NotNegative = 0.008
    kl_high: NotNegative = 0.02

    @model_validator(mode="after")
    def _is_in_order(self) -> LearningRate:
        for low, high in (("lowest", "highest"), ("kl_low", "kl_high")):
            if getattr(self, low) > getattr(self, high):
                raise ValueError(f"{low}: at most {high}, {getattr(self, high):g}")
        return self


class Stage(Frozen):
    """A part of the training with its own rewards. Ends after ``steps``, or once assistance has faded."""

    name: str = Field(min_length=1)
    steps: int = Field(gt=0)
    learning_rate: Positive
    """at the stage's start"""
    entropy: NotNegative = 0.001
    assisted: bool = False
    """start with full assistance and fade it; the stage ends when it is gone"""
    env: dict[str, Any] = Field(default_factory=dict)
    """settings of the env that differ from the recipe's ``env``"""


class Range(Frozen):
    """Values that a search may choose: numbers from ``low`` to ``high``, whole ones if both are, or ``choices``."""

    low: int | float | None = None
    high: int | float | None = None
    log: bool = False
    """drawn evenly in the logarithm"""
    step: int | float | None = Field(None, gt=0)
    choices: tuple[bool | int | float | str, ...] | None = None

    @model_validator(mode="after")
    def _is_one_kind(self) -> Range:
        if self.choices is not None:
            if (self.low, self.high, self.step, self.log) != (None, None, None, False) or not self.choices:
                raise ValueError("give either choices, at least one, or low and high")
            return self
        if self.low is None or self.high is None or not self.low < self.high:
            raise ValueError("give low and a larger high, or choices")
        if self.log and (self.low <= 0 or self.step is not None):
            raise ValueError("log needs a low over 0 and takes no step")
        return self

    @property
    def ends(self) -> tuple[Any, ...]:
        """The values that must be possible for all to be."""
        return (self.low, self.high) if self.choices is None else self.choices


class Recipe(Frozen):
    """One training. ``env_id`` is a Gymnasium id, of simonsays.envs or of another package.

    In a file, the hyperparameters stand in a table of the algorithm's name (agents/recipes/hyperparameters.py).
    """

    name: str = Field(pattern=r"^[^/\\\s.][^/\\]*$")
    """names folders: no slash, no dot at its beginning"""
    env_id: str
    algorithm: str = "ppo"
    hyperparameters: SerializeAsAny[Hyperparameters]
    """the algorithm's own; in a file they stand in a table of its name, such as ``[ppo]``"""
    seed: int = Field(0, ge=0, lt=2**32)
    workers: int = Field(2, gt=0)
    envs_per_worker: int = Field(24, gt=0)
    reset_mode: Literal["exact", "fast"] = "fast"
    robot: str | None = None
    """whose body it is, a name or a ``.py`` file (docs/robots.md); None: that of the env's id"""
    engine: str = "bullet"
    """the physics engine that it is trained in (docs/engines.md)"""
    checkpoint_steps: int = Field(250_000, gt=0)
    """env steps between checkpoints"""
    renew_steps: int = Field(500_000, gt=0)
    """env steps after which the envs begin anew, at a checkpoint; resuming retraces at most as many (docs/runs.md)"""
    keep_checkpoints: int | None = Field(None, gt=0)
    """only the newest so many; all of them if not given"""
    fade_length: Share = 0.5
    """assistance fades while the mean episode is longer than this share of the full one"""
    fade_success: Share = 0.0
    """assistance fades only while at least this share of the last episodes was a success, too: a gait that merely does
    not fall would forget to go where it is told (not with RLlib)"""
    network: Network = Field(default_factory=Network)
    her: Her | None = None
    cloning: Cloning | None = None
    normalize: Normalize | None = None
    learning_rate: LearningRate = LearningRate()
    env: dict[str, Any] = Field(default_factory=dict)
    stages: tuple[Stage, ...] = Field(min_length=1)
    search: dict[str, Range] = Field(default_factory=dict)
    """what ``simon sweep`` draws a key from, as ``"ppo.n_epochs" = {low = 2, high = 8}``"""

    @field_validator("stages")
    @classmethod
    def _have_names_of_their_own(cls, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        names = [stage.name for stage in stages]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two are called {name!r}")
        return stages

    @model_validator(mode="after")
    def _fits_the_algorithm(self) -> Recipe:
        own = self.hyperparameters
        for name, value, fits in (("[her]", self.her, own.her), ("[cloning]", self.cloning, own.clones)):
            if value is not None and not fits:
                raise ValueError(f"{name} has no meaning with algorithm = {self.algorithm!r}")
        if self.network.mirror and not own.mirrors:
            raise ValueError(f"network.mirror has no meaning with algorithm = {self.algorithm!r}")
        return self

    @model_serializer(mode="wrap")
    def _own_table(self, handler: Any) -> dict[str, Any]:
        data = dict(handler(self))
        return data | {self.algorithm: data.pop("hyperparameters")}

    @classmethod
    def keys(cls) -> dict[str, Any]:
        """The keys of a recipe's file: a table for each algorithm."""
        keys = {**super().keys(), **HYPERPARAMETERS}
        del keys["hyperparameters"]
        return keys

    def toml(self) -> str:
        """The recipe with all its defaults as a TOML file, which :func:`load_recipe` reads back."""
        return tomli_w.dumps(self.model_dump(mode="json", exclude_none=True))

    @property
    def assisted(self) -> bool:
        """Whether any stage has helping forces."""
        return any(stage.assisted for stage in self.stages)

    @property
    def total_steps(self) -> int:
        """Env steps of all stages together, at most."""
        return sum(stage.steps for stage in self.stages)


def with_steps(recipe: Recipe, steps: int) -> Recipe:
    """The recipe with ``steps`` env steps in all: later stages are cut off, or the last one goes on longer."""
    stages, left = [], steps
    for stage in recipe.stages:
        if left > 0:
            stages.append(stage.model_copy(update={"steps": min(stage.steps, left)}))
        left -= stage.steps
    stages[-1] = stages[-1].model_copy(update={"steps": stages[-1].steps + max(0, left)})
    return recipe.model_copy(update={"stages": tuple(stages)})


def load_recipe(name_or_path: str | Path, overrides: Sequence[str] = ()) -> Recipe:
    """A recipe by its name, ours or a plug-in's, or by the path of a TOML file.

    ``overrides``: changes to it like ``ppo.n_steps=64``, ``stages.0.steps=1000`` or ``stages.assisted.steps=1000``.

    Raises:
        InputError: no such recipe, malformed TOML, an unknown key or an impossible value.
    """
    file = RECIPES.find(name_or_path)
    data = read_toml(file)
    return changed_recipe({"name": file.stem, **data}, [parse_override(text) for text in overrides], str(file))


def with_values(recipe: Recipe, values: Mapping[str, Any]) -> Recipe:
    """A recipe with other values for some keys such as ``stages.0.learning_rate``, and nothing left to search.

    Raises:
        InputError: an unknown key or an impossible value.
    """
    data = {**recipe.model_dump(mode="json"), "search": {}}
    return changed_recipe(data, list(values.items()), f"recipe {recipe.name!r}")


def changed_recipe(data: dict[str, Any], changes: Sequence[Change], where: str) -> Recipe:
    """A recipe from plain values and changes to them."""
    if not changes:
        return recipe_from_dict(data, where)
    from simonsays.envs import env_class

    env_id = dict(changes).get("env_id", data.get("env_id"))
    env = env_class(env_id) if isinstance(env_id, str) else None
    told = " with " + ", ".join(f"{key} = {value!r}" for key, value in changes)
    return recipe_from_dict(changed(data, changes, Recipe, env), where + told)


def recipe_from_dict(data: dict[str, Any], where: str) -> Recipe:
    """A recipe from plain values.

    Raises:
        InputError: an unknown key or an impossible value.
    """
    data, names = plain(data), set(HYPERPARAMETERS)
    tables = {name: _checked(HYPERPARAMETERS[name], data[name], where, name) for name in data if name in names}
    algorithm = data.get("algorithm", "ppo")
    if not isinstance(algorithm, str) or algorithm not in names:
        raise InputError(f"{where}: algorithm: no algorithm {algorithm!r}{did_you_mean(str(algorithm), names)}")
    own = tables.pop(algorithm, None) or HYPERPARAMETERS[algorithm]()
    for name, table in tables.items():
        if table.model_fields_set:
            raise InputError(f"{where}: [{name}] has no meaning with algorithm = {algorithm!r}")
    rest = {name: value for name, value in data.items() if name not in names}
    if "hyperparameters" in rest:
        raise InputError(f"{where}: {unknown_key('hyperparameters', None)}; they stand in [{algorithm}]")
    recipe = _checked(Recipe, {**rest, "hyperparameters": own}, where)
    check_env(recipe, where)
    for key, drawn in recipe.search.items():
        for value in drawn.ends:
            try:
                with_values(recipe, {key: value})
            except InputError as error:
                raise InputError(f"{where}: search: {error}") from error
    return recipe


def _checked(model: type[Model], data: Any, where: str, *place: str) -> Model:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        parts = (*place, *first["loc"])
        key = ".".join(str(part) for part in parts)
        if first["type"] == "extra_forbidden":
            raise InputError(f"{where}: {unknown_key(key, table_model(Recipe, parts[:-1]))}") from error
        raise InputError(f"{where}: {key + ': ' if key else ''}{reason(first)}") from error
