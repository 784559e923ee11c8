"""``simon parse``: what a sentence means, or a file of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer


def run(
    text: Annotated[str | None, typer.Argument(help="A sentence: English, Mandarin, or a plug-in's language.")] = None,
    batch: Annotated[Path | None, typer.Option(help="One sentence a line in (- is standard input), JSON out.")] = None,
    scan: Annotated[bool, typer.Option("--scan", help="SCAN's action symbols, in SCAN's reading.")] = False,
    language: Annotated[
        str | None, typer.Option(help="Its code, as en or zh.", show_default="told from the script")
    ] = None,
    translator: Annotated[str | None, typer.Option(help="Let a language model read it: deepseek, openai, ...")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print the Instruction JSON.")] = False,
) -> None:
    """Show how a sentence is understood, without a scene or a robot.

    With --batch each line gives one JSON object a line: {"text", "instruction"}, {"text", "actions"} with --scan, or
    {"text", "error": {"code", "position", "message"}}; the exit code is 0 then.
    """
    from simonsays.assets import InputError
    from simonsays.envs.language import locales
    from simonsays.experiments.cli._common import read_instruction

    if (text is None) == (batch is None):
        raise InputError("give a sentence, or a file of them with --batch")
    if language is not None and language not in locales():
        raise InputError(f"--language {language!r}: use {' or '.join(locales())}")
    if scan and translator:
        raise InputError("--scan and --translator do not go together: SCAN's commands need no translator")
    if batch is not None:
        _batch(batch, scan, language, translator)
    elif scan:
        _show_scan(str(text), json_output)
    else:
        _show(str(text), *read_instruction(str(text), language, translator), json_output)


def _show_scan(text: str, json_output: bool) -> None:
    import sys

    from simonsays.envs.language.en.scan import scan_actions
    from simonsays.experiments.cli._common import language_errors, print_json

    with language_errors():
        actions = scan_actions(text)
    if json_output:
        print_json({"text": text, "actions": actions})
    else:
        sys.stdout.write(" ".join(actions) + "\n")


def _show(text: str, instruction: Any, analysis: Any, json_output: bool) -> None:
    from simonsays.envs.language import render
    from simonsays.envs.skills import skills
    from simonsays.experiments.cli._common import console, print_json, show_corrections

    show_corrections(analysis)
    if json_output:
        print_json(instruction.to_json())
        return
    known, screen = skills(), console()
    screen.print(render(instruction), style="bold")
    for i, step in enumerate(instruction.steps, start=1):
        slots = {name: value for name, value in step.to_json().items() if name != "verb"}
        screen.print(f"  {i}. {step.verb}  {slots or ''}", end="")
        screen.print("" if step.verb in known else "  (no skill does this yet)", style="yellow")
    if analysis is not None and analysis.fillers:
        words = ", ".join(repr(word) for word, _ in analysis.fillers)
        screen.print(f"  passed over: {words}", style="dim")


def _batch(file: Path, scan: bool, language: str | None, translator: str | None) -> None:
    """Print one JSON object for each line of a file."""
    import json
    import sys

    from simonsays.assets import InputError
    from simonsays.envs.skills import skills
    from simonsays.experiments.cli._common import progress_bar

    skills()
    if str(file) == "-" and sys.stdin is None:
        raise InputError("--batch -: standard input is closed; name a file")
    try:
        source = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        # At newlines alone: what else str.splitlines takes for one may stand within a sentence.
        *lines, rest = source.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
        lines += [rest] if rest else []
    except OSError as error:
        raise InputError(f"--batch {file}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"--batch {file}: byte {error.start} is not UTF-8 text") from error
    with progress_bar("parsing", show=not sys.stdout.isatty()) as update:
        for i, found in enumerate(_results(lines, scan, language, translator), start=1):
            sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
            if i % 100 == 0:
                update(i, len(lines))
                sys.stdout.flush()
            if getattr(sys.stdout, "gone", None):
                return


def _results(lines: list[str], scan: bool, language: str | None, translator: str | None) -> Iterator[dict[str, Any]]:
    from simonsays.envs.language import ParseError, parse
    from simonsays.envs.language.en.scan import scan_actions
    from simonsays.envs.language.translate import TranslatorError, translate

    for text in lines:
        try:
            if scan:
                yield {"text": text, "actions": scan_actions(text)}
            elif translator:
                yield {"text": text, "instruction": translate(text, translator).to_json()}
            else:
                yield {"text": text, "instruction": parse(text, language).to_json()}  # type: ignore[arg-type]
        except ParseError as error:
            yield {"text": text, "error": error.to_json()}
        except TranslatorError as error:
            if error.code in ("unknown_translator", "missing_key", "missing_package"):
                raise  # no line would fare better
            yield {"text": text, "error": {"code": error.code, "position": 0, "message": str(error)}}
