"""Somebody who uses the live page in a real browser: types, points, presses keys, and waits for what comes of it."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from browser import Watched, browser_page
from commands import MODULE

_SENSES = """
window.spoken = [];
window.speechSynthesis.speak = (said) => window.spoken.push(said.text);
window.pad = null;
navigator.getGamepads = () => [window.pad];
window.SpeechRecognition = window.webkitSpeechRecognition = class {
  start() {
    const heard = Object.assign([{ transcript: "wave once" }], { isFinal: true });
    setTimeout(() => { this.onresult?.({ resultIndex: 0, results: [heard] }); this.onend?.(); }, 50);
  }
  stop() {}
  abort() {}
  addEventListener(name, heard) { this["on" + name] = heard; }
};
"""
_ON_SCREEN = """([x, y, z]) => {
  const view = document.live.view;
  view.camera.updateMatrixWorld();
  const p = new THREE.Vector3(x, y, z).project(view.camera);
  const box = view.renderer.domElement.getBoundingClientRect();
  return [box.left + (p.x + 1) / 2 * box.width, box.top + (1 - p.y) / 2 * box.height];
}"""
_PATIENCE = 90.0  # s, that is waited for anything on a machine that does much else


def serve(folder: Path, port: int = 0, *options: str) -> tuple[subprocess.Popen[str], str]:
    """A live robot in a process of its own, and its address; on a free port, unless one is named."""
    command = [*MODULE, "live", "--port", str(port), "--json", "--out", str(folder), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    return process, process.stdout.readline().split('"')[3]


class Visitor:
    """A page on a live robot of its own."""

    def __init__(self, watched: Watched, folder: Path, options: tuple[str, ...]) -> None:
        with socket.socket() as free:  # one that it is served on again after it was killed
            free.bind(("127.0.0.1", 0))
            self._port: int = free.getsockname()[1]
        self._watched, self._options = watched, options
        self.page, self.folder = watched.page, folder
        self.process, self.url = serve(folder, self._port, *options)

    def serve_again(self) -> None:
        """Kill the server, and start it once more."""
        self.process.kill()
        self.process.wait()
        self.til("document.querySelector('#link').textContent !== 'connected'")
        self.process, _ = serve(self.folder, self._port, *self._options)
        self.til("document.querySelector('#link').textContent === 'connected'")

    def ev(self, expression: str, *given: Any) -> Any:
        """What JavaScript in the page is."""
        return self.page.evaluate(expression, *given)

    def til(self, expression: str, seconds: float = _PATIENCE) -> Any:
        """Wait until JavaScript is true."""
        return self._watched.until(expression, seconds)

    def type(self, text: str) -> None:
        """Type an instruction, and press Enter."""
        self.page.fill("#text", text)
        self.page.press("#text", "Enter")

    def said(self, text: str) -> None:
        """Wait until that is what runs, or ran last."""
        self.til(f"document.querySelector('#said').textContent === {text!r}")

    def over(self, text: str, status: str = "success") -> None:
        """Wait until the last job of these words has ended so."""
        self.til(f"document.live.state.jobs.findLast((job) => job.text === {text!r})?.status === {status!r}")

    def begins(self, text: str) -> None:
        """Type an instruction, and wait until it runs."""
        self.type(text)
        self.over(text, "running")

    def place(self) -> tuple[float, float]:
        """(x, y) m, where the robot is."""
        x, y = self.ev("document.live.latest.base.slice(0, 2)")
        return x, y

    def calm(self) -> None:
        """Stop, and wait until nothing is done."""
        self.ev("document.activeElement.blur()")
        self.page.click("#stop")
        self.til("!document.live.state.jobs.some((job) => ['running', 'queued'].includes(job.status))")

    def scene(self, name: str) -> None:
        """Begin anew in a scene."""
        if self.ev("document.live.state.scene") == name:
            self.ev("document.live.before = document.live.time")
            self.page.click("#reset")
            self.til("document.live.time < document.live.before")
        else:
            self.page.select_option("#scene", name)
        self.til(f"document.live.state.scene === {name!r} && document.live.latest")
        time.sleep(0.7)

    def look(self, camera: str) -> None:
        """Choose a camera, and wait until it stands still."""
        self.ev(f"document.live.view.setCamera({camera!r})")
        last = None
        while (now := self.ev("document.live.view.camera.position.toArray().map((v) => v.toFixed(2)).join()")) != last:
            last = now
            time.sleep(0.7)

    def on_screen(self, x: float, y: float, z: float = 0.0) -> tuple[float, float]:
        """Where in the page, pixels, a point (m, world) is drawn."""
        across, down = self.ev(_ON_SCREEN, [x, y, z])
        return across, down


@contextlib.contextmanager
def visiting(folder: Path, *options: str) -> Iterator[Visitor]:
    """A visitor at a live robot, which is served with some more options."""
    with browser_page(size=(1280, 720)) as watched:
        watched.page.set_default_timeout(1000 * _PATIENCE)
        watched.page.add_init_script(_SENSES)
        visitor = Visitor(watched, folder, options)
        try:
            watched.page.goto(visitor.url)
            visitor.til("document.live && document.live.latest && document.live.state")
            yield visitor
            assert not watched.errors, watched.errors
        finally:
            visitor.process.kill()
            visitor.process.wait()
