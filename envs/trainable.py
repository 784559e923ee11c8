"""TrainableEnv: what training makes use of in an env, beyond what Gymnasium asks for, and the one place that looks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Mirror = dict[str, list[float]]
"""``observation``, ``observation_sign``, ``action``, ``action_sign`` (and ``privileged``): places and signs"""


class Term(NamedTuple):
    """One row of the table of what an env draws, shows, rewards and ends."""

    kind: str
    """"reward", "event", "command", "observation" or "termination" """
    name: str
    amount: str
    """a reward's weight, an observation's width, when an event happens; "" where there is nothing to say"""
    parameters: Mapping[str, Any]
    about: str
    """one line"""


class TrainableEnv(Protocol):
    """All that our envs offer to training. An env of one's own may have any part of it: see :class:`Capabilities`."""

    config: Any
    """frozen settings, of the model that ``make_config`` makes"""
    space_settings: ClassVar[tuple[str, ...]]
    """settings that spaces and the meaning of actions depend on: they cannot change later"""

    @staticmethod
    def make_config(where: str, settings: dict[str, Any]) -> Any:
        """Checked settings.

        Raises:
            InputError: an unknown key, or an impossible value; the message begins with ``where``.
        """

    def reconfigure(self, **settings: Any) -> None:
        """Change settings between episodes: stages, fading assistance.

        Raises:
            InputError: an unknown setting, an impossible value, or one of ``space_settings``.
        """

    def describe(self) -> dict[str, Any]:
        """The fields of a bundle's policy.json that the env fixes; without it there are checkpoints, but no bundles."""

    def terms(self) -> tuple[Term, ...]:
        """What it draws, shows, rewards and ends, for the table at the start of a training."""

    @property
    def steps_per_episode(self) -> int:
        """Steps until an episode is truncated."""


@dataclass(frozen=True)
class Capabilities:
    """What an env, or its class, offers to training; None where it does not. Methods are as TrainableEnv has them."""

    make_config: Callable[[str, dict[str, Any]], Any] | None = None
    reconfigure: Callable[..., None] | None = None
    describe: Callable[[], dict[str, Any]] | None = None
    terms: Callable[[], tuple[Term, ...]] | None = None
    command_ranges: Callable[[], dict[str, list[float]]] | None = None
    """what commands are drawn from: policy.json says it"""
    imagine: Callable[[np.random.Generator, int], tuple[NDArray[Any], NDArray[Any]]] | None = None
    """observations (count, N) and what a hand-written law would do there (count, A), to clone from"""
    compute_reward: Callable[..., Any] | None = None
    """of goals, for hindsight: achieved (..., G), desired (..., G), info"""
    space_settings: tuple[str, ...] | None = None
    mirror: Mirror | None = None
    """of an env that was made and knows its mirror image"""
    trained_motion: str | None = None
    """of an env that was made: the motion (envs/motions) that a policy trained in it is for"""
    steps_per_episode: int | None = None
    """of an env that was made"""


_OF_MADE_ENVS = ("mirror", "trained_motion", "steps_per_episode")


def capabilities(env: Any) -> Capabilities:
    """What an env offers, wrapped or not, or a class of envs (methods are then unbound but for ``make_config``)."""
    made = not isinstance(env, type) and hasattr(env, "unwrapped")
    inner = env.unwrapped if made else env
    names = [name for name in Capabilities.__dataclass_fields__ if made or name not in _OF_MADE_ENVS]
    return Capabilities(**{name: getattr(inner, name, None) for name in names})
