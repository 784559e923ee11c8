"""Groups of training runs beside each other: figures with known answers, on curves made by hand."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_runs import curve

from simonsays.assets import InputError

pytest.importorskip("rliable", exc_type=ImportError)

from simonsays.experiments.studies.compare import (
    Evaluation,
    Group,
    compare,
    load_groups,
    markdown,
    number,
    rows,
)
from simonsays.experiments.studies.evidence import improvement, interquartile_mean, profile

QUICK = Evaluation(episodes=10)


def group(label: str, *ends: float, **options: Any) -> Group:
    return Group(label, {f"seed_{i}": curve([0.0, end / 2, end], **options) for i, end in enumerate(ends)})


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    return compare([group("good", 0.9, 1.0, 0.9, 1.0, 0.9), group("bad", 0.1, 0.3, 0.2, 0.9, 0.1)], reps=200)


def test_the_interquartile_mean_leaves_out_the_outer_quarters() -> None:
    found = interquartile_mean([0.0, 1.0, 2.0, 3.0, 100.0], reps=200)
    assert found.value == 2.0 and found.low <= 2.0 <= found.high and found.count == 5
    assert interquartile_mean([4.0], reps=50).low == 4.0


def test_intervals_are_seeded_and_leave_the_global_generator_alone() -> None:
    np.random.seed(3)
    before = np.random.get_state()[1].copy()  # type: ignore[index, union-attr]
    scores = np.linspace(0, 1, 17).tolist()
    first = interquartile_mean(scores, reps=100)
    assert first == interquartile_mean(scores, reps=100)
    assert first != interquartile_mean(scores, seed=1, reps=100)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # type: ignore[index]


def test_probability_of_improvement() -> None:
    assert improvement([3.0, 4.0, 5.0], [0.0, 1.0], reps=50).value == 1.0
    assert improvement([1.0, 1.0], [1.0, 1.0], reps=50).value == 0.5
    assert improvement([1.0, 4.0], [2.0, 3.0], reps=50).value == 0.5
    assert improvement([0.0], [2.0], reps=50).value == 0.0


def test_profiles_fall_from_all_runs_to_none() -> None:
    found = profile([0.2, 0.8], np.array([0.0, 0.5, 0.9]), reps=50)
    assert found["value"] == [1.0, 0.5, 0.0]


def test_groups_are_compared(results: dict[str, Any]) -> None:
    good, bad = results["groups"]["good"], results["groups"]["bad"]
    assert good["iqm"]["value"] == pytest.approx((0.9 + 0.9 + 1.0) / 3)
    assert bad["median"] == 0.2 and bad["runs"] == {f"seed_{i}": v for i, v in enumerate([0.1, 0.3, 0.2, 0.9, 0.1])}
    pair = results["improvement"][0]
    assert (pair["a"], pair["b"]) == ("good", "bad") and pair["value"] == pytest.approx(23.5 / 25)
    steps = good["curves"]["steps"]
    assert (steps["at"][0], steps["at"][-1], steps["value"][0]) == (100.0, 300.0, 0.0)
    assert steps["value"][-1] == pytest.approx(good["iqm"]["value"])
    assert good["curves"]["wall_clock"]["at"][-1] == 6.0


def test_a_learning_curve_goes_as_far_as_all_runs_do() -> None:
    runs = {"a": curve([0.0, 0.5, 1.0], rate=10.0), "b": curve([0.0, 0.5], rate=20.0)}
    found = compare([Group("g", runs)], reps=40)["groups"]["g"]
    assert found["curves"]["steps"]["at"][-1] == 200.0 and found["curves"]["wall_clock"]["at"][-1] == 10.0
    assert found["steps"] == [300, 200]


def test_runs_without_common_steps_have_no_curve() -> None:
    late = curve([0.5, 1.0])
    for point in late["points"]:
        point["steps"] += 1000
    found = compare([Group("g", {"early": curve([0.0, 0.5]), "late": late})], reps=40)
    assert found["groups"]["g"]["curves"]["steps"]["at"] == []
    assert "No learning curve of g" in markdown(found)
    pytest.importorskip("matplotlib")
    from simonsays.experiments.studies.compare_plots import plot

    assert plot(found).startswith(b"\x89PNG")


def test_other_metrics_and_what_cannot_be_compared() -> None:
    assert compare([group("a", 1.0)], "return", reps=40)["groups"]["a"]["iqm"]["value"] == 100.0
    with pytest.raises(InputError, match="did you mean 'survival'"):
        compare([group("a", 1.0)], "survivl", reps=40)
    with pytest.raises(InputError, match="episodes"):
        compare([group("a", 1.0), group("b", 1.0, episodes=20)], reps=40)


def test_the_report_says_all_that_matters(results: dict[str, Any]) -> None:
    text = markdown(results, "curves.png")
    assert "| good | 5 | 0.0003 M | 0.1 min | 93.3% [" in text and "![Learning curves](curves.png)" in text
    assert "| good | bad | 94.0% [" in text and "- bad: seed_0 10.0%, seed_1 30.0%" in text
    few = compare([Group("one", {"run": curve([0.5])}, ("seed_3",))], reps=40)
    assert "Fewer than three runs" in markdown(few) and "no checkpoint: seed_3" in markdown(few)
    assert [row[0] for row in rows(few)] == ["one"] and not few["improvement"]
    assert number("return", {"value": 12.345, "low": 1.0, "high": 20.0}) == "12.3 [1, 20]"


def test_pictures_are_drawn(results: dict[str, Any]) -> None:
    pytest.importorskip("matplotlib")
    from simonsays.experiments.studies.compare_plots import plot

    assert plot(results).startswith(b"\x89PNG")


def test_groups_come_from_folders(tmp_path: Path) -> None:
    for variant in ("full", "none"):
        for seed in range(2):
            data = {"variant": variant, "seed": seed, "curve": curve([0.5])}
            file = tmp_path / "results" / "runs" / f"{variant}-seed_{seed}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(data))
    (tmp_path / "results" / "figures.json").write_text("{}")
    plain = load_groups([str(tmp_path / "results")], QUICK)
    assert [(each.label, list(each.curves)) for each in plain] == [
        ("full", ["seed_0", "seed_1"]),
        ("none", ["seed_0", "seed_1"]),
    ]
    assert load_groups([f"old={tmp_path / 'results'}"], QUICK)[0].label == "old: full"
    with pytest.raises(InputError, match="LABEL=FOLDER"):
        load_groups([str(tmp_path / "results")] * 2, QUICK)
    with pytest.raises(InputError, match="no such folder"):
        load_groups([str(tmp_path / "nothing")], QUICK)
    with pytest.raises(InputError, match="no label"):
        load_groups([f"={tmp_path / 'results'}"], QUICK)
    twice = tmp_path / "results" / "runs" / "none-again.json"
    twice.write_text(json.dumps({"variant": "none", "seed": 1, "curve": curve([0.5])}))
    with pytest.raises(InputError, match=r"none, seed 1 is in none-again\.json already"):
        load_groups([str(tmp_path / "results")], QUICK)
    for broken in (3, {}, {**curve([0.5]), "points": []}, {**curve([0.5]), "points": [{"survival": [True]}]}):
        twice.write_text(json.dumps({"variant": "none", "seed": 1, "curve": broken}))
        with pytest.raises(InputError, match=r"none-again\.json: curve"):
            load_groups([str(tmp_path / "results")], QUICK)
    with pytest.raises(InputError, match=r"run\.json"):
        load_groups([str(tmp_path)], QUICK)


def test_seeds_without_a_checkpoint_are_not_forgotten(finished_run: Path, tmp_path: Path) -> None:
    shutil.copytree(finished_run, tmp_path / "runs" / "seed_0")
    (tmp_path / "runs" / "seed_1").mkdir()
    (tmp_path / "runs" / "seed_1" / "run.json").write_text("{}")
    found = load_groups([f"mine={tmp_path / 'runs'}"], Evaluation(episodes=1, jobs=1))[0]
    assert (found.label, list(found.curves), found.missing) == ("mine", ["seed_0"], ("seed_1",))
    assert found.curves["seed_0"]["episodes"] == 1
    alone = load_groups([str(tmp_path / "runs" / "seed_0")], Evaluation(episodes=1, jobs=1))[0]
    assert alone.label == "seed_0" and alone.curves == found.curves
