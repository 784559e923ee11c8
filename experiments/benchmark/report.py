"""The report of a benchmark: results.json and report.md, written anew from the records."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from simonsays.agents.measure.estimates import Estimate
from simonsays.assets.files import write_atomically
from simonsays.experiments.benchmark.statistics import summarize
from simonsays.sim.engine_choice import in_words

_LISTED = 200  # failures in the report; results.json has all of them


def write_report(found: Mapping[str, Any], out: Path) -> dict[str, Any]:
    """Write ``results.json`` and ``report.md`` into a folder; returns the summary."""
    summary = summarize(found["episodes"])
    results = {"manifest": found["manifest"], "summary": summary, "episodes": found["episodes"]}
    write_atomically(out / "results.json", json.dumps(results, ensure_ascii=False, indent=1) + "\n")
    write_atomically(out / "report.md", markdown(found["manifest"], summary))
    return summary


def figure(value: Mapping[str, Any] | None) -> str:
    """Like ``97.5% [94.3, 98.9] (200)``; a dash of nothing."""
    return "–" if value is None else f"{Estimate(**value).text('%')} ({value['count']})"


def signed(value: Mapping[str, Any] | None) -> str:
    """A difference in points, like ``-1.2 [-3.0, +0.6]``."""
    if value is None:
        return "–"
    return f"{100 * value['value']:+.1f} [{100 * value['low']:+.1f}, {100 * value['high']:+.1f}]"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


def markdown(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    """The report for people."""
    parts = (_head, _success, _verbs, _language, _failures, _refusals)
    return "\n\n".join(part(manifest, summary) for part in parts) + "\n"


def _head(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    agreement = summary["agreement"]
    excluded = sum(summary["excluded"].values())
    return f"""# Benchmark of {manifest["policy"]} on {manifest["robot"]}

Suites {", ".join(manifest["suites"])}; seeds 0 to {manifest["seeds"] - 1}; simulated by {in_words(manifest)};
{summary["episodes"]} episodes, of which {summary["run"]} were run, {excluded} had no scene in which they can be done,
and the rest must be refused. Shares with their 95% interval (Wilson; of differences Newcombe) and, in brackets, how
many they are taken of.

A sentence succeeds only if the plan runner's success tests **and** the independent judge, which sees the recording
alone, say so of every step. The oracle does what is meant instead of what was read, with the same skills: no reader of
sentences could score higher. Runner and judge agree in {figure(agreement["share"])}: both yes {agreement["both_yes"]},
runner alone {agreement["runner_alone"]}, judge alone {agreement["judge_alone"]}, both no {agreement["both_no"]}."""


def sentence_rows(summary: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(which sentences, success, oracle)."""
    groups = [("all", summary["sentences"])]
    groups += [(f"suite {name}", value) for name, value in summary["by_suite"].items()]
    groups += [(f"{name} step{'s' * (name != '1')}", value) for name, value in summary["by_steps"].items()]
    groups += [(f"language {name}", value) for name, value in summary["by_language"].items()]
    groups += [("chains of four steps or more", summary["chains"]), ("nothing but rest", summary["at_rest"])]
    return [(name, figure(value["success"]), figure(value["oracle"])) for name, value in groups]


def _success(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    return f"""## Whole sentences

{table(("sentences", "success", "oracle"), sentence_rows(summary))}

Train minus paraphrase: {signed(summary["paraphrase_cost"])} points."""


def _verbs(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    rows = [
        (verb, figure(value["success"]), figure(value["oracle"]), value["not_begun"])
        for verb, value in summary["by_verb"].items()
    ]
    unjudged = ", ".join(f"{verb} ({count})" for verb, count in summary["not_judged"].items())
    apart = (
        f"\n\nNot judged, for want of a test, so that the runner's word counts alone: {unjudged}." if unjudged else ""
    )
    return f"""## Steps

Of the steps that were begun; those after a failure were not.

{table(("verb", "success", "oracle", "not begun"), rows)}{apart}"""


def _language(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    if not summary["sensitivity"]:
        return f"""## Does it follow the words?

Without sentences that are nothing but rest, which a robot that does nothing satisfies:
{figure(summary["not_at_rest"]["success"])}."""
    rows = [
        (kind, figure(value["matching"]), figure(value["mismatched"]), signed(value["score"]))
        for kind, value in summary["sensitivity"].items()
    ]
    return f"""## Does it follow the words?

The same scenes with another text, judged by the judge alone against the sentence that the scene was made for. Swapped:
another sentence, about other verbs. Contradicted: one thing changed. Blank: nothing told. Sentences that are nothing
but rest (stop, stand, lower the arm, return to the start) are left out: a robot that does nothing satisfies them.

{table(("text", "matching", "mismatched", "score: difference, points"), rows)}"""


def _failures(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    counts = table(("label", "failures"), [(label, str(count)) for label, count in summary["labels"].items()])
    rows = [
        (told["name"], told["text"], told["label"], told["reason"], told["recording"] or "")
        for told in summary["failures"][:_LISTED]
    ]
    more = len(summary["failures"]) - len(rows)
    listed = table(("episode (s: seed)", "sentence", "label", "why", "recording"), rows) if rows else "None."
    return f"## Failures\n\n{counts}\n\n{listed}" + (f"\n\n{more} more in results.json." if more > 0 else "")


def _refusals(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    rows = [(told["name"], told["text"], told["reason"]) for told in summary["wrongly_refused"][:_LISTED]]
    wrong = f"\n\n{table(('episode', 'sentence', 'what came instead'), rows)}" if rows else ""
    excluded = [(reason, str(count)) for reason, count in summary["excluded"].items()]
    apart = f"\n\n## No scene\n\n{table(('why', 'episodes'), excluded)}" if excluded else ""
    return f"""## Refusals

What this robot cannot do, refused with the reason that is due: {figure(summary["refusals"])}.{wrong}{apart}"""
