"""The robustness card: breaking points, a tiny sweep on the real robot, the log that a cut-off run goes on from."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from commands import simon
from hypothesis import given
from hypothesis import strategies as st

from simonsays.agents.measure.rollout import prepare
from simonsays.assets import InputError
from simonsays.experiments.robustness.conditions import SWEEPS, Conditions
from simonsays.experiments.robustness.measure import (
    ERROR,
    LOG,
    EpisodeLog,
    Outcome,
    breaking_points,
    episode,
    measure,
    summarize,
)
from simonsays.experiments.robustness.report import limits, markdown, write_report


@pytest.mark.parametrize("policy", ["g1-goto", "g1-crouch"])
def test_a_policy_that_is_told_no_speeds_is_refused(policy: str) -> None:
    with pytest.raises(InputError, match=f"policy '{policy}': trained in simonsays.envs:G1-.*, which tells no speeds"):
        measure(policy, episodes=1)


def test_it_takes_the_folder_of_a_run(finished_run: Path, tmp_path: Path) -> None:
    done = simon("robustness", finished_run, "--episodes", 1, "--jobs", 1, "--json", "--sweeps", "noise", cwd=tmp_path)
    assert list(json.loads(done.stdout)["sweeps"]) == ["noise"], done.stderr


def test_breaking_points_of_known_curves() -> None:
    values = [-2.0, -1.0, 0.0, 1.0, 2.0]
    assert breaking_points(values, [0.0, 1.0, 1.0, 1.0, 0.6], 0.0) == pytest.approx((-1.2, 1.5))
    assert breaking_points(values, [1.0, 0.8, 0.9, 0.8, 0.9], 0.0) == (None, None)  # 80% is not below 80%
    assert breaking_points(values, [1.0, 1.0, 0.5, 1.0, 1.0], 0.0) == (0.0, 0.0)
    assert breaking_points(values, [0.0, 1.0, 1.0, 1.0, 1.0], -1.0) == (pytest.approx(-1.2), None)
    # what recovers farther out is broken at the first crossing
    assert breaking_points([0.0, 1.0, 2.0], [1.0, 0.0, 1.0], 0.0) == (None, pytest.approx(0.2))


@st.composite
def curves(draw: st.DrawFn) -> tuple[list[float], list[float], float]:
    values = sorted(draw(st.sets(st.integers(-50, 50), min_size=1, max_size=9)))
    shares = draw(st.lists(st.integers(0, 20).map(lambda n: n / 20), min_size=len(values), max_size=len(values)))
    return [float(v) for v in values], shares, float(draw(st.sampled_from(values)))


@given(curves())
def test_breaking_points_lie_where_success_crosses(curve: tuple[list[float], list[float], float]) -> None:
    values, shares, nominal = curve
    below, above = breaking_points(values, shares, nominal)
    at = values.index(nominal)
    assert (above is None) == all(share >= 0.8 for share in shares[at:])
    assert (below is None) == all(share >= 0.8 for share in shares[: at + 1])
    if above is not None and above != nominal:
        after = next(i for i in range(at, len(values)) if shares[i] < 0.8)
        assert values[after - 1] <= above <= values[after]
    mirrored = breaking_points([-v for v in reversed(values)], shares[::-1], -nominal)
    assert mirrored == tuple(None if x is None else -x for x in (above, below))


@pytest.mark.parametrize("name", SWEEPS)
def test_every_sweep_rises_has_its_nominal_value_and_fits_the_env(name: str) -> None:
    sweep = SWEEPS[name]
    assert list(sweep.values) == sorted(set(sweep.values)) and sweep.nominal in sweep.values
    nominal = sweep.under(sweep.nominal)
    plain = Conditions()
    assert (nominal.friction, nominal.slope_deg, nominal.bumps, nominal.push) == (1.0, 0.0, 0.0, 0.0)
    hardest = sweep.under(sweep.values[-1])
    assert hardest != nominal and (hardest.scene(0) != plain.scene(0) or hardest.settings or hardest.push)
    env, policy = prepare("g1-locomotion", {"friction": None, **hardest.settings})
    observation, _ = env.reset(seed=0, options={"scene": hardest.scene(0), "command": [0.3, 0, 0]})
    assert env.world.scene.ground.slope_deg == hardest.slope_deg
    env.step(policy.predict(observation, deterministic=True)[0])
    env.close()


def test_slopes_are_walked_up_down_and_across() -> None:
    headings = {name: SWEEPS[f"slope_{name}"].under(6.0) for name in ("up", "down", "across")}
    assert headings["up"].scene(0).robot_yaw_deg == 0.0 and headings["down"].scene(0).robot_yaw_deg == 180.0
    assert {headings["across"].scene(seed).robot_yaw_deg for seed in (0, 1)} == {90.0, -90.0}


def test_an_episode_succeeds_where_it_is_easy_and_fails_where_it_cannot() -> None:
    env, policy = prepare("g1-locomotion", {"friction": None})
    fell, error = episode(env, policy, Conditions(), 0)
    assert not fell and error is not None and error <= ERROR
    assert episode(env, policy, Conditions(push=6.0), 0) == (True, None)
    env.close()


def outcome(value: float, seed: int, fell: bool, error: float | None) -> Outcome:
    return Outcome("push", value, seed, fell, error)


def test_success_is_up_and_on_speed() -> None:
    assert outcome(0.0, 0, False, 0.1).success
    assert not outcome(0.0, 0, False, 0.2).success and not outcome(0.0, 0, True, None).success
    worse = [outcome(v, s, v > 0.9, 0.01 if v <= 0.9 else None) for v in SWEEPS["push"].values for s in range(4)]
    found = summarize(worse, 32.0)["sweeps"]["push"]
    assert found["breaks_below"] is None and found["breaks_above"] == pytest.approx(0.8 + 0.2 * 0.2)
    assert limits(found) == "breaks above 0.84 m/s (26.9 N s)"
    assert limits(found, "falls") == "falls above 0.84 m/s (26.9 N s)"
    assert found["points"][0]["error"]["value"] == 0.01 and found["points"][-1]["error"] is None
    assert limits({**found, "breaks_above": None}) == "holds up to 1.4 m/s (44.8 N s)"
    assert limits({**found, "breaks_below": 0.0, "breaks_above": 0.0}) == "not even nominal"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    folder = tmp_path_factory.mktemp("out") / "deep"
    return measure("g1-locomotion", episodes=1, seed=5, jobs=2, sweeps=["latency"], folder=folder), folder


def test_a_tiny_sweep_gives_a_whole_report(tiny: tuple[dict[str, Any], Path], tmp_path: Path) -> None:
    results, _ = tiny
    points = results["sweeps"]["latency"]["points"]
    assert [point["value"] for point in points] == list(SWEEPS["latency"].values)
    assert points[0]["success"]["value"] == 1.0 and points[0]["success"]["count"] == 1
    write_report(tmp_path, results, plots=False)
    assert json.loads((tmp_path / "robustness.json").read_text()) == results
    text = (tmp_path / "robustness.md").read_text()
    assert text == markdown(results, None) and "## Latency of joint targets" in text and ".png" not in text
    assert "--episodes 1 --seed 5 --sweeps latency`" in text


def test_the_plots_are_a_picture(tiny: tuple[dict[str, Any], Path], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    import imageio.v3 as iio

    write_report(tmp_path, tiny[0], plots=True)
    picture = iio.imread(tmp_path / "robustness.png")
    assert picture.shape[0] > 200 and picture.shape[1] > 300 and picture.std() > 10
    assert "robustness.png" in (tmp_path / "robustness.md").read_text()


def test_a_cut_off_run_goes_on_and_ends_with_the_same_figures(
    tiny: tuple[dict[str, Any], Path], tmp_path: Path
) -> None:
    results, folder = tiny
    lines = (folder / LOG).read_text().splitlines(keepends=True)
    (tmp_path / LOG).write_text("".join(lines[:3]) + lines[3][:20])  # two episodes, and a third cut off
    seen: list[tuple[int, int]] = []
    again = measure(
        "g1-locomotion",
        episodes=1,
        seed=5,
        jobs=1,
        sweeps=["latency"],
        folder=tmp_path,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert again == results and seen == [(3, 5), (4, 5), (5, 5)]
    assert (tmp_path / LOG).read_text() == (folder / LOG).read_text()


def test_a_log_of_another_policy_or_no_log_is_refused(tmp_path: Path) -> None:
    EpisodeLog(tmp_path / LOG, "mine", "1").read()
    with pytest.raises(InputError, match="another policy"):
        EpisodeLog(tmp_path / LOG, "mine", "2").read()
    (tmp_path / LOG).write_text("no json\n")
    with pytest.raises(InputError, match=LOG):
        EpisodeLog(tmp_path / LOG, "mine", "1").read()
    with pytest.raises(InputError, match="written"):
        EpisodeLog(tmp_path / LOG / "deeper" / LOG, "mine", "1").read()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["robustness", "nobody", "--out", "x", "--no-plots"], "g1-locomotion"),
        (["robustness", "--sweeps", "puhs", "--out", "x", "--no-plots"], "push"),
        (["evaluate", "--protocols", "standin"], "standing"),
    ],
)
def test_bad_input_is_exit_code_2_and_nothing_is_written(arguments: list[str], word: str, tmp_path: Path) -> None:
    done = simon(*arguments, cwd=tmp_path)
    assert done.returncode == 2 and word in done.stderr and "Traceback" not in done.stderr
    assert os.listdir(tmp_path) == []
