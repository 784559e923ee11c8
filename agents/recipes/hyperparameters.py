"""The algorithms, one entry each: a table of hyperparameters that says which class it is for. No torch here.

An entry is a frozen model marked with ``@register_algorithm(name)``, ours or a plug-in's. Its fields are the keys of
the recipe's table ``[name]``; they go to the algorithm's class as they are, those of ``to_policy`` to its policy. Its
class variables say the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from simonsays.assets.notes import Documented
from simonsays.assets.registry import Registry
from simonsays.envs.settings import NotNegative, Positive, Share

_MOST = 10_000_000  # env steps of an env between updates: more fits into no memory


class Frozen(Documented, BaseModel):
    """Base of all that recipes are made of: unknown keys, numbers as texts, and true for 1 are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def keys(cls) -> dict[str, Any]:
        """The keys of its table, each with the type of its value."""
        return {name: field.annotation for name, field in cls.model_fields.items()}

    @field_validator("*", mode="before")
    @classmethod
    def _is_of_its_kind(cls, value: Any, info: ValidationInfo) -> Any:
        kinds = _kinds(cls.model_fields[str(info.field_name)].annotation)
        for each in value if isinstance(value, list | tuple) else (value,):
            if isinstance(each, bool) and kinds & {int, float} and bool not in kinds:
                raise ValueError(f"a number is expected, not {str(each).lower()}")
            if isinstance(each, str) and kinds & {int, float} and str not in kinds and _is_number(each):
                raise ValueError(f"a number is expected, not the text {each!r}")
        return value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _kinds(annotation: Any) -> set[Any]:
    """The plain types that an annotation is made of; of a Literal those of its values."""
    if get_origin(annotation) is Literal:
        return {type(value) for value in get_args(annotation)}
    parts = get_args(annotation)
    return {annotation} if not parts else {kind for part in parts for kind in _kinds(part)}


class Hyperparameters(Frozen):
    """Base of the tables."""

    title: ClassVar[str]
    """by default the class and its package, as ``PPO (stable-baselines3)``"""
    model: ClassVar[str]
    """``module:Class`` of the algorithm"""
    family: ClassVar[str]
    """how its policy is made and exported: a key of FAMILIES in agents/training/algorithms.py, or ``module:NAME`` of
    another Family"""
    threads: ClassVar[int] = 1
    """of torch; with small batches a second one costs more than it gives"""
    to_policy: ClassVar[tuple[str, ...]] = ()
    """fields that the policy takes, not the algorithm"""
    own: ClassVar[tuple[str, ...]] = ()
    """fields that simonsays takes"""
    on_policy: ClassVar[bool] = False
    her: ClassVar[bool] = False
    """works with hindsight experience replay"""
    clones: ClassVar[bool] = False
    """can start as a clone (table ``[cloning]``)"""
    privileged: ClassVar[bool] = True
    """takes observations that the critic alone may see"""
    mirrors: ClassVar[bool] = True
    """can be mirror-symmetric"""
    log_interval: ClassVar[int] = 1
    """rollouts, or with a replay buffer episodes, between two lines of the log"""


HYPERPARAMETERS: Registry[type[Hyperparameters]] = Registry("algorithm")
"""Tables by the name of the algorithm, which is the name of the table in a recipe."""

Table = TypeVar("Table", bound=Hyperparameters)


def register_algorithm(name: str) -> Callable[[type[Table]], type[Table]]:
    """Register a table as the entry of an algorithm."""

    def register(table: type[Table]) -> type[Table]:
        if not hasattr(table, "title"):
            package, _, kind = table.model.partition(":")
            table.title = f"{kind} ({package.replace('_', '-')})"
        HYPERPARAMETERS.register(name, table)
        return table

    return register


class OnPolicy(Hyperparameters):
    """What algorithms that learn from their own rollouts have."""

    family: ClassVar[str] = "actor_critic"
    on_policy: ClassVar[bool] = True
    clones: ClassVar[bool] = True


class _Clipped(OnPolicy):
    n_steps: int = Field(96, gt=0, le=_MOST)
    """env steps of each env between updates"""
    batch_size: int = Field(768, gt=1)
    n_epochs: int = Field(5, gt=0)
    gamma: Share = 0.99
    gae_lambda: Share = 0.95
    clip_range: Positive = 0.2
    vf_coef: NotNegative = 0.5
    max_grad_norm: Positive = 1.0


@register_algorithm("ppo")
class Ppo(_Clipped):
    """Proximal policy optimisation (Schulman et al., arXiv 1707.06347)."""

    model: ClassVar[str] = "stable_baselines3:PPO"


@register_algorithm("a2c")
class A2c(OnPolicy):
    """Synchronous advantage actor-critic (Mnih et al., arXiv 1602.01783)."""

    model: ClassVar[str] = "stable_baselines3:A2C"

    n_steps: int = Field(16, gt=0, le=_MOST)
    gamma: Share = 0.99
    gae_lambda: Share = 1.0
    vf_coef: NotNegative = 0.5
    max_grad_norm: Positive = 0.5
    rms_prop_eps: Positive = 1e-5
    use_rms_prop: bool = True
    """False: Adam"""
    normalize_advantage: bool = False


@register_algorithm("trpo")
class Trpo(OnPolicy):
    """Trust region policy optimisation (Schulman et al., arXiv 1502.05477). The learning rate is the critic's."""

    model: ClassVar[str] = "sb3_contrib:TRPO"

    n_steps: int = Field(96, gt=0, le=_MOST)
    batch_size: int = Field(768, gt=1)
    """of the critic's updates"""
    gamma: Share = 0.99
    gae_lambda: Share = 0.95
    cg_max_steps: int = Field(15, gt=0)
    cg_damping: NotNegative = 0.1
    line_search_shrinking_factor: float = Field(0.8, gt=0, lt=1)
    line_search_max_iter: int = Field(10, gt=0)
    n_critic_updates: int = Field(10, gt=0)
    target_kl: Positive = 0.01
    sub_sampling_factor: int = Field(1, gt=0)


@register_algorithm("recurrent_ppo")
class RecurrentPpo(_Clipped):
    """PPO of policies with a memory, an LSTM each for actor and critic."""

    model: ClassVar[str] = "sb3_contrib:RecurrentPPO"
    family: ClassVar[str] = "recurrent"
    to_policy: ClassVar[tuple[str, ...]] = ("lstm_hidden_size", "n_lstm_layers")
    clones: ClassVar[bool] = False
    mirrors: ClassVar[bool] = False

    lstm_hidden_size: int = Field(128, gt=0)
    n_lstm_layers: int = Field(1, gt=0)


class OffPolicy(Hyperparameters):
    """What every algorithm with a replay buffer has."""

    her: ClassVar[bool] = True
    to_policy: ClassVar[tuple[str, ...]] = ("n_critics",)
    own: ClassVar[tuple[str, ...]] = ("save_buffer",)
    log_interval: ClassVar[int] = 20

    buffer_size: int = Field(default=200_000, gt=0)
    learning_starts: int = Field(default=1_000, ge=0)
    """env steps with random actions first"""
    batch_size: int = Field(default=256, gt=0)
    gamma: Share = 0.95
    train_freq: int = Field(default=1, gt=0)
    """steps of all envs together between updates"""
    gradient_steps: int = Field(default=-1, ge=-1)
    """updates after them; -1: one for each env step"""
    n_critics: int = Field(default=2, gt=0)
    save_buffer: bool = False
    """checkpoints hold the replay buffer as well: a resumed training then need not fill it anew"""


class _Targets(OffPolicy):
    tau: float = Field(0.005, gt=0, le=1)
    """share of the weights that the target networks take over in an update"""


@register_algorithm("sac")
class Sac(_Targets):
    """Soft actor-critic (Haarnoja et al., arXiv 1801.01290)."""

    model: ClassVar[str] = "stable_baselines3:SAC"
    family: ClassVar[str] = "squashed"

    ent_coef: NotNegative | Literal["auto"] = "auto"


@register_algorithm("tqc")
class Tqc(_Targets):
    """SAC with truncated quantile critics (Kuznetsov et al., arXiv 2005.04269)."""

    model: ClassVar[str] = "sb3_contrib:TQC"
    family: ClassVar[str] = "squashed"
    to_policy: ClassVar[tuple[str, ...]] = ("n_critics", "n_quantiles")

    ent_coef: NotNegative | Literal["auto"] = "auto"
    n_quantiles: int = Field(default=25, gt=0)
    """of each critic"""
    top_quantiles_to_drop_per_net: int = Field(default=2, ge=0)

    @model_validator(mode="after")
    def _leaves_quantiles(self) -> Tqc:
        if self.top_quantiles_to_drop_per_net >= self.n_quantiles:
            raise ValueError(f"top_quantiles_to_drop_per_net: fewer than n_quantiles, {self.n_quantiles}")
        return self


@register_algorithm("crossq")
class CrossQ(OffPolicy):
    """SAC with batch renormalisation and no target networks (Bhatt et al., arXiv 1902.05605)."""

    model: ClassVar[str] = "sb3_contrib:CrossQ"
    family: ClassVar[str] = "normalised"
    to_policy: ClassVar[tuple[str, ...]] = ("n_critics", "renorm_warmup_steps")
    her: ClassVar[bool] = False  # its update takes no dict observations
    privileged: ClassVar[bool] = False

    ent_coef: NotNegative | Literal["auto"] = "auto"
    policy_delay: int = Field(default=3, gt=0)
    renorm_warmup_steps: int = Field(default=100_000, ge=0)
    """updates with plain batch normalisation"""


class Deterministic(_Targets):
    """What algorithms without a random policy have."""

    family: ClassVar[str] = "deterministic"
    own: ClassVar[tuple[str, ...]] = ("save_buffer", "action_noise")

    action_noise: float = Field(default=0.1, ge=0)
    """standard deviation of what is added to actions in [-1, 1] while it explores"""


@register_algorithm("td3")
class Td3(Deterministic):
    """Twin delayed deterministic policy gradient (Fujimoto et al., arXiv 1802.09477)."""

    model: ClassVar[str] = "stable_baselines3:TD3"

    policy_delay: int = Field(default=2, gt=0)
    target_policy_noise: NotNegative = 0.2
    target_noise_clip: NotNegative = 0.5


@register_algorithm("ddpg")
class Ddpg(Deterministic):
    """Deep deterministic policy gradient (Lillicrap et al., arXiv 1509.02971)."""

    model: ClassVar[str] = "stable_baselines3:DDPG"

    n_critics: int = Field(default=1, gt=0)


@register_algorithm("ars")
class Ars(Hyperparameters):
    """Augmented random search (Mania et al., arXiv 1803.07055). ``network.hidden = []`` is its linear policy."""

    model: ClassVar[str] = "sb3_contrib:ARS"
    family: ClassVar[str] = "random_search"
    own: ClassVar[tuple[str, ...]] = ("episodes_per_env",)
    privileged: ClassVar[bool] = False
    mirrors: ClassVar[bool] = False

    n_delta: int = Field(8, gt=0)
    """random directions that an update tries, each of them both ways"""
    n_top: int | None = Field(None, gt=0)
    """best directions that it uses; all by default"""
    delta_std: float = Field(0.05, gt=0)
    zero_policy: bool = True
    """start from weights of zero"""
    alive_bonus_offset: float = 0.0
    """added to the reward of a step"""
    episodes_per_env: int = Field(1, gt=0)
    """that each direction is tried for, in all envs at a time"""
