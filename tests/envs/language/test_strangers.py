"""Plain wording of people who have read no manual, and words that no list has."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pytest

from simonsays.envs.language import Instruction, ParseError, get_locale, parse
from simonsays.envs.language.en.wordnet import network
from simonsays.envs.language.tokens import KINDS
from simonsays.envs.language.vocabulary import verbs

EN = get_locale("en")


def meaning(text: str) -> Instruction:
    """What a text means, without what was passed over."""
    return replace(parse(text), notes=())


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("let's go ahead and have it walk two metres", "walk two metres"),
        ("now get it to shake hands with me", "shake hands with me"),
        ("I wish that you walk two metres", "walk two metres"),
        ("show our investors how it kicks the ball", "kick the ball"),
        ("walk over to pick up the ball", "pick up the ball"),
        ("turn around to wave at me", "turn around, wave at me"),
        ("ten seconds of clapping, then a bow", "clap for ten seconds, then bow"),
        ("walk until it reaches the wall", "go to the wall"),
        ("run after the ball", "follow the ball quickly"),
        ("kick the ball, then run after it", "kick the ball, then follow it quickly"),
        ("walk behind me", "follow me"),
        ("follow behind me", "follow me"),
        ("come and sit beside me", "go to me, then sit down"),
        ("walk in a square, turning left", "walk in a square to the left"),
        ("hand me the cup, the red one, not the blue one", "hand me the red cup"),
        ("walk with your arms crossed", "walk while you cross your arms"),
        ("walk backwards without turning around", "walk backwards"),
        ("forget the ball, wave", "wave"),
        ("turn around and walk two steps in the opposite direction", "turn around and walk two steps"),
        ("make a wide circle around the chair", "walk around the chair"),
        ("first turn left, as second bow", "turn left, then bow"),
        ("jump really really high", "jump as high as you can"),
        ("if you could just raise your left hand", "raise your left hand"),
        ("a person is pushed from the left and takes two steps right", "take two steps to the right"),
        ("someone who stood by the table bows", "bow"),
        ("stand up using your left hand", "stand up"),
        ("边走边招手，走四米", "一边走四米一边招手"),
        ("转圈圈，转三圈", "转三圈"),
        ("抬左腿踢一下", "用左脚踢一下"),
        ("跳个舞，跳完再转一圈", "跳舞，然后转一圈"),
        ("踢那个红球，使劲踢", "使劲踢红球"),
        ("快跑，跑到树那边", "跑到树那边"),
        ("跟在我后面", "跟着我"),
        ("给大家鞠个躬", "向大家鞠个躬"),
        ("能不能先看它转一圈", "转一圈"),
        ("再鼓三下掌", "鼓掌三次"),
        ("find the red ball and stand by it", "go to the red ball"),
        ("walk straight on three metres", "walk forward three metres"),
        ("move to the right, sideways, one and a half metres", "walk right 1.5 metres"),
        ("what I'd like you to do is walk over to the, uh, the red box", "go to the red box"),
        ("okay and then maybe you could crouch", "crouch"),
        ("see that green ball over there go and kick it", "kick the green ball"),
        ("take two steps forward, one to the left", "take two steps forward, then take one step to the left"),
        ("take some steps to the left", "take a few steps to the left"),
        ("walk in a circle of two metres radius", "walk in a circle with a radius of two metres"),
        ("walk in a figure eight for two laps", "walk in a figure eight twice"),
        ("circle the table, clockwise", "walk around the table clockwise"),
        ("follow a curve to the right, covering 90 degrees", "walk in a 90 degree curve to the right"),
        ("set your speed to 0.5 m/s and walk two metres", "walk two metres at 0.5 m/s"),
        ("crouch down beside the cone", "go to the cone, then crouch"),
        ("step aside by one metre to the left", "step one metre to the left"),
        ("fetch me the ball", "bring me the ball"),
        ("raise your left arm, after lower it", "raise your left arm, then lower it"),
        ("give me the cup that is red", "give me the red cup"),
        ("freeze like a statue", "freeze"),
        ("turn you to the left side", "turn left"),
        ("wave with the hand left", "wave with your left hand"),
        ("throw your arms up in triumph", "raise both arms"),
        ("stand on one leg for five seconds", "lift one leg for five seconds"),
        ("jump jump jump", "jump three times"),
        ("grab the cup from the table", "pick up the cup that is on the table"),
        ("take the ball out of the box", "pick up the ball that is in the box"),
        ("fetch the bag from behind the sofa", "pick up the bag behind the sofa"),
        ("go to the door and open", "go to the door and open it"),
        ("take the box, then give me", "take the box, then give it to me"),
        ("take the ball and throw to me", "take the ball and throw it to me"),
        ("with the left foot kick the ball", "kick the ball with the left foot"),
        ("punch twice, left and right", "punch with the left hand, then punch with the right hand"),
        ("dance, and make it a happy dance", "dance happily"),
        ("turn around so everyone can see you", "turn around"),
        ("my hands are full so can you open that door", "open that door"),
        ("show us how fast you can run", "run as fast as you can"),
        ("he turns left in five steps", "turn left"),
        ("a person performs a waving motion", "wave"),
        ("kick something in front of him", "kick something forward"),
        ("stay on the left foot", "lift the right leg"),
        ("给我红色的杯子", "把红色的杯子递给我"),
        ("拿起瓶子给我", "拿起瓶子，然后把它递给我"),
        ("快跑快跑", "快跑"),
        ("把椅子搬到门口放下", "把椅子搬到门口，然后把它放下"),
        ("出三拳：左、右、左", "左手出拳，右手出拳，左手出拳"),
        ("向左转身", "左转"),
        ("窗户打开吧有点热", "打开窗户"),
        ("找到红球，站在它旁边", "走到红球旁边"),
        ("让它绕着桌子走一圈", "绕着桌子走一圈"),
        ("在桌子后面挥手", "走到桌子后面，然后挥手"),
        ("把红球拿过来给我", "把红球搬过来给我"),
        ("速度调到每秒零点五米，往前走五米", "以每秒零点五米的速度往前走五米"),
        ("沿逆时针方向走一个半径1米的圆", "walk in a circle to the left with a radius of 1 m"),
        ("跟张经理握个手", "握手"),
        ("某人斜着向右前方走去", "斜着向右前方走"),
        ("走上楼梯", "爬上楼梯"),
    ],
)
def test_what_is_said_otherwise_means_the_same(said: str, plain: str) -> None:
    assert meaning(said) == meaning(plain)


@pytest.mark.parametrize(
    "text",
    [
        "wait until the ball stops",  # a condition, and no way to the ball
        "walk until the ball stops",
        "walk forward until you see a red ball",
        "dance like a footballer with the ball",
        "walk like a giraffe",
        "walk from the door to the window",
        "go to the ball, and make it open",
        "jump on the box",
        "walk sideways",
        "看到红球就停下",
    ],
)
def test_what_changes_the_motion_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        parse(text)


def test_a_word_is_read_by_its_neighbours_and_the_reading_is_told() -> None:
    told = parse("walk to the crimson sphere")
    assert told.steps[0].object is not None
    assert (told.steps[0].object.type, told.steps[0].object.color) == ("ball", "red")
    assert told.notes == ("crimson → red",)
    assert parse("follow that chap").notes == ("chap → person",)
    accordion = parse("walk to the accordion").steps[0].object
    assert accordion is not None and accordion.type == "accordion"
    assert parse("point accusingly at the cone").notes == ("accusingly",)
    assert parse("kick the shiny ball").notes == ("shiny",)


def test_a_verb_that_is_like_another_is_refused_by_its_name() -> None:
    with pytest.raises(ParseError, match=r"'hobble'.*walk") as refused:
        parse("hobble to the door")
    assert refused.value.code == "unsupported_skill" and refused.value.suggestions == ("walk",)


def test_the_network_holds_what_is_used() -> None:
    known: dict[str, Collection[str]] = {
        "COLOR": EN.things["colors"],
        "NOUN": EN.things["types"],
        network.NEAR: verbs(),
    }
    table = network._table()
    assert len(table) > 5000
    for word, senses in table.items():
        for kind, value, own in senses:
            assert kind == network.NEAR or kind in KINDS
            assert own or kind not in known or value in known[kind], (word, kind, value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a human is pushed", "unsupported_skill"),
        ("push the chair under the table", "unsupported_skill"),
        ("carry the box to the right", "nonsense"),
        ("move your left hand in a circle", "unsupported_skill"),
        ("转身背对观众", "unsupported_skill"),
    ],
)
def test_what_cannot_be_meant_so_is_refused(text: str, code: str) -> None:
    with pytest.raises(ParseError) as refused:
        parse(text)
    assert refused.value.code == code


def test_what_befalls_one_is_noted_beside_what_is_done() -> None:
    found = parse("a person walks forward and gets pushed by someone")
    assert [step.verb for step in found.steps] == ["walk"] and "gets pushed by someone" in found.notes
