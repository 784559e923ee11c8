"""Performances: scripts of sentences are read whole, refused by file and field, and done in order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from commands import simon

from simonsays.assets import InputError
from simonsays.assets.registry import PERFORMANCES
from simonsays.envs.language import Instruction, Step, locales, parse, render
from simonsays.envs.language.vocabulary import verbs
from simonsays.envs.moves.performances import load_performance
from simonsays.envs.plan.plan import ground
from simonsays.envs.skills import GroundingError
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import SceneSpec, load_scene

ROBOT = get_robot("g1")
HELLO = 'title = "Hello"\n[[sentences]]\nsay = "wave twice"\npause = 0\n[[sentences]]\nsay = "鼓掌"\ntimes = 2\n'


@pytest.fixture
def script(tmp_path: Path):  # type: ignore[no-untyped-def]
    def write(text: str, name: str = "mine.toml") -> str:
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return str(file)

    return write


@pytest.mark.parametrize("name", PERFORMANCES.files())
def test_every_shipped_performance_can_be_done_everywhere_and_is_called_something(name: str) -> None:
    for scene in ("empty", "playground"):
        assert ground(Instruction((Step("perform", name=name),)), load_scene(scene), ROBOT).steps
    for code, locale in locales().items():
        assert locale.naming(verbs()["perform"], name) is not None
        said = Instruction((Step("perform", name=name),))
        assert parse(render(said, code), code) == said


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["bullet", "mujoco"])
@pytest.mark.parametrize("name", PERFORMANCES.files())
def test_every_shipped_performance_is_done_by_the_robot(name: str, engine: str) -> None:
    from simonsays.experiments.say import run_instruction

    done = run_instruction(name, instruction=Instruction((Step("perform", name=name),)), scene="empty", engine=engine)
    assert done.success, done.verdicts


def test_sentences_pauses_and_times_become_steps(script) -> None:  # type: ignore[no-untyped-def]
    plan = ground(Instruction((Step("perform", name=script(HELLO)),)), SceneSpec(), ROBOT)
    assert [step.verb for step in plan.steps] == ["wave", "clap", "stop", "clap", "stop"]
    assert [step.said.duration_s for step in plan.steps if step.said and step.verb == "stop"] == [0.5, 0.5]
    assert {step.source for step in plan.steps} == {0}
    both = Instruction((Step("perform", name=script(HELLO), count=2), Step("bow")))
    again = ground(both, SceneSpec(), ROBOT)
    assert [step.source for step in again.steps] == [0] * 10 + [1]
    twice = load_performance(script("repeat = 2\n" + HELLO))
    assert len(twice.parts()) == 6 and twice.title == "Hello"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("titel = 'x'\n" + HELLO, ["unknown key 'titel'", "title"]),
        ("title = 'x'", ["no sentences", "[[sentences]]"]),
        ("[[sentences]]\npause = 1", ["[[sentences]] 1", "'say' is missing"]),
        ("[[sentences]]\nsay = 3", ["[[sentences]] 1", "field say", "needs text"]),
        ("[[sentences]]\nsay = 'wave'\n[[sentences]]\nsay = 'fly to the moon'", ["[[sentences]] 2", "fly"]),
        ("[[sentences]]\nsay = 'wave'\npause = -1", ["field pause", "0 to 60"]),
        ("[[sentences]]\nsay = 'wave'\ntimes = true", ["field times", "a whole number"]),
        ("repeat = 0\n" + HELLO, ["field repeat", "1 to 100"]),
        ("repeat = 90\n" + HELLO, ["450 steps", "at most 200"]),
        ("sentences = 'wave'", ["field sentences", "[[sentences]]"]),
        ("sentences = ['wave']", ["[[sentences]] 1", "needs a table"]),
        ("[[sentences]]\nsay = 'wave'\nat = 601", ["field at", "0 to 600"]),
        (
            "[[sentences]]\nsay = 'wave'\nat = 5\n[[sentences]]\nsay = 'bow'\nat = 5",
            ["[[sentences]] 2, field at", "later"],
        ),
        ("[[sentences]]\nsay = 'wave'\nat = 5\ntimes = 2", ["field at", "once"]),
        (HELLO + "[film]\nsiz = '1x1'", ["[film]", "'siz'", "size"]),
        (HELLO + "[film]\nfps = 'many'", ["[film]", "field fps", "a whole number"]),
        ("language = 'tlh'\n" + HELLO, ["tlh"]),
        ("title = ", ["not valid TOML"]),
    ],
)
def test_mistakes_are_told_by_file_and_field(script, text: str, words: list[str]) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError) as error:
        load_performance(script(text))
    for word in ("mine.toml", *words):
        assert word in str(error.value)


def test_what_cannot_be_done_is_told_by_its_sentence(script) -> None:  # type: ignore[no-untyped-def]
    name = script("[[sentences]]\nsay = 'wave'\n[[sentences]]\nsay = 'nod'")
    with pytest.raises(GroundingError, match=r"mine.toml \[\[sentences\]\] 2 \('nod'\): I cannot nod"):
        ground(Instruction((Step("perform", name=name),)), SceneSpec(), ROBOT)
    with pytest.raises(GroundingError, match="no performance 'shwo'; did you mean 'show'"):
        ground(Instruction((Step("perform", name="shwo"),)), SceneSpec(), ROBOT)
    with pytest.raises(GroundingError, match="several steps"):
        ground(parse("warm up while you walk"), SceneSpec(), ROBOT)


def test_a_performance_that_is_a_part_of_itself_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    warm_up = load_performance("warm-up")
    again = replace(warm_up, lines=(replace(warm_up.lines[0], instruction=parse("warm up")),))
    monkeypatch.setattr("simonsays.envs.skills.shows.perform.load_performance", lambda name: again)
    with pytest.raises(GroundingError, match="a part of itself"):
        ground(parse("warm up"), SceneSpec(), ROBOT)


def test_the_command_does_a_script_and_refuses_what_does_not_go_with_it(script, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert simon("says", "wave", "--perform", script(HELLO), "--no-video", cwd=tmp_path).returncode == 2
    wrong = simon("says", "--perform", script(HELLO + "[film]\nlook = 'neon'\n"), "--no-video", cwd=tmp_path)
    assert wrong.returncode == 2 and "mine.toml" in wrong.stderr and "neon" in wrong.stderr
    out = tmp_path / "hello.npz"
    short = script('[[sentences]]\nsay = "raise your arm quickly"\npause = 0\n')
    assert simon("says", "--perform", short, "--scene", "empty", "--out", out, cwd=tmp_path).returncode == 0
    assert out.exists()


class Moment:
    """A control step at a time, s."""

    def __init__(self, time: float) -> None:
        self.time = time


def test_a_sentence_begins_at_its_time_and_a_late_one_fails(script) -> None:  # type: ignore[no-untyped-def]
    said = "[[sentences]]\nsay = 'wave'\n[[sentences]]\nsay = 'bow'\nat = 8"
    plan = ground(Instruction((Step("perform", name=script(said)),)), SceneSpec(), ROBOT)
    assert [step.text for step in plan.steps][::3] == ["wait until 0 s", "wait until 8 s"]
    for start in (3.0, 50.0):  # run twice, it begins anew
        first, later = plan.steps[0].start(), plan.steps[3].start()
        assert first.update(Moment(start)).status == "success"  # type: ignore[arg-type]
        waits = [later.update(Moment(start + time)).status for time in (6.0, 7.98, 8.0)]  # type: ignore[arg-type]
        assert waits == ["running", "running", "success"]
    late = plan.steps[3].start().update(Moment(50.0 + 9.0))  # type: ignore[arg-type]
    assert late.status == "failure" and "1.0 s late" in late.reason


def test_the_scene_of_a_script_counts_where_the_command_names_none(script, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "hall.toml").write_text("[[props]]\nshape = 'door'\ncolor = 'red'\nposition = [2, 0]\n")
    name = script("scene = 'hall.toml'\n[[sentences]]\nsay = 'look at the door'\npause = 0")
    out = tmp_path / "out.npz"
    done = simon("says", "--perform", name, "--out", out, cwd=tmp_path)
    assert done.returncode == 0 and "door" in done.stdout
    other = simon("says", "--perform", name, "--scene", "empty", "--out", out, cwd=tmp_path)
    assert other.returncode == 2 and "not here" in other.stderr
    both = simon("render", "run.npz", "--perform", name, "--out", "film.gif", cwd=tmp_path)
    neither = simon("render", "--out", "film.gif", cwd=tmp_path)
    assert both.returncode == neither.returncode == 2 and "leave one" in both.stderr and "--perform" in neither.stderr
