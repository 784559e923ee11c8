"""What a page offers to say: sentences that can be done in the scene as it is, skills, performances."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simonsays.assets.reading import read_toml
from simonsays.assets.registry import PERFORMANCES
from simonsays.envs.language import ParseError, analyze, detect, locales, parse, render
from simonsays.envs.language.render import render_object
from simonsays.envs.plan.grounding import described
from simonsays.envs.plan.plan import ground
from simonsays.envs.skills import GroundingError, skills
from simonsays.sim.specs import RobotSpec, SceneSpec

_WITH_THINGS = ("walk to {} and wave", "kick {}", "push {} forward one metre")
_ALONE = ("turn around", "crouch for two seconds", "jump", "come here and bow", "walk in a circle")
_MOST = 8


def in_every_language(text: str) -> list[str]:
    """A sentence, and the same in each other language that is known."""
    said, own = parse(text), detect(text)
    return [text, *(render(said, code) for code in locales() if code != own)]


def why_not(text: str, scene: SceneSpec, robot: RobotSpec) -> str:
    """The code of the refusal of a sentence; empty where it can be done."""
    try:
        ground(analyze(text).instruction, scene, robot)
    except GroundingError as error:
        return error.code
    except ParseError as error:
        return error.code
    return ""


def examples(scene: SceneSpec, robot: RobotSpec) -> list[str]:
    """Sentences that this robot can do in this scene, the first of them in every language."""
    said = list(_said(scene, robot))
    return [*said[: _MOST - 1], *in_every_language(said[0])[1:]] if said else []


def _said(scene: SceneSpec, robot: RobotSpec) -> Iterator[str]:
    things = [render_object(described(prop, scene)) for prop in scene.props]
    for sentence in _WITH_THINGS:
        tried = (sentence.format(thing) for thing in things)
        yield from [text for text in tried if not why_not(text, scene, robot)][:1]
    yield from (text for text in _ALONE if not why_not(text, scene, robot))


def offers(scene: SceneSpec, robot: RobotSpec) -> dict[str, Any]:
    """For a page: ``examples``; ``skills`` whose example fits, or asks which thing is meant; ``performances``."""
    able = {skill.verb: skill.example for skill in skills().values()}
    unfit = ("unsupported_skill", "no_such_object")
    titles = {name: str(read_toml(file).get("title", name)) for name, file in PERFORMANCES.files().items()}
    return {
        "examples": examples(scene, robot),
        "skills": [
            {"verb": verb, "example": text} for verb, text in able.items() if why_not(text, scene, robot) not in unfit
        ],
        "performances": [{"name": name, "title": title} for name, title in titles.items()],
    }
