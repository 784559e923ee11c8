"""A recording as a notebook shows it: the replay in a frame, or a table where it cannot be replayed."""

from __future__ import annotations

import html

from simonsays.assets import InputError
from simonsays.sim.storyline import Storyline
from simonsays.sim.trajectory import Trajectory

_HEIGHT = 560  # pixels
_MARKS = {"success": "✓", "failure": "✗"}


def notebook_html(recording: Trajectory) -> str:
    """HTML of a recording, for the output of a notebook's cell.

    The replay stands in a frame that may run its own scripts, and reach nothing of the notebook around it.
    """
    from simonsays.sim.web.replay import replay_html

    try:
        page = replay_html(recording)
    except InputError as error:
        return _table(recording, str(error))
    return (
        f'<iframe srcdoc="{html.escape(page)}" sandbox="allow-scripts" title="Replay" '
        f'style="width: 100%; height: {_HEIGHT}px; border: 0"></iframe>'
    )


def _table(recording: Trajectory, reason: str) -> str:
    story = Storyline.of(recording)
    about = {
        "robot": story.robot,
        "policy": story.policy,
        "verdict": story.verdict,
        "length": f"{story.seconds:.1f} s, {len(recording)} instants",
    }
    rows = [(name, value) for name, value in about.items() if value]
    rows += [(_MARKS.get(step.status, "–"), f"{step.text}{step.reason and ': '}{step.reason}") for step in story.steps]
    cells = "".join(f"<tr><th>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>" for name, value in rows)
    title = html.escape(story.title or "Recording")
    return f"<table><caption>{title}</caption>{cells}</table><p>No replay: {html.escape(reason)}</p>"
