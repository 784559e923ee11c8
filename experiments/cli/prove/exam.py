"""``simon exam``: public instructions that the parser is put to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

_MOST_GROUPS = 12


def run(
    name: Annotated[
        str | None,
        typer.Argument(
            help="scan, babyai, babyai-levels, gscan, libero, kit, or a plug-in's; without one: what each is."
        ),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="A file or folder of its sentences, where they are not ours to ship.")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="At most so many sentences, drawn by --seed.", min=1)] = None,
    seed: Annotated[int, typer.Option(help="Of what is drawn.", min=0)] = 0,
    list_refused: Annotated[
        Path | None, typer.Option(help="Write what was refused, and why: .jsonl, or .tsv for spreadsheets.")
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print the figures as one JSON document.")] = False,
) -> None:
    """Put the parser to a public set of instructions: what it reads, what could be done, what is read as it is meant.

    Nothing is simulated; docs/exams.md says what the figures are.
    """
    from time import perf_counter

    from simonsays.assets.files import check_writable
    from simonsays.experiments.cli._common import console, interruptible, print_json, progress_bar
    from simonsays.experiments.exams.exam import EXAMS, questions
    from simonsays.experiments.exams.marking import marks, sit

    if name is None:
        _list(json_output)
        return
    exam = EXAMS[name]
    if list_refused is not None:
        check_writable(list_refused, (".jsonl", ".tsv"))
    with interruptible("nothing was written"), progress_bar(name, after=2.0) as update:
        asked = questions(exam, data, limit, seed)
        began = perf_counter()
        answers = sit(exam, asked, update)
        seconds = perf_counter() - began
        figures = marks(answers, seconds)
        if list_refused is not None:
            _write(list_refused, [answer.refusal() for answer in answers if answer.error is not None])
    about = {"exam": name, "source": exam.source, "data": str(data) if data else None, "limit": limit, "seed": seed}
    if json_output:
        print_json({**about, **figures})
        return
    _show(figures, exam.title)
    if list_refused is not None:
        console().print(f"wrote {list_refused}", style="dim")


def _list(json_output: bool) -> None:
    from simonsays.experiments.cli._common import console, print_json
    from simonsays.experiments.exams.exam import EXAMS, known_formats

    if json_output:
        listed = {name: {"title": e.title, "source": e.source, "data": list(e.formats)} for name, e in EXAMS.items()}
        print_json(listed)
        return
    screen = console()
    for name, exam in EXAMS.items():
        needed = "needs" if exam.draw is None else "takes"
        screen.print(f"{name:<14}", style="bold", end="")
        screen.print(f"{exam.title}")
        screen.print(f"{'':<14}{exam.source}; {needed} --data: {known_formats(exam)}", style="dim")


def _write(file: Path, refused: list[dict[str, Any]]) -> None:
    """One JSON object a line, or a table with tabs."""
    import json

    from simonsays.assets.files import write_atomically

    if file.suffix.lower() == ".jsonl":
        rows = [json.dumps(each, ensure_ascii=False) for each in refused]
    else:
        columns = ("stage", "code", "text", "message")
        rows = ["\t".join(columns)]
        rows += ["\t".join(" ".join(str(each[column]).split()) for column in columns) for each in refused]
    write_atomically(file, "".join(f"{row}\n" for row in rows))


def _show(figures: dict[str, Any], title: str) -> None:
    from simonsays.experiments.cli._common import console, print_table

    screen, count, time = console(), figures["sentences"], figures["time"]
    screen.print(title, style="bold")
    screen.print(f"  sentences   {count:,}")
    for part in ("read", "executable"):
        screen.print(f"  {part:<10}  {_share(figures[part], count)}")
    if figures["exact"] is not None:
        exact = figures["exact"]
        screen.print(f"  exact       {_share(exact['right'], exact['of'])}; {exact['wrong']:,} read otherwise")
    most = f"{time['most_ms']:.1f} ms ({time['slowest'][:60]!r})"
    screen.print(f"  time        median {time['median_ms']:.2f} ms, most {most}, {time['total_s']:.1f} s in all")
    for misread in figures["misread"][:3]:
        screen.print(f"  {misread['text']!r} was read as {misread['read']}, meant {misread['meant']}", style="yellow")
    if figures["refused"]:
        rows = (
            (each["stage"], each["code"], _share(each["sentences"], count), _at_fault(each))
            for each in figures["refused"]
        )
        print_table(("refused in", "because", "sentences", "words at fault"), rows)
    if 1 < len(figures["groups"]) <= _MOST_GROUPS:
        print_table(("group", "sentences", "read", "executable", "exact"), map(_row, figures["groups"].items()))


def _share(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,} ({part / whole:.1%})"


def _at_fault(reason: dict[str, Any]) -> str:
    """The words that are most often at fault; where none are, what is said of the first sentence."""
    return ", ".join(f"{words} {count:,}" for words, count in reason["words"].items()) or reason["example"]["message"]


def _row(group: tuple[str, dict[str, Any]]) -> tuple[str, ...]:
    name, found = group
    count, exact = found["sentences"], found["exact"]
    shares = [f"{found[part] / count:.1%}" for part in ("read", "executable")]
    return name, f"{count:,}", *shares, f"{exact['right'] / exact['of']:.1%}" if exact else "–"
