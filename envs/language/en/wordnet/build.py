"""Write ``words.txt``: run ``python envs/language/en/wordnet/build.py FOLDER`` with the ``dict`` of WordNet's database.

A word is taken in its most frequent sense alone, where that is of the part of speech that it mostly is.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from simonsays.envs.language import get_locale
from simonsays.envs.language.locale import lexicon
from simonsays.envs.language.vocabulary import verbs

TARGET = Path(__file__).with_name("words.txt")
SEEDS = {
    "walk": "walk 1",
    "run": "run 1",
    "turn": "turn 1",
    "jump": "jump 1",
    "look": "look 1",
    "stop": "stop 1",
    "crouch": "crouch 1",
    "sit": "sit 1",
    "wave": "wave 1",
    "kick": "kick 1",
    "push": "push 1",
    "pickup": "pick_up 1",
    "open": "open 1",
    "go_to": "approach 1",
    "follow": "follow 1",
    "nod": "nod 1",
    "bow": "bow 1",
    "punch": "punch 1",
    "dance": "dance 2",
    "clap": "applaud 1",
    "march": "march 1",
    "kneel": "kneel 1",
    "lie_down": "lie_down 1",
    "carry": "transport 1",
    "hand_over": "pass_on 2",
    "throw": "throw 1",
    "climb": "climb 1",
    "dodge": "hedge 1",
    "reach": "touch 1",
    "raise_arm": "raise 1",
    "step": "step 1",
}
"""verbs of the contract, each with the sense of a verb of WordNet that says it"""
BOUND = re.compile("(legged|handed|footed|sided|armed|headed)$|^(minus|plus)$")
"""adjectives that say nothing without the word before them"""
DEEP = ("person", "dog", "cat", "bird", "tree", "flower")
"""types of which a kind is spoken of as such a thing: a spaniel is a dog"""
OTHER = ("lid", "plant", "stage", "drum")
"""types that mostly are called so in another sense"""
THINGS = ("artifact 1", "natural_object 1", "plant 2", "animal 1", "food 1")
COLORS = "chromatic_color 1"
MANNER = re.compile(r"^(?:in an? \S+(?: and \S+)? (?:manner|way|fashion|mood|spirit)|with [a-z]+(?: and [a-z]+)?)$")


@dataclass
class Synset:
    """A set of synonyms, with its kind of sense and its neighbours."""

    words: list[str]
    gloss: str
    pointers: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))


class WordNet:
    """The database: synsets by part of speech and place, and the senses of each word, the most frequent one first."""

    def __init__(self, folder: Path) -> None:
        self.synsets: dict[tuple[str, str], Synset] = {}
        self.index: dict[str, dict[str, list[str]]] = {}
        self.counts: dict[tuple[str, str], int] = defaultdict(int)
        for name, part in (("noun", "n"), ("verb", "v"), ("adj", "a"), ("adv", "r")):
            for line in self._lines(folder / f"data.{name}"):
                self._synset(line, part)
            self.index[part] = {
                line.split()[0]: line.split()[-int(line.split()[2]) :] for line in self._lines(folder / f"index.{name}")
            }
        for line in self._lines(folder / "index.sense"):
            key, _, _, count = line.split()
            lemma, _, rest = key.partition("%")
            self.counts[lemma, "_nvara"[int(rest[0])].replace("_", "")] += int(count)

    @staticmethod
    def _lines(path: Path) -> Iterator[str]:
        return (line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("  "))

    def _synset(self, line: str, part: str) -> None:
        data, _, gloss = line.partition(" | ")
        cells = data.split()
        count = int(cells[3], 16)
        made = Synset([re.sub(r"\(\w+\)$", "", word).lower() for word in cells[4 : 4 + 2 * count : 2]], gloss.strip())
        place = 4 + 2 * count
        for i in range(int(cells[place])):
            symbol, offset, kind, _ = cells[place + 1 + 4 * i : place + 5 + 4 * i]
            made.pointers[symbol].append(("a" if kind == "s" else kind, offset))
        self.synsets[part, cells[0]] = made

    def sense(self, said: str, part: str) -> tuple[str, str]:
        """The place of a sense: "walk 1"."""
        word, number = said.split()
        return part, self.index[part][word][int(number) - 1]

    def first(self, word: str, part: str) -> tuple[str, str] | None:
        """The most frequent sense of a word, where the word is mostly of the part of speech."""
        most = max(self.counts[word, other] for other in "nvar")
        senses = self.index[part].get(word)
        return (part, senses[0]) if senses and self.counts[word, part] >= most else None

    def above(self, place: tuple[str, str]) -> Iterator[tuple[str, str]]:
        """A synset and all that it is a kind of, the nearest first."""
        level, seen = [place], set[tuple[str, str]]()
        while level:
            yield from level
            seen.update(level)
            over = (other for one in level for other in self.synsets[one].pointers["@"])
            level = [one for one in dict.fromkeys(over) if one not in seen]


def nouns(net: WordNet, word: str) -> Iterator[str]:
    """Colours, things of a type by their synonyms and some by their kinds, and things by their own names."""
    place = net.first(word, "n")
    if place is None:
        return
    above, things = list(net.above(place)), get_locale("en").things
    if net.sense(COLORS, "n") in above[1:]:
        named = (color for one in above for color in things["colors"] if color in net.synsets[one].words)
        yield from (f"COLOR {color}" for color in list(named)[:1])
        return
    types = {
        net.sense(f"{name} 1", "n"): name for name in things["types"] if name in net.index["n"] and name not in OTHER
    }
    kinds = [types[one] for i, one in enumerate(above) if one in types and (i == 0 or types[one] in DEEP)]
    if kinds:
        yield f"NOUN {kinds[0]}"
    elif any(net.sense(thing, "n") in above for thing in THINGS):
        yield "NOUN"


def actions(net: WordNet, word: str) -> Iterator[str]:
    """Verbs that are like one of ours: a kind of it, or almost it."""
    place = net.first(word, "v")
    if place is None:
        return
    above = list(net.above(place))
    found = [(i, verb) for verb, seed in SEEDS.items() for i, one in enumerate(above) if one == net.sense(seed, "v")]
    if not found:
        return
    yield f"NEAR {min(found)[1]}"


def manners(net: WordNet, word: str) -> Iterator[str]:
    """Adverbs of manner: what a synonym of them is to us, or what is only noted."""
    place = net.first(word, "r")
    if place is None:
        return
    synset = net.synsets[place]
    for kind, value in (entry for other in synset.words if net.first(other, "r") == place for entry in _read_as(other)):
        if kind in ("SPEED", "STYLE", "EFFORT") and value != "normal":
            yield f"{kind} {value}"
            return
    if MANNER.match(re.split(r"[;(]", synset.gloss)[0].strip()):
        yield "FILLER"


def _read_as(word: str) -> list[tuple[str, object]]:
    found = lexicon(get_locale("en"), verbs()).matches(word.split("_"), 0)
    return [entry for length, entry in found if length == len(word.split("_"))]


def adjectives(net: WordNet, word: str) -> Iterator[str]:
    """Sizes and colours by their neighbours; of an action, other adjectives are noted."""
    place = net.first(word, "a")
    if place is None or BOUND.search(word):
        return
    synset = net.synsets[place]
    chromatic = any({"chromatic", "achromatic"} & {*net.synsets[one].words} for one in synset.pointers["&"])
    colors = [color for color in get_locale("en").things["colors"] if chromatic and color in synset.words]
    if colors:
        yield f"COLOR {colors[0]}"
        return
    near = {place, *synset.pointers["&"]}
    sizes = {net.sense("large 1", "a"): "big", net.sense("small 1", "a"): "small"}
    said = [name for one, name in sizes.items() if one in near]
    yield f"SIZE {said[0]}" if said else "MANNER_ADJECTIVE"


def main(folder: Path) -> None:
    """Write the file."""
    net, locale = WordNet(folder), get_locale("en")
    lines: dict[str, list[str]] = defaultdict(list)
    for word in sorted({word for words in net.index.values() for word in words if word.isalpha() and len(word) > 2}):
        if any(kind != "FILLER" for kind, _ in _read_as(word)):
            continue  # a list of ours has it
        spoken = locale.may_name(word) or any(net.counts[word, part] > 1 for part in "nvar")
        for reader in (nouns, actions, manners, adjectives):
            for head in reader(net, word) if spoken or reader in (actions, manners) else ():
                lines[head].append(word)
    texts = (f"{head}: {' '.join(words)}" for head, words in sorted(lines.items()))
    TARGET.write_text(
        "# made by build.py from WordNet 3.1, see LICENSE.txt\n" + "\n".join(texts) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
