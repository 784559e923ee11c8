"""Again, and for longer: what is repeated, held or waited."""

from __future__ import annotations

from dataclasses import replace

from lark import Tree

from simonsays.envs.language.instruction import Step
from simonsays.envs.language.reading.arranging import how_often
from simonsays.envs.language.reading.heard import Heard, overridden
from simonsays.envs.language.reading.items import Item, is_quiet, swap

_MORE_OF_IT = {"LIGHT", "BARE_NUMBER", "NUMBER", "FILLER", "SUBJECT", "MEASURE", "AUX"}


def again_otherwise(heard: Heard) -> None:
    """The last step again, with what is said of it."""
    rest = [child for child in heard.item.node.children if child is not heard.found["REPEAT"] and not is_quiet(child)]
    memory, last = heard.memory, heard.last
    if last is None:
        raise heard.refuse("nonsense", "there is nothing to repeat")
    memory.step = last
    if memory.limb is not None:
        memory.limb = (memory.limb[0], None)
    said = heard.reader.steps(Tree("fragment", rest), memory)[0]
    made = [overridden(step, said) for step in _to_and_fro(heard.kept)]
    memory.step = made[-1]
    heard.keep(made)


def _to_and_fro(kept: list[Item]) -> list[Step]:
    """What "the same" is: the last step, and where it lowers an arm, all since that arm was raised."""
    steps = [step for item in kept for step in item.steps]
    last = steps[-1]
    if last.verb != "lower_arm":
        return [last]
    raised = (i for i in reversed(range(len(steps))) if (steps[i].verb, steps[i].side) == ("raise_arm", last.side))
    return steps[next(raised, len(steps) - 1) :]


def again(heard: Heard) -> None:
    """What was said before, so often."""
    repeat = heard.found["REPEAT"]
    rest = [child for child in heard.item.node.children if child is not repeat and not is_quiet(child)]
    heard.kept.append(replace(heard.item, repeat=repeat, count=how_often(rest, heard.reader, repeat)))


def waiting(heard: Heard, kind: str) -> list[Step]:
    """The steps of a clause with a stop in the place of the token of a kind, which says to keep on."""
    keep = heard.found[kind]
    node = swap(heard.item.node, keep, keep.update("VERB", ("stop", ())))  # type: ignore[arg-type]
    return heard.reader.steps(node, heard.memory)


def hold(heard: Heard, kind: str = "KEEP") -> None:
    """A pose is held, anything else is waited after."""
    held, steps = heard.last, waiting(heard, kind)
    if held is None or not heard.reader.is_a("pose", held.verb):
        heard.keep(steps)
        return
    duration = steps[0].duration_s
    if duration is not None and held.duration_s not in (None, duration):
        raise heard.refuse("contradiction", "another duration was said before it")
    heard.reader.notes.append(heard.found[kind])
    heard.amend(replace(held, duration_s=duration or held.duration_s))


def counted(heard: Heard) -> Step | None:
    """The last step that was counted, with the clause's number: "then do five more"."""
    number = heard.found.get("BARE_NUMBER") or heard.found.get("NUMBER")
    steps = (step for one in reversed(heard.kept) for step in reversed(one.steps) if step.count is not None)
    before = next(steps, None)
    if number is None or before is None or float(number.value) != int(float(number.value)):
        return None
    return replace(before, count=int(float(number.value)), parallel_with_prev=False)


def does_more(heard: Heard) -> bool:
    """Whether a clause has only another number for what was counted."""
    return "LIGHT" in heard.found and heard.found.keys() <= _MORE_OF_IT and counted(heard) is not None


def do_more(heard: Heard) -> None:
    """What was counted again, so often."""
    heard.memory.step = counted(heard)
    heard.keep([step for step in (heard.memory.step,) if step is not None])
