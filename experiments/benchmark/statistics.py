"""What the records of a benchmark come to: shares with their 95% intervals, by whatever tells episodes apart."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from simonsays.agents.measure.estimates import Estimate, proportion
from simonsays.experiments.benchmark.labels import LABELS
from simonsays.experiments.benchmark.mismatch import MISMATCHES

Record = Mapping[str, Any]
Figure = dict[str, Any]


def difference(a: Estimate, b: Estimate) -> Estimate:
    """``a`` minus ``b``, two independent shares (Newcombe, Stat. Med. 17, 1998, method 10)."""
    value = a.value - b.value
    low = value - math.hypot(a.value - a.low, b.high - b.value)
    high = value + math.hypot(a.high - a.value, b.value - b.low)
    return Estimate(value, low, high, a.count + b.count)


def share(values: Iterable[bool]) -> Figure | None:
    """A share as plain data; None of nothing."""
    found = list(values)
    return asdict(proportion(sum(found), len(found))) if found else None


def minus(a: Figure | None, b: Figure | None) -> Figure | None:
    """The difference of two figures; None where one is missing."""
    return None if a is None or b is None else asdict(difference(Estimate(**a), Estimate(**b)))


def summarize(records: Sequence[Record]) -> dict[str, Any]:
    """All figures of a benchmark, as plain data."""
    run = [record for record in records if record["status"] == "run"]
    refusals = [record for record in records if record["status"] == "refusal"]
    excluded = Counter(record["reason"] for record in records if record["status"] == "excluded")
    by_suite = grouped(run, lambda record: record["suite"])
    train, paraphrase = (by_suite.get(name, {}).get("success") for name in ("train", "paraphrase"))
    return {
        "episodes": len(records),
        "run": len(run),
        "excluded": dict(excluded.most_common()),
        "sentences": both(run),
        "by_suite": by_suite,
        "by_steps": grouped(run, lambda record: str(len(record["verbs"]))),
        "by_language": grouped(run, lambda record: record["language"]),
        "by_verb": by_verb(run),
        "not_at_rest": both([record for record in run if not record["at_rest"]]),
        "at_rest": both([record for record in run if record["at_rest"]]),
        "chains": both([record for record in run if len(record["verbs"]) >= 4]),
        "paraphrase_cost": minus(train, paraphrase),
        "refusals": share(record["correct"] for record in refusals),
        "refusals_by_code": dict(Counter(record["wanted"] for record in refusals).most_common()),
        "wrongly_refused": [failure(record) for record in refusals if not record["correct"]],
        "not_judged": dict(Counter(verb for record in run for verb in record["not_judged"]).most_common()),
        "agreement": agreement(run),
        "labels": labels(run),
        "failures": [failure(record) for record in run if not record["matching"]["success"]],
        "sensitivity": sensitivity(run),
    }


def both(records: Sequence[Record]) -> dict[str, Any]:
    """Success of the sentences, and the oracle's beside it."""
    return {
        "success": share(record["matching"]["success"] for record in records),
        "oracle": share(record["oracle"]["success"] for record in records),
    }


def grouped(records: Sequence[Record], key: Callable[[Record], str]) -> dict[str, Any]:
    """As :func:`both`, for each value of a key."""
    names = sorted({key(record) for record in records})
    return {name: both([record for record in records if key(record) == name]) for name in names}


def by_verb(records: Sequence[Record]) -> dict[str, Any]:
    """Success of the steps that were begun, by verb: what comes after a failure is counted apart."""
    found = {}
    for verb in sorted({verb for record in records for verb in record["verbs"]}):
        steps = [step for record in records for step in record["matching"]["steps"] if step["verb"] == verb]
        oracle = [step for record in records for step in record["oracle"]["steps"] if step["verb"] == verb]
        found[verb] = {
            "success": share(step["success"] for step in steps if step["begun"]),
            "oracle": share(step["success"] for step in oracle if step["begun"]),
            "not_begun": sum(not step["begun"] for step in steps),
        }
    return found


def agreement(records: Sequence[Record]) -> dict[str, Any]:
    """How often the runner's verdict and the judge's are the same, of the sentences that were run and judged."""
    pairs = Counter(
        (record["matching"]["runner"], record["matching"]["judge"])
        for record in records
        if record["matching"]["label"] != "refused" and not record["not_judged"]
    )
    return {
        "share": asdict(proportion(pairs[True, True] + pairs[False, False], pairs.total())) if pairs else None,
        "both_yes": pairs[True, True],
        "runner_alone": pairs[True, False],
        "judge_alone": pairs[False, True],
        "both_no": pairs[False, False],
    }


def labels(records: Sequence[Record]) -> dict[str, int]:
    """How many failures have each label."""
    found = Counter(record["matching"]["label"] for record in records if not record["matching"]["success"])
    return {label: found[label] for label in LABELS}


def failure(record: Record) -> dict[str, Any]:
    """What is told of a failure: where it is, why, and the recording that shows it."""
    told = record.get("matching", record)
    return {
        "name": record["name"],
        "seed": record["seed"],
        "text": record["text"],
        "label": told.get("label", "not refused"),
        "reason": told["reason"],
        "recording": told.get("recording"),
    }


def sensitivity(records: Sequence[Record]) -> dict[str, Any]:
    """Success with the matching text and with each that does not match, of sentences that are not rest alone.

    Each difference is over the episodes that have such a text.
    """
    found: dict[str, Any] = {}
    every: list[bool] = []
    held = [record for record in records if "mismatched" in record]
    for kind in MISMATCHES:
        with_it = [record for record in held if kind in record["mismatched"]]
        wrong = [record["mismatched"][kind]["success"] for record in with_it]
        every += wrong
        found[kind] = _score(with_it, wrong)
    return {**found, "all": _score(held, every)} if held else {}


def _score(records: Sequence[Record], mismatched: Sequence[bool]) -> dict[str, Any]:
    matching, wrong = share(record["matching"]["success"] for record in records), share(mismatched)
    return {"matching": matching, "mismatched": wrong, "score": minus(matching, wrong)}
