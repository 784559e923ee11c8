"""The LeRobot data set layout, version 3.0 (https://huggingface.co/docs/lerobot/lerobot-dataset-v3), without lerobot.

meta/info.json                              version, rate, features with their shapes and names, totals, path templates
meta/stats.json                             minimum, maximum, mean, deviation, count and quantiles of each feature
meta/tasks.parquet                          index ``task`` (the instruction's text), column ``task_index``
meta/episodes/chunk-000/file-000.parquet    a row an episode: tasks, length, where its frames are, its statistics
data/chunk-000/file-000.parquet             a row a frame: observation.state, action, timestamp and indices
meta/simonsays.json                         ours: what an action is, scene and verdict of each episode
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from simonsays.assets import InputError, needs_extra
from simonsays.assets.files import fresh_folder
from simonsays.experiments.exchange.transitions import Transitions, load_all, state_names

VERSION = "v3.0"
_FILE = "chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
_DATA, _EPISODES, _FIRST = "data/" + _FILE, "meta/episodes/" + _FILE, {"chunk_index": 0, "file_index": 0}
_LARGEST_MB = 100  # of a file; what is larger has more than one, which is not written here
_QUANTILES = {"q01": 0.01, "q10": 0.1, "q50": 0.5, "q90": 0.9, "q99": 0.99}

Columns = dict[str, np.ndarray]


def write_lerobot(files: Sequence[str], out: Path) -> Path:
    """Write recordings as a data set, an episode each, without pictures; returns its folder.

    A frame's ``observation.state`` is the measured state, its ``action`` the joint targets (transitions.py).

    Raises:
        InputError: a bad recording, a folder that is there, more than fits into one file, or pyarrow is missing.
    """
    with needs_extra("data", "a LeRobot data set"):
        import pyarrow as pa
        import pyarrow.parquet as pq
    if out.exists():
        raise InputError(f"--out {out}: it exists; choose another folder, or delete it")
    joints, runs = load_all(files)
    tasks = list(dict.fromkeys(_task(run) for run in runs))
    spans = list(pairwise(accumulate(map(len, runs), initial=0)))
    episodes = _columns(runs, tasks, spans)
    features = _features(joints, episodes[0])
    frames = pa.concat_tables([pa.table({name: _arrow(pa, part) for name, part in each.items()}) for each in episodes])
    if frames.nbytes > _LARGEST_MB * 2**20:
        raise InputError(f"{len(frames)} frames are more than the {_LARGEST_MB} MB of one file: export fewer at a time")
    with fresh_folder(out) as scratch:
        for file in (_DATA, _EPISODES):
            (scratch / file.format(**_FIRST)).parent.mkdir(parents=True)
        with pq.ParquetWriter(scratch / _DATA.format(**_FIRST), frames.schema) as writer:
            for start, end in spans:  # a row group for each episode, so that one can be read alone
                writer.write_table(frames.slice(start, end - start))
        rows = [_episode(*each) for each in zip(range(len(runs)), runs, episodes, spans, strict=True)]
        pq.write_table(pa.Table.from_pylist(rows), scratch / _EPISODES.format(**_FIRST))
        pq.write_table(_tasks_table(pa, tasks), scratch / "meta" / "tasks.parquet")
        whole = {name: np.concatenate([each[name] for each in episodes]) for name in features}
        _json(scratch / "meta" / "stats.json", {name: _statistics(values) for name, values in whole.items()})
        _json(scratch / "meta" / "info.json", _info(runs, len(tasks), features))
        _json(scratch / "meta" / "simonsays.json", _own(runs))
    return out


def _task(run: Transitions) -> str:
    return str(run.meta.get("instruction", ""))


def _columns(runs: Sequence[Transitions], tasks: list[str], spans: Sequence[tuple[int, int]]) -> list[Columns]:
    """Each run's frames, column by column."""
    return [
        {
            "observation.state": run.state,
            "action": run.action,
            "timestamp": (np.arange(len(run)) / run.fps).astype(np.float32),
            "frame_index": np.arange(len(run), dtype=np.int64),
            "episode_index": np.full(len(run), i, np.int64),
            "index": np.arange(*span, dtype=np.int64),
            "task_index": np.full(len(run), tasks.index(_task(run)), np.int64),
        }
        for i, (run, span) in enumerate(zip(runs, spans, strict=True))
    ]


def _features(joints: Sequence[str], columns: Columns) -> dict[str, Any]:
    names = {"observation.state": state_names(joints), "action": list(joints)}
    return {
        name: {"dtype": str(values.dtype), "shape": list(values.shape[1:]) or [1], "names": names.get(name)}
        for name, values in columns.items()
    }


def _arrow(pa: Any, values: np.ndarray) -> Any:
    if values.ndim == 1:
        return pa.array(values)
    return pa.FixedSizeListArray.from_arrays(pa.array(values.reshape(-1)), values.shape[1])


def _statistics(values: np.ndarray) -> dict[str, list[float]]:
    """Of each number (N,) over the frames; a single number has lists of one."""
    rows = values.reshape(len(values), -1).astype(np.float64)
    found = {"min": rows.min(axis=0), "max": rows.max(axis=0), "mean": rows.mean(axis=0), "std": rows.std(axis=0)}
    found |= {name: np.quantile(rows, share, axis=0) for name, share in _QUANTILES.items()}
    return {**{name: part.tolist() for name, part in found.items()}, "count": [len(rows)]}


def _episode(index: int, run: Transitions, columns: Columns, span: tuple[int, int]) -> dict[str, Any]:
    """A row of meta/episodes."""
    row: dict[str, Any] = {"episode_index": index, "tasks": [_task(run)], "length": len(run)}
    row |= {f"{kind}/{name}": 0 for kind in ("data", "meta/episodes") for name in _FIRST}
    for name, values in columns.items():
        row |= {f"stats/{name}/{key}": value for key, value in _statistics(values).items()}
    return {**row, "dataset_from_index": span[0], "dataset_to_index": span[1]}


def _tasks_table(pa: Any, tasks: list[str]) -> Any:
    """As pandas writes a frame whose index is named ``task``: that is how it is read."""
    table = pa.table({"task_index": pa.array(range(len(tasks)), pa.int64()), "task": pa.array(tasks)})
    described = {
        "index_columns": ["task"],
        "column_indexes": [],
        "columns": [_pandas_column("task_index", "int64", "int64"), _pandas_column("task", "unicode", "object")],
        "pandas_version": "2.0.0",
    }
    return table.replace_schema_metadata({"pandas": json.dumps(described)})


def _pandas_column(name: str, kind: str, dtype: str) -> dict[str, Any]:
    return {"name": name, "field_name": name, "pandas_type": kind, "numpy_type": dtype, "metadata": None}


def _info(runs: Sequence[Transitions], tasks: int, features: dict[str, Any]) -> dict[str, Any]:
    return {
        "codebase_version": VERSION,
        "robot_type": runs[0].meta.get("robot"),
        "total_episodes": len(runs),
        "total_frames": sum(len(run) for run in runs),
        "total_tasks": tasks,
        "chunks_size": 1000,
        "data_files_size_in_mb": _LARGEST_MB,
        "video_files_size_in_mb": 200,
        "fps": runs[0].fps,
        "splits": {"train": f"0:{len(runs)}"},
        "data_path": _DATA,
        "video_path": None,
        "features": features,
    }


def _own(runs: Sequence[Transitions]) -> dict[str, Any]:
    fields = ("instruction_json", "seed", "scene_name", "scene", "verdict", "steps", "versions")
    return {
        "action": runs[0].action_kind,
        "episodes": [{field: run.meta[field] for field in fields if field in run.meta} for run in runs],
    }


def _json(file: Path, data: Any) -> None:
    file.write_text(json.dumps(data, indent=4, ensure_ascii=False), encoding="utf-8")
