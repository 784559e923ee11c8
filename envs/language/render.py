"""Instruction to a canonical sentence, in English or Mandarin: ``parse(render(x)) == x``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from simonsays.envs.language.instruction import PLACE, START, Instruction, ObjectRef, Step
from simonsays.envs.language.vocabulary import colors, object_types, verbs

_ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth"]
_LIMBS = {"arm": "hand", "leg": "foot", "head": "head"}
_SPEED = {"slow": "slowly", "normal": "normally", "fast": "quickly"}
_AT = {"look": "at ", "turn": "to face ", "go_to": "to ", "wave": "to ", "bow": "to ", "nod": "to "}
_LOCATION = {"left": "on your left", "right": "on your right", "front": "in front of you", "behind": "behind you"}

_ZH_LIMBS = {"arm": "手", "leg": "脚", "head": "头"}
_ZH_SIDES = {"left": "左", "right": "右", "both": "双", None: ""}
_ZH_SPEED = {"slow": "慢慢地", "normal": "正常地", "fast": "快速地"}
_ZH_DIRECTION = {"forward": "向前", "backward": "向后", "left": "向左", "right": "向右", "around": "反方向"}
_ZH_LOCATION = {"left": "左边的", "right": "右边的", "front": "前面的", "behind": "后面的"}
_ZH_RELATION = {"left_of": "左边", "right_of": "右边", "behind": "后面", "in_front_of": "前面", "next_to": "旁边"}
_ZH_SIZE = {"big": "大的", "small": "小的"}
_ZH_RANK = {"nearest": "最近的", "farthest": "最远的"}


def render(instruction: Instruction, language: Literal["en", "zh"] = "en") -> str:
    """The canonical sentence of an instruction.

    Raises:
        ValueError: another language than "en" or "zh".
    """
    if language not in ("en", "zh"):
        raise ValueError(f"language {language!r}: use 'en' or 'zh'")
    one, then, at_once, both, free = (
        (render_step, ", then ", " and at the same time ", " and ", ", in any order")
        if language == "en"
        else (_zh_step, "，然后", "，同时", "和", "，顺序随意")
    )
    text = ""
    for i, step in enumerate(instruction.steps):
        joint = at_once if step.parallel_with_prev else both if instruction.unordered else then
        text += (joint if i else "") + one(step)
    return text + (free if instruction.unordered else "")


def _number(value: float) -> str:
    return f"{value:.12g}"


def _amounts(step: Step, form: Callable[[str, float], str]) -> list[str]:
    """What is measured, in the order in which it is said."""
    values = {
        "metres": step.distance_m,
        "degrees": step.angle_deg,
        "steps": step.steps if step.verb != "step" else None,
        "seconds": step.duration_s,
        "times": step.count,
    }
    return [form(name, value) for name, value in values.items() if value is not None]


# -- English -----------------------------------------------------------------------------------------------------


def render_step(step: Step) -> str:
    """One step in English: "walk forward 2 metres"."""
    words = verbs()[step.verb]
    parts = [words.canonical("en")]
    if step.verb == "go_to":
        parts = ["go"]
    elif step.verb == "step" and step.steps is not None:
        parts = ["take", _measured(step.steps, "steps")]
    if words.needs_limb:
        parts.append({None: "your arm", "both": "both arms"}.get(step.side, f"the {step.side} arm"))
    if step.object is not None:
        parts.append(_aimed(step))
    if step.direction:
        parts.append(step.direction)
    if step.side and not words.needs_limb:
        limb = _LIMBS[words.limb or "arm"]
        parts.append(
            f"with both {limb.replace('foot', 'feet').replace('hand', 'hands')}"
            if step.side == "both"
            else f"with the {step.side} {limb}"
        )
    parts += _amounts(step, _en_amount)
    if step.speed is not None:
        parts.append(
            _SPEED[step.speed] if isinstance(step.speed, str) else f"at {_measured(step.speed, 'metres')} per second"
        )
    return " ".join(parts)


def _en_amount(unit: str, value: float) -> str:
    return f"for {_measured(value, unit)}" if unit == "seconds" else _measured(value, unit)


def _measured(value: float, unit: str) -> str:
    return f"{_number(value)} {unit.removesuffix('s') if value == 1 else unit}"


def _aimed(step: Step) -> str:
    """The object of a step with its preposition, and what it is put next to or moved to."""
    ref = step.object
    assert ref is not None
    before = _AT.get(step.verb, "") if ref.type != PLACE else ""
    said = before + render_object(ref)
    if step.object2 is not None:
        said += f" {'next to' if step.verb == 'put_next' else 'to'} {render_object(step.object2)}"
    return said


def render_object(ref: ObjectRef) -> str:
    """A thing in English: "the nearest red ball next to the box"."""
    if ref.type == START:
        return "the start"
    words = []
    if ref.type != PLACE:
        words.append("the" if ref.definite else "a")
        if isinstance(ref.rank, int):
            words.append(_ORDINALS[ref.rank - 1] if ref.rank <= len(_ORDINALS) else f"{ref.rank}th")
        elif ref.rank:
            words.append(ref.rank)
        if ref.size:
            words.append(ref.size)
        if ref.location in ("left", "right"):
            words.append(ref.location)
        if ref.color:
            words.append(colors("en").get(ref.color, (ref.color,))[0])
        words.append(object_types("en").get(ref.type, (ref.type,))[0])
    if ref.location in ("front", "behind"):
        words.append(_LOCATION[ref.location])
    if ref.relation == "between" and ref.object is not None and ref.object2 is not None:
        words.append(f"between {render_object(ref.object)} and {render_object(ref.object2)}")
    elif ref.relation is not None and ref.object is not None:
        words.append(f"{ref.relation.replace('_', ' ')} {render_object(ref.object)}")
    return " ".join(words)


# -- Mandarin ----------------------------------------------------------------------------------------------------


def _zh_step(step: Step) -> str:
    words = verbs()[step.verb]
    verb = words.canonical("zh")
    parts = (
        [_ZH_SPEED[step.speed] if isinstance(step.speed, str) else f"以每秒{_number(step.speed)}米的速度"]
        if step.speed
        else []
    )
    if step.direction:
        around = step.verb == "turn" and step.direction == "around"
        parts.append("向后" if around else _ZH_DIRECTION[step.direction])
    if step.side and not words.needs_limb:
        parts.append(f"用{_ZH_SIDES[step.side]}{_ZH_LIMBS[words.limb or 'arm']}")
    target = _zh_object(step.object) if step.object is not None else ""
    if step.object2 is not None:
        moved = {"put_next": "放到", "push": "推到", "kick": "踢到"}.get(step.verb, verb)
        parts.append(f"把{target}{moved}{_zh_object(step.object2)}旁边")
    elif words.needs_limb:
        parts.append(f"{verb}{_ZH_SIDES[step.side]}手")
    elif step.verb in ("wave", "bow", "nod") and target:
        parts.append(f"对{target}{verb}")
    else:
        parts.append({"turn": "转向"}.get(step.verb, verb) + target if target else verb)
    if step.verb == "step" and step.steps is not None:
        parts.append(f"{_number(step.steps)}步")
    parts += _amounts(step, _zh_amount)
    return "".join(parts)


def _zh_amount(unit: str, value: float) -> str:
    return _number(value) + {"metres": "米", "degrees": "度", "steps": "步", "seconds": "秒", "times": "次"}[unit]


def _zh_object(ref: ObjectRef) -> str:
    if ref.type == START:
        return "起点"
    before = ""
    if ref.relation == "between" and ref.object is not None and ref.object2 is not None:
        before = f"{_zh_object(ref.object)}和{_zh_object(ref.object2)}之间"
    elif ref.relation is not None and ref.object is not None:
        before = _zh_object(ref.object) + _ZH_RELATION[ref.relation]
    if ref.type == PLACE:
        return before
    words = [f"{before}的" if before else "", "" if ref.definite else "一个"]
    if isinstance(ref.rank, int):
        words.append(f"第{'一二三四五六'[ref.rank - 1] if ref.rank <= 6 else ref.rank}个")
    elif ref.rank:
        words.append(_ZH_RANK[ref.rank])
    words.append(_ZH_SIZE.get(ref.size or "", ""))
    words.append(_ZH_LOCATION.get(ref.location or "", ""))
    if ref.color:
        words.append(colors("zh").get(ref.color, (ref.color,))[0] + "的")
    words.append(object_types("zh").get(ref.type, (ref.type,))[0])
    return "".join(words)
