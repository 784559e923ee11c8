"""Run two trees of the project beside each other on this machine and report where they behave differently.

    python tests/side_by_side --old a3b19cb                  # all that must stay: that commit against this checkout
    python tests/side_by_side --old a3b19cb --quick          # a sample of it: fewer sentences, one seed, two recipes
    python tests/side_by_side --old a3b19cb --only parses,onnx
    python tests/side_by_side --old a3b19cb --only bench     # times, for information
    python tests/side_by_side --old a3b19cb --new side --json differences.json --keep /tmp/kept

``--old`` and ``--new`` take a commit, which is exported by ``git archive``, or a folder; ``--new`` is the checkout that
this file stands in, as it is, unless said otherwise. Each side runs in processes of its own that can import nothing of
the other's. What is compared (parts.py): parses and plans, recordings, exported policies, short trainings; ``bench``
only where it is asked for. All inputs (sentences, scenes, recipes, policies' shapes) are the old tree's.

Differences that are meant stand in expected.py, each with its reason; they are reported and do not count. Exit code: 0
if all is equal save those, 1 if not, 2 if a side could not be run at all.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

from bench import bench
from compare import Outcome
from parts import PARTS, Settings
from report import as_json, as_text
from trees import ROOT, Side, TreeError, make_side


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(
        prog="python tests/side_by_side", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--old", required=True, metavar="COMMIT|FOLDER", help="what the behaviour was")
    parser.add_argument("--new", default=str(ROOT), metavar="COMMIT|FOLDER", help="default: this checkout as it is")
    parser.add_argument(
        "--only",
        default=",".join(PARTS),
        metavar="PART,...",
        help=f"of {', '.join(PARTS)}, bench; default: all but bench",
    )
    parser.add_argument("--seeds", type=int, default=2, help="of each recorded sentence (2)")
    parser.add_argument("--quick", action="store_true", help="a sample of each part, one seed")
    parser.add_argument("--show", type=int, default=3, metavar="N", help="examples of each difference (3)")
    parser.add_argument("--one-at-a-time", action="store_true", help="use one core: the sides one after the other")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the whole report there, too")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave what the sides wrote there (a new folder)")
    asked = parser.parse_args(given)
    asked.only = [name for name in asked.only.split(",") if name]
    for name in asked.only:
        if name not in (*PARTS, "bench"):
            parser.error(f"--only {name}: there are {', '.join(PARTS)} and bench")
    if asked.keep is not None and asked.keep.exists():
        parser.error(f"--keep {asked.keep}: exists already")
    return asked


def run(asked: argparse.Namespace, work: Path) -> tuple[list[Side], list[Outcome]]:
    """Both sides through every part that was asked for."""
    sides = [make_side(name, tree, work / name) for name, tree in (("old", asked.old), ("new", asked.new))]
    settings = Settings(1 if asked.quick else asked.seeds, asked.quick, asked.one_at_a_time)
    outcomes = []
    for name in asked.only:
        began = time.monotonic()
        print(f"{name} ...", file=sys.stderr, flush=True)
        part = bench if name == "bench" else PARTS[name]
        outcome = part(sides[0], sides[1], work / name, settings)
        outcome.seconds = time.monotonic() - began
        outcomes.append(outcome)
    return sides, outcomes


def main() -> int:
    """The exit code."""
    asked = arguments()
    if asked.keep is not None:
        asked.keep.mkdir(parents=True)
    with nullcontext(asked.keep) if asked.keep else tempfile.TemporaryDirectory(prefix="side-by-side-") as folder:
        try:
            sides, outcomes = run(asked, Path(folder).resolve())
        except TreeError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
    print(as_text(sides, outcomes, asked.show))
    if asked.json is not None:
        asked.json.write_text(as_json(sides, outcomes), encoding="utf-8")
    return 1 if any(outcome.counted for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
