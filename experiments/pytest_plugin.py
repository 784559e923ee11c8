"""A pytest plug-in: sentences in tests. The fixture ``say`` does one, ``assert_done`` fails where a step did.

A mark ``seeds(0, 1, 2)`` runs a test once a seed; recordings of a test that fails are kept (``--simon-recordings``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from simonsays.experiments.say import SayResult

_SAID: pytest.StashKey[list[SayResult]] = pytest.StashKey()
_LONGEST = 100  # characters of a test's name in its recordings'


def pytest_addoption(parser: pytest.Parser) -> None:
    """The folder of recordings."""
    told = "folder for the recordings of tests that fail; by default simon-recordings"
    parser.getgroup("simonsays").addoption("--simon-recordings", type=Path, default=Path("simon-recordings"), help=told)


def pytest_configure(config: pytest.Config) -> None:
    """The mark, for --strict-markers."""
    config.addinivalue_line("markers", "seeds(*seeds): run a test that says something once with each of these seeds")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each seed."""
    mark = metafunc.definition.get_closest_marker("seeds")
    if mark is None:
        return
    if "say" not in metafunc.fixturenames or not all(type(seed) is int and seed >= 0 for seed in mark.args):
        raise pytest.UsageError(f"{metafunc.definition.nodeid}: seeds(0, 1, ...) goes with the fixture `say`")
    metafunc.parametrize("say", mark.args, ids=[f"seed{seed}" for seed in mark.args], indirect=True)


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Callable[..., SayResult]:
    """``say(text, scene=..., ...)`` as :func:`simonsays.say`, with the seed of the test (0, where it has no mark)."""
    said = request.node.stash.setdefault(_SAID, [])

    def saying(text: str, **arguments: Any) -> SayResult:
        from simonsays.experiments.facade import say as do

        result = do(text, **{"seed": getattr(request, "param", 0), **arguments})
        said.append(result)
        return result

    return saying


@pytest.fixture
def assert_done() -> Callable[[SayResult], None]:
    """``assert_done(result)`` fails with each step that did not succeed, and why."""

    def check(result: SayResult) -> None:
        __tracebackhide__ = True
        failed = [f"{each.text}: {each.reason or each.status}" for each in result.verdicts if each.status != "success"]
        if failed or not result.success:
            pytest.fail("\n".join(["not done:", *failed]))

    return check


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep what a test that fails has recorded, and say where."""
    report = yield
    if report.when == "call" and report.failed:
        said: list[SayResult] = item.stash.get(_SAID, [])
        for number, result in enumerate(said, start=1):
            name = re.sub(r"[^\w\[\]-]+", "_", item.nodeid)[-_LONGEST:]
            folder = item.config.getoption("--simon-recordings")
            folder.mkdir(parents=True, exist_ok=True)
            file = result.recording.save(folder / f"{name}-{number}.npz")
            report.sections.append(("simonsays", f"kept {file}; to see it: simon render {file} --out failure.mp4"))
    return report
