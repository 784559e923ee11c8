"""Instruction sets as data: sentences with a scene and the Instruction that they mean, in four splits.

``python -m simonsays.experiments.instruction_sets`` rewrites ``experiments/instructions/*.toml`` from the templates
here; the same files come out each time. What a sentence should mean is known from its template, never from the parser.
"""

from __future__ import annotations

import json
import random
import re
import sys
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from simonsays.assets import InputError, did_you_mean
from simonsays.envs.language.instruction import PLACE, START, VERBS, Instruction, InstructionError, ObjectRef, Step
from simonsays.sim.spec import COLORS, SHAPES, SceneSpec, load_scene, scene_from_dict

Language = Literal["en", "zh"]
SPLITS = ("train", "paraphrase", "composition", "long")
FOLDER = Path(__file__).resolve().parent / "instructions"
SEED = 20_910
SIZE = 360
"""sentences a split"""
MANDARIN = 5
"""one sentence in so many is Mandarin"""

HELD_OUT_TYPES = {
    "bow": "ball",
    "follow": "cone",
    "kick": "box",
    "look": "pillar",
    "nod": "cone",
    "pickup": "cone",
    "point": "box",
    "push": "cone",
    "reach": "cone",
    "turn": "pillar",
    "wave": "box",
}
"""Verb and type of object that meet in ``composition`` alone, in whatever colour."""
HELD_OUT_EVERY = 5
"""So is a verb with a coloured object where the sum of the three places in VERBS, SHAPES and COLORS divides by this."""
HELD_OUT_SLOTS = frozenset(
    {
        ("bow", "count"),
        ("crouch", "speed"),
        ("follow", "duration_s"),
        ("go_to", "speed"),
        ("jump", "distance_m"),
        ("kick", "count"),
        ("lower_arm", "speed"),
        ("nod", "speed"),
        ("point", "duration_s"),
        ("punch", "speed"),
        ("push", "side"),
        ("reach", "speed"),
        ("run", "steps"),
        ("squat", "speed"),
        ("step", "speed"),
        ("turn", "speed"),
        ("walk", "duration_s"),
        ("wave", "duration_s"),
    }
)
"""Verb and field of a Step that meet in ``composition`` alone."""


@dataclass(frozen=True)
class Example:
    """A sentence, the scene in which it is said, and what it means."""

    text: str
    language: Language
    scene: SceneSpec
    instruction: Instruction
    scene_name: str


def load_split(name: str) -> tuple[Example, ...]:
    """The examples of a split, in the order of its file.

    Raises:
        InputError: no such split; or its file is missing or not TOML, or an entry of it is incomplete or breaks the
            contract of the Instruction JSON; the message names file and entry.
    """
    if name not in SPLITS:
        raise InputError(f"no instruction set {name!r}{did_you_mean(name, SPLITS)}")
    file = FOLDER / f"{name}.toml"
    if not file.is_file():
        raise InputError(f"no such instruction set: {file}")
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: not valid TOML: {error}") from error
    for key in data:
        if key not in ("scenes", "examples"):
            raise InputError(f"{file}: unknown key {key!r}; known: examples, scenes")
    tables, entries = data.get("scenes", {}), data.get("examples", [])
    if not isinstance(tables, dict) or not isinstance(entries, list):
        raise InputError(f"{file}: needs [scenes.NAME] tables and [[examples]]")
    scenes = {key: scene_from_dict(table, key, f"{file} [scenes.{key}]") for key, table in tables.items()}
    return tuple(_example(entry, scenes, f"{file} [[examples]] {i + 1}") for i, entry in enumerate(entries))


def _example(entry: Any, scenes: dict[str, SceneSpec], where: str) -> Example:
    if not isinstance(entry, dict) or set(entry) != {"text", "language", "scene", "expect"}:
        raise InputError(f"{where}: needs text, language, scene and expect, and nothing else")
    text, language, scene = entry["text"], entry["language"], entry["scene"]
    if not isinstance(text, str) or not text.strip():
        raise InputError(f"{where}, field text: needs a sentence, not {text!r}")
    if language not in get_args(Language):
        raise InputError(f"{where}, field language: {language!r} is none of {', '.join(get_args(Language))}")
    if isinstance(scene, dict):
        name, spec = "scene", scene_from_dict(scene, "scene", f"{where}, field scene")
    elif isinstance(scene, str):
        name = scene
        if name not in scenes:
            try:
                scenes[name] = load_scene(name)
            except InputError as error:
                raise InputError(f"{where}, field scene: {error}") from error
        spec = scenes[name]
    else:
        raise InputError(f"{where}, field scene: needs a table or the name of a scene, not {scene!r}")
    try:
        instruction = Instruction.from_json(entry["expect"])
    except InstructionError as error:
        raise InputError(f"{where}, field expect: {error}") from error
    return Example(text, language, spec, instruction, name)


def normalised(text: str) -> str:
    """A text without case, width, marks and extra spaces: what two sentences are compared by."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(c if c.isalnum() or c in "°'." else " " for c in folded)
    words = (word.strip(".'") for word in kept.split())
    return " ".join(word for word in words if word)


def held_out(step: Step) -> bool:
    """Whether a verb meets an object or a field in it that it meets in ``composition`` alone."""
    return any((step.verb, name) in HELD_OUT_SLOTS for name in _fields(step)) or any(
        _held_out_object(step.verb, ref) for ref in (step.object, step.object2) if ref is not None
    )


def _fields(step: Step) -> list[str]:
    return [name for name in step.to_json() if name not in ("verb", "parallel_with_prev")]


def _held_out_object(verb: str, ref: ObjectRef) -> bool:
    if ref.type not in SHAPES:
        return any(_held_out_object(verb, inner) for inner in (ref.object, ref.object2) if inner is not None)
    if HELD_OUT_TYPES.get(verb) == ref.type:
        return True
    if ref.color is None:
        return False
    return (VERBS.index(verb) + list(SHAPES).index(ref.type) + list(COLORS).index(ref.color)) % HELD_OUT_EVERY == 0


# -- Scenes ------------------------------------------------------------------------------------------------------
# Seen by the robot, which stands at the origin and looks along x: y above 0 is on its left.

_Prop = tuple[str, str, tuple[float, float], float | None]
_SCENES: dict[str, tuple[_Prop, ...]] = {
    "yard": (
        ("ball", "red", (2.6, 1.2), None),
        ("box", "blue", (3.2, -1.6), None),
        ("cone", "orange", (-1.2, 2.2), None),
        ("pillar", "green", (-2.4, -1.4), None),
    ),
    "hall": (
        ("ball", "blue", (1.8, 1.4), None),
        ("ball", "yellow", (3.4, -1.2), None),
        ("box", "red", (2.2, -2.6), None),
        ("box", "green", (4.2, 2.4), None),
        ("cone", "white", (-2.0, 1.6), None),
        ("cone", "purple", (1.4, -0.9), None),
        ("pillar", "grey", (-1.8, -2.2), None),
        ("pillar", "black", (5.0, 0.6), None),
    ),
    "court": (
        ("ball", "pink", (2.0, -1.0), None),
        ("ball", "orange", (4.0, 1.5), None),
        ("box", "brown", (3.0, 3.0), None),
        ("box", "yellow", (-2.5, -1.0), None),
        ("cone", "green", (1.5, 2.0), None),
        ("cone", "red", (3.5, -2.5), None),
        ("pillar", "blue", (-1.5, 2.5), None),
        ("pillar", "white", (5.0, -0.8), None),
    ),
    "meadow": (
        ("ball", "white", (3.0, 0.8), None),
        ("ball", "green", (-2.0, -1.8), None),
        ("box", "purple", (2.4, -1.8), None),
        ("cone", "black", (1.6, 2.4), None),
        ("cone", "pink", (4.2, -0.6), None),
        ("cone", "blue", (-1.6, 1.0), None),
        ("pillar", "orange", (4.6, 2.2), None),
        ("pillar", "red", (-1.4, -3.0), None),
    ),
    "store": (
        ("box", "grey", (2.5, 1.5), 0.5),
        ("box", "orange", (3.5, -1.5), 0.2),
        ("ball", "purple", (2.0, -2.5), 0.3),
        ("ball", "black", (3.0, 3.0), 0.15),
        ("cone", "yellow", (-2.0, 1.0), None),
        ("pillar", "brown", (-2.0, -2.0), None),
    ),
}


def _scene_table(name: str) -> dict[str, Any]:
    return {
        "props": [
            {"shape": shape, "color": color, "position": list(at)} | ({} if size is None else {"size": size})
            for shape, color, at, size in _SCENES[name]
        ]
    }


@cache
def _refs(scene: str) -> tuple[tuple[ObjectRef, ...], tuple[ObjectRef, ...]]:
    """What can be named in a scene: by its colour, and otherwise."""
    props = _SCENES[scene]
    plain = tuple(ObjectRef(shape, color) for shape, color, _, _ in props)
    other = [ObjectRef(shape, color, definite=False) for shape, color, _, _ in props[::3]]
    for kind in SHAPES:
        alike = [prop for prop in props if prop[0] == kind]
        if len(alike) == 1:
            other.append(ObjectRef(kind))
        elif alike:
            other += [ObjectRef(kind, rank=rank) for rank in ("nearest", "farthest")]
            other.append(ObjectRef(kind, definite=False))
            sides = {"left": [p for p in alike if p[2][1] > 0], "right": [p for p in alike if p[2][1] < 0]}
            other += [ObjectRef(kind, location=side) for side, there in sides.items() if len(there) == 1]
            if all(prop[3] is not None for prop in alike):
                other += [ObjectRef(kind, size=size) for size in ("big", "small")]
    return plain, tuple(other)


# -- Words -------------------------------------------------------------------------------------------------------
# Two pools of each: the first is spoken in train, the second in paraphrase.

_EN_NUMBERS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
_ZH_NUMBERS = "零一两三四五六七八九十"
_EN_ANGLES = {30: "thirty", 45: "forty-five", 60: "sixty", 90: "ninety", 120: "one hundred and twenty"}
_ZH_ANGLES = {30: "三十度", 45: "四十五度", 60: "六十度", 90: "九十度", 120: "一百二十度", 180: "一百八十度"}
_EN_LENGTHS = {0.5: "half a metre", 1.5: "1.5 metres"}
_ZH_LENGTHS = {0.5: "半米", 1.5: "一米半"}
_EN_DIRECTIONS = {
    "forward": ("forward", "forwards|straight ahead|ahead"),
    "backward": ("backward", "backwards"),
    "left": ("left|to the left", "to your left"),
    "right": ("right|to the right", "to your right"),
}
_EN_TURNS = {"left": ("left", "to the left|counterclockwise"), "right": ("right", "to the right|clockwise")}
_EN_POINTS = {**_EN_DIRECTIONS, "left": ("to the left", "to your left"), "right": ("to the right", "to your right")}
_ZH_DIRECTIONS = {"forward": "前", "backward": "后", "left": "左", "right": "右"}
_EN_SPEEDS = {"slow": ("slowly", "at a slow pace"), "fast": ("quickly", "fast")}
_ZH_SPEEDS = {"slow": ("慢慢地", "缓慢地|慢慢"), "fast": ("快速地", "快速|飞快地")}
_ZH_SIDES = {"left": "左", "right": "右", "both": "双"}
_EN_TYPES = {
    "ball": ("ball", "sphere|ball"),
    "box": ("box", "crate|cube|box"),
    "cone": ("cone", "traffic cone|cone"),
    "pillar": ("pillar", "column|post|pillar"),
}
_ZH_TYPES = {
    "ball": ("球", "皮球|球"),
    "box": ("箱子", "盒子|箱子"),
    "cone": ("锥桶", "圆锥|锥桶"),
    "pillar": ("柱子", "立柱|柱子"),
}
_EN_RANKS = {"nearest": ("nearest", "closest"), "farthest": ("farthest", "furthest|most distant")}
_ZH_RANKS = {"nearest": ("最近的", "离你最近的"), "farthest": ("最远的", "离你最远的")}
_EN_SIZES = {"big": ("big", "large|bigger"), "small": ("small", "little|smaller")}
_ZH_SIZES = {"big": ("大的", "大"), "small": ("小的", "小")}
_EN_PLACES = {
    "behind": "behind",
    "in_front_of": "in front of",
    "left_of": "to the left of",
    "right_of": "to the right of",
}
_ZH_PLACES = {"behind": "后面", "in_front_of": "前面", "left_of": "左边", "right_of": "右边"}


class _Speaker:
    """Says the slots of a step in one language with the words of one pool, drawn by a generator."""

    def __init__(self, language: Language, pool: int, rng: random.Random) -> None:
        self.language, self.pool, self.rng = language, pool, rng

    def one(self, *pools: str) -> str:
        """One of the words of this speaker's pool, which are apart by "|"."""
        return self.rng.choice(pools[self.pool if len(pools) > 1 else 0].split("|"))

    def words(self, step: Step, limb: str, pronoun: bool) -> dict[str, str]:
        """What is put into the places of a template."""
        said: dict[str, str] = {}
        speak: Callable[[str, Any], str] = self._english if self.language == "en" else self._mandarin
        for name in _fields(step):
            value = getattr(step, name)
            if name == "direction" and self.language == "en":
                table = _EN_TURNS if step.verb == "turn" else _EN_POINTS if step.verb == "point" else _EN_DIRECTIONS
                said[name] = self.one(*table[value]) if value in table else ""
            elif name == "side":
                said["side"], said["limb"] = self._side(value, limb)
            elif name in ("object", "object2"):
                it = "it" if self.language == "en" else "它"
                said[name] = it if pronoun and name == "object" else self.thing(value)
            else:
                said[name] = speak(name, value)
            if name == "count":
                said["n"] = _count_word(value, self.language, self.pool)
        return said

    def _side(self, side: str, limb: str) -> tuple[str, str]:
        if self.language == "zh":
            return (
                f"用{_ZH_SIDES[side]}{'脚' if limb == 'foot' else '手'}",
                f"{_ZH_SIDES[side]}{self.one('手', '手|臂')}",
            )
        if side == "both":
            return self.one("with both hands", "using both hands"), self.one("both arms", "both hands")
        with_limb = self.one(f"with your {side} {limb}", f"using your {side} {limb}|with the {side} {limb}")
        return with_limb, self.one(f"your {side} arm", f"your {side} hand")

    def _english(self, name: str, value: Any) -> str:
        if name == "distance_m":
            return _length(value, self.pool, self.rng)
        if name == "angle_deg":
            if value == 180:
                return self.one("180 degrees", "half a turn")
            written = self.one(f"{value:g}°", f"{value:g} deg") if value != 90 else self.one("90°|a quarter turn")
            return self.one(f"{value:g} degrees|{_EN_ANGLES[int(value)]} degrees") if self.pool == 0 else written
        if name == "steps":
            number = _EN_NUMBERS[value] if self.pool == 0 else str(value)
            return f"{number} step{'s' if value > 1 else ''}"
        if name == "duration_s":
            return self.one(f"for {_EN_NUMBERS[int(value)]} seconds", f"for {value:g} seconds|for {value:g} s")
        if name == "count":
            if value == 2:
                return self.one("twice", "two times|2 times")
            return self.one(f"{_EN_NUMBERS[value]} times", f"{value} times" + ("|thrice" if value == 3 else ""))
        if isinstance(value, str):
            return self.one(*_EN_SPEEDS[value])
        number = "half a metre" if value == 0.5 else f"{_EN_NUMBERS[int(value)]} metre{'s' if value > 1 else ''}"
        return self.one(f"at {number} per second", f"at {value:g} m/s")

    def _mandarin(self, name: str, value: Any) -> str:
        if name == "direction":
            side = _ZH_DIRECTIONS.get(value, "")
            return self.one(f"向{side}|往{side}", f"朝{side}") if side else ""
        if name == "distance_m":
            written = _ZH_LENGTHS.get(value) or f"{_ZH_NUMBERS[int(value)]}米"
            return self.one(written, f"{value:g}米|{value * 100:g}厘米")
        if name == "angle_deg":
            return self.one(_ZH_ANGLES[int(value)], f"{value:g}度")
        unit = {"steps": ("步", "步"), "duration_s": ("秒", "秒|秒钟"), "count": ("次", "下")}.get(name)
        if unit is not None:
            return _count_word(int(value), "zh", self.pool) + self.one(*unit)
        if isinstance(value, str):
            return self.one(*_ZH_SPEEDS[value])
        written = "半" if value == 0.5 else _ZH_NUMBERS[int(value)]
        return self.one(f"以每秒{written}米的速度", f"以每秒{value:g}米的速度")

    def thing(self, ref: ObjectRef) -> str:
        """An object by name; the start is said by the verb."""
        if ref.type == START:
            return ""
        if ref.type == PLACE and ref.object is not None:
            inner, where = self.thing(ref.object), str(ref.relation)
            return f"{_EN_PLACES[where]} {inner}" if self.language == "en" else f"{inner}{_ZH_PLACES[where]}"
        if self.language == "zh":
            words = "" if ref.definite else "一个"
            words += self.one(*_ZH_RANKS[str(ref.rank)]) if ref.rank else ""
            words += self.one(*_ZH_SIZES[ref.size]) if ref.size else ""
            words += {"left": "左边的", "right": "右边的"}[ref.location] if ref.location else ""
            words += _zh_color(ref.color) + self.one("色的", "色|") if ref.color else ""
            return words + self.one(*_ZH_TYPES[ref.type])
        place = after = ""
        if ref.location:
            place = self.one("", f"{ref.location} ")
            after = "" if place else f" on your {ref.location}"
        words = place + (f"{self.one(*_EN_RANKS[str(ref.rank)])} " if ref.rank else "")
        words += f"{self.one(*_EN_SIZES[ref.size])} " if ref.size else ""
        words += f"{ref.color} " if ref.color else ""
        words += self.one(*_EN_TYPES[ref.type])
        article = "the" if ref.definite else "an" if words[0] in "aeiou" else "a"
        return f"{article} {words}{after}"


def _zh_color(color: str) -> str:
    return dict(zip(COLORS, "红绿蓝黄橙紫粉白灰黑棕", strict=True))[color]


def _count_word(value: int, language: Language, pool: int) -> str:
    if pool == 1:
        return str(value)
    return _EN_NUMBERS[value] if language == "en" else _ZH_NUMBERS[value]


def _length(value: float, pool: int, rng: random.Random) -> str:
    if pool == 0:
        written = _EN_LENGTHS.get(value) or f"{_EN_NUMBERS[int(value)]} metre{'s' if value > 1 else ''}"
        return written.replace("metre", rng.choice(("metre", "meter")))
    return rng.choice((f"{value:g} m", f"{value:g} metres" if value > 1 else f"{value * 100:g} centimetres"))


# -- Templates ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Form:
    """Ways to say a verb with certain slots, by language: those of the first pool and those of the second."""

    verb: str
    slots: tuple[str, ...]
    ways: Mapping[Language, tuple[tuple[str, ...], ...]]
    fixed: Mapping[str, Any]
    """what the words say by themselves"""
    limb: str


@cache
def _forms() -> tuple[_Form, ...]:
    """The table below, read."""
    made: list[_Form] = []
    for block in re.split(r"\n(?=\S)", _FORMS.strip()):
        head, *lines = block.split("\n")
        verb, _, rest = head.partition(":")
        fixed: dict[str, Any] = dict(word.split("=") for word in rest.split() if "=" in word)
        limb = fixed.pop("limb", "hand")
        if "object" in fixed:
            fixed["object"] = ObjectRef(START)
        if "steps" in fixed:
            fixed["steps"] = int(fixed["steps"])
        pools = [tuple(way.strip() for way in line.split("|")) for line in lines]
        ways: dict[Language, tuple[tuple[str, ...], ...]] = {"en": tuple(pools[:2])}
        if len(pools) > 2:
            ways["zh"] = tuple(pools[2:])
        made.append(_Form(verb, tuple(word for word in rest.split() if "=" not in word), ways, fixed, limb))
    return tuple(made)


# A verb with its slots and what is fixed, then the ways to say it: English of the first pool, of the second, Mandarin
# of the first, of the second.
_FORMS = """
walk: direction
    walk {direction}
    go {direction} | move {direction} | march {direction}
    {direction}走
    {direction}移动 | {direction}行走
walk: direction distance_m
    walk {direction} {distance_m} | walk {distance_m} {direction}
    go {direction} {distance_m} | move {distance_m} {direction} | move {direction} by {distance_m}
    {direction}走{distance_m}
    {direction}移动{distance_m} | {direction}行走{distance_m}
walk: direction steps
    walk {direction} {steps} | walk {steps} {direction}
    go {steps} {direction} | move {direction} {steps}
    {direction}走{steps}
    {direction}行走{steps}
walk: direction speed
    walk {direction} {speed}
    move {direction} {speed} | go {direction} {speed}
    {speed}{direction}走
    {speed}{direction}移动
walk: direction distance_m speed
    walk {direction} {distance_m} {speed}
    move {direction} {speed} for {distance_m} | go {distance_m} {direction} {speed}
    {speed}{direction}走{distance_m}
    {speed}{direction}移动{distance_m}
walk: distance_m
    walk {distance_m}
    go {distance_m} | march for {distance_m}
    走{distance_m}
    行走{distance_m}
walk: direction duration_s
    walk {direction} {duration_s}
    march {direction} {duration_s} | move {direction} {duration_s}
    {direction}走{duration_s}
    {direction}移动{duration_s}
turn: direction
    turn {direction}
    rotate {direction} | pivot {direction} | swivel {direction}
    {direction}转
    原地{direction}转
turn: direction angle_deg
    turn {direction} {angle_deg} | turn {angle_deg} {direction}
    rotate {direction} by {angle_deg} | rotate {angle_deg} {direction} | pivot {angle_deg} {direction}
    {direction}转{angle_deg}
    {direction}旋转{angle_deg}
turn: direction=around
    turn around
    spin around | face the other way | turn the other way
    转身
    向后转 | 掉头
turn: object
    turn to {object} | turn towards {object}
    face {object} | turn to face {object}
    转向{object}
    面向{object}
turn: direction speed
    turn {direction} {speed}
    rotate {speed} {direction}
    {speed}{direction}转
    {speed}{direction}旋转
turn: direction angle_deg speed
    turn {direction} {angle_deg} {speed}
    rotate {angle_deg} {direction} {speed}
    {speed}{direction}转{angle_deg}
    {speed}{direction}旋转{angle_deg}
go_to: object
    walk to {object} | go to {object}
    walk over to {object} | head to {object} | move to {object} | approach {object} | walk up to {object}
    走到{object}旁边 | 走到{object}那里
    去{object}那里 | 走向{object} | 走到{object}跟前
go_to: object speed
    walk to {object} {speed}
    go {speed} to {object} | approach {object} {speed}
    {speed}走到{object}旁边
    {speed}走向{object}
go_to: place
    walk {object} | go {object}
    move {object} | head {object}
    走到{object}
    去{object}
go_to: object=start
    go back to where you started | return to the start
    walk back to your starting point | return to where you began
    回到起点 | 走回起点
    回到原来的地方 | 回到出发点
stop:
    stop
    halt | come to a stop | freeze
    停下 | 停下来
    停止
stop: duration_s
    stop {duration_s} | do nothing {duration_s}
    pause {duration_s} | wait {duration_s}
    停下来{duration_s}
    等{duration_s} | 等待{duration_s}
stand:
    stand | stand still
    stand up straight | stay standing
    站好 | 站着不动
    站立 | 站直
stand: duration_s
    stand still {duration_s} | stand {duration_s}
    stay standing {duration_s} | remain standing {duration_s}
    站立{duration_s}
    站着不动{duration_s} | 站{duration_s}
wave:
    wave | wave your hand
    give a wave | wave hello
    挥手
    挥挥手 | 招手
wave: count
    wave {count}
    wave your hand {count} | do {n} waves
    挥手{count}
    招手{count}
wave: side
    wave {side}
    wave {limb}
    {side}挥手
    挥{limb} | 挥动{limb}
wave: side count
    wave {side} {count} | wave {count} {side}
    wave {limb} {count}
    {side}挥手{count}
    挥{limb}{count}
wave: object
    wave at {object}
    wave to {object}
    对{object}挥手
    向{object}招手 | 朝{object}挥挥手
wave: duration_s
    wave {duration_s}
    wave your hand {duration_s}
    挥手{duration_s}
    招手{duration_s}
look: direction
    look {direction}
    glance {direction} | turn your head {direction}
    {direction}看
    {direction}望 | {direction}看看
look: object
    look at {object}
    gaze at {object} | glance at {object}
    看着{object}
    看向{object} | 望向{object}
look: direction=around
    look around
    take a look around
crouch:
    crouch | crouch down
    kneel down | duck down
    蹲下
    蹲下来 | 跪下
crouch: duration_s
    crouch {duration_s} | crouch down {duration_s}
    kneel {duration_s}
    蹲下{duration_s}
    蹲{duration_s}
crouch: speed
    crouch down {speed}
    kneel down {speed}
    {speed}蹲下
    {speed}蹲下来
squat:
    squat
    do a squat
    深蹲
    做深蹲
squat: count
    squat {count}
    do {n} squats
    深蹲{count}
    做{n}个深蹲
squat: count speed
    squat {count} {speed}
    do {n} squats {speed}
    {speed}深蹲{count}
    {speed}做{n}个深蹲
raise_arm: side
    raise {limb}
    lift {limb} | put up {limb} | hold up {limb}
    举起{limb}
    抬起{limb} | 把{limb}举起来
raise_arm: side speed
    raise {limb} {speed}
    lift {limb} {speed}
    {speed}举起{limb}
    {speed}抬起{limb}
lower_arm: side
    lower {limb}
    put {limb} down | drop {limb}
    放下{limb}
    把{limb}放下 | 垂下{limb}
lower_arm: side speed
    lower {limb} {speed}
    put {limb} down {speed}
    {speed}放下{limb}
    {speed}垂下{limb}
point: object
    point at {object}
    point to {object} | point towards {object}
    指着{object}
    指向{object} | 指一下{object}
point: object side
    point at {object} {side}
    point to {object} {side}
    {side}指着{object}
    {side}指向{object}
point: direction
    point {direction}
    point your hand {direction}
point: object duration_s
    point at {object} {duration_s}
    point to {object} {duration_s}
    指着{object}{duration_s}
    指向{object}{duration_s}
kick: object limb=foot
    kick {object}
    give {object} a kick
    踢{object}
    踢一下{object}
kick: object side limb=foot
    kick {object} {side}
    give {object} a kick {side}
    {side}踢{object}
    {side}踢一下{object}
kick: object object2 limb=foot
    kick {object} to {object2}
    kick {object} towards {object2} | kick {object} over to {object2}
    把{object}踢到{object2}旁边
    把{object}踢到{object2}那里
kick: object count limb=foot
    kick {object} {count}
    give {object} {n} kicks
push: object
    push {object}
    shove {object} | give {object} a push
    推{object}
    推一推{object} | 推动{object}
push: object direction
    push {object} {direction}
    shove {object} {direction}
    把{object}{direction}推
    {direction}推{object}
push: object distance_m
    push {object} {distance_m}
    shove {object} {distance_m} | push {object} by {distance_m}
    把{object}推{distance_m}
    推{object}{distance_m}
push: object direction distance_m
    push {object} {distance_m} {direction}
    shove {object} {direction} by {distance_m}
    把{object}{direction}推{distance_m}
    {direction}推{object}{distance_m}
push: object speed
    push {object} {speed}
    shove {object} {speed}
    {speed}推{object}
    {speed}推动{object}
push: object object2
    push {object} to {object2}
    push {object} over to {object2} | shove {object} to {object2}
    把{object}推到{object2}旁边
    把{object}推到{object2}那里
push: object side
    push {object} {side}
    shove {object} {side}
    {side}推{object}
    {side}推动{object}
step: direction steps=1
    take a step {direction} | take one step {direction}
    make one step {direction} | step {direction} 1 step
    {direction}迈一步
    {direction}跨一步 | {direction}挪一步
step: direction steps
    take {steps} {direction}
    step {direction} {steps} | make {steps} {direction}
    {direction}迈{steps}
    {direction}跨{steps} | {direction}挪{steps}
step: steps
    take {steps}
    do {steps} | make {steps}
    迈{steps}
    跨{steps}
step: direction steps speed
    take {steps} {direction} {speed}
    step {direction} {steps} {speed}
    {speed}{direction}迈{steps}
    {speed}{direction}跨{steps}
nod:
    nod | nod your head
    give a nod | nod yes
    点头
    点点头
nod: count
    nod {count}
    nod your head {count} | give {n} nods
    点头{count}
    点{count}头
nod: object
    nod at {object}
    nod to {object} | give {object} a nod
    对{object}点头
    向{object}点点头
nod: speed
    nod {speed}
    nod your head {speed}
    {speed}点头
    {speed}点点头
bow:
    bow
    take a bow | bow down
    鞠躬
    鞠一躬 | 弯腰
bow: speed
    bow {speed}
    take a bow {speed} | bow down {speed}
    {speed}鞠躬
    {speed}弯腰
bow: object
    bow to {object}
    take a bow to {object}
    向{object}鞠躬
    对{object}鞠一躬
bow: count
    bow {count}
    take {n} bows
    鞠躬{count}
    弯腰{count}
punch:
    punch
    throw a punch | do a jab
    出拳
    挥拳
punch: side
    punch {side}
    jab {side} | throw a punch {side}
    {side}出拳
    {side}挥拳
punch: count
    punch {count}
    throw {n} punches | jab {count}
    出拳{count}
    挥拳{count}
punch: side count
    punch {count} {side}
    jab {count} {side} | throw {n} punches {side}
    {side}出拳{count}
    {side}挥拳{count}
punch: side speed
    punch {speed} {side}
    jab {speed} {side}
    {speed}{side}出拳
    {speed}{side}挥拳
jump:
    jump
    hop | do a jump | leap up
    跳
    跳起来 | 跳跃
jump: count
    jump {count}
    hop {count} | do {n} jumps
    跳{count}
    蹦{count}
jump: direction
    jump {direction}
    hop {direction} | leap {direction}
    {direction}跳
    {direction}跳跃 | {direction}蹦
jump: side count limb=leg
    jump {count} on your {foot}
    hop {count} on your {foot}
jump: direction distance_m
    jump {direction} {distance_m}
    hop {distance_m} {direction} | leap {direction} {distance_m}
    {direction}跳{distance_m}
    {direction}跳跃{distance_m}
follow: object
    follow {object}
    chase {object} | go after {object} | trail {object}
    跟着{object}
    跟随{object} | 追{object}
follow: object speed
    follow {object} {speed}
    chase {object} {speed} | trail {object} {speed}
    {speed}跟着{object}
    {speed}追{object}
follow: object duration_s
    follow {object} {duration_s}
    chase {object} {duration_s}
    跟着{object}{duration_s}
    跟随{object}{duration_s}
reach: object
    reach for {object}
    reach out to {object} | touch {object}
    摸{object}
    碰{object} | 伸手去够{object} | 摸一摸{object}
reach: object side
    reach for {object} {side}
    touch {object} {side}
    {side}摸{object}
    {side}碰{object} | {side}去够{object}
reach: object speed
    reach for {object} {speed}
    touch {object} {speed}
    {speed}摸{object}
    {speed}碰{object}
run: direction
    run {direction}
    jog {direction} | sprint {direction} | dash {direction}
    {direction}跑
    {direction}奔跑 | {direction}慢跑
run: direction distance_m
    run {direction} {distance_m} | run {distance_m} {direction}
    jog {distance_m} {direction} | sprint {direction} for {distance_m}
    {direction}跑{distance_m}
    {direction}奔跑{distance_m}
run: direction duration_s
    run {direction} {duration_s}
    jog {direction} {duration_s} | dash {direction} {duration_s}
    {direction}跑{duration_s}
    {direction}慢跑{duration_s}
run: direction speed
    run {direction} {speed}
    jog {direction} {speed}
    {speed}{direction}跑
    {speed}{direction}奔跑
run: direction steps
    run {direction} {steps} | run {steps} {direction}
    jog {steps} {direction}
    {direction}跑{steps}
    {direction}慢跑{steps}
sit:
    sit down
    take a seat
    坐下
    坐下来
pickup: object
    pick up {object}
    grab {object} | pick {object} up | fetch {object}
    捡起{object}
    拿起{object} | 把{object}捡起来
put_next: object object2
    put {object} next to {object2}
    place {object} beside {object2} | set {object} down next to {object2}
    把{object}放到{object2}旁边
    把{object}放在{object2}旁边
open: object
    open {object}
    unlock {object}
    打开{object}
    把{object}打开
"""

# -- Values ------------------------------------------------------------------------------------------------------

_WEIGHTS = {
    **dict.fromkeys(("walk", "go_to"), 6),
    **dict.fromkeys(("turn", "kick", "push"), 4),
    **dict.fromkeys(("wave", "look", "point", "step", "reach", "run", "follow"), 3),
    **dict.fromkeys(("stop", "stand", "crouch", "squat", "raise_arm", "lower_arm", "nod", "bow", "punch", "jump"), 2),
    **dict.fromkeys(("sit", "pickup", "put_next", "open"), 1),
}
_CHOICES: dict[str, tuple[Any, ...]] = {
    "direction": ("forward", "backward", "left", "right"),
    "distance_m": (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0),
    "angle_deg": (30.0, 45.0, 60.0, 90.0, 120.0, 180.0),
    "steps": (2, 3, 4, 5, 6),
    "duration_s": (2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0),
    "count": (2, 3, 4, 5),
    "speed": ("slow", "fast"),
    "side": ("left", "right"),
}
_VERB_CHOICES: dict[tuple[str, str], tuple[Any, ...]] = {
    ("turn", "direction"): ("left", "right"),
    ("point", "direction"): ("left", "right"),
    ("look", "direction"): ("left", "right"),
    ("push", "direction"): ("forward", "left", "right"),
    ("run", "distance_m"): (3.0, 4.0, 5.0, 6.0, 8.0, 10.0),
    ("jump", "distance_m"): (0.5, 1.0, 1.5),
    ("push", "distance_m"): (0.5, 1.0, 1.5, 2.0),
    ("walk", "speed"): ("slow", "fast", 0.5, 1.0),
    ("run", "speed"): ("slow", "fast", 2.0, 3.0),
    ("wave", "side"): ("left", "right", "both"),
    ("raise_arm", "side"): ("left", "right", "both"),
    ("lower_arm", "side"): ("left", "right", "both"),
    ("push", "side"): ("left", "right", "both"),
}
_TYPES = {
    "kick": ("ball", "box", "cone"),
    "push": ("ball", "box", "cone"),
    "pickup": ("ball", "box", "cone"),
    "put_next": ("ball", "box", "cone"),
    "open": ("box",),
}
_GOALS = ("go_to", "kick", "push", "reach", "pickup", "open", "put_next")
_TRAVELS = ("walk", "run", "go_to", "follow")
_GESTURES = ("wave", "raise_arm", "look", "point", "nod")
_AT_OBJECTS = ("kick", "push", "reach", "look", "point", "wave", "pickup")


@dataclass(frozen=True)
class _Clause:
    form: _Form
    step: Step
    pronoun: bool = False


@dataclass(frozen=True)
class _Plan:
    """What a sentence is to say, before it is said."""

    kind: Literal["order", "free", "while"]
    clauses: tuple[_Clause, ...]
    scene: str
    language: Language

    @property
    def instruction(self) -> Instruction:
        steps = [clause.step for clause in self.clauses]
        if self.kind == "while":
            steps[-1] = replace(steps[-1], parallel_with_prev=True)
        return Instruction(tuple(steps), unordered=self.kind == "free")

    @property
    def where(self) -> str:
        return self.scene if any(s.object and s.object.type != START for s in self.instruction.steps) else "empty"


def _step(form: _Form, scene: str, rng: random.Random, target: ObjectRef | None = None) -> Step:
    values = dict(form.fixed)
    for slot in form.slots:
        if slot == "place":
            inner = rng.choice(_refs(scene)[0])
            values["object"] = ObjectRef(PLACE, relation=rng.choice(tuple(_EN_PLACES)), object=inner)
        elif slot in ("object", "object2"):
            plain, other = _refs(scene)
            allowed = _TYPES.get(form.verb, tuple(SHAPES)) if slot == "object" else tuple(SHAPES)
            first = values.get("object")
            options = [
                ref
                for ref in (plain if rng.random() < 0.7 else other)
                if ref.type in allowed and (first is None or first.type != ref.type)
            ]
            options = options or [ref for ref in plain if ref.type in allowed and (first is None or ref != first)]
            values[slot] = target if target is not None and slot == "object" else rng.choice(options)
        else:
            values[slot] = rng.choice(_VERB_CHOICES.get((form.verb, slot), _CHOICES[slot]))
    return Step(form.verb, **values)


class _NothingFits(LookupError):
    """No clause of the wanted kind in this scene and language."""


def _speakable(language: Language) -> list[_Form]:
    return [form for form in _forms() if language in form.ways]


def _clause(
    rng: random.Random,
    scene: str,
    language: Language,
    wanted: Callable[[Step], bool],
    verbs: Iterable[str] = (),
    target: ObjectRef | None = None,
) -> _Clause:
    """A clause whose step is wanted, of one of ``verbs`` or any.

    Raises:
        _NothingFits: none is found in a few hundred draws.
    """
    names = sorted(verbs) or sorted(_WEIGHTS)
    for _ in range(300):
        verb = rng.choices(names, [_WEIGHTS[name] for name in names])[0]
        forms = [f for f in _speakable(language) if f.verb == verb and (target is None or "object" in f.slots)]
        if not forms:
            continue
        form = rng.choice(forms)
        step = _step(form, scene, rng, target)
        if wanted(step):
            return _Clause(form, step)
    raise _NothingFits


def _known(step: Step) -> bool:
    return not held_out(step)


# -- Sentences ---------------------------------------------------------------------------------------------------

_DOUBLED = ("stop", "nod", "jog", "run", "get", "sit", "hop", "jab", "step", "grab", "put", "set", "spin", "drop")
_THIRD = {"have": "has", "do": "does", "go": "goes"}
_DONE = {
    "go": "gone",
    "come": "come",
    "freeze": "frozen",
    "do": "done",
    "stand": "stood",
    "make": "made",
    "give": "given",
    "hold": "held",
    "put": "put",
    "take": "taken",
    "throw": "thrown",
    "run": "run",
    "sit": "sat",
    "have": "had",
    "set": "set",
    "bring": "brought",
    "spin": "spun",
    "kneel": "knelt",
    "keep": "kept",
}
_EN_ORDER = (
    (
        "{0}, then {1}|{0} and then {1}|first {0}, then {1}|{0}, and then {1}|{0}. Then {1}.|after {0:ing}, {1}",
        "{0}, after that {1}|once you have {0:ed}, {1}|{0}. After that, {1}.|start by {0:ing}, then {1}|{0}; next, {1}"
        "|{0} before {1:ing}|{0} and afterwards {1}",
    ),
    ("{0} and {1}|please {0} and {1}", "before {1:ing}, {0}|{1} after {0:ing}|before you {1}, {0}"),
)
"""Joining two steps in order; the second pair cannot stand between two goals, or take up an object as "it"."""
_EN_WHILE = (
    "{0} while {1:ing}|{0} while you {1}",
    "while {0:ing}, {1}|while you {0}, {1}",
)
_EN_FREE = ("{0} and {1}", "{0} and {1}, in any order|please {0} and {1}")
_EN_ONE = (
    "{0}|{0}|{0}|please {0}",
    "{0}|{0}|could you {0}?|{0}, please|the robot {0:s}|I want you to {0}|you should {0}|would you please {0}?"
    "|a person {0:s}|now {0}",
)
_ZH_ORDER = (
    "{0}，然后{1}|先{0}，再{1}|先{0}，然后{1}|{0}，再{1}",
    "{0}，接着{1}|{0}之后{1}|{0}以后，{1}|请先{0}，随后{1}|请你{0}，然后{1}",
)
_ZH_WHILE = ("一边{0}一边{1}", "{0}，同时{1}")
_ZH_ONE = ("{0}|{0}|请{0}", "{0}|请你{0}|麻烦你{0}|机器人{0}")
_EN_LONG = {
    4: (
        "first {0}, then {1}, after that {2}, and finally {3}|{0}, then {1}, then {2} and finally {3}"
        "|{0}. Then {1}. Next, {2}. Finally, {3}.|start by {0:ing}, then {1}, then {2}, and last {3}"
        "|after {0:ing}, {1}, then {2} and then {3}|please {0}, then {1}. After that, {2}, and finally {3}."
        "|{0}, then {1}. Before {3:ing}, {2}.|first {0}, next {1}, then {2}. Once you have {2:ed}, {3}."
    ),
    5: (
        "first {0}, then {1}, after that {2}, then {3}, and finally {4}"
        "|{0}. Then {1}. After that, {2}. Next, {3}. Finally, {4}."
        "|{0}, then {1}, and then {2}. After {3:ing}, {4}."
        "|start by {0:ing}, next {1}, then {2}, then {3}, and lastly {4}"
        "|first {0} and then {1}; after that {2}, then {3} and finally {4}"
        "|could you {0}, then {1}, then {2}, after that {3} and finally {4}?"
    ),
    6: (
        "first {0}, then {1}, then {2}, after that {3}, then {4}, and finally {5}"
        "|{0}, then {1}. Next, {2}, then {3}. After that, {4}, and finally {5}."
        "|first {0} and then {1}. After {2:ing}, {3}. Then {4} and finally {5}."
        "|{0}. Then {1}. Then {2}. After that, {3}. Next, {4}. Finally, {5}."
        "|please {0}, then {1}, then {2}; after that {3}, then {4}, and last {5}"
    ),
}
_ZH_LONG = {
    4: "先{0}，再{1}，然后{2}，最后{3}|{0}，然后{1}，接着{2}，最后{3}"
    "|首先{0}，然后{1}，再{2}，最后{3}|{0}之后{1}，然后{2}，再{3}",
    5: "先{0}，再{1}，然后{2}，接着{3}，最后{4}|{0}，然后{1}，再{2}。接着{3}，最后{4}。"
    "|请先{0}，然后{1}，再{2}，再{3}，最后{4}",
    6: "先{0}，再{1}，然后{2}，接着{3}，再{4}，最后{5}|{0}，然后{1}，再{2}。接着{3}，然后{4}，最后{5}。",
}


class _Spoken:
    """A phrase whose first word is a verb, in the forms "", "ing", "ed" and "s"."""

    def __init__(self, phrase: str) -> None:
        self.phrase = phrase

    def __format__(self, spec: str) -> str:
        if not spec:
            return self.phrase
        verb, space, rest = self.phrase.partition(" ")
        stem = verb.removesuffix("e")
        double = verb + verb[-1] if verb in _DOUBLED or verb == "sidestep" else ""
        if spec == "ing":
            verb = (double or stem) + "ing"
        elif spec == "ed":
            verb = _DONE.get(verb) or (double or stem) + "ed"
        else:
            verb = _THIRD.get(verb) or verb + ("es" if verb.endswith(("s", "sh", "ch", "x")) else "s")
            rest = " ".join({"your": "its", "you": "it"}.get(word, word) for word in rest.split(" "))
        return f"{verb}{space}{rest}"


def _say_clause(clause: _Clause, language: Language, pool: int, rng: random.Random) -> _Spoken:
    form, step = clause.form, clause.step
    template = rng.choice(form.ways[language][pool])
    words = _Speaker(language, pool, rng).words(step, form.limb, clause.pronoun)
    words["foot"] = f"{step.side} {'leg' if pool == 0 else 'foot'}"
    return _Spoken(template.format(**{"place": words.get("object", ""), **words}))


def _fits(frame: str, clauses: Sequence[_Clause], said: Sequence[_Spoken]) -> bool:
    """Not "before kicking it, go to the ball", nor "once you have done two squats", nor "once you have reached"."""
    done = [i for i in range(len(said)) if f"{{{i}:ed}}" in frame]
    if any(said[i].phrase.startswith(("do ", "give ", "make ", "reach ", "take ", "touch ")) for i in done):
        return False
    return "Before" not in frame or not any(clause.pronoun for clause in clauses)


def _say(plan: _Plan, pool: int, rng: random.Random) -> str:
    english = plan.language == "en"
    clauses, verbs = plan.clauses, [clause.step.verb for clause in plan.clauses]
    said = [_say_clause(clause, plan.language, pool, rng) for clause in clauses]
    if len(clauses) > 2:
        frames = (_EN_LONG if english else _ZH_LONG)[len(clauses)]
    elif len(clauses) == 1:
        frames = (_EN_ONE if english else _ZH_ONE)[pool]
    elif plan.kind == "while":
        frames = (_EN_WHILE if english else _ZH_WHILE)[pool]
    elif plan.kind == "free":
        frames = _EN_FREE[pool]
    else:
        frames = (_EN_ORDER[0] if english else _ZH_ORDER)[pool]
        if english and not any(c.pronoun for c in clauses) and not all(verb in _GOALS for verb in verbs):
            frames += "|" + _EN_ORDER[1][pool]
    options = [frame for frame in frames.split("|") if _fits(frame, clauses, said)]
    text = rng.choice(options).format(*said)
    if not english:
        return text
    parts = text.split(". ")
    text = ". ".join([part[0].upper() + part[1:] for part in parts] if len(parts) > 1 or rng.random() < 0.5 else parts)
    return text + ("." if text[0].isupper() and text[-1] not in ".?" else "")


# -- Splits ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Entry:
    text: str
    plan: _Plan


def _plan(rng: random.Random, language: Language, verbs: Iterable[str] = ()) -> _Plan:
    """One or two steps without anything that is held out, the first of one of ``verbs``.

    Raises:
        _NothingFits: none is found.
    """
    scene = rng.choice(sorted(_SCENES))
    draw = rng.random()
    if draw < 0.06 and not verbs:
        pair = (_clause(rng, scene, language, _known, _TRAVELS), _clause(rng, scene, language, _known, _GESTURES))
        return _Plan("while", pair, scene, language)
    if draw < 0.11 and not verbs and language == "en":
        goals = tuple(_clause(rng, scene, language, _aimed, ("go_to", "kick", "push", "reach")) for _ in range(2))
        if goals[0].step.object != goals[1].step.object:
            return _Plan("free", goals, scene, language)
    first = _clause(rng, scene, language, _known, verbs)
    if draw < 0.5:
        return _Plan("order", (first,), scene, language)
    return _Plan("order", (first, _next(first, rng, scene, language, _known)), scene, language)


def _aimed(step: Step) -> bool:
    return _known(step) and step.object is not None and step.object.type not in (START, PLACE)


def _next(
    before: _Clause, rng: random.Random, scene: str, language: Language, wanted: Callable[[Step], bool]
) -> _Clause:
    """A clause that can follow: another verb, and often with the same object, which is then "it"."""
    ref = before.step.object
    if (
        before.step.verb == "go_to"
        and ref is not None
        and ref.type in SHAPES
        and not ref.location
        and rng.random() < 0.6
    ):
        fitting = [
            verb
            for verb in _AT_OBJECTS
            if ref.type in _TYPES.get(verb, tuple(SHAPES)) and not _held_out_object(verb, ref)
        ]
        if fitting:
            said = _clause(rng, scene, language, wanted, fitting, ref)
            return replace(said, pronoun=language == "en" or said.step.side is None)
    return _clause(rng, scene, language, wanted, set(_WEIGHTS) - {before.step.verb})


def _language(number: int) -> Language:
    return "zh" if number % MANDARIN == MANDARIN - 1 else "en"


def _unused(plan: _Plan, pools: Sequence[int], used: set[str], rng: random.Random) -> str | None:
    for _ in range(20):
        text = _say(plan, rng.choice(pools), rng)
        if normalised(text) not in used:
            return text
    return None


def _train_and_paraphrase(rng: random.Random, used: set[str]) -> tuple[list[_Entry], list[_Entry]]:
    train: list[_Entry] = []
    other: list[_Entry] = []
    meant: set[Instruction] = set()
    verbs = sorted(_WEIGHTS)
    while len(train) < SIZE:
        number = len(train)
        try:
            plan = _plan(rng, _language(number), [verbs[number // 3]] if number < 3 * len(verbs) else ())
        except _NothingFits:
            continue
        said = _unused(plan, (0,), used, rng)
        rephrased = _unused(plan, (1,), used | {normalised(said or "")}, rng)
        if plan.instruction in meant or said is None or rephrased is None:
            continue
        meant.add(plan.instruction)
        used |= {normalised(said), normalised(rephrased)}
        train.append(_Entry(said, plan))
        other.append(_Entry(rephrased, plan))
    return train, other


def _composition(rng: random.Random, used: set[str]) -> list[_Entry]:
    made: list[_Entry] = []
    meant: set[Instruction] = set()
    while len(made) < SIZE:
        language, number = _language(len(made)), len(made)
        scene = rng.choice(sorted(_SCENES))
        try:
            clause = _new_clause(rng, scene, language, number)
            before = _clause(rng, scene, language, _known, set(_WEIGHTS) - {clause.step.verb})
        except _NothingFits:
            continue
        plan = _Plan("order", (clause,), scene, language)
        if rng.random() < 0.4:
            pair_of = (before, clause) if rng.random() < 0.5 else (clause, before)
            plan = replace(plan, clauses=pair_of)
        text = _unused(plan, (0, 1), used, rng)
        if text is None or plan.instruction in meant:
            continue
        meant.add(plan.instruction)
        used.add(normalised(text))
        made.append(_Entry(text, plan))
    return made


def _new_clause(rng: random.Random, scene: str, language: Language, number: int) -> _Clause:
    """A clause with something that is held out: by turns a field, and an object."""
    if number % 2 == 0:
        verb, name = sorted(HELD_OUT_SLOTS)[rng.randrange(len(HELD_OUT_SLOTS))]
        return _clause(rng, scene, language, lambda step: name in _fields(step), [verb])
    verbs = sorted({form.verb for form in _forms() if "object" in form.slots})
    return _clause(rng, scene, language, _new_object, [rng.choice(verbs)])


def _new_object(step: Step) -> bool:
    return any(_held_out_object(step.verb, ref) for ref in (step.object, step.object2) if ref is not None)


def _long(rng: random.Random, used: set[str], train: Sequence[_Entry]) -> list[_Entry]:
    made: list[_Entry] = []
    meant: set[Instruction] = set()
    known = {entry.plan.instruction.steps for entry in train}
    pairs = [normalised(entry.text) for entry in train if len(entry.plan.clauses) > 1]
    while len(made) < SIZE:
        language = _language(len(made))
        scene = rng.choice(sorted(_SCENES))
        try:
            clauses = [_clause(rng, scene, language, _known)]
            for _ in range(rng.choice((3, 3, 4, 4, 5))):
                clauses.append(_next(clauses[-1], rng, scene, language, _known))
        except _NothingFits:
            continue
        plan = _Plan("order", tuple(clauses), scene, language)
        steps = plan.instruction.steps
        numbers = any(step.count or step.steps or step.distance_m for step in steps)
        if (
            plan.instruction in meant
            or not numbers
            or len(set(steps)) < len(steps)
            or plan.where == "empty"
            or covered(steps, known)
        ):
            continue
        text = _unused(plan, (0, 1), used, rng)
        if text is None or any(pair in normalised(text) for pair in pairs):
            continue
        meant.add(plan.instruction)
        used.add(normalised(text))
        made.append(_Entry(text, plan))
    return made


def covered(steps: tuple[Step, ...], known: set[tuple[Step, ...]]) -> bool:
    """Whether a list of steps is nothing but known lists one after another."""
    reached = {0}
    for end in range(1, len(steps) + 1):
        if any(start in reached and steps[start:end] in known for start in range(end)):
            reached.add(end)
    return len(steps) in reached


def generate() -> dict[str, str]:
    """The text of every split's file, by split; the same each time."""
    rng = random.Random(SEED)
    used: set[str] = set()
    train, paraphrase = _train_and_paraphrase(rng, used)
    rest = {"composition": _composition(rng, used), "long": _long(rng, used, train)}
    return {name: _toml(name, found) for name, found in {"train": train, "paraphrase": paraphrase, **rest}.items()}


# -- Files -------------------------------------------------------------------------------------------------------


def _toml(name: str, entries: Sequence[_Entry]) -> str:
    lines = [f"# Instruction set {name!r}; written by python -m simonsays.experiments.instruction_sets", ""]
    for scene in _SCENES:
        lines += [f"[scenes.{scene}]", "props = ["]
        lines += [f"    {_value(prop)}," for prop in _scene_table(scene)["props"]]
        lines += ["]", ""]
    for entry in entries:
        expect = entry.plan.instruction.to_json()
        expect["steps"] = [
            _with_indefinite(*both) for both in zip(expect["steps"], entry.plan.instruction.steps, strict=True)
        ]
        values = {"text": entry.text, "language": entry.plan.language, "scene": entry.plan.where, "expect": expect}
        lines += ["[[examples]]", *(f"{key} = {_value(value)}" for key, value in values.items()), ""]
    return "\n".join(lines[:-1]) + "\n"


def _with_indefinite(data: dict[str, Any], step: Step) -> dict[str, Any]:
    for name in ("object", "object2"):
        ref = getattr(step, name)
        if ref is not None and not ref.definite:
            data[name] = {**data[name], "definite": False}
    return data


def _value(value: Any) -> str:
    """A value as TOML, a table on one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def main() -> None:
    """Write every split's file anew, each whole or not at all."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in generate().items():
        part = FOLDER / f"{name}.toml.part"
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(FOLDER / f"{name}.toml")
        sys.stdout.write(f"{FOLDER / name}.toml: {text.count('[[examples]]')} sentences\n")


if __name__ == "__main__":
    main()
