"""Times of both sides, measured by turns on one machine."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from compare import Outcome
from trees import HERE, Side


def bench(old: Side, new: Side, work: Path, settings: Any) -> Outcome:
    """What an env step and a control step of a sentence cost: the new side's time over the old one's, pair by pair."""
    rounds = 5 if settings.quick else 15
    outcome = Outcome("bench", rounds)
    work.mkdir(parents=True)
    (work / "inputs.json").write_text("{}")
    running = {side.name: _start(side, work) for side in (old, new)}
    pairs: list[dict[str, Any]] = []
    try:
        for i in range(rounds + 1):
            order = [old, new] if i % 2 else [new, old]
            measured = {side.name: _measure(running[side.name], i) for side in order}
            pairs += [measured] if i else []  # the first one warms up
    except (EOFError, BrokenPipeError):
        for name, process in running.items():
            process.kill()
            outcome.add(f"the {name} side", "did not run", "", (work / name / "log.txt").read_text()[-500:])
        return outcome
    for process in running.values():
        assert process.stdin is not None
        process.stdin.close()
        process.wait()
    for what in pairs[0]["old"]:
        before, after = ([pair[name][what] for pair in pairs] for name in ("old", "new"))
        ratios = [b / a for a, b in zip(before, after, strict=True)]
        low, middle, high = statistics.quantiles(ratios, n=4)
        outcome.notes.append(
            f"{what}: old {statistics.median(before) * 1e6:.0f} µs, new {statistics.median(after) * 1e6:.0f} µs: "
            f"ratio {middle:.3f} (quartiles {low:.3f} to {high:.3f})"
        )
    return outcome


def _start(side: Side, work: Path) -> subprocess.Popen[str]:
    folder = work / side.name
    folder.mkdir()
    with (folder / "log.txt").open("w") as log:
        return subprocess.Popen(
            [sys.executable, str(HERE / "probe.py"), "bench", str(work / "inputs.json")],
            cwd=folder,
            env=side.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )


def _measure(process: subprocess.Popen[str], seed: int) -> dict[str, float]:
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(f"{seed}\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise EOFError
    measured: dict[str, float] = json.loads(line)
    return measured
