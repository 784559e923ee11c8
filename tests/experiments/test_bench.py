"""What ``simon bench`` measures: that it adds up, not how fast this machine is."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

pytest.importorskip("torch")

from tiny_runs import RECIPE_FILE

from simonsays.agents.training.bench import Stopwatch, bench_train, bench_vec


class Nested:
    """A method that calls another one."""

    def outer(self) -> str:
        time.sleep(0.02)
        self.inner()
        return "done"

    def inner(self) -> None:
        time.sleep(0.05)


def test_a_method_inside_another_is_not_counted_twice() -> None:
    watch, nested = Stopwatch(), Nested()
    watch.watch("outer", nested, "outer")
    watch.watch("inner", nested, "inner")
    started = time.perf_counter()
    assert nested.outer() == "done"
    whole = time.perf_counter() - started
    assert 0.02 <= watch.seconds["outer"] < watch.seconds["inner"] and watch.seconds["inner"] >= 0.05
    assert sum(watch.seconds.values()) == pytest.approx(whole, abs=0.01)


def test_shares_of_a_training_add_up(tmp_path: Path) -> None:
    file = tmp_path / "tiny.toml"
    file.write_text(RECIPE_FILE)
    seen: list[tuple[int, int]] = []
    found = bench_train(str(file), 96, lambda done, total: seen.append((done, total)))
    assert found["steps"] == 96 and found["envs"] == 2 and found["steps_per_second"] > 0
    assert set(found["shares"]) == {"simulation", "acting", "learner", "rest"}
    assert sum(found["shares"].values()) == pytest.approx(1.0)
    assert all(0 < share < 1 for share in found["shares"].values())
    assert seen[-1] == (96, 96)


@pytest.mark.slow
def test_vectorised_envs_are_compared_on_the_same_env() -> None:
    found = bench_vec("simonsays.envs:G1-Locomotion-v0", rounds=3, envs_per_worker=2)
    assert set(found["steps_per_second"]) == {"two_workers", "one_worker", "subproc"}
    assert all(rate > 0 for rate in found["steps_per_second"].values())
    low, high = found["times_subproc_quartiles"]
    assert low <= found["times_subproc"] <= high
