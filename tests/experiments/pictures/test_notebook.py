"""The tutorial runs as it stands, and recordings show themselves in a notebook."""

from __future__ import annotations

import json
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import browser_page, until

from simonsays.sim.web.replay import replay_html
from simonsays.testing.recordings import record

TUTORIAL = Path(__file__).resolve().parents[3] / "docs" / "tutorial.ipynb"


class Tags(HTMLParser):
    """Every tag of a text with its attributes, and the text outside of tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_recording_shows_its_replay_in_a_closed_frame() -> None:
    recording = record(0.5)
    ((tag, attributes),) = Tags(recording._repr_html_()).found
    assert tag == "iframe" and attributes["srcdoc"] == replay_html(recording)
    assert attributes["sandbox"] == "allow-scripts"


def test_a_recording_that_cannot_be_replayed_shows_a_table() -> None:
    evil = "</script><img src=x onerror=alert(1)>"
    steps = [{"text": evil, "status": "failure", "reason": "fell", "started": 0.0, "ended": 0.1}]
    broken = replace(record(0.2), meta={"robot": "nobody", "instruction": evil, "steps": steps})
    shown = Tags(broken._repr_html_())
    assert {tag for tag, _ in shown.found} == {"table", "caption", "tr", "th", "td", "p"}
    assert f"{evil}: fell" in shown.text and "nobody" in shown.text and "0.2 s" in shown.text


def test_the_frame_plays_in_a_browser(tmp_path: Path) -> None:
    page = tmp_path / "notebook.html"
    page.write_text(f"<!doctype html><meta charset=utf-8><body>{record(0.5)._repr_html_()}", encoding="utf-8")
    with browser_page() as watched:
        watched.page.goto(page.as_uri())
        frame = watched.page.frames[1]
        until(frame, "document.querySelector('canvas') !== null")
        frame.wait_for_timeout(500)
        picture = watched.picture(tmp_path / "seen.png")
        assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 200
        assert watched.errors == []


def cells() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(TUTORIAL.read_text(encoding="utf-8"))["cells"]
    return found


def test_the_tutorial_is_kept_without_outputs() -> None:
    for cell in cells():
        assert cell.get("outputs", []) == [] and cell.get("execution_count") is None, cell["source"]


@pytest.mark.slow  # 20 s: it trains and films
def test_the_tutorial_runs(tmp_path: Path) -> None:
    """As a reader runs it, in a kernel of its own: a sentence, two films, a training and its measuring."""
    nbformat = pytest.importorskip("nbformat")
    client = pytest.importorskip("nbclient")
    pytest.importorskip("torch")
    notebook = nbformat.read(TUTORIAL, as_version=4)
    client.NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    ).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    printed = "".join(output.text for output in outputs if output.output_type == "stream" and output.name == "stdout")
    assert "success walk forward 1 m" in printed and "success wave" in printed
    assert "purple" in printed, "the refusal"
    assert "failure after" in printed, "the policy of a few steps falls"
    kinds = [kind for output in outputs if "data" in output for kind in output.data]
    assert kinds.count("image/png") == 2
    pages = [output.data["text/html"] for output in outputs if "text/html" in output.get("data", {})]
    assert sum("srcdoc" in page for page in pages) == 1 and sum("<video" in unescape(page) for page in pages) == 2
    assert not [output for output in outputs if output.output_type == "stream" and output.name == "stderr"]
    assert sorted(file.name for file in (tmp_path / "tutorial").iterdir()) == ["run", "walk.mp4", "walk.npz"]
