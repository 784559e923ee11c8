"""Storyline: what a recording tells, instant by instant, in words: for films, replays and tables alike."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simonsays.assets import InputError
from simonsays.assets.notes import dataclass
from simonsays.sim.robots import get_robot
from simonsays.sim.state import Array
from simonsays.sim.trajectory import Trajectory

STATUSES = ("pending", "running", "success", "failure")
_SAME = 1e-6  # s
_LEAST = 0.05  # m: with less than that, nothing is to go
_LEAST_DEG = 2.0
_AT = 0.02  # m: nearer to a thing than that, a goal is the thing


@dataclass(frozen=True)
class StoryStep:
    """A step of the plan as it went. Times in s on the recording's clock; None: it did not begin or end."""

    text: str
    """in the language of the instruction, where the recording has it"""
    status: str = "pending"
    """how it ended: one of STATUSES"""
    reason: str = ""
    started: float | None = None
    ended: float | None = None
    goal: tuple[float, float, float] | None = None
    """x, y m, world, and radius m of a ring around where it goes or what it is about"""
    verb: str = ""
    """of its Instruction; empty where the recording does not say"""
    cameras: tuple[str, ...] = ("follow",)
    """those that show it well, by turns where the verb comes again"""
    things: tuple[str, ...] = ()
    """names of the props that it is about"""

    def status_at(self, time: float) -> str:
        """How it stands at a time (s): one of STATUSES."""
        if self.ended is not None and time >= self.ended - _SAME:
            return self.status
        return "running" if self.started is not None and time >= self.started - _SAME else "pending"


@dataclass(frozen=True, eq=False)
class Storyline:
    """What a recording tells. Recordings of every format have one; older ones without ``to_go`` and goals."""

    title: str
    """the instruction"""
    steps: tuple[StoryStep, ...]
    verdict: str
    """success or failure; empty where nothing was judged"""
    robot: str
    """the robot's title, like Unitree G1 (23 joints)"""
    policy: str
    seed: int | None
    scene: str
    time: Array
    """(T,) s"""
    step_index: NDArray[np.int64]
    """(T,)"""
    to_go: Array | None = None
    """(T, 3) forward m, left m, angle rad; NaN where nothing is to go"""
    prop_positions: Array | None = None
    """(T, P, 3) m, world"""
    things: tuple[int | None, ...] = ()
    """of each step: the place of the prop that its goal marks, which may move"""
    about: tuple[tuple[int, ...], ...] = ()
    """of each step: the places of the props that it is about"""
    notes: tuple[str, ...] = ()
    """words of the instruction that its reading passed over"""

    @classmethod
    def of(cls, recording: Trajectory) -> Storyline:
        """From a recording alone."""
        meta = recording.meta if isinstance(recording.meta, Mapping) else {}
        listed = meta.get("steps")
        told = [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []
        steps = tuple(_step(each, verb) for each, verb in zip(told, _verbs(told, meta), strict=True))
        things = tuple(_thing(step, recording) for step in steps)
        seed, robot = meta.get("seed"), _titles(recording)
        return cls(
            title=str(meta.get("instruction") or ""),
            steps=steps,
            verdict=str(meta.get("verdict") or _verdict(steps)),
            robot=robot,
            policy=str(meta.get("policy") or ""),
            seed=seed if isinstance(seed, int) else None,
            scene=str(meta.get("scene_name") or ""),
            time=recording.time,
            step_index=recording.step_index,
            to_go=_to_go(recording),
            prop_positions=recording.prop_positions,
            things=things,
            about=tuple(_about(step, thing, recording) for step, thing in zip(steps, things, strict=True)),
            notes=tuple(map(str, notes)) if isinstance(notes := meta.get("notes"), list) else (),
        )

    @property
    def seconds(self) -> float:
        """s, from the first instant to the last."""
        return float(self.time[-1] - self.time[0]) if len(self.time) else 0.0

    def facts(self, scene: bool = True) -> list[str]:
        """What it was run with, of what is known: robot, policy, ``scene``, seed and length."""
        said = [self.robot, self.policy and f"policy {self.policy}"]
        said += [f"scene {self.scene}"] if scene and self.scene else []
        said += [f"seed {self.seed}"] if self.seed is not None else []
        return [fact for fact in (*said, f"{self.seconds:.1f} s") if fact]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it failed, like ``walk forward 2 m: fell``."""
        return tuple(f"{step.text}: {step.reason}" for step in self.steps if step.reason)

    @property
    def passed_over(self) -> str:
        """What of the instruction is not in the plan, like ``passed over: “please”``; empty where nothing is."""
        otherwise = " or read otherwise" if any(" → " in note for note in self.notes) else ""
        return f"passed over{otherwise}: {', '.join(f'“{note}”' for note in self.notes)}" if self.notes else ""

    def step_at(self, index: int) -> int | None:
        """Place of the step that runs at an instant, the last one at the end; None where there is no plan."""
        return max(0, min(int(self.step_index[index]), len(self.steps) - 1)) if self.steps else None

    def statuses_at(self, index: int) -> tuple[str, ...]:
        """How each step stands at an instant."""
        return tuple(step.status_at(float(self.time[index])) for step in self.steps)

    def caption_at(self, index: int) -> tuple[str, str]:
        """What is done at an instant, in words, with its status; steps that are done at the same time together."""
        place = self.step_at(index)
        if place is None:
            return "", "pending"
        statuses = self.statuses_at(index)
        running = [step.text for step, status in zip(self.steps, statuses, strict=True) if status == "running"]
        return (" + ".join(running), "running") if running else (self.steps[place].text, statuses[place])

    def goal_at(self, index: int) -> tuple[float, float, float] | None:
        """Goal of the step that runs at an instant (x, y, radius m), of the last one that had one once all is done."""
        place = self.step_at(index)
        if place is None or self.steps[place].status_at(float(self.time[index])) == "pending":
            return None
        goal, thing = self.steps[place].goal, self.things[place] if self.things else None
        if goal is None or thing is None or self.prop_positions is None:
            return goal
        x, y = self.prop_positions[index, thing, :2].tolist()
        return x, y, goal[2]

    def to_go_at(self, index: int) -> tuple[float, float]:
        """What is left of the step: m, or else degrees; NaN where nothing is or nobody knows."""
        if self.to_go is None:
            return math.nan, math.nan
        forward, left, angle = (float(value) for value in self.to_go[index])
        distance, degrees = math.hypot(forward, left), abs(math.degrees(angle))
        if distance >= _LEAST:
            return distance, math.nan
        return math.nan, degrees if degrees >= _LEAST_DEG else math.nan

    def has_to_go(self, place: int) -> bool:
        """Whether at any instant of a step it is known what is left of it."""
        return self.to_go is not None and bool(np.isfinite(self.to_go[self.step_index == place]).any())

    def to_go_text(self, index: int) -> str:
        """The same in words: ``1.2 m to go`` or ``35° to go``; empty where nothing is."""
        metres, degrees = self.to_go_at(index)
        if not math.isnan(metres):
            return f"{metres:.1f} m to go"
        return "" if math.isnan(degrees) else f"{degrees:.0f}° to go"


def _thing(step: StoryStep, recording: Trajectory) -> int | None:
    """The place of the prop that stood where a step's goal was when it began."""
    if step.goal is None or step.started is None or recording.prop_positions.shape[1] == 0 or len(recording) == 0:
        return None
    index = min(int(np.searchsorted(recording.time, step.started - _SAME)), len(recording) - 1)
    away = np.hypot(*(recording.prop_positions[index, :, :2] - step.goal[:2]).T)
    nearest = int(np.argmin(away))
    return nearest if away[nearest] < _AT else None


def _about(step: StoryStep, thing: int | None, recording: Trajectory) -> tuple[int, ...]:
    """Places of the props that a step is about; recordings of before tell the one that its goal marks."""
    names = recording.prop_names.tolist()
    named = [names.index(name) for name in step.things if name in names]
    return tuple(dict.fromkeys([*named, *([] if thing is None else [thing])]))


def _titles(recording: Trajectory) -> str:
    """The robots' titles, of several after their names; as the recording says them where they are not known."""
    found = []
    for each in (recording, *recording.others):
        meta = each.meta if isinstance(each.meta, Mapping) else {}
        title = str(meta.get("robot") or "")
        with suppress(InputError):
            title = get_robot(title).title
        found.append(f"{meta.get('robot_name')}: {title}" if recording.others else title)
    return ", ".join(found)


def actors(recording: Trajectory) -> NDArray[np.int64]:
    """(T,) which robot acts: 0 the recording's own, then its others; who acted last goes on being shown."""
    names = [each.meta.get("robot_name") for each in (recording, *recording.others)]
    told = recording.meta.get("steps") if recording.others else None
    steps = [step for step in told if isinstance(step, Mapping)] if isinstance(told, list) else []
    owners = [names.index(who) if (who := step.get("robot")) in names else 0 for step in steps] or [0]
    found: NDArray[np.int64] = np.array(owners, np.int64)[recording.step_index.clip(0, len(owners) - 1)]
    return found


def _to_go(recording: Trajectory) -> Array | None:
    """What is left to go to whoever acts."""
    if not recording.others:
        return recording.to_go
    told = [each.to_go for each in (recording, *recording.others)]
    known = [each for each in told if each is not None]
    return np.array(known)[actors(recording), np.arange(len(recording))] if len(known) == len(told) else None


def _verbs(told: Sequence[Mapping[str, Any]], meta: Mapping[str, Any]) -> list[str]:
    """The verb of each step of a plan. Recordings of before say it in their Instruction alone, where steps with a count
    may stand for several."""
    said, found = meta.get("instruction_json"), list[str]()
    steps = said.get("steps") if isinstance(said, Mapping) else None
    for step in steps if isinstance(steps, list) else ():
        if isinstance(step, Mapping):
            count = step.get("count")
            texts = [each.get("text") for each in told[len(found) :][: count if isinstance(count, int) else 1]]
            repeated = len(texts) == count and all(text == texts[0] for text in texts)
            found += [str(step.get("verb") or "")] * (len(texts) if repeated else 1)
    found += [""] * len(told)
    return [str(each.get("verb") or verb) for each, verb in zip(told, found, strict=False)]


def _step(said: Mapping[str, Any], verb: str) -> StoryStep:
    status, text = str(said.get("status")), str(said.get("text") or "")
    return StoryStep(
        text=str(said.get("caption") or text),
        status=status if status in STATUSES else "pending",
        reason=str(said.get("reason") or ""),
        started=_number(said.get("started")),
        ended=_number(said.get("ended")),
        goal=_goal(said.get("goal")),
        verb=verb,
        cameras=_names(said.get("cameras")) or ("follow",),
        things=_names(said.get("things")),
    )


def _names(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()


def _number(value: Any) -> float | None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if good else None


def _goal(value: Any) -> tuple[float, float, float] | None:
    if not isinstance(value, list | tuple) or len(value) != 3:
        return None
    x, y, radius = map(_number, value)
    return None if x is None or y is None or radius is None else (x, y, radius)


def _verdict(steps: tuple[StoryStep, ...]) -> str:
    good = all(step.status == "success" for step in steps)
    return ("success" if good else "failure") if steps else ""
