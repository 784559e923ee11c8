"""simonsays.testing on terms, judges and languages: those of the house hold, and what does not is named."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simonsays.envs.events import EVENTS, Event, register_event
from simonsays.envs.language import known, locales, register_locale
from simonsays.envs.observations import BLOCKS, block
from simonsays.envs.rewards import REWARDS, reward
from simonsays.envs.skills import skills
from simonsays.envs.stage import Stage
from simonsays.envs.terminations import TERMINATIONS, termination
from simonsays.experiments.benchmark import judge
from simonsays.experiments.benchmark.judge import OK, Finding, verb_tests
from simonsays.experiments.benchmark.judge_gestures import TESTS
from simonsays.experiments.say import SayResult, run_instruction
from simonsays.testing import (
    check_block,
    check_event,
    check_judge,
    check_locale,
    check_recording,
    check_reward,
    check_termination,
)

CHECKS = [(check_reward, REWARDS), (check_termination, TERMINATIONS), (check_block, BLOCKS)]
HAPPENS: dict[str, dict[str, Any]] = {
    "arms": {"share": 0.8},
    "blow": {"force": 200.0, "seconds": 0.2},
    "cue": {"seconds": (0.1, 0.2)},
    "friction": {"range": (0.5, 1.0)},
    "ground": {"slope_deg": (0.0, 5.0), "flat": 0.0},
    "hands": {"mass": (-0.5, 0.5)},
    "initial_velocity": {"on": True},
    "joint_friction": {"loss": (0.0, 2.0), "damping": (0.0, 1.0)},
    "joint_noise": {"deviation": 0.1},
    "latency": {"share": 0.5},
    "motors": {"gains": (0.9, 1.1), "armature": (0.9, 1.1)},
    "payload": {"mass": (0.0, 3.0)},
    "push": {"speed": 0.5},
    "torque_delay": {"share": 0.5},
}


@pytest.mark.parametrize(("check", "name"), [(check, name) for check, known in CHECKS for name in known])
def test_the_terms_of_the_house_keep_their_contract(check: Callable[..., None], name: str) -> None:
    check(name)


@pytest.mark.parametrize("name", EVENTS)
def test_the_events_of_the_house_keep_their_contract(name: str) -> None:
    check_event(name, **HAPPENS[name])


LONG = [verb for verb, test in verb_tests().items() if test is TESTS.get(verb) and verb not in ("clap", "bow")]
"""gestures that are made as clapping is, and dances"""


@pytest.mark.parametrize(
    "verb", [pytest.param(verb, marks=[pytest.mark.slow] * (verb in LONG)) for verb in verb_tests()]
)
def test_the_judge_s_tests_of_the_house_keep_their_contract(verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each skill's example, done by the robot once: what is recorded of it serves for the skill, too."""
    done: list[SayResult] = []

    def kept(*words: Any, **more: Any) -> SayResult:
        done.append(run_instruction(*words, **more))
        return done[-1]

    monkeypatch.setattr("simonsays.experiments.say.run_instruction", kept)
    check_judge(verb, text="look to the left" if verb == "look" else None)
    check_recording(done[0].recording, skills()[verb].touching)


@pytest.mark.parametrize("code", locales())
def test_the_languages_of_the_house_keep_their_contract(code: str) -> None:
    check_locale(code)


@pytest.fixture
def forgotten() -> Iterator[None]:
    """What a test registers is gone after it."""
    yield
    for registry in (REWARDS, TERMINATIONS, BLOCKS, EVENTS):
        for name in [name for name in registry if name.startswith("odd")]:
            registry.unregister(name)


count = itertools.count()


@pytest.mark.parametrize(
    ("gives", "words"),
    [
        (lambda ctx: float(next(count)), "asked again: make it a pure function"),
        (lambda ctx: None, "gives None, not a finite number"),
        (lambda ctx: float("nan") if ctx.step > 20 else 0.0, "at control step 21: gives nan"),
        (lambda ctx: ctx.no_such_thing, r"raises AttributeError.*test_term_contracts.py, line \d+"),
    ],
)
def test_a_defect_of_a_reward_is_named(forgotten: None, gives: Any, words: str) -> None:
    def odd(ctx: Any, width: float = 1.0) -> Any:
        return gives(ctx)

    reward(odd)
    with pytest.raises(AssertionError, match="reward term 'odd': say in its docstring"):
        check_reward("odd")
    odd.__doc__ = "Odd."
    with pytest.raises(AssertionError, match=f"reward term 'odd'.*{words}"):
        check_reward("odd")
    with pytest.raises(AssertionError, match=r"unknown key 'odd.wdth'; did you mean 'width'"):
        check_reward("odd", wdth=2.0)
    with pytest.raises(AssertionError, match="no reward term 'even'"):
        check_reward("even")


def test_a_defect_of_a_termination_is_named(forgotten: None) -> None:
    @termination
    def odd_end(ctx: Any, at: int = 0) -> Any:
        """Odd."""
        return ctx.step >= at if at < 9 else 1.0

    check_termination("odd_end", at=5)
    with pytest.raises(AssertionError, match="termination 'odd_end': the episode is over before it begins"):
        check_termination("odd_end")
    with pytest.raises(AssertionError, match=r"gives 1\.0, not True or False"):
        check_termination("odd_end", at=10)


def test_a_defect_of_a_block_is_named(forgotten: None) -> None:
    def odd(ctx: Any) -> Any:
        """Odd."""
        return ctx.state.foot_positions[0][:2] if ctx.step < 30 else [0.0]

    def odd_speed(ctx: Any) -> Any:
        """(2,) rad/s: roll and pitch rate."""
        return ctx.state.local_angular_velocity[:2]

    def odd_drawn(ctx: Any) -> Any:
        """Odd."""
        return [random.random()]

    block(2, 1.0, 1.0, "plane")(odd)
    with pytest.raises(AssertionError, match=r"'odd' at control step 30: gives an array of shape .1,., not 2 numbers"):
        check_block("odd")
    block(2, 1.0, 1.0, "plane")(odd_speed)  # as of a velocity: but a pitch is the same in a mirror, a roll is not
    with pytest.raises(AssertionError, match=r"'odd_speed', mirror: .* numbers \[0, 1\] are not the mirror image"):
        check_block("odd_speed", steps=5)
    block(1, 1.0, 1.0, "scalar")(odd_drawn)
    with pytest.raises(AssertionError, match="'odd_drawn': gives other numbers when asked again"):
        check_block("odd_drawn")


class Odd(Event):
    """Now and then."""

    on: bool = True


def drawn(self: Event, now: Stage) -> None:
    now.robot.push_velocity(np.random.default_rng().normal(), 0.0)


def remembered(self: Event, now: Stage, seen: list[int] = []) -> None:  # noqa: B006
    seen.append(now.steps)
    now.robot.push_velocity(0.001 * len(seen), 0.0)


def failing(self: Event, now: Stage) -> None:
    raise RuntimeError("no")


@pytest.mark.parametrize(
    ("on_step", "words"),
    [
        (drawn, "draw from now.rng alone"),
        (remembered, "keep what lasts within an episode in now.memory"),
        (failing, r"raises RuntimeError: no .*test_term_contracts.py, line \d+"),
        (None, "none of the methods on_"),
    ],
)
def test_a_defect_of_an_event_is_named(forgotten: None, on_step: Any, words: str) -> None:
    moments = {} if on_step is None else {"on_step": on_step}
    register_event("odd")(type("Odd2", (Odd,), {"__doc__": "Odd.", "__module__": __name__, **moments}))
    with pytest.raises(AssertionError, match=f"event 'odd'.*{words}"):
        check_event("odd")
    with pytest.raises(AssertionError, match=r"with \{'on': False\} it does not happen"):
        check_event("odd", on=False)
    with pytest.raises(AssertionError, match=r"unknown key 'events.odd.of'"):
        check_event("odd", of=False)


@pytest.mark.parametrize(
    ("test", "words"),
    [
        (lambda *_: OK, "finds it done where the robot only stands"),
        (lambda *_: Finding("no"), "of 'wave .*', which the robot did, it says 'no'"),
        (lambda *_: True, "gives True, not a Finding"),
        (lambda part, step, aim: part.nothing, "raises AttributeError"),
    ],
)
def test_a_defect_of_a_judge_s_test_is_named(monkeypatch: pytest.MonkeyPatch, test: Any, words: str) -> None:
    monkeypatch.setattr(judge, "verb_tests", lambda: {"wave": test})
    with pytest.raises(AssertionError, match=f"judge's test of 'wave': .*{words}"):
        check_judge("wave")
    with pytest.raises(AssertionError, match="'nod': there is none: give one to register_test"):
        check_judge("nod")


def test_a_defect_of_a_language_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    chinese = locales()["zh"]
    odd = replace(chinese.rules[0], name="odd", example="挥手")
    with monkeypatch.context() as patch:
        patch.setattr(chinese, "rules", (*chinese.rules, odd))
        with pytest.raises(AssertionError, match="language 'zh', rule 'odd': it does not read its example '挥手'"):
            check_locale("zh")
        patch.setattr(chinese, "rules", (*chinese.rules, chinese.rules[0]))
        with pytest.raises(AssertionError, match=f"two rules are called {chinese.rules[0].name}"):
            check_locale("zh")
        patch.setattr(chinese, "rules", chinese.rules[:-2])
        patch.setattr(chinese, "templates", {**chinese.templates, "thing": {"definite": ["", ""], "object": "{type}"}})
        with pytest.raises(AssertionError, match=r"'zh': reads \w+ and cannot say it: .*no template"):
            check_locale("zh")
    register_locale(Path(__file__).parents[1] / "data" / "esperanto")
    try:
        with pytest.raises(AssertionError, match=r"'eo': cannot say 'wave .*no template 'hand'"):
            check_locale("eo")
    finally:
        del known._OWN["eo"]
    with pytest.raises(AssertionError, match="no language 'eo'"):
        check_locale("eo")
