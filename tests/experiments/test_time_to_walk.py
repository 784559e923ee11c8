"""The experiment "time to walk": the variants, the rule, one run from end to end, the report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_runs import curve, tiny

from simonsays.agents.measure.rollout import prepare
from simonsays.agents.recipes.recipe import load_recipe
from simonsays.assets import InputError
from simonsays.envs.env import HumanoidEnv

pytest.importorskip("torch")
pytest.importorskip("rliable", exc_type=ImportError)

from simonsays.experiments.studies.time_to_walk import VARIANTS, Settings, measure_run, result_file, spaced, walks_at
from simonsays.experiments.studies.time_to_walk_report import figures, report

WALK = Settings(load_recipe("walk"))


def test_without_a_reference_the_legs_are_told_to_stand() -> None:
    env = HumanoidEnv(reference="standing", assistance=1.0)
    _, info = env.reset(seed=0, options={"command": [0.5, 0.0, 0.2]})
    standing = env.robot.default_positions
    place = list(env.observation_layout.widths).index("gait_phase")
    start = sum(list(env.observation_layout.widths.values())[:place])
    for _ in range(30):
        observation, _, terminated, _, info = env.step(np.zeros(12))
        assert not terminated
        np.testing.assert_array_equal(env.last_targets, standing)
        assert not observation[start : start + 2].any() and not env.legs.reference.running
    np.testing.assert_array_equal(info["command"], [0.5, 0.0, 0.2])
    with pytest.raises(InputError, match="reference"):
        env.reconfigure(reference="gait")
    env.close()


def test_the_reference_gait_is_what_it_was() -> None:
    env = HumanoidEnv()
    env.reset(seed=0, options={"command": [0.5, 0.0, 0.2]})
    env.step(np.zeros(12))
    assert env.legs.reference.running and not np.array_equal(env.last_targets, env.robot.default_positions)
    assert "settings" not in env.describe()
    env.close()


def test_variants_switch_one_aid_off_each() -> None:
    full, plain, lopsided, free = (WALK.variant(name, 3) for name in VARIANTS)
    assert full.seed == 3 and full.assisted and full.stages == WALK.recipe.stages
    assert not plain.assisted and plain.env["assistance"] == 0.0
    assert all(stage.env.get("assistance", 0.0) == 0.0 for stage in plain.stages)
    assert lopsided.network.mirror is False and lopsided.stages == full.stages
    assert free.env["reference"] == "standing" and free.assisted
    for stage, before in zip(free.stages, full.stages, strict=True):
        weights = stage.env["reward_weights"]
        assert not {"contact_schedule", "foot_height", "standing_speed"} & weights.keys()
        own = before.env.get("reward_weights")
        assert own is None or weights.items() <= own.items()
    assert (plain.network, lopsided.env) == (full.network, full.env)


@pytest.mark.parametrize(
    ("shares", "place"),
    [
        ([0.0, 0.9, 0.9], 1),
        ([0.9, 0.8, 0.9, 1.0], 2),
        ([0.0, 0.8, 0.9], None),
        ([1.0], None),
        ([0.8, 0.8], None),
        ([1.0, 1.0, 0.0], 0),
    ],
)
def test_one_good_evaluation_is_not_enough(shares: list[float], place: int | None) -> None:
    assert walks_at(curve(shares)["points"]) == place


def test_recipes_without_aids_are_refused() -> None:
    with pytest.raises(InputError, match="none is assisted"):
        Settings(tiny())
    with pytest.raises(InputError, match="env_id"):
        Settings(tiny(env_id="simonsays.envs:G1-Crouch-v0"))


def test_checkpoints_of_an_interruption_are_passed_over() -> None:
    points = [{"steps": steps} for steps in (100, 120, 200, 230, 300, 350)]
    assert [point["steps"] for point in spaced(points, 50)] == [100, 200, 300, 350]


def test_a_run_is_trained_to_the_budget_measured_and_not_done_again(tmp_path: Path) -> None:
    recipe = tiny(stages=[{"name": "a", "steps": 500, "learning_rate": 1e-3, "assisted": True}])
    settings = Settings(recipe, budget=64, every=32, episodes=1, jobs=1)
    work, out = tmp_path / "work", tmp_path / "out"
    result = measure_run(settings, "no-reference-gait", 2, work, out)
    assert [point["steps"] for point in result["curve"]["points"]] == [32, 64] and result["walks"] is None
    assert result["trained"]["steps"] == 64 and result["machine"]["cores"] >= 1
    session = result["machine"]["sessions"][0]
    assert session["seconds"] > 0 and session["own_cores"] > 0 and len(session["load_average"]) == 3
    file = result_file(out, "no-reference-gait", 2)
    text = file.read_text()
    assert json.loads(text) == result and text.count('\n   {"steps"') == 2
    assert measure_run(settings, "no-reference-gait", 2, tmp_path / "elsewhere", out) == result
    assert not (tmp_path / "elsewhere").exists()
    with pytest.raises(InputError, match="another budget"):
        measure_run(Settings(recipe, 96, 32, 1, 1), "no-reference-gait", 2, work, out)
    file.unlink()
    longer = measure_run(Settings(recipe, 96, 32, 1, 1), "no-reference-gait", 2, work, out)
    assert longer["trained"]["steps"] == 96 and longer["curve"]["points"][:2] == result["curve"]["points"]
    bundle = str(work / "no-reference-gait-seed_2" / "bundle")
    env, policy = prepare(bundle, {})
    assert env.config.reference == "standing"
    env.close()
    with pytest.raises(InputError, match="reference"):
        policy.check(HumanoidEnv())


def results(out: Path) -> None:
    ends = {"full": (1, 2, 3), "no-assistance": (None, 4, None), "no-mirror": (2, None, 3)}
    for name, places in ends.items():
        for seed, place in enumerate(places):
            shares = [0.0 if place is None or i < place else 1.0 for i in range(8)]
            found = curve(shares)
            walks = None if place is None else {key: found["points"][place][key] for key in ("steps", "wall_clock")}
            usage = {"seconds": 9.0, "own_cores": 1.9, "other_cores": 0.05, "load_average": [2.0, 2.0, 2.0]}
            data: dict[str, Any] = {
                "variant": name,
                "seed": seed,
                "budget": 800,
                "every": 100,
                "episodes": 10,
                "recipe": {"name": "walk"},
                "walks": walks,
                "trained": {key: found["points"][-1][key] for key in ("steps", "wall_clock")},
                "machine": {"cpu": "an abacus", "cores": 2, "sessions": [usage]},
                "curve": found,
            }
            file = result_file(out, name, seed)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(data))


def test_the_report_counts_runs_that_never_walk(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    results(tmp_path)
    found = report(tmp_path, reps=100)
    assert {name: (f["walk"], f["runs"]) for name, f in found.items()} == {
        "full": (3, 3),
        "no-assistance": (1, 3),
        "no-mirror": (2, 3),
    }
    assert found["full"]["steps"]["median"] == 300 and not found["full"]["censored"]
    assert found["no-assistance"]["median_censored"] and found["no-assistance"]["steps"]["median"] == 800
    assert found["no-mirror"]["censored"] and not found["no-mirror"]["median_censored"]
    assert found["no-assistance"]["sooner"]["value"] == 1.0
    text = (tmp_path / "README.md").read_text()
    assert "| without assistance | 1 of 3 | > 0.0008 M | ≥ " in text and "| never |" in text and "an abacus" in text
    assert (tmp_path / "time-to-walk.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((tmp_path / "figures.json").read_text()) == found


def test_results_that_were_not_measured_alike_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no results"):
        report(tmp_path)
    results(tmp_path)
    file = result_file(tmp_path, "full", 0)
    file.write_text(json.dumps({**json.loads(file.read_text()), "budget": 900}))
    with pytest.raises(InputError, match="budget"):
        report(tmp_path)


def test_figures_need_no_run_of_every_variant() -> None:
    one = {"variant": "no-mirror", "walks": None, "trained": {"steps": 5, "wall_clock": 1.0}, "curve": curve([0.5])}
    found = figures([one], reps=50)
    assert list(found) == ["no-mirror"] and "sooner" not in found["no-mirror"]
