"""What all tests share."""

from __future__ import annotations

import gc
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

# A shell's background job ignores Ctrl-C, and so would all that the tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="module", autouse=True)
def _what_stays() -> Iterator[None]:
    """What a module's tests have left for all (grammars, above all, millions of objects) is searched through once, and
    never again by the tests that count what is given back."""
    yield
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny training that has ended, once for all: to be read, and copied to be changed."""
    pytest.importorskip("torch")
    from tiny_runs import tiny

    from simonsays.agents.training.train import train

    folder = tmp_path_factory.mktemp("finished") / "run"
    train(tiny(), folder)
    return folder


@pytest.fixture
def run(finished_run: Path, tmp_path: Path) -> Path:
    """A copy of it, of the test's own."""
    return Path(shutil.copytree(finished_run, tmp_path / "run"))
