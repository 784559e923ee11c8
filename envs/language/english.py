"""English: words, phrases, inflections and numbers, as typed tokens for the grammar (english.lark).

A phrase of several words is one token where the words mean something else together. The same words may be several
tokens ("second" is a time and a place in a row); the grammar decides.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence

from simonsays.envs.language.tokens import Phrases, Word
from simonsays.envs.language.vocabulary import COLOR_WORDS, OBJECT_TYPES, VerbWords

GRAMMAR = "english.lark"
JOINER = " "

# kind -> value -> phrases, separated by "|"
_PHRASES: dict[str, dict[object, str]] = {
    "FILLER": {
        None: "please|kindly|could you|can you|would you|will you|could you please|can you please|would you please|"
        "would you mind|thanks|thank you|thank you very much|thanks a lot|thx|hey|hi|hello|ok|okay|hey robot|hi robot|robot|dear robot|"
        "now|right now|immediately|just|simply|for me|if you can|if possible|if you please|if you would|"
        "i want you to|i would like you to|i'd like you to|i need you to|you should|you need to|you must|you have to|"
        "you can|you are to|i want to see you|let us|let's|go ahead and|try to|make sure to|be sure to|be so kind as to|"
        "would you be so kind as to|so|well|alright|all right|right away|at once|great|good|perfect|there|down there|over there|"
        "casually|carefree|politely|happily|nicely|gracefully|smoothly|confidently|straight up|a little|a bit|a little bit|slightly|"
        "somewhat|again|once again|all the way|also|too|as well|else|my friend|buddy|my dear|sir|that is|which is|"
        "that's|that stands|standing|lying|in the scene|in the room|you see|for a while|for a moment|for a bit|"
        "for some time|for a second|briefly|a moment|a while|"
        "hello|goodbye|bye|away|along|out|from a seated position|from a sitting position|from a crouching position|from a chair|from the chair|from the ground|from the floor|off the floor|off the ground|from the table|off the table|from a standing position|from a crouch|at me|to me|at us|at the camera|to the camera|to the crowd|at the crowd|to the audience|at the audience|"
        "as in greeting|in greeting|to say hello|to say goodbye|in a friendly way|all"
    },
    "SUBJECT": {
        None: "the robot|a robot|this robot|robot|the humanoid|a humanoid|the person|a person|this person|person|the man|a man|man|"
        "the woman|a woman|woman|the guy|a guy|someone|somebody|a human|the human|human|a figure|the figure|figure|the character|a character|"
        "a stick figure|the subject|a subject|subject|an individual|the individual|individual|he|she|they|it|you|the sim|a sim|"
        "the boy|a boy|the girl|a girl|one person|the model|a model|simon|the actor|an actor|a body|the body|people|the avatar|an avatar|the g1|g1"
    },
    "AUX": {
        None: "is|are|was|were|has|have|had|be|been|begins to|begin to|starts to|start to|started to|begins|starts|start|started|begin|"
        "continues to|continue to|continue by|continues by|continues|continue|continued to|keeps|keep|kept|proceeds to|proceed to|appears to be|appears to|seems to be|"
        "seems to|tries to|attempts to|who is|who|that|should|must|will|shall|needs to|has to|goes to|would|can|does|going to|about to|"
        "decides to|prepares to|gets ready to|in order to|ends up|looks to be|look like he is|looks like he is"
    },
    "THEN": {
        None: "then|and then|after that|and after that|afterwards|after which|next|finally|and finally|lastly|last|later|"
        "followed by|subsequently|before finally|second|secondly|third|thirdly|once done|once that is done|when done|when you are done|once finished|"
        "when that is done|when you're done|once you're done|and finally|then finally|and lastly|following that|thereafter|at last|in the end|when you get there|once there|once you get there|when you arrive|once you arrive|when you are there|once you are there|when you're there|once you're there|when there|once arrived|upon arrival|on arrival|"
        "first|firstly|first of all|to begin with|to start|start by|starting by|begin by|and next|and afterwards|in turn|finish by|finish with|end by|end with|and finish by|and end by"
    },
    "AND": {None: "and|&|plus|as well as|and also|but"},
    "BEFORE": {None: "before|before you|prior to|before he|before she|before they|before it|right before you|just before you|just before|but not before you"},
    "AFTER": {
        None: "after|after you|only after|only after you|after having|but first|but only after you|right after you|but before that|but before you do|having|after he|after she|"
        "after they|but only after|just after|but not before"
    },
    "ANY_ORDER": {None: "in any order|in either order|in whatever order|in any order you like|in no particular order|the order does not matter|order does not matter|in whichever order"},
    "ONCE": {
        None: "once you have|once you|once|when you have|when you|when|as soon as you have|as soon as you|as soon as|once you've|when you've|"
        "as soon as you've|after you have|after you've|once you are|when you are|once you're"
    },
    "WHILE": {
        None: "while|while you|while you are|while you're|as you|as|as you are|while he is|while she is|while they are|whilst|all the while|"
        "while it is|while still|whilst you|while he|while they|as he|as she|as they|while simultaneously|as they are|as he is|while also|at the same time as", "also": "at the same time|simultaneously|and at the same time|and simultaneously"
    },
    "BEFORE_THAT": {None: "before that|but before that|beforehand|before doing that|before doing so|before this"},
    "SAME_TIME": {None: "at the same time|simultaneously|meanwhile|together|concurrently"},
    "UNTIL": {None: "until you reach|until you are at|until you get to|till you reach|until you arrive at|until you are next to|until reaching|until you're at|until you come to"},
    "CORRECT": {
        None: "no wait|wait no|no|no no|actually|i mean|i meant|sorry|no sorry|sorry no|oops|scratch that|or rather|rather|make that|"
        "correction|my mistake|actually no|no actually|wait actually|oh wait|oh no|hold on|forget that|cancel that|never mind|nevermind|on second thought|strike that|not that|no i mean|wait i mean|wait i meant|no i meant|no make that|sorry i mean|sorry i meant|i take that back|oh sorry|er|um|uh|better yet"
    },
    "INSTEAD": {None: "instead"},
    "DIRECTION": {
        "forward": "forward|forwards|ahead|straight ahead|straight|straight forward|frontward|onward|onwards|to the front|in front|in a straight line|"
        "forward in a straight line|in a straight line forward|directly forward|directly ahead|straight on|up ahead|straightforward",
        "backward": "backward|backwards|back|to the back|to the rear|rearward|rearwards|behind you|behind|backward in a straight line|straight back|straight backwards|"
        "straight backward|in reverse|behind yourself",
        "left": "left|to left|to the left|to your left|to the left side|to your left side|leftward|leftwards|to his left|to her left|to their left|to its left|"
        "your left|the left|left side|on the left|toward the left|towards the left|towards your left|toward your left|to my left|sideways to the left|left sideways|sideways left|sideways to his left|sideways to your left|to the left sideways|anticlockwise|counterclockwise|counter clockwise|anti clockwise|"
        "to the left hand side|over to the left|leftways|his left|their left|her left|a left|off to the left|over to your left|in a counterclockwise direction|in a clockwise manner to the left",
        "right": "right|to right|to the right|to your right|to the right side|to your right side|rightward|rightwards|to his right|to her right|to their right|to its right|"
        "your right|the right|right side|on the right|toward the right|towards the right|towards your right|toward your right|to my right|sideways to the right|right sideways|sideways right|sideways to his right|sideways to your right|to the right sideways|clockwise|"
        "to the right hand side|over to the right|rightways|his right|their right|her right|a right|off to the right|over to your right|in a clockwise direction",
        "around": "around|round|all around|about|completely around|right round|right around|the other way|the other way around|in the opposite direction|the opposite way|to face the other way|to face the opposite direction|to the opposite direction",
    },
    "LOCATION": {
        "left": "on your left|on the left|on your left side|on the left side|at your left|to your left|to the left|on your left hand side",
        "right": "on your right|on the right|on your right side|on the right side|at your right|to your right|to the right|on your right hand side",
        "front": "in front of you|in front|ahead of you|before you",
        "behind": "behind you|at your back|at the back",
    },
    "SIDE": {"left": "left", "right": "right"},
    "OPPOSITE": {None: "opposite"},
    "TO": {None: "to|towards|toward|up to|over to|at|into|all the way to|onto|to reach|to touch|on|in the direction of|over towards|over toward|near|close to|across to|up towards|back to|back at|straight to|as far as|to meet|to get to|back towards"},
    "BY": {None: "by|for|about|approximately|roughly|around|another|exactly|for about|a total of|for exactly|for another|for around|at most|for roughly|by about|a total of"},
    "WITH": {None: "with|using|by using|with the use of|use"},
    "LENGTH": {
        1.0: "metres|metre|meters|meter|m|mtr",
        0.01: "centimetres|centimetre|centimeters|centimeter|cm|cms",
        0.001: "millimetres|millimetre|millimeters|millimeter|mm",
        1000.0: "kilometres|kilometre|kilometers|kilometer|km",
        0.3048: "feet|foot|ft",
        0.0254: "inches|inch",
        0.9144: "yards|yard|yd|yds",
        1609.344: "miles|mile",
    },
    "SPEED_UNIT": {
        1.0: "metres per second|meters per second|metre per second|meter per second|m / s|m per s|metres a second|meters a second|metre a second|meter a second|mps",
        0.01: "centimetres per second|centimeters per second|cm / s|cm per second",
        1 / 3.6: "km / h|kilometres per hour|kilometers per hour|kph|kmh|km per hour|kilometers an hour|kilometres an hour",
        0.3048: "feet per second|foot per second|ft / s|feet a second",
        0.44704: "miles per hour|mph|miles an hour",
    },
    "DEGREES": {1.0: "degrees|degree|deg|°|degs", 180 / math.pi: "radians|radian|rad|rads", 180.0: "pi radians|pi radian|pi"},
    "TURN": {360.0: "in a full circle|in a circle|in a complete circle|in a full turn|turn|turns|circle|rotation|rotations|spin|revolution|revolutions|circles|full turn|full turns|full circle|full rotation|full rotations|complete turn|complete circle|complete rotation|whole turn|whole circle|full spin|full revolution|full 360|complete turns|full circles|full spins|circle in place",
             180.0: "half turn|half turns|about face|about turn|u turn|half circle|half rotation|half spin|180", 90.0: "quarter turn|quarter turns|right angle|quarter rotation|quarter circle|quarter spin", 270.0: "three quarter turn", 360.00001: "360"},
    "STEPS": {None: "steps|step|paces|pace|strides|stride|footsteps|footstep"},
    "SECONDS": {1.0: "seconds|second|s|sec|secs", 60.0: "minutes|minute|min|mins", 3600.0: "hours|hour"},
    "TIMES": {None: "times|time|repetitions|reps|more times|times in a row|times in total|more time"},
    "COUNT": {1: "once|one time only|only once|just once", 2: "twice|two times in a row", 3: "thrice"},
    "SPEED": {
        "slow": "slowly|slow|very slowly|at a slow pace|carefully|gently|leisurely|at a slow speed|at low speed|in slow motion|very slow|really slowly|gradually|sluggishly|at a leisurely pace|cautiously|quite slowly|at a snail's pace|with slow speed|slower|more slowly|at half speed|nice and slow|nice and slowly",
        "normal": "normally|at a normal pace|at normal speed|at a normal speed|at a regular pace|at a moderate pace|at a walking pace|at an average pace|at a steady pace|at medium speed|at your normal speed|at a medium pace",
        "fast": "quickly|fast|very quickly|very fast|rapidly|swiftly|quick|briskly|as fast as you can|as fast as possible|as quickly as possible|as quickly as you can|at full speed|at top speed|at a fast pace|at a brisk pace|hurriedly|in a hurry|at high speed|speedily|really fast|faster|at maximum speed|at a quick pace|at a rapid pace|really quickly|quite fast|hastily|more quickly|at a fast speed|with haste",
    },
    "SPEED_ADJECTIVE": {"slow": "slow", "fast": "quick|fast|rapid|brisk", "normal": "normal|regular"},
    "LIMB": {
        "arm": "hand|arm|hands|arms|fist|fists|hands and arms|palm|hand up|arm up|arms up|hands up|arms down|hands down|arm down|hand down|arms above your head|hands above your head|hand above your head|hand above his head|hands above his head|arm above his head|arms above his head|arm above your head|arms above their head|arm in the air|arms in the air|hands in the air|hand in the air|arms over your head|arms over his head|hands over your head|hand over your head|hands over his head|arms high|hand high|arm high",
        "leg": "foot|leg|feet|legs",
        "head": "head|heads|face|gaze|eyes",
    },
    "BOTH": {None: "both|both your|both of your|both the|both his|both her|both their|both of his|both of their|both of her|both of the|both of them|two"},
    "THE": {None: "the|your|its|his|her|their|my|that|this|these|those"},
    "A": {None: "a|an|one|another|some|any|a single"},
    "VAGUE": {None: "a few|several|some|a few more|many|a number of|multiple|a handful of|few|a couple more"},
    "NEAREST": {"nearest": "nearest|closest|the nearest|the closest", "farthest": "farthest|furthest|most distant|the farthest|the furthest"},
    "ORDINAL": {n: word for n, word in enumerate("first second third fourth fifth sixth".split(), start=1)},
    "SIZE": {
        "big": "big|large|bigger|biggest|larger|largest|huge|tall|tallest|giant|taller|great|long",
        "small": "small|little|smaller|smallest|tiny|short|shortest|mini|shorter",
    },
    "RELATION": {
        "left_of": "left of|to the left of|on the left of|to left of|on the left side of|at the left of|to the left side of",
        "right_of": "right of|to the right of|on the right of|to right of|on the right side of|at the right of|to the right side of",
        "behind": "behind|in back of|at the back of",
        "in_front_of": "in front of|before",
        "next_to": "next to|beside|near|near to|close to|by|adjacent to|alongside|at the side of|right next to|nearest to|closest to|nearby|touching",
    },
    "BETWEEN": {None: "between|in between"},
    "IT": {None: "it|them|that one|this one|him|that"},
    "START": {
        None: "start|the start|where you started|where it started|starting point|the starting point|your starting point|starting position|the starting position|"
        "your starting position|the beginning|where you began|where you were|where you came from|the origin|your original position|original position|the original position|your initial position|the initial position|"
        "where you started from|your start|your start position|the start position|home|where he started|where they started|where she started|his original position|their original position|"
        "his starting position|their starting position|the starting place|your starting place|where you first stood|where he began|where they began|his starting point|the place where you started|the place you started|the place where you began|"
        "the spot where you started|the spot where you began|the place you began|the point where you started|where you were at the start|where you were at the beginning|where you set off|where you stood at first|its starting point|its original position|where it began|starting place|starting spot|your starting spot|the starting spot|original spot|the original spot|original place|your original spot|your original place|where you stood|initial position|her original position|her starting position|the initial spot|where you stood at the start|where i told you to start|the place it began"
    },
    "REPEAT": {
        "all": "do that again|do it again|do this again|do that all again|do it all again|repeat that|repeat|repeat it|repeat this|and again|do it all over again|repeat everything|do everything again|repeat all of that|repeat the whole thing|"
        "repeats|does it again|does this again|does that again|do so again|and repeat|repeat the sequence|repeat the above|do the whole thing again|repeat all that|repeats this|repeats it|do that|do it|do all of that again|do all that again|repeat the whole sequence|do this|repeat all",
        "last": "repeat the last step|repeat the last one|do the last step again|repeat the last action|repeat the last move|repeat the previous step|do the last thing again|do the same|do the same thing|does the same|repeat your last step|repeat the last command|repeat the last thing|"
        "do the same again|do the last one again|repeat the previous action|one more time|once more|do the previous step again|do that last step again|repeat that last step|does the same thing|repeat the last instruction|repeat the same|repeat the same thing",
    },
    "LIGHT": {None: "do|give|make|take|perform|does|gives|makes|takes|performs|doing|giving|making|taking|performing|execute|have|did|gave|made|took|performed|executes|complete|completes|get|gets|got|getting|give me|show me|carry out|throw|throws|throwing|threw"},
    "NOT": {None: "not|don't|do not|never|doesn't|does not|didn't|won't|cannot|can't|dont|refrain from|avoid|stop yourself from|shouldn't|should not|must not|no longer", "without": "without"},
    "OR": {None: "or|either|or else"},
    "IF": {None: "if|unless|whenever|in case"},
    "IN_PLACE": {None: "in place|on the spot|on your own axis|where you are|where you stand|in your place|at the same spot|in one place"},
    "SOMETHING": {None: "something|an object|some object|an item|something up|objects|things"},
    "UP": {None: "up and down|high|up|down|high up|up high|upwards|up straight|above your head|overhead|over your head|in the air|above his head|above their head|over his head|over their heads|above her head|over her head|down to your side|to your side|to his side|to your sides|to his sides|by your side|by your sides|down by your side|down at your side|at your side|at your sides|by his side|by his sides|back down|up in the air|back to your side|back to your sides|at his sides|to their sides|to the side|up above his head|up above your head"},
    "HALF_MORE": {0.5: "and a half", 0.25: "and a quarter", 0.75: "and three quarters"},
}  # fmt: skip

_UNSUPPORTED = frozenset(
    "dance swim fly climb play sing throw catch eat drink talk speak say tell cook clean write draw read sleep lie crawl"
    " roll flip cartwheel somersault stretch clap shake swing balance skip juggle dribble box fight paint build carry hug"
    " kiss salute scratch stumble trip limp fall slide ski surf ride drive lunge twist bend lean stomp tap rub pull drag"
    " lift hold drop toss wipe wash cry laugh smile think explain answer calculate".split()
)
"""Verbs that people say and no Instruction can: for the error's code alone."""

_UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_UNITS += " seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL = {word: i for i, word in enumerate(_UNITS.split())}
_SMALL |= {word: 10 * i for i, word in enumerate(_TENS.split(), start=2)}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000}
_FRACTIONS = {"half": 0.5, "halves": 0.5, "quarter": 0.25, "quarters": 0.25, "third": 1 / 3, "thirds": 1 / 3}
_DOZENS = {"dozen": 12, "couple": 2, "pair": 2}

_IRREGULAR: dict[str, tuple[str, ...]] = {
    "run": ("ran",),
    "sit": ("sat",),
    "stand": ("stood",),
    "go": ("goes", "went", "gone"),
    "take": ("took", "taken"),
    "get": ("got",),
    "spin": ("spun",),
    "kneel": ("knelt",),
    "come": ("came",),
    "put": (),
    "set": (),
    "bend": ("bent",),
    "hold": ("held",),
    "rise": ("rose", "risen"),
    "throw": ("threw", "thrown"),
    "leap": ("leapt",),
    "do": ("does", "did", "done"),
    "face": ("faces", "faced", "facing"),
    "stick": ("stuck",),
    "stride": ("strode",),
}


def unsupported(word: str) -> bool:
    """Whether the word is of an action that people say and no Instruction can."""
    return any(word in inflections(verb) for verb in _UNSUPPORTED)


def inflections(phrase: str) -> set[str]:
    """A verb phrase in all its forms: "pick up" also as "picks up", "picking up" and "picked up"."""
    both = [_forms(part) for part in phrase.split(" and ")]
    return {" and ".join(forms) for forms in zip(*both, strict=False)}


def _forms(phrase: str) -> list[str]:
    verb, _, rest = phrase.partition(" ")
    consonant_y = verb.endswith("y") and verb[-2:-1] not in "aeiou"
    stem = verb[:-1] if verb.endswith("e") and not verb.endswith("ee") else verb
    doubled = stem + stem[-1] if re.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxy]", verb) else stem
    third = verb[:-1] + "ies" if consonant_y else verb + ("es" if re.search(r"(s|x|z|ch|sh|o)$", verb) else "s")
    past = verb[:-1] + "ied" if consonant_y else doubled + "ed"
    return [f"{form} {rest}".strip() for form in (verb, third, doubled + "ing", past, *_IRREGULAR.get(verb, ()))]


def phrases(verbs: Mapping[str, VerbWords]) -> Phrases:
    """Phrase (a tuple of words) to its tokens (kind, value)."""
    found = Phrases()
    for words in verbs.values():
        for phrase in words.words.get("en", ()):
            value = (words.verb, tuple(sorted(words.fixed.get(phrase, {}).items())))
            for form in inflections(phrase):
                found.add(form.split(), "VERB", value)
        for noun in words.nouns.get("en", ()):
            for form in (noun, f"{noun}es" if noun.endswith(("sh", "ch")) else f"{noun}s"):
                found.add(form.split(), "ACTION", words.verb)
    for kind, values in _PHRASES.items():
        for value, listed in values.items():
            for phrase in listed.split("|"):
                found.add(phrase.split(), kind, value)
    for value, listed in _PHRASES["SPEED"].items():
        for phrase in listed.split("|"):
            found.add(phrase.split(), "ADVERB", value)
    for name, listed_words in OBJECT_TYPES["en"].items():
        for word in listed_words:
            for form in (word, f"{word}es" if word.endswith("x") else f"{word}s"):
                found.add(form.split(), "NOUN", name)
    for name, listed_words in COLOR_WORDS["en"].items():
        for word in listed_words:
            found.add([word], "COLOR", name)
    for word in (*_SMALL, *_SCALES, *_FRACTIONS, *_DOZENS, "hundreds", "half", "point", "pi", "π", "/"):
        found.extra_words.add(word)
    return found


def numbers(words: Sequence[Word], start: int) -> Iterator[tuple[int, float]]:
    """Numbers in words from ``start`` on: (how many words, value), the longest last."""
    if words[start].text in ("pi", "π"):
        yield 1, math.pi
        if start + 2 < len(words) and words[start + 1].text == "/" and words[start + 2].number:
            yield 3, math.pi / float(words[start + 2].number or 1.0)
        return
    total, current, i, said = 0.0, 0.0, start, False
    while i < len(words):
        word = words[i].text
        if word in ("a", "an") and not said and i + 1 < len(words) and words[i + 1].text in (*_SCALES, *_DOZENS):
            current, said, i = 1.0, True, i + 1
            continue
        if word in _SMALL:
            current, said = current + _SMALL[word], True
        elif word in _SCALES and said:
            current *= _SCALES[word]
            if word != "hundred":
                total, current = total + current, 0.0
        elif word in _DOZENS and (said or word == "dozen"):
            current, said = (current or 1.0) * _DOZENS[word], True
            if i + 1 < len(words) and words[i + 1].text == "of":
                i += 1
        elif word == "and" and said and i + 1 < len(words) and words[i + 1].text in _SMALL and total + current >= 100:
            i += 1
            continue
        elif word == "point" and said and i + 1 < len(words) and words[i + 1].text in _SMALL:
            digits = 0
            for digits, later in enumerate(words[i + 1 :], start=1):
                if _SMALL.get(later.text, 10) > 9:
                    digits -= 1
                    break
                current += _SMALL[later.text] / 10**digits
            i += digits
        else:
            break
        i += 1
        if said:
            yield i - start, total + current
    if said and i + 2 < len(words) and words[i].text == "and":  # two and a half
        part = 2 if words[i + 1].text in ("a", "one", "an") else 1
        if words[i + part].text in _FRACTIONS:
            yield i + part + 1 - start, total + current + _FRACTIONS[words[i + part].text]
    yield from _fraction(words, start)


def _fraction(words: Sequence[Word], start: int) -> Iterator[tuple[int, float]]:
    """half, half a, a half, a quarter of a, three quarters of a"""
    i, amount = start, 1.0
    if words[i].text in ("a", "an", "one", "two", "three") and i + 1 < len(words):
        amount = float(_SMALL.get(words[i].text, 1))
        i += 1
    if words[i].text not in _FRACTIONS or (i == start and not words[i].text.startswith(("half", "quarter"))):
        return
    value = amount * _FRACTIONS[words[i].text]
    i += 1
    yield i - start, value
    if i < len(words) and words[i].text == "of":
        i += 1
    if i < len(words) and words[i].text in ("a", "an", "the"):
        i += 1
    yield i - start, value
