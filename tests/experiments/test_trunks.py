"""The experiment on trunks: it goes on where it stopped, and its committed table is that of its committed figures."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from simonsays.assets.registry import RECIPES
from simonsays.experiments.studies.trunks import SEEDS, TRUNKS, figures, redraw, run_trunks

COMMITTED = RECIPES.find("walk").parent.parent / "results" / "trunks"


def made_up(trunk: str, seed: int) -> dict[str, Any]:
    rows = [
        {"steps": 10.0 * i, "assistance": 1 - i / 10, "episode_length": 50.0 * seed * (1 + i), "episode_reward": 1.0}
        for i in range(6)
    ]
    return {"trunk": trunk, "seed": seed, "curve": rows}


def test_finished_runs_are_not_run_again_and_trunks_are_equal_in_size(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    (tmp_path / "runs").mkdir()
    for name in TRUNKS:
        for seed in SEEDS:
            (tmp_path / "runs" / f"{name}-{seed}.json").write_text(json.dumps(made_up(name, seed)))
    told: list[str] = []
    results = json.loads(run_trunks(tmp_path, progress=told.append).read_text())
    assert not told and len(results["runs"]) == len(TRUNKS) * len(SEEDS)
    sizes = [results["cost"][name]["parameters"] for name in TRUNKS]
    assert max(sizes) / min(sizes) < 1.02
    values = figures(results)["mhc"]
    assert values["last episodes, s"] == [5.0, 10.0, 15.0] and values["assistance left"] == [0.5] * 3
    redraw(tmp_path, plots=False)
    assert "10.00 (5.00 to 15.00)" in (tmp_path / "trunks.md").read_text()


def test_the_committed_table_is_that_of_the_committed_figures(tmp_path: Path) -> None:
    shutil.copy(COMMITTED / "results.json", tmp_path)
    redraw(tmp_path, plots=False)
    assert (tmp_path / "trunks.md").read_text() == (COMMITTED / "trunks.md").read_text()
    runs = json.loads((tmp_path / "results.json").read_text())["runs"]
    assert {run["trunk"] for run in runs} == set(TRUNKS) and {run["seed"] for run in runs} <= set(SEEDS)
    assert len({run["curve"][-1]["steps"] for run in runs}) == 1
