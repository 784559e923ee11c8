"""Figures of a training in TensorBoard, Weights & Biases (offline) and MLflow (SQLite), read back from there."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simonsays.assets import InputError

pytest.importorskip("torch")

from simonsays.agents.runs import loggers
from simonsays.agents.runs.loggers import open_logs, service_writers

CONFIG = {"name": "tiny", "ppo": {"gamma": 0.99}, "stages": [{"steps": 5}]}


def log(folder: Path, extra: list[str], first: int = 100) -> None:
    """Two lines with a number, a NumPy number, a text and a number that is kept from all but the CSV file."""
    logger = open_logs(folder, 0, service_writers(folder, extra, "walks", CONFIG))
    for step, value in ((first, 1.5), (first + 100, 2.5)):
        logger.record("reward/alive", value)
        logger.record("train/loss", np.float32(2 * value))
        logger.record("note", "a text")
        logger.record("secret", 1.0, exclude=("wandb", "mlflow", "tensorboard"))
        logger.dump(step)
    logger.close()


def test_csv_and_tensorboard_are_always_written(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    log(tmp_path, [])
    events = EventAccumulator(str(tmp_path)).Reload()
    assert [(each.step, each.value) for each in events.Scalars("reward/alive")] == [(100, 1.5), (200, 2.5)]
    assert "reward/alive" in (tmp_path / "progress.csv").read_text()
    assert not (tmp_path / "services.json").exists()


def records(file: Path) -> Iterator[Any]:
    """The records of a .wandb file: LevelDB's log format after a header of 7 bytes."""
    from wandb.proto import wandb_internal_pb2

    data, place, block, parts = file.read_bytes(), 7, 32768, b""
    assert data[:4] == b":W&B"
    while place + 7 <= len(data):
        if block - place % block < 7:
            place += block - place % block
            continue
        _, length, kind = struct.unpack("<IHB", data[place : place + 7])
        parts += data[place + 7 : place + 7 + length]
        place += 7 + length
        if kind in (1, 4):  # a whole record, or the last part of one
            record = wandb_internal_pb2.Record()
            record.ParseFromString(parts)
            yield record
            parts = b""


def whole(file: Path, seconds: float = 20.0) -> list[Any]:
    """All records of a run that has ended: its own process writes the last ones a little later."""
    end = time.monotonic() + seconds
    while True:
        found = list(records(file))
        if found and found[-1].WhichOneof("record_type") == "exit":
            return found
        assert time.monotonic() < end, "the run was not written to its end"
        time.sleep(0.1)


def test_wandb_gets_the_figures_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("wandb")
    for name, value in {"WANDB_MODE": "offline", "WANDB_SILENT": "true", "WANDB_PROJECT": "ours"}.items():
        monkeypatch.setenv(name, value)
    for name in ("WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    log(tmp_path, ["wandb"])
    (file,) = (tmp_path / "wandb").glob("offline-run-*/*.wandb")
    found: dict[str, list[Any]] = {}
    for record in whole(file):
        found.setdefault(record.WhichOneof("record_type"), []).append(record)
    run = found["run"][0].run
    assert (run.display_name, run.project) == ("walks", "ours")
    config = {each.key: json.loads(each.value_json) for each in run.config.update}
    assert config["ppo"] == {"gamma": 0.99}
    history = [
        {(each.key or "/".join(each.nested_key)): json.loads(each.value_json) for each in record.history.item}
        for record in found["history"]
    ]
    assert [row["reward/alive"] for row in history] == [1.5, 2.5]
    assert [row["train/loss"] for row in history] == [3.0, 5.0]
    assert [row["_step"] for row in history] == [100, 200]
    assert not {"note", "secret"} & set(history[0])
    assert json.loads((tmp_path / "services.json").read_text()) == {"wandb": run.run_id}


def test_mlflow_gets_the_figures_and_a_resumed_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("mlflow")
    from mlflow.tracking import MlflowClient

    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    log(tmp_path, ["mlflow"])
    log(tmp_path, ["mlflow"], first=300)
    client = MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("simonsays")
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.run_name == "walks" and run.info.status == "FINISHED"
    assert run.data.params == {"name": "tiny", "ppo.gamma": "0.99", "stages": "[{'steps': 5}]"}
    figures = client.get_metric_history(run.info.run_id, "reward/alive")
    assert [(each.step, each.value) for each in figures] == [(100, 1.5), (200, 2.5), (300, 1.5), (400, 2.5)]
    assert set(run.data.metrics) == {"reward/alive", "train/loss"}


def test_unknown_and_missing_services_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="did you mean 'wandb'"):
        service_writers(tmp_path / "logs", ["wandbb"])
    monkeypatch.setitem(loggers.SERVICES, "nowhere_to_be_found", loggers.SERVICES["wandb"])
    with pytest.raises(InputError, match=r"pip install 'simonsays\[nowhere_to_be_found\]'"):
        service_writers(tmp_path / "logs", ["nowhere_to_be_found"])
    assert not (tmp_path / "logs").exists()


@pytest.mark.parametrize("engine", ["ray", "rllib"])
def test_other_engines_refuse_services(engine: str, tmp_path: Path) -> None:
    from simonsays.agents.recipes.recipe import load_recipe
    from simonsays.agents.training.options import TrainOptions
    from simonsays.experiments.jobs.training import train_by

    with pytest.raises(InputError, match=f"--log: --by {engine}"):
        train_by(engine, load_recipe("locomotion"), tmp_path / "run", TrainOptions(log=("wandb",)))
