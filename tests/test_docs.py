"""What README and docs/ say holds: their code runs, their commands and files are there, their tables are the code's."""

from __future__ import annotations

import importlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import gymnasium
import pytest
import typer
from docs_tables import DOCS, PAGES
from markdown_it import MarkdownIt

from simonsays.agents.recipes.recipe import recipe_from_dict
from simonsays.assets.registry import POLICIES, RECIPES
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.language.instruction import Instruction
from simonsays.experiments import cli
from simonsays.experiments.say import run_instruction
from simonsays.sim.recording import Recording
from simonsays.sim.specs import scene_from_dict
from simonsays.testing.recordings import record

ROOT = DOCS.parent
TEXTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *PAGES]
PIPES = {"|", "&", "&&", ";", ">"}
NOT_RUN = re.compile(r"<!-- not run: (\S.*) -->")

METADATA = {"simonsays.format"}  # keys of files, which look like modules

every_text = pytest.mark.parametrize("page", TEXTS, ids=lambda page: str(page.relative_to(ROOT)))


@dataclass(frozen=True)
class Block:
    """A block of code: its language, its text, and the line of the page on which that begins."""

    language: str
    text: str
    line: int
    run: bool
    """not marked ``<!-- not run: why -->``"""
    file: str
    """its title: the file that it is; empty where it is none"""


def blocks(page: Path) -> list[Block]:
    found, marked = [], False
    for token in MarkdownIt().enable("table").parse(page.read_text(encoding="utf-8")):
        if token.type in ("fence", "code_block"):
            assert token.map is not None
            language, _, title = (token.info.strip() or "sh").partition(" title=")
            line = token.map[0] + (token.type == "fence")
            found.append(Block(language, token.content, line, not marked, title.strip('"')))
        marked = token.type == "html_block" and NOT_RUN.match(token.content) is not None
    return found


def inline_code(page: Path) -> Iterator[str]:
    for token in MarkdownIt().enable("table").parse(page.read_text(encoding="utf-8")):
        yield from (child.content for child in token.children or () if child.type == "code_inline")


def command_lines(block: Block) -> Iterator[list[str]]:
    """The words of each command of a shell block; ``$ `` marks those of a transcript, whose other lines are output."""
    lines = block.text.replace("\\\n", " ").splitlines()
    if any(line.startswith("$ ") for line in lines):
        lines = [line[2:] for line in lines if line.startswith("$ ")]
    for line in lines:
        yield from split_commands(line)


def split_commands(line: str) -> Iterator[list[str]]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;>")
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if word not in PIPES:
            words.append(word)
        elif words:
            yield words
            words = []


# Typer may bring a click of its own.
REFUSAL = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
simon = cache(cli.simon)


def check_command(words: list[str]) -> None:
    """Read a command line of ``simon`` as it would be read, without running it."""
    group = simon()
    with typer.Context(group) as context:
        name, command, rest = group.resolve_command(context, words[1:])
        assert command is not None
        with suppress(typer.Exit):  # of --help
            command.make_context(name, list(rest), parent=context)


def write_files(page: Path, folder: Path) -> None:
    """Put the files that a page shows into a folder."""
    for block in blocks(page):
        if block.file:
            (folder / block.file).parent.mkdir(exist_ok=True)
            (folder / block.file).write_text(block.text, encoding="utf-8")


def plugin(words: list[str]) -> str:
    """The plug-in that a command names, or none."""
    return words[words.index("--plugin") + 1] if "--plugin" in words else ""


@every_text
def test_commands_are_read(page: Path, tmp_path: Path) -> None:
    write_files(page, tmp_path)
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for block in blocks(page):
        if block.language not in ("sh", "console"):
            continue
        for words in command_lines(block):
            try:
                if words[0] == "simon":
                    if named := plugin(words):
                        assert (tmp_path / named).is_file(), "no such plug-in"
                        words = [word for word in words if word not in ("--plugin", named)]
                    check_command(words)
                elif words[0] == "make":
                    assert set(words[1:]) <= set(targets)
                elif words[:2] == ["python", "-m"]:
                    assert importlib.util.find_spec(words[2])
            except (REFUSAL, AssertionError) as error:
                raise AssertionError(f"{page}:{block.line}: {shlex.join(words)}: {error}") from error


@every_text
def test_commands_within_sentences_have_the_options_that_they_name(page: Path) -> None:
    for code in inline_code(page):
        if not code.startswith("simon ") or "COMMAND" in code:
            continue
        for words in split_commands(re.sub(r"[][]", "", code)):
            command = simon().commands.get(words[1])
            assert command is not None, f"{page}: {code}"
            known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
            assert {word for word in words if word.startswith("--")} <= known, f"{page}: {code}"


@every_text
def test_files_and_names_that_are_named_exist(page: Path) -> None:
    for code in inline_code(page):
        if re.fullmatch(r"(sim|envs|agents|assets|experiments|docs|tests|examples)/[\w/.*{},-]+", code):
            pattern = re.sub(r"(?<![A-Za-z])[A-Z]{3,}(?![A-Za-z])", "*", code)
            assert any(ROOT.glob(pattern)), f"{page}: {code}"
        elif re.fullmatch(r"simonsays(\.\w+)+(\(.*\))?", code) and code not in METADATA:
            assert exists(code.partition("(")[0]), f"{page}: {code}"


def exists(dotted: str) -> bool:
    """Whether a module of that name or something in a module can be imported."""
    parts = dotted.split(".")
    for i in range(len(parts), 0, -1):
        try:
            thing: Any = importlib.import_module(".".join(parts[:i]))
        except ModuleNotFoundError:
            continue
        for name in parts[i:]:
            if not hasattr(thing, name) and name not in getattr(thing, "__annotations__", ()):
                return False
            thing = getattr(thing, name, None)
        return True
    return False


@every_text
def test_extras_that_are_named_exist(page: Path) -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for names in re.findall(r"simonsays\[([a-z,]+)\]", page.read_text(encoding="utf-8")):
        assert set(names.split(",")) <= set(extras), f"{page}: {names}"


@every_text
def test_toml_and_json_are_accepted(page: Path) -> None:
    for block in blocks(page):
        try:
            if block.language == "toml" and block.run and not block.file:  # a file is read by a command of its page
                check_toml(tomllib.loads(block.text))
            elif block.language == "json" and block.run:
                data = json.loads(block.text)
                if "steps" in data:
                    Instruction.from_json(data)
        except ValueError as error:
            raise AssertionError(f"{page}:{block.line}: {error}") from error


def check_toml(data: dict[str, Any]) -> None:
    """A scene, a set of sentences, or a recipe or a part of one, which then changes that of the walk."""
    if {"props", "ground", "robot", "viewer", "robots"} & set(data):
        scene_from_dict(data, "scene", "scene")
    else:
        base = tomllib.loads(RECIPES.find("walk").read_text(encoding="utf-8"))
        recipe_from_dict({"name": "page"} | ({} if "stages" in data else base) | data, "recipe")


CHEAP = {"doctor", "explain", "list", "parse", "recipe", "scene"}
SAYING = ["README.md", "docs/index.md", "docs/films.md", "docs/replay.md", "docs/scenes.md"]
SAYING += [
    f"docs/tutorial/{name}.md"
    for name in ("first-film", "own-skill", "own-reward", "own-event", "own-motion", "own-env")
]


def is_cheap(words: list[str]) -> bool:
    return words[1] in CHEAP or (words[1] == "says" and "--no-video" in words)


@every_text
def test_cheap_commands_run_and_transcripts_are_what_is_printed(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_files(page, tmp_path)
    for block in blocks(page):
        transcript = block.text.startswith("$ ") and block.run
        if not transcript and not (block.language == "sh" and block.run):
            continue
        said = list(command_lines(block))
        for words in said:
            if words[0] == "simon" and (transcript or is_cheap(words)):
                code, printed = run_command(words, monkeypatch, capfd)
                assert transcript or code == 0, f"{page}:{block.line}: {printed}"
                if transcript:
                    assert len(said) == 1
                    assert printed.strip() == block.text.partition("\n")[2].strip(), f"{page}:{block.line}"


@pytest.mark.slow
@pytest.mark.parametrize("name", SAYING)
def test_longer_commands_run(name: str, folder: Path, tmp_path: Path) -> None:
    """Sentences, films, and trainings of the recipes that a page shows; one after the other, as they use each other."""
    page = ROOT / name
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    record(6.0).save(tmp_path / "run.npz")
    write_files(page, tmp_path)
    shown = {block.file for block in blocks(page)}
    for block in blocks(page):
        for words in command_lines(block) if block.language == "sh" and block.run else ():
            trained = {*shown, *(f"runs/{Path(file).stem}" for file in shown)}
            if words[:2] in (["simon", "says"], ["simon", "render"]) or (words[0] == "simon" and trained & set(words)):
                module = [sys.executable, "-m", "simonsays.experiments.cli", *words[1:]]
                environment = {**os.environ, "PYTHONPATH": str(ROOT)}
                done = subprocess.run(module, cwd=tmp_path, env=environment, capture_output=True, text=True)
                assert done.returncode == 0, f"{name}:{block.line}: {shlex.join(words)}\n{done.stderr}{done.stdout}"


def run_command(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    """Exit code and output of a command, run in this process; with a plug-in, in one of its own."""
    if plugin(words):
        module = [sys.executable, "-m", "simonsays.experiments.cli", *words[1:]]
        done = subprocess.run(module, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
        return done.returncode, done.stderr + done.stdout
    monkeypatch.setattr(sys, "argv", words)
    try:
        cli.main()
    except SystemExit as end:
        out, errors = capfd.readouterr()
        return int(end.code or 0), errors + out
    raise AssertionError("a command line ends with its exit code")


@pytest.fixture(scope="module")
def folder(finished_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what pages speak of: recordings and a run."""
    made = tmp_path_factory.mktemp("folder")
    for name in ("run", "wave", "walk", "before", "after"):
        record(0.4).save(made / f"{name}.npz")
    shutil.copytree(finished_run, made / "runs" / "walk")
    return made


def python_pages() -> list[Path]:
    return [page for page in TEXTS if any(block.language == "python" and block.run for block in blocks(page))]


@pytest.mark.parametrize("page", python_pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_python_runs(page: Path, folder: Path, tmp_path: Path) -> None:
    """As a reader would run it: the blocks of a page, one after the other, as a script; beside it the page's files."""
    script = [""] * page.read_text(encoding="utf-8").count("\n")
    for block in blocks(page):
        if block.language == "python" and block.run and not block.file:
            lines = block.text.splitlines()
            script[block.line : block.line + len(lines)] = lines
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    write_files(page, tmp_path)
    file = tmp_path / f"{page.stem.replace('-', '_')}_page.py"
    file.write_text("\n".join(script), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, file.name],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{page}, lines as there:\n{done.stderr}"


def shown_tests(page: Path) -> list[Block]:
    return [block for block in blocks(page) if block.language == "python" and "\ndef test_" in f"\n{block.text}"]


@pytest.mark.slow
@pytest.mark.parametrize("page", [*filter(shown_tests, TEXTS)], ids=lambda page: str(page.relative_to(ROOT)))
def test_tests_that_pages_show_pass(page: Path, tmp_path: Path) -> None:
    for number, block in enumerate(shown_tests(page)):
        (tmp_path / f"test_of_the_page_{number}.py").write_text(block.text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "simonsays.experiments.pytest_plugin"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_tables_are_those_of_the_code() -> None:
    """In a process of its own, where nothing else has registered anything."""
    command = [sys.executable, str(Path(__file__).with_name("docs_tables.py")), "--check"]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert done.returncode == 0, f"write anew by python tests/docs_tables.py: {done.stdout}{done.stderr}"


def keys_of_meta() -> set[str]:
    return set(said_recording().meta)


def keys_of_a_step() -> set[str]:
    return {key for step in said_recording().meta["steps"] for key in step}


def keys_of_bundles() -> set[str]:
    """Those of the shipped ones, and of one for an env with a history."""
    texts = [file.read_text(encoding="utf-8") for file in POLICIES.files().values()]
    return {key for text in texts for key in json.loads(text)} | set(HumanoidEnv(history=2).describe())


def keys_of_info() -> set[str]:
    found = set[str]()
    for name in ("Locomotion", "GoTo", "Instruction"):
        env = gymnasium.make(f"simonsays:G1-{name}-v0")
        env.reset(seed=0)
        found |= set(env.step(env.action_space.sample())[4])
        env.close()
    return found


def keys_of_onnx() -> set[str]:
    pytest.importorskip("onnx")
    from simonsays.experiments.exchange.onnx_export import build_model

    return {entry.key for entry in build_model("g1-locomotion", signals=True).metadata_props}


@cache
def said_recording() -> Recording:
    """What came of a sentence that is soon done."""
    return run_instruction("站半秒", scene="empty").recording


CONTRACTS = {
    "meta": keys_of_meta,
    "step": keys_of_a_step,
    "policy.json": keys_of_bundles,
    "info": keys_of_info,
    "onnx": keys_of_onnx,
}


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_contracts_name_every_key_and_no_other(name: str) -> None:
    """Of what is not a class, but is written: the first column of a table after ``<!-- keys: NAME -->``."""
    text = (DOCS / "contracts.md").read_text(encoding="utf-8").partition(f"<!-- keys: {name} -->\n")[2].strip()
    rows = text.partition("\n\n")[0].splitlines()[2:]
    listed = [key for row in rows for key in re.findall(r"`([\w.]+)`", row.split("|")[1])]
    assert sorted(listed) == sorted(CONTRACTS[name]())


def test_readme_is_short_and_its_links_lead_somewhere() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.count("\n") < 120
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (ROOT / link).exists(), link


class Loads(HTMLParser):
    """What a page loads when it is opened: not what its links lead to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag != "a" and (address := given.get("src") or given.get("href")):
            self.found.append(address)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("mkdocs")
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and not done.stderr.strip(), done.stderr
    return folder


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > len(PAGES)
    for page in pages:
        for address in Loads(page.read_text(encoding="utf-8")).found:
            assert not re.match(r"(https?:)?//", address), f"{page}: {address}"
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*[\"']?(https?:)?//", sheet.read_text(encoding="utf-8")), sheet


def test_every_page_is_in_the_navigation() -> None:
    nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[2]
    for page in PAGES:
        assert re.search(rf"[ ]{re.escape(str(page.relative_to(DOCS)))}\n", nav), page
