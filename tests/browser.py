"""A real headless Chromium for tests of pages, drawing in software; `make packages` installs it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Frame, Page, sync_playwright

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader", "--disable-dev-shm-usage"]


@dataclass
class Watched:
    """A page, and all that it and other pages of its browser complained of and asked for."""

    page: Page
    errors: list[str] = field(default_factory=list)
    """messages of console.error and of exceptions"""
    requests: list[str] = field(default_factory=list)
    """every address that was asked for, the page's own one too"""

    def until(self, expression: str, seconds: float = 30.0) -> Any:
        """Wait until a JavaScript expression is true and return its value.

        Playwright's own ``wait_for_function`` evaluates text in the page, which a Content Security Policy forbids.
        """
        return until(self.page.main_frame, expression, seconds)

    def picture(self, file: Path) -> NDArray[np.uint8]:
        """(height, width, 3): what is seen now, also written to ``file``."""
        self.page.screenshot(path=file)
        return np.asarray(Image.open(file).convert("RGB"))


def until(frame: Frame, expression: str, seconds: float = 30.0) -> Any:
    """As :meth:`Watched.until`, in a frame of the page."""
    deadline = time.monotonic() + seconds
    while not (value := frame.evaluate(expression)):
        assert time.monotonic() < deadline, f"never true in {seconds:g} s: {expression}"
        frame.wait_for_timeout(50)
    return value


def chromium() -> str:
    """The installed browser.

    Raises:
        FileNotFoundError: there is none.
    """
    for name in _PROGRAMS:
        found = shutil.which(name)
        if found:
            return found
    raise FileNotFoundError("no Chromium for the tests of pages: run `make packages`, or install Debian's chromium")


@contextmanager
def browser_page(*, size: tuple[int, int] = (960, 600), offline: bool = False) -> Iterator[Watched]:
    """An empty page of a fresh browser; ``offline``: it has no network at all.

    Only one at a time in a process; ``page.context.new_page()`` opens more.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=_ARGUMENTS)
        try:
            context = browser.new_context(viewport={"width": size[0], "height": size[1]}, offline=offline)
            watched = Watched(context.new_page())
            context.on("console", lambda said: said.type == "error" and watched.errors.append(said.text))
            context.on("weberror", lambda error: watched.errors.append(str(error.error)))
            context.on("request", lambda request: watched.requests.append(request.url))
            yield watched
        finally:
            browser.close()
