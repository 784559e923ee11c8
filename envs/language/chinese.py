"""Mandarin: words and numerals as typed tokens for the grammar (chinese.lark). A "word" here is one character."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from simonsays.envs.language.tokens import Phrases, Word
from simonsays.envs.language.vocabulary import COLOR_WORDS, OBJECT_TYPES, VerbWords

GRAMMAR = "chinese.lark"
JOINER = ""

_VARIANTS = {"着": "着", "著": "着", "牠": "它", "祂": "它", "妳": "你", "週": "周", "裏": "里", "乾": "干"}

_SIDES = {"left": "左", "right": "右"}
_WAYS = {
    "forward": ("前", "前方", "前面"),
    "backward": ("后", "后方", "后面"),
    "left": ("左", "左边", "左侧", "左面", "左方"),
    "right": ("右", "右边", "右侧", "右面", "右方"),
}
_OWN = ("", "你的", "它的", "自己的", "你", "我的")

_PHRASES: dict[str, dict[object, str]] = {
    "FILLER": {
        None: "请|请你|请您|麻烦你|麻烦您|麻烦|帮我|帮忙|能不能|可以|可不可以|能否|你能|你能不能|你可以|可否|好吗|可以吗|行吗|好不好|好么|吧|呀|啊|哦|呢|嘛|啦|"
        "机器人|谢谢|谢谢你|谢谢您|谢了|多谢|你|您|我要你|我想让你|我想请你|我希望你|让|给我|了|地|的|现在|马上|立刻|立即|一下|一点|一点点|一点儿|点儿|一些|完|的速度|速度|那么|好|好的|嘿|喂|劳驾|对着我|对我|向我|跟我|"
        "向大家|朝我|向观众|对大家|跟大家|一会儿|一会|片刻|大约|大概|约|差不多|左右|轻轻|稍微|稍|想|要|试着|赶紧|赶快|起来|过来|过去|下来|下去|直接|只|只要|就行|就好|即可|辛苦了|拜托|拜托你|"
        "着|整个|全部|都|那边的|这里的|场景里的|地上的|看一下|哈|喔|诶|哎|嗯|那|一直|继续|开始|准备|尽量|随便|打个招呼|打招呼|小心|小心地|稳稳地|稳稳|身子|身体|身|把身体|有点|共|一共|总共|先后"
    },
    "SUBJECT": {None: "机器人|一个人|这个人|那个人|他|她|小人|这个机器人|有人|男人|女人|一名男子|一个男人|一个女人|人物|一位男士|一位女士|一名女子|西蒙|某人"},
    "THEN": {
        None: "然后|接着|接下来|之后|随后|再|最后|就|后|先|首先|第一|第二|第三|其次|紧接着|以后|完后|完之后|完以后|然后再|接着再|最后再|之后再|以后再|再接着|随即|便|完了|第一步|第二步|第三步|到了之后|到达之后|到了以后|"
        "到那里之后|到那儿之后|到了那里|到了那儿|到了|后再|后就|之后就|最终|末了|完再|才|等到了|到达后|到了后|再然后|等你|等"
    },
    "AND": {None: "和|并|并且|而且|跟|与|以及|还有|也|又|及|再加上"},
    "AND_THING": {None: "和|跟|与|及"},
    "WHILE": {None: "一边|边|同时|的同时|一面|的时候|时|的同时也|并同时|同时也|同时还"},
    "BEFORE_THAT": {None: "之前|以前|前先|之前先|以前先|之前要先|前要先|在此之前|在这之前|不过先|但先|但是先|但要先"},
    "CORRECT": {None: "不对|不是|错了|说错了|哦不|啊不|我是说|我的意思是|改成|应该是|不不|不 ,|不对不对|等等 , 不对|等一下 , 不对|我说错了|哎不|噢不|不 不|更正|更正一下|还是|算了|等等|不对 , 是|不是 , 是|不 , 是|不对 , 应该是|不 , 应该是|不 , 还是|算了 , 还是|说错了 , 是|不对 , 我是说"},
    "OR": {None: "或|或者|或是|要么|还是说"},
    "IF": {None: "如果|假如|要是|除非|若"},
    "DIRECTION": {"right": "顺时针|顺时针方向|按顺时针|按顺时针方向|沿顺时针", "left": "逆时针|逆时针方向|按逆时针|按逆时针方向|沿逆时针", "forward": "一直往前|一直向前|笔直|笔直向前|笔直往前|直着|直直地|直|朝前|径直|径直向前|直直", "backward": "倒着|倒着往后", "around": "反方向|向反方向|往反方向|朝反方向|掉头"},
    "POST_DIRECTION": {"around": "四周|周围|一周|背后|身后|后面|四处", "left": "左|左边|左面|左侧|左手边", "right": "右|右边|右面|右侧|右手边", "forward": "前|前面|前方", "backward": "身后|后方"},
    "SIDE": {"left": "左|左边的|左侧的|左面的|左边|左侧|左手边的|你左边的|左边那个|左边那|你左侧的|左方的", "right": "右|右边的|右侧的|右面的|右边|右侧|右手边的|你右边的|右边那个|右边那|你右侧的|右方的", "front": "前面的|你前面的|前方的|面前的|你面前的|前边的", "behind": "后面的|你后面的|身后的|你身后的|后方的|背后的|你背后的|后边的"},
    "TO": {None: "到|向|往|朝|朝着|向着|往着|对着|对|朝向"},
    "WITH": {None: "用|使用|伸出|伸"},
    "BA": {None: "把|将"},
    "LENGTH": {1.0: "米|公尺", 0.01: "厘米|公分", 0.001: "毫米", 1000.0: "公里|千米", 0.3048: "英尺", 0.0254: "英寸", 0.9144: "码"},
    "PER_SECOND": {None: "每秒|以每秒|每秒钟|以每秒钟|每秒的速度|每秒钟的速度"},
    "DEGREES": {1.0: "度", 57.29577951308232: "弧度"},
    "TURN": {360.0: "圈|整圈|周|个圈|大圈"},
    "STEPS": {None: "步|小步|大步"},
    "SECONDS": {1.0: "秒|秒钟", 60.0: "分钟|分", 3600.0: "小时"},
    "TIMES": {None: "次|下|遍|回|个回合"},
    "SPEED": {
        "slow": "慢|慢点|慢一点|慢些|慢慢|慢慢地|慢慢的|慢一些|得慢一点|得慢点|缓慢",
        "fast": "快|快点|快一点|快些|快速|快一些|得快一点|得快点|飞快|得快些|快步",
        "normal": "正常速度|得正常",
    },
    "ADVERB": {
        "slow": "慢慢|慢慢地|慢慢的|缓慢|缓慢地|缓缓|缓缓地|慢速|慢点|慢一点|小心翼翼地|慢些|慢|轻轻地|放慢速度|慢悠悠地|徐徐|缓步",
        "fast": "快|快速|快速地|迅速|迅速地|快点|快一点|赶快地|飞快地|飞快|尽快|尽快地|快快地|快些|快快|全速|以最快的速度|用最快的速度|快步|尽可能快地|加快速度",
        "normal": "正常地|以正常速度|用正常速度|按正常速度|匀速",
    },
    "LIMB": {"arm": "手|手臂|胳膊|臂|拳|手掌|拳头", "leg": "脚|腿", "head": "头|脑袋|头部"},
    "BOTH": {None: "双|两只|两个|两条|一双|两"},
    "THE": {None: "那个|这个|那|这|那只|那根|那扇|这扇|这只|你的|你|自己的|那把|这把|那个的|刚才的|刚才那个|该"},
    "A": {None: "一个|一只|一根|一扇|某个|任意一个|随便一个|一把|任何一个|个|随便哪个"},
    "VAGUE": {None: "几|好几|若干|数"},
    "MEASURE": {None: "个|只|根|扇|把|条|号|颗|名|块"},
    "NEAREST": {"nearest": "最近的|离你最近的|最近|离我最近的|最靠近的|离自己最近的|距离最近的|离你最近|最近那个", "farthest": "最远的|离你最远的|最远|离我最远的|距离最远的|最远那个"},
    "ORDINAL": {n: f"第{c}个|第{c}近的|第{c}" for n, c in enumerate("一二三四五六", start=1)},
    "SIZE": {"big": "大|大的|最大的|较大的|大个的|比较大的|高的|大号的|大号|更大的|高", "small": "小|小的|最小的|较小的|小个的|比较小的|矮的|小号的|小号|更小的|矮"},
    "RELATION": {
        "left_of": "左边|左侧|的左边|的左侧|的左面|左面",
        "right_of": "右边|右侧|的右边|的右侧|的右面|右面",
        "behind": "后面|后边|的后面|的后边|背后|的背后|后方|的后方",
        "in_front_of": "前面|前边|的前面|的前边|前方|的前方",
        "next_to": "旁边|旁|的旁边|那里|那儿|那边|跟前|面前|附近|的附近|身边|边上|的边上|处|这里|这边|的面前|的跟前|的身边|那|去|的位置|所在的位置|所在的地方",
    },
    "BETWEEN": {None: "之间|中间|的中间"},
    "IT": {None: "它|这个东西|那个东西|他|她"},
    "START": {None: "起点|原点|原来的地方|原来的位置|出发点|出发的地方|开始的地方|最初的位置|起始位置|刚才的地方|原地|初始位置|一开始的地方|起始点|出发位置|原位|原处|一开始的位置|最开始的地方|最开始的位置|刚开始的地方|起点处|开始的位置|最初的地方|出发地|刚才出发的地方|刚开始的位置|你出发的地方|开始的那个地方|原先的位置|原先的地方"},
    "REPEAT": {
        "all": "重复一遍|重复|再来一遍|把刚才的动作再做一遍|重复刚才的动作|重做一遍|再做一遍|全部重复|从头再来一遍|全部再做一遍|刚才的动作再做一遍|把刚才的再做一遍|再重复一遍|再来一次|再做一次|重复一次|再来一回|再重复一次|把刚才的动作重复|把刚才的动作重复一遍|再来",
        "last": "重复上一步|重复最后一步|再做一遍上一步|重复上一个动作|重复最后一个动作|上一步再做一遍|再做一次上一步|把上一步再做一遍|重复前一步|把最后一步再做一遍|重复最后的动作",
    },
    "LIGHT": {None: "做|做出|来|给|进行|打|出"},
    "NOT": {None: "不要|别|不许|不能|不可以|没有|不用|不必|不准|不得|甭|勿|请勿|不"},
    "IN_PLACE": {None: "原地|在原地|就地"},
    "UP": {None: "高|高高|高高地|起"},
    "HALF_MORE": {0.5: "半|五", 0.2: "二", 0.3: "三", 0.6: "六", 0.8: "八"},
}  # fmt: skip

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
_UNSUPPORTED = ("跳舞", "游泳", "飞", "唱歌", "爬", "扔", "吃", "喝", "说话", "跳绳", "翻", "躺")


@cache
def _converter() -> Any:
    import opencc  # its tables take 10 ms, and English does without

    return opencc.OpenCC("t2s")


def simplified(text: str) -> str:
    """The text in simplified characters, place for place."""
    return "".join(_one(character) for character in text)


@lru_cache(maxsize=4096)
def _one(character: str) -> str:
    made = str(_converter().convert(character)) if "\u3400" <= character <= "\u9fff" else character
    return _VARIANTS.get(made, made) if len(made) == 1 else character


def unsupported(word: str) -> bool:
    """Whether the word is of an action that people say and no Instruction can."""
    return any(phrase.startswith(word) for phrase in _UNSUPPORTED)


def phrases(verbs: Mapping[str, VerbWords]) -> Phrases:
    """Phrase (a tuple of characters) to its tokens (kind, value)."""
    found = Phrases()

    def add(phrase: str, kind: str, value: object) -> None:
        found.add([character for character in phrase if character != " "], kind, value)

    for words in verbs.values():
        for phrase in words.words.get("zh", ()):
            add(phrase, "VERB", (words.verb, tuple(sorted(words.fixed.get(phrase, {}).items()))))
        for noun in words.nouns.get("zh", ()):
            add(noun, "ACTION", words.verb)
    for kind, values in _PHRASES.items():
        for value, listed in values.items():
            for phrase in listed.split("|"):
                add(phrase, kind, value)
    for name, ways in _WAYS.items():
        for way in ways:
            for before in (
                "向",
                "往",
                "朝",
                "向着",
                "朝着",
                "往着",
                "向你的",
                "往你的",
                "朝你的",
                "向你",
                "向自己的",
                "从",
            ):
                add(f"{before}{way}", "DIRECTION", name)
            if name in _SIDES:
                add(f"在你{way}的", "SIDE", name)
    for limb, listed in (("arm", "手|手臂|胳膊|臂"), ("leg", "脚|腿")):
        for value, sides in {"left": "左", "right": "右", "both": "双|两只|两"}.items():
            for side in sides.split("|"):
                for word in listed.split("|"):
                    add(f"{side}{word}", "PRE_LIMB", (limb, value))
    for kind, text in (("RELATION", "的"), ("BETWEEN", "的")):
        for value, listed in _PHRASES[kind].items():
            for phrase in listed.split("|"):
                if phrase not in ("那", "去"):
                    add(phrase + text, f"{kind}_DE", value)
                    add(f"{phrase}那个", f"{kind}_DE", value)
    for name, listed_words in OBJECT_TYPES["zh"].items():
        for word in listed_words:
            add(word, "NOUN", name)
    for name, listed_words in COLOR_WORDS["zh"].items():
        for word in listed_words:
            for form in (word, f"{word}的"):
                add(form, "COLOR", name)
    found.extra_words |= {*_DIGITS, *_POWERS, "半", "点", "分", "之"}
    return found


def numbers(words: Sequence[Word], start: int) -> Iterator[tuple[int, float]]:
    """Numerals from ``start`` on: (how many characters, value)."""
    total, digit, i, said = 0.0, -1.0, start, False
    while i < len(words):
        text = words[i].text
        if text in _DIGITS:
            if digit > 0:
                break
            digit, said = float(_DIGITS[text]), True
        elif text in _POWERS:
            total = (
                (total + max(digit, 0)) * 10_000
                if text == "万"
                else total + (digit if digit > 0 else 1.0) * _POWERS[text]
            )
            digit, said = -1.0, True
        else:
            break
        i += 1
    if i + 2 < len(words) and said and [word.text for word in words[i : i + 2]] == ["分", "之"]:
        whole = total + max(digit, 0.0)
        for length, part in numbers(words, i + 2):
            yield i + 2 + length - start, part / (whole or 1.0)
        return
    if not said:
        if words[start].text == "半" and (start + 1 >= len(words) or words[start + 1].text != "径"):
            measured = start + 1 < len(words) and words[start + 1].text == "个"
            yield (2 if measured else 1), 0.5
        return
    value = total + max(digit, 0.0)
    if i + 1 < len(words) and words[i].text == "点" and words[i + 1].text in _DIGITS:
        i += 1
        scale = 1.0
        while i < len(words) and words[i].text in _DIGITS:
            scale /= 10
            value += _DIGITS[words[i].text] * scale
            i += 1
    softened = i - start == 1 and words[start].text == "一" and i < len(words) and words[i].text == "下"
    if not softened:  # 一下 only softens what is asked
        yield i - start, round(value, 6)
    if i < len(words) and words[i].text == "个" and i + 1 < len(words) and words[i + 1].text == "半":
        yield i + 2 - start, value + 0.5
