"""What a policy computes from a dict observation before its network: the same code on NumPy and on torch arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

Concatenate = Callable[[list[Any], int], Any]
"""``np.concatenate`` or ``torch.cat``"""
Features = Callable[[Mapping[str, Any], Concatenate], Any]

PRIVILEGED = "privileged"
"""the part of a dict observation that a critic may see and an actor may not"""


def own_parts(observation: Mapping[str, Any]) -> dict[str, Any]:
    """The parts that an actor may see."""
    return {name: value for name, value in observation.items() if name != PRIVILEGED}


def mapped(function: Callable[..., Any], *given: Any) -> Any:
    """A function of observations or spaces: of each part, where they are dicts of parts."""
    if isinstance(given[0], Mapping):
        return {name: function(*(each[name] for each in given)) for name in given[0]}
    return function(*given)


def shapes(space: Any) -> Any:
    """The shape of a space, or of each part of a Dict."""
    return mapped(attrgetter("shape"), space)


def flat(observation: Mapping[str, Any], concatenate: Concatenate) -> Any:
    """(..., N) all parts, in the order of their names, as stable-baselines3's CombinedExtractor has them."""
    return concatenate([observation[name] for name in sorted(observation)], -1)


def relative_goal(observation: Mapping[str, Any], concatenate: Concatenate) -> Any:
    """(..., 5 + N) the way from achieved to desired goal in the heading frame, then ``observation`` (N).

    The way is ahead and left (m), its length (m), and its direction, which fades where the way is short. Where things
    are in the world is left out: what is learned of one place holds for all. The first two numbers of ``observation``
    must be cosine and sine of the heading.
    """
    own = observation["observation"]
    cosine, sine = own[..., 0:1], own[..., 1:2]
    way = observation["desired_goal"] - observation["achieved_goal"]
    x, y = way[..., 0:1], way[..., 1:2]
    ahead, left = cosine * x + sine * y, cosine * y - sine * x
    length = (ahead * ahead + left * left) ** 0.5
    return concatenate([ahead, left, length, ahead / (length + 0.1), left / (length + 0.1), own], -1)


FEATURES: dict[str, Features] = {"flat": flat, "relative_goal": relative_goal}
