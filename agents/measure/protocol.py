"""What a protocol of ``simon evaluate`` is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from simonsays.agents.measure.estimates import Estimate
from simonsays.assets.notes import dataclass
from simonsays.envs.policy.policy import Policy

Outcome = dict[str, Any]
"""of one episode, in plain values"""


@dataclass(frozen=True)
class Figure:
    """A figure of a protocol: its name in the results, what it is in words, its unit, and how it is estimated.

    ``ability``: the key of a bundle's abilities that its value is kept under, where it is one.
    """

    name: str
    label: str
    unit: str
    of: Callable[[list[Outcome]], Estimate | None]
    ability: str | None = None


@dataclass(frozen=True)
class Protocol:
    """What is run and what is figured from it.

    ``share``: its episodes, as a share of those asked for. ``settings``: of the env, beside its defaults.
    """

    name: str
    title: str
    episode: Callable[[Any, Policy, int], Outcome]
    figures: tuple[Figure, ...]
    share: float = 1.0
    by_default: bool = True
    """False: it runs where it is named alone"""
    settings: Mapping[str, Any] = field(default_factory=dict)

    def count(self, asked: int) -> int:
        """Its episodes where ``asked`` are asked for; at least one."""
        return max(1, round(self.share * asked))
