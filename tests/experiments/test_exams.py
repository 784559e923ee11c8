"""Public exams: what they ask, how answers are counted, and what is told of bad input."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest

from simonsays.assets import InputError
from simonsays.envs.language import Instruction, parse
from simonsays.envs.plan.plan import ground
from simonsays.experiments import cli
from simonsays.experiments.exams import marking
from simonsays.experiments.exams.exam import EXAMS, Exam, Question, questions
from simonsays.experiments.exams.public import babyai
from simonsays.experiments.exams.public.gscan import kept
from simonsays.experiments.exams.stage import stage
from simonsays.sim.robots import get_robot
from simonsays.testing import check_exam

BY_GRAMMAR = [name for name, exam in EXAMS.items() if exam.draw is not None and name != "babyai-levels"]

Simon = Callable[..., tuple[int, str, str]]


@pytest.fixture
def simon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Simon:
    """Exit code, output and errors of a command, run in this process."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["simon", *words])
        with pytest.raises(SystemExit) as end:
            cli.main()
        out, errors = capsys.readouterr()
        return int(end.value.code or 0), out, errors

    return run


@pytest.mark.parametrize("name", BY_GRAMMAR)
def test_exams_by_grammar_keep_the_contract(name: str) -> None:
    check_exam(name, limit=10)
    other = questions(EXAMS[name], limit=10, seed=1)
    assert other != questions(EXAMS[name], limit=10) and len({question.text for question in other}) == 10


def test_the_grammars_make_as_many_sentences_as_are_published() -> None:
    """BabyAI: 2.48e19 (Chevalier-Boisvert et al. 2019, section 3.2); SCAN's number is tested with its actions."""
    things = len(babyai.ARTICLES) * len(babyai.COLORS) * len(babyai.PLACES)
    clauses = 0
    for _, kinds in babyai.CLAUSES.values():
        ways = 1
        for each in kinds:
            ways *= things * len(each)
        clauses += ways
    both = clauses + clauses**2
    assert both + 2 * both**2 == pytest.approx(2.48e19, rel=2e-3)
    texts = [question.text for question in questions(EXAMS["gscan"])]
    assert len(texts) == len(set(texts)) == 3 * 3 * (1 + 4 + 2 + 2 * 4 * 2) * 5
    assert "push a small blue square while spinning" in texts and "walk to a circle" in texts


def test_the_baby_language_is_read_as_it_is_meant() -> None:
    draw = EXAMS["babyai"].draw
    assert draw is not None
    for question in islice(draw(Random(7)), 150):
        assert parse(question.text).to_json() == question.meant, question.text


def test_answers_are_counted() -> None:
    turn = {"steps": [{"verb": "turn", "direction": "left"}]}
    asked = [
        Question("turn left", turn, "plain"),
        Question("turn right", turn, "plain"),
        Question("go to the red ball", None, "things"),
        Question("go to the door", None, "things"),
        Question("pick up the red ball", None, "things"),
        Question("frobnicate", turn, "plain"),
    ]
    seen: list[tuple[int, int]] = []
    answers = marking.sit(Exam("own", "", ""), asked, lambda done, total: seen.append((done, total)))
    found = marking.marks(answers, 1.5)
    assert seen == [(count, 6) for count in range(1, 7)]
    assert {part: found[part] for part in ("sentences", "read", "executable")} == {
        "sentences": 6,
        "read": 5,
        "executable": 3,
    }
    assert found["exact"] == {"of": 3, "right": 1, "wrong": 1}
    assert [misread["text"] for misread in found["misread"]] == ["turn right"]
    assert sorted((each["stage"], each["code"], *each["words"]) for each in found["refused"]) == [
        ("planning", "no_such_object", "the door"),
        ("planning", "unsupported_skill", "pickup"),
        ("reading", "unknown_verb", "frobnicate"),
    ]
    assert found["groups"]["things"] == {"sentences": 3, "read": 3, "executable": 1, "exact": None}
    assert found["time"]["total_s"] == 1.5 and 0 < found["time"]["median_ms"] <= found["time"]["most_ms"]


@pytest.mark.parametrize(
    "text",
    [
        "walk forward two metres",
        "go to the ball on your left and go to the red ball on your right",
        "go to the third red ball behind you",
        "go to the ball between the red box and the cone",
        "walk to the purple box to the left of the green box, then kick the ball next to the cone",
        "push the blue box to the cone, then go to the object behind you",
        "stand between the ball and the cone",
    ],
)
def test_what_a_sentence_speaks_of_is_there(text: str) -> None:
    read = parse(text)
    assert ground(read, stage(read), get_robot("g1")).steps


@pytest.mark.parametrize(
    ("step", "meant", "right"),
    [
        ({"object": {"type": "ball", "color": "red"}}, {"color": "red"}, True),
        ({"object": {"type": "ball"}}, {"color": "red"}, False),
        ({"object": {"type": "ball", "size": "big"}}, {}, False),
        ({"object": {"type": "ball"}}, {"style": "cautious"}, False),
        ({}, {}, False),
        ({"verb": "walk", "object": {"type": "ball"}, "style": "cautious"}, {"style": "cautious"}, True),
        ({"verb": "walk", "object": {"type": "ball"}, "path": {"shape": "zigzag"}}, {"path": "zigzag"}, True),
        ({"verb": "kick", "object": {"type": "ball"}}, {}, False),
    ],
)
def test_gscan_asks_whether_what_was_said_is_kept(step: dict[str, Any], meant: dict[str, Any], right: bool) -> None:
    read = Instruction.from_json({"steps": [{"verb": "push", **step}]})
    assert kept(read, {"verb": ["walk", "push"], **meant}) is right


def test_a_turn_at_the_same_time_is_what_spinning_is() -> None:
    meant = {"verb": ["push"], "with": "turn"}
    steps = [{"verb": "push", "object": {"type": "box"}}, {"verb": "turn", "parallel_with_prev": True}]
    assert kept(Instruction.from_json({"steps": steps}), meant)
    del steps[1]["parallel_with_prev"]
    assert not kept(Instruction.from_json({"steps": steps}), meant)


GIVEN = {
    "scan": {"tasks.txt": "IN: turn left OUT: I_TURN_LEFT\nIN: jump OUT: I_JUMP\n\nwalk twice\n"},
    "gscan": {"dataset.txt": '{"examples": {"dev": [{"command": "walk,to,a,red,circle", "meaning": ""}, '
                             '{"command": "push,a,square,while,spinning"}, {"command": "walk,to,a,red,circle"}]}}'},
    "kit": {
        "00001_annotations.json": '["A person walks forward.", "Somebody walks."]',
        "00002_annotations.json": "[]",
        "000003.txt": "a man kneels.#a/DET man/NOUN kneel/VERB#0.0#0.0\nno tags here\n",
        "all.json": '{"00001": ["a man bows"], "00002": ["two", "three"]}',
    },
    "libero": {
        "one/A_open_it.bddl": "(define (problem P)\n  (:domain robosuite)\n  (:language open the\n   drawer)\n)",
        "two/B_open_it.bddl": "(define (:language open the drawer))",
        "two/C_close_it.bddl": "(define (:language close the drawer))",
        "tasks.jsonl": '{"task_index": 0, "task": "open the drawer"}\n{"task_index": 1, "task": "put it back"}\n',
        "list.txt": "\ufeffopen the drawer\r\nopen the drawer\r\n",
    },
}  # fmt: skip
ASKED = {
    ("scan", "tasks.txt"): ["turn left", "jump", "walk twice"],
    ("gscan", "dataset.txt"): ["walk to a red circle", "push a square while spinning"],
    ("kit", "00001_annotations.json"): ["A person walks forward.", "Somebody walks."],
    ("kit", "."): ["A person walks forward.", "Somebody walks."],
    ("kit", "000003.txt"): ["a man kneels.", "no tags here"],
    ("kit", "all.json"): ["a man bows", "two", "three"],
    ("libero", "."): ["open the drawer", "close the drawer"],
    ("libero", "one/A_open_it.bddl"): ["open the drawer"],
    ("libero", "tasks.jsonl"): ["open the drawer", "put it back"],
    ("libero", "list.txt"): ["open the drawer"],
}


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(text.encode())
    return folder


@pytest.mark.parametrize(("name", "file"), ASKED)
def test_data_are_read_in_their_own_form(name: str, file: str, tmp_path: Path) -> None:
    asked = questions(EXAMS[name], written(tmp_path, GIVEN[name]) / file)
    assert [question.text for question in asked] == ASKED[name, file]
    if name in ("scan", "gscan"):
        assert asked[0].meant is not None


@pytest.mark.parametrize(
    ("name", "file", "text", "told"),
    [
        ("kit", "none.txt", None, "none.txt: no such file"),
        ("kit", "a.txt", "", "a.txt: there is nothing in it"),
        ("kit", "a.txt", " \n\n", "a.txt: there is nothing in it"),
        ("kit", "a.txt", b"walk\nwalk \xff\n", "a.txt, line 2: byte 10 of the file is not UTF-8"),
        ("kit", "a.txt", "walk\n\0\0\n", "a.txt, line 2: this is no text"),
        ("kit", "a.npz", "walk", "a.npz: exam 'kit' reads .txt or .json or a folder, not .npz"),
        ("kit", "a.json", '["walk",\n"run"\n', "a.json, line 3: not valid JSON"),
        ("kit", "a.json", "[" * 100_000, "a.json, line 1: not valid JSON"),
        ("kit", "a.json", '["walk", 5]', "a.json, sentence 2: needs a text, not 5"),
        ("kit", "a.json", '{"1": "walk"}', "a.json, motion '1': needs a list of sentences"),
        ("kit", "a.json", "7", "a.json, line 1: needs a list of sentences"),
        ("kit", "a.json", "[]", "a.json: there is no sentence in it"),
        ("kit", "a.txt", "walk\n#a/b#0.0#0.0", "a.txt, line 2: no sentence before"),
        ("kit", ".", None, "neither *_annotations.json nor .txt"),
        ("libero", ".", None, "no .bddl file in it"),
        ("libero", "a.bddl", "(define)", "a.bddl, line 1: no (:language ...)"),
        ("libero", "a.jsonl", '{"task": "open"}\n{"task": 3}', "a.jsonl, line 2: needs"),
        ("libero", "a.jsonl", '{"task": "open"}\n{"task": ', "a.jsonl, line 2: not valid JSON"),
        ("scan", "a.txt", "IN: jump OUT: I_JUMP\nIN: jump OUT: I_FLY", "a.txt, line 2: 'I_FLY' is none of SCAN's"),
        ("scan", "a.txt", "IN: jump OUT:", "a.txt, line 1: needs 'IN: COMMAND OUT: ACTIONS'"),
        ("gscan", "a.txt", "{}", 'a.txt, line 1: no \'"command"'),
        ("gscan", "a.txt", "", "a.txt: there is nothing in it"),
    ],
)
def test_bad_data_are_told_with_file_and_line(
    name: str, file: str, text: str | bytes | None, told: str, tmp_path: Path
) -> None:
    if text is not None:
        (tmp_path / file).write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(InputError) as error:
        questions(EXAMS[name], tmp_path / file)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["scam"], "did you mean 'scan'"),
        (["kit"], "give them with --data"),
        (["kit", "--data", "none.txt"], "none.txt: no such file"),
        (["scan", "--list-refused", "a.csv"], "must end in .jsonl or .tsv"),
        (["gscan", "--limit", "2", "--list-refused", "no/a.tsv"], "does not exist"),
        (["scan", "--limit", "0"], "limit"),
    ],
)
def test_bad_input_is_exit_code_2_and_nothing_is_written(words: list[str], told: str, simon: Simon) -> None:
    code, out, errors = simon("exam", *words)
    assert code == 2 and told in " ".join(errors.split()) and out == ""
    assert os.listdir() == []


def test_figures_and_what_was_refused(simon: Simon) -> None:
    Path("own.txt").write_text("walk two metres\nfrobnicate\tthe ball\nturn left\n", encoding="utf-8")
    words = ("exam", "kit", "--data", "own.txt")
    code, out, errors = simon(*words, "--json", "--list-refused", "r.jsonl")
    found = json.loads(out)
    assert code == 0 and errors == "" and (found["sentences"], found["read"], found["executable"]) == (3, 2, 2)
    (refused,) = [json.loads(line) for line in Path("r.jsonl").read_text().splitlines()]
    assert refused["text"] == "frobnicate\tthe ball" and refused["stage"] == "reading" and refused["message"]
    code, out, errors = simon(*words, "--list-refused", "r.tsv")
    assert code == 0 and errors == "" and "2 of 3 (66.7%)" in out and "wrote r.tsv" in out
    rows = [line.split("\t") for line in Path("r.tsv").read_text().splitlines()]
    assert [len(row) for row in rows] == [4, 4] and rows[1][2] == "frobnicate the ball"
    assert sorted(os.listdir()) == ["own.txt", "r.jsonl", "r.tsv"]


def test_ctrl_c_leaves_what_was_there(simon: Simon, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(marking, "sit", interrupt)
    Path("r.tsv").write_text("before")
    code, out, errors = simon("exam", "gscan", "--limit", "3", "--list-refused", "r.tsv")
    assert (code, out) == (130, "") and "interrupted; nothing was written" in errors
    assert os.listdir() == ["r.tsv"] and Path("r.tsv").read_text() == "before"


def test_exams_are_listed_with_their_sources(simon: Simon) -> None:
    _, out, _ = simon("exam", "--json")
    assert set(json.loads(out)) == set(EXAMS) and all(entry["source"] for entry in json.loads(out).values())
    _, out, _ = simon("exam")
    assert all(name in out for name in EXAMS)
