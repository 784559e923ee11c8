"""``simon list``: what there is."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

Entry = dict[str, Any]


def inventory() -> dict[str, dict[str, Entry]]:
    """All that is registered or shipped: by kind and name, where it comes ``from``, and in a line what it is."""
    from simonsays.agents.recipes.hyperparameters import HYPERPARAMETERS
    from simonsays.assets.plugins import origin
    from simonsays.assets.registry import INSTRUCTION_SETS, PERFORMANCES, POLICIES, RECIPES, SCENES
    from simonsays.envs.events import EVENTS
    from simonsays.envs.language import locales
    from simonsays.envs.motions.base import MOTIONS
    from simonsays.envs.observations import BLOCKS
    from simonsays.envs.policy.trunk import TRUNKS
    from simonsays.envs.rewards import REWARDS
    from simonsays.envs.skills import skills
    from simonsays.envs.terminations import TERMINATIONS
    from simonsays.experiments.cli import COMMANDS
    from simonsays.experiments.exams.exam import EXAMS
    from simonsays.sim.clips.reading import FORMATS, named_clips
    from simonsays.sim.engines import ENGINES
    from simonsays.sim.pictures.cameras import CAMERAS
    from simonsays.sim.robots import ROBOTS

    return {
        "skills": _entries(skills(), lambda skill: {"about": f"“{skill.example}”", "words": _words(skill.verb)}),
        "robots": _entries(ROBOTS, lambda robot: {"about": robot.title}),
        "engines": _entries(ENGINES, lambda engine: {"about": engine.title}),
        "scenes": _entries(SCENES),
        "performances": _entries(PERFORMANCES),
        "policies": _entries(POLICIES),
        "envs": _envs(),
        "recipes": _entries(RECIPES),
        "algorithms": _entries(HYPERPARAMETERS, lambda table: {"about": table.title}),
        "trunks": _entries(TRUNKS, _documented),
        "rewards": _entries(REWARDS, _documented),
        "blocks": _entries(BLOCKS, lambda block: _documented(block.function)),
        "events": _entries(EVENTS, _documented),
        "terminations": _entries(TERMINATIONS, _documented),
        "motions": _entries(MOTIONS, _documented),
        "cameras": _entries(CAMERAS, _documented),
        "clips": {name: {"from": "pybullet_data"} for name in named_clips()},
        "clip formats": _entries(FORMATS, _documented),
        "instruction sets": _entries(INSTRUCTION_SETS),
        "exams": _entries(EXAMS, lambda exam: {"about": exam.title}),
        "locales": {code: {"from": origin(type(one).__module__), "about": one.name} for code, one in locales().items()},
        "commands": _entries(COMMANDS, _documented),
    }


def _documented(function: Any) -> Entry:
    return {"about": (inspect.getdoc(function) or "").partition("\n")[0]}


def _words(verb: str) -> dict[str, list[str]]:
    from simonsays.envs.language import locales
    from simonsays.envs.language.vocabulary import verbs

    return {code: [phrase for phrase, _ in locale.verb_phrases(verbs()[verb])] for code, locale in locales().items()}


def _entries(things: Any, tell: Callable[[Any], Entry] = lambda thing: {}) -> dict[str, Entry]:
    named = things if isinstance(things, Mapping) else things.files()
    origin = getattr(things, "origin", lambda name: "simonsays")
    return {name: {"from": origin(name), **tell(thing)} for name, thing in named.items()}


def _envs() -> dict[str, Entry]:
    """Ids of ours, and those whose entry point is a plug-in's."""
    import gymnasium

    from simonsays.assets.plugins import origin, plugins
    from simonsays.envs import ENV_IDS

    found = {f"simonsays.envs:{name}": {"from": ENV_IDS.origin(name)} for name in ENV_IDS}
    theirs = set(plugins().values())
    for name, spec in gymnasium.registry.items():
        entry = spec.entry_point
        module = entry.partition(":")[0] if isinstance(entry, str) else getattr(entry, "__module__", "")
        if origin(module) in theirs and name not in ENV_IDS:
            found[name] = {"from": origin(module)}
    return found


def run(
    words: Annotated[bool, typer.Option("--words", help="All words of each skill, too.")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document, with all words.")] = False,
) -> None:
    """List skills, robots, scenes, policies, envs, recipes, rewards ..., and which plug-in each is from."""
    from simonsays.experiments.cli._common import console, print_json

    found = inventory()
    if json_output:
        print_json(found)
        return
    screen = console()
    for kind, entries in ((kind, entries) for kind, entries in found.items() if entries):
        screen.print(kind, style="bold")
        if kind == "skills":
            for name, entry in entries.items():
                screen.print(f"  {name:<12} {entry['about']}{_from(entry)}")
                for language, phrases in entry["words"].items() if words else ():
                    screen.print(f"    {language}: {', '.join(phrases)}", style="dim")
        else:
            screen.print(f"  {', '.join(name + _from(entry) for name, entry in entries.items())}")


def _from(entry: Entry) -> str:
    return "" if entry["from"] == "simonsays" else f" (from {entry['from']})"
