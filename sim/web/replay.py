"""A recording as one page: 3-D replay, plan and joint plots, which needs no network and nothing installed."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import math
import re
from collections.abc import Mapping, Sequence
from string import Template
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from simonsays.assets import InputError, path
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import RobotSpec, SceneSpec, scene_from_dict
from simonsays.sim.state import Array
from simonsays.sim.storyline import Storyline, actors
from simonsays.sim.trajectory import Trajectory
from simonsays.sim.web.fonts import font_face
from simonsays.sim.web.meshes import packed
from simonsays.sim.web.model import scene_model

MODULES = ("shapes", "ground", "quality", "direct", "scene", "frames", "plots", "steps", "timeline", "replay")
_MOST_INSTANTS = 6000  # of longer recordings every second, third, ... one is kept; the page draws what is between
_IMPORT = re.compile(r"^import [^;]*;$", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=class |function |const )", re.MULTILINE)
_T = TypeVar("_T")


def replay_html(recording: Trajectory, *, look: str = "light") -> str:
    """One self-contained page that plays the recording; ``look``: light or dark to begin with.

    Raises:
        InputError: there is no such look or robot, or the recording has no instants, no scene or not its joints.
    """
    data = replay_data(recording, look=look)
    style = font_face(_words(data)) + _read("theme.css") + _read("replay.css")
    # Each module after those that it imports.
    script = "\n".join(_EXPORT.sub("", _IMPORT.sub("", _read(f"{name}.js"))) for name in MODULES)
    three = _read("three.min.js")
    title = html.escape(data["title"] or "Recording").encode("utf-8", "replace").decode()
    # Nothing in the JSON can end its <script> or begin another element.
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    text = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Template(_read("replay.html")).substitute(
        look=look,
        policy=_policy([three, script], style),
        title=title,
        style=style,
        data=text,
        three=three,
        script=script,
    )


def replay_data(recording: Trajectory, *, look: str = "light") -> dict[str, Any]:
    """What assets/web/replay.js plays, JSON-able. Raises as :func:`replay_html`."""
    if not len(recording):
        raise InputError("the recording has no instants: nothing to replay")
    scene, members = _scene(recording), (recording, *recording.others)
    robot, *others = (get_robot(str(each.meta.get("robot"))) for each in members)
    joints, *_ = orders = [_joints(each, spec) for each, spec in zip(members, (robot, *others), strict=True)]
    count = len(recording)
    kept = np.union1d(np.arange(0, count, math.ceil(count / _MOST_INSTANTS)), count - 1)
    story = Storyline.of(recording)
    props = np.concatenate([recording.prop_positions, recording.prop_orientations], axis=2)[kept]
    places = _order(recording.prop_names, [prop.name for prop in scene.props], "prop", "its scene")
    targets = recording.joint_targets
    start = float(recording.time[0])
    return {
        "model": scene_model(robot, scene, look, others),
        "title": story.title,
        "verdict": story.verdict,
        "facts": [*story.facts(), *filter(None, [story.passed_over])],
        "steps": [
            {
                "text": step.text,
                "status": step.status,
                "reason": step.reason,
                "started": None if step.started is None else step.started - start,
                "ended": None if step.ended is None else step.ended - start,
            }
            for step in story.steps
        ],
        "time": packed((recording.time[kept] - start).astype(np.float32)),
        **_poses(recording, joints, kept),
        "others": [_poses(each, order, kept) for each, order in zip(recording.others, orders[1:], strict=True)],
        "targets": None if targets is None else quantised(targets[kept][:, joints]),
        "props": quantised(props[:, places].reshape(len(kept), -1)),
        "actors": _changes(actors(recording)[kept].tolist()),
        "current": _changes([story.step_at(i) for i in kept]),
        "captions": _changes([story.caption_at(i) for i in kept]),
        "goals": _changes([story.goal_at(i) for i in kept]),
        "to_go": _changes([story.to_go_text(i) for i in kept]),
    }


def _joints(recording: Trajectory, robot: RobotSpec) -> list[int]:
    names = [joint.name for joint in robot.joints]
    return _order(recording.joint_names, names, "joint", f"robot {robot.name!r}")


def _poses(recording: Trajectory, joints: list[int], kept: NDArray[np.int64]) -> dict[str, Any]:
    """How a robot moves, at the instants that are kept."""
    return {
        "base": quantised(np.concatenate([recording.base_position, recording.base_orientation], axis=1)[kept]),
        "joints": quantised(recording.joint_positions[kept][:, joints]),
    }


def quantised(columns: Array) -> dict[str, Any]:
    """Columns (T, N) as int16: ``low + (number + 32767) * unit``; -32768 is NaN.

    A column that never changes is not stored: its unit is 0 and ``low`` its value.
    """
    finite = np.where(np.isfinite(columns), columns, np.nan)
    filled = np.where(np.isnan(finite).all(axis=0), 0.0, finite)
    low, high = np.nanmin(filled, axis=0), np.nanmax(filled, axis=0)
    still = (high - low < 1e-9) & ~np.isnan(finite).any(axis=0)
    unit = np.where(still, 0.0, np.maximum(high - low, 1e-9) / 65534)
    steps = np.rint((finite - low) / np.where(still, 1.0, unit)) - 32767
    numbers = np.where(np.isnan(finite), -32768, steps).astype(np.int16)
    return {"low": low.tolist(), "unit": unit.tolist(), "data": packed(numbers[:, ~still].T)}


def _words(data: Mapping[str, Any]) -> str:
    """All that a page says of a recording, in one text."""
    steps = (step["text"] + step["reason"] for step in data["steps"])
    return "".join([data["title"], *data["facts"], *steps, *(words for _, (words, _) in data["captions"])])


def _read(name: str) -> str:
    return path("web", name).read_text(encoding="utf-8")


def _policy(scripts: Sequence[str], style: str) -> str:
    """Content Security Policy: only our own scripts run, and nothing is fetched from anywhere."""

    def digest(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    allowed = " ".join(map(digest, scripts))
    return f"default-src 'none'; script-src {allowed}; style-src {digest(style)}; font-src data:; img-src data: blob:"


def _scene(recording: Trajectory) -> SceneSpec:
    scene = recording.meta.get("scene")
    if not isinstance(scene, Mapping):
        raise InputError("the recording's meta has no 'scene': it cannot be drawn")
    return scene_from_dict(scene, name=str(recording.meta.get("scene_name") or "scene"), where="the recording's scene")


def _order(recorded: NDArray[np.str_], wanted: Sequence[str], kind: str, owner: str) -> list[int]:
    """Places in the recording of joints or props, in the order of those that its robot or its scene has."""
    places = {name: i for i, name in enumerate(recorded.tolist())}
    for name in wanted:
        if name not in places:
            raise InputError(f"the recording has no {kind} {name!r}, which {owner} has")
    return [places[name] for name in wanted]


def _changes(values: Sequence[_T]) -> list[tuple[int, _T]]:
    """(place, value) wherever the value differs from the one before."""
    return [(i, value) for i, value in enumerate(values) if i == 0 or value != values[i - 1]]


_HEIGHT = 560  # pixels
_MARKS = {"success": "✓", "failure": "✗"}


def notebook_html(recording: Trajectory) -> str:
    """HTML of a recording, for the output of a notebook's cell.

    The replay stands in a frame that may run its own scripts, and reach nothing of the notebook around it.
    """
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
