"""``simon explain``: how a sentence is understood, word by word, and what it comes to in a scene."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from simonsays.experiments.cli._common import OneRobot


def run(
    text: Annotated[str, typer.Argument(help="A sentence: English, Mandarin, or a plug-in's language.")],
    scene: Annotated[str, typer.Option(help="A shipped scene's name, or a TOML file.")] = "playground",
    robot: OneRobot = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show the words' kinds, the steps, what they mean in a scene, how they are judged and how long they may take.

    A sentence that makes sense and cannot be done in the scene is explained as far as it goes, with exit code 2.
    """
    from simonsays.envs.plan.acts import view_of
    from simonsays.experiments.cli._common import console, print_json, read_instruction, show_corrections
    from simonsays.experiments.say import robots_of
    from simonsays.sim.specs import load_scene

    world = load_scene(scene)
    bodies = robots_of(world, robot)
    instruction, analysis = read_instruction(text, names=world.names)
    show_corrections(analysis)
    plan, problem = _planned(instruction, world, bodies)
    data = {
        "text": text,
        "language": analysis.language,
        "tokens": [{"kind": kind, "words": words, "position": place} for kind, words, place in analysis.tokens],
        "corrections": [vars(correction) for correction in analysis.corrections],
        "rules": [{"rule": rule, "words": words, "position": place} for rule, words, place in analysis.rules],
        "passed_over": [{"words": words, "position": place} for words, place in analysis.fillers],
        "instruction": instruction.to_json(),
        "steps": [_said(step, text, view_of(step, world, bodies)) for step in instruction.steps],
        "plan": plan,
        "problem": problem.to_json(text) if problem else None,
    }
    if json_output:
        print_json(data)
    else:
        _show(console(), data, world.name)
    if problem is not None:
        raise problem


def _said(step: Any, text: str, world: Any) -> dict[str, Any]:
    """A step, the words that say it, and what its objects mean in the scene."""
    from simonsays.envs.plan.grounding import find
    from simonsays.envs.skills import GroundingError

    means = []
    for ref in (step.object, step.object2):
        try:
            prop, place = find(ref, world, step.distance_m)
            if place is not None:
                means.append("the place ({:.2f}, {:.2f})".format(*place))
            elif prop is not None:
                means.append("{} at ({:g}, {:g})".format(prop.called, *prop.position[:2]))
        except GroundingError as error:
            means.append(f"{error.code}: {error}")
    start, end = step.span or (0, len(text))
    return {"words": text[start:end], "position": start, **step.to_json(), "means": means}


def _planned(instruction: Any, world: Any, bodies: Any) -> tuple[list[dict[str, Any]], Any]:
    """How each step is judged; where the whole cannot be done, why not, and those that can be done alone."""
    from contextlib import suppress
    from dataclasses import replace

    from simonsays.envs.plan.acts import grounded
    from simonsays.envs.skills import GroundingError

    plan: list[dict[str, Any]] = []
    try:
        return [_judged(step) for step in grounded(instruction, world, bodies).steps], None
    except GroundingError as error:
        for step in instruction.steps:
            with suppress(GroundingError):
                alone = replace(instruction, steps=(replace(step, parallel_with_prev=False),), unordered=False)
                plan += [_judged(one) for one in grounded(alone, world, bodies).steps]
        return plan, error


def _judged(step: Any) -> dict[str, Any]:
    """How a step of a plan is judged."""
    return {
        "step": step.text,
        "success": step.success,
        "time_limit_s": round(step.time_limit, 1),
        "parallel_with_prev": step.parallel_with_prev,
    }


def _show(screen: Any, data: dict[str, Any], scene: str) -> None:
    from rich.table import Table

    words = Table(title="words", title_justify="left", box=None, pad_edge=False)
    for name in ("position", "words", "kind"):
        words.add_column(name)
    for token in data["tokens"]:
        words.add_row(str(token["position"]), token["words"], token["kind"].lower().replace("_", " "))
    screen.print(words)
    screen.print("\nsteps", style="bold")
    for i, step in enumerate(data["steps"], start=1):
        slots = {name: value for name, value in step.items() if name not in ("words", "position", "means", "verb")}
        screen.print(f"  {i}. {step['verb']} {slots or ''}  from {step['words']!r}")
        for meaning in step["means"]:
            screen.print(f"     in {scene!r}: {meaning}")
    read = [f"{rule['words']!r} as {rule['rule']}" for rule in data["rules"] if rule["rule"] != "plain"]
    if read:
        screen.print("  clauses read by rules: " + ", ".join(read))
    if data["passed_over"]:
        screen.print("  passed over: " + ", ".join(repr(word["words"]) for word in data["passed_over"]))
    if data["plan"]:
        screen.print("\nplan" if data["problem"] is None else "\nwhat could be done of it", style="bold")
    for i, step in enumerate(data["plan"], start=1):
        together = " (at the same time)" if step["parallel_with_prev"] else ""
        screen.print(f"  {i}. {step['step']}{together}")
        screen.print(f"     success: {step['success']}; at most {step['time_limit_s']:g} s")
