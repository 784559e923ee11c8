"""Words: those of the skills, which register their own, and those that belong to no skill."""

from __future__ import annotations

import importlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

SLOTS = ("direction", "angle", "distance", "steps", "duration", "count", "speed", "side", "object", "object2")
FIELDS = {"angle": "angle_deg", "distance": "distance_m", "duration": "duration_s"}
"""A slot's field in a Step, where the names differ."""
PIECES = re.compile(r"[()|]|(?:\\.|[^()|\\])+")
"""the brackets, bars and plain texts of a pattern; a backslash takes a bracket's meaning away"""


@dataclass(frozen=True)
class VerbWords:
    """The words of one verb in every language, and the slots that it takes.

    Every verb takes a count ("twice") and, while it goes on, a duration.
    """

    verb: str
    words: Mapping[str, tuple[str, ...]]
    """language code to phrases; the first is the canonical one, used to render"""
    slots: tuple[str, ...] = ()
    with_object: str | None = None
    """the verb that is meant when these words come with an object: "walk to the ball" is go_to"""
    fixed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """what a phrase says by itself: {"back up": {"direction": "backward"}}"""
    nouns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """language code to nouns of the action: "do three squats\""""
    limb: str | None = None
    """what it is done with where a side is said: arm, leg or head"""
    needs_limb: bool = False
    """its words mean it only with the limb: "raise your arm\""""


_VERBS: dict[str, VerbWords] = {}


def register_words(words: VerbWords) -> VerbWords:
    """Make a verb's words known; a skill's words replace those of the language alone."""
    for slot in words.slots:
        if slot not in SLOTS:
            raise ValueError(f"verb {words.verb!r}: unknown slot {slot!r}; known: {', '.join(SLOTS)}")
    _VERBS[words.verb] = words
    return words


def verbs() -> dict[str, VerbWords]:
    """All verbs that are known, by name: those of the skills, which are loaded for it, and the rest."""
    _load_skills()
    return {**{words.verb: words for words in UNSKILLED}, **_VERBS}


@cache
def _load_skills() -> None:
    # By name: the skills import this module, and language imports nothing of the house.
    importlib.import_module("simonsays.envs.skills").skills()


def alternatives(pattern: str) -> list[str]:
    """The phrases of a pattern, in order: "(at|with) (high |)speed" is four."""
    return list(dict.fromkeys(_expand(iter(PIECES.findall(pattern)))))


def _expand(pieces: Iterator[str]) -> list[str]:
    """The phrases up to the end, or to the bracket that closes the group."""
    found, now = list[str](), [""]
    for piece in pieces:
        if piece == ")":
            break
        if piece == "|":
            found, now = [*found, *now], [""]
        else:
            tails = _expand(pieces) if piece == "(" else [piece.replace("\\", "")]
            now = [head + tail for head in now for tail in tails]
    return [*found, *now]


def verb_words(
    verb: str, slots: str, en: str, zh: str, nouns: str = "", limb: str | None = None, zh_nouns: str = "", **more: Any
) -> VerbWords:
    """The words of a verb, written shortly: slots apart by spaces, phrases as a pattern of :func:`alternatives`."""
    words = {"en": tuple(alternatives(en)), "zh": tuple(alternatives(zh))}
    named = {name: tuple(alternatives(listed)) for name, listed in (("en", nouns), ("zh", zh_nouns)) if listed}
    return VerbWords(verb, words, tuple(slots.split()), nouns=named, limb=limb, **more)


# Verbs that sentences may use although no skill does them yet: they parse, and are refused at grounding.
UNSKILLED = (
    verb_words(
        "run",
        "direction distance steps speed",
        "run|jog|sprint|dash|trot|rush|race|hurry|hustle|scurry|bolt|scamper|gallop|leg it|book it|"
        "go for a (run|jog)|go (running|jogging)",
        "跑|跑步|奔跑|慢跑|小跑|冲刺",
        with_object="go_to",
    ),
    verb_words(
        "jump",
        "direction distance speed side",
        "jump|hop|leap|bounce|spring",
        "跳|跳跃|跳起来|蹦|起跳",
        "jump|hop|leap|bounce",
        "leg",
    ),
    verb_words(
        "look",
        "direction object angle",
        "look|glance|gaze|stare|look over|peek|peer|watch|turn your (gaze|eyes)|eyes|"
        "(keep|fix|set) your (eyes|gaze|eye) on",
        "看|看看|望|看一看|瞧|看向|望向|看着|盯着|瞧瞧|环顾|环视",
        "look|glance|peek",
        "head",
    ),
    verb_words(
        "crouch",
        "speed",
        "crouch|crouch down|(stay|remain) crouched|stay down|kneel|kneel down|duck|duck down|hunker down|stoop|"
        "get (down |)low|"
        "(get |go |drop |)(down |)(on|to|onto) (one knee|your knees|your knee|both knees|a knee|one of your knees)|"
        "(get|go|drop|move|come|sink) (down |)into a (crouch|crouching position|crouched position|kneeling position)|"
        "take a knee|bend your knees|lower yourself|get down",
        "蹲|蹲下|蹲下来|跪下|下蹲",
    ),
    verb_words(
        "squat",
        "speed",
        "squat|squat down|(get|go|drop|move|come|sink) (down |)into a (squat|squatting position)|"
        "(hold|holds|holding) a (squat|squatting|squatted) position",
        "深蹲|做深蹲",
        "squat",
        zh_nouns="深蹲|蹲起",
    ),
    verb_words(
        "sit",
        "speed object",
        "sit|sit down|sit back down|sit yourself down|(take|have) a seat|have a sit down|be seated|seat yourself|"
        "(plonk|plop|park) yourself down|plop down|perch|get seated|settle down",
        "坐|坐下|坐下来",
    ),
    verb_words(
        "raise_arm",
        "side speed",
        "raise|lift|put up|hold up|lift up|raise up|stick up|elevate",
        "举|举起|抬|抬起|举起来|抬起来|举高|抬高|举手|抬手",
        limb="arm",
        needs_limb=True,
        with_object="pickup",
        fixed={"举手": {"limb": "arm"}, "抬手": {"limb": "arm"}},
    ),
    verb_words(
        "lower_arm",
        "side speed",
        "lower|put down|drop|bring down|let down|let fall",
        "放下|垂下|放下来",
        limb="arm",
        needs_limb=True,
    ),
    verb_words(
        "reach",
        "object side speed direction",
        "reach for|reach out for|reach out|reach|touch|reach out to|reach over (to|for)|"
        "stretch out (for|to|towards|toward)|feel",
        "摸|碰|触摸|触碰|摸摸|碰碰|摸一摸|碰一碰|够|够到|去够|伸手够|伸手去够|伸手摸|伸手去摸|去摸",
        limb="arm",
    ),
    verb_words(
        "point",
        "object side direction",
        "point|point at|aim|aim at|gesture (at|to|toward|towards)|point out|indicate|point your finger at",
        "指|指着|指向|指一下|指指",
        limb="arm",
    ),
    verb_words(
        "pickup",
        "object side",
        "pick up|pick|grab|collect|fetch|grasp|retrieve|snatch|scoop up|gather|gather up|get hold of|take hold of|"
        "(bend|lean|stoop|reach|crouch|kneel|squat) (down |over |forward |)(and|to) "
        "(pick|pick up|grab|collect|get|take)",
        "捡|捡起|捡起来|拿|拿起|拿起来|拾起|抓住|抓起|取",
        limb="arm",
    ),
    verb_words(
        "put_next",
        "object object2 side",
        "put|place|set|bring|leave|deposit|lay|stick|let",
        "放|放在|放到",
        limb="arm",
    ),
    verb_words("open", "object side", "open|unlock|open up|(pull|push|swing) open", "打开|开", limb="arm"),
    verb_words(
        "follow",
        "object speed distance",
        "follow|chase|go after|trail|track|pursue|tail|"
        "tag along (behind|with|after)|(stay|keep|stick) (close |right |)(behind|with|to)|keep up with|stay close to",
        "跟着|跟随|追|追着",
    ),
    verb_words(
        "step",
        "steps direction distance side speed",
        "step|sidestep|side step|side steps|side stepping|"
        "(take|takes|taking|took) (a |)(side step|sidestep|side steps|sidesteps)",
        "迈|迈步|跨|踏步|挪",
        limb="leg",
        with_object="go_to",
    ),
    verb_words("nod", "speed object", "nod|nod yes|bob", "点头|点点头|点一下头|点个头", "nod", "head", zh_nouns="头"),
    verb_words(
        "bow",
        "speed object",
        "bow|bow down|take a bow|(bend|lean) (forward|over) (at|from) the waist|bend at the waist|take a bow",
        "鞠躬|鞠一躬|鞠个躬|弯腰|行礼",
        "bow",
    ),
    verb_words(
        "punch",
        "side direction object speed",
        "punch|jab|throw (a |some |)(punch|punches)|strike",
        "出拳|打拳|挥拳|拳击",
        "punch|jab",
        "arm",
        zh_nouns="拳",
    ),
)


@cache
def _things() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads(Path(__file__).with_name("things.toml").read_text(encoding="utf-8"))


@cache
def object_types(language: str) -> dict[str, tuple[str, ...]]:
    """The words of a language for every type of object; the first is the canonical one."""
    return {name: tuple(words[language].split("|")) for name, words in _things()["types"].items()}


@cache
def colors(language: str) -> dict[str, tuple[str, ...]]:
    """The words of a language for every colour; the first is the canonical one."""
    return {name: tuple(words[language].split("|")) for name, words in _things()["colors"].items()}
