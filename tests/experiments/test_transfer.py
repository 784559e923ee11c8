"""simon transfer: a policy in both engines, on a vendor's model, under stress; what breaks it; what is refused."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import simon

from simonsays.agents.bundles.bundle import BUNDLE_MORE, check_replaceable
from simonsays.assets import InputError, path
from simonsays.envs.policy.policy import load_policy
from simonsays.experiments.transfer import places as places_module
from simonsays.experiments.transfer.causes import CAUSES, PD, Case, by_chance, pds, why
from simonsays.experiments.transfer.measure import LOG, EpisodeLog, as_low, measure
from simonsays.experiments.transfer.places import Place, places
from simonsays.experiments.transfer.report import CARD, DATA, PICTURE, markdown, write_report
from simonsays.experiments.transfer.stresses import NONE, STRESSES, Misled, Sense, StressedEnv, observed
from simonsays.sim.robots import get_robot

G1, POLICY = get_robot("g1"), "g1-locomotion"
ONE = (NONE, "motor_delay_10ms")


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    pytest.importorskip("mujoco")
    folder = tmp_path_factory.mktemp("transfer")
    return measure(POLICY, stresses=ONE, protocols=("tracking",), episodes=1, jobs=1, folder=folder), folder


def test_both_engines_are_measured_and_the_ankle_is_named(measured: tuple[dict[str, Any], Path]) -> None:
    results, folder = measured
    by = {(cell["place"], cell["stress"]): cell for cell in results["cells"]}
    assert set(by) == {(f"{engine}, own URDF", stress) for engine in ("bullet", "mujoco") for stress in ONE}
    for (_, stress), cell in by.items():
        assert cell["figures"]["survival"]["value"] == (stress == NONE), stress
        assert ("cause" in cell) == bool(cell["broken"])
    cause = by["mujoco, own URDF", "motor_delay_10ms"]["cause"]
    assert "The PD itself" in cause and "ankle_roll_joint" in cause and "I 1.57 / kd = 9.9 ms" in cause
    assert "At kp 40 no kd stands it; kp 24" in cause

    def no_episode(*_: Any) -> Any:
        raise AssertionError("all are in the folder")

    again = measure(
        POLICY,
        stresses=ONE,
        protocols=("tracking",),
        episodes=1,
        folder=folder,
        spread=lambda f, tasks: map(no_episode, tasks),
    )
    assert again == results


def test_the_card_fits_a_screen_and_travels_with_the_bundle(
    measured: tuple[dict[str, Any], Path], tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib")
    results, _ = measured
    write_report(tmp_path, results, plots=True)
    assert {each.name for each in tmp_path.iterdir()} == {CARD, DATA, PICTURE} == set(BUNDLE_MORE)
    text = (tmp_path / CARD).read_text()
    assert len(text.splitlines()) <= 60 and "motor torques 10 ms late" in text and PICTURE in text
    assert "nobody is not installed" in markdown({**results, "missing": {"x": "nobody is not installed"}}, None)
    check_replaceable(tmp_path)


def test_a_log_of_another_policy_or_of_something_else_is_refused(tmp_path: Path) -> None:
    log = EpisodeLog(tmp_path / LOG, {"policy": "a"})
    log.add([(("bullet", NONE, "tracking", 3), {"fell": False})])
    assert EpisodeLog(tmp_path / LOG, {"policy": "a"}).found == {("bullet", NONE, "tracking", 3): {"fell": False}}
    with pytest.raises(InputError, match="another policy"):
        EpisodeLog(tmp_path / LOG, {"policy": "b"})
    (tmp_path / LOG).write_text("[]")
    with pytest.raises(InputError, match="not the episodes"):
        EpisodeLog(tmp_path / LOG, {"policy": "a"})


@pytest.mark.parametrize("name", STRESSES)
def test_each_stress_changes_what_it_says(name: str) -> None:
    stress = STRESSES[name]
    assert stress.cause in CAUSES and stress.name == name
    env = StressedEnv(G1, stress=stress, **stress.settings)
    try:
        env.reset(seed=0, options={"command": [0.0, 0.0, 0.0]})
        robot = env.robot
        assert robot.dynamics.torque_delay == round(stress.delay / env.world.physics_dt)
        assert robot.mass - G1_MASS == pytest.approx(2 * stress.hands)
        assert [getattr(robot.dynamics, key) for key in stress.dynamics] == list(stress.dynamics.values())
        assert len(env.stage.pending) == (1 if name == "late_targets" else 0)
        assert env.world.physics_dt == pytest.approx(1 / stress.physics_hz)
        env.step(np.zeros(12))
    finally:
        env.close()


G1_MASS = 32.10485728  # kg, of its URDF


class Seen:
    """A policy that keeps what it was shown."""

    recurrent = False

    def __init__(self, history: int) -> None:
        blocks = [{"block": "gravity", "width": 3}, {"block": "base_linear_velocity", "width": 3}]
        self.description = {"observation": blocks, "control_rate_hz": 50, "history": history}

    def predict(self, observation: Any, *_: Any) -> tuple[Any, Any]:
        return observation, None


def test_a_velocity_is_late_halved_and_biased_in_every_frame() -> None:
    def shown(sense: Sense, history: int) -> np.ndarray:
        policy, state, seen = Misled(Seen(history), sense), None, np.zeros(0)  # type: ignore[arg-type]
        for step in range(5):
            frames = [[7.0] * 3 + [float(max(0, step - back))] * 3 for back in reversed(range(history))]
            seen, state = policy.predict(np.ravel(frames), state)
        assert (seen.reshape(history, 6)[:, :3] == 7.0).all()
        return np.asarray(seen.reshape(history, 6)[:, 3])

    assert shown(Sense(late=0.04), 1).tolist() == [2.0]
    assert shown(Sense(late=0.04), 2).tolist() == [1.0, 2.0]
    assert shown(Sense(factor=0.5), 2).tolist() == [1.5, 2.0]
    assert shown(Sense(bias=(0.1, 0.0, 0.0)), 1) == pytest.approx([4.2])  # the block's scale is 2


def test_a_policy_without_the_velocity_is_not_tried_with_a_worse_one() -> None:
    policy = load_policy(POLICY)
    assert not observed(policy, STRESSES["velocity_late"]) and observed(policy, STRESSES[NONE])
    policy.description["observation"] = [
        *policy.description["observation"],
        {"block": "base_linear_velocity", "width": 3},
    ]
    assert observed(policy, STRESSES["velocity_late"])


def test_the_delay_that_a_pd_stands() -> None:
    plain = PD("joint", kp=0.0, kd=1.0, rotor=0.0, inertia=0.01)
    assert plain.stands == pytest.approx(plain.damper_stands) == pytest.approx(0.0157, rel=1e-2)
    # v[k+1] = v[k] - a v[k-d] is stable where a < 2 sin(pi / (4 d + 2)) (Levin and May, Theor. Pop. Biol. 9, 1976)
    for steps in (1, 2, 3):
        limit = 2 * np.sin(np.pi / (4 * steps + 2)) * plain.inertia / 0.005
        assert plain.stable(1e-9, 0.99 * limit, steps, 0.005) and not plain.stable(1e-9, 1.01 * limit, steps, 0.005)
    weak = pds(G1)[0]
    assert "ankle_roll" in weak.joint and weak.rotor < weak.inertia and weak.stands < weak.damper_stands
    assert weak.stable(weak.kp, weak.kd, 1, 0.005) and not weak.stable(weak.kp, weak.kd, 2, 0.005)


@pytest.mark.parametrize("name", [name for name in STRESSES if STRESSES[name].cause != "motor_delay"])
def test_each_cause_is_told_in_few_words(name: str) -> None:
    share = {"value": 0.0, "low": 0.0, "high": 0.3, "count": 5}
    cell = {"figures": {"survival": share}, "broken": ["survival"], "certain": ["survival"]}
    best = {"figures": {"survival": {**share, "value": 1.0}}, "broken": [], "certain": []}
    case = Case(load_policy(POLICY), Place("bullet"), STRESSES[name], {NONE: best, name: cell})
    assert 20 < len(why(case) or "") < 400 and "Perhaps by chance" not in (why(case) or "")
    assert name == NONE or why(replace(case, cells={NONE: cell, name: cell})) is None


def test_few_episodes_say_little() -> None:
    def share(up: int, of: int) -> dict[str, float]:
        return {"value": up / of, "count": of}

    # scipy.stats: fisher_exact([[8, 2], [10, 0]], "less") and binom.cdf(8, 10, 0.95), binom.cdf(1, 2, 0.95)
    assert by_chance(share(8, 10), share(10, 10)) == pytest.approx(0.23684, abs=1e-5)
    assert by_chance(share(5, 10), share(10, 10)) == pytest.approx(0.01625, abs=1e-5)
    assert as_low(share(8, 10)) == pytest.approx(0.08614, abs=1e-5)
    assert as_low(share(1, 2)) == pytest.approx(0.0975)


def test_an_engine_that_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places_module, "why_missing", lambda name: "no mujoco here" if name == "mujoco" else None)
    assert places("g1") == ([Place("bullet")], {"mujoco": "no mujoco here"})
    with pytest.raises(InputError, match="no mujoco here"):
        places("g1", ["mujoco"])
    with pytest.raises(InputError, match=r"--mjcf .*no mujoco here"):
        places("g1", mjcf=[path("robots", "g1", "g1.urdf")])


VENDOR = """<mujoco><worldbody><body name="pelvis"><freejoint/><geom size=".1"/>{more}</body></worldbody></mujoco>"""


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--mjcf", "nowhere.xml"], "nowhere.xml"),
        (["--mjcf", "vendor.xml"], "left_hip_pitch_joint"),
        (["--mjcf", "broken.xml"], "broken.xml"),
        (["--only", "motor_dely_5ms"], "motor_delay_5ms"),
        (["--engines", "mujco"], "mujoco"),
        (["--protocols", "standin"], "standing"),
    ],
)
def test_bad_input_is_exit_code_2_and_nothing_is_written(arguments: list[str], word: str, tmp_path: Path) -> None:
    (tmp_path / "vendor.xml").write_text(VENDOR.format(more=""))
    (tmp_path / "broken.xml").write_text("<mujoco><worldbody>")
    done = simon("transfer", *arguments, "--out", "x", "--no-plots", cwd=tmp_path)
    assert done.returncode == 2 and word in done.stderr and "Traceback" not in done.stderr, done.stderr
    assert sorted(os.listdir(tmp_path)) == ["broken.xml", "vendor.xml"]


def test_policies_that_do_not_walk_are_refused() -> None:
    with pytest.raises(InputError, match="tells no speeds"):
        measure("g1-crouch", episodes=1)


def test_json_on_standard_output(tmp_path: Path) -> None:
    words = ("--workers", 1, "--json", "--engines", "bullet", "--only", NONE, "--protocols", "standing")
    done = simon("transfer", "--episodes", 1, *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    assert [cell["stress"] for cell in results["cells"]] == [NONE] and not os.listdir(tmp_path)
