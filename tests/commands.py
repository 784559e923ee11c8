"""``simon`` as it is typed: in this process, or in one of its own, which takes a second longer to start."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from simonsays.assets.plugins import VARIABLE
from simonsays.experiments import cli

ROOT = Path(__file__).resolve().parent.parent
MODULE = (sys.executable, "-m", "simonsays.experiments.cli")
Done = subprocess.CompletedProcess[str]


def simon(*words: object, cwd: Path, **environment: str) -> Done:
    """Run a command line here, with variables of the environment; what it leaves there is taken back."""
    out, errors, argv = io.StringIO(), io.StringIO(), ["simon", *map(str, words)]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(errors), _signals_kept():
        patch.setattr(sys, "argv", argv)
        patch.setenv(VARIABLE, os.environ.get(VARIABLE, ""))  # --plugin writes into it
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.chdir(cwd)
        with pytest.raises(SystemExit) as end:
            cli.main()
    return subprocess.CompletedProcess(argv, int(end.value.code or 0), out.getvalue(), errors.getvalue())


@contextmanager
def _signals_kept() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def simon_process(*words: object, cwd: Path, timeout: float = 300.0, **environment: str) -> Done:
    """Run a command line in a process of its own, on one thread, for ``timeout`` s at most."""
    given = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **environment}
    command = [*MODULE, *map(str, words)]
    return subprocess.run(command, cwd=cwd, env=given, capture_output=True, text=True, timeout=timeout)
