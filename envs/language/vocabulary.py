"""Words: those of the skills, which register their own, and those that belong to no skill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SLOTS = ("direction", "angle", "distance", "steps", "duration", "count", "speed", "side", "object")


@dataclass(frozen=True)
class VerbWords:
    """The words of one verb in every language, and the slots that it takes.

    ``words``: language code to phrases; the first is the canonical one, used to render. ``with_object``: the verb
    that is meant when these words come with "to" an object ("walk to the ball" is go_to).
    """

    verb: str
    words: Mapping[str, tuple[str, ...]]
    slots: tuple[str, ...] = ()
    with_object: str | None = None
    fixed: Mapping[str, str] = field(default_factory=dict)
    """slot values that are said by the verb alone ("about-face" is turn around): phrase to direction"""


_VERBS: dict[str, VerbWords] = {}


def register_words(words: VerbWords) -> VerbWords:
    """Make a verb's words known; a skill's words replace those of the language alone."""
    for slot in words.slots:
        if slot not in SLOTS:
            raise ValueError(f"verb {words.verb!r}: unknown slot {slot!r}; known: {', '.join(SLOTS)}")
    _VERBS[words.verb] = words
    return words


def verbs() -> dict[str, VerbWords]:
    """All verbs that are known, by name."""
    return {**{words.verb: words for words in UNSKILLED}, **_VERBS}


# Verbs that sentences may use although no skill does them yet: they parse, and are refused at grounding.
UNSKILLED = (
    VerbWords("run", {"en": ("run", "jog", "sprint")}, ("direction", "distance", "duration", "speed"), "go_to"),
    VerbWords("jump", {"en": ("jump", "hop", "leap")}, ("direction", "count", "distance")),
    VerbWords("look", {"en": ("look", "look at", "face")}, ("direction", "object")),
    VerbWords("crouch", {"en": ("crouch", "crouch down", "kneel", "kneel down")}, ("duration",)),
    VerbWords("squat", {"en": ("squat", "do a squat")}, ("count", "duration")),
    VerbWords("sit", {"en": ("sit", "sit down")}, ("duration",)),
    VerbWords("raise_arm", {"en": ("raise", "lift")}, ("side",)),
    VerbWords("lower_arm", {"en": ("lower",)}, ("side",)),
    VerbWords("reach", {"en": ("reach for", "reach", "touch")}, ("object", "side")),
    VerbWords("point", {"en": ("point at", "point")}, ("object", "side", "direction")),
    VerbWords("kick", {"en": ("kick",)}, ("object",)),
    VerbWords("push", {"en": ("push", "shove")}, ("object", "distance", "direction")),
    VerbWords("pickup", {"en": ("pick up", "grab")}, ("object",)),
    VerbWords("open", {"en": ("open",)}, ("object",)),
    VerbWords("follow", {"en": ("follow",)}, ("object",)),
    VerbWords("step", {"en": ("take", "step")}, ("steps", "direction")),
    VerbWords("nod", {"en": ("nod",)}, ("count",)),
    VerbWords("bow", {"en": ("bow",)}, ("count",)),
    VerbWords("punch", {"en": ("punch", "jab")}, ("count", "side")),
)

OBJECT_TYPES: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "ball": ("ball", "sphere"),
        "box": ("box", "cube", "crate"),
        "cone": ("cone", "traffic cone"),
        "pillar": ("pillar", "column", "post"),
    }
}

COLOR_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        **{color: (color,) for color in ("red", "green", "blue", "yellow", "orange", "purple", "pink")},
        **{color: (color,) for color in ("white", "black", "brown")},
        "purple": ("purple", "violet"),
        "grey": ("grey", "gray"),
    }
}
