"""Biovision's BVH: a skeleton of its own, and three angles of Euler a joint; of people as Mixamo, CMU and others name
their bones. Lengths are in any unit: the figure's own legs scale it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from simonsays.assets import InputError, did_you_mean
from simonsays.assets.notes import documented
from simonsays.assets.reading import read_text
from simonsays.sim.clips.figure import SIDES, Figure, Skeleton, check_finite, check_frames, figure
from simonsays.sim.clips.reading import clip_format
from simonsays.sim.kinematics import turns
from simonsays.sim.state import Array

_MOST_BONES, _MOST_BYTES = 400, 1 << 27
# Words for a bone, small letters alone, without what marks the side; the first that a file has is it. Who calls the
# upper arm a shoulder has no bone called arm.
_WORDS = {
    "hip": ("upleg", "thigh", "upperleg", "hip"),
    "knee": ("leg", "shin", "calf", "lowerleg", "lowleg", "knee"),
    "ankle": ("foot", "ankle"),
    "shoulder": ("arm", "upperarm", "uparm", "shldr", "shoulder"),
    "elbow": ("forearm", "lowerarm", "lowarm", "elbow"),
    "wrist": ("hand", "wrist"),
}
_PELVIS = ("hips", "hip", "pelvis", "root")
_CHESTS = ("upperchest", "chest2", "chest", "spine3", "spine2", "spine1", "spine")  # the highest of those there are
_CHANNELS = {f"{axis}{kind}": (kind, "XYZ".index(axis)) for axis in "XYZ" for kind in ("position", "rotation")}


@documented
class _Bone(NamedTuple):
    name: str
    parent: int
    offset: tuple[float, float, float]
    channels: tuple[str, ...]
    place: int
    """of its first channel in a frame"""


@clip_format(".bvh")
def bvh(file: Path, fps: float | None) -> Figure:
    """BVH of a person whose rest pose stands upright (y up), the bones by usual names (Mixamo, CMU).

    Raises:
        InputError: no such text, a bone that is missing, frames of another width, not finite, or a rest pose that does
            not stand.
    """
    if fps is not None:
        raise InputError(f"{file}: --fps: its line 'Frame Time' says it")
    words = _Words(file)
    bones = _hierarchy(words)
    step, frames = _motion(words, sum(len(bone.channels) for bone in bones))
    names = tuple(bone.name for bone in bones)
    roles = _roles(file, names)
    axes = _axes(file, bones, roles)
    rotations = np.stack([axes @ _turned(bone, frames) @ axes.T for bone in bones], axis=1)
    offsets = np.array([bone.offset for bone in bones]) @ axes.T
    skeleton = Skeleton(names, tuple(bone.parent for bone in bones), offsets)
    return figure(
        str(file),
        np.array([step * i for i in range(len(frames))]),
        skeleton,
        roles,
        rotations,
        _moved(bones[0], frames) @ axes.T,
    )


class _Words:
    """The words of a file, one after the other, each with its line."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._left = self._split(read_text(file, _MOST_BYTES))
        self.line = 1

    def _split(self, text: str) -> Iterator[tuple[int, str]]:
        for number, line in enumerate(text.split("\n"), start=1):
            for word in line.split():
                yield number, word

    def take(self, *expected: str) -> str:
        """The next word, which must be one of those that are expected, if any are."""
        self.line, word = next(self._left, (self.line, ""))
        if not word or (expected and word.lower() not in expected):
            found = f"{word[:40]!r}" if word else "the end of the file"
            raise self.wrong(f"{found} where {' or '.join(expected) or 'a word'} is expected")
        return word

    def number(self) -> float:
        """The next word as a finite number."""
        word = self.take()
        try:
            value = float(word)
        except ValueError:
            value = np.nan
        if not abs(value) < 1e6:
            raise self.wrong(f"{word[:40]!r} is no finite number, or far too large")
        return value

    def numbers(self, count: int) -> tuple[float, ...]:
        return tuple(self.number() for _ in range(count))

    def rest(self) -> list[tuple[int, str]]:
        return list(self._left)

    def wrong(self, what: str) -> InputError:
        return InputError(f"{self.file}, line {self.line}: {what}")


def _hierarchy(words: _Words) -> list[_Bone]:
    """The bones, parents first; ends of limbs have no channels."""
    words.take("hierarchy")
    words.take("root")
    bones, open_, place, name = list[_Bone](), list[int](), 0, words.take()
    while True:
        words.take("{")
        words.take("offset")
        x, y, z = words.numbers(3)
        channels: tuple[str, ...] = ()
        end = name.startswith("/")
        if not end:
            words.take("channels")
            count = int(words.number())
            if not 0 <= count <= 6:
                raise words.wrong(f"{count} channels of {name!r}: a bone has at most 6")
            channels = tuple(words.take(*map(str.lower, _CHANNELS)).capitalize() for _ in range(count))
        bones.append(_Bone(name, open_[-1] if open_ else -1, (x, y, z), channels, place))
        if len(bones) > _MOST_BONES:
            raise words.wrong(f"more than {_MOST_BONES} bones")
        open_.append(len(bones) - 1)
        place += len(channels)
        word = words.take("joint", "end", "}").lower()
        while word == "}":
            open_.pop()
            if not open_:
                return bones
            word = words.take("joint", "end", "}").lower()
        # The end of a limb is a bone without a name: no word of a file begins so where a name stands.
        name = words.take() if word == "joint" else f"/{words.take('site')}{len(bones)}"


def _motion(words: _Words, width: int) -> tuple[float, Array]:
    """s a frame, and the frames (T, width)."""
    words.take("motion")
    words.take("frames:")
    count = int(words.number())
    check_frames(str(words.file), count)
    words.take("frame")
    words.take("time:")
    step = words.number()
    if not 1e-3 <= step <= 1.0:
        raise words.wrong(f"Frame Time {step:g}: 0.001 to 1 s")
    rest = words.rest()
    if len(rest) != count * width:
        raise words.wrong(f"{len(rest):,} numbers follow: {count} frames of {width} channels have {count * width:,}")
    try:
        frames = np.array([word for _, word in rest], dtype=np.float64).reshape(count, width)
    except ValueError:
        line, word = next((line, word) for line, word in rest if not re.fullmatch(r"[-+0-9.eE]+", word))
        raise InputError(f"{words.file}, line {line}: {word[:40]!r} is no number") from None
    check_finite(f"{words.file}: MOTION", frames)
    return step, frames


def _turned(bone: _Bone, frames: Array) -> Array:
    """(T, 3, 3) of a bone in its parent's frame: the channels' rotations in their order, each about the turned axes."""
    found = np.broadcast_to(np.eye(3), (len(frames), 3, 3))
    for i, channel in enumerate(bone.channels):
        kind, axis = _CHANNELS[channel]
        if kind == "rotation":
            found = found @ turns(np.eye(3)[axis].tolist(), np.radians(frames[:, bone.place + i]))
    return found


def _moved(bone: _Bone, frames: Array) -> Array:
    """(T, 3) where the first bone is."""
    found = np.tile(np.array(bone.offset), (len(frames), 1))
    for i, channel in enumerate(bone.channels):
        kind, axis = _CHANNELS[channel]
        if kind == "position":
            found[:, axis] = frames[:, bone.place + i]
    return found


def _plain(name: str) -> str:
    """Small letters alone, without what programs put in front: ``mixamorig:LeftUpLeg`` is leftupleg."""
    return re.sub(r"[^a-z0-9]", "", re.split(r"[:|]", name)[-1].lower()).removeprefix("mixamorig").removeprefix("bip01")


def _roles(file: Path, names: tuple[str, ...]) -> dict[str, str]:
    """Bone by role."""
    plain = {_plain(name): name for name in reversed(names)}
    wanted = {"pelvis": _PELVIS, "chest": _CHESTS}
    for side in SIDES:
        for point, words in _WORDS.items():
            marks = [(f"{mark}{word}", f"{word}{mark}") for word in words for mark in (side, side[0])]
            wanted[f"{side}_{point}"] = tuple(name for both in marks for name in both)
    found = {role: next((plain[name] for name in words if name in plain), None) for role, words in wanted.items()}
    for role, name in found.items():
        if name is None:
            near = did_you_mean(wanted[role][0], plain)
            raise InputError(
                f"{file}: HIERARCHY: no bone is the {role.replace('_', ' ')}: name it {wanted[role][0]!r}{near}"
            )
    return {role: str(name) for role, name in found.items()}


def _axes(file: Path, bones: list[_Bone], roles: dict[str, str]) -> Array:
    """(3, 3) rows are the directions ahead, left and up of the rest pose in the file's own axes: y is up."""
    placed = list[Array]()
    for bone in bones:
        placed.append(np.array(bone.offset) + (placed[bone.parent] if bone.parent >= 0 else 0.0))
    at = {role: placed[next(i for i, bone in enumerate(bones) if bone.name == name)] for role, name in roles.items()}
    up, left = np.array([0.0, 1.0, 0.0]), at["left_hip"] - at["right_hip"]
    leg = 0.5 * (at["left_hip"] - at["left_ankle"] + at["right_hip"] - at["right_ankle"])
    left = left - up * (up @ left)
    if leg @ up < 0.8 * np.linalg.norm(leg) or not np.linalg.norm(left) > 0.02 * np.linalg.norm(leg):
        told = "in the rest pose (OFFSET) the legs do not hang down along -y beside each other"
        raise InputError(f"{file}: HIERARCHY: {told}: export it with a standing rest pose (a T-pose)")
    left /= np.linalg.norm(left)
    return np.array([np.cross(left, up), left, up])
