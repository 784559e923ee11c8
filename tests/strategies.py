"""Hypothesis strategies: Instructions that people can say."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from simonsays.envs.language import Instruction, ObjectRef, Step
from simonsays.envs.language.instruction import LOCATIONS, PLACE, RELATIONS, START
from simonsays.envs.language.known import get_locale
from simonsays.envs.language.reading.steps import SWITCHED
from simonsays.envs.language.vocabulary import FIELDS, verbs

numbers = st.integers(1, 400).map(lambda n: n / 4)
THINGS = get_locale("en").things
TYPES = sorted(set(THINGS["types"]) - {"person", "object", "viewer"})


@st.composite
def objects(draw: st.DrawFn, depth: int = 1) -> ObjectRef:
    """A thing with any of its properties; beside a relation, only left and right place it."""
    relation = draw(st.none() | st.sampled_from(RELATIONS)) if depth else None
    places = LOCATIONS if relation is None else ("left", "right")
    rank = draw(st.none() | st.sampled_from(["nearest", "farthest", 2, 3]))
    inner = [draw(objects(0)) for _ in range({None: 0, "between": 2}.get(relation, 1))]
    inner = [_plain(ref) for ref in inner]
    return ObjectRef(
        type=draw(st.sampled_from(TYPES)),
        color=draw(st.none() | st.sampled_from(sorted(THINGS["colors"]))),
        size=draw(st.sampled_from([None, None, "big", "small"])),
        rank=rank,
        location=draw(st.none() | st.sampled_from(places)),
        relation=relation,
        object=inner[0] if inner else None,
        object2=inner[1] if len(inner) > 1 else None,
        definite=rank is not None or draw(st.booleans()),
    )


def _plain(ref: ObjectRef) -> ObjectRef:
    """The same, unless "in front of you" would be said in the middle of a relation."""
    return ObjectRef(ref.type, ref.color) if ref.location in ("front", "behind") else ref


@st.composite
def places(draw: st.DrawFn) -> ObjectRef:
    """The start, or a place that is known by its relation to a thing."""
    if draw(st.booleans()):
        return ObjectRef(START)
    relation = draw(
        st.sampled_from([name for name in RELATIONS if name not in ("next_to", "on_top_of", "inside", "under")])
    )
    inner = [_plain(draw(objects(0))) for _ in range(2 if relation == "between" else 1)]
    return ObjectRef(PLACE, relation=relation, object=inner[0], object2=inner[1] if len(inner) > 1 else None)


SLOTS: dict[str, st.SearchStrategy[object]] = {
    "direction": st.sampled_from(["left", "right", "backward", "forward"]),
    "angle": numbers,
    "distance": numbers,
    "steps": st.integers(1, 60),
    "duration": numbers,
    "count": st.integers(1, 20),
    "speed": st.sampled_from(["slow", "normal", "fast"]) | numbers.map(lambda n: n / 25),
    "side": st.sampled_from(["left", "right", "both"]),
    "object": objects(),
}
NEEDED = {"go_to": "object", "put_next": "object", "pickup": "object", "open": "object", "follow": "object"}
NEEDED |= dict.fromkeys(("push", "reach", "carry", "put_down", "throw", "climb"), "object")
TO = ("put_next", "hand_over", "patrol")
"""with two things"""


@st.composite
def steps(draw: st.DrawFn) -> Step:
    """A step of any verb with any of its slots."""
    words = draw(
        st.sampled_from(sorted((w for w in verbs().values() if w.verb != "perform"), key=lambda words: words.verb))
    )
    slots = (*words.slots, "count", "duration")
    values = {
        FIELDS.get(slot, slot): draw(SLOTS[slot])
        for slot in slots
        if slot in SLOTS and (slot == NEEDED.get(words.verb) or draw(st.integers(0, 3)) == 0)
    }
    if words.verb == "go_to":
        values = {name: value for name, value in values.items() if name in ("object", "speed", "duration_s", "count")}
        values["object"] = draw(objects() | places())
    if words.verb == "turn" and "direction" in values:
        values["direction"] = draw(st.sampled_from(["left", "right", "around"]))
    if "object" in values and words.verb not in ("push", "kick"):
        values.pop("direction", None)
        values.pop("angle_deg", None)
    if words.verb == "open" and values["object"].type in SWITCHED:
        values["object"] = replace(values["object"], type="door")
    if "path" in words.slots or words.verb == "lie_down":
        values.pop("object", None)  # a thing comes with its way; nothing stands around to lie on
    if words.verb in ("raise_leg", "stand") and values.get("side") == "both":
        values["side"] = "left"
    if words.verb == "patrol":
        values.pop("speed", None)
    if words.verb in TO:
        values |= {"object": draw(objects(0)), "object2": draw(objects(0))}
    return Step(words.verb, **values)


@st.composite
def instructions(draw: st.DrawFn) -> Instruction:
    """One to five steps, some of them at the same time as the one before; or goals in any order."""
    made = draw(st.lists(steps(), min_size=1, max_size=5))
    return Instruction(tuple(made))
