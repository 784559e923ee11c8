"""Scenes told in words: "a red ball two metres ahead and a chair on the left", in any language that is known.

A phrase apart from the others is a thing, or says more of the thing before it. Its colour, size and number stand with
its noun; how far and which way are seen from the robot, at the origin along +x, or from another thing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field, replace
from functools import cache
from itertools import count
from typing import Any

from simonsays.assets import InputError
from simonsays.assets.notes import dataclass
from simonsays.envs.language import detect
from simonsays.envs.language.known import get_locale
from simonsays.envs.language.locale import Locale
from simonsays.envs.language.tokens import Phrases, Word
from simonsays.envs.language.vocabulary import Verbs, verbs
from simonsays.sim.specs import COLORS, SHAPES, PropSpec, SceneSpec, scene_from_dict
from simonsays.sim.things import THINGS

_USUAL, _BESIDE, _PATH = 2.0, 0.75, 3.0
"""m, from the robot, from another thing's surface, and of a path, where nothing is said"""
_APART = 0.5  # m, between things that are told alike, and from the robot
_SIZES = {"big": 1.5, "small": 0.6}
_SPEEDS = {"slow": 0.2, "normal": 0.3, "fast": 0.6}
_WAYS = {"forward": (1, 0), "front": (1, 0), "backward": (-1, 0), "behind": (-1, 0), "left": (0, 1), "right": (0, -1)}
_RELATIONS = {"left_of": (0, 1), "right_of": (0, -1), "behind": (1, 0), "in_front_of": (-1, 0), "next_to": (0, -1)}
_AROUND_SELF = {"left_of": "left", "right_of": "right", "in_front_of": "front", "behind": "behind"}
_PLACES = ("LOCATION", "DIRECTION", "POST_DIRECTION", "SIDE")
_JOINTS = ("AND", "AND_THING", "COMMA", "END", "THEN", "WHILE")
_QUIET = (
    "A",
    "THE",
    "HAVE",
    "AT",
    "TO",
    "BY",
    "FILLER",
    "AUX",
    "MEASURE",
    "WITH",
    "GO",
    "RELATION_DE",
    "COME",
)
_SAYING = ("NOUN", "COLOR", "SIZE", "LENGTH", "SPEED", "ADVERB", "RELATION", *_PLACES)
_KINDS = (*_SAYING, *_JOINTS, "VERB", *_QUIET)  # of readings that are as long, the first counts
_MOST = 20


@dataclass(frozen=True)
class _Token:
    kind: str
    value: Any
    start: int
    end: int


@dataclass
class _Told:
    """A thing as it is told."""

    shape: str
    token: _Token
    color: str | None = None
    size: float = 1.0
    number: int = 1
    away: list[float] = field(default_factory=lambda: [0.0, 0.0])
    """m, forward and left"""
    placed: bool = False
    of: tuple[str, _Told] | None = None
    """a relation, and the thing that it is to"""
    prop: PropSpec | None = None
    """the first of it, once it is placed"""
    legs: list[tuple[float, float]] = field(default_factory=list)
    """m, forward and left, of a path, one after the other"""
    speed: float | None = None


def scene_of(text: str, language: str | None = None) -> SceneSpec:
    """The scene that a text tells of, the robot at the origin along +x.

    Raises:
        InputError: a word that says nothing here, with its position; no thing, or too many; or things in each other.
    """
    locale = get_locale(language or detect(text))
    told: list[_Told] = []
    for tokens in _phrases([*_tokens(text, locale)]):
        _read(text, tokens, told)
    if not told:
        raise InputError(f'{text!r}: no thing is told; say one and where it is, such as "a red ball two metres ahead"')
    made = _placed(text, told)
    return scene_from_dict({"props": [_table(each) for each in made]}, "told", repr(text))


def _fault(text: str, token: _Token | Word, message: str) -> InputError:
    return InputError(f"{text[token.start : token.end]!r} (position {token.start}): {message}")


def _tokens(text: str, locale: Locale) -> Iterator[_Token]:
    """The longest known phrases, one after the other."""
    words, phrases, at = locale.words(text), _lexicon(locale.code, verbs()), 0
    texts = [word.text for word in words]
    while at < len(words):
        found = [(length, kind, value) for length, (kind, value) in phrases.matches(texts, at) if kind in _KINDS]
        found += [(length, "NUMBER", value) for length, value in locale.numbers(words, at)]
        if (number := words[at].number) is not None:
            found.append((1, "NUMBER", number))
        if not found and words[at].text in ",.;，。；、":
            found = [(1, "COMMA", None)]
        if not found:
            raise _fault(text, words[at], "says nothing of a scene; leave it out, or say it in other words")
        length, kind, value = max(found, key=lambda one: (one[0], one[1] == "NUMBER", -_rank(one[1])))
        yield _Token(kind, value, words[at].start, words[at + length - 1].end)
        at += length


@cache
def _lexicon(code: str, known: Verbs) -> Phrases:
    return get_locale(code).phrases(known)


def _rank(kind: str) -> int:
    return _KINDS.index(kind) if kind in _KINDS else 0


def _phrases(tokens: Sequence[_Token]) -> Iterator[list[_Token]]:
    now: list[_Token] = []
    for token in tokens:
        if token.kind in _JOINTS:
            yield now
            now = []
        else:
            now.append(token)
    yield now


def _read(text: str, tokens: Sequence[_Token], told: list[_Told]) -> None:
    """One phrase: a new thing, or more of the last one."""
    nouns = [token for token in tokens if token.kind == "NOUN"]
    relation = next((token for token in tokens if token.kind == "RELATION"), None)
    if not any(token.kind in (*_SAYING, "NUMBER", "VERB") for token in tokens):
        return
    known = {each.shape for each in told}
    anchor = next((noun for noun in reversed(nouns) if relation is not None and noun.value in known), None)
    new = [noun for noun in nouns if noun is not anchor]
    if len(new) > 1:
        raise _fault(text, new[-1], "another thing in the same phrase; name it before, or put 'and' before it")
    told += [_thing(text, noun) for noun in new]
    if not told:
        raise _fault(text, tokens[0], "of which thing? Name it first")
    rest = [token for token in tokens if token.kind not in ("NOUN", "RELATION")]
    if anchor is not None and relation is not None:
        own = _before(tokens, anchor)
        _relate(text, relation, anchor, own, told)
        rest = [token for token in rest if token not in own]
    elif relation is not None:  # as the robot sees it
        rest.append(_Token("LOCATION", _AROUND_SELF.get(str(relation.value)), relation.start, relation.end))
    _say(text, rest, told[-1])


def _before(tokens: Sequence[_Token], noun: _Token) -> list[_Token]:
    """What stands right before a noun and says which it is."""
    own: list[_Token] = []
    for token in reversed(tokens[: tokens.index(noun)]):
        if token.kind not in ("COLOR", "SIZE", "A", "THE", "MEASURE"):
            break
        own.append(token)
    return own


def _thing(text: str, noun: _Token) -> _Told:
    if noun.value not in SHAPES and noun.value not in THINGS:
        shapes = ", ".join([*SHAPES, *THINGS])
        raise _fault(text, noun, f"no scene can have a {noun.value}; there are {shapes}")
    return _Told(str(noun.value), noun)


def _relate(text: str, relation: _Token, anchor: _Token, own: Sequence[_Token], told: list[_Told]) -> None:
    """A thing that is told by another, which was named before: "a ball behind the red chair"."""
    if relation.value not in _RELATIONS:
        raise _fault(text, relation, f"things are told by {', '.join(_RELATIONS)} alone")
    color = next((token.value for token in own if token.kind == "COLOR"), None)
    fits = [each for each in told[:-1] if each.shape == anchor.value and color in (None, each.color)]
    if len(fits) != 1:
        raise _fault(text, anchor, "which one? Name one before it, by its colour where there are several")
    told[-1].of, told[-1].placed = (str(relation.value), fits[0]), True


def _say(text: str, tokens: Sequence[_Token], thing: _Told) -> None:
    """What the rest of a phrase says of its thing."""
    number = 1.0
    length: float | None = None
    way: tuple[int, int] | None = None  # one that waits for how far, which is said before it or after it
    walks = False
    for i, token in enumerate(tokens):
        after = tokens[i + 1].kind if i + 1 < len(tokens) else ""
        if token.kind == "NUMBER" and after != "LENGTH":
            thing.number = int(token.value)
            if thing.number != token.value or not 1 <= thing.number <= _MOST:
                raise _fault(text, token, f"how many? A whole number from 1 to {_MOST}")
        elif token.kind == "NUMBER":
            number = float(token.value)
        elif token.kind == "LENGTH":
            length, number = number * float(token.value), 1.0
            if way is not None and after not in _PLACES:
                _go(thing, way, length, walks)
                way = length = None
        elif token.kind in ("COLOR", "SIZE"):
            _look(text, thing, token)
        elif token.kind in _PLACES:
            if way is not None:
                _go(thing, way, None, walks)
            way = _WAYS.get(str(token.value))
            if way is None:
                raise _fault(text, token, f"which way? Say one of {', '.join(_WAYS)}")
            if length is not None:
                _go(thing, way, length, walks)
                way = length = None
        elif token.kind == "VERB" and token.value[0] in ("walk", "run"):
            if way is not None or length is not None:
                _go(thing, way or (1, 0), length, walks)
            way, length, walks = None, None, True
            thing.speed = _SPEEDS["fast"] if token.value[0] == "run" else thing.speed
        elif token.kind in ("SPEED", "ADVERB") and token.value in _SPEEDS:
            thing.speed = _SPEEDS[token.value]
        elif token.kind not in _QUIET:
            raise _fault(text, token, "says nothing of a thing in a scene")
    if way is not None or length is not None or (walks and not thing.legs):
        _go(thing, way or (1, 0), length, walks)


def _look(text: str, thing: _Told, token: _Token) -> None:
    if token.kind == "SIZE":
        thing.size = _SIZES.get(str(token.value), 1.0)
    elif thing.color is not None:
        raise _fault(text, token, f"another colour of the {thing.shape} was said before it")
    else:
        thing.color = str(token.value)


def _go(thing: _Told, way: tuple[int, int], length: float | None, walks: bool) -> None:
    """So far that way: where it is, or where it walks."""
    if walks:
        metres = _PATH if length is None else length
        thing.legs.append((metres * way[0], metres * way[1]))
        return
    metres = (0.0 if thing.of is not None else _USUAL) if length is None else length
    thing.away = [thing.away[0] + metres * way[0], thing.away[1] + metres * way[1]]
    thing.placed = True


def _placed(text: str, told: Sequence[_Told]) -> list[PropSpec]:
    """The things where they are told to be; those that are told alike beside each other."""
    made: list[PropSpec] = []
    for each in told:
        for _ in range(each.number):
            prop = _prop(each, made)
            if (other := _inside(prop, made)) is not None:
                prop = _beside(prop, each, made)
            if (other := _inside(prop, made)) is not None or math.hypot(*prop.position[:2]) < prop.radius + _APART / 2:
                whom = "the robot" if other is None else f"the {other.color} {other.shape}"
                raise _fault(text, each.token, f"it would stand in {whom}; say how far away it is")
            made.append(prop)
            each.prop = each.prop or prop
    return made


def _prop(told: _Told, made: Sequence[PropSpec]) -> PropSpec:
    x, y = told.away if told.placed else (_USUAL, 0.0)
    size = (SHAPES.get(told.shape) or (THINGS[told.shape].size,))[0]
    if told.of is not None:
        anchor = told.of[1].prop
        assert anchor is not None
        ahead, left = _RELATIONS[told.of[0]]
        gap = math.hypot(x, y) or _BESIDE
        away = anchor.radius + gap + told.size * max(size[:2]) / 2
        x, y = anchor.position[:2]
        u, v = x / (math.hypot(x, y) or 1.0), y / (math.hypot(x, y) or 1.0)  # from the robot to it
        x, y = x + (ahead * u - left * v) * away, y + (ahead * v + left * u) * away
    taken = {prop.color for prop in made if prop.shape == told.shape}
    usual = THINGS[told.shape].color if told.shape in THINGS else list(COLORS)[list(SHAPES).index(told.shape)]
    color = told.color or next((one for one in (usual, *COLORS) if one not in taken), usual)
    bearing = math.degrees(math.atan2(y, x))
    turned = bearing if told.shape in THINGS and THINGS[told.shape].rises else bearing + 180.0
    corners, path = (x, y), []
    for forward, aside in told.legs:
        corners = (corners[0] + forward, corners[1] + aside)
        path.append(corners)
    return PropSpec(
        told.shape,
        color,
        (round(x, 3), round(y, 3)),
        size=tuple(round(told.size * extent, 3) for extent in size),  # type: ignore[arg-type]
        yaw_deg=round(math.remainder(turned, 360.0), 1) if told.shape in THINGS else 0.0,
        path=tuple((round(a, 3), round(b, 3)) for a, b in path),
        speed=told.speed or _SPEEDS["normal"],
    )


def _inside(prop: PropSpec, made: Sequence[PropSpec]) -> PropSpec | None:
    def near(other: PropSpec) -> bool:
        return math.dist(prop.position[:2], other.position[:2]) < prop.radius + other.radius + 0.05

    return next((other for other in made if near(other)), None)


def _beside(prop: PropSpec, told: _Told, made: Sequence[PropSpec]) -> PropSpec:
    """The same to one side, across the robot's way to it, as far as is free."""
    x, y = prop.position[:2]
    away = math.hypot(x, y) or 1.0
    step = 2 * prop.radius + _APART
    for i in count(1):
        shift = step * ((i + 1) // 2) * (1 if i % 2 else -1)
        moved = replace(prop, position=(round(x - shift * y / away, 3), round(y + shift * x / away, 3)))
        if _inside(moved, made) is None or i > 2 * _MOST:
            return moved
    raise AssertionError


def _table(prop: PropSpec) -> dict[str, Any]:
    """A prop as a scene file has it, without what goes without saying."""
    usual = (SHAPES.get(prop.shape) or (THINGS[prop.shape].size,))[0]
    told: dict[str, Any] = {"shape": prop.shape, "color": prop.color, "position": list(prop.position)}
    keep: tuple[tuple[str, Any, Callable[[Any], bool]], ...] = (
        ("size", list(prop.extents), lambda _: prop.extents != usual),
        ("yaw_deg", prop.yaw_deg, bool),
        ("path", [list(point) for point in prop.path], bool),
        ("speed", prop.speed, lambda _: bool(prop.path)),
    )
    return {**told, **{name: value for name, value, wanted in keep if wanted(value)}}


def toml_of(scene: SceneSpec, text: str) -> str:
    """The scene file of a scene that a text tells of, the text above it."""
    import tomli_w

    return f"# {' '.join(text.split())}\n{tomli_w.dumps({'props': [_table(prop) for prop in scene.props]})}"
