"""English: the tokeniser's tables. Phrases of several words are matched first, the longest first."""

from __future__ import annotations

from simonsays.envs.language.vocabulary import COLOR_WORDS, OBJECT_TYPES, VerbWords

LENGTHS = {
    1.0: ("metres", "metre", "meters", "meter", "m"),
    0.01: ("centimetres", "centimetre", "centimeters", "centimeter", "cm"),
    0.3048: ("feet", "foot", "ft"),
}

_WORDS: dict[str, dict[object, tuple[str, ...]]] = {
    "POLITE": {None: ("please", "could you please", "could you", "can you please", "can you", "thanks", "thank you")},
    "THEN": {None: ("then", "after that", "afterwards", "next", "finally", "and then", "and after that")},
    "AND": {None: ("and",)},
    "DIRECTION": {
        "forward": ("forward", "forwards", "ahead", "straight ahead", "straight"),
        "backward": ("backward", "backwards", "back"),
        "around": ("around", "round"),
        "right": ("clockwise",),
        "left": ("counterclockwise", "anticlockwise", "counter clockwise", "anti clockwise"),
    },
    "SIDE": {"left": ("left", "leftward", "leftwards"), "right": ("right", "rightward", "rightwards")},
    "TO": {None: ("to", "towards", "toward", "up to")},
    "FOR": {None: ("for",)},
    "BY": {None: ("by",)},
    "LENGTH": dict(LENGTHS),  # type: ignore[arg-type]
    "DEGREES": {1.0: ("degrees", "degree", "deg", "°")},
    "TURN": {
        90.0: ("a quarter turn", "quarter turn", "a quarter of a turn"),
        180.0: ("a half turn", "half a turn", "half turn"),
        360.0: ("a full turn", "full turn", "a whole turn", "all the way around"),
    },
    "STEPS": {None: ("steps", "step", "paces", "pace")},
    "SECONDS": {1.0: ("seconds", "second", "s", "sec"), 60.0: ("minutes", "minute", "min")},
    "TIMES": {1: ("once",), 2: ("twice",), 3: ("thrice",)},
    "TIMES_WORD": {None: ("times", "time")},
    "SPEED": {"slow": ("slowly",), "normal": ("normally",), "fast": ("quickly", "fast")},
    "WITH": {None: ("with",)},
    "HAND": {None: ("hand", "arm", "hands", "arms")},
    "BOTH": {None: ("both", "both your", "both of your")},
    "THE": {None: ("the", "your", "its")},
    "A": {None: ("a", "an")},
}

_UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_UNITS += " seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
NUMBERS: dict[str, float] = {
    **{word: float(i) for i, word in enumerate(_UNITS.split())},
    **{word: 10.0 * i for i, word in enumerate(_TENS.split(), start=2)},
    **{
        f"{ten} {one}": 10.0 * i + j
        for i, ten in enumerate(_TENS.split(), start=2)
        for j, one in enumerate(_UNITS.split()[1:10], start=1)
    },
    "a hundred": 100.0,
    "one hundred": 100.0,
    "half": 0.5,
    "half a": 0.5,
    "half of a": 0.5,
    "a half": 0.5,
    "a quarter": 0.25,
    "a quarter of a": 0.25,
    "a couple of": 2.0,
}
NUMBERS |= {f"{word} and a half": NUMBERS[word] + 0.5 for word in (*_UNITS.split()[1:], *_TENS.split())}
NUMBERS |= {"a hundred and eighty": 180.0, "one hundred and eighty": 180.0, "one hundred eighty": 180.0}

Table = dict[tuple[str, ...], list[tuple[str, object]]]


def table(verbs: dict[str, VerbWords]) -> Table:
    """Phrase (a tuple of words) to its token classes with values; a verb comes before a plain word."""
    found: Table = {}

    def add(phrase: str, kind: str, value: object) -> None:
        entries = found.setdefault(tuple(phrase.split()), [])
        if (kind, value) not in entries:
            entries.append((kind, value))

    for verb in verbs.values():
        for phrase in verb.words.get("en", ()):
            add(phrase, "VERB", (verb.verb, verb.fixed.get(phrase)))
    for kind, values in _WORDS.items():
        for value, phrases in values.items():
            for phrase in phrases:
                add(phrase, kind, value)
    for kind, words in (("COLOR", COLOR_WORDS["en"]), ("TYPE", OBJECT_TYPES["en"])):
        for value, phrases in words.items():
            for phrase in phrases:
                add(phrase, kind, value)
    for phrase, number in NUMBERS.items():
        add(phrase, "NUMBER", number)
    return found
