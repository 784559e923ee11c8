"""Words: those of the skills, which register their own, and those that belong to no skill."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

SLOTS = ("direction", "angle", "distance", "steps", "duration", "count", "speed", "side", "object", "object2")
FIELDS = {"angle": "angle_deg", "distance": "distance_m", "duration": "duration_s"}
"""A slot's field in a Step, where the names differ."""
_PIECES = re.compile(r"[()|]|[^()|]+")
"""an alternative that stands in no brackets"""


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
    return list(dict.fromkeys(_expand(iter(_PIECES.findall(pattern)))))


def _expand(pieces: Iterator[str]) -> list[str]:
    """The phrases up to the end, or to the bracket that closes the group."""
    found, now = list[str](), [""]
    for piece in pieces:
        if piece == ")":
            break
        if piece == "|":
            found, now = [*found, *now], [""]
        else:
            tails = _expand(pieces) if piece == "(" else [piece]
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
        "crouch|crouch down|(stay|remain) crouched|stay down|kneel|kneel down|duck|duck down|hunker down|stoop|get (down |)low|"
        "(get |go |drop |)(down |)(on|to|onto) (one knee|your knees|your knee|both knees|a knee|one of your knees)|"
        "take a knee|bend your knees|lower yourself|get down",
        "蹲|蹲下|蹲下来|跪下|下蹲",
    ),
    verb_words(
        "squat",
        "speed",
        "squat|squat down|(hold|holds|holding) a (squat|squatting|squatted) position",
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
        "kick",
        "object side direction object2 distance speed",
        "kick|boot|punt",
        "踢|踢一下|踢开|踢到",
        "kick|boot",
        "leg",
    ),
    verb_words(
        "push",
        "object side direction object2 distance speed",
        "push|shove|nudge",
        "推|推动|推开|推到|推一推|推推",
        "push|shove|nudge",
        "arm",
    ),
    verb_words(
        "pickup",
        "object side",
        "pick up|pick|grab|collect|fetch|grasp|retrieve|snatch|scoop up|gather|gather up|get hold of|take hold of|"
        "(bend|lean|stoop|reach|crouch|kneel|squat) (down |over |forward |)(and|to) (pick|pick up|grab|collect|get|take)",
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
        "follow|chase|go after|trail|track|pursue|tail|run after|come after|"
        "tag along (behind|with|after)|(stay|keep|stick) (close |right |)(behind|with|to)|keep up with|stay close to",
        "跟着|跟随|追|追着",
    ),
    verb_words(
        "step",
        "steps direction distance side speed",
        "step|sidestep|side step|side steps|side stepping|(take|takes|taking|took) (a |) (side step|sidestep|side steps|sidesteps)",
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

OBJECT_TYPES: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "ball": ("ball", "sphere", "football", "soccer ball"),
        "box": ("box", "cube", "crate", "block"),
        "cone": ("cone", "traffic cone"),
        "pillar": ("pillar", "column", "post", "pole", "cylinder"),
        "key": ("key",),
        "door": ("door",),
        "chair": ("chair", "stool"),
        "table": ("table", "desk"),
        "wall": ("wall",),
        "person": ("person", "human", "me", "us"),
        "object": ("object", "thing", "item", "one"),
    },
    "zh": {
        "ball": ("球", "圆球", "足球", "皮球"),
        "box": ("箱子", "盒子", "方块", "箱", "盒", "立方体", "纸箱"),
        "cone": ("锥", "锥子", "圆锥", "锥桶", "路锥", "锥体", "圆锥体", "雪糕筒", "三角锥"),
        "pillar": ("柱子", "柱", "圆柱", "立柱", "圆柱体"),
        "key": ("钥匙",),
        "door": ("门",),
        "chair": ("椅子",),
        "table": ("桌子",),
        "wall": ("墙", "墙壁"),
        "person": ("我", "人"),
        "object": ("东西", "物体"),
    },
}

COLOR_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        **{color: (color,) for color in ("red", "green", "blue", "yellow", "orange", "pink")},
        **{color: (color,) for color in ("white", "black", "brown")},
        "purple": ("purple", "violet"),
        "grey": ("grey", "gray"),
    },
    "zh": {
        name: (f"{word}色", word)
        for name, word in {
            "red": "红",
            "green": "绿",
            "blue": "蓝",
            "yellow": "黄",
            "orange": "橙",
            "pink": "粉",
            "white": "白",
            "black": "黑",
            "brown": "棕",
            "purple": "紫",
            "grey": "灰",
        }.items()
    },
}
COLOR_WORDS["zh"]["orange"] += ("橘色", "橘")
COLOR_WORDS["zh"]["brown"] += ("褐色",)
COLOR_WORDS["zh"]["pink"] += ("粉红色", "粉红")


# Things of a house, a street and a field: no scene has them yet, and a sentence may name them.
_MORE_ZH = {
    "cup": "杯子|水杯|茶杯|马克杯|杯",
    "bottle": "瓶子|水瓶|酒瓶|塑料瓶|瓶",
    "book": "书|书本|本子|笔记本",
    "lamp": "灯|台灯|电灯|路灯|落地灯",
    "sofa": "沙发|长沙发",
    "bed": "床|小床|床铺",
    "window": "窗户|窗子|窗|窗口",
    "tree": "树|大树|树木",
    "car": "车|汽车|小汽车|轿车|车子|小车",
    "bag": "包|袋子|书包|背包|手提包|包包|提包",
    "cabinet": "柜子|橱柜|衣柜|柜",
    "drawer": "抽屉",
    "shelf": "架子|书架|货架|置物架",
    "plant": "植物|盆栽|绿植",
    "flower": "花|花朵|鲜花",
    "phone": "手机|电话",
    "computer": "电脑|笔记本电脑|计算机",
    "television": "电视|电视机",
    "fridge": "冰箱",
    "plate": "盘子|碟子",
    "bowl": "碗",
    "spoon": "勺子|汤匙",
    "fork": "叉子",
    "knife": "刀|刀子|小刀",
    "pot": "锅|锅子",
    "bin": "垃圾桶|垃圾箱",
    "bucket": "桶|水桶|木桶",
    "basket": "篮子|筐子|筐",
    "hat": "帽子|帽",
    "shoe": "鞋子|鞋",
    "umbrella": "雨伞|伞",
    "pillow": "枕头|抱枕",
    "blanket": "毯子|被子",
    "carpet": "地毯",
    "mirror": "镜子",
    "clock": "时钟|闹钟|钟表",
    "picture": "画|图画|照片",
    "toy": "玩具",
    "doll": "娃娃|布娃娃|玩偶",
    "bear": "玩具熊|小熊|泰迪熊",
    "cat": "猫|小猫|猫咪",
    "dog": "狗|小狗|狗狗",
    "bird": "鸟|小鸟",
    "apple": "苹果",
    "banana": "香蕉",
    "pen": "笔|钢笔|圆珠笔",
    "pencil": "铅笔",
    "paper": "纸|白纸",
    "scissors": "剪刀",
    "hammer": "锤子|铁锤",
    "rope": "绳子|绳",
    "stick": "棍子|木棍|棒子",
    "stone": "石头|石块",
    "brick": "砖头|砖块|砖",
    "flag": "旗子|旗|旗帜|小旗",
    "sign": "牌子|标志|路牌|标志牌",
    "bench": "长椅|长凳",
    "fence": "栅栏|围栏",
    "bicycle": "自行车|单车|脚踏车",
    "bus": "公交车|公共汽车|巴士",
    "truck": "卡车|货车",
    "house": "房子|小屋",
    "screen": "屏幕|显示器",
    "button": "按钮",
    "curtain": "窗帘",
    "mat": "垫子|瑜伽垫",
    "tower": "塔",
    "toolbox": "工具箱",
    "suitcase": "行李箱|手提箱|箱包",
    "cart": "推车|小推车|手推车",
    "broom": "扫帚|扫把",
    "tin": "罐子|易拉罐",
    "vase": "花瓶",
    "candle": "蜡烛",
    "drum": "鼓",
    "piano": "钢琴",
    "guitar": "吉他",
    "balloon": "气球",
    "target": "靶子",
    "goal": "球门",
    "remote": "遥控器",
    "keyboard": "键盘",
    "towel": "毛巾",
    "board": "黑板|白板|板子",
    "statue": "雕像|雕塑",
    "tray": "托盘",
    "fan": "风扇|电风扇",
    "trolley": "购物车",
    "ball": "篮球|排球|网球|小皮球|球体|圆球体|乒乓球|高尔夫球|橡皮球",
    "box": "木箱|木箱子|纸盒|纸盒子|方块儿|正方体|积木|方盒子|方箱子|箱体",
    "cone": "锥筒|交通锥|路障|锥形桶|雪糕桶|交通锥筒|圆锥筒",
    "pillar": "圆柱子|石柱|柱体|杆子|立杆|杆|方柱|圆柱形|电线杆",
    "key": "锁匙|钥匙串",
    "door": "门口|大门|房门|大门口|木门|铁门",
    "chair": "凳子|椅|板凳|小凳子|木椅|座椅|座位",
    "table": "书桌|餐桌|茶几|桌|办公桌|台子|课桌|饭桌",
    "wall": "墙面|墙体|墙根",
    "person": "我们|男人|女人|小孩|孩子|老人|主人|男孩|女孩|小朋友|老师|客人",
    "object": "物品|物件|玩意儿",
}
_MORE_COLORS_ZH = {
    "red": "红颜色|大红色|鲜红色|鲜红",
    "green": "绿颜色|翠绿色|草绿色",
    "blue": "蓝颜色|天蓝色",
    "yellow": "黄颜色|金黄色",
    "orange": "橙黄色|橘黄色|橘红色|橙红色",
    "pink": "桃红色",
    "white": "白颜色|雪白色|雪白|纯白色",
    "black": "黑颜色|乌黑色|漆黑色|纯黑色",
    "brown": "咖啡色|褐|茶色|棕褐色",
    "grey": "银灰色",
}
for _more, _into in ((_MORE_ZH, OBJECT_TYPES), (_MORE_COLORS_ZH, COLOR_WORDS)):
    for _name, _words in _more.items():
        _into["en"].setdefault(_name, (_name,))
        _into["zh"][_name] = (*_into["zh"].get(_name, ()), *alternatives(_words))
